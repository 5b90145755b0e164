//! What is told of rights given in chat: to whom, by whom, for how long and why.

use jiff::Timestamp;

use super::{code, command, joined, said};
use crate::command::{Command, RightOf};
use crate::names::{AppName, EnvName, GivenReason, PersonName, Somebody, UserId};
use crate::policy::Grant;
use crate::record::{ChangedRight, RightChange};
use crate::request::GrantedRight;
use crate::slack::text::Mrkdwn;

/// What was changed, for everybody.
pub(crate) fn changed(change: &RightChange, slash: &str) -> Mrkdwn {
    match &change.what {
        ChangedRight::Given(grant) => {
            let waits = (grant.right == GrantedRight::Approve).then(|| {
                said!(
                    "It counts from {} on, or once another admin types the same. No deploy asks for approvals yet.",
                    grant.counts_from()
                )
            });
            let given = match &grant.once {
                Some(once) => said!(
                    ":key: {} lets {} {} once, with deploy {}.",
                    change.by,
                    grant.to,
                    right(grant),
                    once.deploy
                ),
                None => said!(
                    ":key: {} lets {} {} until {}.",
                    change.by,
                    grant.to,
                    right(grant),
                    grant.ends_at()
                ),
            };
            let parts = [Some(given), waits, reason(grant.why.as_ref())];
            joined(parts.into_iter().flatten(), " ")
        }
        ChangedRight::Seconded(grant) => said!(
            ":key: {} agrees with {}: from now on {} may {}, until {}.",
            change.by,
            grant.by,
            grant.to,
            right(grant),
            grant.ends_at()
        ),
        ChangedRight::Taken {
            grants,
            why,
            everywhere,
            more,
        } => {
            let to = grants.first().map(|grant| said!("{}", grant.to));
            let rights = each_once(grants);
            let taken = said!(
                ":no_entry_sign: {} takes back what {} was given in chat: to {}.",
                change.by,
                to.unwrap_or_default(),
                rights
            );
            let left = everywhere.first().map(|grant| {
                let rights = joined(everywhere.iter().map(right), ", ");
                said!(
                    "The right to {} is left: {} takes it.",
                    rights,
                    take_back(grant, slash)
                )
            });
            // Whatever the environment, as it was typed: the line that takes the others too.
            let others = grants.first().filter(|_| *more > 0).map(|grant| {
                let all = Grant {
                    environment: None,
                    right: GrantedRight::Request,
                    ..grant.clone()
                };
                said!(
                    "One request takes no more: {} of their rights are left, and {} takes them.",
                    *more,
                    take_back(&all, slash)
                )
            });
            let parts = [Some(taken), others, left, reason(why.as_ref())];
            joined(parts.into_iter().flatten(), " ")
        }
    }
}

/// The most rights that one sentence names.
const NAMED: usize = 6;

/// Rights, each once however often it was given.
fn each_once(grants: &[Grant]) -> Mrkdwn {
    let mut rights: Vec<Mrkdwn> = Vec::new();
    for right in grants.iter().map(right) {
        if !rights.contains(&right) {
            rights.push(right);
        }
    }
    let more = rights.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| said!("and {} more", more));
    joined(rights.into_iter().take(NAMED).chain(more), ", ")
}

/// The line that takes a right back.
fn take_back(grant: &Grant, slash: &str) -> Mrkdwn {
    let of = RightOf {
        to: Somebody::Mentioned(grant.to.clone()),
        app: grant.application.clone(),
        env: grant.environment.clone(),
        right: Some(grant.right).filter(|right| *right == GrantedRight::Approve),
    };
    command(slash, &Command::Revoke { of, why: None }.to_string())
}

/// That the answer comes too late: it is done.
pub(crate) fn done_already(change: &RightChange, slash: &str) -> Mrkdwn {
    match &change.what {
        ChangedRight::Given(grant) | ChangedRight::Seconded(grant) => said!(
            "That was given already. Take it back with {}.",
            take_back(grant, slash)
        ),
        ChangedRight::Taken { .. } => said!("That was taken back already."),
    }
}

/// That what was asked about is done; what it is, everybody was told.
pub(crate) fn done() -> Mrkdwn {
    said!("That is done.")
}

