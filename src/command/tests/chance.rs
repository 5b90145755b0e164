//! Commands made by chance: each is read back as it was, and nothing else is taken for one.

use jiff::civil::{Date, Time, Weekday};
use proptest::prelude::*;

use super::super::reader::pull_request;
use super::*;
use crate::command::moment::{ComingDay, Day, Moment, Period, Term};

fn any_ref() -> impl Strategy<Value = Ref> {
    prop_oneof![
        "[!-~äß…]{1,24}",
        "[a-zA-Z0-9/._@#'&-]{1,60}",
        "(to|on|in|deploy|status|staging)",
        "#[1-9][0-9]{0,8}"
    ]
    // A ref of signs alone is not read at the end of a command.
    .prop_filter("letters", |text| text.chars().any(char::is_alphanumeric))
    // It ends a sentence also behind a ref.
    .prop_filter("ellipsis", |text| !text.ends_with('…'))
    // A pull request's number is read out of other forms of it.
    .prop_filter("pull request", |text| {
        pull_request(text).is_none_or(|read| read.as_str() == text)
    })
    .prop_filter_map("a ref", |text| text.parse().ok())
}

fn any_command() -> impl Strategy<Value = Command> {
    let app = || prop_oneof![Just(app("webapp")), Just(app("cms"))];
    let env = || {
        prop_oneof![
            Just(env("staging")),
            Just(env("beta")),
            Just(env("production"))
        ]
    };
    let id = || any::<u64>().prop_map(|seed| DeployId::derive(&seed.to_be_bytes()));
    prop_oneof![
        (
            prop_oneof![
                app().prop_map(|app| (app, None)),
                Just((self::app("webapp"), Some("nginx".parse().unwrap()))),
                Just((self::app("webapp"), Some("Log_Router".parse().unwrap()))),
            ],
            proptest::option::of(any_ref()),
            env()
        )
            .prop_map(|((app, image), reference, env)| {
                Command::Deploy {
                    app,
                    image,
                    reference,
                    also: Vec::new(),
                    env,
                }
            }),
        (
            proptest::option::of(any_ref()),
            proptest::option::of(any_ref()),
            env()
        )
            .prop_filter("commas", |(one, other, _)| {
                let has_comma = |one: &Ref| one.as_str().contains(',');
                !one.iter().chain(other).any(has_comma)
            })
            .prop_map(|(one, other, env)| Command::Deploy {
                app: "cms".parse().unwrap(),
                image: None,
                reference: one,
                also: vec![AppRef {
                    app: "webapp".parse().unwrap(),
                    image: Some("nginx".parse().unwrap()),
                    reference: other,
                }],
                env,
            }),
        (app(), env(), proptest::option::of(any_ref())).prop_map(|(app, env, to)| {
            let also = Vec::new();
            Command::Rollback { app, to, also, env }
        }),
        (env(), proptest::option::of(any_ref()), any_ref())
            .prop_filter("commas", |(_, one, other)| {
                let has_comma = |one: &Ref| one.as_str().contains(',');
                !one.iter().chain([other]).any(has_comma)
            })
            .prop_map(|(env, to, other)| {
                let also = vec![AppRef {
                    app: self::app("webapp"),
                    image: None,
                    reference: Some(other),
                }];
                let app = self::app("cms");
                Command::Rollback { app, to, also, env }
            }),
        (app(), env(), proptest::option::of(env())).prop_map(|(app, env, from)| {
            let from = from.filter(|from| *from != env);
            Command::Promote {
                app,
                image: None,
                from,
                env,
            }
        }),
        (app(), proptest::option::of(any_ref()), env()).prop_map(|(app, reference, env)| {
            let (image, also) = (None, Vec::new());
            let of = Command::Deploy {
                app,
                image,
                reference,
                also,
                env,
            };
            Command::Plan { of: Box::new(of) }
        }),
        (app(), env()).prop_map(|(app, env)| {
            let (image, from) = (None, None);
            let of = Command::Promote {
                app,
                image,
                from,
                env,
            };
            Command::Plan { of: Box::new(of) }
        }),
        (app(), env()).prop_map(|(app, env)| {
            let (image, reference, also) = (None, None, Vec::new());
            let of = Command::Deploy {
                app,
                image,
                reference,
                also,
                env,
            };
            Command::WhyNot { of: Box::new(of) }
        }),
        id().prop_map(|deploy| Command::WhyNotOf { deploy }),
        (proptest::option::of(app()), proptest::option::of(env()))
            .prop_map(|(app, env)| Command::WhyNotLast { app, env }),
        (app(), proptest::option::of(any_ref()), env()).prop_map(|(app, reference, env)| {
            Command::Diff {
                app,
                image: None,
                env,
                with: DiffWith::Ref(reference),
            }
        }),
        (env(), env())
            .prop_filter("one place", |(one, other)| one != other)
            .prop_map(|(env, other)| Command::Diff {
                app: self::app("webapp"),
                image: Some("nginx".parse().unwrap()),
                env,
                with: DiffWith::Place(other),
            }),
        (
            proptest::option::of(app()),
            prop_oneof!["#[1-9][0-9]{0,8}", "[0-9a-f]{7,40}"],
        )
            .prop_map(|(app, change)| {
                let change = change.parse().unwrap();
                Command::Where { app, change }
            }),
        (app(), env()).prop_map(|(app, env)| Command::Cancel { app, env }),
        (app(), env()).prop_map(|(app, env)| {
            let (image, service) = (None, None);
            Command::Logs {
                app,
                image,
                env,
                service,
            }
        }),
        proptest::sample::select(vec!["cms-api", "cms-worker"]).prop_map(|service| {
            let (app, env) = (self::app("cms"), self::env("production"));
            let (image, service) = (None, Some(service.to_owned()));
            Command::Logs {
                app,
                image,
                env,
                service,
            }
        }),
        Just(Command::Logs {
            app: self::app("webapp"),
            image: Some("nginx".parse().unwrap()),
            env: self::env("staging"),
            service: Some("webapp".to_owned()),
        }),
        (app(), env()).prop_map(|(app, env)| {
            let also = Vec::new();
            Command::Restart { app, also, env }
        }),
        env().prop_map(|env| {
            let (app, also) = (self::app("webapp"), vec![self::app("cms")]);
            Command::Restart { app, also, env }
        }),
        id().prop_map(|deploy| Command::RollbackOf { deploy }),
        id().prop_map(|deploy| Command::CancelOf { deploy }),
        id().prop_map(|deploy| Command::RestartOf { deploy }),
        (proptest::option::of(app()), proptest::option::of(env()))
            .prop_map(|(app, env)| Command::ShowLast { app, env }),
        (proptest::option::of(app()), proptest::option::of(env()))
            .prop_map(|(app, env)| Command::Status { app, env }),
        (
            app(),
            proptest::option::of(env()),
            proptest::option::of(day()),
            time()
        )
            .prop_map(|(app, env, day, time)| {
                let time = Some(time);
                let at = Moment { day, time };
                Command::StatusAt { app, env, at }
            }),
        (
            proptest::option::of(app()),
            proptest::option::of(env()),
            proptest::sample::select(vec![HistoryScope::Changes, HistoryScope::All]),
            proptest::option::of(period()),
        )
            .prop_map(|(app, env, scope, period)| Command::History {
                app,
                env,
                scope,
                period,
            }),
        rights(),
        (app(), env()).prop_map(|(app, env)| Command::Who { app, env }),
        id().prop_map(|deploy| Command::Show { deploy }),
        proptest::option::of(proptest::sample::select(CommandVerb::ALL.to_vec()))
            .prop_map(|about| Command::Help { about }),
    ]
}

