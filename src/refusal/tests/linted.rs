//! No refusal is long-winded, and each says what to do.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::kinds::no_logs;
use super::*;
use crate::names::UserId;
use crate::slack::blocks::check_limits;

/// A sentence that a tired reader gets through.
const LONGEST: usize = 160;

/// What tells a reader what to do.
const TO_DO: [&str; 21] = [
    "did you mean",
    "check ",
    "ask ",
    "ask.",
    "wait",
    "try ",
    "`/deploy ",
    "name ",
    "create ",
    "deploy ",
    "register ",
    "say ",
    "whoever runs",
    "press ",
    "answer ",
    "give ",
    "mend ",
    "run the",
    "look ",
    "recreate",
    "correct ",
];

/// What a name counts for at most: whoever reads a sentence recognises a name and does not spell it, and it must
/// stand there whole, because it is looked for in AWS or pasted. So a sentence is short with the longest names
/// there may be, as with those that people choose.
const NAME: usize = 40;

/// What a person counts for at most: Slack shows the name that they chose in place of their id.
const PERSON: usize = 20;

/// How long a sentence is to its reader.
fn length(sentence: &str) -> usize {
    let words = sentence.split(' ').map(|word| {
        let most = if word.starts_with("@U") { PERSON } else { NAME };
        word.chars().count().min(most) + 1
    });
    words.sum::<usize>() - 1
}

/// The sentences of a text, in which whatever stands in backticks is one word.
fn sentences(said: &str) -> Vec<String> {
    let parts = said.split('`').enumerate();
    let words: Vec<String> = parts
        .map(|(at, part)| match at % 2 {
            0 => part.to_owned(),
            _ => format!("`{}`", "x".repeat(part.chars().count().min(NAME - 2))),
        })
        .collect();
    let words = words.concat().replace("? ", ". ").replace('\n', ". ");
    words.split(". ").map(str::to_owned).collect()
}

fn problems(said: &str) -> Vec<String> {
    let sentences = sentences(said);
    let long = sentences.iter().map(|one| (length(one), one));
    let long = long.filter(|(length, _)| *length > LONGEST);
    let mut found: Vec<String> = long
        .map(|(length, sentence)| format!("{length}: {sentence}"))
        .collect();
    let whole: Vec<&str> = said.split(". ").collect();
    let last = whole[whole.len().saturating_sub(2)..].join(". ");
    let last = last.to_lowercase();
    if !TO_DO.iter().any(|word| last.contains(word)) {
        found.push(format!("what to do? {said}"));
    }
    for word in ["lease", "fence", "nonce"] {
        if last.contains(word) {
            found.push(format!("{word}: {said}"));
        }
    }
    found
}

