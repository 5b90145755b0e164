//! The longer lists of a question: commits, and what else changes in a task definition.

use crate::card::page::Page;
use crate::plan::{CommitLine, Commits, Plan, Share};
use crate::record::Deploy;
use crate::reply::{self, code_block, joined, said};
use crate::request::Verb;
use crate::slack::text::{Mrkdwn, cut};

/// Characters of a list in a code block.
const LIST: usize = 1_800;
/// How many commits are shown.
const COMMITS: usize = 15;

pub(super) fn commits(page: &mut Page, heading: &Mrkdwn, share: &Share, compare: Option<&str>) {
    let Some(commits) = &share.commits else {
        return;
    };
    let count = |number: u32| match number {
        1 => Mrkdwn::raw("1 commit"),
        more => said!("{} commits", more),
    };
    let what = match (commits.ahead, commits.behind) {
        (0, 0) => Mrkdwn::raw("the same commit as the one that runs"),
        (ahead, 0) => said!("brings {}", count(ahead)),
        (0, behind) => said!(":warning: goes back, takes away {}", count(behind)),
        (ahead, behind) => said!("brings {}, takes away {}", count(ahead), count(behind)),
    };
    let compared = compare.map_or_else(Mrkdwn::new, |url| Mrkdwn::new().link(url, "compare"));
    let requests = reply::diff::requests(share.repository.as_ref(), &commits.requests());
    let counted = said!("{} {}", heading, what);
    page.section(joined([counted, requests, compared], " · "));
    listed(page, &commits.newest);
    if !commits.newest.is_empty() && !commits.lost.is_empty() {
        page.section(Mrkdwn::raw("*Taken away:*"));
    }
    listed(page, &commits.lost);
}

/// The commits that a rollback takes away, how many having been said above.
pub(super) fn lost(page: &mut Page, share: &Share, commits: &Commits) {
    if !commits.lost.is_empty() {
        page.section(said!("*Taken away from {}:*", share.title));
        listed(page, &commits.lost);
    }
}

fn listed(page: &mut Page, commits: &[CommitLine]) {
    if commits.is_empty() {
        return;
    }
    let newest: Vec<String> = commits
        .iter()
        .take(COMMITS)
        .map(|line| {
            let summary = cut(&line.summary, 90);
            format!("{} {summary} ({})", line.short, cut(&line.author, 40))
        })
        .collect();
    page.section(code_block(&newest, LIST));
}

pub(super) fn differences(page: &mut Page, deploy: &Deploy, plan: &Plan) {
    if plan.differences.is_empty() {
        return;
    }
    page.section(match deploy.verb() {
        Verb::Rollback { .. } => {
            Mrkdwn::raw("*The old task definition differs from today's in more than the image:*")
        }
        Verb::Deploy { .. } | Verb::Restart => {
            Mrkdwn::raw("*The task definition changes in more than the image:*")
        }
    });
    page.section(code_block(&plan.differences, LIST));
}
