//! Who is told what, and where: cards, questions, verdicts, announcements, jobs.

use longshore::card;
use longshore::record::TurnedDown;
use longshore::record::job::{Job, Task};
use longshore::slack::text::Mrkdwn;

use super::*;

#[tokio::test(start_paused = true)]
async fn without_a_token_the_start_and_the_verdict_come_by_the_address() {
    let mut desk = Desk::new().await;
    desk.rolls();
    desk.tell().await;
    passes(MINUTE).await;
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    assert_eq!(desk.tell_until_settled().await, Duration::ZERO);
    assert_eq!(
        desk.seen(),
        [
            "post by url for all in C2147483705: cms: restarting on staging, deploy `4f2k9x0a`",
            "post by url for all in C2147483705: cms: restarted on staging in 1 min",
        ]
    );
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    desk.tell().await;
    assert!(desk.seen().is_empty(), "what was told is not told again");
}

#[tokio::test(start_paused = true)]
async fn with_a_token_one_card_is_kept_current_and_its_thread_names_the_requester() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.tell().await;
    let card = desk.deploy.told.card.clone().unwrap();
    assert_eq!(card.channel.as_str(), DEPLOYS);

    // Nothing new: nothing said. Something new: at most every three seconds.
    passes(Duration::from_secs(1)).await;
    assert_eq!(desk.tell().await, None);
    desk.deploy.services[0].counts.running = 2;
    assert_eq!(desk.tell().await, Some(Duration::from_secs(2)));
    passes(Duration::from_secs(2)).await;
    assert_eq!(desk.tell().await, None);
    // Only time has passed: seldom.
    passes(Duration::from_secs(31)).await;
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    let cms = "cms: restarting on staging, deploy `4f2k9x0a`";
    assert_eq!(
        desk.seen(),
        [
            format!("post by bot for all in C2147483705: {cms}"),
            format!("edit by bot for all in C2147483705: {cms}"),
            format!("edit by bot for all in C2147483705: {cms}"),
            "edit by bot for all in C2147483705: cms: restarted on staging in 34 sec".to_owned(),
            "post by bot for all in C2147483705, thread: <@U061F7AUR> cms: restarted on staging in 34 sec".to_owned(),
        ]
    );
    assert_eq!(*desk.verdict_told(), told(Way::Card));
}

