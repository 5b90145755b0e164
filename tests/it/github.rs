//! What is read of GitHub, and what the simulated one answers, held to GitHub's own published description of its API,
//! which `make models` writes down. What is not there is a failure.

use std::path::Path;
use std::sync::LazyLock;

use bytes::Bytes;
use jiff::Timestamp;
use longshore_sim::github::GitHub;
use serde_json::{Value, json};

/// What `sim/local/github.py` found.
static MODEL: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".local/models/github.json");
    let text = std::fs::read_to_string(&path);
    let text =
        text.unwrap_or_else(|error| panic!("{}: {error}; run `make models`", path.display()));
    serde_json::from_str(&text).unwrap()
});

fn operation(rest: &str) -> &'static Value {
    let found = &MODEL["operations"][format!("GET /repos/{{owner}}/{{repo}}{rest}")];
    assert!(found.is_object(), "no operation {rest}");
    found
}

const BRANCH: &str = "/branches/{branch}";
const COMPARE: &str = "/compare/{basehead}";
const RUNS: &str = "/commits/{ref}/check-runs";
const SUITES: &str = "/commits/{ref}/check-suites";
const STATUSES: &str = "/commits/{ref}/statuses";
const COMMIT: &str = "/git/commits/{commit_sha}";
const TAG: &str = "/git/tags/{tag_sha}";
const REF: &str = "/git/ref/{ref}";
const REFS: &str = "/git/matching-refs/{ref}";
const PULL: &str = "/pulls/{pull_number}";

/// What is read and has to be there, or the answer cannot be read. What ends with a question mark may be missing on the
/// way.
const HAS_TO_BE: [(&str, &[&str]); 12] = [
    ("", &["id", "default_branch"]),
    ("/branches", &["[].name"]),
    (
        BRANCH,
        &[
            "name",
            "commit.sha",
            "commit.commit",
            "commit.commit.verification?.verified",
            "commit.commit.verification?.reason",
        ],
    ),
    (REF, &["object.type", "object.sha"]),
    (REFS, &["[].ref", "[].object.sha"]),
    (TAG, &["object.type", "object.sha"]),
    (
        COMMIT,
        &["sha", "verification.verified", "verification.reason"],
    ),
    (
        "/commits",
        &["[].sha", "[].parents[].sha", "[].commit.message"],
    ),
    (
        COMPARE,
        &[
            "status",
            "ahead_by",
            "behind_by",
            "total_commits",
            "commits[].sha",
            "files?[].filename",
        ],
    ),
    (
        RUNS,
        &[
            "total_count",
            "check_runs[].name",
            "check_runs[].head_sha",
            "check_runs[].status",
        ],
    ),
    (
        SUITES,
        &["total_count", "check_suites[].latest_check_runs_count"],
    ),
    (STATUSES, &["[].state", "[].context"]),
];

/// What is read where it is there.
const MAY_BE: [(&str, &[&str]); 8] = [
    (BRANCH, &["commit.commit.verification"]),
    (TAG, &["verification"]),
    ("/commits", &["[].author", "[].commit.author"]),
    (COMPARE, &["files", "files?[].previous_filename"]),
    (
        RUNS,
        &[
            "check_runs[].conclusion",
            "check_runs[].app",
            "check_runs[].started_at",
            "check_runs[].completed_at",
        ],
    ),
    (SUITES, &["check_suites[].status", "check_suites[].app"]),
    (STATUSES, &["[].creator", "[].created_at"]),
    (
        PULL,
        &["user", "mergeable", "merge_commit_sha", "head.repo"],
    ),
];

