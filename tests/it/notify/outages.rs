//! What is told where addresses run out, tokens are revoked and Slack is down.

use longshore::card;
use longshore::slack::text::Mrkdwn;
use longshore_sim::fault::{Kind, Matcher};

use super::*;

#[tokio::test(start_paused = true)]
async fn one_use_of_an_address_is_always_kept_for_the_verdict() {
    let mut desk = Desk::new().await;
    let dossier = desk.dossier().await;
    for _ in 0..4 {
        let used = desk
            .store
            .use_reply("4f2k9x0a", &dossier.replies[0], 1)
            .await;
        assert!(used.unwrap());
    }
    desk.rolls();
    desk.tell().await;
    assert!(desk.seen().is_empty());
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    assert_eq!(desk.seen().len(), 1);
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
}

#[tokio::test(start_paused = true)]
async fn a_used_up_or_expired_address_gives_way_to_the_channel() {
    for used_up in [true, false] {
        let mut desk = Desk::with_token().await;
        let dossier = desk.dossier().await;
        for _ in 0..5 {
            // Used behind the record's back: Slack says so with a 404.
            let message = card::sentence(Mrkdwn::raw("x"));
            let slack = SlackClient::new(
                Http::new(desk.world.http_client(), Dial::Direct),
                desk.world.time_source(),
            );
            if used_up {
                slack
                    .post_response(&dossier.replies[0].url, &message)
                    .await
                    .unwrap();
            }
        }
        if !used_up {
            passes(31 * MINUTE).await;
        }
        desk.seen();
        desk.rolls();
        desk.ends(Verdict::Succeeded);
        desk.tell().await;
        assert_eq!(*desk.verdict_told(), told(Way::Channel), "{used_up}");
        assert!(desk.seen()[0].starts_with("post by bot for all in C2147483705: cms: restarted"));
    }
}

#[tokio::test(start_paused = true)]
async fn out_of_the_channel_the_bot_leaves_the_word_to_the_address() {
    let arrange = |world: &World| {
        install(world);
        let slack = &mut world.state().slack;
        slack.forbid("chat:write.public");
        slack.channel(DEPLOYS, "deploys").has_bot = false;
    };
    let mut desk = Desk::with(arrange, Some(DEPLOYS)).await;
    desk.rolls();
    desk.tell().await;
    assert_eq!(desk.deploy.told.start, told(Way::ResponseUrl));
    desk.ends(Verdict::Succeeded);
    desk.tell().await;
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    assert_eq!(desk.seen().len(), 2);
    // And without an address, in a direct message.
    let mut desk = Desk::with(arrange, Some(DEPLOYS)).await;
    passes(31 * MINUTE).await;
    desk.rolls();
    desk.ends(Verdict::Failed);
    desk.tell().await;
    assert_eq!(*desk.verdict_told(), told(Way::Direct));
    assert!(desk.seen()[0].starts_with("post by bot for direct to U061F7AUR"));
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_takes_nothing_away_that_the_address_can_do() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.tell().await;
    desk.world.state().slack.revoke_bot();
    passes(Duration::from_secs(10)).await;
    desk.deploy.services[0].counts.running = 1;
    desk.tell().await;
    assert_eq!(desk.deploy.told.card, None, "the card is out of reach");
    desk.ends(Verdict::Succeeded);
    assert_eq!(desk.tell_until_settled().await, Duration::ZERO);
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    assert_eq!(desk.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_slow_down_is_waited_for_and_costs_no_message() {
    let mut desk = Desk::with_token().await;
    desk.rolls();
    desk.world
        .state()
        .faults
        .plan(Matcher::service("slack").nth(1), Kind::Throttled);
    let rest = desk.tell().await.unwrap();
    assert!(rest >= Duration::from_secs(1) && rest <= MINUTE, "{rest:?}");
    assert!(desk.seen().is_empty());
    passes(rest).await;
    desk.tell().await;
    assert_eq!(desk.deploy.told.start, told(Way::Card));
    assert_eq!(desk.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_verdict_outlasts_an_outage() {
    for token in [true, false] {
        let mut desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        desk.rolls();
        desk.tell().await;
        desk.seen();
        desk.mode(Mode::Down);
        desk.ends(Verdict::RolledBack);
        let rest = desk.tell().await.unwrap();
        assert!(!desk.verdict_told().is_settled());
        passes(rest).await;
        let rest = desk.tell().await.unwrap();
        desk.mode(Mode::Up);
        passes(rest).await;
        assert_eq!(desk.tell().await, None);
        let way = if token { Way::Card } else { Way::ResponseUrl };
        assert_eq!(*desk.verdict_told(), told(way));
        assert!(desk.seen().iter().any(|line| line.contains("rolled back")));
    }
}

#[tokio::test(start_paused = true)]
async fn when_slack_stays_down_the_verdict_is_recorded_as_undeliverable() {
    for token in [true, false] {
        let mut desk = match token {
            true => Desk::with_token().await,
            false => Desk::new().await,
        };
        desk.rolls();
        desk.mode(Mode::Down);
        desk.ends(Verdict::Failed);
        let took = desk.tell_until_settled().await;
        assert_eq!(*desk.verdict_told(), Telling::Undeliverable);
        assert!(
            took > Duration::from_secs(30) && took < 30 * MINUTE,
            "{took:?}"
        );
        assert!(desk.deploy.is_closed() && desk.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn half_of_slack_is_enough() {
    let mut desk = Desk::with_token().await;
    desk.mode(Mode::ApiDown);
    desk.rolls();
    desk.ends(Verdict::Succeeded);
    desk.tell_until_settled().await;
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
    let mut desk = Desk::with_token().await;
    desk.mode(Mode::HooksDown);
    desk.rolls();
    desk.ends(Verdict::Succeeded);
    desk.tell_until_settled().await;
    assert_eq!(*desk.verdict_told(), told(Way::Channel));
}

/// What Slack did not take costs no use of the address: five are all there are.
#[tokio::test(start_paused = true)]
async fn a_post_that_slack_puts_off_is_no_use_of_the_address() {
    let mut desk = Desk::new().await;
    let posts = Matcher::service("slack");
    for _ in 0..8 {
        let faults = &mut desk.world.state().faults;
        faults.plan(posts.clone().nth(1), Kind::Throttled);
    }
    desk.rolls();
    for _ in 0..20 {
        desk.tell().await;
        passes(Duration::from_secs(61)).await;
    }
    desk.ends(Verdict::Succeeded);
    for _ in 0..20 {
        desk.tell().await;
        passes(Duration::from_secs(20)).await;
    }
    assert_eq!(desk.world.state().faults.fired(), 8);
    assert_eq!(*desk.verdict_told(), told(Way::ResponseUrl));
}
