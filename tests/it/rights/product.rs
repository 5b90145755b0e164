//! Who may what, all of it: every actor, every action, by command, by mention, by a verb alone in a thread, by button and
//! at a terminal, in an environment for everyone and in one for those who are named. What is expected stands in `product.txt`; each combination is played
//! through the front door, and one that the file does not list fails.

mod played;
mod stated;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use self::played::plays;
use self::stated::stated;
use self::world::{ACTORS, Actor, ENVIRONMENTS, Stage};

/// How somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Means {
    Command,
    Mention,
    /// A verb alone, in the thread of the deploy's card.
    Thread,
    Button,
    Operator,
}

impl Means {
    const ALL: [Self; 5] = [
        Self::Command,
        Self::Mention,
        Self::Thread,
        Self::Button,
        Self::Operator,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Mention => "mention",
            Self::Thread => "thread",
            Self::Button => "button",
            Self::Operator => "operator",
        }
    }
}

/// What somebody does. Of a deploy: the requester's, or one of whoever acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Deploy,
    Restart,
    Rollback,
    Retry,
    Promote,
    DeployThere,
    Cancel,
    CancelOwn,
    Confirm,
    ConfirmOwn,
    Decline,
    Continue,
    GoBack,
    Difference,
    Forward,
    Abandon,
    KeepPosted,
    Status,
    Show,
    History,
    Logs,
    Plan,
    Diff,
    Where,
    Who,
    Grant,
    Revoke,
    Plead,
    AllowOnce,
    AllowUntil,
    TurnDown,
}

impl Act {
    const ALL: [Self; 31] = [
        Self::Deploy,
        Self::Restart,
        Self::Rollback,
        Self::Retry,
        Self::Promote,
        Self::DeployThere,
        Self::Cancel,
        Self::CancelOwn,
        Self::Confirm,
        Self::ConfirmOwn,
        Self::Decline,
        Self::Continue,
        Self::GoBack,
        Self::Difference,
        Self::Forward,
        Self::Abandon,
        Self::KeepPosted,
        Self::Status,
        Self::Show,
        Self::History,
        Self::Logs,
        Self::Plan,
        Self::Diff,
        Self::Where,
        Self::Who,
        Self::Grant,
        Self::Revoke,
        Self::Plead,
        Self::AllowOnce,
        Self::AllowUntil,
        Self::TurnDown,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Restart => "restart",
            Self::Rollback => "rollback",
            Self::Retry => "retry",
            Self::Promote => "promote",
            Self::DeployThere => "deploy-there",
            Self::Cancel => "cancel",
            Self::CancelOwn => "cancel-own",
            Self::Confirm => "confirm",
            Self::ConfirmOwn => "confirm-own",
            Self::Decline => "decline",
            Self::Continue => "continue",
            Self::GoBack => "go-back",
            Self::Difference => "difference",
            Self::Forward => "forward",
            Self::Abandon => "abandon",
            Self::KeepPosted => "keep-posted",
            Self::Status => "status",
            Self::Show => "show",
            Self::History => "history",
            Self::Logs => "logs",
            Self::Plan => "plan",
            Self::Diff => "diff",
            Self::Where => "where",
            Self::Who => "who",
            Self::Grant => "grant",
            Self::Revoke => "revoke",
            Self::Plead => "plead",
            Self::AllowOnce => "allow-once",
            Self::AllowUntil => "allow-until",
            Self::TurnDown => "turn-down",
        }
    }

    /// Whether it is done by words, and not by a button alone.
    fn has_words(self) -> bool {
        use Act::*;
        [
            Deploy, Restart, Rollback, Promote, Cancel, CancelOwn, Status, Show, History, Logs,
            Plan, Diff, Where, Who,
        ]
        .contains(&self)
    }

    /// Whether there is a way to do that.
    fn is_possible(self, actor: &Actor, means: Means, environment: &str) -> bool {
        use Act::*;
        // Whatever there is, somebody can write it to the bot, and is answered.
        if means == Means::Mention {
            return !actor.is_operator();
        }
        // Where everybody may deploy, nobody asks for the right to.
        if [Plead, AllowOnce, AllowUntil, TurnDown].contains(&self) {
            return means == Means::Button && !actor.is_operator() && environment == "production";
        }
        let words = [
            Deploy, Restart, Rollback, Promote, Cancel, CancelOwn, Status, Show, History,
        ];
        match (means, actor.is_operator()) {
            (Means::Command, false) => {
                words.contains(&self)
                    || [Logs, Plan, Diff, Where, Who, Grant, Revoke].contains(&self)
            }
            (Means::Thread, false) => [Restart, Rollback, Status, Show, Logs].contains(&self),
            (Means::Button, false) => ![
                Status, Show, History, Logs, Plan, Diff, Where, Who, Grant, Revoke,
            ]
            .contains(&self),
            // A terminal has no cards: it confirms what it asks for, and stops what it is told to.
            (Means::Operator, true) => {
                words.contains(&self) || [ConfirmOwn, Who, Revoke].contains(&self)
            }
            (Means::Command | Means::Mention | Means::Thread | Means::Button, true)
            | (Means::Mention | Means::Operator, false) => false,
        }
    }
}

