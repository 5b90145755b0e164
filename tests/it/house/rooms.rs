//! Which room of the house needs which: read from the paths that the code names, also where several stand
//! in one `use`. Dependencies point one way.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, none, sources};

/// The rooms that the public function does without: whatever has a right on ECS, or takes longer than a reply.
const NOT_FOR_SLASH: [&str; 5] = ["aws::ecs", "aws::ecr", "aws::sts", "github", "waiter"];

/// Every path below `crate::` that a text names, its parts joined by `::`.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '$') {
            read(&code[at + "crate::".len()..], "", &mut found);
        }
    }
    found
}

/// Reads one path, or a list of them in braces; what is left of the text after it.
fn read<'c>(code: &'c str, before: &str, found: &mut Vec<String>) -> &'c str {
    let code = code.trim_start();
    if let Some(mut list) = code.strip_prefix('{') {
        loop {
            list = list.trim_start_matches([' ', '\n', ',']);
            match list.strip_prefix('}') {
                Some(rest) => return rest,
                None if list.is_empty() => return list,
                None => {
                    list = read(list, before, found);
                    let end = list.find([',', '}']).unwrap_or(list.len());
                    list = &list[end..];
                }
            }
        }
    }
    let end = code
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    let path = match before {
        "" => name.to_owned(),
        before => format!("{before}::{name}"),
    };
    match rest.strip_prefix("::") {
        Some(rest) => read(rest, &path, found),
        None => {
            found.push(path);
            rest
        }
    }
}

/// The code of a file without comments and without what only its tests import.
fn code(source: &Source) -> String {
    let mut lines = Vec::new();
    let mut only_tests = false;
    for (_, line) in source.lines() {
        if !only_tests {
            lines.push(line);
        }
        only_tests = line.trim() == "#[cfg(test)]";
    }
    lines.join("\n")
}

/// The room that a file is of, below a folder.
fn room<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let below = path.strip_prefix(folder)?.strip_prefix('/')?;
    let first = below.split('/').next()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "bin"].contains(&room)).then_some(room)
}

/// Which room below a folder needs which, each with a file that shows it.
fn needs(folder: &str, prefix: &str) -> BTreeMap<(String, String), String> {
    let sources = sources(folder);
    let rooms: BTreeSet<&str> = sources
        .iter()
        .filter_map(|source| room(&source.path, folder))
        .collect();
    let mut needs = BTreeMap::new();
    for source in &sources {
        let Some(own) = room(&source.path, folder) else {
            continue;
        };
        let mut code = code(source);
        // What a room itself calls `super` is what lies beside it.
        if source.path == format!("{folder}/{own}.rs") {
            code = code.replace("super::", &format!("crate::{prefix}"));
        }
        for path in paths(&code) {
            let other = path.strip_prefix(prefix).unwrap_or_default();
            let other = other.split("::").next().unwrap_or_default();
            if other != own && rooms.contains(other) {
                needs.insert((own.to_owned(), other.to_owned()), source.path.clone());
            }
        }
    }
    needs
}

/// Takes away, again and again, what needs nothing that is left; what stays stands in circles.
fn circles(needs: &BTreeMap<(String, String), String>) -> Vec<String> {
    let mut left = needs.clone();
    loop {
        let begin: BTreeSet<String> = left.keys().map(|(from, _)| from.clone()).collect();
        let before = left.len();
        left.retain(|(_, to), _| begin.contains(to));
        if left.len() == before {
            break;
        }
    }
    let words = left.into_iter();
    words
        .map(|((from, to), file)| format!("{from} → {to} ({file})"))
        .collect()
}

#[test]
fn no_two_rooms_need_each_other() {
    for (folder, prefix, least) in [("src", "", 25), ("src/waiter", "waiter::", 15)] {
        let needs = needs(folder, prefix);
        let rooms: BTreeSet<_> = needs.keys().map(|(from, _)| from).collect();
        assert!(rooms.len() >= least, "the rooms of {folder} have moved");
        none(
            &circles(&needs),
            &format!("dependencies in {folder} point one way"),
        );
    }
}

#[test]
fn the_public_function_knows_nothing_of_ecs_ecr_sts_and_github() {
    let mut found = Vec::new();
    let mut seen = 0;
    for source in sources("src") {
        if !matches!(room(&source.path, "src"), Some("slash" | "ci")) {
            continue;
        }
        seen += 1;
        for path in paths(&code(&source)) {
            let is = |other: &&str| path == **other || path.starts_with(&format!("{other}::"));
            if NOT_FOR_SLASH.iter().any(is) {
                found.push(format!("{}: {path}", source.path));
            }
        }
    }
    assert!(seen > 5, "the public function has moved");
    none(&found, "the public function hands such work on");
}

#[test]
fn paths_are_read_wherever_they_stand() {
    let code = "use crate::{aws::{self, ecs::EcsTarget}, card, reply::{a, b as c}};\nlet x = crate::past::of(&y); pub(crate) fn z() {}";
    let read = paths(code);
    for path in [
        "aws::self",
        "aws::ecs::EcsTarget",
        "card",
        "reply::a",
        "reply::b",
        "past::of",
    ] {
        assert!(read.iter().any(|one| one == path), "{path}: {read:?}");
    }
    let needs = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(from, to)| (((*from).to_owned(), (*to).to_owned()), String::new()))
            .collect()
    };
    assert_eq!(circles(&needs(&[("a", "b"), ("b", "c")])), [""; 0]);
    let two = circles(&needs(&[("a", "b"), ("b", "a"), ("b", "c")]));
    assert_eq!(two.len(), 2);
}

/// Types at the top of their files, whoever may name them.
#[test]
fn one_name_has_one_meaning() {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources("src") {
        for (_, line) in source.lines() {
            let all = ["pub ", "pub(crate) ", "pub(super) "];
            let rest = all.iter().find_map(|public| line.strip_prefix(public));
            let rest = rest.unwrap_or(line);
            let words: Vec<&str> = rest.split([' ', '<', '(', ';', '{']).collect();
            if let ["struct" | "enum" | "trait" | "type", name, ..] = words[..] {
                let files = names.entry(name.to_owned()).or_default();
                files.push(source.path.clone());
            }
        }
    }
    assert!(names.len() > 300, "the types have moved");
    let double = names.into_iter().filter(|(_, files)| files.len() > 1);
    let double: Vec<String> = double
        .map(|(name, files)| format!("{name}: {}", files.join(", ")))
        .collect();
    none(&double, "a type's name means one thing");
}
