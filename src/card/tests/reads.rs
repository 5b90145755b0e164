//! What people read: what runs where, the history, one deploy, the help.

use insta::assert_snapshot;

use super::*;
use crate::command::CommandVerb;
use crate::names::{AppName, EnvName};
use crate::past::marked;
use crate::record::{Head, Open, Phase, Telling, Way};
use crate::rollout::{AfterPause, Hook, HookStatus};
use crate::running::{Row, Runs, There, Unread};

#[test]
fn an_application_shows_what_was_read_and_what_could_not_be() {
    let there = |services| {
        There::Read(Runs {
            services,
            ..Runs::default()
        })
    };
    let mut empty = live(Some("1.0.2"), 0);
    empty.sides[0].side.counts.desired = 0;
    let busy = There::Read(Runs {
        services: vec![
            ServiceNow {
                moves: Moves::RollingOut(None),
                ..live(Some("1.0.2"), 3)
            },
            empty,
        ],
        open: vec![Open::of(&rolling(deploy_of("v1.0.2")))],
        ..Runs::default()
    });
    let unreadable = There::Unreadable {
        unread: Unread {
            word: "no answer",
            why: "AWS did not answer".to_owned(),
        },
        role: "arn:aws:iam::111111111111:role/longshore-beta".to_owned(),
    };
    let cms = Row {
        application: "cms".parse().unwrap(),
        title: "Content Management System".to_owned(),
        places: vec![
            ("staging".parse().unwrap(), busy),
            ("production".parse().unwrap(), there(vec![live(None, 4)])),
            ("beta".parse().unwrap(), unreadable),
        ],
    };
    let webapp = Row {
        application: "webapp".parse().unwrap(),
        title: "webapp".to_owned(),
        places: vec![(
            "staging".parse().unwrap(),
            there(vec![live(Some("1f0c9de"), 4)]),
        )],
    };
    assert_snapshot!(seen(&status(&cms, &setting(0))), @r"
    (ephemeral) What runs, but for one place that could not be read
    # What runs, but for one place that could not be read
    *Content Management System* (`cms`)
    staging: version 1.0.2 (commit `1f0c9de`, digest `bbbbbbbbbbbb`), 5 min ago, <@U061F7AUR>; *rolling out* `cms-api`, not by Longshore; deploy `4f2k9x0a` is under way
    • `cms-api` on `cms-api:12`: 3 of 4 running, 1 pending
    • `cms-api` on `cms-api:12`: no tasks run: the desired count is 0, 4 pending
    production: a version that Longshore does not know (digest `bbbbbbbbbbbb`), never deployed by Longshore
    • `cms-api` on `cms-api:12`: 4 of 4 running
    :warning: beta could not be read: AWS did not answer (role `arn:aws:iam::111111111111:role/longshore-beta`). Nothing is claimed about it.
    – As ECS said <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>.
    ");
    assert_snapshot!(seen(&status(&webapp, &setting(0))), @r"
    (ephemeral) What runs of webapp
    # What runs of webapp
    *webapp*
    staging: version 1f0c9de (digest `bbbbbbbbbbbb`), 5 min ago, <@U061F7AUR>
    • `cms-api` on `cms-api:12`: 4 of 4 running
    – As ECS said <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>.
    ");
}

#[test]
fn an_application_counts_each_revisions_own_tasks() {
    let mut stuck = live(Some("1.0.2"), 0);
    stuck.sides[0].side.counts.failed = 16;
    stuck.sides.push(side(Some("1.0.1"), 11, 4));
    stuck.moves = Moves::RollingOut(None);
    let mut stopped = live(Some("1.0.2"), 4);
    stopped.sides.push(side(Some("1.0.1"), 11, 4));
    stopped.sides[0].side.share = Some(0);
    stopped.sides[1].side.share = Some(1000);
    stopped.moves = Moves::Unfinished;
    let mut paused = live(Some("1.0.2"), 4);
    paused.sides.push(side(None, 11, 2));
    let hook = Hook {
        id: "h1".to_owned(),
        status: HookStatus::AwaitingAction,
        expires_at: Some(at(1_800)),
        on_timeout: AfterPause::RollBack,
    };
    paused.moves = Moves::Waiting(Some("POST_TEST_TRAFFIC_SHIFT".to_owned()), hook);
    let places = [stuck, stopped, paused].map(|service| {
        let runs = Runs {
            services: vec![service],
            ..Runs::default()
        };
        ("staging".parse().unwrap(), There::Read(runs))
    });
    let row = Row {
        application: "cms".parse().unwrap(),
        title: "cms".to_owned(),
        places: places.into(),
    };
    assert_snapshot!(seen(&status(&row, &setting(0))), @r"
    (ephemeral) What runs of cms
    # What runs of cms
    *cms*
    staging: version 1.0.1 (commit `1f0c9de`, digest `bbbbbbbbbbbb`), 5 min ago, <@U061F7AUR>; *rolling out*, not by Longshore
    • `cms-api` on `cms-api:12` (1.0.2, 5 min ago, <@U061F7AUR>): 0 of 4 running, 4 pending, 16 failed; `cms-api:11`: 4 running
    staging: not one version alone: version 1.0.2 (commit `1f0c9de`, digest `bbbbbbbbbbbb`, 5 min ago, <@U061F7AUR>) and version 1.0.1 (commit `1f0c9de`, digest `bbbbbbbbbbbb`, 5 min ago, <@U061F7AUR>); *the last rollout of `cms-api` did not finish*
    • `cms-api` on `cms-api:12` (1.0.2): 4 of 4 running, 0 % of the traffic; `cms-api:11` (1.0.1): 4 running, 100 % of the traffic
    staging: not one version alone: version 1.0.2 (commit `1f0c9de`, digest `bbbbbbbbbbbb`, 5 min ago, <@U061F7AUR>) and a version that Longshore does not know (digest `bbbbbbbbbbbb`, never deployed by Longshore); *rolling out*, not by Longshore; *waits for a person* at `cms-api` (the new tasks get the test traffic), until <!date^1800001800^{time} {date_short_pretty}|2027-01-15 08:30 UTC>, when ECS goes back to what ran before
    • `cms-api` on `cms-api:12` (1.0.2): 4 of 4 running; `cms-api:11` (never deployed by Longshore): 2 running, 2 pending
    – As ECS said <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>.
    ");
}

#[test]
fn the_history_lists_the_latest_deploys() {
    let list = [
        past(Some(deploy_of("main")), None),
        Past {
            label: String::new(),
            ..past(Some(deploy_of("main")), Some(Verdict::Refused))
        },
        past(Some(Verb::rollback(None)), Some(Verdict::Succeeded)),
        Past {
            requester: operator(),
            ..past(Some(Verb::Restart), Some(Verdict::RolledBack))
        },
        past(None, None),
    ];
    assert_snapshot!(seen(&listing(marked(list.to_vec()))), @r"
    (ephemeral) The latest 5 entries, newest first
    # The latest 5 entries, newest first
    • `4f2k9x0a` cms staging: 1.0.2, *under way*, <@U061F7AUR>, <!date^1800000000^{date_num} {time}|2027-01-15 08:00 UTC>
    • `4f2k9x0a` cms staging: *refused*, <@U061F7AUR>, <!date^1800000381^{date_num} {time}|2027-01-15 08:06 UTC>
    • `4f2k9x0a` cms staging: back to 1.0.2, <@U061F7AUR>, <!date^1800000381^{date_num} {time}|2027-01-15 08:06 UTC>, in 6 min, 1 sec
    • `4f2k9x0a` cms staging: restart, *rolled back*, `kim`, <!date^1800000381^{date_num} {time}|2027-01-15 08:06 UTC>
    • found running, cms staging: 1.0.2, first seen <!date^1800000000^{date_num} {time}|2027-01-15 08:00 UTC>
    – `/deploy show 4f2k9x0a` tells everything about one.
    ");
    assert_snapshot!(seen(&listing(marked(list[..1].to_vec()))), @r"
    (ephemeral) The latest entry
    # The latest entry
    • `4f2k9x0a` cms staging: 1.0.2, *under way*, <@U061F7AUR>, <!date^1800000000^{date_num} {time}|2027-01-15 08:00 UTC>
    – `/deploy show 4f2k9x0a` tells everything about one.
    ");
    assert_snapshot!(seen(&listing(Vec::new())), @r#"
    (ephemeral) Nothing has been deployed there through Longshore yet.
    Nothing has been deployed there through Longshore yet.
    "#);
}

#[test]
fn a_change_from_outside_that_was_rolled_back_from_is_marked_too() {
    let foreign = Past {
        outside: Some(crate::record::Outside {
            registered_by: None,
            successful: true,
        }),
        ..past(None, None)
    };
    let entry = |left| crate::past::Marked {
        past: foreign.clone(),
        left,
    };
    let left = crate::names::version::Left {
        how: crate::names::version::Leaving::RolledBack,
        by: maria(),
        at: at(381),
        deploy: None,
        label: "1.0.1".to_owned(),
    };
    let says =
        |left| seen(&listing(vec![entry(left)])).contains("later rolled back by <@U061F7AUR>");
    assert!(says(Some(left)));
    assert!(!says(None));
}

#[test]
fn show_tells_everything() {
    assert_snapshot!(seen(&show(&asking(deploy_of("v1.0.2")), &setting(20))), @r"
    (ephemeral) Deploy `4f2k9x0a` is under way: `cms:v1.0.2` to staging
    # Deploy 4f2k9x0a: Content Management System · staging
    │ *Asked for* `cms:v1.0.2` to staging
    │ *By* <@U061F7AUR> at <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>
    │ *Where it is* waiting for confirmation
    │ *Time* not started
    │ *Confirmed* not yet; lapses <!date^1800000910^{time} {date_short_pretty}|2027-01-15 08:15 UTC>
    │ *Told* no verdict yet
    │ *From* 1.0.1
    │ *To* 1.0.2
    │ *Configuration* version 7
    │ *Commit* `1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5`
    │ *Commits* 2 commits (maria, sam)
    │ *Image* `222222222222.dkr.ecr.eu-west-1.amazonaws.com/cms@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`
    │ *Cluster* `staging` in eu-west-1, account `222222222222`
    • `cms-api`: not touched
    • `cms-worker`: not touched
    ");
    let mut deploy = crashed();
    deploy.told.verdict = Telling::Undeliverable;
    deploy.services[0].head = Head::Restored;
    deploy.plan.as_mut().unwrap().differences = vec!["app.cpu: 256 → 512".to_owned()];
    assert_snapshot!(seen(&show(&deploy, &setting(400))), @r"
    (ephemeral) Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    # Deploy 4f2k9x0a: Content Management System · staging
    *Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began*
    │ *Asked for* `cms:v1.0.2` to staging
    │ *By* <@U061F7AUR> at <!date^1800000000^{time} {date_short_pretty}|2027-01-15 08:00 UTC>
    │ *Where it is* rolled back
    │ *Time* started <!date^1800000020^{time} {date_short_pretty}|2027-01-15 08:00 UTC>, 20 sec after it was asked for; ended <!date^1800000381^{time} {date_short_pretty}|2027-01-15 08:06 UTC>, took 6 min, 1 sec from its start
    │ *Confirmed* was not asked for
    │ *Told* *the verdict could not be delivered to anybody*
    │ *From* 1.0.1
    │ *To* 1.0.2
    │ *Configuration* version 7
    │ *Commit* `1f0c9de5b0a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5`
    │ *Commits* 2 commits (maria, sam)
    │ *Image* `222222222222.dkr.ecr.eu-west-1.amazonaws.com/cms@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`
    │ *Cluster* `staging` in eu-west-1, account `222222222222`
    *Differs in more than the image:*
    ```app.cpu: 256 → 512```
    1.0.1 runs as before
    • `cms-api`: `cms-api:13` did not come up; ECS rolled it back: `deployment circuit breaker: tasks failed to start`; lease fence 3; the family's newest revision is the good one again
    • `cms-worker`: not touched
    *Why, `cms-api`:* `3 tasks stopped: EssentialContainerExited, container app exited with 1`. Likely cause: The program ends by itself right after it starts. Read its last log lines.
    ```starting
    panicked at src/main.rs:7: DATABASE_URL is not set```
    `cms-api`: <https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/staging/services/cms-api/tasks?region=eu-west-1|tasks>
    ");
}

#[test]
fn show_names_every_phase_and_every_way_of_telling() {
    let mut deploy = rolling(deploy_of("v1.0.2"));
    let mut shown = Vec::new();
    for phase in [
        Phase::Requested,
        Phase::Planned,
        Phase::Asking,
        Phase::Starting,
        Phase::Rolling,
        Phase::Overdue,
    ] {
        deploy.phase = phase;
        shown.push(
            seen(&show(&deploy, &setting(400)))
                .lines()
                .find(|line| line.contains("Where it is"))
                .unwrap()
                .to_owned(),
        );
    }
    let mut deploy = crashed();
    let ways = [
        Way::Card,
        Way::ResponseUrl,
        Way::Channel,
        Way::Direct,
        Way::Terminal,
    ];
    let mut tellings = vec![
        Telling::Due,
        Telling::Tried {
            attempts: 3,
            again_at: at(390),
        },
    ];
    tellings.extend(ways.map(|way| Telling::Told { way }));
    for telling in tellings {
        deploy.told.verdict = telling;
        shown.push(
            seen(&show(&deploy, &setting(400)))
                .lines()
                .find(|line| line.contains("Told"))
                .unwrap()
                .to_owned(),
        );
    }
    assert_snapshot!(shown.join("\n"), @r#"
    │ *Where it is* asked for; its plan is being made
    │ *Where it is* planned
    │ *Where it is* waiting for confirmation
    │ *Where it is* starting
    │ *Where it is* rolling out
    │ *Where it is* overdue, still rolling out
    │ *Told* verdict not told yet
    │ *Told* verdict not told yet, after 3 attempts
    │ *Told* verdict told on the card and in its thread
    │ *Told* verdict told in answer to the request
    │ *Told* verdict told in the channel
    │ *Told* verdict told in a direct message
    │ *Told* verdict told at the terminal
    "#);
}

#[test]
fn help_is_made_of_the_grammars_own_lines() {
    let webapp = AppName::try_from("webapp").unwrap();
    let staging = EnvName::try_from("staging").unwrap();
    let cancel = Command::Cancel {
        app: webapp,
        env: staging,
    };
    let examples = std::slice::from_ref(&cancel);
    assert_snapshot!(seen(&help(None, examples, "/deploy")), @r"
    (ephemeral) How to use `/deploy`
    # How to use /deploy
    *How to use `/deploy`.* Capitals stand for names, brackets for what may be left out.
    `/deploy APP[/IMAGE][:REF] to ENV`  Deploy a branch, tag, commit or image tag; without one, the default branch. Several applications, separated by commas, go out as one plan.
    `/deploy promote APP [from ENV] to ENV`  Deploy what runs in one environment to the next, the very same image; if you name none, from the one before it.
    `/deploy plan APP[/IMAGE][:REF] to ENV`  What a deploy would do, and everything that stands in its way, for you alone; nothing is changed. `plan promote …` does that for a promotion.
    `/deploy diff APP[:REF] ENV`  The commits between what runs and a branch, tag, commit or pull request. `diff APP ENV ENV` compares what runs in two environments.
    `/deploy rollback APP on ENV [to VERSION]`  Go back to what ran before the live version was deployed, or to the version or deploy you name.
    `/deploy cancel APP on ENV`  Stop the deploy that is under way; once it has begun, you are asked whether it shall go back.
    `/deploy restart APP on ENV`  Replace the running tasks by new ones of the same image.
    `/deploy status [APP] [ENV] [at TIME]`  What runs where, and what is rolling out; or what ran of an application at a time.
    `/deploy where [APP] COMMIT`  In which environments a commit or a pull request (`#42`) runs, since when, and by whom.
    `/deploy logs APP[/IMAGE] on ENV [SERVICE]`  The last lines that a running task wrote, for you alone, where the environment shows logs.
    `/deploy history [APP] [ENV] [all] [since TIME]`  What was changed, newest first, or since a time, or on a day; `all` lists also what changed nothing.
    `/deploy show DEPLOY`  Everything about one deploy, by its id or as the `last` one.
    `/deploy why-not APP[/IMAGE][:REF] to ENV`  What keeps a deploy from being started now, and why the last one was refused there; or why a deploy was, by its id or as the `last` one.
    `/deploy grant @PERSON APP [on ENV] [as approver] [for 7d] [because REASON]`  Give somebody the right to deploy an application; admins only. It ends by itself, after 7 days unless you say otherwise.
    `/deploy revoke @PERSON APP [on ENV] [as approver] [because REASON]`  Take back what `grant` gave, everywhere or in one environment; admins only.
    `/deploy who APP ENV`  Who may do what there, and why: by the configuration, a team, a user group, or a grant, by whom and until when.
    `/deploy help [COMMAND]`  These lines, or more about one command.
    For instance: `/deploy cancel webapp on staging`
    – A REF is a branch, tag, commit or image tag, an IMAGE a container that runs an image of its own. `/deploy help COMMAND` shows examples.
    ");
    assert_snapshot!(seen(&help(Some(CommandVerb::Cancel), examples, "/ship")), @r"
    (ephemeral) How to use `/ship cancel APP on ENV`
    # Help on cancel
    `/ship cancel APP on ENV`  Stop the deploy that is under way; once it has begun, you are asked whether it shall go back.
    • `/ship cancel webapp on staging`
    ");
}
