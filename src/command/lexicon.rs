//! The words that people bring along from elsewhere, and what each is here: a verb by another name, a
//! word to ask about, or one that says nothing. An application's or environment's own name always means
//! that, whatever stands here.

use super::usage::CommandVerb;
use crate::names::near;

/// What a word says that is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// It is this verb, beyond doubt.
    Verb(CommandVerb),
    /// It may be meant for this verb, which is asked about.
    Perhaps(CommandVerb),
    /// To deploy again what runs, or what is newest: nobody can tell.
    Again,
    /// A word that is kept for a command to come, and the verb that comes nearest.
    NotYet(CommandVerb),
    /// The newest deploy.
    Last,
    /// Stands before an environment.
    Preposition,
    /// Said out of courtesy.
    Courtesy,
    /// Says nothing by itself.
    Filler,
}

/// Words that are forgiven at both ends of a command.
pub(super) const FORGIVEN: [&str; 3] = ["please", "now", "thanks"];
/// What a sentence may end with.
pub(super) const STOPS: [char; 4] = ['.', '!', '?', '…'];
/// Names the newest deploy.
pub(super) const LAST: &str = "last";
/// Every entry of the history.
pub(super) const ALL: &str = "all";
/// What leads a time from which on something is listed.
pub(super) const SINCE: &str = "since";
/// Two days by their names.
pub(super) const TODAY: &str = "today";
pub(super) const YESTERDAY: &str = "yesterday";
pub(super) const TOMORROW: &str = "tomorrow";
/// What leads how long something lasts, by its length and by its end.
pub(super) const FOR: &str = "for";
pub(super) const UNTIL: &str = "until";
/// What leads a reason, which goes to the end of the line.
pub(super) const BECAUSE: &str = "because";
/// What leads the right that is given, and the two there are.
pub(super) const AS: &str = "as";
pub(super) const APPROVER: &str = "approver";
pub(super) const REQUESTER: &str = "requester";
/// What leads the environment that something is promoted from.
pub(super) const FROM: &str = "from";
/// What leads a time of a day.
pub(super) const AT: &str = "at";
/// The words that may stand before an environment.
const PREPOSITIONS: [&str; 3] = ["to", "on", "in"];

/// Branches and image tags that look like other words and are none.
const USUAL_REFS: &[&str] = &[
    "main", "master", "develop", "dev", "trunk", "latest", "stable", "next", "edge", "nightly",
];

const COURTESIES: &[&str] = &[
    "pls", "plz", "plse", "pleas", "thx", "thank", "thankyou", "ty", "cheers", "kindly", "sorry",
    "asap", "hey",
];

const FILLERS: &[&str] = &[
    "auf",
    "nach",
    "zu",
    "vers",
    "sur",
    "en",
    "su",
    "bitte",
    "svp",
    "por",
    "favor",
    "を",
    "に",
    "へ",
    "a",
    "again",
    ALL,
    "also",
    "an",
    "and",
    "app",
    "application",
    "are",
    AT,
    SINCE,
    TODAY,
    YESTERDAY,
    "bot",
    "branch",
    "build",
    "can",
    "cluster",
    "commit",
    "could",
    "every",
    "everything",
    "everywhere",
    FOR,
    "force",
    FROM,
    "hello",
    "hi",
    "i",
    "image",
    "into",
    "is",
    "it",
    "its",
    "just",
    "let's",
    "longshore",
    "me",
    "my",
    "of",
    "off",
    "ok",
    "onto",
    "our",
    "ref",
    "service",
    "tag",
    "that",
    "the",
    "this",
    "up",
    "us",
    "using",
    "want",
    "we",
    "whole",
    "with",
    "would",
    "yes",
    "you",
    "your",
    "environment",
    "env",
    "container",
];

use CommandVerb::{
    Cancel, Deploy, Diff, Grant, Help, History, Logs, Plan, Restart, Revoke, Rollback, Show,
    Status, Where, WhyNot,
};

