//! What lies between two commits, and the files that differ.

use longshore_sim::fault::{Kind, Matcher};

use super::*;
use crate::plan::FilesListed;

#[tokio::test(start_paused = true)]
async fn a_comparison_shows_the_newest_commits_first_and_ten_at_most() {
    let place = Place::new();
    let base: CommitSha = place.commit("main").parse().unwrap();
    let repository = place.target.source.repository.clone().unwrap();
    let github = GitHub::new(
        Http::new(place.world.http_client(), Dial::Direct),
        Access::Without,
    );
    for count in [0_usize, 1, 9, 10, 11, 25] {
        let branch = format!("b{count}");
        let mut head = base.to_string();
        {
            let mut state = place.world.state();
            let repo = state.github.repo("acme/webapp");
            repo.branch(&branch, base.as_str());
            for number in 1..=count {
                head = repo.commit(&branch, &format!("Number {number}\n\nmore"), "ada");
            }
        }
        let head: CommitSha = head.parse().unwrap();
        let read = github.compare(&repository, [&base, &head], 10).await;
        let (commits, _) = read.unwrap().unwrap();
        assert_eq!((commits.ahead, commits.behind), (count as u32, 0));
        assert_eq!(commits.newest.len(), count.min(10), "{count}");
        if let Some(first) = commits.newest.first() {
            assert_eq!(first.summary, format!("Number {count}"));
            assert_eq!(first.author, "ada");
        }
        let back = github.compare(&repository, [&head, &base], 10).await;
        let (back, _) = back.unwrap().unwrap();
        assert_eq!(back.behind, count as u32);
    }
}

#[tokio::test(start_paused = true)]
async fn files_are_listed_with_a_comparison_up_to_what_github_lists() {
    let place = Place::new();
    let base: CommitSha = place.commit("main").parse().unwrap();
    let repository = place.target.source.repository.clone().unwrap();
    let github = GitHub::new(
        Http::new(place.world.http_client(), Dial::Direct),
        Access::Without,
    );
    for (count, whole) in [
        (0_usize, FilesListed::All),
        (1, FilesListed::All),
        (299, FilesListed::All),
        (300, FilesListed::Cut),
        (301, FilesListed::Cut),
    ] {
        let branch = format!("f{count}");
        let head: CommitSha = {
            let mut state = place.world.state();
            let repo = state.github.repo("acme/webapp");
            repo.branch(&branch, base.as_str());
            for number in 0..11 {
                repo.commit(&branch, &format!("Number {number}"), "ada");
            }
            let head = repo.head(&branch).unwrap();
            let names: Vec<String> = (0..count).map(|number| format!("f/{number}")).collect();
            repo.changes(&head, names.iter().map(String::as_str));
            head.parse().unwrap()
        };
        let read = github.compare(&repository, [&base, &head], 10);
        let (commits, files) = read.await.unwrap().unwrap();
        assert_eq!(commits.newest.len(), 10, "{count}");
        assert_eq!((files.paths.len(), files.whole), (count.min(300), whole));
    }
    let head: CommitSha = {
        let mut state = place.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.branch("renames", base.as_str());
        let head = repo.commit("renames", "Tidy", "ada");
        repo.renames(&head, "migrations/1.sql", "attic/1.sql");
        head.parse().unwrap()
    };
    let read = github.compare(&repository, [&base, &head], 10);
    let (_, files) = read.await.unwrap().unwrap();
    assert_eq!(files.paths, ["attic/1.sql", "migrations/1.sql"]);
}

#[tokio::test(start_paused = true)]
async fn a_first_page_that_never_comes_costs_the_files_alone() {
    let place = Place::new();
    let repository = place.target.source.repository.clone().unwrap();
    for (count, shown) in [(1_u32, 0), (2, 1), (11, 5), (25, 10)] {
        let base: CommitSha = place.commit("main").parse().unwrap();
        let head: CommitSha = {
            let mut state = place.world.state();
            let repo = state.github.repo("acme/webapp");
            for number in 1..=count {
                repo.commit("main", &format!("Number {number}"), "ada");
            }
            let head = repo.head("main").unwrap();
            let first = Matcher::operation("github", "GET /repos/acme/webapp/compare/*").nth(1);
            state.faults.plan(first, Kind::TimedOut);
            head.parse().unwrap()
        };
        let github = GitHub::new(
            Http::new(place.world.http_client(), Dial::Direct),
            Access::Without,
        );
        let read = github.compare(&repository, [&base, &head], 10).await;
        let (commits, files) = read.unwrap().unwrap();
        assert_eq!((commits.ahead, commits.behind), (count, 0));
        assert_eq!(commits.newest.len(), shown, "{count}");
        let newest = commits.newest.first();
        assert!(newest.is_none_or(|line| line.summary == format!("Number {count}")));
        assert_eq!((files.paths.len(), files.whole), (0, FilesListed::NotTold));
        // Others go on to ask.
        let branch = github.branch(&repository, "main").await;
        assert_eq!(branch, Ok(Some(head)));
    }
}