#[test]
fn what_has_to_be_in_an_answer_is_always_in_it() {
    let mut problems = Vec::new();
    let each = HAS_TO_BE.iter().map(|read| (read, true));
    for ((rest, paths), has_to_be) in each.chain(MAY_BE.iter().map(|read| (read, false))) {
        for path in *paths {
            match always(&operation(rest)["answer"], path) {
                Some(false) if has_to_be => {
                    problems.push(format!("{rest} {path} may be missing or null"));
                }
                Some(_) => {}
                None => problems.push(format!("{rest} {path} is not known")),
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Whether the last member of a path is always there.
fn always(kind: &'static Value, path: &str) -> Option<bool> {
    let (mut kind, mut always) = (kind, true);
    for part in path.split('.') {
        let one = part.trim_end_matches("[]");
        let name = one.trim_end_matches('?');
        if !name.is_empty() {
            let member = MODEL["models"][kind["model"].as_str()?].get(name)?;
            let certain = member["null"] == false && member["missing"] == false;
            always &= certain || one.ends_with('?');
            kind = &member["is"];
        }
        if part.ends_with("[]") {
            kind = kind.get("list")?;
        }
    }
    Some(always)
}

fn ask(github: &mut GitHub, path: &str) -> Value {
    let url = format!("https://api.github.com/repos/acme/webapp{path}");
    let request = http::Request::get(url).header("user-agent", "longshore");
    let answer = github.handle(Timestamp::UNIX_EPOCH, &request.body(Bytes::new()).unwrap());
    assert_eq!(answer.status(), 200, "{path}");
    serde_json::from_slice(answer.body()).unwrap()
}

#[test]
fn the_simulator_answers_as_github_describes_it() {
    let mut github = GitHub::default();
    let repo = github.repo("acme/webapp");
    repo.branch("feature/a", "main");
    let sha = repo.commit("feature/a", "Sell shoes", "maria");
    repo.annotated_tag("v1", &sha, "One");
    repo.sign(&sha, "valid");
    for conclusion in [None, Some("success")] {
        repo.check(&sha, conclusion.unwrap_or("test"), conclusion);
    }
    repo.status(&sha, "acme-ci", "ci/build", "pending");
    repo.changes(&sha, ["src/a.rs"]);
    repo.renames(&sha, "a.md", "b.md");
    repo.pull_request(42, "feature/a", "Sell shoes");
    let tag = ask(&mut github, "/git/ref/tags/v1")["object"]["sha"].clone();
    let tag = tag.as_str().unwrap();
    let of_commit = |what: &str| format!("/commits/{sha}/{what}&per_page=100&page=1");
    let mut problems = Vec::new();
    for (rest, path) in [
        ("", String::new()),
        ("/branches", "/branches?per_page=100".to_owned()),
        (BRANCH, "/branches/feature%2Fa".to_owned()),
        (REF, "/git/ref/heads/main".to_owned()),
        (REFS, "/git/matching-refs/heads/feature/".to_owned()),
        (TAG, format!("/git/tags/{tag}")),
        (COMMIT, format!("/git/commits/{sha}")),
        ("/commits", format!("/commits?sha={sha}&per_page=100")),
        (
            COMPARE,
            "/compare/main...feature/a?per_page=1&page=1".to_owned(),
        ),
        (RUNS, of_commit("check-runs?filter=latest&check_name=test")),
        (SUITES, of_commit("check-suites?")),
        (STATUSES, of_commit("statuses?")),
        (PULL, "/pulls/42".to_owned()),
    ] {
        let described = operation(rest);
        let query = path.split_once('?').map_or("", |(_, query)| query);
        for parameter in query.split('&').filter(|one| !one.is_empty()) {
            let name = parameter.split('=').next().unwrap();
            let mut known = described["query"].as_array().unwrap().iter();
            if !known.any(|known| known == name) {
                problems.push(format!("{rest}: no parameter {name}"));
            }
        }
        let answer = ask(&mut github, &path);
        check(&described["answer"], &answer, rest, &mut problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_description_finds_fault() {
    let answer = &operation(BRANCH)["answer"];
    for wrong in [
        json!({"nme": "main"}),
        json!({"name": 1}),
        json!({"name": null}),
        json!({"commit": {"commit": {"verification": {"verified": "yes"}}}}),
        json!([]),
    ] {
        let mut problems = Vec::new();
        check(answer, &wrong, "", &mut problems);
        assert_eq!(problems.len(), 1, "{wrong}: {problems:?}");
    }
    assert_eq!(always(answer, "commit.commit.verification"), Some(false));
    assert_eq!(always(answer, "commit.sha"), Some(true));
    assert_eq!(always(answer, "commit.shas"), None);
}

/// What is wrong with a value of that kind. The simulator leaves out what nobody reads.
fn check(kind: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let model = kind["model"].as_str();
    let fits = match (kind.as_str(), kind["one_of"].as_array(), value) {
        (Some("any"), _, _)
        | (Some("text"), _, Value::String(_))
        | (Some("number"), _, Value::Number(_))
        | (Some("bool"), _, Value::Bool(_)) => true,
        (Some("time"), _, Value::String(text)) => text.parse::<Timestamp>().is_ok(),
        (None, Some(words), word) => words.contains(word),
        (None, None, Value::Array(items)) if model.is_none() => {
            for item in items {
                check(&kind["list"], item, &format!("{at}[]"), problems);
            }
            true
        }
        (None, None, Value::Object(members)) if let Some(model) = model => {
            for (name, value) in members {
                check_member(model, name, value, &format!("{at}.{name}"), problems);
            }
            true
        }
        _ => false,
    };
    if !fits {
        problems.push(format!("{at}: {value} is not {kind}"));
    }
}

fn check_member(model: &str, name: &str, value: &Value, at: &str, problems: &mut Vec<String>) {
    match MODEL["models"][model].get(name) {
        None => problems.push(format!("{at} is no member of {model}")),
        Some(member) if value.is_null() && member["null"] == false => {
            problems.push(format!("{at} is never null"));
        }
        Some(_) if value.is_null() => {}
        Some(member) => check(&member["is"], value, at, problems),
    }
}
