//! What stands in a deploy's way, in words.

mod image;

use crate::config::{BranchPattern, Leniency};
use crate::gate::{
    Busy, GoesBackward, NoSource, NotInBranch, NotPassed, NotPromoted, NotProven, NotTold, NotYet,
    Obstacle, WhyNotIn,
};
use crate::names::Actor;
use crate::plan::{Backward, Closed};
use crate::reply::phrase::{Code, Phrase, Wording, phrase};
use crate::reply::{duration, last_part};
use crate::resolve::CheckTrouble;

/// What stands in the way, and what to do about it.
pub(crate) fn obstacle(obstacle: &Obstacle) -> Phrase {
    match obstacle {
        Obstacle::UnknownController {
            service,
            controller,
        } => phrase!(
            "The service {} names the deployment controller {}. This version of Longshore does not know that one and keeps its hands off. Deploy it as before, or upgrade Longshore.",
            Code(service),
            Code(controller)
        ),
        Obstacle::ForeignController {
            service,
            controller,
        } => phrase!(
            "The service {} is rolled out by {}, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.",
            Code(service),
            Code(controller)
        ),
        Obstacle::ExpressMode { service } => phrase!(
            "The service {} is an Express Mode service, which ECS manages by itself. Whether it can be given a task definition is not verified, so Longshore keeps its hands off. Deploy it with `aws ecs update-express-gateway-service`, or run the application in a service of your own.",
            Code(service)
        ),
        Obstacle::NoService { service, cluster } => phrase!(
            "There is no service {} in the cluster {}. Nothing was started. Create it, or ask {admins} to correct `services`.",
            Code(service),
            Code(cluster)
        ),
        Obstacle::Inactive { service, status } => phrase!(
            "The service {} is {}, not ACTIVE, so nothing can be deployed to it. Create it again, or ask {admins} to take it out.",
            Code(service),
            Code(status)
        ),
        Obstacle::Busy(Busy {
            id,
            application,
            environment,
            by: _,
            since: _,
            stopped_by: Some(stopped_by),
        }) => phrase!(
            "Deploy `{}` of `{}` to {} is being stopped, as {} wished. Wait for its verdict, then ask again.",
            id,
            application,
            environment,
            Phrase::either(stopped_by, phrase!("you"), stopped_by.text())
        ),
        Obstacle::Busy(Busy {
            id,
            application,
            environment,
            by,
            since,
            stopped_by: None,
        }) => {
            let cancel = phrase!("`{/} cancel {} on {}`", application, environment);
            let own = phrase!(
                "You asked for it at {}. Wait for its verdict, or stop it: {}.",
                since,
                cancel
            );
            // Who may stop it, the record does not say of whoever reads it.
            let otherwise = match by {
                Actor::Ci { .. } | Actor::Longshore => Phrase::default(),
                by => phrase!(" If you may not, ask {}.", by),
            };
            let other = phrase!(
                "{} asked for it at {}. Wait for its verdict, or stop it: {}.{}",
                by,
                since,
                cancel,
                otherwise
            );
            phrase!(
                "Deploy `{}` of `{}` to {} is still under way. {}",
                id,
                application,
                environment,
                Phrase::either(by, own, other)
            )
        }
        Obstacle::Foreign(foreign) => phrase!(
            "Somebody else is rolling out {} on the service {}. Wait until that is over, then ask again.",
            Code(last_part(&foreign.revision)),
            Code(&foreign.service)
        ),
        Obstacle::Check(not_passed) => check(not_passed),
        Obstacle::ChecksUnread(why) => unread(
            why,
            &phrase!("whether the checks passed"),
            "`checks` and `statuses`",
        ),
        Obstacle::Branches(not_in) => not_in_branch(not_in),
        Obstacle::BranchesUnread(why) => unread(
            why,
            &phrase!("which branches have its commit"),
            "`contents`",
        ),
        Obstacle::Signature(not_signed) => image::not_signed(not_signed),
        Obstacle::SignatureUnread(why) => {
            unread(why, &phrase!("whether it is signed"), "`contents`")
        }
        Obstacle::LooseTag(loose) => image::loose_tag(loose),
        Obstacle::Scan(not_clean) => image::not_clean(not_clean),
        Obstacle::After(not_proven) => not_yet(not_proven),
        Obstacle::Promotion(not_promoted) => no_source(not_promoted),
        Obstacle::Backward(GoesBackward {
            application,
            backward: Backward::Commits(_),
        }) => phrase!(
            "`{}` goes back, and deploys there only go forward. Confirm only if you mean it.",
            application
        ),
        Obstacle::Backward(GoesBackward {
            application,
            backward: Backward::Unknown,
        }) => phrase!(
            "Deploys there only go forward, and whether `{}` goes back is not known. Confirm only if you mean it.",
            application
        ),
        Obstacle::NoWayBack { service, closed } => {
            let why = match closed {
                Closed::Revision(arn) => phrase!(
                    "its task definition {} is being deleted",
                    Code(last_part(arn))
                ),
                Closed::Image(digest) => phrase!(
                    "the image {} that runs cannot be pulled any more",
                    Code(digest)
                ),
            };
            phrase!(
                "{} has no way back: {}. If this fails, it stays on whatever it runs by then.",
                Code(service),
                why
            )
        }
    }
}

