//! One place of the board in one line: what runs or is coming, how much of it is up, what happens there, who and
//! since when. Services that differ get a line each, and only they do.

use std::time::Duration;

use jiff::Timestamp;

use crate::card::Setting;
use crate::names::arn::last_part;
use crate::names::{DeployId, EnvName};
use crate::record::{Doing, Open};
use crate::reply::{self, ago, code, duration, for_all, joined, label, said};
use crate::rollout::Counts;
use crate::running::{BroughtFrom, LiveSide, Moves, Row, Runs, ServiceNow, There, Version};
use crate::slack::text::Mrkdwn;

/// What is said of versions that nobody deployed here.
pub(super) const NOBODYS: &str = "never deployed by Longshore";

/// Where it is said who brought what runs.
#[derive(Clone, Copy)]
pub(super) enum Origins {
    /// Of all places at once, above them.
    Above,
    /// In each line.
    Here,
}

/// Whether nothing that runs anywhere of an application was deployed here.
pub(super) fn is_nobodys(row: &Row) -> bool {
    row.places.iter().all(|(_, there)| match there {
        There::Read(runs) => {
            let mut sides = runs.services.iter().flat_map(|one| &one.sides);
            sides.all(|one| one.version.from == BroughtFrom::Unknown)
        }
        There::Unreadable { .. } => false,
    })
}

/// The lines of one place.
pub(super) fn of_place(
    env: &EnvName,
    there: &There,
    origins: Origins,
    setting: &Setting<'_>,
) -> Vec<Mrkdwn> {
    let runs = match there {
        There::Unreadable { unread, .. } => {
            return vec![said!(
                "• {}: :warning: unreadable ({})",
                env,
                for_all(unread.word)
            )];
        }
        There::Read(runs) => runs,
    };
    let groups = alike(&runs.services);
    let happens = happens(runs, setting.now);
    match groups.as_slice() {
        [one] => vec![said!(
            "• {}: {}",
            env,
            joined([one.told(runs, origins, setting.now), happens], ", ")
        )],
        several => {
            let head = match happens.is_empty() {
                true => said!("• {}:", env),
                false => said!("• {}: {}", env, happens),
            };
            let each = several.iter().map(|group| {
                let names = group.services.iter().map(|one| code(&one.service));
                said!(
                    "    ◦ {}: {}",
                    joined(names, ", "),
                    group.told(runs, origins, setting.now)
                )
            });
            std::iter::once(head).chain(each).collect()
        }
    }
}

/// Services of which one line says all.
struct Alike<'r> {
    services: Vec<&'r ServiceNow>,
}

/// The services, those together of which the same is to be said.
fn alike(services: &[ServiceNow]) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for service in services {
        let mut known = groups.iter_mut();
        match known.find(|group| group.services.iter().all(|one| is_alike(one, service))) {
            Some(group) => group.services.push(service),
            None => groups.push(Alike {
                services: vec![service],
            }),
        }
    }
    groups
}

fn is_alike(one: &ServiceNow, other: &ServiceNow) -> bool {
    let sides = |service: &ServiceNow| {
        let sides = service.sides.iter();
        let sides = sides.map(|one| (one.version.clone(), one.side.share, fill(one.side.counts)));
        sides.collect::<Vec<_>>()
    };
    one.moves == other.moves && sides(one) == sides(other)
}

/// How many tasks there are, as far as one service does not speak for another in it.
#[derive(PartialEq, Eq)]
enum Fill {
    NoneWanted,
    NoneRun,
    TooFew,
    All,
}

fn fill(tasks: Counts) -> Fill {
    match (tasks.running, tasks.desired) {
        (_, 0) => Fill::NoneWanted,
        (0, _) => Fill::NoneRun,
        (running, wanted) if running < wanted => Fill::TooFew,
        _ => Fill::All,
    }
}

