//! Which commit would run or runs, as far as the image proves it.

use jiff::Timestamp;

use super::link::pull_request;
use super::{code, joined, said};
use crate::config::Severity;
use crate::evidence::heard;
use crate::names::CommitSha;
use crate::plan::{Plan, Proved, Share, Unproved};
use crate::resolve::{CommitOfRequest, PullRequestState};
use crate::slack::text::{Mrkdwn, cut};

/// Patterns of an application's files that are named.
const PATHS: usize = 2;
/// Characters of one.
const PATH: usize = 40;

/// The commit of an application; what is known instead, where the image does not prove to be of the one that
/// its ref points to. `asked_at` is when it was asked for.
pub(crate) fn of_one(share: &Share, asked_at: Timestamp) -> Mrkdwn {
    let short = share.commit.as_ref().map(|commit| code(commit.short()));
    match (short, &share.unproved) {
        (Some(short), None) => short,
        (None, None) => Mrkdwn::new(),
        (Some(short), Some(unproved)) => said!("{}{}", short, known(unproved, Some(asked_at))),
        (None, Some(unproved)) => {
            said!("not proved by the image{}", known(unproved, Some(asked_at)))
        }
    }
}

/// Whether what the application is called says its commit already: `1f0c9de`, `main@1f0c9de`.
pub(crate) fn is_named(share: &Share) -> bool {
    let runs = share.runs();
    let names = |sha: &CommitSha| {
        let before = runs.strip_suffix(sha.short());
        before.is_some_and(|before| before.is_empty() || before.ends_with('@'))
    };
    share.unproved.is_none() && share.commit.as_ref().is_some_and(names)
}

/// The same of one of several applications, as part of its line.
pub(super) fn of_share(share: &Share) -> Mrkdwn {
    let known = share
        .unproved
        .as_ref()
        .map(|unproved| known(unproved, None));
    let known = known.unwrap_or_default();
    match (&share.commit, &share.unproved) {
        (Some(commit), _) => said!("commit {}{}", code(commit.short()), known),
        (None, Some(_)) => said!("commit not proved by the image{}", known),
        (None, None) => Mrkdwn::new(),
    }
}

fn known(unproved: &Unproved, asked_at: Option<Timestamp>) -> Mrkdwn {
    let Some((name, at)) = &unproved.points_at else {
        return Mrkdwn::new();
    };
    let points = said!("; {} is at {}", code(name), code(at.short()));
    let pushed = asked_at.zip(unproved.pushed_at);
    match pushed.map(|(asked, pushed)| asked.duration_since(pushed).as_secs()) {
        None => points,
        Some(..0) => said!("{}, the image was pushed after this was asked for", points),
        Some(seconds) => said!(
            "{}, the image was pushed {} before this was asked for",
            points,
            before(seconds.unsigned_abs())
        ),
    }
}

/// `12 min`
fn before(seconds: u64) -> String {
    match seconds {
        ..60 => format!("{seconds} sec"),
        60..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The pull request by which an image was asked for, and which of its commits would run; nothing where there was none.
pub(crate) fn by_request(share: &Share) -> Mrkdwn {
    let Some(request) = &share.request else {
        return Mrkdwn::new();
    };
    let into = code(&request.into);
    let which = match (request.commit, request.state) {
        (CommitOfRequest::Head, PullRequestState::Merged) => {
            said!("its newest commit, because there is no image of its merge")
        }
        (CommitOfRequest::Head, PullRequestState::Open) => said!("its newest commit"),
        (CommitOfRequest::Head, PullRequestState::Closed) => {
            said!("its newest commit; it was closed without a merge")
        }
        (CommitOfRequest::Merge, _) => said!("its merge into {}", into),
        (CommitOfRequest::Trial, _) => said!(
            "its trial merge into {}, because there is no image of its newest commit",
            into
        ),
    };
    // The image is of a commit before it, which has a line of its own.
    let which = match share.since {
        Some(_) => Mrkdwn::new(),
        None => said!(": {}", which),
    };
    let fork = request
        .fork
        .as_ref()
        .map(|fork| said!(", from the fork {}", code(fork)));
    said!(
        "{} “{}” by {}{}{}",
        pull_request(share.repository.as_ref(), request.number),
        request.title,
        request.author,
        fork.unwrap_or_default(),
        which
    )
}

/// That the image is of an earlier commit than was asked for, since which nothing of the application changed; nothing
/// where it is of that very commit.
pub(crate) fn unchanged_since(share: &Share) -> Mrkdwn {
    let (Some(since), Some(commit)) = (&share.since, &share.commit) else {
        return Mrkdwn::new();
    };
    let asked = match since.asked.begins_with(&since.name) {
        true => code(since.asked.short()),
        false => said!("{} ({})", code(&since.name), code(since.asked.short())),
    };
    let commits = match since.steps {
        1 => Mrkdwn::raw("1 commit"),
        more => said!("{} commits", more),
    };
    let shown = since.paths.iter().take(PATHS);
    let shown = shown.map(|path| code(cut(path.as_str(), PATH).as_ref()));
    let more = since.paths.len().saturating_sub(PATHS);
    let more = (more > 0).then(|| said!("{} more", more));
    said!(
        "{}, {} before {}: nothing of {} changed since",
        code(commit.short()),
        commits,
        asked,
        Mrkdwn::listed(shown.chain(more), "or")
    )
}

/// The checks that had to pass, and what else had to be proved, and is; nothing where nothing had to.
pub(crate) fn checked(plan: &Plan) -> Mrkdwn {
    let proved = |share: &&Share| !share.checks.is_empty() || !share.proved.is_empty();
    let each = plan.shares.iter().filter(proved);
    let each = each.map(|share| {
        let names = share.checks.iter().map(|name| code(&heard(name)));
        let names = joined(names.chain(share.proved.iter().map(proof)), ", ");
        match plan.only() {
            Some(_) => said!("Passed: {}", names),
            None => said!("Passed on {}: {}", share.title, names),
        }
    });
    joined(each, "\n")
}

/// What an image has proved, in few words.
fn proof(proved: &Proved) -> Mrkdwn {
    match proved {
        Proved::Branch(name) => said!("in {}", code(name)),
        Proved::Signed => Mrkdwn::raw("signed"),
        Proved::TagStays => Mrkdwn::raw("its tag cannot be moved"),
        Proved::Scanned(Severity::Critical) => Mrkdwn::raw("its scan found nothing critical"),
        Proved::Scanned(from) => said!("its scan found nothing {} or worse", from.name()),
    }
}

/// The repositories that GitHub calls by another name, a line each.
pub(crate) fn renamed(plan: &Plan) -> Vec<Mrkdwn> {
    let each = plan.renamed.iter();
    each.map(|repository| {
        said!(
            ":warning: {} has another name at GitHub by now, and answers to this one only until somebody else takes it. Whoever runs Longshore writes the new one into the configuration.",
            code(&repository.to_string())
        )
    })
    .collect()
}

/// The image tags that were taken without asking git, a line each.
pub(crate) fn unasked(plan: &Plan) -> Vec<Mrkdwn> {
    let tags = plan.git_unasked.iter();
    tags.map(|tag| {
        said!(
            ":warning: Git was not asked, because GitHub gives no usable answer: {} is the image tag of that name. Whether a branch or a git tag of that name is something else is not known.",
            code(tag)
        )
    })
    .collect()
}
