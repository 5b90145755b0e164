use super::*;

const HOUR: i64 = 3600;

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn digest(name: &str) -> ImageDigest {
    let digits: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits:0<64}").parse().unwrap()
}

/// `A 10: beta-1 prod-1`: a name, the age in days, the tags.
fn image(text: &str) -> Stored {
    let (head, tags) = text.split_once(':').unwrap();
    let (name, age) = head.split_once(' ').unwrap();
    let seconds = age.parse::<f64>().unwrap() * 86_400.0;
    Stored {
        digest: digest(name),
        tags: tags.split_whitespace().map(str::to_owned).collect(),
        since: Some(now() - SignedDuration::from_secs_f64(seconds)),
        is_list: false,
    }
}

/// `1 tagged prod* images>1`: priority, tag status, pattern, count. A pattern that begins with `^`
/// is a prefix.
fn policy(rules: &[&str]) -> String {
    let rules: Vec<serde_json::Value> = rules
        .iter()
        .map(|rule| {
            let words: Vec<&str> = rule.split(' ').collect();
            let (count, tags) = words[2..].split_last().unwrap();
            let mut selection = serde_json::json!({ "tagStatus": words[1] });
            let (prefixes, patterns): (Vec<&str>, Vec<&str>) =
                tags.iter().partition(|tag| tag.starts_with('^'));
            if !prefixes.is_empty() {
                let prefixes: Vec<&str> = prefixes.iter().map(|tag| &tag[1..]).collect();
                selection["tagPrefixList"] = serde_json::json!(prefixes);
            }
            if !patterns.is_empty() {
                selection["tagPatternList"] = serde_json::json!(patterns);
            }
            let (kind, number) = count.split_once('>').unwrap();
            selection["countNumber"] = serde_json::json!(number.parse::<u32>().unwrap());
            let kind = match kind {
                "images" => "imageCountMoreThan",
                "days" => {
                    selection["countUnit"] = "days".into();
                    "sinceImagePushed"
                }
                other => other,
            };
            selection["countType"] = kind.into();
            serde_json::json!({
                "rulePriority": words[0].parse::<u64>().unwrap(),
                "selection": selection,
                "action": { "type": "expire" },
            })
        })
        .collect();
    serde_json::json!({ "rules": rules }).to_string()
}

/// What becomes of each image: `A 1:due B - C 1:+2`.
fn outlooks(policy: &str, images: &[Stored]) -> String {
    let rules = Rules::read(policy).unwrap();
    let said = images.iter().map(|image| {
        let name = char::from(u8::from_str_radix(&image.digest.as_str()[7..9], 16).unwrap());
        format!(
            "{name} {}",
            said(&rules.outlook(image, Some(images), now()))
        )
    });
    said.collect::<Vec<_>>().join(", ")
}

fn said(outlook: &Outlook) -> String {
    match outlook {
        Outlook::Stays => "stays".to_owned(),
        Outlook::Unclear => "unclear".to_owned(),
        Outlook::Goes(removal) => match removal.when {
            When::At(at) => {
                let left = at.duration_since(now()).as_secs() / HOUR;
                format!("by {} in {left} h", removal.rule)
            }
            When::AfterPushes(left) => format!("by {} after {left}", removal.rule),
        },
    }
}