impl Alike<'_> {
    /// `1.5.0 → 1.6.0, *0 of 4 tasks up*, 28 failed`, `1.5.0, 4 of 4 tasks, @maria, 2 days ago`
    fn told(&self, runs: &Runs, origins: Origins, now: Timestamp) -> Mrkdwn {
        let Some(first) = self.services.first() else {
            return Mrkdwn::new();
        };
        let moves = moves(first, runs);
        let Some(meant) = first.sides.first() else {
            return moves;
        };
        let several = first.sides.len() > 1;
        let share = meant.side.share.filter(|_| several);
        let share = share.map_or_else(Mrkdwn::new, reply::share);
        let from = match origins {
            Origins::Above => Mrkdwn::new(),
            // Who brings it and since when is said of the place.
            Origins::Here if several || is_moving(first) => {
                outside(&meant.version.from, first.sides.get(1))
            }
            Origins::Here => brought(&meant.version.from, now),
        };
        let told = [
            self.versions(first),
            self.tasks(several),
            share,
            moves,
            from,
        ];
        joined(told, ", ")
    }

    /// `1.5.0 → 1.6.0`: what still runs beside, and what the services are meant to run.
    fn versions(&self, first: &ServiceNow) -> Mrkdwn {
        let named = |at: usize| {
            let sides = self.services.iter().filter_map(|one| one.sides.get(at));
            let sides: Vec<&LiveSide> = sides.collect();
            named(&sides)
        };
        let old = joined((1..first.sides.len()).map(named), " + ");
        match old.is_empty() {
            true => named(0),
            false => said!("{} → {}", old, named(0)),
        }
    }

    /// How many of all tasks that are wanted run, and how many failed.
    fn tasks(&self, several: bool) -> Mrkdwn {
        let mut all = Counts::default();
        for counts in self.services.iter().filter_map(|one| one.sides.first()) {
            all.desired += counts.side.counts.desired;
            all.running += counts.side.counts.running;
            all.failed += counts.side.counts.failed;
        }
        let up = match (all.running, all.desired, several) {
            (0, 0, _) => Mrkdwn::raw("no tasks: the desired count is 0"),
            (running, wanted, false) if running >= wanted => {
                said!("{} of {} tasks", running, wanted)
            }
            (running, wanted, _) if running >= wanted => {
                said!("{} of {} tasks up", running, wanted)
            }
            (running, wanted, _) => said!("*{} of {} tasks up*", running, wanted),
        };
        let failed = match all.failed {
            ..=0 => Mrkdwn::new(),
            failed => said!("*{} failed*", failed),
        };
        joined([up, failed], ", ")
    }
}

/// A version by its label, and by its commit where that is another word; what nobody here brought by
/// its revisions too.
fn named(sides: &[&LiveSide]) -> Mrkdwn {
    let Some(version) = sides.first().map(|one| &one.version) else {
        return Mrkdwn::new();
    };
    let Version {
        label: name, from, ..
    } = version;
    let name = name.as_deref().map_or_else(Mrkdwn::new, label);
    match from {
        BroughtFrom::Ours { .. } | BroughtFrom::Found { .. } => {
            let short = version.short_commit().map_or_else(Mrkdwn::new, code);
            joined([name, short], " ")
        }
        BroughtFrom::Noticed { .. } | BroughtFrom::Outside { .. } | BroughtFrom::Unknown => {
            let revisions = sides
                .iter()
                .map(|one| code(last_part(&one.side.task_definition)));
            joined([name, joined(revisions, ", ")], " ")
        }
    }
}

/// What happens to a service, in a word; nothing where the versions say it.
fn moves(service: &ServiceNow, runs: &Runs) -> Mrkdwn {
    let ours = !runs.leases.is_empty();
    match &service.moves {
        Moves::Settled => Mrkdwn::new(),
        Moves::RollingOut(_) if !ours => Mrkdwn::raw("*rolling out, not by Longshore*"),
        Moves::RollingOut(_) if service.sides.len() > 1 => Mrkdwn::new(),
        Moves::RollingOut(_) => Mrkdwn::raw("*rolling out*"),
        Moves::GoingBack if !ours => Mrkdwn::raw("*going back, not by Longshore*"),
        Moves::GoingBack => Mrkdwn::raw("*going back*"),
        Moves::Waiting(_, hook) => {
            let until = hook.expires_at;
            let until = until.map_or_else(Mrkdwn::new, |until| said!("until {}", until));
            joined([Mrkdwn::raw("*waits for Continue*"), until], " ")
        }
        Moves::Unfinished => Mrkdwn::raw("*last rollout did not finish*"),
        Moves::NotActive => Mrkdwn::raw(":warning: *not ACTIVE*"),
        Moves::Missing => Mrkdwn::raw(":warning: *no such service*"),
    }
}