#[test]
fn no_refusal_is_long_winded_and_each_ends_with_what_to_do() {
    let mut found = Vec::new();
    for names in [Names::usual("v1.0.9"), Names::longest()] {
        // A way back that is closed is told with a plan, and what goes back is asked about; neither refuses anything.
        let is_no = |refusal: &&Refusal| !matches!(refusal, Refusal::Refused(Refused::Gates(of)) if matches!(of[..], [Obstacle::NoWayBack { .. } | Obstacle::Backward(_)]));
        let refusals = every(&names);
        let admins: Vec<Member> = ["U024BE7L0", "U024BE7L1", "U024BE7L2"]
            .map(|id| id.parse().unwrap())
            .to_vec();
        let read = |refusal: &Refusal| [refusal.text(), refusal.text().naming(&admins, None)];
        let said = refusals.iter().filter(is_no).flat_map(read);
        let said = said.map(|text| text.plain("/deploy"));
        let said = said.chain(no_logs(&names));
        found.extend(said.flat_map(|said| problems(&said)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_is_long_winded_is_found() {
    let name = "a".repeat(250);
    for (said, found) in [
        (format!("There is no `{name}`. Try again."), 0),
        (format!("There is no {name}. Try again."), 0),
        (format!("There is no `{name}`."), 1),
        (format!("{}. Try again.", "word ".repeat(40).trim()), 1),
        (format!("`{name}` and ").repeat(4) + "try again.", 1),
    ] {
        assert_eq!(problems(&said).len(), found, "{said}");
    }
}

/// The kinds of an enumeration, as its source has them.
fn kinds<'s>(source: &'s str, name: &str) -> Vec<&'s str> {
    let from = source.find(&format!("pub enum {name} {{")).unwrap();
    let body = source[from..].split("\n}").next().unwrap();
    let lines = body.lines().skip(1);
    let variants = lines.filter_map(|line| line.strip_prefix("    "));
    let variants = variants.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    variants
        .filter_map(|line| line.split([' ', '(', ',', '{']).next())
        .collect()
}

#[test]
fn every_refusal_is_among_them() {
    let sources = [
        (include_str!("../../record/refused.rs"), "Refused"),
        (include_str!("../../record/refused.rs"), "NoBack"),
        (include_str!("../../record/refused.rs"), "NoWayBack"),
        (include_str!("../../record/refused.rs"), "NoSchedule"),
        (include_str!("../../record/turned_down.rs"), "TurnedDown"),
        (include_str!("../../resolve.rs"), "Unresolvable"),
        (include_str!("../../gate/obstacle.rs"), "Obstacle"),
        (include_str!("../../policy/denied.rs"), "DenyRule"),
        (include_str!("../../plan/ways.rs"), "CannotRun"),
        (include_str!("../../names/version.rs"), "Leaving"),
        (include_str!("../../command/misunderstood.rs"), "Misreading"),
        (include_str!("../../refusal.rs"), "Refusal"),
    ];
    let every = format!("{:?}", every(&Names::longest()));
    let words: BTreeSet<&str> = every
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let mut missing = Vec::new();
    for (source, name) in sources {
        let kinds = kinds(source, name);
        assert!(kinds.len() > 3, "{name} has moved");
        let without = kinds.into_iter().filter(|kind| !words.contains(kind));
        missing.extend(without.map(|kind| format!("{name}::{kind}")));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn people_become_mentions_and_refs_stay_text() {
    let busy = Obstacle::Busy(Busy {
        id: "4f2k9x0a".parse().unwrap(),
        application: "cms".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        by: sam(),
        since: at(0),
        stopped_by: None,
    });
    assert!(
        at_the_gate(busy)
            .said("/deploy", &[])
            .as_str()
            .contains("<@U0G9QF9C6> asked for it at <!date^")
    );
    let typed = Obstacle::NoService {
        service: "x @U0G9QF9C6 #C2147483705 <!channel>`".to_owned(),
        cluster: "production".to_owned(),
    };
    let said = at_the_gate(typed).said("/deploy", &[]).to_string();
    assert!(
        said.contains("`x @U0G9QF9C6 #C2147483705 &lt;!channel&gt;'`"),
        "{said}"
    );
}

#[test]
fn nobody_is_told_to_ask_themselves() {
    let reader: UserId = "U0G9QF9C6".parse().unwrap();
    let admins: Vec<Member> = vec![Member::User(reader.clone())];
    let mut spoken_to = 0;
    for refusal in every(&Names::usual("v1.0.9")) {
        let own = refusal
            .text()
            .naming(&admins, Some(&reader))
            .plain("/deploy");
        let others = refusal.text().naming(&[], None).plain("/deploy");
        spoken_to += usize::from(own != others);
        for words in ["sk @U0G9QF9C6", "@U0G9QF9C6 may", "ell @U0G9QF9C6"] {
            let names_others = own.contains("Only @U0G9QF9C6 can") || own.contains(", @");
            assert!(
                !own.contains(words) || names_others || is_of_another(&refusal),
                "{own}"
            );
        }
        assert!(
            !own.contains("to name some.") || own.contains("As an admin, name some."),
            "{own}"
        );
    }
    assert!(spoken_to > 20, "{spoken_to}");
}

/// That the reader may not do something which only its requester may, who they therefore are not.
fn is_of_another(refusal: &Refusal) -> bool {
    let denied = |refused: &Refused| matches!(refused, Refused::Denied(_));
    match refusal {
        Refusal::TurnedDown(TurnedDown::Denied(_)) => true,
        Refusal::Refused(refused) => denied(refused),
        _ => false,
    }
}

proptest! {
    #[test]
    fn what_was_typed_never_pings_or_links(text in prop_oneof![
        any::<String>(),
        "[<>!@#&;|*`\n:/. a-zA-Z0-9]{0,60}",
        Just("@U0G9QF9C6 ` @U0G9QF9C6 <https://x.example|ok>".to_owned()),
    ]) {
        for refusal in every(&Names::usual(&text)) {
            let message = card::refused(&refusal, "/deploy", &[]);
            prop_assert_eq!(check_limits(message.content()), Ok(()));
            for reference in message.text().split('<').skip(1) {
                let inside = reference.split('>').next().unwrap_or_default();
                let is_time = inside.starts_with("!date^1800000");
                prop_assert!(is_time || ["@U061F7AUR", "@U0G9QF9C6", "!subteam^S0614TZR7", "#C2147483705", "#C2147483706", "https://acme.slack.com/archives/C0DEPLOYS/p1772442000000100|open it"].contains(&inside), "{}", inside);
            }
            let plain = refusal.to_string();
            prop_assert_eq!(plain.matches('`').count() % 2, 0, "{}", plain);
        }
        let quoted = at_the_gate(Obstacle::NoService { service: text, cluster: "production".to_owned() });
        prop_assert!(!quoted.said("/deploy", &[]).as_str().contains('<'));
    }
}
