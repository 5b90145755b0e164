//! What people have been told of a deploy, read off the messages as Slack shows them.

use longshore::record::{Deploy, Verdict};
use longshore_sim::State;
use longshore_sim::transcript::Transcript;

/// How the line below the heading of each verdict's card begins.
const WORDS: [(Verdict, &str); 9] = [
    (Verdict::Succeeded, "\n  ✅ "),
    (Verdict::RolledBack, "\n  ↩️ "),
    (Verdict::Failed, "\n  ❌ "),
    (Verdict::Cancelled, "\n  🛑 "),
    (Verdict::Refused, "\n  ⛔ "),
    (Verdict::Refused, "\n  ℹ️ "),
    (Verdict::Expired, "\n  ⌛ "),
    (Verdict::Superseded, "\n  ⚠️ "),
    (Verdict::Abandoned, "\n  ❔ "),
];

/// How many messages say this deploy's verdict, and what other verdicts are said of it.
pub(crate) fn verdicts(state: &State, deploy: &Deploy) -> (usize, Vec<&'static str>) {
    let transcript = Transcript::new(&state.slack);
    // What is under way says for how long, and the question who asked.
    let footer = format!("– `{}` · ", deploy.id);
    let is_verdict = |line: &str| {
        let small = line.trim().strip_prefix(&footer);
        small.is_some_and(|rest| !rest.ends_with("so far") && !rest.starts_with("asked by"))
    };
    let messages = state.slack.messages().iter();
    let shown: Vec<String> = messages
        .map(|message| transcript.message(message))
        .filter(|shown| shown.lines().any(is_verdict))
        .collect();
    let mut said = (0, Vec::new());
    // A rollback that stops a rollout has nothing to carry out itself; its card says what it stopped.
    let own = match deploy.stops {
        Some(_) => Some(Verdict::RolledBack),
        None => deploy.verdict(),
    };
    for (verdict, words) in WORDS {
        let times = shown.iter().filter(|shown| shown.contains(words)).count();
        if Some(verdict) == own {
            said.0 += times;
        } else if times > 0 {
            said.1.push(words);
        }
    }
    said
}

/// What is wrong with times as they are sent. Where Slack shows each reader their own it gets its code with one of
/// our two formats and a fallback in UTC; where it cannot, how far away the time is.
pub(crate) fn times(state: &State) -> Vec<String> {
    let messages = state.slack.messages().iter();
    let wrong = messages.filter(|message| {
        let (plain, shown) = match message.blocks.is_empty() {
            true => (String::new(), message.text.clone()),
            false => {
                let plain = plain_texts(&message.blocks) + &message.text;
                (plain, texts_of("mrkdwn", &message.blocks))
            }
        };
        let mut parts = shown.split("<!date^");
        let bare = parts.next().unwrap_or_default().to_owned();
        let mut coded = true;
        let mut rest = bare;
        for part in parts {
            let (code, after) = part.split_once('>').unwrap_or_default();
            coded &= is_time(code);
            rest += after;
        }
        plain.contains("<!date") || is_utc(&plain) || is_utc(&rest) || !coded
    });
    let wrong = wrong.map(|message| format!("a time as nobody reads it: {}", message.text));
    wrong.collect()
}

/// `1392734382^{time} {date_short_pretty}|2014-02-18 14:39 UTC`
fn is_time(code: &str) -> bool {
    let read = || {
        let (seconds, rest) = code.split_once('^')?;
        let (format, fallback) = rest.split_once('|')?;
        let at = jiff::Timestamp::from_second(seconds.parse().ok()?).ok()?;
        let ours = ["{time} {date_short_pretty}", "{date_num} {time}"].contains(&format);
        Some(ours && fallback == at.strftime("%Y-%m-%d %H:%M UTC").to_string())
    };
    read().unwrap_or_default()
}

/// Whether a time is said in UTC, outside of what others say.
fn is_utc(words: &str) -> bool {
    let ours = without_code(words);
    let mut found = ours.match_indices(" UTC");
    found.any(|(at, _)| ours[..at].ends_with(|c: char| c.is_ascii_digit()))
}

/// Everything in these blocks that Slack shows as it is: headers, buttons, options.
fn plain_texts(blocks: &[serde_json::Value]) -> String {
    texts_of("plain_text", blocks)
}

fn texts_of(kind: &str, blocks: &[serde_json::Value]) -> String {
    blocks.iter().map(|block| text_of(kind, block)).collect()
}

