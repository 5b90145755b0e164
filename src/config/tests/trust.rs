//! `ci.NAME.token`: which tokens are a pipeline's word.

use super::*;

const PIPELINE: &str = r#"
[ci.actions]
applications = ["cms"]
environments = ["staging"]
may          = ["deploy"]

[ci.actions.token]
"#;
const GITHUB: &str = r#"issuer = "https://token.actions.githubusercontent.com"
audience = "longshore-acme"
repository_id = "74"
"#;

fn with(token: &str) -> Result<Config, String> {
    let text = format!("{GOOD}{PIPELINE}{token}");
    let compiled = compile(&text).map_err(|invalid| invalid.to_string())?;
    Ok(compiled.config)
}

fn trust(token: &str) -> TokenTrust {
    let config = with(token).unwrap();
    let name = "actions".parse().unwrap();
    let entry = config.pipeline(&name).unwrap();
    let json = config.canonical().unwrap();
    assert_eq!(Config::parse(&json).unwrap(), config);
    entry.token.clone().unwrap()
}

#[test]
fn what_starts_a_run_that_nobody_from_outside_can_start_is_taken_unless_more_is_said() {
    let github = trust(GITHUB);
    assert_eq!(github.of, TokenOf::Repository("74".to_owned()));
    let events: Vec<_> = github.events.iter().map(String::as_str).collect();
    assert_eq!(events, ["push", "release", "workflow_dispatch"]);
    let gitlab = trust(
        "issuer = \"https://gitlab.com\"\naudience = \"longshore\"\nproject_id = \"20\"\nenvironment = \"staging\"\n",
    );
    assert_eq!(gitlab.of, TokenOf::Project("20".to_owned()));
    let events: Vec<_> = gitlab.events.iter().map(String::as_str).collect();
    assert_eq!(events, ["push", "web"]);
    assert_eq!(gitlab.environment.as_deref(), Some("staging"));
    let more = trust(&format!("{GITHUB}events = [\"schedule\"]\n"));
    assert_eq!(more.events.len(), 1);
}

/// Hosts of one's own, an enterprise's path, and GitHub's with a server's.
#[test]
fn an_issuer_is_what_its_tokens_name() {
    for good in [
        "https://gitlab.com",
        "https://gitlab.example.com",
        "https://token.actions.githubusercontent.com/octo-enterprise",
        "https://github.example.com/_services/token",
    ] {
        assert!(good.parse::<Issuer>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "gitlab.com",
        "http://gitlab.com",
        "https://gitlab.com/",
        "https://gitlab.com//a",
        "https://gitlab.com/../a",
        "https://gitlab.com?a=b",
        "https://gitlab.com#a",
        "https://ada@gitlab.com",
        "https://gitlab.com:8443",
        "https://localhost",
        "https://.com",
        "https://gitlab.com ",
    ] {
        assert!(bad.parse::<Issuer>().is_err(), "{bad}");
    }
}

#[test]
fn what_would_trust_too_much_is_refused() {
    let rest = |key: &str| {
        let lines = GITHUB.lines().filter(|line| !line.starts_with(key));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let mut said = Vec::new();
    for token in [
        String::new(),
        format!("{}issuer = \"http://gitlab.com\"\n", rest("issuer")),
        format!(
            "{}audience = \"https://github.com/acme\"\n",
            rest("audience")
        ),
        format!("{}audience = \"sts.amazonaws.com\"\n", rest("audience")),
        format!(
            "{}audience = \"https://token.actions.githubusercontent.com/acme\"\n",
            rest("audience")
        ),
        format!("{}repository_id = \"acme/cms\"\n", rest("repository_id")),
        format!("{GITHUB}project_id = \"20\"\n"),
        format!("{GITHUB}events = []\n"),
        format!("{GITHUB}events = [\"push\", \"pull_request_target\"]\n"),
        format!("{GITHUB}events = [\"Push!\"]\n"),
        format!("{GITHUB}environment = \" \"\n"),
        format!("{GITHUB}ref = \"refs/heads/main\"\n"),
    ] {
        let problems = with(&token).unwrap_err();
        said.push(
            problems
                .lines()
                .map(str::trim)
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    insta::assert_snapshot!(said.join("\n\n"), @r#"
    longshore.toml:51: ci.actions.token: has no "issuer"; write who issues the tokens, such as "https://token.actions.githubusercontent.com"
    longshore.toml:51: ci.actions.token: has no "audience"; choose a name that nobody else asks for, such as "longshore-acme"; the job asks for a token with it
    longshore.toml:51: ci.actions.token: has no "repository_id"; write the number of the repository (GitHub), or "project_id" (GitLab): names are given to others once they are free

    longshore.toml:54: ci.actions.token.issuer: "http://gitlab.com" will not do: an issuer is written as its tokens name it, such as "https://token.actions.githubusercontent.com" or "https://gitlab.com"

    longshore.toml:54: ci.actions.token.audience: "https://github.com/acme" will not do: tokens for that audience are made for others too; choose a name of your own, such as "longshore-acme"

    longshore.toml:54: ci.actions.token.audience: "sts.amazonaws.com" will not do: tokens for that audience are made for others too; choose a name of your own, such as "longshore-acme"

    longshore.toml:54: ci.actions.token.audience: is of the issuer's own host, as that of tokens is for which nobody asks; choose a name of your own, such as "longshore-acme"

    longshore.toml:54: ci.actions.token.repository_id: is a number in quotes, such as "424242": `gh api repos/OWNER/NAME --jq .id`, or the project's page at GitLab

    longshore.toml:55: ci.actions.token.project_id: stands beside "repository_id"; keep the one that the tokens have

    longshore.toml:55: ci.actions.token.events: names no event, so that no token would be taken; leave it out for the usual ones

    longshore.toml:55: ci.actions.token.events: "pull_request_target" starts runs in which strangers have a say; keep to "push", "release" and "workflow_dispatch"

    longshore.toml:55: ci.actions.token.events: "Push!" is no event; write it as the tokens do, such as "push"

    longshore.toml:55: ci.actions.token.environment: is written as the tokens have it, and is compared to the letter

    longshore.toml:55: ci.actions.token.ref: unknown key, remove it; known here: audience, environment, events, issuer, project_id, repository_id, workflow
    "#);
}
