//! Commands as they are typed: the vocabulary that the tests have, and how they read a line.

mod chance;
mod read;
mod refused;

use super::*;

fn app(name: &str) -> AppName {
    name.parse().unwrap()
}

fn env(name: &str) -> EnvName {
    name.parse().unwrap()
}

fn here() -> Vocabulary {
    let images = ["nginx", "Log_Router"].map(|name| name.parse().unwrap());
    Vocabulary::new()
        .with_images(&app("webapp"), &images)
        .with_application(&app("webapp"), ["web"])
        .with_application(&app("cms"), ["content"])
        .with_places(&app("cms"), [&env("staging"), &env("production")])
        .with_places(
            &app("webapp"),
            [&env("staging"), &env("beta"), &env("production")],
        )
        .with_services(&app("webapp"), &env("staging"), ["webapp"])
        .with_services(&app("cms"), &env("staging"), ["cms-api", "cms-worker"])
        .with_services(&app("cms"), &env("production"), ["cms-api", "cms-worker"])
        .with_repository(&app("webapp"), "acme/webapp")
        .with_repository(&app("cms"), "acme/cms")
        .with_environment(&env("staging"), ["stg"])
        .with_environment(&env("beta"), [])
        .with_environment(&env("production"), ["prod"])
}

/// The command that `text` means, in its plainest form.
fn reads(text: &str) -> String {
    match Command::parse(text, &here()) {
        Ok(command) => command.to_string(),
        Err(misunderstood) => panic!("{text:?}: {misunderstood}"),
    }
}

fn refused(text: &str) -> Misunderstood {
    match Command::parse(text, &here()) {
        Ok(command) => panic!("{text:?} was read as {command}"),
        Err(misunderstood) => misunderstood,
    }
}

/// The line that is suggested for `text`.
fn line(text: &str) -> String {
    refused(text).line().command().to_string()
}

/// What is wrong with each text, and the line for it.
fn answers(texts: &[&str]) -> String {
    let answer = |text: &&str| {
        let refused = refused(text);
        let how = match refused.line() {
            Suggestion::Meant(_) => "meant",
            Suggestion::Instance(_) => "for instance",
            Suggestion::Look(_) => "to look first",
        };
        let line = refused.line().command();
        format!("{text}\n  {:?}\n  {how}: {line}", refused.problem())
    };
    let answers: Vec<String> = texts.iter().map(answer).collect();
    answers.join("\n")
}
