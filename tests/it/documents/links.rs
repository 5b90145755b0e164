//! What the documents point to: files, headings of each other, make targets, the local world's routes.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{DEVELOPMENT, DOCUMENTS, README, headings, part, prose, root, rust, same, spans, text};

/// The targets of a document's links.
fn links(document: &str) -> Vec<String> {
    let prose = prose(document);
    let after = prose.split("](").skip(1);
    after
        .map(|rest| rest.split(')').next().unwrap().to_owned())
        .collect()
}

/// A heading as hosts of repositories make an anchor of it.
fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower
        .chars()
        .filter(|mark| mark.is_alphanumeric() || " -_".contains(*mark));
    kept.map(|mark| if mark == ' ' { '-' } else { mark })
        .collect()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => assert!(plain.pop(), "{} leaves the checkout", path.display()),
            Component::CurDir => {}
            one => plain.push(one),
        }
    }
    plain
}

#[test]
fn every_link_leads_somewhere() {
    let mut followed = 0;
    for document in DOCUMENTS {
        for link in links(&text(document)) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(document).parent().unwrap();
            let target = match file {
                "" => PathBuf::from(document),
                file => plain(&folder.join(file)),
            };
            assert!(root().join(&target).exists(), "{document}: {link}");
            if !heading.is_empty() {
                let target = text(target.to_str().unwrap());
                let anchors: BTreeSet<String> =
                    headings(&target).iter().map(|one| anchor(one)).collect();
                assert!(
                    anchors.contains(heading),
                    "{document}: {link}; there are {anchors:?}"
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 40, "{followed} links");
}

/// What is written like a file of the checkout is one.
#[test]
fn every_file_that_is_named_is_there() {
    let mut named = 0;
    for document in DOCUMENTS.into_iter().filter(|one| *one != "CHANGELOG.md") {
        let text = text(document);
        let layout = text
            .lines()
            .filter_map(|line| line.split_once("  ").map(|(word, _)| word));
        let running = prose(&text);
        for word in spans(&running).chain(layout) {
            let ours = [
                "src/", "sim/", "tests/", "events/", "docs/", ".ci/", ".github/",
            ];
            if ours.iter().any(|folder| word.starts_with(folder)) && !word.contains(['*', ' ']) {
                assert!(root().join(word).exists(), "{document} names {word}");
                named += 1;
            }
        }
    }
    assert!(named > 15, "{named} files");
}

/// The recipes name modules, wherever those lie below `src/`.
#[test]
fn every_module_of_the_recipes_is_there() {
    let document = text(DEVELOPMENT);
    let (_, recipes) = document.split_once("\n## Recipes\n").unwrap();
    let modules: BTreeSet<String> = rust("src")
        .into_iter()
        .flat_map(|(path, _)| {
            let path = path
                .strip_prefix(root().join("src"))
                .unwrap()
                .with_extension("");
            let names = path
                .components()
                .map(|one| one.as_os_str().to_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        })
        .collect();
    let mut named = 0;
    for span in spans(recipes) {
        let elsewhere = ["sim/", "tests/", "docs/", "src/"];
        if span == "/"
            || !span.ends_with('/')
            || elsewhere.iter().any(|folder| span.starts_with(folder))
        {
            continue;
        }
        for name in span.trim_end_matches('/').split('/') {
            assert!(
                modules.contains(name),
                "{DEVELOPMENT}: there is no module {span}"
            );
        }
        named += 1;
    }
    assert!(named > 20, "{named} modules");
}

/// The targets that `make` lists.
fn targets() -> BTreeSet<String> {
    let makefile = text("Makefile");
    let lines = makefile
        .lines()
        .filter(|line| line.contains("## ") && !line.starts_with(['\t', '#']));
    lines
        .filter_map(|line| line.split_once(':').map(|(name, _)| name.to_owned()))
        .collect()
}

/// The targets that a document tells people to make.
fn made(document: &str) -> Vec<String> {
    let text = text(document);
    let inline = prose(&text);
    let fenced = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("make "));
    spans(&inline)
        .filter(|span| span.starts_with("make "))
        .chain(fenced)
        .filter_map(|command| command.split_whitespace().nth(1).map(str::to_owned))
        .collect()
}

#[test]
fn every_target_that_is_named_can_be_made_and_every_target_is_named() {
    let mut there = targets();
    assert!(there.remove("help"));
    let mut named = BTreeSet::new();
    for document in DOCUMENTS {
        for target in made(document) {
            match target.strip_prefix("invoke-") {
                Some("NAME") => {}
                Some(event) => assert!(
                    root().join(format!("events/{event}.json")).exists(),
                    "{event}"
                ),
                None => {
                    assert!(there.contains(&target), "{document}: make {target}");
                }
            }
            if document == DEVELOPMENT {
                named.insert(target);
            }
        }
    }
    let readme = made(README)
        .into_iter()
        .filter(|target| there.contains(target));
    named.extend(readme);
    named.retain(|target| !target.starts_with("invoke-"));
    there.retain(|target| !target.starts_with("$("));
    same("make's targets", &named, &there);
}

/// The gate runs what the README tells people to try.
#[test]
fn the_gate_runs_the_readmes_own_commands() {
    let gate = text(".ci/run");
    let readme = text(README);
    let (_, section) = readme.split_once("\n## Try it\n").unwrap();
    let block = section
        .split("```sh\n")
        .nth(1)
        .unwrap()
        .split("\n```")
        .next()
        .unwrap();
    let mut commands = 0;
    for line in block.lines() {
        let target = line
            .strip_prefix("make ")
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap();
        let step = gate
            .lines()
            .any(|line| line.starts_with(&format!("step {target}")));
        assert!(step, ".ci/run does not make {target}");
        commands += 1;
    }
    assert_eq!(commands, 2);
}

#[test]
fn the_local_world_has_what_the_examples_ask_for() {
    let development = text(DEVELOPMENT);
    let control = text("sim/src/control.rs");
    let mut routes = 0;
    for rest in development.split("/_sim/").skip(1) {
        let name = rest.split('"').next().unwrap();
        assert!(
            control.contains(&format!("\"/_sim/{name}\"")),
            "/_sim/{name}"
        );
        routes += 1;
    }
    assert!(routes > 3);
    let stack = text("sim/local/stack.py");
    let (_, local) = development.split_once("\n## The local world\n").unwrap();
    let local = local.split("\n## ").next().unwrap();
    let mut variables = 0;
    for rest in local.split('$').skip(1) {
        let name: String = rest
            .chars()
            .take_while(|mark| mark.is_ascii_uppercase() || *mark == '_')
            .collect();
        let of_an_account = name
            .strip_suffix("_DEV")
            .map(|stem| format!("{stem}_{{name.upper()}}"));
        let there = stack.contains(&format!("\"{name}\""))
            || of_an_account.is_some_and(|one| stack.contains(&one));
        assert!(there, ".local/env has no {name}");
        variables += 1;
    }
    assert!(variables > 3);
    // Parts whose markers are broken would be held to nothing.
    assert!(part(&text(README), "commands").contains("/deploy"));
}
