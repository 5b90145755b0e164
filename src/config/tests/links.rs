//! The pages of an application's own: what is taken, what is refused and where it is said to stand.

use super::*;

const CMS: &str = "containers   = [\"app\"]\n";

/// The good example, whose application of two services has these links in its line 38.
fn with(links: &str) -> Result<Checked, Invalid> {
    compile(&GOOD.replacen(CMS, &format!("{CMS}links = {links}\n"), 1))
}

fn urls(links: &str, environment: &str) -> Vec<(String, String)> {
    let config = with(links).unwrap().config;
    let target = config.target(&app("cms"), &env(environment)).unwrap();
    let links = target.links.into_iter();
    links.map(|link| (link.name, link.url)).collect()
}

#[test]
fn the_names_of_each_place_are_filled_in() {
    let links = r#"{ dashboard = "https://grafana.example.com/d/{app}?var-env={env}&var-cluster={cluster}", "run book" = "https://wiki.example.com/r#x" }"#;
    for environment in ["staging", "production"] {
        let grafana = format!(
            "https://grafana.example.com/d/cms?var-env={environment}&var-cluster={environment}"
        );
        let wiki = "https://wiki.example.com/r#x".to_owned();
        let expected = vec![
            ("dashboard".to_owned(), grafana),
            ("run book".to_owned(), wiki),
        ];
        assert_eq!(urls(links, environment), expected);
    }
    let one = GOOD.replacen(
        "base         = \"head\"\n",
        "base = \"head\"\nlinks = { tasks = \"https://t.example.com/{service}\" }\n",
        1,
    );
    let target = compile(&one).unwrap().config;
    let target = target.target(&app("webapp"), &env("staging")).unwrap();
    assert_eq!(target.links[0].url, "https://t.example.com/webapp-staging");
}

#[test]
fn a_link_changes_the_configuration_and_nobodys_policy() {
    let config = with(r#"{ dashboard = "https://d.example.com/" }"#)
        .unwrap()
        .config;
    let hash = |config: &Config| config.policy_hash(&app("cms"), &env("staging"));
    assert_eq!(hash(&config), hash(&good()));
    assert_ne!(config.sha256().unwrap(), good().sha256().unwrap());
    let again = Config::parse(&config.canonical().unwrap()).unwrap();
    assert_eq!(again, config);
}

#[test]
fn what_slack_would_not_link_or_nobody_could_read_is_refused_where_it_stands() {
    let long = format!(r#"{{ a = "https://a.example.com/{}" }}"#, "x".repeat(480));
    let filled = format!(
        r#"{{ a = "https://a.example.com/{}{{env}}" }}"#,
        "x".repeat(470)
    );
    let many = (0..6).map(|n| format!("l{n} = \"https://a.example.com/\""));
    let many = format!("{{ {} }}", many.collect::<Vec<_>>().join(", "));
    let name = "x".repeat(31);
    let name = format!(r#"{{ {name} = "https://a.example.com/" }}"#);
    let url = "an https URL of at most 500 visible ASCII characters, without a user name in it";
    let label = "a link's name is 1 to 30 letters, digits, spaces and - _ . / & +";
    for (links, key, rule) in [
        (r#"{ a = "http://a.example.com/" }"#, "a", url),
        (r#"{ a = "javascript:alert(1)" }"#, "a", url),
        (r#"{ a = "https://" }"#, "a", url),
        (r#"{ a = "https:///path" }"#, "a", url),
        (r#"{ a = "https://:443/" }"#, "a", url),
        (r#"{ a = "https://ann:secret@a.example.com/" }"#, "a", url),
        (r#"{ a = "https://a.example.com\\@b/" }"#, "a", ""),
        (r#"{ a = "https://a.example.com/ b" }"#, "a", url),
        (r#"{ a = "https://a.example.com/é" }"#, "a", url),
        (r#"{ a = "https://a.example.com/|x" }"#, "a", url),
        (r#"{ a = "https://a.example.com/<!here>" }"#, "a", url),
        (r#"{ a = "https://a.example.com/`" }"#, "a", url),
        (&long, "a", url),
        (
            &filled,
            "a",
            "is longer than 500 characters with the names of production filled in; shorten it",
        ),
        (
            r#"{ a = "https://a.example.com/{name}" }"#,
            "a",
            "the placeholders here are {app}, {env}, {cluster}, {service}",
        ),
        (
            r#"{ a = "https://a.example.com/{service}" }"#,
            "a",
            "{service} is one of 2 services in staging; write the one that is meant",
        ),
        (r#"{ "" = "https://a.example.com/" }"#, "", label),
        (r#"{ " a" = "https://a.example.com/" }"#, " a", label),
        (r#"{ "*a*" = "https://a.example.com/" }"#, "*a*", label),
        (r#"{ ":x:" = "https://a.example.com/" }"#, ":x:", label),
        (
            r#"{ "<!here>" = "https://a.example.com/" }"#,
            "<!here>",
            label,
        ),
        (&name, "", label),
        (&many, "l5", "is one too many; keep 5 links at most"),
        ("{ a = 1 }", "a", "must be a string in double quotes"),
        (
            "\"https://a.example.com\"",
            "",
            "must be a table, but is a string",
        ),
    ] {
        if rule.is_empty() {
            // A backslash ends the host, as browsers read it.
            assert!(with(links).is_ok(), "{links}");
            continue;
        }
        let said = with(links).unwrap_err().to_string();
        let place = format!("longshore.toml:38: applications.cms.links.{key}");
        let place = place.trim_end_matches('.');
        assert!(
            said.starts_with(place) && said.contains(rule),
            "{links}:\n{said}"
        );
    }
}