/// A check that has not passed.
fn check(not_passed: &NotPassed) -> Phrase {
    let commit = not_passed.commit.short();
    let check = match (&not_passed.check.name, not_passed.check.source.name()) {
        (Some(name), source) => phrase!("Its check {} by {}", Code(name), Code(source)),
        (None, source) => phrase!("A check by {}", Code(source)),
    };
    let standing = match &not_passed.trouble {
        CheckTrouble::Failed(word) => phrase!(
            "did not pass on {}: {}. Mend it or run it again, and ask again once it has passed.",
            Code(commit),
            Code(word)
        ),
        CheckTrouble::Running => phrase!(
            "has not ended on {}. Ask again once it has passed.",
            Code(commit)
        ),
        CheckTrouble::Missing => phrase!(
            "has not run on {}. Start it, and ask again once it has passed.",
            Code(commit)
        ),
        CheckTrouble::Undecided(Leniency::Skipped) => phrase!(
            "was skipped on {}, which does not count as passed here. Run it, and ask again once it has passed.",
            Code(commit)
        ),
        CheckTrouble::Undecided(Leniency::Neutral) => phrase!(
            "ended as neutral on {}, which does not count as passed here. Mend it, and ask again once it has passed.",
            Code(commit)
        ),
        CheckTrouble::Unheard(word) => phrase!(
            "stands at {} on {}. This version of Longshore does not know that word, so it does not count. Run it, and ask again once it has passed.",
            Code(word),
            Code(commit)
        ),
        CheckTrouble::TooMany => phrase!(
            "cannot be told on {}: more was reported of it than the 300 checks that are read. Ask whoever looks after its CI to report fewer.",
            Code(commit)
        ),
    };
    phrase!("{} {}", check, standing)
}

/// Why nobody can tell something, and what the token of GitHub must be allowed to.
fn unread(why: &NotTold, what: &Phrase, right: &'static str) -> Phrase {
    match why {
        NotTold::NoCommit => phrase!(
            "The image does not prove of which commit it is, so nobody can tell {}. Deploy what CI built by its commit.",
            what
        ),
        NotTold::Silent => phrase!("GitHub does not say {}. Ask again in a few minutes.", what),
        NotTold::Denied => phrase!(
            "GitHub does not let Longshore see {}. Ask {admins} to give it {}, to read.",
            what,
            Phrase::ours(right)
        ),
        NotTold::OtherRepository => phrase!(
            "Another repository at GitHub has the name of this one by now, so nobody can tell {}. Ask {admins}: `longshore check --live` says which two.",
            what
        ),
        NotTold::Limit(Some(until)) => phrase!(
            "GitHub answers no more questions until {}, so nobody can tell {}. Ask again then.",
            until,
            what
        ),
        NotTold::Limit(None) => phrase!(
            "GitHub answers no more questions for now, so nobody can tell {}. Ask again in a few minutes.",
            what
        ),
    }
}

