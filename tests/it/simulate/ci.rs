//! Days on which production takes only what its tests passed on, and what succeeded on staging: commits are pushed, tests
//! run again, tags and branches move, GitHub says nothing, and people deploy and promote. What must hold is told by what
//! happened to each commit and when: nothing begins there whose check was not green, whatever its card says.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use longshore::aws::Patience;
use longshore::record::{Deploy, Verdict};
use longshore::request::ChangeKind;
use longshore_sim::slack::Invocation;
use longshore_sim::{github, slack};

use super::day::Day;
use super::people::Since;
use crate::town::{ADA, DEPLOYS, PROD, REGION, Town, aws, digest_of};

/// Makes the dice of CI others than the day's.
const DICE: u64 = 0xc1c1;
/// One day of so many is such a day.
const ONE_OF: u64 = 4;
const TOKEN: &str = "github_pat_planted_0001";
const REPOSITORIES: [&str; 2] = ["acme/webapp", "acme/cms"];
/// What deploys to production are counted under that checks let through.
pub(super) const GREEN: &str = "deploys of green commits";
/// What is counted of them that was promoted.
pub(super) const PROMOTED: &str = "promotions";
/// What is counted of what was kept out because somebody had gone back from it on staging.
pub(super) const TAKEN_BACK: &str = "refusals of what was taken back";
/// How long a step takes at most from what it read to what it writes down.
const A_STEP: SignedDuration = SignedDuration::from_secs(20);

/// What CI does on a day.
#[derive(Debug)]
pub(super) struct Ci {
    dice: Rng,
    on: bool,
    /// Whether what goes to production must have succeeded on staging.
    after: bool,
    /// Whether each commit's check was green, since when; and of which repository it is.
    commits: BTreeMap<String, (&'static str, Since<bool>)>,
}

impl Ci {
    /// Every commit that is there passed its tests.
    pub(super) fn of(seed: u64, town: &Town) -> Self {
        let mut dice = Rng::with_seed(seed ^ DICE);
        let mut ci = Self {
            on: seed % ONE_OF == 1,
            after: dice.bool(),
            dice,
            commits: BTreeMap::new(),
        };
        if !ci.on {
            return ci;
        }
        let now = town.world.now();
        let state = &mut *town.world.state();
        state.ssm.put_secret(now, "/longshore/github-token", TOKEN);
        state.github.accept_token(TOKEN);
        for repository in REPOSITORIES {
            let repo = state.github.repo(repository);
            for sha in repo.heads().into_values() {
                repo.check(&sha, "test", Some("success"));
                ci.commits.insert(sha, (repository, Since::new(now, true)));
            }
        }
        ci
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Some commit, mostly one of webapp.
    fn some_commit(&mut self) -> (String, &'static str) {
        let webapp = self.dice.u8(0..4) > 0;
        let all = self
            .commits
            .iter()
            .filter(|(_, (repository, _))| (*repository == REPOSITORIES[0]) == webapp);
        let all: Vec<_> = all.collect();
        let (sha, (repository, _)) = all[self.dice.usize(0..all.len())];
        (sha.clone(), repository)
    }
}

impl Day {
    /// The configuration, in which production asks for what CI says.
    pub(super) fn with_checks(&self, config: String) -> String {
        if !self.ci.on {
            return config;
        }
        let table = "[environments.production]\n";
        assert!(config.contains(table));
        let after = match self.ci.after {
            true => "after = { environment = \"staging\" }\n",
            false => "",
        };
        let checks = "checks = [{ name = \"test\", app = \"github-actions\" }]\n";
        let config = config.replacen(table, &format!("{table}{checks}{after}"), 1);
        format!("order = [\"staging\", \"production\"]\n{config}")
    }