/// The verbs by other names. A word that could mean two things, or would change more than the verb does,
/// is only asked about.
const WORDS: &[(&str, Sense)] = &[
    ("ship", Sense::Verb(Deploy)),
    ("compare", Sense::Verb(Diff)),
    ("whereis", Sense::Verb(Where)),
    ("find", Sense::Verb(Where)),
    ("preview", Sense::Verb(Plan)),
    ("why", Sense::Verb(WhyNot)),
    ("whynot", Sense::Verb(WhyNot)),
    ("why-no", Sense::Verb(WhyNot)),
    ("dry-run", Sense::Verb(Plan)),
    ("dryrun", Sense::Verb(Plan)),
    ("--dry-run", Sense::Verb(Plan)),
    ("roll-back", Sense::Verb(Rollback)),
    ("revert", Sense::Verb(Rollback)),
    ("undo", Sense::Verb(Rollback)),
    ("back", Sense::Verb(Rollback)),
    ("abort", Sense::Verb(Cancel)),
    ("stop", Sense::Verb(Cancel)),
    ("version", Sense::Verb(Status)),
    ("list", Sense::Verb(Status)),
    ("ls", Sense::Verb(Status)),
    ("apps", Sense::Verb(Status)),
    ("applications", Sense::Verb(Status)),
    ("envs", Sense::Verb(Status)),
    ("environments", Sense::Verb(Status)),
    ("versions", Sense::Verb(History)),
    ("log", Sense::Verb(Logs)),
    ("tail", Sense::Verb(Logs)),
    ("auth", Sense::Verb(Grant)),
    ("allow", Sense::Verb(Grant)),
    ("unauth", Sense::Verb(Revoke)),
    ("disallow", Sense::Verb(Revoke)),
    ("-h", Sense::Verb(Help)),
    ("-help", Sense::Verb(Help)),
    ("--help", Sense::Verb(Help)),
    ("?", Sense::Verb(Help)),
    ("bring", Sense::Perhaps(Deploy)),
    ("deliver", Sense::Perhaps(Deploy)),
    ("deployment", Sense::Perhaps(Deploy)),
    ("go", Sense::Perhaps(Deploy)),
    ("install", Sense::Perhaps(Deploy)),
    ("launch", Sense::Perhaps(Deploy)),
    ("publish", Sense::Perhaps(Deploy)),
    ("push", Sense::Perhaps(Deploy)),
    ("put", Sense::Perhaps(Deploy)),
    ("roll", Sense::Perhaps(Deploy)),
    ("rollout", Sense::Perhaps(Deploy)),
    ("run", Sense::Perhaps(Deploy)),
    ("send", Sense::Perhaps(Deploy)),
    ("start", Sense::Perhaps(Deploy)),
    ("sync", Sense::Perhaps(Deploy)),
    ("trigger", Sense::Perhaps(Deploy)),
    ("update", Sense::Perhaps(Deploy)),
    ("upgrade", Sense::Perhaps(Deploy)),
    ("set", Sense::Perhaps(Deploy)),
    ("apply", Sense::Perhaps(Deploy)),
    ("simulate", Sense::Perhaps(Plan)),
    ("downgrade", Sense::Perhaps(Rollback)),
    ("previous", Sense::Perhaps(Rollback)),
    ("restore", Sense::Perhaps(Rollback)),
    ("reset", Sense::Perhaps(Rollback)),
    ("unship", Sense::Perhaps(Rollback)),
    ("halt", Sense::Perhaps(Cancel)),
    ("kill", Sense::Perhaps(Cancel)),
    ("interrupt", Sense::Perhaps(Cancel)),
    ("terminate", Sense::Perhaps(Cancel)),
    ("bounce", Sense::Perhaps(Restart)),
    ("cycle", Sense::Perhaps(Restart)),
    ("reboot", Sense::Perhaps(Restart)),
    ("recycle", Sense::Perhaps(Restart)),
    ("refresh", Sense::Perhaps(Restart)),
    ("reload", Sense::Perhaps(Restart)),
    ("check", Sense::Perhaps(Status)),
    ("get", Sense::Perhaps(Status)),
    ("health", Sense::Perhaps(Status)),
    ("info", Sense::Perhaps(Status)),
    ("ps", Sense::Perhaps(Status)),
    ("running", Sense::Perhaps(Status)),
    ("runs", Sense::Perhaps(Status)),
    ("state", Sense::Perhaps(Status)),
    ("stats", Sense::Perhaps(Status)),
    ("watch", Sense::Perhaps(Status)),
    ("what", Sense::Perhaps(Status)),
    ("what's", Sense::Perhaps(Status)),
    ("which", Sense::Perhaps(Status)),
    ("changelog", Sense::Perhaps(History)),
    ("changes", Sense::Perhaps(History)),
    ("deployments", Sense::Perhaps(History)),
    ("deploys", Sense::Perhaps(History)),
    ("events", Sense::Perhaps(History)),
    ("releases", Sense::Perhaps(History)),
    ("describe", Sense::Perhaps(Show)),
    ("details", Sense::Perhaps(Show)),
    ("inspect", Sense::Perhaps(Show)),
    ("commands", Sense::Perhaps(Help)),
    ("man", Sense::Perhaps(Help)),
    ("usage", Sense::Perhaps(Help)),
    ("redeploy", Sense::Again),
    ("re-deploy", Sense::Again),
    ("rerun", Sense::Again),
    (LAST, Sense::Last),
    ("to", Sense::Preposition),
    ("on", Sense::Preposition),
    ("in", Sense::Preposition),
    ("h", Sense::Perhaps(Help)),
    ("scale", Sense::Perhaps(Status)),
    ("exec", Sense::Perhaps(Status)),
    ("rollbacks", Sense::Perhaps(History)),
];