fn rights() -> impl Strategy<Value = Command> {
    let person = prop_oneof![
        Just("@U061F7AUR".to_owned()),
        "@[a-z][a-z0-9._-]{0,20}".prop_filter("letters", |name| !name.ends_with(['.', '-', '_'])),
    ];
    let of = (
        person.prop_map(|person| person.parse().unwrap()),
        prop_oneof![Just(app("webapp")), Just(app("cms"))],
        proptest::option::of(prop_oneof![Just(env("staging")), Just(env("production"))]),
        proptest::option::of(prop_oneof![
            Just(GrantedRight::Request),
            Just(GrantedRight::Approve),
        ]),
    );
    let of = of.prop_map(|(to, app, env, right)| RightOf {
        to,
        app,
        env,
        right,
    });
    let term = prop_oneof![
        (1_u32..100_000).prop_map(Term::For),
        (day_to_come(), proptest::option::of(time())).prop_map(|(day, time)| Term::Until {
            day: Some(day),
            time,
        }),
        time().prop_map(|time| Term::Until {
            day: None,
            time: Some(time),
        }),
    ];
    let why = "[a-zA-Z][a-z, ]{0,30}[a-z]x".prop_map(|why| {
        let words: Vec<&str> = why.split_whitespace().collect();
        words.join(" ").parse().unwrap()
    });
    let (term, why) = (proptest::option::of(term), proptest::option::of(why));
    (of, term, why, any::<bool>()).prop_map(|(of, term, why, gives)| match gives {
        true => Command::Grant { of, term, why },
        false => Command::Revoke { of, why },
    })
}

