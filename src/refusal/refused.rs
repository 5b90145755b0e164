//! Why a deploy was refused, in words.

use super::back::{no_back, no_way_back};
use super::denied;
use super::gate::obstacle;
use super::image::{no_image, no_platform, unresolvable};
use super::right;
use super::wording::{but_on, no_schedule, what_or_default};
use crate::names::{AppName, DeployId, EnvName, Ref};
use crate::record::{Refused, Silent, StillOpen};
use crate::reply::ROLE_STEP;
use crate::reply::phrase::{Code, Linked, Phrase, Typeable, phrase};
use crate::request::ChangeKind;
use crate::resolve::GithubNo;

/// Where AWS and GitHub tell what they know of their troubles.
const AWS_STATUS: &str = "https://health.aws.amazon.com/health/status";
const GITHUB_STATUS: &str = "https://www.githubstatus.com";
const SLACK_STATUS: &str = "https://slack-status.com";

/// The sentence, or the sentences of all gates that fail.
pub(super) fn words(refused: &Refused) -> Phrase {
    match refused {
        Refused::Denied(reason) => denied::words(reason),
        Refused::Right(refused) => right::words(refused),
        Refused::Gates(obstacles) => Phrase::join(obstacles.iter().map(obstacle), " "),
        Refused::Unresolvable { why, instead } => unresolvable(why, instead.as_ref()),
        Refused::NoImage(why) => no_image(why),
        Refused::NoPlatform(why) => no_platform(why),
        Refused::NoBack(why) => no_back(why),
        Refused::NoConfiguration => phrase!(
            "No configuration has been pushed yet, so nobody may do anything here. Whoever runs Longshore writes `longshore.toml` and runs `longshore push`; then ask again."
        ),
        Refused::UnreadableConfiguration => phrase!(
            "Longshore cannot read its configuration, and without one nobody may do anything; nothing was started. Whoever runs it checks `longshore.toml` with `longshore check` and publishes it with `longshore push`."
        ),
        Refused::NothingBefore {
            application,
            environment,
            others,
        } => nothing_before(application, environment, others),
        Refused::NotThere {
            application,
            environment,
            there,
        } => phrase!(
            "`{}` does not run on {}{}. Ask {admins} to add it there.",
            application,
            environment,
            but_on(there)
        ),
        Refused::NoContainer {
            service,
            repository,
        } => phrase!(
            "No container of {} uses an image of {}, so there is nothing to exchange. Ask {admins} to name them in `containers`.",
            Code(service),
            Code(repository)
        ),
        Refused::NoTask { family } => phrase!(
            "I can not run the one-off task {} first: there is no such task definition family in that account. Register one, or correct `before.task`. Nothing was started.",
            Code(family)
        ),
        Refused::NoVolume {
            family,
            volume,
            service,
        } => phrase!(
            "I can not run the one-off task {} first: its volume {} is configured at launch. The service {}, which it runs like, does not configure that. Give the service one, or take `configuredAtLaunch` out of the task definition. Nothing was started.",
            Code(family),
            Code(volume),
            Code(service)
        ),
        Refused::NoTaskContainer { family, repository } => phrase!(
            "I can not tell which container of the one-off task {} to run. No essential one of its newest revision runs an image of {}. Name the container in `containers`. Nothing was started.",
            Code(family),
            Code(repository)
        ),
        Refused::Schedule { schedule, why } => phrase!(
            "I can not change the schedule {}: {}. Nothing was started.",
            Code(schedule),
            no_schedule(why)
        ),
        Refused::AlreadyLive {
            application,
            environment,
            label,
        } => phrase!(
            "`{}` on {} runs {}, the very same image. To replace its tasks by new ones: `{/} restart {} on {}`",
            application,
            environment,
            Code(label),
            application,
            environment
        ),
        Refused::AllLive {
            environment,
            applications,
        } => phrase!(
            "All of these run on {} what you asked for, the very same images. To replace their tasks by new ones: {}",
            environment,
            Typeable(match applications.as_slice() {
                [] => "help restart".to_owned(),
                all => {
                    let all: Vec<&str> = all.iter().map(AppName::as_str).collect();
                    format!("restart {} on {environment}", all.join(","))
                }
            })
        ),
        Refused::TooManyOpen { environment, open } => too_many_open(environment, open),
        Refused::TooManyServices { services, most } => phrase!(
            "Those are {} services, and one plan takes {} at most. Deploy fewer applications with one command; nothing was started.",
            services,
            most
        ),
        Refused::NoWayBack {
            id,
            application,
            environment,
            why,
        } => phrase!(
            "Deploy `{}` cannot be gone back to: {}. `{/} history all {} {}` lists what ran there.",
            id,
            no_way_back(why),
            application,
            environment
        ),
        Refused::StoppedInstead { id } => phrase!(
            "Deploy `{}` was under way: it is stopped, which brings back what ran before, and its card says how that ends. Ask for a rollback again only to go further back.",
            id
        ),
        Refused::Newer { id } => phrase!(
            "The pipeline asked for a newer deploy, `{}`, which takes its place: `{/} show {}` says how that one ends.",
            id,
            id
        ),
        Refused::KeepsChanging {
            application,
            environment,
        } => phrase!(
            "What runs of `{}` on {} keeps changing while this deploy gets ready. Nothing was started. See who else deploys there (`{/} status {} {}`), then ask again.",
            application,
            environment,
            application,
            environment
        ),
        Refused::RestartOfFailed {
            service,
            revision,
            application,
            environment,
        } => phrase!(
            "Nothing was restarted: the service {} was last given {}, which did not come up. A restart would bring that to all of its tasks. Roll back (`{/} rollback {} on {}`), or deploy a version that works.",
            Code(service),
            Code(revision),
            application,
            environment
        ),
        Refused::UnknownDeploy { id } => unknown_deploy(id),
        Refused::TooOld { at } => phrase!(
            "That was asked for at {}, and Longshore got to it more than 15 minutes later, so nothing was started. Ask again if you still want it.",
            at
        ),
        Refused::Ahead { at } => phrase!(
            "That bears the time {}, which Longshore's clock has not reached, so nothing was started. Ask again; if that does not help, ask {admins} to look into it.",
            at
        ),
        Refused::NoAccess {
            environment,
            action,
            role,
        } => phrase!(
            "AWS does not let Longshore {} on {}, so nothing was changed there. The role {} does not allow it. Ask {admins} to deploy the stack that `longshore target {}` writes, in that account: step {} of the README.",
            Code(action),
            environment,
            Code(role),
            environment,
            ROLE_STEP
        ),
        Refused::NoGithub {
            reference,
            no: Some(no),
        } => no_github(*no, reference.as_ref()),
        Refused::NoGithub {
            reference,
            no: None,
        } => phrase!(
            "GitHub could not be asked what {} is, so nothing was started. Try again in a minute, or name an image tag or a full commit.",
            what_or_default(reference.as_ref())
        ),
        Refused::GithubKept { until } => phrase!(
            "GitHub answers few more questions until {}, and Longshore keeps those for deploys. Ask again then, or ask for the deploy itself.",
            until
        ),
        Refused::GithubLimit { reference, until } => phrase!(
            "GitHub's rate limit is used up until {}, so it could not be asked what {} is; nothing was started. Name an image tag or a full commit, which needs no GitHub. Without a GitHub token Longshore may ask little: if none is stored, ask {admins} to store one.",
            until,
            what_or_default(reference.as_ref())
        ),
        Refused::NoAnswer(silent) => phrase!(
            "Nothing was started: {}. Longshore tried for three minutes; ask again once that has passed. {} shows whether it is known there.",
            silent.to_string(),
            match silent {
                Silent::Aws(_) => AWS_STATUS,
                Silent::Slack => SLACK_STATUS,
                Silent::GithubLimit | Silent::Github(_) => GITHUB_STATUS,
            }
        ),
        Refused::AwsRefuses(no) => phrase!(
            "Nothing was started: {}. Mend that first, then ask again.",
            Code(no.to_string())
        ),
        Refused::Unavailable => {
            phrase!("Longshore could not reach AWS; nothing was started. Try again in a minute.")
        }
    }
}