/// The examples of AWS's documentation, with what it says becomes of the images:
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html>.
#[test]
fn the_documented_examples_end_as_they_are_documented() {
    let beta_and_prod = ["A 10: beta-1 prod-1", "B 9: beta-2 prod-2", "C 8: beta-3"];
    let alpha = ["A 12: alpha-1 beta-1", "B 11: alpha-2", "C 10: beta-2"];
    for (rules, images, expected) in [
        // Both: B is prod-2 and thereby the first rule's, which keeps it.
        (
            &["1 tagged ^prod images>1", "2 tagged ^beta images>1"][..],
            &beta_and_prod[..],
            "A by 1 after 0, B by 1 after 1, C by 2 after 1",
        ),
        // The same the other way round: A and B go by the first, and nothing is left to the second.
        (
            &["1 tagged ^beta images>1", "2 tagged ^prod images>1"],
            &beta_and_prod,
            "A by 1 after 0, B by 1 after 0, C by 1 after 1",
        ),
        // One rule with several prefixes is about images that have them all.
        (
            &["1 tagged ^alpha ^beta days>5"],
            &alpha,
            "A by 1 in -168 h, B stays, C stays",
        ),
        (
            &["1 tagged prod* days>14"],
            &["A 15: prod-1", "B 13: prod-2", "C 3: prod-3", "D 99: beta"],
            "A by 1 in -24 h, B by 1 in 24 h, C stays, D stays",
        ),
        (
            &["1 tagged *web*.*1* beta* days>1"],
            &["A 2: web-7.12 beta", "B 2: web-7.12", "C 2: web-7.2 beta"],
            "A by 1 in -24 h, B stays, C stays",
        ),
        (
            &["1 any images>5"],
            &["A 6:x", "B 5:x", "C 4:x", "D 3:x", "E 2:x", "F 1:x"],
            "A by 1 after 0, B by 1 after 1, C by 1 after 2, D stays, E stays, F stays",
        ),
    ] {
        let images: Vec<Stored> = images.iter().map(|text| image(text)).collect();
        assert_eq!(outlooks(&policy(rules), &images), expected, "{rules:?}");
    }
}

#[test]
fn only_the_first_rule_about_an_image_can_take_it() {
    for (rules, expected) in [
        // It shields the image from the rules after it, without taking it.
        (&["1 tagged ^v days>999", "2 any days>1"][..], "A stays"),
        // The order in which they are written is not the order in which they apply.
        (&["2 any days>1", "1 tagged ^v days>999"], "A stays"),
        (&["1 tagged ^w days>999", "2 any days>1"], "A by 2 in -24 h"),
        (&["1 untagged days>1"], "A stays"),
        // What is not known here, or needs what ECR was not asked for.
        (&["1 any sinceImagePulled>1"], "A unclear"),
        (
            &["1 tagged ^w sinceImagePulled>1", "2 any days>1"],
            "A by 2 in -24 h",
        ),
        (
            &["1 tagged ^v sinceImagePulled>1", "2 any days>1"],
            "A unclear",
        ),
    ] {
        let images = [image("A 2: v1")];
        assert_eq!(outlooks(&policy(rules), &images), expected, "{rules:?}");
    }
}

#[test]
fn an_image_is_in_danger_in_its_last_week_and_at_the_last_two_pushes() {
    let rules = policy(&["7 any days>30"]);
    for (age, expected) in [
        ("22.9", "stays"),
        ("23", "by 7 in 168 h"),
        ("29.5", "by 7 in 12 h"),
        ("30", "by 7 in 0 h"),
        ("400", "by 7 in -8880 h"),
    ] {
        let images = [image(&format!("A {age}: v1"))];
        assert_eq!(outlooks(&rules, &images), format!("A {expected}"), "{age}");
    }
}

#[test]
fn images_of_the_same_moment_count_for_none_of_them() {
    let images = [image("A 3:x"), image("B 3:x"), image("C 1:x")];
    let rules = policy(&["1 any images>1"]);
    assert_eq!(
        outlooks(&rules, &images),
        "A by 1 after 0, B by 1 after 0, C by 1 after 1"
    );
    let rules = policy(&["1 any images>4"]);
    assert_eq!(outlooks(&rules, &images), "A stays, B stays, C stays");
}

#[test]
fn counting_needs_all_images() {
    let only = image("A 3:x");
    let counting = Rules::read(&policy(&["1 any images>1"])).unwrap();
    assert!(counting.depends_on_others(&only));
    assert_eq!(counting.outlook(&only, None, now()), Outlook::Unclear);
    let by_age = Rules::read(&policy(&["1 any days>1"])).unwrap();
    assert!(!by_age.depends_on_others(&only));
    assert_eq!(said(&by_age.outlook(&only, None, now())), "by 1 in -48 h");
}

/// ECR deletes nothing that is a part of a list, as long as that list is there.
#[test]
fn an_untagged_image_that_may_be_a_part_of_a_list_is_not_judged() {
    let rules = Rules::read(&policy(&["1 untagged days>1"])).unwrap();
    let part = image("A 3:");
    let list = Stored {
        is_list: true,
        ..image("B 3: v1")
    };
    let with_lists = [part.clone(), list];
    assert!(rules.depends_on_others(&part));
    assert_eq!(rules.outlook(&part, None, now()), Outlook::Unclear);
    assert_eq!(
        rules.outlook(&part, Some(&with_lists), now()),
        Outlook::Unclear
    );
    let without = [part.clone(), image("B 3: v1")];
    let alone = rules.outlook(&part, Some(&without), now());
    assert_eq!(said(&alone), "by 1 in -48 h");
    let lost_its_tag = Stored {
        is_list: true,
        ..part
    };
    assert!(!rules.depends_on_others(&lost_its_tag));
    let list = rules.outlook(&lost_its_tag, None, now());
    assert_eq!(said(&list), "by 1 in -48 h");
}