#[tokio::test(start_paused = true)]
async fn the_question_and_its_end_are_seen_by_the_requester_only() {
    let mut desk = Desk::with_token().await;
    desk.asks(1);
    assert_eq!(desk.tell().await, None);
    assert!(desk.deploy.ask.as_ref().unwrap().shown);
    desk.tell().await;
    assert_eq!(
        desk.seen(),
        ["post by url for only U061F7AUR: cms: restart on staging?"]
    );

    // Confirmed: the buttons go, the card appears.
    passes(Duration::from_secs(5)).await;
    desk.clicks(MARIA, "confirm").await;
    desk.deploy.ask.as_mut().unwrap().consented_by = Some(slack_user(MARIA));
    desk.rolls();
    desk.tell().await;
    assert_eq!(
        desk.seen(),
        [
            "edit by url for only U061F7AUR: <@U061F7AUR> confirmed restart of `cms` on staging, deploy `4f2k9x0a`.",
            "post by bot for all in C2147483705: cms: restarting on staging, deploy `4f2k9x0a`",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_that_came_out_of_date_is_replaced_where_it_was_answered() {
    let mut desk = Desk::new().await;
    desk.asks(1);
    desk.tell().await;
    passes(Duration::from_secs(5)).await;
    desk.clicks(MARIA, "confirm").await;
    desk.asks(2);
    desk.tell().await;
    passes(Duration::from_secs(5)).await;
    desk.clicks(MARIA, "decline").await;
    desk.ends(Verdict::Cancelled);
    desk.tell().await;
    let shown = desk.seen();
    assert!(shown[0].starts_with("post by url for only U061F7AUR: cms: restart on"));
    assert!(shown[1].starts_with("edit by url for only U061F7AUR: cms: restart on"));
    assert!(
        shown[2].starts_with(
            "edit by url for only U061F7AUR: cms: the restart on staging was cancelled"
        )
    );
    assert_eq!(shown.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_changed_nothing_is_told_to_its_requester_only() {
    for verdict in [Verdict::Refused, Verdict::Expired, Verdict::Cancelled] {
        let mut desk = Desk::with_token().await;
        desk.ends(verdict);
        desk.tell().await;
        let shown = desk.seen();
        assert_eq!(shown.len(), 1);
        assert!(
            shown[0].starts_with("post by url for only U061F7AUR"),
            "{shown:?}"
        );
    }
    // Without an address that works, by the bot's token.
    let mut desk = Desk::with_token().await;
    passes(31 * MINUTE).await;
    desk.ends(Verdict::Refused);
    desk.tell().await;
    assert!(desk.seen()[0].starts_with("post by bot, ephemeral for only U061F7AUR"));
}

#[tokio::test(start_paused = true)]
async fn when_somebody_else_stopped_it_the_requester_still_hears_of_it() {
    let mut desk = Desk::new().await;
    desk.rolls();
    desk.tell().await;
    passes(Duration::from_secs(1)).await;
    desk.clicks(SAM, "cancel").await;
    desk.deploy.services[0].phase = ServicePhase::Waiting;
    desk.deploy.cancel = Some(longshore::record::Cancel {
        by: slack_user(SAM),
        at: desk.world.now(),
        by_copy: None,
    });
    desk.ends(Verdict::Cancelled);
    desk.tell().await;
    let shown = desk.seen();
    assert!(
        shown[1].starts_with("post by url for only U061F7AUR"),
        "{shown:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn before_the_address_lapses_people_can_bring_a_fresh_one() {
    let mut desk = Desk::new().await;
    desk.rolls();
    assert_eq!(desk.tell().await, Some(25 * MINUTE));
    passes(24 * MINUTE).await;
    assert_eq!(desk.tell().await, Some(MINUTE));
    assert_eq!(desk.seen().len(), 1);
    passes(MINUTE).await;
    desk.tell().await;
    desk.tell().await;
    let shown = desk.seen();
    assert_eq!(shown.len(), 1);
    assert!(
        shown[0].contains("is still rolling out after 25 min"),
        "{shown:?}"
    );

    // Pressed: another half hour, and the question comes again in its turn.
    passes(4 * MINUTE).await;
    desk.clicks(SAM, "keep_posted").await;
    assert_eq!(desk.tell().await, Some(25 * MINUTE));
    passes(25 * MINUTE).await;
    desk.tell().await;
    assert_eq!(desk.seen().len(), 1);
    passes(4 * MINUTE).await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    assert_eq!(
        desk.seen(),
        ["post by url for all in C2147483705: cms: restarted on staging in 58 min"]
    );
}

#[tokio::test(start_paused = true)]
async fn with_a_card_nobody_is_asked_to_keep_the_address_alive() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.tell().await;
    passes(26 * MINUTE).await;
    assert_eq!(desk.tell().await, None);
    assert_eq!(desk.seen().len(), 2, "the card and its edit");
}

#[tokio::test(start_paused = true)]
async fn overdue_is_told_once() {
    for token in [true, false] {
        let mut desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        desk.rolls();
        desk.tell().await;
        desk.seen();
        desk.deploy.phase = Phase::Overdue;
        passes(5 * MINUTE).await;
        desk.tell().await;
        passes(Duration::from_secs(5)).await;
        desk.tell().await;
        let shown = desk.seen();
        let posts: Vec<&String> = shown
            .iter()
            .filter(|line| line.starts_with("post"))
            .collect();
        assert_eq!(posts.len(), 1);
        assert!(posts[0].contains("is overdue"), "{posts:?}");
        assert_eq!(posts[0].contains("thread"), token);
    }
}

#[tokio::test(start_paused = true)]
async fn an_operator_follows_the_record() {
    let mut desk = Desk::with(install, None).await;
    desk.rolls();
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    assert_eq!(desk.tell().await, None);
    assert_eq!(*desk.verdict_told(), told(Way::Terminal));
    assert!(desk.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn verdicts_are_announced_where_the_configuration_wants_it() {
    let mut desk = Desk::with_token().await;
    desk.announces().await;
    desk.rolls();
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    let shown = desk.seen();
    assert!(shown[3].starts_with("post by bot for all in C0MGMT: :white_check_mark: "));
    assert_eq!(shown.len(), 4, "{shown:?}");
    // Nothing changed, nothing to announce.
    let mut desk = Desk::with_token().await;
    desk.announces().await;
    desk.ends(Verdict::Refused);
    desk.tell().await;
    assert_eq!(desk.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_operators_deploy_is_shown_where_deploys_are_announced() {
    let mut desk = Desk::with(install, None).await;
    desk.announces().await;
    desk.rolls();
    desk.tell().await;
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    let shown = desk.seen();
    assert_eq!(*desk.verdict_told(), told(Way::Card));
    assert!(
        shown.iter().all(|line| line.contains("for all in C0MGMT")),
        "{shown:?}"
    );
    assert_eq!(shown.len(), 3, "card, its last edit, its thread");
}

/// No reply address says whose Slack that is.
#[tokio::test(start_paused = true)]
async fn an_operators_deploy_is_shown_in_govslack_where_that_is_configured() {
    for (keys, shown) in [("gov = true, ", 3), ("", 0)] {
        let mut desk = Desk::with(install, None).await;
        desk.world.state().slack.set_gov();
        desk.announces_with(keys).await;
        desk.rolls();
        desk.tell().await;
        desk.ends(Verdict::Succeeded);
        desk.tell().await;
        assert_eq!(desk.seen().len(), shown, "{keys}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_is_answered_to_its_asker() {
    for (mode, token, expected) in [
        (
            Mode::Up,
            false,
            Some("post by url for only U061F7AUR: fine"),
        ),
        (
            Mode::HooksDown,
            true,
            Some("post by bot, ephemeral for only U061F7AUR: fine"),
        ),
        (Mode::Down, true, None),
    ] {
        let desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        passes(Duration::from_secs(1)).await;
        let job = Job {
            mention: None,
            id: "r-4f2k9x0a".parse().unwrap(),
            task: Task::Tell {
                closes: false,
                why: Box::new(TurnedDown::PlanStale {
                    id: "4f2k9x0a".parse().unwrap(),
                }),
            },
            requester: slack_user(MARIA),
            channel: Some(DEPLOYS.parse().unwrap()),
            requested_at: desk.world.now(),
        };
        let url = desk.typed(DEPLOYS);
        desk.record(job.id.as_str(), Some(url), vec![]).await;
        let dossier = desk.store.job_dossier(&job).await.unwrap();
        desk.mode(mode);
        let message = card::sentence(Mrkdwn::raw("fine"));
        let now = desk.world.now();
        desk.notifier
            .answer(&desk.store, &dossier, &message, now)
            .await
            .unwrap();
        assert_eq!(desk.seen().first().map(String::as_str), expected);
    }
}

/// A job that brought no address.
#[tokio::test(start_paused = true)]
async fn an_answer_goes_to_the_slack_that_is_configured() {
    for (keys, answers) in [("gov = true, ", 1), ("", 0)] {
        let desk = Desk::with_token().await;
        desk.world.state().slack.set_gov();
        desk.announces_with(keys).await;
        passes(Duration::from_secs(1)).await;
        let job = Job {
            mention: None,
            id: "r-4f2k9x0a".parse().unwrap(),
            task: Task::Tell {
                closes: false,
                why: Box::new(TurnedDown::PlanStale {
                    id: "4f2k9x0a".parse().unwrap(),
                }),
            },
            requester: slack_user(MARIA),
            channel: Some(DEPLOYS.parse().unwrap()),
            requested_at: desk.world.now(),
        };
        desk.record(job.id.as_str(), None, vec![]).await;
        let dossier = desk.store.job_dossier(&job).await.unwrap();
        let message = card::sentence(Mrkdwn::raw("fine"));
        let now = desk.world.now();
        let told = desk.notifier.answer(&desk.store, &dossier, &message, now);
        told.await.unwrap();
        assert_eq!(desk.seen().len(), answers, "{keys}");
    }
}
