//! What ran at a time, as it is answered from the history.

use std::time::Duration;

use insta::assert_snapshot;
use longshore_sim::ecs::Script;

use super::Chat;
use crate::town::{ADA, Bot, CONFIG, EVE};

#[tokio::test(start_paused = true)]
async fn what_ran_at_a_time_is_told_from_the_history() {
    let chat = Chat::new(Bot::NoToken).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    chat.seconds(300).await;
    chat.script("staging", "webapp", Script::CrashLoop);
    chat.types(ADA, "webapp:feature/signup-autocomplete to staging")
        .await;
    chat.settles().await;
    chat.seconds(300).await;
    chat.script(
        "staging",
        "webapp",
        Script::Slow(Duration::from_secs(10 * 60)),
    );
    chat.types(ADA, "restart webapp on staging").await;
    chat.seconds(120).await;
    chat.skips();
    for typed in [
        "status webapp staging at 08:00",
        "status webapp staging at 9:05",
        "status at 09:06 webapp on staging",
        "status staging today 09:10 webapp",
    ] {
        chat.types(EVE, typed).await;
    }
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # What ran of webapp
      At 09:00 today, typed as `08:00` in `UTC`:
      • staging: *not known*: the history begins 10:00 today, when 5a91773 was found running
      – By the history. `/deploy history webapp staging` lists what was changed, `/deploy status webapp staging` tells what runs now.

    Longshore in #deploys · Only visible to you, eve
      # What ran of webapp
      At 10:05 today, typed as `09:05` in `UTC`:
      • staging: main@680af60 since 10:00 today, deploy `id-1` by @ada
      – By the history. `/deploy history webapp staging` lists what was changed, `/deploy status webapp staging` tells what runs now.

    Longshore in #deploys · Only visible to you, eve
      # What ran of webapp
      At 10:06 today, typed as `09:06` in `UTC`:
      • staging: *rolling out* from main@680af60 to feature/signup-autocomplete@83a078a since 10:05 today; deploy `id-2` by @ada, rolled back 10:06 today
      – By the history. `/deploy history webapp staging` lists what was changed, `/deploy status webapp staging` tells what runs now.

    Longshore in #deploys · Only visible to you, eve
      # What ran of webapp
      At 10:10 today, typed as `09:10 today` in `UTC`:
      • staging: main@680af60 since 10:00 today, deploy `id-1` by @ada; feature/signup-autocomplete@83a078a was tried meanwhile: deploy `id-2` by @ada, rolled back 10:06 today
      – By the history. `/deploy history webapp staging` lists what was changed, `/deploy status webapp staging` tells what runs now.
    ");
    chat.settles().await;
    chat.skips();
    chat.types(EVE, "status webapp at 09:20").await;
    chat.types(EVE, "status webapp staging at 14:05").await;
    chat.types(EVE, "status webapp staging today").await;
    chat.types(EVE, "status staging at 09:20").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      # What ran of webapp
      At 10:20 today, typed as `09:20` in `UTC`:
      • production: *not known*: nothing has come up there through Longshore yet
      • staging: *restarting* main@680af60 since 10:11 today; deploy `id-3` by @ada, succeeded 10:21 today; feature/signup-autocomplete@83a078a was tried meanwhile: deploy `id-2` by @ada, rolled back 10:06 today
      – By the history. `/deploy history webapp` lists what was changed, `/deploy status webapp` tells what runs now.

    Longshore in #deploys · Only visible to you, eve
      `14:05` is still to come in `UTC`, where typed times are read. Name a time that has passed: `/deploy status webapp staging at 14:05 yesterday`.

    Longshore in #deploys · Only visible to you, eve
      `today` is a whole day and not a time. Did you mean `/deploy history webapp staging today`?

    Longshore in #deploys · Only visible to you, eve
      That does not say which application; there are `cms` and `webapp`. For instance: `/deploy status cms staging at 09:20`
    ");
}

#[tokio::test(start_paused = true)]
async fn a_time_is_read_in_the_zone_that_is_configured_and_the_answer_says_so() {
    let chat = Chat::new(Bot::NoToken).await;
    let vienna = CONFIG.replace("command =", "zone = \"Europe/Vienna\", command =");
    chat.push(&vienna).await;
    chat.types(ADA, "webapp to staging").await;
    chat.settles().await;
    chat.skips();
    chat.types(EVE, "status webapp staging at 10:02").await;
    chat.types(EVE, "status webapp staging at 02:30 on 26 October 2025")
        .await;
    chat.types(EVE, "status webapp staging on 30 March 2025 at 02:30")
        .await;
    chat.types(EVE, "status webapp staging at 11:00").await;
    assert_snapshot!(chat.reads(), @r"
    Longshore in #deploys · Only visible to you, eve
      `10:02` is still to come in `Europe/Vienna`, where typed times are read. Name a time that has passed: `/deploy status webapp staging at 14:05 yesterday`.

    Longshore in #deploys · Only visible to you, eve
      # What ran of webapp
      At 02:30 Oct 26, typed as `02:30 on 2025-10-26` in `Europe/Vienna`:
      • staging: *not known*: the history begins 10:00 today, when 5a91773 was found running
      – By the history. The clocks showed that time twice that day: the first is meant. `/deploy history webapp staging` lists what was changed, `/deploy status webapp staging` tells what runs now.

    Longshore in #deploys · Only visible to you, eve
      # What ran of webapp
      At 03:30 Mar 30, 2025, typed as `02:30 on 2025-03-30` in `Europe/Vienna`:
      • staging: *not known*: the history begins 10:00 today, when 5a91773 was found running
      – By the history. The clocks skipped that time that day: it is read as if they had not been changed yet. `/deploy history webapp staging` lists what was changed, `/deploy status webapp staging` tells what runs now.

    Longshore in #deploys · Only visible to you, eve
      `11:00` is still to come in `Europe/Vienna`, where typed times are read. Name a time that has passed: `/deploy status webapp staging at 14:05 yesterday`.
    ");
}