fn day_to_come() -> impl Strategy<Value = ComingDay> {
    let date = (2000_i16..2100, 1_i8..13, 1_i8..29);
    prop_oneof![
        Just(ComingDay::Today),
        Just(ComingDay::Tomorrow),
        Just(ComingDay::Next(Weekday::Friday)),
        date.prop_map(|(year, month, day)| ComingDay::On(Date::constant(year, month, day))),
    ]
}

fn day() -> impl Strategy<Value = Day> {
    let date = (2000_i16..2100, 1_i8..13, 1_i8..29);
    prop_oneof![
        Just(Day::Today),
        Just(Day::Yesterday),
        date.prop_map(|(year, month, day)| Day::On(Date::constant(year, month, day))),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0))
}

fn period() -> impl Strategy<Value = Period> {
    let since = |day, time| Period::Since(Moment { day, time });
    prop_oneof![
        day().prop_map(Period::Day),
        (day(), proptest::option::of(time())).prop_map(move |(day, time)| since(Some(day), time)),
        time().prop_map(move |time| since(None, Some(time))),
    ]
}

/// Text made of pieces that mean something, so that the deeper branches are reached.
fn near_commands() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "webapp",
            "cms",
            "staging",
            "prod",
            "to",
            "on",
            "@",
            ":",
            "rollback",
            "status",
            "show",
            "help",
            "deploy",
            "4f2k9x0a",
            "last",
            "please",
            "undo",
            "redeploy",
            "kill",
            "logs",
            "wepapp",
            "stagign",
            "main",
            "1.0.2",
            "#42",
            "beta",
            "acme/webapp@",
            "origin/",
            "--env",
            "and",
            ",",
            "!",
            "<",
            ">",
            "|",
            "<@U1|x>",
            "<#C1>",
            "&amp;",
            "“",
            "—",
            "'",
            "\u{200b}",
            " ",
            "  ",
            "é",
            "/",
            "/nginx",
            "webapp/",
            "grant",
            "revoke",
            "who",
            "@maria",
            "<@U061F7AUR|maria>",
            "for 7d",
            "until",
            "friday",
            "as",
            "approver",
            "because",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..12)
        .prop_flat_map(|pieces| prop_oneof![Just(pieces.concat()), Just(pieces.join(" "))])
}

proptest! {
    #[test]
    fn a_command_reads_back_as_itself(command in any_command()) {
        let text = command.to_string();
        prop_assert_eq!(Command::parse(&text, &here()), Ok(command.clone()), "{}", text);
        // Slack encodes what was typed; the meaning is the same.
        let encoded = text.replace('&', "&amp;");
        prop_assert_eq!(Command::parse(&encoded, &here()), Ok(command), "{}", encoded);
    }

    #[test]
    fn no_text_panics_or_reaches_beyond_the_known_names(
        text in prop_oneof![any::<String>(), near_commands()]
    ) {
        match Command::parse(&text, &here()) {
            Ok(command) => {
                prop_assert_eq!(Command::parse(&command.to_string(), &here()), Ok(command));
            }
            Err(misunderstood) => {
                let line = misunderstood.line().command();
                let read = Command::parse(&line.to_string(), &here());
                prop_assert_eq!(read.as_ref(), Ok(line), "{}", text);
            }
        }
    }
}
