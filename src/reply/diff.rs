//! What lies between two versions, in words.

use super::link::{at_commit, comparison, pull_request, with_authors};
use super::{code, joined, label, said};
use crate::command::DiffWith;
use crate::config::GithubRepository;
use crate::names::{CommitSha, EnvName, short_digest};
use crate::plan::{CommitLine, Commits};
use crate::running::{Diff, DiffEnd, DiffPair, EndIs, NotBetween};
use crate::slack::text::{Mrkdwn, cut};

/// Pull requests that are named in one line.
const REQUESTS: usize = 8;
/// Characters of a commit's title, and of its author.
const SUMMARY: usize = 90;
const AUTHOR: usize = 40;

/// `5a91773 → *main@680af60*`; of two environments, what runs in each.
pub(crate) fn ends(diff: &Diff, pair: &DiffPair) -> Mrkdwn {
    let repository = diff.repository.as_ref();
    let named = |end: &DiffEnd| {
        let commit = end.commit.as_ref().map(CommitSha::as_str);
        at_commit(&end.label, repository, commit)
    };
    let from = said!("{}{}", named(&pair.from), digests(repository, &pair.from));
    let to = named(&pair.to);
    let of_to = digests(repository, &pair.to);
    match &diff.with {
        DiffWith::Ref(_) => said!("{} → *{}*{}", from, to, of_to),
        DiffWith::Place(other) => said!(
            "{} runs {}{}, {} runs {}",
            diff.environment,
            to,
            of_to,
            other,
            from
        ),
    }
}

/// The digests of a version where no repository tells more, and where it is not called by them.
fn digests(repository: Option<&GithubRepository>, end: &DiffEnd) -> Mrkdwn {
    let digests = end.digests.iter().map(|digest| short_digest(digest));
    let digests: Vec<&str> = digests.filter(|digest| *digest != end.label).collect();
    let all = joined(digests.iter().take(3).map(|digest| code(digest)), ", ");
    match (repository, digests.len()) {
        (Some(_), _) | (None, 0) => Mrkdwn::new(),
        (None, 1) => said!(" (digest {})", all),
        (None, _) => said!(" (digests {})", all),
    }
}

/// Where the commit of what is compared is not its image's: how it is known.
pub(crate) fn known_how(pair: &DiffPair) -> Mrkdwn {
    let commit = pair.to.commit.as_ref();
    let short = commit.map_or_else(Mrkdwn::new, |commit| code(commit.short()));
    match pair.to.is {
        EndIs::Proved => Mrkdwn::new(),
        EndIs::PointedAt => said!(
            ":warning: Its image does not prove to be of a commit: compared is {}, at which the ref points.",
            short
        ),
        EndIs::NotBuilt => said!(
            "There is no image of {} yet, so it cannot be deployed now.",
            short
        ),
    }
}

/// That nothing lies between.
pub(crate) fn same_image(diff: &Diff) -> Mrkdwn {
    match diff.with {
        DiffWith::Ref(_) => Mrkdwn::raw("That runs there already, the very same image."),
        DiffWith::Place(_) => Mrkdwn::raw("Both run the very same image."),
    }
}

/// How many commits, and whose.
pub(crate) fn counted(diff: &Diff, commits: &Commits) -> Mrkdwn {
    let ahead = by(
        count(commits.ahead),
        &commits.newest,
        &commits.authors(),
        commits.ahead,
    );
    let behind = by(
        count(commits.behind),
        &commits.lost,
        &commits.authors_lost(),
        commits.behind,
    );
    match (&diff.with, commits.ahead, commits.behind) {
        (_, 0, 0) => Mrkdwn::raw("The same commit."),
        (DiffWith::Ref(_), _, 0) => said!("Brings {}", ahead),
        (DiffWith::Ref(_), 0, _) => said!(":warning: Goes back, takes away {}", behind),
        (DiffWith::Ref(_), ..) => said!(":warning: Brings {}, takes away {}", ahead, behind),
        (DiffWith::Place(other), _, 0) => {
            said!("{} has {} that {} has not", diff.environment, ahead, other)
        }
        (DiffWith::Place(other), 0, _) => {
            said!("{} has {} that {} has not", other, behind, diff.environment)
        }
        (DiffWith::Place(other), ..) => said!(
            "{} has {} that {} has not; the other way round, {}",
            diff.environment,
            ahead,
            other,
            behind
        ),
    }
}

/// `3 commits (maria, sam)`; where not all are listed, only the authors of the newest are known.
fn by(counted: Mrkdwn, listed: &[CommitLine], authors: &[String], all: u32) -> Mrkdwn {
    let shown = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    match shown < all && shown > 0 {
        true => said!(
            "{}, the newest {}",
            counted,
            with_authors(said!("{}", shown), authors)
        ),
        false => with_authors(counted, authors),
    }
}

