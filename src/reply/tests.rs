use std::time::Duration;

use insta::assert_snapshot;

use super::*;
use crate::card::fixtures::*;
use crate::record::Verdict;

#[test]
fn spans_of_time_are_told_in_their_two_largest_units() {
    let told = |seconds| duration(Duration::from_secs(seconds));
    for (seconds, words) in [
        (0, "less than a second"),
        (1, "1 sec"),
        (45, "45 sec"),
        (60, "1 min"),
        (361, "6 min, 1 sec"),
        (3_599, "59 min, 59 sec"),
        (3_600, "1 hour"),
        (3_900, "1 hour, 5 min"),
        (3_605, "1 hour"),
        (7_260, "2 hours, 1 min"),
        (86_400, "1 day"),
        (90_000, "1 day, 1 hour"),
        (180_061, "2 days, 2 hours"),
    ] {
        assert_eq!(told(seconds), words);
    }
}

#[test]
fn a_request_is_repeated_as_it_was_put() {
    let rollback_to = Verb::rollback(Some("0a1b2c3d".parse().unwrap()));
    let said: Vec<String> = [
        deploy_of("feature/a&b"),
        Verb::Deploy {
            reference: None,
            image: None,
            again: None,
            from: None,
        },
        Verb::rollback(None),
        rollback_to,
        Verb::Restart,
    ]
    .map(|verb| accepted(&asked(verb)).to_string())
    .into();
    assert_snapshot!(said.join("\n"), @r#"
    Got it: `cms:feature/a&amp;b` to staging, deploy `4f2k9x0a`. I am looking up what that would change.
    Got it: `cms` to staging, deploy `4f2k9x0a`. I am looking up what that would change.
    Got it: rollback of `cms` on staging, deploy `4f2k9x0a`. I am looking up what that would change.
    Got it: rollback of `cms` on staging to deploy `0a1b2c3d`, deploy `4f2k9x0a`. I am looking up what that would change.
    Got it: restart of `cms` on staging, deploy `4f2k9x0a`. I am looking up what that would change.
    "#);
}

#[test]
fn what_is_deployed_is_named_as_far_as_it_is_known() {
    let rollback_to = Verb::rollback(Some("0a1b2c3d".parse().unwrap()));
    let said: Vec<String> = [
        deploy_of("main"),
        Verb::Deploy {
            reference: None,
            image: None,
            again: None,
            from: None,
        },
        Verb::rollback(None),
        rollback_to,
        Verb::Restart,
    ]
    .map(|verb| super::question(&asked(verb)).to_string())
    .into();
    assert_snapshot!(said.join("\n"), @r#"
    cms: deploy `cms:main` to staging?
    cms: deploy `cms` to staging?
    cms: roll back to the last good version on staging?
    cms: roll back to what deploy `0a1b2c3d` ran on staging?
    cms: restart on staging?
    "#);
    let said: Vec<String> = [deploy_of("main"), Verb::rollback(None), Verb::Restart]
        .map(|verb| under_way(&rolling(verb)).to_string())
        .into();
    assert_snapshot!(said.join("\n"), @r#"
    Content Management System: deploying version 1.0.2 to staging, deploy `4f2k9x0a`
    Content Management System: rolling back to version 1.0.2 on staging, deploy `4f2k9x0a`
    Content Management System: restarting on staging, deploy `4f2k9x0a`
    "#);
}

#[test]
fn the_short_replies_say_what_is_so() {
    let (early, late) = (asking(deploy_of("v1.0.2")), rolling(deploy_of("v1.0.2")));
    let mut again = early.clone();
    again.ask = Some(crate::card::fixtures::question(2));
    let said = [
        accepted_before(&early.id),
        recorded_but_late(),
        takes_long(),
        cancelling(&early),
        cancelling(&late),
        cancelling_several(&[early.clone(), late.clone()]),
        answered(&early, Choice::Confirm, &maria()),
        answered(&early, Choice::Decline, &operator()),
        asked_again(&again),
        keeping_posted(&late),
        will_tell(&late),
        overdue(&late, at(1_900)),
        lapsing(&late, at(1_520)),
        expiry(at(910), at(10)),
        expiry(at(910), at(911)),
        no_history(),
        nothing_to_show(),
    ];
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_snapshot!(said.join("\n"), @r"
    Slack sent that twice: it is deploy `4f2k9x0a`, and is done once.
    Accepted, but AWS is slow to answer: it may take a minute until it goes on.
    This takes longer than usual. The answer follows here.
    Deploy `4f2k9x0a` (`cms:v1.0.2` to staging) is to stop before it begins. If it has begun by now, it goes back to what ran before; its verdict tells.
    Deploy `4f2k9x0a` (`cms:v1.0.2` to staging) is to stop and to go back to what ran before. Its verdict says how that ended.
    2 deploys are to stop: `4f2k9x0a` (`cms:v1.0.2` to staging) and `4f2k9x0a` (`cms:v1.0.2` to staging). What has begun goes back to what ran before. Their verdicts say how that ended.
    <@U061F7AUR> confirmed `cms:v1.0.2` to staging, deploy `4f2k9x0a`.
    `kim` decided against `cms:v1.0.2` to staging, deploy `4f2k9x0a`. Nothing was changed.
    What runs on staging has changed since the question for deploy `4f2k9x0a` was put, so nothing was started. Here is the plan as it is now.
    I keep posting here about version 1.0.2, deploy `4f2k9x0a`, for another half hour.
    Deploy `4f2k9x0a`. I post here again when it has ended.
    <@U061F7AUR> Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is overdue. It began 31 min, 20 sec ago, and ECS has not said how it ends. I keep watching, less often; nothing was stopped.
    Content Management System: version 1.0.2, deploy `4f2k9x0a` to staging, is still rolling out after 25 min. Slack lets me answer here for five more minutes only: press *Keep me posted* to hear how it ends.
    stands until <!date^1800000910^{time} {date_short_pretty}|2027-01-15 08:15 UTC>
    this question has lapsed
    Nothing has been deployed there through Longshore yet.
    The configuration has no application there.
    ");
}

#[test]
fn every_verdict_has_its_sentence_for_every_verb() {
    let mut said = Vec::new();
    for verb in [deploy_of("v1.0.2"), Verb::rollback(None), Verb::Restart] {
        for verdict in Verdict::ALL {
            let mut deploy = cancelled_by(rolling(verb.clone()), sam());
            deploy.plan = Some(plan("1.0.2", &["cms-api"]));
            said.push(completion(&ended(deploy, verdict, "")).to_string());
        }
    }
    assert_snapshot!(said.join("\n"), @r"
    Content Management System: deployed version 1.0.2 to staging in 6 min, 1 sec, although <@U0G9QF9C6> had asked for it to stop
    Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging failed, 6 min, 1 sec after it began, and is not known to be undone
    Content Management System: the deploy of version 1.0.2 to staging was cancelled by <@U0G9QF9C6>, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was not started
    Content Management System: nobody confirmed the deploy of version 1.0.2 to staging in time, so nothing was changed
    Content Management System: another rollout, not Longshore's, took the place of the deploy of version 1.0.2 to staging, 6 min, 1 sec after it began
    Content Management System: the deploy of version 1.0.2 to staging was given up, 6 min, 1 sec after it began, without ECS saying how it ended
    Content Management System: rolled back to version 1.0.2 on staging in 6 min, 1 sec, with 2 commits (maria, sam), although <@U0G9QF9C6> had asked for it to stop
    Content Management System: version 1.0.2 did not come up on staging and was rolled back, 6 min, 1 sec after it began
    Content Management System: the rollback to version 1.0.2 on staging failed, 6 min, 1 sec after it began, and is not known to be undone
    Content Management System: the rollback to version 1.0.2 on staging was cancelled by <@U0G9QF9C6>, 6 min, 1 sec after it began
    Content Management System: the rollback to version 1.0.2 on staging was not started
    Content Management System: nobody confirmed the rollback to version 1.0.2 on staging in time, so nothing was changed
    Content Management System: another rollout, not Longshore's, took the place of the rollback to version 1.0.2 on staging, 6 min, 1 sec after it began
    Content Management System: the rollback to version 1.0.2 on staging was given up, 6 min, 1 sec after it began, without ECS saying how it ended
    Content Management System: restarted on staging in 6 min, 1 sec, although <@U0G9QF9C6> had asked for it to stop
    Content Management System: the restart on staging did not work and was rolled back, 6 min, 1 sec after it began
    Content Management System: the restart on staging failed, 6 min, 1 sec after it began, and is not known to be undone
    Content Management System: the restart on staging was cancelled by <@U0G9QF9C6>, 6 min, 1 sec after it began
    Content Management System: the restart on staging was not started
    Content Management System: nobody confirmed the restart on staging in time, so nothing was changed
    Content Management System: another rollout, not Longshore's, took the place of the restart on staging, 6 min, 1 sec after it began
    Content Management System: the restart on staging was given up, 6 min, 1 sec after it began, without ECS saying how it ended
    ");
    assert!(completion(&rolling(Verb::Restart)).is_empty());
}

#[test]
fn before_anything_started_no_sentence_says_how_long_it_ran() {
    for verdict in Verdict::ALL {
        let deploy = ended(planned(deploy_of("v1.0.2")), verdict, "");
        let said = completion(&deploy).to_string();
        let ran = said.contains("after it began");
        let can_have_run = [Verdict::RolledBack, Verdict::Superseded, Verdict::Abandoned];
        assert_eq!(ran, can_have_run.contains(&verdict), "{said}");
    }
}

#[test]
fn the_requester_is_mentioned_where_they_are_to_hear_of_it() {
    let mut deploy = ended(rolling(deploy_of("v1.0.2")), Verdict::Succeeded, "");
    assert!(
        to_requester(&deploy)
            .as_str()
            .starts_with("<@U061F7AUR> Content")
    );
    deploy.requester = operator();
    assert!(to_requester(&deploy).as_str().starts_with("Content"));
}

#[test]
fn a_label_is_bare_only_where_slack_cannot_read_anything_into_it() {
    for bare in ["1.0.2", "v1.0.2-rc.1", "1f0c9de", "main"] {
        assert_eq!(label(bare).as_str(), bare);
    }
    for coded in [
        "evil.example",
        "a/b",
        "a_b",
        ":x:",
        "*a*",
        "www.x.io",
        &"x".repeat(41),
    ] {
        assert_eq!(label(coded).to_string(), format!("`{coded}`"));
    }
}

#[test]
fn a_kept_sentence_names_nobody_for_everybody() {
    let kept = "Ask @U061F7AUR, or (@U0G9QF9C6) in #C2147483705. Not @here, not `x @U061F7AUR y`.";
    assert_eq!(for_all(kept).as_str(), kept);
    assert_eq!(for_all("a\n<!channel>  b").as_str(), "a &lt;!channel&gt; b");
}

#[test]
fn a_sentence_takes_its_parts_in_order_and_escapes_them() {
    let said = said!("{} and {} to {}", "<!here>", code("a`b"), 3_u32);
    assert_eq!(said.as_str(), "&lt;!here&gt; and `a'b` to 3");
}

#[test]
fn a_code_block_keeps_the_end() {
    let lines: Vec<String> = (0..100).map(|n| format!("line {n}\nmore")).collect();
    let block = code_block(&lines, 60);
    assert!(block.as_str().ends_with("line 99 more```"), "{block}");
    assert!(block.as_str().chars().count() <= 66);
    assert!(code_block(&[], 60).is_empty());
}