/// Whether its rollout is under way.
fn is_moving(service: &ServiceNow) -> bool {
    match service.moves {
        Moves::RollingOut(_) | Moves::GoingBack | Moves::Waiting(..) => true,
        Moves::Settled | Moves::Unfinished | Moves::NotActive | Moves::Missing => false,
    }
}

/// By whom and since when it runs, or that nobody here brought it.
fn brought(from: &BroughtFrom, now: Timestamp) -> Mrkdwn {
    let long_ago = |at: &Timestamp| {
        let span = now.duration_since(*at);
        Mrkdwn::of(&ago(span.try_into().unwrap_or_default()))
    };
    match from {
        BroughtFrom::Ours { since, by } => {
            let by = by.as_ref().map_or_else(Mrkdwn::new, |by| said!("{}", by));
            let since = since.as_ref().map_or_else(Mrkdwn::new, long_ago);
            joined([by, since], ", ")
        }
        BroughtFrom::Found { known_since } => {
            said!("found running, first seen {}", long_ago(known_since))
        }
        BroughtFrom::Noticed { at, .. } => {
            said!("*changed outside*, noticed {}", long_ago(at))
        }
        BroughtFrom::Outside { .. } | BroughtFrom::Unknown => outside(from, None),
    }
}

/// That nobody here brought it; what was deployed last is named unless it is what runs `beside`, in the same line.
fn outside(from: &BroughtFrom, beside: Option<&LiveSide>) -> Mrkdwn {
    let beside = beside.and_then(|side| side.version.label.as_ref());
    match from {
        BroughtFrom::Outside { instead_of } if beside == Some(instead_of) => {
            Mrkdwn::raw("*changed outside*")
        }
        BroughtFrom::Outside { instead_of } => {
            said!("*changed outside*, last deployed {}", label(instead_of))
        }
        BroughtFrom::Noticed { .. } => Mrkdwn::raw("*changed outside*"),
        BroughtFrom::Unknown => Mrkdwn::raw(NOBODYS),
        BroughtFrom::Ours { .. } | BroughtFrom::Found { .. } => Mrkdwn::new(),
    }
}

/// What deploys of ours do there: of the one that rolls out who asked and since when, of each other one in a word
/// what it waits for.
fn happens(runs: &Runs, now: Timestamp) -> Mrkdwn {
    let moving = runs.services.iter().any(is_moving);
    let open = runs.open.iter().map(|open| {
        let shows = moving && runs.leases.contains(&open.id);
        let what = match open.doing {
            Doing::UnderWay if shows => Mrkdwn::new(),
            Doing::UnderWay => Mrkdwn::raw("*under way*"),
            Doing::Overdue => Mrkdwn::raw("*overdue*"),
            Doing::Stopping => Mrkdwn::raw("*being stopped*"),
            Doing::Asking => Mrkdwn::raw("*question pending*"),
            Doing::Pleading => Mrkdwn::raw("*waits for an admin's yes*"),
            Doing::Preparing => Mrkdwn::raw("*not begun*"),
        };
        joined([what, asked(open, now)], ", ")
    });
    let known = |id: &&DeployId| runs.open.iter().any(|open| open.id == **id);
    let others = runs.leases.iter().filter(|id| !known(id));
    let others = others.map(|id| said!("deploy {} is at work", id));
    joined(open.chain(others), "; ")
}

/// `asked by @sam 1 min ago`
fn asked(open: &Open, now: Timestamp) -> Mrkdwn {
    let seconds = now.duration_since(open.since).as_secs().unsigned_abs();
    let whole = match seconds {
        ..60 => seconds,
        more => more - more % 60,
    };
    let span = duration(Duration::from_secs(whole));
    said!("asked by {} {} ago", open.by, Mrkdwn::of(&span))
}