    pub(super) async fn ci_may_run(&mut self) {
        if !self.ci.on {
            return;
        }
        match self.ci.dice.u8(0..12) {
            0 | 1 => self.a_commit_is_pushed(),
            2 | 3 => self.tests_run_again(None),
            4 => self.a_ref_moves(),
            5 => self.github_says_nothing(),
            6 | 7 => self.ada_brings("webapp:main to production").await,
            8 => self.ada_brings("webapp:1.0.2 to production").await,
            9 | 10 => {
                self.ada_brings("webapp:main to staging").await;
                let seconds = self.ci.dice.u64(60..200);
                self.time(Duration::from_secs(seconds)).await;
                self.ada_brings("promote webapp to production").await;
            }
            _ => self.ada_thinks_better_of_it().await,
        }
    }

    /// What was brought to staging is taken back there, and asked for on production all the same; half of the times
    /// after it was brought once more.
    async fn ada_thinks_better_of_it(&mut self) {
        let again = self.ci.dice.bool().then_some("webapp:1.0.2 to staging");
        let typed = ["webapp:1.0.2 to staging", "rollback webapp on staging"];
        for typed in typed.into_iter().chain(again) {
            self.ada_brings(typed).await;
            let seconds = self.ci.dice.u64(100..260);
            self.time(Duration::from_secs(seconds)).await;
        }
        self.ada_brings("webapp:1.0.2 to production").await;
    }

    fn a_commit_is_pushed(&mut self) {
        let now = self.town.world.now();
        let message = format!("Change {}", self.ci.commits.len());
        let repository = REPOSITORIES[0];
        let sha = {
            let state = &mut *self.town.world.state();
            let sha = state
                .github
                .repo(repository)
                .commit("main", &message, "ada");
            let (digest, tags) = (digest_of(&sha), [sha.as_str()]);
            state.ecr.push(PROD, REGION, "webapp", &tags, &digest, now);
            sha
        };
        let green = Since::new(now, false);
        self.ci.commits.insert(sha.clone(), (repository, green));
        self.diary.push(format!("{now} {sha} is pushed"));
        if self.ci.dice.u8(0..3) > 0 {
            self.tests_run_again(Some(sha));
        }
    }

    /// The tests of that commit, or of some, run once more.
    fn tests_run_again(&mut self, of: Option<String>) {
        let now = self.town.world.now();
        let (sha, repository) = self.ci.some_commit();
        let of = of.and_then(|sha| Some((sha.clone(), self.ci.commits.get(&sha)?.0)));
        let (sha, repository) = of.unwrap_or((sha, repository));
        let conclusion = match self.ci.dice.u8(0..6) {
            0..3 => Some("success"),
            3 => Some("failure"),
            4 => Some("skipped"),
            _ => None,
        };
        self.diary
            .push(format!("{now} test on {sha}: {conclusion:?}"));
        let state = &mut *self.town.world.state();
        state
            .github
            .repo(repository)
            .check(&sha, "test", conclusion);
        // Of somebody else's of that name, nobody takes note.
        let other = conclusion.map_or("success", |_| "failure");
        let repo = state.github.repo(repository);
        repo.status(&sha, "eve", "test", other);
        repo.check_of(&sha, ("evil-app", 9), "test", Some("success"));
        if let Some((_, green)) = self.ci.commits.get_mut(&sha) {
            green.becomes(now, conclusion == Some("success"));
        }
    }

    /// A tag is set elsewhere, or somebody pushes with force.
    fn a_ref_moves(&mut self) {
        let now = self.town.world.now();
        let (sha, repository) = self.ci.some_commit();
        let state = &mut *self.town.world.state();
        let repo = state.github.repo(repository);
        match self.ci.dice.bool() {
            true => repo.tag("1.0.2", &sha),
            false => repo.branch("main", &sha),
        };
        self.diary
            .push(format!("{now} 1.0.2 or main of {repository} is {sha}"));
    }

