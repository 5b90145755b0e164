//! `longshore push`: a configuration on its way into the table.

use super::*;

#[tokio::test(start_paused = true)]
async fn push_stores_a_version_that_can_be_read_again() {
    let world = world();
    let folder = Folder::new("push", &[("longshore.toml", CONFIG)]);
    let said = longshore(&world, &["push", folder.path()]).await;
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let stored = store(&world).configuration().await.unwrap().unwrap();
    let config = Config::parse(&stored.body).unwrap();
    assert_eq!(config.sha256().unwrap(), stored.sha256);
    assert_eq!(said.out, format!("version 1, sha256 {}\n", stored.sha256));
    assert!(
        said.err
            .ends_with("pushing to longshore-table as arn:aws:iam::111111111111:user/dana\n")
    );

    let said = longshore(&world, &["push", folder.path()]).await;
    assert_eq!(said.out, format!("version 1, sha256 {}\n", stored.sha256));
    assert!(
        said.err
            .ends_with("it is current already; nothing was stored\n")
    );

    let changed = Folder::new(
        "changed",
        &[("longshore.toml", &CONFIG.replace("stg", "test"))],
    );
    let said = longshore(&world, &["push", changed.path()]).await;
    assert!(said.out.starts_with("version 2, sha256 "));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_or_a_bad_configuration_stores_nothing() {
    let world = world();
    let folder = Folder::new("dry", &[("longshore.toml", CONFIG)]);
    let said = longshore(&world, &["push", "--dry-run", folder.path()]).await;
    assert_eq!(said.exit, Exit::Done);
    assert!(said.out.contains("sha256 ") && said.err.ends_with("nothing was stored\n"));
    let bad = Folder::new(
        "bad",
        &[("longshore.toml", &CONFIG.replace("T0001", "C0001"))],
    );
    let said = longshore(&world, &["push", bad.path()]).await;
    assert_eq!(said.exit, Exit::Refused);
    assert_eq!(store(&world).configuration().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn what_nothing_is_judged_by_is_not_pushed() {
    let world = world();
    let key = "[environments.production]\napprove = { by = [\"U024BE7LH\"] }\n";
    let config = CONFIG.replace("[environments.production]\n", key);
    let folder = Folder::new("later", &[("longshore.toml", &config)]);
    for arguments in [&["push"][..], &["push", "--dry-run"]] {
        let said = longshore(&world, &[arguments, &[folder.path()]].concat()).await;
        assert_eq!(said.exit, Exit::Refused);
        assert_eq!(said.out, "");
        let last = said.err.lines().last().unwrap();
        assert!(last.ends_with(" has keys that this version judges nothing by; take them out until one does. Nothing was stored"), "{last}");
    }
    assert_eq!(store(&world).configuration().await.unwrap(), None);
}

/// A configuration of so many applications, as a generator would write it.
fn applications(count: usize) -> String {
    let (head, _) = CONFIG.split_once("[applications.cms]").unwrap();
    let team = |n: usize| format!("team-{:02}", n % 40);
    let one = |n: usize| {
        format!(
            "[applications.service-{n:05}]\ntitle = \"Service number {n}\"\nteam = \"{}\"\n\
             environments = [\"staging\", \"production\"]\n\
             source = {{ repository = \"acme/service-{n:05}\", image = \"acme/service-{n:05}\" }}\n\
             services = [\"service-{n:05}-{{env}}-web\", \"service-{n:05}-{{env}}-worker\"]\n\
             roles = [\"service-{n:05}-execution\", \"service-{n:05}-task\"]\n",
            team(n)
        )
    };
    let teams = (0..40).map(|n| format!("[teams.{}]\nmembers = [\"U0ADA{n:04}\"]\n", team(n)));
    let teams: String = teams.collect();
    let applications: String = (0..count).map(one).collect();
    let head = head.replace("request  =", "scope = \"cluster\"\nrequest  =");
    let head = head.replace("confirm =", "scope = \"cluster\"\nconfirm =");
    format!("{head}{teams}{applications}")
}

#[tokio::test(start_paused = true)]
async fn a_configuration_of_thousands_of_applications_is_one_item_and_one_read() {
    for (count, larger_than) in [(300, 150_000), (1_000, 500_000)] {
        let world = world();
        let folder = Folder::new("large", &[("longshore.toml", &applications(count))]);
        let said = longshore(&world, &["check", folder.path()]).await;
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        let size = said.out.lines().find(|line| line.starts_with("size "));
        let said = longshore(&world, &["push", folder.path()]).await;
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        let before = world.state().calls.len();
        let settings = crate::settings::Settings::default();
        let loaded = settings.current(&store(&world), world.now()).await.unwrap();
        // The configuration, and beside it what else rights are judged by, neither waiting for the other.
        assert_eq!(world.state().calls.len(), before + 2, "one round trip");
        assert_eq!(loaded.config.applications().count(), count);
        let canonical = loaded.config.canonical().unwrap();
        assert!(canonical.len() > larger_than, "{}", canonical.len());
        let stored = Packed::of(&canonical).unwrap().bytes().len();
        let expected = format!(
            "size {} bytes, stored in {stored} of 405504",
            canonical.len()
        );
        assert_eq!(size, Some(expected.as_str()));
    }
}

/// Both items, the version and the current one, are as large as they may be.
#[tokio::test(start_paused = true)]
async fn the_largest_configuration_that_check_takes_is_one_that_dynamodb_takes() {
    fastrand::seed(13);
    let digits = std::iter::repeat_with(|| char::from(b"0123456789abcdef"[fastrand::usize(..16)]));
    let noise: String = digits.take(1_000_000).collect();
    let lengths: Vec<usize> = (0..noise.len()).collect();
    let end = lengths.partition_point(|length| Packed::of(&noise[..*length]).is_ok()) - 1;
    let largest = Packed::of(&noise[..end]).unwrap();
    assert!(largest.bytes().len() > MOST_STORED - 8);
    let world = world();
    // A role's session: path, role and name at their longest.
    let arn = format!(
        "arn:aws-us-gov:sts::111111111111:assumed-role/{}",
        "r".repeat(640)
    );
    let by = Actor::Operator { arn, name: None };
    let sha256 = "a".repeat(64);
    let table = store(&world);
    let pushed = table.put_configuration(&largest, &sha256, &by, world.now());
    assert_eq!(pushed.await.unwrap(), PushOutcome::Pushed(1));
    let stored = store(&world).configuration().await.unwrap().unwrap();
    assert_eq!(stored.body, noise[..end]);
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_does_not_fit_is_refused_before_anything_is_sent() {
    fastrand::seed(11);
    let noise = || -> String {
        let letters = std::iter::repeat_with(fastrand::alphanumeric);
        letters.take(250).collect()
    };
    let same = || "a".repeat(250);
    for (count, name, why) in [
        (3_000, &noise as &dyn Fn() -> String, "bytes compressed"),
        (20_000, &same, "bytes of JSON"),
    ] {
        let groups: Vec<String> = (0..count).map(|_| format!("\"{}\"", name())).collect();
        let groups = format!("log_groups   = [{}]", groups.join(", "));
        let text = CONFIG.replace("log_groups   = [\"/acme/{env}/{app}\"]", &groups);
        let text = text.replace("evidence = \"logs\"", "");
        let folder = Folder::new("too-large", &[("longshore.toml", &text)]);
        for command in [&["check"][..], &["push"], &["push", "--dry-run"]] {
            let world = world();
            let said = longshore(&world, &[command, &[folder.path()]].concat()).await;
            assert_eq!(said.exit, Exit::Refused);
            let words = said.err.lines().last().unwrap();
            assert!(
                words.contains(why) && words.contains("divide it"),
                "{words}"
            );
            assert_eq!(said.out, "");
            assert!(world.state().calls.is_empty(), "{command:?}");
        }
    }
}