#[test]
fn an_image_of_unknown_age_is_not_judged() {
    let ageless = Stored {
        since: None,
        ..image("A 3: v1")
    };
    let rules = Rules::read(&policy(&["1 any days>1"])).unwrap();
    assert_eq!(rules.outlook(&ageless, None, now()), Outlook::Unclear);
}

/// A rule's selection and action, and what becomes of an image of two days tagged `v1`.
#[test]
fn rules_for_the_archive_and_into_it_are_told_apart() {
    let rule = |selection: &str, action: &str| {
        format!(
            r#"{{ "rules": [{{ "rulePriority": 1, "selection": {{ "tagStatus": "any",
            {selection} "countUnit": "days", "countNumber": 1 }}, "action": {action} }}] }}"#
        )
    };
    let pushed = r#""countType": "sinceImagePushed","#;
    let archive = r#"{ "type": "transition", "targetStorageClass": "archive" }"#;
    let expire = r#"{ "type": "expire" }"#;
    let archived = r#""storageClass": "archive", "countType": "sinceImageTransitioned","#;
    let standard = format!(r#""storageClass": "standard", {pushed}"#);
    for (text, expected) in [
        (rule(pushed, expire), Some(Effect::Removes)),
        (rule(&standard, expire), Some(Effect::Removes)),
        (rule(pushed, archive), Some(Effect::Archives)),
        (rule(archived, expire), None),
        (rule(pushed, r#"{ "type": "transition" }"#), None),
        (rule(pushed, r#"{ "type": "notify" }"#), None),
    ] {
        let rules = Rules::read(&text).unwrap();
        let effect = match rules.outlook(&image("A 2: v1"), None, now()) {
            Outlook::Goes(removal) => Some(removal.effect),
            Outlook::Stays | Outlook::Unclear => None,
        };
        assert_eq!(effect, expected, "{text}");
    }
}

#[test]
fn a_policy_that_cannot_be_read_says_nothing() {
    let rule = |selection: &str| {
        format!(
            r#"{{ "rules": [{{ "rulePriority": 1, "selection": {selection}, "action": {{ "type": "expire" }} }}] }}"#
        )
    };
    for text in [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{ "rules": [{}] }"#.to_owned(),
        rule(r#"{ "tagStatus": "signed", "countType": "imageCountMoreThan", "countNumber": 1 }"#),
        rule(r#"{ "tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 1 }"#),
        rule(
            r#"{ "tagStatus": "tagged", "tagPrefixList": [], "countType": "imageCountMoreThan", "countNumber": 1 }"#,
        ),
        rule(
            r#"{ "tagStatus": "tagged", "tagPrefixList": ["a"], "tagPatternList": ["a*"], "countType": "imageCountMoreThan", "countNumber": 1 }"#,
        ),
        rule(r#"{ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": -1 }"#),
    ] {
        assert_eq!(Rules::read(&text), None, "{text}");
    }
    let empty = Rules::read(r#"{ "rules": [] }"#).unwrap();
    let outlook = empty.outlook(&image("A 999: v1"), None, now());
    assert_eq!(outlook, Outlook::Stays);
}

#[test]
fn a_star_stands_for_anything_or_nothing() {
    for (pattern, tag, expected) in [
        ("prod", "prod", true),
        ("prod", "prod1", false),
        ("prod*", "prod", true),
        ("prod*", "prod1", true),
        ("*", "", true),
        ("*-prod", "web-prod", true),
        ("*-prod", "web-prod-1", false),
        ("*test*1*2*3", "a-test-1-1-2-3", true),
        ("*test*1*2*3", "a-test-3-2-1", false),
        ("a*a", "a", false),
        ("a*a", "aa", true),
    ] {
        assert_eq!(fits(pattern, tag), expected, "{pattern} {tag}");
    }
}