fn count(commits: u32) -> Mrkdwn {
    match commits {
        1 => Mrkdwn::raw("1 commit"),
        more => said!("{} commits", more),
    }
}

/// What leads the commits that would be taken away.
pub(crate) fn lost(diff: &Diff) -> Mrkdwn {
    match &diff.with {
        DiffWith::Ref(_) => Mrkdwn::raw("*Taken away:*"),
        DiffWith::Place(other) => said!("*Only on {}:*", other),
    }
}

/// The pull requests that the listed commits came by.
pub(crate) fn requests(repository: Option<&GithubRepository>, numbers: &[u32]) -> Mrkdwn {
    let named = numbers.iter().take(REQUESTS);
    let named = joined(named.map(|number| pull_request(repository, *number)), ", ");
    match numbers.len() {
        0 => Mrkdwn::new(),
        1 => said!("pull request {}", named),
        2..=REQUESTS => said!("pull requests {}", named),
        _ => said!("pull requests {} and others", named),
    }
}

/// `• 680af60 Sell shoes (#42) – bob`, linked to the commit and to the pull request.
pub(crate) fn commit(repository: Option<&GithubRepository>, commit: &CommitLine) -> Mrkdwn {
    let short = at_commit(&commit.short, repository, Some(&commit.short));
    let author = cut(&commit.author, AUTHOR);
    let title = match commit.request() {
        // The number stays where it is, wherever the title is cut.
        Some((number, place)) => {
            let before = commit.summary.get(..place.start).unwrap_or_default();
            let after = commit.summary.get(place.end..).unwrap_or_default();
            said!(
                "{}{}{}",
                cut(before, SUMMARY).as_ref(),
                pull_request(repository, number),
                cut(after, SUMMARY).as_ref()
            )
        }
        None => said!("{}", cut(&commit.summary, SUMMARY).as_ref()),
    };
    said!("• {} {} – {}", short, title, author.as_ref())
}

/// The page that compares both. GitHub lists there what the second has and the first has not, so what only takes
/// commits away is compared the other way round.
pub(crate) fn compare(diff: &Diff, pair: &DiffPair, commits: &Commits) -> Option<Mrkdwn> {
    let repository = diff.repository.as_ref()?;
    let (from, to) = (pair.from.commit.as_ref()?, pair.to.commit.as_ref()?);
    if from == to {
        return None;
    }
    let [base, head] = match commits.goes_back() {
        true => [to, from],
        false => [from, to],
    };
    let url = comparison(repository, base.as_str(), head.as_str());
    Some(Mrkdwn::new().link(&url, "compare"))
}

/// Why nobody can tell what lies between.
pub(crate) fn not_known(diff: &Diff, why: &NotBetween) -> Mrkdwn {
    let why = match why {
        NotBetween::NoRepository => said!(
            "the configuration names no `repository` of {}",
            diff.application
        ),
        NotBetween::NoCommit(version) => said!("of {} no commit is known", label(version)),
        NotBetween::Unrelated => Mrkdwn::raw(
            "GitHub does not show Longshore both commits, or they have nothing in common",
        ),
        NotBetween::Limit(Some(until)) => said!("GitHub takes no more questions until {}", *until),
        NotBetween::Limit(None) => Mrkdwn::raw("GitHub takes no more questions for now"),
        NotBetween::Denied => Mrkdwn::raw(
            "GitHub does not show the repository to Longshore; `longshore check --live` says why",
        ),
        NotBetween::OtherRepository => Mrkdwn::raw(
            "another repository at GitHub has the name by now; `longshore check --live` says which two",
        ),
        NotBetween::Silent => Mrkdwn::raw("GitHub gives no usable answer; ask again in a minute"),
    };
    said!("Which commits lie between is not known: {}.", why)
}

/// That these were left out.
pub(crate) fn not_compared() -> Mrkdwn {
    Mrkdwn::raw("Not compared: its services run too many different versions.")
}

/// That what is compared is on its way.
pub(crate) fn rolling(environment: &EnvName) -> Mrkdwn {
    said!(
        ":hourglass_flowing_sand: On {} a rollout is under way: compared is what it brings.",
        environment
    )
}

/// What leads the differences of the task definitions.
pub(crate) fn definitions(from: &EnvName, to: &EnvName) -> Mrkdwn {
    said!(
        "*Task definitions, {} → {}, images aside* (variables by their names alone):",
        from,
        to
    )
}

/// That there are none.
pub(crate) fn definitions_alike() -> Mrkdwn {
    Mrkdwn::raw("Their task definitions differ in nothing but images.")
}

/// That they are not for everybody.
pub(crate) fn definitions_not_shown() -> Mrkdwn {
    Mrkdwn::raw("In what their task definitions differ is shown to those who may deploy to both.")
}
