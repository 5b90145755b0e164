//! The journeys: what people set out to do, how it ends if the product keeps its word, and the towns
//! in which each can begin.

use std::time::Duration;

use jiff::Timestamp;
use longshore::record::Verdict;
use longshore_sim::ecs::Script;
use longshore_sim::{Clock, State, World};

use super::story::{MINUTE, Story, driver};
use crate::town::{Bot, CONFIG, Town, with_before};

/// What people set out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Journey {
    /// A branch to staging, which asks nobody.
    Deploy,
    /// A tag to production, which asks for a click.
    Confirm,
    /// Back to what ran before.
    Rollback,
    /// A deploy, and in the middle of its rollout somebody stops it.
    Cancel,
    /// A deploy whose rollout pauses, until somebody lets it go on.
    Pause,
    /// A deploy whose rollout pauses, until somebody has it go back.
    PauseBack,
    /// New tasks of what runs.
    Restart,
    /// Two services of which the second crashes, so that the first is taken back.
    TakenBack,
    /// The same with both rolling out at the same time, so that the first is stopped in the middle.
    Parallel,
    /// A deploy whose one-off task runs first.
    Before,
    /// Two applications in one command.
    Together,
    /// What succeeded on staging to production, which lets in nothing else.
    Promote,
}

impl Journey {
    fn bot(self) -> Bot {
        match self {
            Self::Deploy
            | Self::Cancel
            | Self::Pause
            | Self::TakenBack
            | Self::Parallel
            | Self::Together => Bot::Token,
            Self::Confirm
            | Self::PauseBack
            | Self::Rollback
            | Self::Restart
            | Self::Before
            | Self::Promote => Bot::NoToken,
        }
    }

    pub(super) fn environment(self) -> &'static str {
        match self {
            Self::Confirm | Self::Promote => "production",
            _ => "staging",
        }
    }

    pub(super) fn services(self) -> &'static [&'static str] {
        match self {
            Self::TakenBack | Self::Parallel | Self::Before => &["cms-api", "cms-worker"],
            Self::Together => &["webapp", "cms-api", "cms-worker"],
            _ => &["webapp"],
        }
    }

    /// How many applications it is about.
    pub(super) fn applications(self) -> usize {
        match self {
            Self::Together => 2,
            _ => 1,
        }
    }

    /// How often the one-off task of cms is to run.
    pub(super) fn tasks(self) -> usize {
        usize::from(matches!(self, Self::Before | Self::Together))
    }

    /// Whether it takes so long that what it reads again and again is read under a fault once: most
    /// of it is in the others as well.
    pub(super) fn is_long(self) -> bool {
        self.services().len() > 1
    }

    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::Deploy
            | Self::Confirm
            | Self::Pause
            | Self::Rollback
            | Self::Restart
            | Self::Before
            | Self::Together
            | Self::Promote => Verdict::Succeeded,
            Self::Cancel | Self::PauseBack => Verdict::Cancelled,
            Self::TakenBack | Self::Parallel => Verdict::RolledBack,
        }
    }

    /// `UpdateService` calls that it needs, by service.
    pub(super) fn updates(self) -> &'static [usize] {
        match self {
            Self::TakenBack | Self::Parallel => &[2, 1],
            Self::Before => &[1, 1],
            Self::Together => &[1, 1, 1],
            _ => &[1],
        }
    }
}

/// Everything as it is when a journey can begin, for playing it again and again from there.
pub(super) struct Beginning {
    journey: Journey,
    state: State,
    at: Timestamp,
    first: Vec<String>,
    ran: Vec<String>,
    updates: Vec<usize>,
    earlier: Vec<String>,
}

impl Beginning {
    /// A story that begins here.
    pub(super) fn story(&self) -> Story {
        // Not the beginning's seed: its tokens must not come again.
        fastrand::seed(11);
        let world = World::new(Clock::starting_at(self.at));
        *world.state() = self.state.clone();
        let machine = self.state.states.machines.keys().next().unwrap();
        let town = Town::on(world, machine);
        Story {
            journey: self.journey,
            driver: driver(&town).sweep_every(MINUTE),
            town,
            heard: Vec::new(),
            pressed: 0,
            first: self.first.clone(),
            ran: self.ran.clone(),
            updates: self.updates.clone(),
            earlier: self.earlier.clone(),
        }
    }
}

impl Journey {
    /// A town in which the journey can begin.
    pub(super) async fn beginning(self) -> Beginning {
        self.beginning_in(self.bot()).await
    }

    /// The same in a town whose app has a token.
    pub(super) async fn beginning_with_a_bot(self) -> Beginning {
        self.beginning_in(Bot::Token).await
    }

    async fn beginning_in(self, bot: Bot) -> Beginning {
        fastrand::seed(7);
        let journey = self;
        let town = Town::new(bot).await;
        town.world.state().ecs.set_speed(3.0);
        let driver = driver(&town).sweep_every(MINUTE);
        let mut story = Story {
            journey,
            town,
            driver,
            heard: Vec::new(),
            pressed: 0,
            first: Vec::new(),
            ran: Vec::new(),
            updates: Vec::new(),
            earlier: Vec::new(),
        };
        story.first = story.running().await;
        match journey {
            Journey::Rollback => {
                story.types("webapp:1.0.2 to staging").await;
                story.settles().await;
            }
            Journey::Cancel => {
                let slow = Script::Slow(Duration::from_secs(75));
                story.town.script("staging", "webapp", slow);
            }
            Journey::Pause => story.town.script("staging", "webapp", Script::Pause),
            Journey::PauseBack => {
                story
                    .town
                    .script("staging", "webapp", Script::BlueGreenPause);
            }
            Journey::TakenBack | Journey::Parallel => {
                if journey == Journey::Parallel {
                    let order = "rollouts = \"parallel\"\nservices     = [\"cms";
                    let config = CONFIG.replace("services     = [\"cms", order);
                    story.town.push(&config).await;
                    let slow = Script::Slow(Duration::from_secs(75));
                    story.town.script("staging", "cms-api", slow);
                }
                story
                    .town
                    .script("staging", "cms-worker", Script::CrashLoop);
            }
            Journey::Before | Journey::Together => story.town.push(&with_before()).await,
            Journey::Promote => {
                let table = "[environments.production]\n";
                let after = format!("{table}after = {{ environment = \"staging\" }}\n");
                let config = CONFIG.replace(table, &after);
                assert_ne!(config, CONFIG);
                story.town.push(&config).await;
                story.types("webapp:1.0.2 to staging").await;
                story.settles().await;
            }
            Journey::Deploy | Journey::Confirm | Journey::Restart => {}
        }
        let earlier = story.deploys().await;
        let ran = story.running().await;
        let mut state = story.town.world.state().clone();
        state.calls.clear();
        Beginning {
            journey,
            state,
            at: story.town.world.now(),
            ran,
            updates: story.update_calls(),
            earlier: earlier.iter().map(|deploy| deploy.id.to_string()).collect(),
            first: story.first,
        }
    }
}