/// Words that are kept for commands to come, and the verb that comes nearest.
pub(super) const TO_COME: &[(&str, CommandVerb)] = &[
    ("hold", Help),
    ("release", Deploy),
    ("lock", Help),
    ("unlock", Help),
    ("freeze", Help),
    ("pause", Status),
    ("doctor", Status),
    ("approve", Status),
    ("deny", Cancel),
    ("emergency", Deploy),
    ("queue", Status),
    ("abandon", Cancel),
    ("retry", Show),
];

/// What a word says, if it is one of these.
pub(super) fn sense(word: &str) -> Option<Sense> {
    let word = word.to_ascii_lowercase();
    if let Ok(verb) = word.parse::<CommandVerb>() {
        return Some(Sense::Verb(verb));
    }
    if let Some((_, sense)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Some(*sense);
    }
    if let Some((_, near)) = TO_COME.iter().find(|(known, _)| *known == word) {
        return Some(Sense::NotYet(*near));
    }
    let has = |words: &[&str]| words.contains(&word.as_str());
    match () {
        () if has(&FORGIVEN) || has(COURTESIES) => Some(Sense::Courtesy),
        () if has(FILLERS) => Some(Sense::Filler),
        () => None,
    }
}

/// Whether the word stands before an environment.
pub(super) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS
        .iter()
        .any(|one| word.eq_ignore_ascii_case(one))
}

/// Whether a word says nothing but that somebody asks kindly.
pub(super) fn is_courtesy(word: &str) -> bool {
    sense(word) == Some(Sense::Courtesy)
}

/// Whether the word is forgiven at the ends of a command.
pub(super) fn is_forgiven(word: &str) -> bool {
    FORGIVEN.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// Whether the word is what people call branches and image tags.
pub(super) fn is_usual_ref(word: &str) -> bool {
    USUAL_REFS.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// The verb that a slip of the finger meant, by its own name before any other.
pub(super) fn near_verb(word: &str) -> Option<CommandVerb> {
    let word = word.to_ascii_lowercase();
    let own = CommandVerb::ALL.map(|verb| (verb.as_str(), verb));
    let others = WORDS.iter().filter_map(|(word, sense)| match sense {
        Sense::Verb(verb) | Sense::Perhaps(verb) => Some((*word, *verb)),
        _ => None,
    });
    near::nearest(&word, own).or_else(|| near::nearest(&word, others))
}

/// Every word that is no name and no ref, where one stands at the end of a command.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    let verbs = CommandVerb::ALL.map(CommandVerb::as_str);
    let words = WORDS.iter().map(|(word, _)| *word);
    let to_come = TO_COME.iter().map(|(word, _)| *word);
    let idle = FORGIVEN.iter().chain(COURTESIES).chain(FILLERS).copied();
    verbs.into_iter().chain(words).chain(to_come).chain(idle)
}

/// Whether a word may be a slip of the finger for a courtesy.
pub(super) fn is_near_courtesy(word: &str) -> bool {
    let all = FORGIVEN.iter().chain(COURTESIES);
    near::nearest(
        &word.to_ascii_lowercase(),
        all.map(|known| (*known, *known)),
    )
    .is_some()
}

/// Whether a word may be a slip of the finger for what stands before an environment.
pub(super) fn is_near_preposition(word: &str) -> bool {
    let letters = word.chars().all(char::is_alphabetic);
    let near = near::nearest(
        &word.to_ascii_lowercase(),
        PREPOSITIONS.map(|known| (known, known)),
    );
    letters && near.is_some()
}

/// Whether a word may be a slip of the finger for one of these.
pub(super) fn is_near(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    near::nearest(&word, all().map(|known| (known, known))).is_some()
}
