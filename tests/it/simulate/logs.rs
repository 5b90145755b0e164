//! People who read the last lines of running tasks, whatever goes on: lines reach nobody but who asked for them and may
//! read them, masked, and after that was written down.

use jiff::{SignedDuration, Timestamp};
use longshore_sim::slack::{Invocation, Message, Visibility};

use super::day::Day;
use crate::faults::story::text;
use crate::town::{ADA, BOB, DEPLOYS, DEV, EVE, PROD, REGION, ROOT};

/// Begins each line that a task writes, so that it is known wherever it turns up.
const MARK: &str = "GET /page/";
const SECRET: &str = "hunter2hunter2";
/// How long a configuration may take to be followed: a minute, with clocks that go two apart.
const FOLLOWED: SignedDuration = SignedDuration::from_secs(300);
/// Who may read logs where only leads may: those of the one team, and admins.
const MAY: [&str; 2] = [BOB, ROOT];

/// Somebody asked for a log.
pub(super) struct LogAsked {
    user: &'static str,
    at: Timestamp,
    /// Whether the environment shows logs, and to them.
    may: bool,
}

impl Day {
    /// Somebody reads a log. Mostly there is one; in production it stays in AWS.
    pub(super) async fn somebody_reads_a_log(&mut self) {
        let now = self.town.world.now();
        let user = [ADA, BOB, EVE, ROOT][self.logs.usize(0..4)];
        let (environment, account) = match self.logs.u8(0..5) {
            0 => ("production", PROD),
            _ => ("staging", DEV),
        };
        let (application, service) = [
            ("webapp", "webapp"),
            ("cms", "cms-api"),
            ("cms", "cms-worker"),
        ][self.logs.usize(0..3)];
        if self.logs.u8(0..5) > 0 {
            let state = &mut *self.town.world.state();
            if let Some(task) = state.ecs.running_ids(environment, service).pop() {
                let (group, stream) = (format!("/ecs/{service}"), format!("ecs/app/{task}"));
                let line = format!("{MARK}{} 200", self.logs.u32(..));
                let secret = format!("connecting with password={SECRET} to db");
                let lines = [line.as_str(), &secret];
                state
                    .logs
                    .put(account, REGION, &group, &stream, &lines, now);
            }
        }
        let typed = format!("logs {application} on {environment} {service}");
        let invocation = Invocation::new(user, DEPLOYS, &typed);
        let request = self.town.world.state().slack.command(now, &invocation);
        self.diary.push(format!("{now} {user} asks for {typed:?}"));
        let kept = self.only_leads_since.is_some_and(|at| at + FOLLOWED < now);
        let may = environment == "staging" && (!kept || MAY.contains(&user));
        let at = now;
        self.logs_asked.push(LogAsked { user, at, may });
        self.posts(&[request], true).await;
        self.it_was_a_look();
    }

    /// On some days only leads may read logs.
    pub(super) fn logs_for_whom(&mut self, configuration: String) -> String {
        if self.logs.u8(0..3) > 0 {
            self.only_leads_since = None;
            return configuration;
        }
        let now = self.town.world.now();
        self.only_leads_since.get_or_insert(now);
        let some = "evidence = \"logs\"\n";
        configuration.replace(
            some,
            &format!("{some}logs = [\"team.leads\", \"admins\"]\n"),
        )
    }

    /// What does not hold of logs.
    pub(super) fn problems_of_logs(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let items = self.items();
        let is_read = |item: &&_| text(item, "sk").starts_with("READ#");
        let reads: Vec<&str> = items
            .iter()
            .filter(is_read)
            .map(|item| text(item, "body"))
            .collect();
        let state = self.town.world.state();
        let mut shown = 0;
        for message in state.slack.messages() {
            let said = whole(message);
            if said.contains(SECRET) {
                problems.push(format!("I11: a secret was shown: {said}"));
            }
            // A crash is explained with lines of its own.
            if !said.contains(MARK) || !said.contains("Only you see this") {
                continue;
            }
            shown += 1;
            let (Visibility::Only(user) | Visibility::Direct(user)) = &message.visibility else {
                problems.push(format!("log lines were shown to all: {said}"));
                continue;
            };
            let asked = self.logs_asked.iter();
            let mut asked = asked
                .filter(|asked| asked.user == user && asked.at <= message.posted_at && asked.may);
            if asked.next().is_none() {
                problems.push(format!(
                    "log lines were shown to {user}, who may not: {said}"
                ));
            }
            if !reads.iter().any(|read| read.contains(user.as_str())) {
                problems.push(format!("{user} read a log, and it is on no record: {said}"));
            }
        }
        if reads.len() > self.logs_asked.len() {
            problems.push(format!("{} readings of logs on record", reads.len()));
        }
        let kept = format!("{items:?} {:?}", state.states);
        if kept.contains(SECRET) || reads.iter().any(|read| read.contains(MARK)) {
            problems.push("I11: lines of a log were kept".to_owned());
        }
        self.log_lines.set(self.log_lines.get() + shown);
        problems
    }
}

fn whole(message: &Message) -> String {
    let edits = message.edits.iter();
    let edits: String = edits.map(|edit| format!("{edit:?}")).collect();
    format!("{} {:?} {edits}", message.text, message.blocks)
}
