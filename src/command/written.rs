//! Commands as they are written: the plainest way to type each, which reads back as the same.

use std::fmt;

use super::lexicon;
use super::{AppRef, Command, DiffWith, HistoryScope, RightOf};
use crate::names::{AppName, DeployId, EnvName, GivenReason, Ref};
use crate::request::GrantedRight;

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.verb();
        match self {
            Self::Deploy {
                app,
                image,
                reference,
                also,
                env,
            } => {
                let first = AppRef {
                    app: app.clone(),
                    image: image.clone(),
                    reference: reference.clone(),
                };
                list(f, first, also, "to", env)
            }
            Self::Promote {
                app,
                image,
                from,
                env,
            } => {
                write!(f, "{verb} {app}")?;
                image.iter().try_for_each(|image| write!(f, "/{image}"))?;
                let mut from = from.iter();
                from.try_for_each(|from| write!(f, " {} {from}", lexicon::FROM))?;
                write!(f, " to {env}")
            }
            Self::Plan { of } | Self::WhyNot { of } => write!(f, "{verb} {of}"),
            Self::Diff {
                app,
                image,
                env,
                with,
            } => {
                let (reference, place) = match with {
                    DiffWith::Ref(reference) => (reference.clone(), None),
                    DiffWith::Place(place) => (None, Some(place)),
                };
                let of = AppRef {
                    app: app.clone(),
                    image: image.clone(),
                    reference,
                };
                write!(f, "{verb} {of} {env}")?;
                place.iter().try_for_each(|place| write!(f, " {place}"))
            }
            Self::Rollback { app, to, also, env } => {
                write!(f, "{verb} ")?;
                let mut first = AppRef {
                    app: app.clone(),
                    image: None,
                    reference: to.clone(),
                };
                match first
                    .reference
                    .take_if(|to| also.is_empty() && is_plain(to))
                {
                    Some(to) => write!(f, "{app} on {env} to {to}"),
                    None => list(f, first, also, "on", env),
                }
            }
            Self::Restart { app, also, env } => {
                write!(f, "{verb} {app}")?;
                also.iter().try_for_each(|one| write!(f, ",{one}"))?;
                write!(f, " on {env}")
            }
            Self::Cancel { app, env } => write!(f, "{verb} {app} on {env}"),
            Self::Where { app, change } => {
                write!(f, "{verb}")?;
                app.iter().try_for_each(|app| write!(f, " {app}"))?;
                write!(f, " {change}")
            }
            Self::Logs {
                app,
                image,
                env,
                service,
            } => {
                write!(f, "{verb} {app}")?;
                image.iter().try_for_each(|image| write!(f, "/{image}"))?;
                write!(f, " on {env}")?;
                let mut service = service.iter();
                service.try_for_each(|service| write!(f, " {service}"))
            }
            Self::Status { app, env } => {
                write!(f, "{verb}")?;
                filter(f, app.as_ref(), env.as_ref())
            }
            Self::StatusAt { app, env, at } => {
                write!(f, "{verb}")?;
                filter(f, Some(app), env.as_ref())?;
                write!(f, " {} {at}", lexicon::AT)
            }
            Self::History {
                app,
                env,
                scope,
                period,
            } => {
                write!(f, "{verb}")?;
                filter(f, app.as_ref(), env.as_ref())?;
                if *scope == HistoryScope::All {
                    write!(f, " {}", lexicon::ALL)?;
                }
                let mut period = period.iter();
                period.try_for_each(|period| write!(f, " {period}"))
            }
            Self::ShowLast { app, env } | Self::WhyNotLast { app, env } => {
                write!(f, "{verb} {}", lexicon::LAST)?;
                filter(f, app.as_ref(), env.as_ref())
            }
            Self::Show { deploy }
            | Self::WhyNotOf { deploy }
            | Self::RollbackOf { deploy }
            | Self::CancelOf { deploy }
            | Self::RestartOf { deploy } => write!(f, "{verb} {deploy}"),
            Self::Grant { of, term, why } => {
                write!(f, "{verb} {of}")?;
                term.iter().try_for_each(|term| write!(f, " {term}"))?;
                because(f, why.as_ref())
            }
            Self::Revoke { of, why } => {
                write!(f, "{verb} {of}")?;
                because(f, why.as_ref())
            }
            Self::Who { app, env } => write!(f, "{verb} {app} {env}"),
            Self::Form => write!(f, "{verb}"),
            Self::Help { about: Some(about) } => write!(f, "{verb} {about}"),
            Self::Help { about: None } => write!(f, "{verb}"),
        }
    }
}

/// `APP:REF,APP:REF to ENV`
fn list(
    f: &mut fmt::Formatter<'_>,
    mut first: AppRef,
    also: &[AppRef],
    preposition: &str,
    env: &EnvName,
) -> fmt::Result {
    // What follows the comma in a ref may be an application's name.
    let comma = |reference: &mut Ref| reference.as_str().contains(',');
    if let Some(reference) = first.reference.take_if(|one| also.is_empty() && comma(one)) {
        return write!(f, "{first} {env} :{reference}");
    }
    write!(f, "{first}")?;
    also.iter().try_for_each(|one| write!(f, ",{one}"))?;
    write!(f, " {preposition} {env}")
}

fn filter(f: &mut fmt::Formatter<'_>, app: Option<&AppName>, env: Option<&EnvName>) -> fmt::Result {
    app.iter().try_for_each(|app| write!(f, " {app}"))?;
    env.iter().try_for_each(|env| write!(f, " {env}"))
}

/// Whether a version is nobody's name and no word of the grammar, whatever those are, so that it reads back as
/// itself behind "to", at the end of a command.
fn is_plain(version: &Ref) -> bool {
    let version = version.as_str();
    let begins_so = version.starts_with(|c: char| c.is_ascii_alphanumeric());
    let has_digit = version.bytes().any(|b| b.is_ascii_digit());
    let is_deploy = has_digit && version.parse::<DeployId>().is_ok();
    begins_so && !version.ends_with(lexicon::STOPS) && (is_deploy || version.contains('.'))
}

impl fmt::Display for RightOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to, self.app)?;
        self.env.iter().try_for_each(|env| write!(f, " on {env}"))?;
        match self.right {
            None => Ok(()),
            Some(GrantedRight::Request) => write!(f, " {} {}", lexicon::AS, lexicon::REQUESTER),
            Some(GrantedRight::Approve) => write!(f, " {} {}", lexicon::AS, lexicon::APPROVER),
        }
    }
}

fn because(f: &mut fmt::Formatter<'_>, why: Option<&GivenReason>) -> fmt::Result {
    let mut why = why.iter();
    why.try_for_each(|why| write!(f, " {} {why}", lexicon::BECAUSE))
}
