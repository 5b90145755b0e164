//! Longshore deploys to Amazon ECS from Slack: this page is its architecture. How to use it is in
//! `README.md` and `docs/`; `docs/development.md` has recipes for what is added most often.
//!
//! ```text
//! Slack ──POST──► API Gateway ──► slash                verify → parse → authorize → record → hand on → reply
//!                                   │ StartExecution(name = deploy id, input = deploy id)
//!                                   ▼
//!                Step Functions:  Step ──► Next? ──► Done
//!                                  ▲        ├──► Wait n ──┐
//!                                  │        └──► Ask ─────┤   (a task token; a click answers it)
//!                                  └──────────────────────┘
//!                                 Step and Ask are one function, waiter:  record in → act → record out
//!                                   │ AssumeRole, per environment
//!                                   ▼
//!                                 ECS, ECR, Logs;   GitHub;   Slack
//! ```
//!
//! Three functions and an operator's command line share this library. `ci` ([`ci`]) is what pipelines reach: it answers to
//! signatures of theirs, and its requests stand in a partition of their own. `slash` ([`slash`]) is what the
//! internet can reach. It has no right on ECS, and it never works on after its reply. `waiter`
//! ([`waiter`]) is the state machine's only task; whatever takes longer than a reply, or needs ECS,
//! ECR or GitHub, happens there. What passes between the two is an id. Everything else about a
//! deploy is its **record** ([`record`]), one item in the table, and a record changes only by
//! compare-and-swap.
//!
//! # The journeys
//!
//! ## 1. From Slack's request to the reply
//!
//! `/deploy webapp:main to staging`, in the order in which it happens:
//!
//! 1. `bin/slash.rs` hands API Gateway's event to [`slash::Slash::handle`], the only place where the
//!    stages meet. `slash/door.rs` turns the body into bytes: at most as much as a click on the
//!    largest card takes, base64 decoded here because `lambda_http` would panic on a broken one.
//! 2. [`slash::SigningSecrets`] reads the secrets, keeps them for five minutes, and has
//!    [`slack::signature::verify`] make a [`Signed`](slack::signature::Signed) of the bytes, or the
//!    answer is 401 with nothing in it; 503 where there is no usable secret.
//! 3. [`slack::payload`] reads the form. [`settings`] has the configuration, at most a minute old.
//! 4. [`policy::Sender`] asks whether the person's workspace or organisation is listened to; [`command::Command::parse`] reads
//!    the words among the configured names; [`policy::authorize`] makes an
//!    [`Authorized`](policy::Authorized), or says whom to ask.
//! 5. `slash/command.rs` makes a [`hearing::request::Request`] whose id is derived from the signature, and
//!    [`Store::accept`](aws::dynamodb::Store::accept) writes it in one transaction with the keys
//!    that recognise the request when it comes again, and with its `response_url`. Of several
//!    applications, each needs its own `Authorized`, and the request names all of them.
//! 6. [`Machine::start`](aws::sfn::Machine::start) hands it on under its id's name. The reply is one
//!    sentence out of [`reply`].
//!
//! All of it runs under one deadline, counted from API Gateway's timestamp. When time runs out or a
//! call fails, `slash/progress.rs` knows what is certain by then, and the reply claims no more.
//! `status`, `logs`, a cancel, the answer to a pause and giving up are handed on likewise, as a
//! [`record::job::Job`]; `history`, `show` and `help` are answered at once. A click takes the same way through
//! `slash/click.rs` (`slash/control.rs` on a rollout under way): the button's nonce is held against
//! the stored record, the answer is an item of its own beside the record, and waking the execution
//! only spares people the wait.
//!
//! Whatever the public function judges, it judges to tell people early. The waiter believes none of it:
//! that function may be somebody else's one day.
//!
//! ## 2. A step
//!
//! 1. `bin/waiter.rs` reads the payload ([`waiter::Event`]). The first step of an id finds no record:
//!    `waiter/intake.rs` makes it of the request, the actor's kind from the partition that it stands in,
//!    and the request is gone. `waiter/step.rs` loads the *dossier*, which is the record and what counts
//!    of everything said beside it ([`hearing::judge`]), and takes its **turn**: it writes its
//!    invocation's name and an end into the record. A second step at the same moment waits.
//! 2. It acts on the phase, writes, and acts again, until there is something to wait for:
//!
//!    | phase | act | where |
//!    | --- | --- | --- |
//!    | `Requested` | whether it came in time, and whether its requester may; read ECS, ECR and GitHub, and make the [`plan::Plan`], or refuse | `waiter/scene.rs` (what is there now), `waiter/planning.rs`, then the verb: `planning/deploy.rs`, `planning/rollback.rs`, `planning/restart.rs` |
//!    | `Planned`, `Asking` | ask, wait for the answer, go on or end | `waiter/consent.rs` |
//!    | `Starting` | take every lease or none; read everything the plan stands on once more, and plan again if it changed | `waiter/starting.rs` |
//!    | `Rolling`, `Overdue` | run the one-off task, if there is one, once; then the services in order or all at once: register, update, watch; if one fails, take the others back or leave them out | `waiter/rolling.rs` and the files below it |
//!    | `Ended` | tell people | [`waiter::notify`] |
//!
//!    Several applications are planned each by itself, at the same time; [`plan::Plan::together`]
//!    makes one plan of them, which is asked about, rolled out and ended as one. Every service in
//!    it knows whose it is ([`plan::Share`]), and each application gets its own entry in the history.
//!
//! 3. What a rollout's state means is decided by [`rollout::judge`], and which image a ref means by
//!    [`resolve::decide`]; `waiter/lookup.rs` only asks. A verdict, the leases' release and the entry in the
//!    history are one transaction ([`Store::end`](aws::dynamodb::Store::end)).
//!    A rollout that waits at a pause hook is looked at rarely, and the clock of its deadline stands
//!    still; the first click on its buttons is given to ECS ([`record::follow`] says how it ended).
//! 4. [`waiter::notify`] brings Slack up to date with the record and writes into it how far that got: the
//!    card if there is a bot token, else a `response_url`, else the channel, else the person. What
//!    the cards look like is [`card`]'s business.
//! 5. The step returns [`waiter::Next`]: wait, ask, or done. After 2,000 steps the next execution
//!    takes over, because a history ends at 25,000 events.
//!
//! Before anything is sent to ECS, the record says that it is about to be; before it is sent again,
//! ECS is read. So any step may die anywhere and be run again.
//!
//! ## 3. The way back
//!
//! A rollback is a deploy whose plan is an earlier one, exactly as it ran: `planning/rollback.rs` takes what lies
//! below the live version in the history at that place, which [`past::Stack`] reads as a stack, or the
//! deploy that was named, and
//! `rollback/ways.rs` makes sure that the revision can be given to the service, or copied, and its images can be
//! pulled. It never needs GitHub, which is asked for a moment for the commits that are taken away (`planning/between.rs`). What ran before
//! Longshore came is in the history too, as its *baseline*. During a rollout, a rollback means: stop
//! that one ([`record::Cancel`]) and let ECS go back. When one service of several fails, those that
//! are out are brought back to what they ran (`ServicePhase::GoingBack`): to the live revision, or to a copy of
//! it where that names tags or is INACTIVE (`plan/back.rs`, `scene/pins.rs`), which the record names before it is sent.
//!
//! When Slack is down, the command line ([`cli`]) writes the request that the command would have written, in the
//! operators' partition: `cli/request.rs` hands it on, `cli/follow.rs` reads the record as it goes. What an operator
//! says of a deploy is a job ([`record::job::Task::Say`]), which the waiter judges and writes down beside the record.
//!
//! ## 4. The sweeper
//!
//! Every step writes down when the sweeper is to look after the deploy: half a minute after the look
//! that comes next. Once a minute `waiter/sweep.rs` reads what is due by then, in the index that is
//! sorted by it, and looks after that: sixteen at a time, the longest overdue first, for as long as
//! the minute allows; then after requests that were not handed on. A healthy thousand costs two Queries. One
//! whose execution is not running gets the next one, `<id>-<n>`; so does one whose execution failed, at
//! once. Where an execution is late, or sleeps although its question was answered because nobody may or
//! could answer its task token, the sweeper takes the step itself. It never invents a verdict. ECS's events
//! take a step of whichever deploy
//! holds the lease on that service; polling goes on beside them, because events may be lost. If nobody
//! holds it, `waiter/outside.rs` reads the service and the history: what nobody here brought is entered as a
//! change from outside, once. Planning does the same, in case no event came.
//!
//! # The map
//!
//! ```text
//! bin → app → slash | ci | waiter | cli        what runs where
//!               ↓
//!       card → refusal → reply            what people read
//!               ↓
//!       aws  slack  github  http          the outside, at the wire; settings between them and the functions
//!               ↓
//!       hearing  past  record  gate  plan  …   decisions: values in, values out
//!               ↓
//!       names  request
//! ```
//!
//! | what | modules |
//! | --- | --- |
//! | the edge | `bin/*`, [`app`] (the environment, the clients), [`cli`] |
//! | the public function | [`slash`]: the door, then `asked` (who asks, progress, accepting), on it the verbs it answers itself: `command`, `click`, `control`, `cancel`, `history`, `show`, `right` |
//! | the machine's task | [`waiter`]: `context` at the bottom, `scene` (what is there now) on it, `planning` with its verbs, `starting`, `rolling`, `status`, `logs`, `notify`, `publish`, `outside`; on top `step`, `work` (jobs), `stop`, `sweep` |
//! | decisions | [`command`], [`hearing`] (requests, and what of what was said counts), [`policy`], [`config`], [`plan`], [`gate`] (what must hold where something is to begin), [`resolve`], [`rollout`], [`running`] (what runs, judged once for everything that says it), [`record`], [`past`], [`evidence`], [`task_definition`] |
//! | words | [`reply`], [`refusal`], [`card`]: every sentence has one function |
//! | the outside | [`aws`] (the only one that names the SDK), [`slack`], [`github`], [`http`], [`settings`]; [`jwt`], the tokens that others sign |
//! | values | [`names`] (with [`names::secret`], and [`names::version`]: what runs, in words), [`request`] (the verb) |
//! | seen from outside | [`telemetry`] |
//!
//! Dependencies point one way, between these rooms and between those of the waiter: `tests/it/house/rooms.rs`
//! holds it. The public function names neither ECS, ECR, STS nor GitHub, and nothing of the waiter's.
//!
//! Each of the table's partitions has one writer, and IAM holds it to that:
//!
//! | partition | what | who writes |
//! | --- | --- | --- |
//! | `ASKED#id`, `ASKED#AT#app#env` | a request, and which of them wait there, until the waiter takes them in | `slash` |
//! | `SAID#id` | answers, wishes to stop and reply addresses, each an item of its own | `slash` |
//! | `SEEN#…`, `BUTTON#nonce` | what recognises a repeated request, and a used button | `slash` |
//! | `OPERATOR#id`, `OPERATOR#AT#app#env` | the same as `ASKED#…`, of operators | operators |
//! | `PIPELINE#id`, `PIPELINE#MINUTE#name#minute`, `PIPELINE#KEYS` | a request of a pipeline, how many of a minute there were, and whose keys to read anew | `ci` |
//! | `CONFIG`, `AUDIT` | the configuration's versions, and who pushed them | operators |
//! | `DEPLOY#id` | the record, its task token, the wish to stop that comes of another deploy, how often addresses were used | the waiter |
//! | `OPEN#app#env`, `LEASE#service` | what is under way there; who may change the service | the waiter |
//! | `TARGET#app#env`, `HISTORY` | what has ended there, the baseline, changes from outside, and who read logs; what has ended anywhere | the waiter |
//! | `RIGHTS` | what rights are judged by beside the configuration, and read with it: who is in the user groups that it names, as Slack said last, the rights that admins gave in chat, an item for each right of somebody's in one place, and the admins who can be asked | the waiter |
//! | `GRANTED` | who gave or took back which right, when and why: an entry for each time, never written over | the waiter |
//! | `PEOPLE` | what people are in Slack, who asked for something that full members may | the waiter |
//! | `THREAD#channel#ts` | which deploy is meant in that thread | the waiter |
//! | `REPOSITORIES` | by which id each repository at GitHub is known, an item for each | the waiter |
//! | `ISSUERS` | the keys of those who issue tokens, an item for each | the waiter |
//! | `MET` | the tags and branches that planning met last, an item for each application; the form offers them | the waiter |
//!
//! So a click and a step never overwrite each other, and whoever takes the public function over writes
//! nothing but what people may say. The waiter only takes a request away. A sparse index, `open`, lists
//! the records without a settled verdict, and apart from them the requests that wait, by the time at which
//! the sweeper is to look after each.
//!
//! # What must always hold
//!
//! | | invariant | where it is held |
//! | --- | --- | --- |
//! | I1 | one deploy at a time changes an ECS service | leases ([`record::lease`], `aws/dynamodb/lease.rs`); every call that changes ECS takes a [`LeaseHeld`](record::lease::LeaseHeld), which only showing the lease makes, and which cannot outlive its step |
//! | I2 | nothing happens without a valid, fresh signature, and nothing helps a forger | [`slack::signature`]: only `verify` makes a `Signed`; `slash/door.rs` answers every failure alike |
//! | I3 | one request is one deploy at most | `Store::accept`: the keys and the request in one transaction; `Store::take_in`: the record is new, or the request is nothing; the id comes from the signature, and the execution's name from the id |
//! | I4 | an accepted deploy gets one verdict, for good | `Store::end`, conditional on the record's `rev`; the sweeper for whatever stopped halfway |
//! | I5 | a verdict reaches people, or is known not to have | [`waiter::notify`] and `Telling` in the record; [`telemetry::Metrics`], with an alarm |
//! | I6 | a lease is taken over only when it expired and ECS shows no rollout of its holder | `waiter/starting.rs`; expiry is a stored time, and leases are never deleted |
//! | I7 | whoever slept through losing a lease changes nothing | the condition `HOLDS` in `aws/dynamodb/lease.rs`: holder, fence, and a step number that only grows |
//! | I8 | `Succeeded` is the rollout that we started, with our revision and the accepted digest | [`rollout::judge`] |
//! | I9 | past its deadline a deploy is overdue, not over | `waiter/rolling.rs`: `note_overdue`; the lease stays, looks become rarer; who gives it up waits until ECS shows no rollout (`rolling/abandoning.rs`) |
//! | I10 | what runs is what was consented to | [`Plan::hash`](plan::Plan::hash) binds the question; `waiter/starting.rs` compares the live revisions and the policy once more, and `waiter/planning.rs` asks [`policy`] again |
//! | I11 | no secret and no `response_url` where it does not belong | [`names::secret::Secret`] and [`ResponseUrl`](slack::response_url::ResponseUrl) do not print; [`http`] puts neither URL nor body into errors; executions carry an id |
//! | I12 | a reply in time, and true; to a click, of which only the status is seen, 503 where it may not count | [`slash`]: one deadline, [`Patience::DOOR`](aws::Patience::DOOR), and `Progress` for what is known |
//! | I13 | running a step twice is running it once | turns; `sent` and `before` in the record; what was registered or rolled out is looked for before it is done |
//! | I14 | once faults stop, every deploy ends or is overdue | `waiter/sweep.rs`; planning gives up after three minutes, when nothing has been changed yet, and says after ten seconds that it waits (`planning/waiting.rs`) |
//! | I15 | no message says more than the record | [`card`], [`reply`] take the record and nothing else |
//! | I16 | no policy is *no* | [`policy`], [`settings`], [`config`]; no environment is a default |
//! | I17 | what people wrote cannot ping, link or pose as ours | [`slack::text::Mrkdwn`] |
//! | I18 | going back needs neither GitHub nor Slack | `planning/rollback.rs`, `cli/rollback.rs` |
//!
//! # Why it is so
//!
//! **The public function does not update ECS.** A crash right after the update would leave a rollout
//! that nobody watches; rights to deploy would sit behind a public URL; and `UpdateService`, which has
//! no idempotency token, would have to fit Slack's three seconds.
//!
//! **The state machine decides nothing.** It is a trampoline of five states. All decisions are in
//! Rust, where they can be tested without it, and a test holds the template to exactly this shape.
//!
//! **Slack's types are our own** ([`slack::payload`], [`slack::blocks`]), not slack-morphism's. Measured:
//! a program that reads a click and writes a card of four blocks, with this crate's release profile, and
//! how long one run of it takes from spawn to exit.
//!
//! | | size | gzipped | one run | crates |
//! | --- | --- | --- | --- | --- |
//! | bare `serde_json`, which reads the click as a `Value` | 364 KiB | 178 KiB | 1.21 ms | |
//! | our types | 438 KiB | 213 KiB | 1.23 ms | 25 |
//! | slack-morphism 2.31.1, its models alone | 1660 KiB | 684 KiB | 1.46 ms | 86 |
//!
//! Its models also fail on `"team": null`, which Slack sends for installations in an organisation, and on
//! kinds of interaction that they do not know.
//!
//! **Fakes enter at the wire.** There are no traits for services. Everything outgoing goes through one
//! `SharedHttpClient`, and in tests that client is the simulated world (`sim/`), in process and on
//! virtual time; the local stack mounts the same world over HTTP.
//!
//! **Dependencies**, beside AWS's SDK and its HTTP client (rustls with ring; the product has no second
//! HTTP or TLS stack): `lambda_runtime` and `lambda_http`'s event types for the functions; `tokio` for
//! a current-thread runtime and timeouts; `futures-util`, which the SDK brings along, to plan several
//! applications and to look after many records at the same time; `serde`, `serde_json` and `toml` for what is read and
//! written; `hmac` and `sha2` for signatures, ids and hashes; `jiff` for time, with the database of time zones; `clap` for the command
//! line alone; `strsim` for "did you mean"; `percent-encoding`, which the SDK brings along, for URLs; `vec1` for lists
//! that are never empty; `miniz_oxide` to compress the configuration for the table;
//! `thiserror` for errors that are also sentences; `tracing` for the log.
//!
//! # The rules of the house
//!
//! Held by `tests/it/house.rs`: `aws_sdk_` only under [`aws`]; `lambda_` crates only in `bin`, [`slash`]
//! and [`waiter`]; the environment and the wall clock only in `bin`, [`app`], [`config`] and [`cli`];
//! decisions import no client, no `tokio` and are not async; no file above 400 lines without its tests, nor 500 of tests;
//! every file opens by saying what it is for; every dependency is named by the code; no circle between rooms;
//! a type's name means one thing. `tests/it/documents.rs`
//! holds the documents to the program, and `tests/it/template.rs` the template. `tests/it/simulate.rs` holds
//! the invariants on days made by chance.

pub mod app;
pub mod aws;
pub mod card;
pub mod ci;
pub mod cli;
pub mod command;
pub mod config;
pub mod evidence;
pub mod gate;
pub mod github;
pub mod hearing;
pub mod http;
pub mod jwt;
pub mod names;
pub mod past;
pub mod plan;
pub mod policy;
pub mod record;
pub mod refusal;
pub mod reply;
pub mod request;
pub mod resolve;
pub mod rollout;
pub mod running;
pub mod settings;
pub mod slack;
pub mod slash;
pub mod task_definition;
pub mod telemetry;
pub mod waiter;
