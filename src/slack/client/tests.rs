use http::HeaderMap;
use jiff::Timestamp;
use longshore_sim::{
    Clock, World,
    fault::{Kind, Matcher},
    slack::{Invocation, Mode, Via, Visibility},
};

use super::*;
use crate::{
    http::Dial,
    slack::{
        blocks::{Audience, Button},
        payload::{CommandRequest, commands},
        text::Mrkdwn,
    },
};

const TOKEN: &str = "xoxb-not-a-real-token";

struct Stage {
    world: World,
    client: SlackClient,
    token: Secret,
    channel: ChannelId,
}

fn stage() -> Stage {
    let start = Timestamp::from_second(1_800_000_000).unwrap();
    let world = World::new(Clock::starting_at(start));
    {
        let mut state = world.state();
        state.slack.install_bot(TOKEN);
        state.slack.user("U024BE7LH", "ann");
        state.slack.channel("C0DEPLOYS", "deploys").has_bot = true;
    }
    Stage {
        client: SlackClient::new(
            Http::new(world.http_client(), Dial::Direct),
            world.time_source(),
        ),
        world,
        token: Secret::new(TOKEN),
        channel: "C0DEPLOYS".parse().unwrap(),
    }
}

impl Stage {
    fn response_url(&self) -> ResponseUrl {
        let typed = Invocation::new("U024BE7LH", "C0DEPLOYS", "webapp to staging");
        let now = self.world.now();
        let request = self.world.state().slack.command(now, &typed);
        match commands(&request.body).unwrap() {
            CommandRequest::Command(command) => command.response_url.unwrap(),
            CommandRequest::SslCheck => panic!("that was a command"),
        }
    }

    fn texts(&self) -> Vec<String> {
        let state = self.world.state();
        let messages = state.slack.messages().iter();
        messages.map(|message| message.text.clone()).collect()
    }
}

fn hello() -> Message {
    Message::new(Mrkdwn::raw("hello")).blocks([
        Block::section(Mrkdwn::raw("hello")),
        Block::actions([Button::new("cancel", "Cancel", "4f2k9x0a")]),
    ])
}

/// What shows times gets them as Slack's code, with a fallback; notifications get how far away they are.
#[tokio::test(start_paused = true)]
async fn a_time_is_sent_so_that_each_reader_sees_their_own() {
    let stage = stage();
    let at = stage.world.now() - jiff::SignedDuration::from_mins(5);
    let said = Mrkdwn::raw("Pressed at ").time(at);
    let code = "Pressed at <!date^1799999700^{time} {date_short_pretty}|2027-01-15 07:55 UTC>";
    let card = Message::new(said.clone()).blocks([Block::section(said.clone())]);
    let (client, token, url) = (&stage.client, &stage.token, stage.response_url());
    let channel = &stage.channel;
    let user = "U024BE7LH".parse().unwrap();
    let posted = client.post_message(token, channel, None, &card).await;
    client.post_response(&url, &card).await.unwrap();
    let direct = client.post_direct(token, &user, &card).await;
    let ephemeral = client
        .post_ephemeral(token, channel, None, &user, &card)
        .await;
    assert!(direct.is_ok() && ephemeral.is_ok());
    for message in stage.world.state().slack.messages() {
        assert_eq!(message.text, "Pressed 5 min ago");
        assert_eq!(message.blocks[0]["text"]["text"], code);
    }
    let ts = posted.unwrap().ts;
    let bare = Message::new(said);
    client.update(token, channel, &ts, &bare).await.unwrap();
    let state = stage.world.state();
    assert_eq!(state.slack.message(&ts).unwrap().text, code);
}

#[tokio::test(start_paused = true)]
async fn a_card_is_posted_edited_and_answered_in_its_thread() {
    let stage = stage();
    let Stage {
        client,
        token,
        channel,
        ..
    } = &stage;
    let card = client
        .post_message(token, channel, None, &hello())
        .await
        .unwrap();
    assert_eq!(&card.channel, channel);
    let done = Message::new(Mrkdwn::raw("done"));
    client
        .update(token, channel, &card.ts, &done)
        .await
        .unwrap();
    client
        .post_message(
            token,
            channel,
            Some(&card.ts),
            &Message::new(Mrkdwn::raw("in thread")),
        )
        .await
        .unwrap();
    let state = stage.world.state();
    let messages = state.slack.messages();
    assert_eq!(messages[0].text, "done");
    assert!(
        messages[0].buttons().is_empty(),
        "an edit replaces the blocks too"
    );
    assert_eq!(messages[1].thread.as_deref(), Some(card.ts.as_str()));
}

#[tokio::test(start_paused = true)]
async fn one_person_can_be_told_here_or_directly() {
    let stage = stage();
    let Stage {
        client,
        token,
        channel,
        ..
    } = &stage;
    let user: UserId = "U024BE7LH".parse().unwrap();
    client
        .post_ephemeral(token, channel, None, &user, &hello())
        .await
        .unwrap();
    let direct = client.post_direct(token, &user, &hello()).await.unwrap();
    assert!(direct.channel.as_str().starts_with('D'));
    client
        .update(token, &direct.channel, &direct.ts, &hello())
        .await
        .unwrap();
    let state = stage.world.state();
    assert!(state.slack.messages()[0].is_ephemeral());
    assert_eq!(state.slack.messages()[1].via, Via::PostMessage);
}

