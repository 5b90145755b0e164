//! Files that are watched for, in words.

use super::{code, joined, said};
use crate::plan::{FilesListed, LISTED, Share, Watched};
use crate::request::Verb;
use crate::slack::text::Mrkdwn;

/// Patterns that are named.
const PATTERNS: usize = 3;

/// That files which are watched for change with a plan, or that nobody can tell; nothing where none does.
pub(crate) fn watched(share: &Share, verb: &Verb) -> Mrkdwn {
    let Some(watched) = share.watched.as_ref().filter(|watched| !watched.is_none()) else {
        return Mrkdwn::new();
    };
    match verb {
        Verb::Rollback { .. } => told(watched, &Mrkdwn::raw("Takes back changes of")),
        Verb::Deploy { .. } | Verb::Restart => told(watched, &Mrkdwn::raw("Touches")),
    }
}

/// The same of two versions, also that none does.
pub(crate) fn differ(watched: &Watched) -> Mrkdwn {
    match watched.is_none() {
        true => said!("No file of {} differs.", patterns(watched)),
        false => told(watched, &Mrkdwn::raw("Differs in")),
    }
}

/// `Touches migrations/0042_add.sql and 2 more`
fn told(watched: &Watched, lead: &Mrkdwn) -> Mrkdwn {
    let files = joined(watched.files.iter().map(|file| code(file)), ", ");
    let files = match watched.more {
        0 => files,
        more => said!("{} and {} more", files, more),
    };
    let why = match watched.listed {
        FilesListed::All => return said!(":warning: {} {}", *lead, files),
        FilesListed::Cut => said!("GitHub lists {} files of a comparison", LISTED),
        FilesListed::NotTold => Mrkdwn::raw("GitHub does not say all that changes"),
        FilesListed::OneWay => Mrkdwn::raw("what comes back was not compared"),
        FilesListed::NoCommits => Mrkdwn::raw("the commits are not known"),
    };
    match watched.files.is_empty() {
        true => said!(
            ":warning: Whether a file of {} changes could not be told: {}",
            patterns(watched),
            why
        ),
        false => said!(":warning: {} at least {}: {}", *lead, files, why),
    }
}

fn patterns(watched: &Watched) -> Mrkdwn {
    let named = watched.patterns.iter().take(PATTERNS);
    let named = joined(named.map(|pattern| code(pattern.as_str())), ", ");
    match watched.patterns.len() {
        0..=PATTERNS => named,
        _ => said!("{} and others", named),
    }
}