/// That no branch has it from which it may go out.
fn not_in_branch(not_in: &NotInBranch) -> Phrase {
    let commit = Code(not_in.commit.short());
    let wanted = branches(&not_in.wanted);
    match not_in.why {
        WhyNotIn::None => phrase!(
            "Commit {} may not go to {}. It must be in {}: merge it there, then ask again.",
            commit,
            not_in.environment,
            wanted
        ),
        WhyNotIn::NoneSeen => phrase!(
            "Commit {} must be in {}, and only ten branches are looked at. Deploy it by its branch, which is looked at first.",
            commit,
            wanted
        ),
        WhyNotIn::NoBranch => phrase!(
            "Commit {} must be in {}, and there is no such branch. Ask {admins} to correct `branches`.",
            commit,
            wanted
        ),
    }
}

/// The first two of the branches, and how many there are beside.
fn branches(wanted: &[BranchPattern]) -> Phrase {
    const NAMED: usize = 2;
    let named = wanted.iter().take(NAMED);
    let named = named.map(|one| phrase!("{}", Code(one.as_str())));
    let others = wanted.len().saturating_sub(NAMED);
    let others = (others > 0).then(|| phrase!("{} more", others));
    Phrase::listed(named.chain(others), "or")
}

/// That it has not yet succeeded where it must have.
fn not_yet(not_proven: &NotProven) -> Phrase {
    let there = &not_proven.environment;
    let label = Code(&not_proven.brings.label);
    match &not_proven.why {
        NotYet::Never => phrase!(
            "{} has not succeeded on {}, where it must first. Deploy it there, then ask again.",
            label,
            there
        ),
        NotYet::NotSeen => phrase!(
            "Nobody can tell whether {} succeeded on {}: the newest 100 deploys do not show it. Deploy it there, then ask again.",
            label,
            there
        ),
        NotYet::Soaking { ran, soak, until } => phrase!(
            "{} succeeded on {} {} ago, and may go on {} after that. Ask again at {}.",
            label,
            there,
            duration(*ran),
            duration(*soak),
            until
        ),
        NotYet::NothingRan => phrase!(
            "No task of {} ran on {}, so nobody can tell whether it works. Scale `{}` up and restart it there, then ask again.",
            label,
            there,
            not_proven.brings.application
        ),
        NotYet::TakenBack { by, at } => phrase!(
            "{} was rolled back on {}, by {} at {}. Deploy it there once more if it is good after all, then ask again.",
            label,
            there,
            by,
            at
        ),
        NotYet::TriedBack { by, at } => phrase!(
            "{} tried to roll {} back on {}, at {}. Deploy it there once more if it is good after all, then ask again.",
            by,
            label,
            there,
            at
        ),
        NotYet::Leaving { by } => phrase!(
            "{} is rolling {} back on {}. Wait until that is over, then ask again.",
            by,
            label,
            there
        ),
    }
}

/// That nothing is promoted from there.
fn no_source(not_promoted: &NotPromoted) -> Phrase {
    let NotPromoted {
        application,
        from,
        why,
    } = not_promoted;
    match why {
        NoSource::Elsewhere => phrase!(
            "`{}` does not run on {}, so nothing can be promoted from there. Name another environment after `from`.",
            application,
            from
        ),
        NoSource::Rolling => phrase!(
            "Something is rolling out on {}. Wait until that is over, then ask again.",
            from
        ),
        NoSource::Nothing => phrase!(
            "No task of `{}` runs on {}, so there is nothing to promote. Start some there, then ask again.",
            application,
            from
        ),
        NoSource::Mixed => phrase!(
            "The services of `{}` on {} do not run one image, so nobody can tell which to promote. Deploy one there first.",
            application,
            from
        ),
        NoSource::NotGood => phrase!(
            "What runs of `{}` on {} has not succeeded through Longshore. Deploy it there, then ask again.",
            application,
            from
        ),
        NoSource::MovedOn { label, runs } => phrase!(
            "{} runs on {} by now, not {}. Ask again to promote that.",
            Code(runs),
            from,
            Code(label)
        ),
    }
}