/// Why GitHub does not say what a ref is, where an admin can mend it.
fn no_github(no: GithubNo, reference: Option<&Ref>) -> Phrase {
    let what = what_or_default(reference);
    match no {
        GithubNo::Token => phrase!(
            "GitHub does not take Longshore's token, so nobody can say what {} is; nothing was started. Name an image tag, or ask {admins} to store a token that may read the repository.",
            what
        ),
        GithubNo::NoKey => phrase!(
            "Longshore has no private key of its GitHub App, so nobody can say what {} is; nothing was started. Name an image tag, or ask {admins} to store the key.",
            what
        ),
        GithubNo::KeyNotTaken => phrase!(
            "GitHub does not take the key of Longshore's App, so nobody can say what {} is; nothing was started. Name an image tag, or ask {admins} to check `github.app` and the key.",
            what
        ),
        GithubNo::NotInstalled => phrase!(
            "Longshore's GitHub App is not installed on that repository, so nobody can say what {} is; nothing was started. Name an image tag, or ask {admins} to install it there.",
            what
        ),
        GithubNo::Suspended => phrase!(
            "Longshore's GitHub App is suspended at GitHub, so nobody can say what {} is; nothing was started. Name an image tag, or ask {admins} to unsuspend it there.",
            what
        ),
        GithubNo::OtherRepository => phrase!(
            "Another repository at GitHub has the name of this one by now, and what it calls {} is not to be trusted; nothing was started. Ask {admins}: `longshore check --live` says which two.",
            what
        ),
    }
}