fn text_of(kind: &str, value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(members) => {
            let own = members.get("type").is_some_and(|its| its == kind);
            let text = members.get("text").and_then(|text| text.as_str());
            let text = text.filter(|_| own).unwrap_or_default();
            let inner: String = members.values().map(|inner| text_of(kind, inner)).collect();
            format!("{text}\n{inner}")
        }
        serde_json::Value::Array(all) => texts_of(kind, all),
        _ => String::new(),
    }
}

/// Words of the machine room: only `show` tells of it.
const MACHINE: [&str; 7] = [
    "lease",
    "fence",
    "nonce",
    "restore_head",
    "head restored",
    "compare-and-swap",
    "taskfailedtostart",
];
/// Branches of the simulated repositories, which say nothing alone.
const BRANCHES: [&str; 2] = ["main", "feature/signup-autocomplete"];
/// The environments of the town.
const ENVIRONMENTS: [&str; 3] = ["staging", "beta", "production"];
/// What stands before a version.
const BEFORE: [&str; 6] = ["version", "→", "versions", "runs", "now:", "deployed:"];

/// What is wrong with messages as people read them, a blank line between two. What AWS says, what
/// somebody typed and what a log holds stands in backticks, and is not ours.
pub(crate) fn problems(read: &str) -> Vec<String> {
    let ours = read
        .split("\n\n")
        .filter(|one| !one.contains("\n  # Deploy id-") && !one.contains("\n  # Everything"));
    ours.flat_map(|message| {
        let words = without_code(message);
        let lower = words.to_lowercase();
        let machine = MACHINE.iter().filter(|word| {
            let mut found = lower.match_indices(**word);
            // A release is no lease.
            found.any(|(at, _)| !lower[..at].ends_with(|c: char| c.is_alphanumeric()))
        });
        let machine =
            machine.map(|word| format!("{word:?} is a word of the machine room: {message}"));
        let plain = |word: &str| {
            word.trim_matches(|c: char| "*`.,;()?".contains(c))
                .to_owned()
        };
        let all: Vec<String> = message.split_whitespace().map(plain).collect();
        let bare = all
            .windows(2)
            .filter(|two| BEFORE.contains(&two[0].as_str()) && BRANCHES.contains(&two[1].as_str()));
        let bare: Vec<String> = bare
            .map(|two| format!("{:?} is a branch, and no version: {message}", two[1]))
            .collect();
        // Something is deployed to an environment, and runs, fails or is forbidden on it.
        let plain: Vec<String> = words.split_whitespace().map(plain).collect();
        let inside = plain
            .windows(2)
            .filter(|two| two[0] == "in" && ENVIRONMENTS.contains(&two[1].as_str()));
        let inside: Vec<String> = inside
            .map(|two| format!("\"in {}\" for \"on {}\": {message}", two[1], two[1]))
            .collect();
        machine.chain(bare).chain(inside).collect::<Vec<_>>()
    })
    .collect()
}

/// The text without code spans and code blocks.
fn without_code(text: &str) -> String {
    let text: String = text.split("```").step_by(2).collect();
    text.split('`').step_by(2).collect()
}

#[test]
fn what_the_machine_room_calls_things_and_bare_branches_are_found() {
    for (read, found) in [
        ("a\n  deploy `id-1` holds the lease", 1),
        ("a\n  ECS says: `lease`", 0),
        ("a\n  # Deploy id-1: webapp\n  lease fence 1", 0),
        ("a\n  5a91773 → *main*, 2 commits", 1),
        ("a\n  5a91773 → *main@680af60*, 2 commits", 0),
        ("a\n  `webapp:main` runs there", 0),
        ("a\n  You may not deploy it in production.", 1),
        ("a\n  `in production`, on staging", 0),
    ] {
        assert_eq!(problems(read).len(), found, "{read}: {:?}", problems(read));
    }
}

#[test]
fn a_time_that_is_sent_otherwise_is_found() {
    for (code, good) in [
        (
            "1392734382^{time} {date_short_pretty}|2014-02-18 14:39 UTC",
            true,
        ),
        ("1392734382^{date_num} {time}|2014-02-18 14:39 UTC", true),
        ("1392734382^{time} {date_short_pretty}", false),
        ("1392734382^{time} {date_short_pretty}|14:39", false),
        (
            "1392734382^{date_short_pretty} at {time}|2014-02-18 14:39 UTC",
            false,
        ),
    ] {
        assert_eq!(is_time(code), good, "{code}");
    }
    for (words, is) in [
        ("at 2 Mar 09:00 UTC", true),
        ("`at 2 Mar 09:00 UTC`", false),
        ("Typed times are read in UTC.", false),
    ] {
        assert_eq!(is_utc(words), is, "{words}");
    }
}