/// `deploy cms to production`
pub(crate) fn right(grant: &Grant) -> Mrkdwn {
    let place = |words: &'static str| match &grant.environment {
        Some(environment) => said!("{} {}", Mrkdwn::raw(words), *environment),
        None => said!("everywhere"),
    };
    match grant.right {
        GrantedRight::Request => said!("deploy {} {}", grant.application, place("to")),
        GrantedRight::Approve => {
            said!("approve deploys of {} {}", grant.application, place("to"))
        }
    }
}

/// `because of the release`, as it was typed
fn because(why: Option<&GivenReason>) -> Option<Mrkdwn> {
    why.map(|why| said!("because {}", Mrkdwn::of(why.as_str())))
}

/// The same as a sentence.
fn reason(why: Option<&GivenReason>) -> Option<Mrkdwn> {
    why.map(|why| said!("Because {}", Mrkdwn::of(why.as_str())))
}

/// Who was found by a name, and what is then done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PersonAsked<'a> {
    /// Who.
    pub(crate) to: &'a UserId,
    /// Their handle, where only what they call themselves fits.
    pub(crate) handle: Option<&'a PersonName>,
    /// As it is typed behind the slash command's name.
    pub(crate) command: &'a str,
    /// The slash command's own name.
    pub(crate) slash: &'a str,
    /// The end of what is given.
    pub(crate) until: Option<Timestamp>,
}

/// Whether the person who was found is the one who was meant.
pub(crate) fn is_it(asked: PersonAsked<'_>) -> Mrkdwn {
    let handle = asked.handle;
    let handle = handle.map(|handle| said!(" (handle {})", code(handle.as_str())));
    let until = asked.until.map(|until| said!(", until {}", until));
    said!(
        "Is it {}{}? Nothing is changed before you say so: {}{}",
        *asked.to,
        handle.unwrap_or_default(),
        command(asked.slash, asked.command),
        until.unwrap_or_default()
    )
}

/// That nothing was changed.
pub(crate) fn left_as_it_was() -> Mrkdwn {
    said!("Nothing was changed.")
}

/// What a grant says of itself where rights are listed.
pub(crate) fn granted(grant: &Grant, now: Timestamp) -> Mrkdwn {
    let from = (!grant.counts(now)).then(|| said!("counts from {} on", grant.counts_from()));
    let seconded = grant.seconded_by.as_ref();
    let seconded = seconded.map(|admin| said!("with {}", *admin));
    let given = said!("given by {} {}", grant.by, grant.at);
    let until = match &grant.once {
        Some(once) => said!("for deploy {} alone", once.deploy),
        None => said!("until {}", grant.ends_at()),
    };
    let why = because(grant.why.as_ref());
    let parts = [Some(given), seconded, Some(until), from, why];
    said!(
        "{}: {}",
        grant.to,
        joined(parts.into_iter().flatten(), ", ")
    )
}

/// That nobody was given anything in chat.
pub(crate) fn nobody_granted() -> Mrkdwn {
    said!("Nobody was given a right there in chat.")
}

/// Who may what, in a heading.
pub(crate) fn who_may(application: &AppName, environment: &EnvName) -> String {
    format!("Who may what: {application} · {environment}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{Actor, ReadId};

    #[test]
    fn rights_are_named_once_each_and_what_is_left_is_said() {
        let grant = |environment: &str| Grant {
            to: "U0EVE0001".parse().unwrap(),
            application: "cms".parse().unwrap(),
            environment: Some(environment.parse().unwrap()),
            right: GrantedRight::Request,
            by: "U0ROOT001".parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
            until: Timestamp::UNIX_EPOCH,
            why: None,
            seconded_by: None,
            once: None,
        };
        let said = |grants: Vec<Grant>, more| {
            let change = RightChange {
                id: ReadId::derive(b"a request"),
                by: Actor::Longshore,
                channel: None,
                at: Timestamp::UNIX_EPOCH,
                what: ChangedRight::Taken {
                    grants,
                    why: None,
                    everywhere: Vec::new(),
                    more,
                },
            };
            changed(&change, "/deploy").as_str().to_owned()
        };
        let twice = said(vec![grant("beta"), grant("beta")], 0);
        assert!(twice.ends_with(": to deploy cms to beta."), "{twice}");
        let each = (0..9).map(|number| grant(&format!("e{number}")));
        let many = said(each.collect(), 12);
        assert!(many.contains("deploy cms to e5, and 3 more."), "{many}");
        assert!(many.contains("12 of their rights are left"), "{many}");
    }
}