    fn github_says_nothing(&mut self) {
        let now = self.town.world.now();
        let modes = [
            github::Mode::Down,
            github::Mode::Slowed,
            github::Mode::Up,
            github::Mode::Up,
        ];
        let mode = modes[self.ci.dice.usize(0..modes.len())];
        self.diary.push(format!("{now} GitHub: {mode:?}"));
        self.town.world.state().github.set_mode(mode);
    }

    /// Ada asks for something and says yes to it; meanwhile, its tests may run once more.
    async fn ada_brings(&mut self, typed: &str) {
        let now = self.town.world.now();
        self.diary.push(format!("{now} Ada types {typed:?}"));
        let invocation = Invocation::new(ADA, DEPLOYS, typed);
        let request = self.town.world.state().slack.command(now, &invocation);
        self.posts(&[request], true).await;
        self.time(Duration::from_secs(15)).await;
        let asks = |slack: &slack::Slack| slack.newest_with(ADA, "confirm").is_some();
        if !asks(&self.town.world.state().slack) {
            return;
        }
        if self.ci.dice.u8(0..3) == 0 {
            let asked = self.deploys().await;
            let asked = asked.iter().rev().find_map(of_commit).map(str::to_owned);
            self.tests_run_again(asked);
            let seconds = self.ci.dice.u64(0..90);
            self.time(Duration::from_secs(seconds)).await;
        }
        let now = self.town.world.now();
        let click = self
            .town
            .world
            .state()
            .slack
            .click_newest(now, ADA, "confirm");
        let click: Vec<_> = click.into_iter().collect();
        self.posts(&click, false).await;
    }

    /// When a deploy of an image to production began, by the world's clock.
    fn brought_at(&self, deploy: &Deploy) -> Option<Timestamp> {
        let is = deploy.environment.as_str() == "production"
            && deploy.verb().kind() == ChangeKind::Deploy;
        let at = deploy.started_at.filter(|_| is && self.ci.on);
        at.map(|at| at - self.skew.waiter)
    }

    /// What was brought to production although its tests had not passed, or it had not succeeded on staging.
    pub(super) async fn brought_unproved(&self, deploys: &[Deploy]) -> Vec<String> {
        let mut problems = Vec::new();
        let taken_back = self.taken_back(deploys).await;
        for deploy in deploys {
            let Some(at) = self.brought_at(deploy) else {
                continue;
            };
            for share in &deploy.plan.as_ref().unwrap().shares {
                let digest = share
                    .image
                    .as_ref()
                    .map(|image| image.digest.to_string())
                    .unwrap_or_default();
                let mut commits = self.ci.commits.iter();
                let commit = commits.find(|(sha, _)| digest_of(sha) == digest);
                let Some((sha, (_, green))) = commit else {
                    problems.push(format!(
                        "checks: {} brought {digest}, which CI never built",
                        deploy.id
                    ));
                    continue;
                };
                if !green.was(at - A_STEP, at + A_STEP, |green| *green) {
                    problems.push(format!(
                        "checks: {} brought {sha}, which was not green at {at}",
                        deploy.id
                    ));
                }
                let succeeded = |one: &&Deploy| {
                    let ended = one
                        .ending
                        .as_ref()
                        .filter(|ending| ending.verdict == Verdict::Succeeded);
                    let before = ended.is_some_and(|ending| Some(ending.at) <= deploy.started_at);
                    let plan = one.plan.iter().flat_map(|plan| &plan.shares);
                    let mut images = plan.filter_map(|share| share.image.as_ref());
                    one.environment.as_str() == "staging"
                        && before
                        && images.any(|image| image.digest.to_string() == digest)
                };
                let needs = self.ci.after || deploy.verb().promoted_from().is_some();
                if needs && deploys.iter().find(succeeded).is_none() {
                    problems.push(format!(
                        "after: {} brought {sha}, which never succeeded on staging",
                        deploy.id
                    ));
                }
                // By the waiter's clock, like everything on record.
                let began = deploy.started_at.unwrap_or_default();
                let mut gone = taken_back.iter().filter(|taken| taken.digest == digest);
                if needs && gone.any(|taken| taken.is_gone(began, deploys)) {
                    problems.push(format!(
                        "after: {} brought {sha}, which was taken back on staging",
                        deploy.id
                    ));
                }
            }
        }
        problems
    }

