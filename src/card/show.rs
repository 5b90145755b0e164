//! Everything the record says about one deploy, for whoever wants to know exactly.

use std::time::Duration;

use super::evidence::explain;
use super::page::{Page, about};
use super::terminal::phase;
use super::{Setting, plan, verdict};
use crate::names::ChannelId;
use crate::record::{Deploy, Head, Published, ServiceState, Telling, Verdict, Way};
use crate::reply::{
    self, code, code_block, completion, for_all, joined, last_part, request, runs_now, said,
    service_now, service_stands,
};
use crate::slack::blocks::Message;
use crate::slack::text::Mrkdwn;

/// All facts of one deploy, as a message for the asker.
pub fn show(deploy: &Deploy, setting: &Setting<'_>) -> Message {
    let summary = match &deploy.ending {
        Some(_) => completion(deploy),
        None => said!("Deploy {} is under way: {}", deploy.id, request(deploy)),
    };
    let mut page = Page::new(summary.clone());
    page.header(&format!("Deploy {}: {}", deploy.id, about(deploy)));
    if deploy.ending.is_some() {
        page.section(said!("*{}*", summary));
    }
    page.fields(vec![
        ("Asked for", request(deploy)),
        ("By", by(deploy)),
        ("Where it is", phase(deploy)),
        ("Time", time(deploy, setting)),
        ("Confirmed", confirmed(deploy)),
        ("Told", told(deploy)),
        ("Published", published(deploy)),
    ]);
    if let Some(planned) = &deploy.plan {
        let mut facts = vec![
            ("From", plan::from(planned)),
            ("To", reply::runs_then(planned)),
            (
                "Configuration",
                said!("version {}", planned.config_version.to_string()),
            ),
        ];
        if let Some(share) = planned.only() {
            let commit = match (&share.commit, &share.unproved) {
                (Some(commit), None) => code(commit.as_str()),
                _ => reply::commit::of_one(share, deploy.requested_at),
            };
            facts.push(("Commit", commit));
            facts.push((
                "Commits",
                reply::link::commits(planned, deploy.verb()).capitalized(),
            ));
            if let Some(image) = &share.image {
                facts.push((
                    "Image",
                    code(&format!("{}@{}", image.repository, image.digest)),
                ));
            }
        }
        facts.push((
            "Cluster",
            said!(
                "{} in {}, account {}",
                code(&planned.cluster),
                planned.region,
                code(&planned.account)
            ),
        ));
        page.fields(facts);
        page.lines(reply::shares(planned));
        if !planned.foreign.is_empty() {
            let at = deploy
                .ending
                .as_ref()
                .map_or(setting.now, |ending| ending.at);
            let lines = planned.foreign.iter().map(|one| reply::foreign(one, at));
            let heading = Mrkdwn::raw("*Somebody else's rollout that its plan replaces:*");
            page.lines([heading].into_iter().chain(lines).collect());
        }
        if !planned.differences.is_empty() {
            page.section(Mrkdwn::raw("*Differs in more than the image:*"));
            page.section(code_block(&planned.differences, 1_500));
        }
    }
    for task in deploy.plan.iter().flat_map(|plan| &plan.one_offs) {
        page.section(reply::task_planned(task));
    }
    if let Some(ending) = &deploy.ending {
        let mut why = verdict::why(deploy, ending, setting, None).into_iter();
        match (why.next(), ending.verdict) {
            (Some(first), Verdict::Refused) => {
                let then = reply::gates::stood_in_the_way();
                let why = [first].into_iter().chain(why);
                let why = why.map(|line| said!("• {}", line));
                page.lines([then].into_iter().chain(why).collect());
            }
            (Some(first), _) => {
                let first = said!("*Why:* {}", first);
                page.lines([first].into_iter().chain(why).collect());
            }
            (None, _) => {}
        }
        if deploy.has_begun() {
            page.lines(runs_now(deploy, ending));
        }
    }
    page.lines(reply::tasks_now(deploy));
    page.lines(
        deploy
            .services
            .iter()
            .map(|one| service(deploy, one))
            .collect(),
    );
    page.lines(pauses(deploy));
    page.lines(reply::schedules_now(deploy));
    explain(&mut page, deploy);
    page.only_for_one()
}

pub(super) fn pauses(deploy: &Deploy) -> Vec<Mrkdwn> {
    let of = |service: &ServiceState| {
        let lines = service.pauses.iter();
        lines
            .map(|pause| reply::pause_line(&service.service, pause))
            .collect::<Vec<_>>()
    };
    deploy.services.iter().flat_map(of).collect()
}