#[tokio::test(start_paused = true)]
async fn a_reply_address_works_five_times_within_its_half_hour() {
    let stage = stage();
    let url = stage.response_url();
    let public = hello().for_audience(Audience::InChannel);
    for _ in 0..5 {
        stage.client.post_response(&url, &public).await.unwrap();
    }
    let sixth = stage.client.post_response(&url, &public).await;
    assert_eq!(sixth, Err(PostError::Expired));
    assert_eq!(stage.texts().len(), 5);
    assert_eq!(
        stage.world.state().slack.messages()[0].visibility,
        Visibility::Channel
    );

    let url = stage.response_url();
    tokio::time::advance(Duration::from_secs(31 * 60)).await;
    let late = stage.client.post_response(&url, &hello()).await;
    assert_eq!(late, Err(PostError::Expired));
}

#[tokio::test(start_paused = true)]
async fn slacks_refusals_keep_their_code() {
    let stage = stage();
    let Stage { client, token, .. } = &stage;
    let nowhere: ChannelId = "C0NOWHERE".parse().unwrap();
    let refused = |code: &str| Err(PostError::Refused(code.to_owned()));
    let unknown = client.post_message(token, &nowhere, None, &hello()).await;
    assert_eq!(unknown, refused("channel_not_found"));
    stage
        .world
        .state()
        .slack
        .channel("C0OTHERS", "others")
        .has_bot = false;
    let others: ChannelId = "C0OTHERS".parse().unwrap();
    let outside = client.post_message(token, &others, None, &hello()).await;
    assert_eq!(outside, Err(PostError::Lacks(AppScope::ChatWritePublic)));
    let other = Secret::new("xoxb-another");
    let unknown = client
        .post_message(&other, &stage.channel, None, &hello())
        .await;
    assert_eq!(unknown, refused("invalid_auth"));
    stage.world.state().slack.revoke_bot();
    let revoked = client
        .post_message(token, &stage.channel, None, &hello())
        .await;
    assert_eq!(revoked, refused("token_revoked"));
    let broken = Secret::new("line\nbreak");
    let unsent = client
        .post_message(&broken, &stage.channel, None, &hello())
        .await;
    assert_eq!(unsent, refused("invalid_request"));
}

#[tokio::test(start_paused = true)]
async fn trouble_on_the_way_is_told_apart_from_a_refusal() {
    for (kind, want) in [
        (Kind::Before5xx, PostError::Unknown),
        (Kind::TimedOut, PostError::Unknown),
        (Kind::Lost, PostError::Unknown),
        (Kind::LostLate, PostError::Unknown),
        (
            Kind::Throttled,
            PostError::RateLimited {
                retry_after: Duration::from_secs(1),
            },
        ),
    ] {
        let stage = stage();
        let url = stage.response_url();
        stage
            .world
            .state()
            .faults
            .plan(Matcher::service("slack"), kind);
        let began = tokio::time::Instant::now();
        let posted = stage
            .client
            .post_message(&stage.token, &stage.channel, None, &hello())
            .await;
        assert_eq!(posted, Err(want.clone()), "{kind:?}");
        assert!(began.elapsed() <= LIMIT, "{kind:?}");
        // The fault strikes a reply the same way, unless it is over.
        let replied = stage.client.post_response(&url, &hello()).await;
        assert!(replied == Ok(()) || replied == Err(want), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn when_slack_is_down_the_outcome_is_unknown() {
    let stage = stage();
    let url = stage.response_url();
    stage.world.state().slack.set_mode(Mode::Down);
    let posted = stage.client.post_response(&url, &hello()).await;
    assert_eq!(posted, Err(PostError::Unknown));
    stage
        .world
        .state()
        .slack
        .set_mode(Mode::Refusing("internal_error".into()));
    let channel = &stage.channel;
    let posted = stage
        .client
        .update(&stage.token, channel, "1.0", &hello())
        .await;
    assert_eq!(posted, Err(PostError::Unknown));
    stage
        .world
        .state()
        .slack
        .set_mode(Mode::Refusing("ratelimited".into()));
    let posted = stage
        .client
        .update(&stage.token, channel, "1.0", &hello())
        .await;
    assert!(matches!(posted, Err(PostError::RateLimited { .. })));
}

#[test]
fn answers_are_read_with_care() {
    let headers = |seconds: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_str(seconds).unwrap());
        headers
    };
    let wait = |seconds| PostError::RateLimited {
        retry_after: Duration::from_secs(seconds),
    };
    let limited = StatusCode::TOO_MANY_REQUESTS;
    for (sent, seconds) in [
        ("30", 30),
        ("0", 1),
        ("-1", 1),
        ("soon", 1),
        ("999999999", 3600),
    ] {
        assert_eq!(
            failed(limited, &headers(sent), String::new()),
            wait(seconds)
        );
    }
    let redirect = failed(StatusCode::FOUND, &HeaderMap::new(), "x".into());
    assert_eq!(redirect, PostError::Refused("redirected".into()));
    assert_eq!(code(&Bytes::from_static(b"no_text")), "no_text");
    assert_eq!(
        code(&Bytes::from_static(b"{\"ok\":false,\"error\":\"no_text\"}")),
        "no_text"
    );
    assert_eq!(
        code(&Bytes::from_static(b"<html>https://hooks.slack.com/x")),
        "unknown_error"
    );
    assert_eq!(code(&Bytes::from_static(b"\xff")), "unknown_error");
}

#[test]
fn errors_and_clients_print_no_credentials() {
    let stage = stage();
    let printed = format!(
        "{:?} {:?} {}",
        stage.client,
        stage.token,
        PostError::Unknown
    );
    assert!(
        !printed.contains("xoxb") && !printed.contains("slack.com"),
        "{printed}"
    );
}