    /// What was taken back on staging, by what ECS says that ran there before and after.
    async fn taken_back(&self, deploys: &[Deploy]) -> Vec<TakenBack> {
        let mut all = Vec::new();
        if !self.ci.on {
            return all;
        }
        let ecs = aws(&self.town.world, "AKIDOBSERVER", Patience::STEP).ecs("staging");
        for deploy in deploys {
            let is = deploy.environment.as_str() == "staging"
                && deploy.verb().kind() == ChangeKind::Rollback
                && deploy.verdict() == Some(Verdict::Succeeded);
            let services = deploy.plan.iter().flat_map(|plan| &plan.services);
            let mut services = services.zip(&deploy.services);
            // Of several services, what one left another may have kept.
            let (Some((planned, state)), None) = (services.next().filter(|_| is), services.next())
            else {
                continue;
            };
            let mut digests = Vec::new();
            let after = state.revision.as_deref().unwrap_or_default();
            for revision in [planned.live.as_str(), after] {
                let images = ecs.resolved_images(&state.service, revision).await;
                let each = images.unwrap().into_iter();
                let each = each.filter_map(|image| image.digest);
                digests.push(each.collect::<Vec<String>>());
            }
            let runs = digests.pop().unwrap_or_default();
            let left = digests.into_iter().flatten();
            let left = left.filter(|digest| !runs.contains(digest));
            let at = deploy.ending.as_ref().unwrap().at;
            all.extend(left.map(|digest| TakenBack { digest, at }));
        }
        all
    }

    /// How many were kept out because somebody had gone back from what they would have brought.
    pub(super) fn kept_out(&self, deploys: &[Deploy]) -> u64 {
        let words = |deploy: &&Deploy| {
            let why = deploy.ending.as_ref().map(|ending| &ending.why);
            serde_json::to_string(&why).is_ok_and(|why| why.contains("taken_back"))
        };
        deploys.iter().filter(words).count() as u64
    }

    /// How many were brought so, and how many of them were promoted.
    pub(super) fn brought_green(&self, deploys: &[Deploy]) -> [u64; 2] {
        let brought = deploys.iter().filter(|one| self.brought_at(one).is_some());
        let promoted = |one: &&Deploy| one.verb().promoted_from().is_some();
        [
            brought.clone().count() as u64,
            brought.filter(promoted).count() as u64,
        ]
    }
}

/// An image that somebody went back from on staging.
struct TakenBack {
    digest: String,
    /// When the rollback had ended.
    at: Timestamp,
}

impl TakenBack {
    /// Whether nobody had brought it up there again by then; nobody knows of what came at the same moment.
    fn is_gone(&self, by: Timestamp, deploys: &[Deploy]) -> bool {
        let again = deploys.iter().any(|one| {
            let plan = one.plan.iter().flat_map(|plan| &plan.shares);
            let mut images = plan.filter_map(|share| share.image.as_ref());
            let ended = one.ending.as_ref();
            let came_up = ended.filter(|ending| ending.verdict == Verdict::Succeeded);
            one.environment.as_str() == "staging"
                && came_up.is_some_and(|ending| ending.at > self.at && ending.at <= by)
                && images.any(|image| image.digest.to_string() == self.digest)
        });
        self.at + A_STEP < by && !again
    }
}

/// The commit that a deploy's card names.
fn of_commit(deploy: &Deploy) -> Option<&str> {
    let shares = deploy.plan.iter().flat_map(|plan| &plan.shares);
    let mut commits = shares.filter_map(|share| share.commit.as_ref());
    commits.next().map(|sha| sha.as_str())
}