fn time(deploy: &Deploy, setting: &Setting<'_>) -> Mrkdwn {
    match (&deploy.started_at, &deploy.ending) {
        (Some(at), Some(ending)) => said!(
            "started {}, {} after it was asked for; ended {}, took {} from its start",
            *at,
            Duration::try_from(at.duration_since(deploy.requested_at)).unwrap_or_default(),
            ending.at,
            deploy.elapsed(setting.now)
        ),
        (None, Some(ending)) => said!("never started; ended {}", ending.at),
        (Some(at), None) => said!("started {}, {} so far", *at, deploy.elapsed(setting.now)),
        (None, None) => Mrkdwn::raw("not started"),
    }
}

fn confirmed(deploy: &Deploy) -> Mrkdwn {
    match &deploy.ask {
        None => Mrkdwn::raw("was not asked for"),
        Some(ask) => match &ask.consented_by {
            Some(by) => said!("by {}", by),
            None => said!("not yet; lapses {}", ask.expires_at),
        },
    }
}

/// Who asked for it, when, and how where that was not by a command.
fn by(deploy: &Deploy) -> Mrkdwn {
    let (who, at, origin) = (&deploy.requester, deploy.requested_at, &deploy.origin);
    let direct = origin.channel.as_ref().is_some_and(ChannelId::is_direct);
    match (&origin.mention, direct) {
        (None, _) => said!("{} at {}", who, at),
        (Some(_), false) => said!("{} at {}, by mention", who, at),
        (Some(_), true) => said!("{} at {}, by direct message", who, at),
    }
}

fn told(deploy: &Deploy) -> Mrkdwn {
    match (&deploy.told.verdict, &deploy.ending) {
        (_, None) => Mrkdwn::raw("no verdict yet"),
        (Telling::Due, Some(_)) => Mrkdwn::raw("verdict not told yet"),
        (Telling::Tried { attempts, .. }, Some(_)) => {
            said!("verdict not told yet, after {} attempts", *attempts)
        }
        (Telling::Told { way }, Some(_)) => Mrkdwn::raw(match way {
            Way::Card => "verdict told on the card and in its thread",
            Way::ResponseUrl => "verdict told in answer to the request",
            Way::Channel => "verdict told in the channel",
            Way::Direct => "verdict told in a direct message",
            Way::Terminal => "verdict told at the terminal",
        }),
        (Telling::Undeliverable, Some(_)) => {
            Mrkdwn::raw("*the verdict could not be delivered to anybody*")
        }
    }
}

fn published(deploy: &Deploy) -> Mrkdwn {
    let all = deploy.published.iter();
    joined(all.map(one_published), "; ")
}

/// The versions that should have been written down for other tools, and could not be.
pub(super) fn not_published(deploy: &Deploy) -> Vec<Mrkdwn> {
    let all = deploy.published.iter();
    let failed = all.filter(|one| matches!(one, Published::Failed { .. }));
    failed
        .map(|one| said!(":warning: {}", one_published(one)))
        .collect()
}

fn one_published(published: &Published) -> Mrkdwn {
    match published {
        Published::Written { parameter, image } => {
            said!("{} holds {}", code(parameter), code(last_part(image)))
        }
        Published::Failed { parameter, why } => {
            said!(
                "*{} could not be written*: {}",
                code(parameter),
                for_all(&why.to_string())
            )
        }
        Published::SeveralImages => Mrkdwn::raw("not: several images run"),
        Published::Overtaken => Mrkdwn::raw("not: something newer had succeeded there by then"),
    }
}

fn service(deploy: &Deploy, service: &ServiceState) -> Mrkdwn {
    // Why it ended so is said above, where that is known.
    let told = deploy
        .ending
        .as_ref()
        .is_some_and(|ending| !ending.why.is_said());
    let now = match told {
        true => service_stands(service),
        false => service_now(service),
    };
    let fence = service.fence.map_or_else(Mrkdwn::new, |fence| {
        said!("lease fence {}", fence.to_string())
    });
    let head = match service.head {
        Head::Restored => Mrkdwn::raw("the family's newest revision is the good one again"),
        Head::Bad => Mrkdwn::raw("the family's newest revision is still the one that failed"),
        Head::Unseen | Head::LeftAlone => Mrkdwn::new(),
    };
    let details = [now, fence, head];
    said!("• {}: {}", code(&service.service), joined(details, "; "))
}