/// An expected answer: `yes`, a rule that says no, or `-` where that cannot be done.
type Answers = BTreeMap<(String, String, String, String), String>;

const DATA: &str = include_str!("product.txt");

/// Tables, each under a line that names its environment and its means: a line of actions, a line for each actor.
fn expected() -> Answers {
    let mut answers = Answers::new();
    for table in DATA.split("\n\n").filter(|part| !part.starts_with('#')) {
        let mut lines = table.lines().filter(|line| !line.is_empty());
        let Some((environment, means)) = lines.next().and_then(|line| line.split_once(" by "))
        else {
            continue;
        };
        let actions: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        for line in lines {
            let mut cells = line.split_whitespace();
            let actor = cells.next().unwrap();
            let cells: Vec<&str> = cells.collect();
            assert_eq!(cells.len(), actions.len(), "{line}");
            for (action, answer) in actions.iter().zip(cells) {
                let key = [environment, means, actor, action]
                    .map(str::to_owned)
                    .into();
                let before = answers.insert(key, answer.to_owned());
                assert_eq!(before, None, "{line} is listed twice");
            }
        }
    }
    answers
}

/// The same as text.
fn written(answers: &Answers) -> String {
    let mut text = String::new();
    for environment in ENVIRONMENTS {
        for means in Means::ALL {
            write!(text, "{environment} by {}\n{:10}", means.word(), "").unwrap();
            for act in Act::ALL {
                write!(text, " {:12}", act.word()).unwrap();
            }
            for actor in ACTORS {
                write!(text, "\n{:10}", actor.word).unwrap();
                for act in Act::ALL {
                    let key = [environment, means.word(), actor.word, act.word()];
                    let answer = &answers[&key.map(str::to_owned).into()];
                    write!(text, " {answer:12}").unwrap();
                }
            }
            text.push_str("\n\n");
        }
    }
    let lines = text.lines().map(|line| format!("{}\n", line.trim_end()));
    lines.collect::<String>().trim_end().to_owned() + "\n"
}

/// The answers in one environment.
fn played(environment: &'static str) -> Answers {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut answers = Answers::new();
        let stage = Stage::new(environment).await;
        for actor in ACTORS {
            for means in Means::ALL {
                for act in Act::ALL {
                    let answer = match act.is_possible(actor, means, environment) {
                        true => Box::pin(plays(&stage, actor, means, act)).await,
                        false => "-".to_owned(),
                    };
                    let key = [environment, means.word(), actor.word, act.word()];
                    answers.insert(key.map(str::to_owned).into(), answer);
                }
            }
        }
        answers
    })
}

/// What was recorded is held against what the configuration says in words, so that no fault is recorded as expected.
#[test]
fn the_table_says_what_the_rules_say() {
    let recorded = expected();
    let mut wrong = Vec::new();
    for environment in ENVIRONMENTS {
        for means in Means::ALL {
            for actor in ACTORS {
                for act in Act::ALL {
                    let key = [environment, means.word(), actor.word, act.word()];
                    let recorded = &recorded[&key.map(str::to_owned).into()];
                    let stated = match act.is_possible(actor, means, environment) {
                        true => stated(environment, actor.word, means, act),
                        false => "-",
                    };
                    if recorded != stated {
                        wrong.push(format!("{key:?}: {recorded}, and the rules say {stated}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_actor_is_answered_as_the_table_says() {
    let answers: Answers = std::thread::scope(|scope| {
        let each = ENVIRONMENTS.map(|environment| scope.spawn(move || played(environment)));
        let each = each.into_iter().map(|one| one.join().unwrap());
        each.flatten().collect()
    });
    let expected = expected();
    if expected != answers {
        if std::env::var("README").is_ok_and(|how| how == "write") {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/rights/product.txt");
            let (head, _) = DATA.split_once("\n\n").unwrap_or((DATA.trim_end(), ""));
            std::fs::write(path, format!("{head}\n\n{}", written(&answers))).unwrap();
        }
        let listed = |key: &&(String, String, String, String)| !expected.contains_key(*key);
        let unlisted: Vec<_> = answers.keys().filter(listed).collect();
        let gone: Vec<_> = expected
            .keys()
            .filter(|key| !answers.contains_key(*key))
            .collect();
        let differ = answers.iter().filter(|(key, answer)| {
            expected
                .get(*key)
                .is_some_and(|expected| expected != *answer)
        });
        let differ: Vec<_> = differ
            .map(|(key, answer)| (key, answer, &expected[key]))
            .collect();
        panic!("not listed: {unlisted:?}\nnot there: {gone:?}\nanswered otherwise: {differ:#?}");
    }
}
