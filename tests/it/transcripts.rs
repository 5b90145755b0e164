//! Conversations, from the command to the verdict, in the words people read. A test reads all that
//! was said, or it fails.

mod after;
mod artifacts;
mod as_it_is;
mod asked_little;
mod before;
mod board;
mod branches;
mod cancel;
mod checks;
mod choose;
mod commands;
mod commits;
mod consent;
mod control;
mod diff;
mod foreign;
mod form;
mod forward;
mod gated;
mod gates;
mod github_app;
mod grants;
mod help;
mod home;
mod illness;
mod image_rules;
mod images;
mod lengths;
mod links;
mod logs;
mod mentions;
mod monorepo;
mod moved;
mod named;
mod on_call;
mod organisations;
mod outside;
mod patience;
mod people;
mod per_person;
mod pipelines;
mod plan;
mod promote;
mod publish;
mod pull_requests;
mod refusals;
mod registry;
mod renamed;
mod retention;
mod rollback;
mod rollouts;
mod schedules;
mod scopes;
mod secrets;
mod sentences;
mod several;
mod stack;
mod status;
mod taken_away;
mod then;
mod threads;
mod together;
mod truth;
mod unbuilt;
mod watched;
mod ways_back;
mod whereabouts;

use std::ops::Deref;
use std::sync::Mutex;
use std::time::Duration;

use super::said;
use super::slack::sdk;
use super::town::{Bot, Town};

/// A town whose people miss nothing: a test that leaves something unread fails.
struct Chat {
    town: Town,
    /// The ids of deploys, in the order in which people read of them.
    known: Mutex<Vec<String>>,
}

impl Chat {
    async fn new(bot: Bot) -> Self {
        Self::of(Town::new(bot).await)
    }

    async fn empty(bot: Bot) -> Self {
        Self::of(Town::empty(bot).await)
    }

    fn of(town: Town) -> Self {
        let known = Mutex::default();
        Self { town, known }
    }

    /// What people have read since the last time. Deploys are called `id-1`, `id-2` and so on, as
    /// their ids depend on the second in which they were asked for.
    fn reads(&self) -> String {
        let mut read = self.town.reads();
        let known = &mut *self.known.lock().unwrap();
        let mut new: Vec<(usize, String)> = self
            .deploys()
            .into_iter()
            .filter(|id| !known.contains(id))
            .filter_map(|id| Some((read.find(&id)?, id)))
            .collect();
        new.sort();
        known.extend(new.into_iter().map(|(_, id)| id));
        for (index, id) in known.iter().enumerate() {
            read = read.replace(id, &format!("id-{}", index + 1));
        }
        let mut problems = said::problems(&read);
        problems.extend(said::times(&self.world.state()));
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        read
    }

    /// The ids of everything that was ever handed on and is not only a question.
    fn deploys(&self) -> Vec<String> {
        let state = self.world.state();
        let mut runs: Vec<_> = state.states.executions.values().collect();
        runs.sort_by_key(|run| run.started);
        let names = runs.iter().map(|run| run.name.as_str());
        names
            .filter(|name| !name.starts_with("r-"))
            .map(|name| name.split('-').next().unwrap().to_owned())
            .collect()
    }

    /// So many seconds pass.
    async fn seconds(&self, seconds: u64) {
        self.passes(Duration::from_secs(seconds)).await;
    }

    /// What happened so far has been read.
    fn skips(&self) {
        self.reads();
    }

    /// The id of the deploy that was asked for last.
    fn newest_deploy(&self) -> String {
        self.deploys().pop().unwrap()
    }
}

impl Deref for Chat {
    type Target = Town;

    fn deref(&self) -> &Town {
        &self.town
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left = self.reads();
            assert!(left.is_empty(), "nobody read:\n{left}");
            let problems = sdk::problems(&self.world);
            assert!(problems.is_empty(), "{}", problems.join("\n"));
        }
    }
}
