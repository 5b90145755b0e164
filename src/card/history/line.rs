//! One entry in one line: what, where, how it ended, by whom and when. Names and words are shortened
//! until the line is short enough, by the same steps everywhere; what has no room, `show` tells.

use crate::names::version::{Leaving, Left};
use crate::names::{Actor, DeployId};
use crate::past::Marked;
use crate::record::{Outside, Past, Verdict};
use crate::refusal::{NOTHING_TO_DO, verdict_word};
use crate::reply::{code, headline, joined, last_part, link, said};
use crate::request::Verb;
use crate::slack::text::{Mrkdwn, cut};

/// The most characters of a line, as Slack shows it.
const LINE: usize = 100;

/// How much of an entry is said.
#[derive(Clone, Copy)]
struct Room {
    /// Characters of a version.
    version: usize,
    /// Characters of an application's, an environment's and an operator's name.
    names: usize,
    words: Words,
}

/// Which words are used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Also whose commits a rollback took away.
    All,
    /// Also how long it took, and what it ran beside.
    Every,
    /// Also who took it back, and how many commits a rollback took away.
    Most,
    /// Only what tells how it stands.
    Short,
    /// The shortest ones.
    Fewest,
}

/// From roomy to narrow: the last one fits whatever the entry is.
const ROOMS: [Room; 8] = [
    room(24, 14, Words::All),
    room(24, 14, Words::Every),
    room(24, 14, Words::Most),
    room(24, 14, Words::Short),
    room(16, 14, Words::Short),
    room(12, 12, Words::Short),
    room(12, 9, Words::Short),
    room(10, 7, Words::Fewest),
];

const fn room(version: usize, names: usize, words: Words) -> Room {
    Room {
        version,
        names,
        words,
    }
}

/// The line.
pub(super) fn line(listed: &Marked) -> Mrkdwn {
    let Marked { past, left } = listed;
    let mut lines = ROOMS
        .iter()
        .map(|room| room.line(past, left.as_ref()))
        .skip_while(|line| line.shown_length() > LINE);
    lines
        .next()
        .unwrap_or_else(|| ROOMS[ROOMS.len() - 1].line(past, left.as_ref()))
}

impl Room {
    fn line(self, past: &Past, left: Option<&Left>) -> Mrkdwn {
        let when = Mrkdwn::new().minute(past.when());
        if let Some(outside) = &past.outside {
            return self.changed_outside(past, outside, left, when);
        }
        let place = self.place(past);
        let Some(id) = &past.id else {
            let found = said!("• found running, {}: {}", place, self.version(past));
            return said!("{}, first seen {}", found, when);
        };
        let by = self.person(&past.requester);
        if let Some(stopped) = &past.stopped {
            return self.stopped(id, &place, stopped, [by, when]);
        }
        let version = self.version(past);
        let what = match (&past.verb, self.words) {
            // What was never planned went to nothing.
            (Some(Verb::Rollback { .. }), _) if version.is_empty() => said!("rollback"),
            (Some(Verb::Rollback { .. }), Words::Fewest) => said!("to {}", version),
            (Some(Verb::Rollback { .. }), _) => said!("back to {}", version),
            (Some(Verb::Restart), _) => said!("restart"),
            (Some(Verb::Deploy { .. }) | None, _) => version,
        };
        let how = match past.verdict {
            Some(_) if past.ran_already => Mrkdwn::raw(NOTHING_TO_DO),
            Some(Verdict::Succeeded) => Mrkdwn::new(),
            Some(verdict) => said!("*{}*", Mrkdwn::raw(self.verdict(verdict))),
            None => Mrkdwn::raw("*under way*"),
        };
        // Where services differ, `show` has them each.
        let in_part = match past.left.is_empty() || self.words == Words::Fewest {
            true => Mrkdwn::new(),
            false => Mrkdwn::raw("in part"),
        };
        let without = match (&past.verb, past.verdict) {
            (Some(Verb::Rollback { .. }), Some(Verdict::Succeeded)) => self.without(past),
            _ => Mrkdwn::new(),
        };
        let plain = how.is_empty() && left.is_none();
        let mark = left.map_or_else(Mrkdwn::new, |left| self.mark(left));
        // What it took away says more.
        let took = past
            .took()
            .filter(|_| {
                plain && self.is_wordy() && (self.words == Words::All || without.is_empty())
            })
            .map_or_else(Mrkdwn::new, |took| said!("in {}", took));
        let ran = match (&past.ran_task, self.words) {
            (Some(_), Words::All | Words::Every) => Mrkdwn::raw("ran a migration"),
            _ => Mrkdwn::new(),
        };
        let whole = joined(
            [what, without, how, in_part, mark, by, when, took, ran],
            ", ",
        );
        said!("• {} {}: {}", id, place, whole)
    }

