use serde_json::{Value, json};

use super::*;

fn json_of(message: &Message) -> Value {
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    serde_json::to_value(message.sent_at(now)).unwrap()
}

fn text(length: usize) -> Mrkdwn {
    Mrkdwn::new().capped(&"x".repeat(length), length)
}

#[test]
fn a_card_is_written_as_slack_documents_it() {
    let message = Message::new(Mrkdwn::raw("Deploying"))
        .for_audience(Audience::InChannel)
        .replacing()
        .blocks([
            Block::header("Deploying webapp"),
            Block::section(Mrkdwn::raw("*webapp* to staging")),
            Block::fields([Mrkdwn::raw("one"), Mrkdwn::new(), Mrkdwn::raw("two")]),
            Block::context([Mrkdwn::raw("small")]),
            Block::divider(),
            Block::actions([
                Button::new("confirm", "Deploy", "4f2k9x0a:n")
                    .primary()
                    .confirm(Confirm::new("Sure?", "It is Friday.", "Deploy", "Wait").danger()),
                Button::new("cancel", "Cancel", "").danger(),
                Button::link("logs", "Logs", "https://example.com/logs"),
            ]),
        ]);
    assert_eq!(check_limits(message.content()), Ok(()));
    let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": true});
    let mrkdwn = |text: &str| json!({"type": "mrkdwn", "text": text, "verbatim": true});
    assert_eq!(
        json_of(&message),
        json!({
            "text": "Deploying",
            "response_type": "in_channel",
            "replace_original": true,
            "blocks": [
                {"type": "header", "text": plain("Deploying webapp")},
                {"type": "section", "text": mrkdwn("*webapp* to staging")},
                {"type": "section", "fields": [mrkdwn("one"), mrkdwn("two")]},
                {"type": "context", "elements": [mrkdwn("small")]},
                {"type": "divider"},
                {"type": "actions", "elements": [
                    {"type": "button", "text": plain("Deploy"), "action_id": "confirm",
                     "value": "4f2k9x0a:n", "style": "primary", "confirm": {
                        "title": plain("Sure?"), "text": plain("It is Friday."),
                        "confirm": plain("Deploy"), "deny": plain("Wait"), "style": "danger"}},
                    {"type": "button", "text": plain("Cancel"), "action_id": "cancel",
                     "style": "danger"},
                    {"type": "button", "text": plain("Logs"), "action_id": "logs",
                     "url": "https://example.com/logs"},
                ]},
            ],
        })
    );
}

#[test]
fn a_message_of_text_alone_has_no_audience_of_its_own() {
    let message = json_of(&Message::new(Mrkdwn::raw("hello")));
    assert_eq!(message, json!({"text": "hello", "blocks": []}));
    let message = json_of(
        &Message::new(Mrkdwn::raw("x"))
            .for_audience(Audience::Ephemeral)
            .following(),
    );
    assert_eq!(message["response_type"], "ephemeral");
    assert_eq!(message["replace_original"], false);
}

#[test]
fn constructors_cut_to_what_slack_takes() {
    let long = "ü".repeat(5000);
    let confirm = Confirm::new(&long, &long, &long, &long);
    let button =
        |index: usize| Button::new(&format!("a{index}"), &long, &long).confirm(confirm.clone());
    for block in [
        Block::header(&long),
        Block::section(text(5000)),
        Block::fields((0..20).map(|_| text(600))),
        Block::context((0..20).map(|_| text(600))),
        Block::actions((0..40).map(button)),
        Block::divider(),
    ] {
        assert_eq!(check_limits(&[block]), Ok(()));
    }
    assert_eq!(check_limits(&[Block::fields([text(5000)])]), Ok(()));
    let message = Message::new(text(9000)).blocks((0..80).map(|_| Block::divider()));
    assert_eq!(message.content().len(), 50);
    assert_eq!(message.text().chars().count(), 4000 - 3);
}

#[test]
fn what_cannot_be_cut_is_found() {
    let broken = |index, kind| Err(BeyondLimits::Block { index, kind });
    for (block, kind) in [
        (Block::header(""), "header"),
        (Block::section(Mrkdwn::new()), "section"),
        (Block::fields([]), "section"),
        (Block::context([Mrkdwn::new()]), "context"),
        (Block::actions([]), "actions"),
        (Block::actions([Button::new("", "x", "")]), "actions"),
        (Block::actions([Button::new("x", "", "")]), "actions"),
        (
            Block::actions([Button::new("x", "x", "").confirm(Confirm::new("", "x", "x", "x"))]),
            "actions",
        ),
        (
            Block::actions([Button::link(
                "x",
                "x",
                &format!("https://{}", "x".repeat(3000)),
            )]),
            "actions",
        ),
    ] {
        assert_eq!(check_limits(&[Block::divider(), block]), broken(1, kind));
    }
    let same = Block::actions([Button::new("x", "x", "")]);
    assert_eq!(
        check_limits(&[same.clone(), same]),
        Err(BeyondLimits::SameAction)
    );
    let many = vec![Block::divider(); 51];
    assert_eq!(check_limits(&many), Err(BeyondLimits::TooMany));
    let long = vec![Block::section(text(3000)); 5];
    assert_eq!(check_limits(&long), Err(BeyondLimits::TooLong));
    assert_eq!(check_limits(&long[..4]), Ok(()));
}
