//! No refusal is long-winded, and each says what to do.

use proptest::prelude::*;

use super::*;
use crate::slack::blocks::check_limits;

/// A sentence that a tired reader gets through.
const LONGEST: usize = 160;

/// What tells a reader what to do.
const TO_DO: [&str; 19] = [
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

#[test]
fn no_refusal_is_long_winded_and_each_ends_with_what_to_do() {
    for refusal in every("v1.0.9") {
        let said = refusal.to_string();
        let sentences: Vec<&str> = said.split(". ").collect();
        for sentence in &sentences {
            let length = sentence.chars().count();
            assert!(length <= LONGEST, "{length}: {sentence}");
        }
        let last = sentences[sentences.len().saturating_sub(2)..].join(". ");
        let last = last.to_lowercase();
        assert!(
            TO_DO.iter().any(|word| last.contains(word)),
            "what to do? {said}"
        );
        for word in ["lease", "fence", "nonce"] {
            assert!(!last.contains(word), "{word}: {said}");
        }
    }
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
            .said("/deploy")
            .as_str()
            .contains("asked for by <@U0G9QF9C6> at ")
    );
    let typed = Obstacle::NoService {
        service: "x @U0G9QF9C6 #C2147483705 <!channel>`".to_owned(),
        cluster: "production".to_owned(),
    };
    let said = at_the_gate(typed).said("/deploy").to_string();
    assert!(
        said.contains("`x @U0G9QF9C6 #C2147483705 &lt;!channel&gt;'`"),
        "{said}"
    );
}

proptest! {
    #[test]
    fn what_was_typed_never_pings_or_links(text in prop_oneof![
        any::<String>(),
        "[<>!@#&;|*`\n:/. a-zA-Z0-9]{0,60}",
        Just("@U0G9QF9C6 ` @U0G9QF9C6 <https://x.example|ok>".to_owned()),
    ]) {
        for refusal in every(&text) {
            let message = card::refused(&refusal, "/deploy");
            prop_assert_eq!(check_limits(message.content()), Ok(()));
            for reference in message.text().split('<').skip(1) {
                let inside = reference.split('>').next().unwrap_or_default();
                prop_assert!(["@U061F7AUR", "@U0G9QF9C6"].contains(&inside), "{}", inside);
            }
            let plain = refusal.to_string();
            prop_assert_eq!(plain.matches('`').count() % 2, 0, "{}", plain);
        }
        let quoted = at_the_gate(Obstacle::NoService { service: text, cluster: "production".to_owned() });
        prop_assert!(!quoted.said("/deploy").as_str().contains('<'));
    }
}