/// Which ones are open, a line for each, and what to do about them.
fn too_many_open(environment: &EnvName, open: &[StillOpen]) -> Phrase {
    let lines = open.iter().map(|one| {
        let asked = Phrase::listed(one.asked.iter().map(|one| phrase!("{}", Code(one))), "and");
        let what = match one.kind {
            ChangeKind::Deploy | ChangeKind::Rollback => asked,
            ChangeKind::Restart => phrase!("restart of {}", asked),
        };
        match &one.card {
            Some(card) => phrase!(
                "\n• {}, deploy `{}` ({})",
                what,
                one.id,
                Linked(card, "open it")
            ),
            None => phrase!("\n• {}, deploy `{}`", what, one.id),
        }
    });
    let lines = Phrase::join(lines, "");
    let example = open
        .first()
        .map_or_else(Phrase::default, |one| phrase!("{}", one.application));
    phrase!(
        "You have {} deploys open on {}, and nobody has more there at once:{}\nAnswer them, wait until one ends, or stop one: `{/} cancel {} on {}`. Rolling back is always possible.",
        open.len(),
        environment,
        lines,
        example,
        environment
    )
}

/// Nothing is known by that id.
pub(super) fn unknown_deploy(id: &DeployId) -> Phrase {
    phrase!(
        "There is no deploy `{}`. `{/} history` lists the latest; ids are eight letters and digits.",
        id
    )
}

/// From where it can be promoted by name.
fn nothing_before(application: &AppName, environment: &EnvName, others: &[EnvName]) -> Phrase {
    const LINES: usize = 3;
    let lines = others.iter().take(LINES).map(|from| {
        let line = format!("promote {application} from {from} to {environment}");
        phrase!("{}", Typeable(line))
    });
    match others {
        [] => phrase!(
            "Nothing says which environment comes before {}. Deploy a version there instead: {}",
            environment,
            Typeable(format!("{application} to {environment}"))
        ),
        _ => phrase!(
            "Nothing says which environment comes before {}. Name it: {}",
            environment,
            Phrase::listed(lines, "or")
        ),
    }
}