    fn is_wordy(self) -> bool {
        matches!(self.words, Words::All | Words::Every)
    }

    /// What a rollback took away: `without 2 commits (maria, sam)`, `−2 commits`.
    fn without(self, past: &Past) -> Mrkdwn {
        let Some(commits) = &past.commits else {
            return Mrkdwn::new();
        };
        let mut counted = commits.counted.clone();
        match self.words {
            Words::All => link::counted_away(&counted, None),
            Words::Every => {
                counted.by.clear();
                link::counted_away(&counted, None)
            }
            Words::Most if counted.behind > 0 => {
                let word = link::commits_word(counted.behind);
                said!("−{} {}", counted.behind.to_string(), word)
            }
            Words::Most | Words::Short | Words::Fewest => Mrkdwn::new(),
        }
    }

    fn verdict(self, verdict: Verdict) -> &'static str {
        let word = verdict_word(verdict);
        match self.words {
            // By what, `show` tells.
            Words::Fewest => word.split_once(" by ").map_or(word, |(word, _)| word),
            Words::All | Words::Every | Words::Most | Words::Short => word,
        }
    }

    fn stopped(self, id: &DeployId, place: &Mrkdwn, other: &DeployId, rest: [Mrkdwn; 2]) -> Mrkdwn {
        let what = said!("• {} {}: *stopped* {}", id, place, other);
        joined(std::iter::once(what).chain(rest), ", ")
    }

    /// `webapp staging`
    fn place(self, past: &Past) -> Mrkdwn {
        let application = cut(past.application.as_str(), self.names);
        let environment = cut(past.environment.as_str(), self.names);
        said!("{} {}", &*application, &*environment)
    }

    fn version(self, past: &Past) -> Mrkdwn {
        let runs = headline::short(&past.runs(), self.version);
        // Of several images, each has its own repository.
        let repository = past.repository.as_ref().filter(|_| past.parts.is_empty());
        link::at_commit(&runs, repository, past.own_commit().as_deref())
    }

    fn person(self, actor: &Actor) -> Mrkdwn {
        match actor {
            Actor::Operator {
                name: Some(name), ..
            } => said!("{}", &*cut(name, self.names)),
            Actor::Operator { arn, name: None } => code(&cut(last_part(arn), self.names)),
            Actor::Slack { .. } | Actor::Ci { .. } | Actor::Longshore => said!("{}", actor),
        }
    }

    /// That it was rolled back from, and nobody has wanted it since.
    fn mark(self, left: &Left) -> Mrkdwn {
        match (left.how, self.words) {
            (Leaving::Outside, Words::All | Words::Every | Words::Most) => {
                Mrkdwn::raw("taken back outside of Longshore")
            }
            (Leaving::Outside, Words::Short) => Mrkdwn::raw("taken back outside"),
            (Leaving::Outside, Words::Fewest) => Mrkdwn::raw("taken back"),
            (_, Words::All | Words::Every | Words::Most) => {
                said!("later rolled back by {}", self.person(&left.by))
            }
            (..) => Mrkdwn::raw("later rolled back"),
        }
    }

    /// A change that nobody here made: what is certain of it, and no more.
    fn changed_outside(
        self,
        past: &Past,
        outside: &Outside,
        left: Option<&Left>,
        when: Mrkdwn,
    ) -> Mrkdwn {
        let what = match self.words {
            Words::All | Words::Every => Mrkdwn::raw("*changed outside of Longshore*"),
            Words::Most | Words::Short | Words::Fewest => Mrkdwn::raw("*changed outside*"),
        };
        let by = match (&outside.registered_by, self.words) {
            (None, _) | (_, Words::Fewest) => Mrkdwn::new(),
            (Some(by), _) => said!("by {}", code(&cut(last_part(by), self.names))),
        };
        let came_up = match (outside.successful, left, self.words) {
            // That it is gone says more.
            (true, ..) | (false, Some(_), Words::Fewest) => Mrkdwn::new(),
            (false, ..) => Mrkdwn::raw("not successful"),
        };
        let mark = left.map_or_else(Mrkdwn::new, |left| self.mark(left));
        let (place, version) = (self.place(past), self.version(past));
        let rest = joined([by, came_up, when, mark], ", ");
        said!("• {}: {} {}, {}", what, place, version, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::fixtures::{at, maria, operator, past};
    use crate::names::version::Part;
    use crate::plan::CountedCommits;
    use crate::record::PastCommits;
    use proptest::prelude::*;

    fn entries() -> impl Strategy<Value = Marked> {
        let verdicts = [
            Verdict::Succeeded,
            Verdict::RolledBack,
            Verdict::Failed,
            Verdict::Cancelled,
            Verdict::Refused,
            Verdict::Expired,
            Verdict::Superseded,
            Verdict::Abandoned,
        ];
        let verb = prop_oneof![
            Just(None),
            Just(Some(Verb::rollback(None))),
            Just(Some(Verb::Restart)),
            Just(Some(Verb::deploy(None, None))),
        ];
        let long = "arn:aws:sts::111111111111:assumed-role/deployers/an-operator-with-a-long-name";
        let people = vec![
            maria(),
            operator(),
            Actor::Longshore,
            Actor::Operator {
                arn: long.to_owned(),
                name: None,
            },
        ];
        let label = prop_oneof![
            "[a-z0-9./&<-]{1,80}",
            "[a-z/-]{1,60}@[0-9a-f]{7}",
            "[a-z/-]{1,60}@[0-9a-f]{12}",
        ];
        let kind = (
            verb,
            proptest::option::of(proptest::sample::select(verdicts.to_vec())),
            proptest::sample::select(people),
        );
        let names = (label, "[a-z]{1,64}", "[a-z]{1,64}");
        let hows = vec![Leaving::Outside, Leaving::RolledBack];
        let more = (
            proptest::option::of(any::<bool>()),
            any::<[bool; 5]>(),
            proptest::option::of(proptest::sample::select(hows)),
        );
        (kind, names, more).prop_map(|(kind, names, (outside, flags, left))| {
            let (verb, verdict, requester) = kind;
            let (label, application, environment) = names;
            let [stopped, parts, ran, linked, in_part] = flags;
            let mut past = past(&label, verb.is_some() && outside.is_none(), verdict);
            past.verb = verb;
            past.requester = requester.clone();
            past.application = application.parse().unwrap();
            past.environment = environment.parse().unwrap();
            past.started_at = Some(at(0));
            past.commits = linked.then(|| PastCommits {
                since: "a".repeat(40),
                counted: CountedCommits {
                    ahead: u32::from(ran),
                    behind: 2,
                    by: vec!["maria".to_owned(), "sam".to_owned()],
                },
            });
            past.ended_at = Some(at(86_399));
            past.stopped = stopped.then(|| "5g3m8y1b".parse().unwrap());
            past.ran_task = ran.then(|| "cms-migrate".to_owned());
            past.repository = linked.then(|| "acme/webapp".parse().unwrap());
            past.commit = linked.then(|| "1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5".to_owned());
            if parts {
                let nginx: crate::names::ContainerName = "nginx".parse().unwrap();
                past.parts = vec![
                    Part::new(None, &label, None),
                    Part::new(Some(&nginx), "3.1.0", None),
                ];
            }
            if in_part {
                past.left = vec![("webapp".to_owned(), None)];
            }
            past.outside = outside.map(|successful| Outside {
                registered_by: Some(long.to_owned()),
                successful,
            });
            // What did not succeed was never live, so that nobody went back from it.
            let went = past.took_effect() && past.stopped.is_none();
            let left = left.filter(|_| went).map(|how| Left {
                how,
                by: requester,
                at: at(90_000),
                deploy: None,
                label: "1.0.1".to_owned(),
            });
            Marked { past, left }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_line_is_short_whatever_the_entry_is_and_says_when_and_which(entry in entries()) {
            let line = line(&entry);
            let length = line.shown_length();
            prop_assert!(length <= LINE, "{} characters: {}", length, line);
            prop_assert!(!line.as_str().contains('\n'));
            prop_assert!(line.as_str().contains("<!date^"));
            if let (Some(id), None) = (&entry.past.id, &entry.past.outside) {
                prop_assert!(line.as_str().contains(id.as_str()));
            }
            if let (Some(verdict), Some(_), None) = (entry.past.verdict, &entry.past.id, &entry.past.stopped)
                && verdict != Verdict::Succeeded
            {
                let word = verdict_word(verdict).split(" by ").next().unwrap();
                prop_assert!(line.as_str().contains(word), "{}", line);
            }
            if entry.left.is_some() && !entry.past.is_baseline() {
                prop_assert!(line.as_str().contains("later rolled back") || line.as_str().contains("taken back"), "{}", line);
            }
        }
    }
}
