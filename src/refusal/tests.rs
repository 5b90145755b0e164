//! Every refusal, with its words.

mod after;
mod checks;
mod every;
mod image_rules;
mod kinds;
mod lines;
mod linted;
mod names;
mod of_the_policy;
mod rights;
mod unbuilt;

use insta::assert_snapshot;
use jiff::SignedDuration;

pub(crate) use self::every::every;
pub(crate) use self::names::Names;
use super::*;
use crate::card;
use crate::card::fixtures::{at, operator, sam};
use crate::command::{Command, Vocabulary};
use crate::gate::{Busy, Obstacle};
use crate::names::version::{Gone, Leaving, Left};
use crate::names::{Actor, Ref};
use crate::plan::{Candidate, CannotRun};
use crate::record::{Choice, NoBack, NoWayBack, Silent, Verdict};
use crate::request::Entry;
use crate::rollout::{AwsNo, AwsNoKind};

fn words() -> Vocabulary {
    Vocabulary::new()
        .with_application(&"webapp".parse().unwrap(), ["shop"])
        .with_application(&"cms".parse().unwrap(), ["content"])
        .with_environment(&"staging".parse().unwrap(), ["stg"])
        .with_environment(&"production".parse().unwrap(), ["prod"])
}

fn at_the_gate(obstacle: Obstacle) -> Refusal {
    Refused::Gates(vec![obstacle]).into()
}

#[test]
fn every_refusal_says_what_why_and_what_next() {
    let said: Vec<String> = every(&Names::usual("v<9>"))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_snapshot!(said.join("\n"), @r"
    No configuration has been pushed yet, so nobody may do anything here. Whoever runs Longshore writes `longshore.toml` and runs `longshore push`; then ask again.
    Longshore cannot read its configuration, and without one nobody may do anything; nothing was started. Whoever runs it checks `longshore.toml` with `longshore check` and publishes it with `longshore push`.
    `cms` does not run on production, but on `staging`. Ask the people who run Longshore to add it there.
    The service `cms-api` is rolled out by `CODE_DEPLOY`, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.
    The service `cms-api` is rolled out by `EXTERNAL`, not by ECS itself, so Longshore must keep its hands off. Deploy it with that, or recreate it with the deployment controller `ECS`.
    The service `cms-api` names the deployment controller `v<9>`. This version of Longshore does not know that one and keeps its hands off. Deploy it as before, or upgrade Longshore.
    The service `cms-api` is an Express Mode service, which ECS manages by itself. Whether it can be given a task definition is not verified, so Longshore keeps its hands off. Deploy it with `aws ecs update-express-gateway-service`, or run the application in a service of your own.
    I can not run the one-off task `cms-migrate` first: its volume `scratch` is configured at launch. The service `cms-api`, which it runs like, does not configure that. Give the service one, or take `configuredAtLaunch` out of the task definition. Nothing was started.
    There is no service `cms-api` in the cluster `production`. Nothing was started. Create it, or ask the people who run Longshore to correct `services`.
    The service `cms-api` is `DRAINING`, not ACTIVE, so nothing can be deployed to it. Create it again, or ask the people who run Longshore to take it out.
    No container of `cms-api` uses an image of `cms`, so there is nothing to exchange. Ask the people who run Longshore to name them in `containers`.
    `cms` on production runs `v<9>`, the very same image. To replace its tasks by new ones: `/deploy restart cms on production`
    All of these run on production what you asked for, the very same images. To replace their tasks by new ones: `/deploy restart cms,webapp on production`
    Those are 61 services, and one plan takes 60 at most. Deploy fewer applications with one command; nothing was started.
    There is nothing else to go back to. What ran well of `cms` on production was rolled back before. To return to it all the same: `/deploy rollback cms on production to 4f2k9x0a` (`v<9>`)
    `v<9>` is gone: Longshore rolled back 4 s ago, to `v<9>`. Nothing was changed. `/deploy status cms production` shows what runs now.
    Deploy `4f2k9x0a` was under way: it is stopped, which brings back what ran before, and its card says how that ends. Ask for a rollback again only to go further back.
    The pipeline asked for a newer deploy, `4f2k9x0a`, which takes its place: `/deploy show 4f2k9x0a` says how that one ends.
    What runs of `cms` on production keeps changing while this deploy gets ready. Nothing was started. See who else deploys there (`/deploy status cms production`), then ask again.
    Nothing was restarted: the service `cms-api` was last given `cms-api:8`, which did not come up. A restart would bring that to all of its tasks. Roll back (`/deploy rollback cms on production`), or deploy a version that works.
    There is no deploy `4f2k9x0a`. `/deploy history` lists the latest; ids are eight letters and digits.
    No deploy of `cms` to production is under way, so there is nothing to cancel. To undo the last one: `/deploy rollback cms on production`.
    `23:05` is still to come in `Europe/Vienna`, where typed times are read. Name a time that has passed: `/deploy history since 14:05 yesterday`.
    That question has lapsed: nobody answered it in time, so deploy `4f2k9x0a` changed nothing. Ask again if it is still wanted.
    That question is out of date: what runs there has changed since, or another version was chosen. Nothing was started by this click; answer the newest question of deploy `4f2k9x0a`.
    @U0G9QF9C6 has confirmed it already, at 15 Jan 08:00 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    @U0G9QF9C6 has decided against it already, at 15 Jan 08:00 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    @U0G9QF9C6 has asked deploy `4f2k9x0a` to stop already, at 15 Jan 08:00 UTC. Wait for its verdict: it comes as soon as ECS has gone back.
    That button was used before: deploy `4f2k9x0a`, asked for by @U0G9QF9C6, came of it. `/deploy show 4f2k9x0a` tells how it went.
    That button no longer fits deploy `4f2k9x0a`: it has moved on. `/deploy show 4f2k9x0a` tells where it is.
    AWS does not let Longshore `ecs:DescribeServices` on production, so nothing was changed there. The role `arn:aws:iam::222222222222:role/longshore-staging` does not allow it. Ask the people who run Longshore to deploy the stack that `longshore target production` writes, in that account: step 4 of the README.
    GitHub could not be asked what `feature/a&b` is, so nothing was started. Try again in a minute, or name an image tag or a full commit.
    GitHub could not be asked what the default branch is, so nothing was started. Try again in a minute, or name an image tag or a full commit.
    GitHub does not take Longshore's token, so nobody can say what the default branch is; nothing was started. Name an image tag, or ask the people who run Longshore to store a token that may read the repository.
    Longshore has no private key of its GitHub App, so nobody can say what the default branch is; nothing was started. Name an image tag, or ask the people who run Longshore to store the key.
    GitHub does not take the key of Longshore's App, so nobody can say what the default branch is; nothing was started. Name an image tag, or ask the people who run Longshore to check `github.app` and the key.
    Longshore's GitHub App is not installed on that repository, so nobody can say what the default branch is; nothing was started. Name an image tag, or ask the people who run Longshore to install it there.
    Longshore's GitHub App is suspended at GitHub, so nobody can say what the default branch is; nothing was started. Name an image tag, or ask the people who run Longshore to unsuspend it there.
    Another repository at GitHub has the name of this one by now, and what it calls the default branch is not to be trusted; nothing was started. Ask the people who run Longshore: `longshore check --live` says which two.
    GitHub's rate limit is used up until 15 Jan 08:00 UTC, so it could not be asked what the default branch is; nothing was started. Name an image tag or a full commit, which needs no GitHub. Without a GitHub token Longshore may ask little: if none is stored, ask the people who run Longshore to store one.
    Nothing was started: `AWS refuses ecs:DescribeImages: v<9>`. Mend that first, then ask again.
    Nothing was started: Amazon ECS does not answer (AWS does not answer ecs:DescribeServices). Longshore tried for three minutes; ask again once that has passed. https://health.aws.amazon.com/health/status shows whether it is known there.
    Nothing was started: GitHub's rate limit is used up. Longshore tried for three minutes; ask again once that has passed. https://www.githubstatus.com shows whether it is known there.
    Nothing was started: GitHub cannot be reached: HTTP 503. Longshore tried for three minutes; ask again once that has passed. https://www.githubstatus.com shows whether it is known there.
    Longshore could not reach AWS; nothing was started. Try again in a minute.
    AWS did not answer in time, and I can not tell whether this was accepted. `/deploy status cms production` shows it, or repeat the command: while one is under way, a second one is refused.
    AWS did not answer in time, and I can not tell whether this click was accepted. `/deploy show 4f2k9x0a` tells, or press again: it counts once.
    Longshore could not reach AWS, so there is nothing to show. Try again in a minute.
    A mention neither gives rights nor takes them back. Type it as a command: `/deploy help grant` shows how.
    Deploy `4f2k9x0a` of `cms` to production is still under way. @U0G9QF9C6 asked for it at 15 Jan 08:00 UTC. Wait for its verdict, or stop it: `/deploy cancel cms on production`. If you may not, ask @U0G9QF9C6.
    Deploy `4f2k9x0a` of `cms` to production is still under way. `kim` asked for it at 15 Jan 08:00 UTC. Wait for its verdict, or stop it: `/deploy cancel cms on production`. If you may not, ask `kim`.
    Deploy `4f2k9x0a` of `cms` to production is still under way. Longshore asked for it at 15 Jan 08:00 UTC. Wait for its verdict, or stop it: `/deploy cancel cms on production`.
    Deploy `4f2k9x0a` has ended already: succeeded. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: rolled back. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: failed. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: cancelled. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: refused. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: lapsed unanswered. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: superseded by another rollout. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` has ended already: given up. `/deploy show 4f2k9x0a` tells how.
    Deploy `4f2k9x0a` cannot be gone back to: it is one of `webapp` to production. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: it did not succeed (failed). `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: it is still under way. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: it is what runs now. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: its task definition `cms:9` is gone. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: its image `v<9>` is gone. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: which image its task definition `cms:9` ran cannot be told. `/deploy history all cms production` lists what ran there.
    Deploy `4f2k9x0a` cannot be gone back to: its image `v<9>` is `ARCHIVED` and cannot be pulled until it is restored. `/deploy history all cms production` lists what ran there.
    The newest good version of `cms` on production is `v<9>`. It cannot be gone back to: its image `v<9>` is gone. No older one can be either. Deploy the version you want; `/deploy history cms production` shows what ran.
    The newest good version of `cms` on production is `v<9>`. It cannot be gone back to: its image `v<9>` is gone. Older ones can: `/deploy rollback cms on production to 4f2k9x0a` (`v<9>`)
    I can not run the one-off task `cms-migrate` first: there is no such task definition family in that account. Register one, or correct `before.task`. Nothing was started.
    I can not tell which container of the one-off task `cms-migrate` to run. No essential one of its newest revision runs an image of `cms`. Name the container in `containers`. Nothing was started.
    You have 3 deploys open on production, and nobody has more there at once:
    • `cms:feature/a&b`, deploy `4f2k9x0a` (https://acme.slack.com/archives/C0DEPLOYS/p1772442000000100)
    • `cms:feature/a&b` and `cms:feature/a&b`, deploy `4f2k9x0a`
    • restart of `cms`, deploy `4f2k9x0a`
    Answer them, wait until one ends, or stop one: `/deploy cancel cms on production`. Rolling back is always possible.
    That was asked for at 15 Jan 08:00 UTC, and Longshore got to it more than 15 minutes later, so nothing was started. Ask again if you still want it.
    That bears the time 15 Jan 08:00 UTC, which Longshore's clock has not reached, so nothing was started. Ask again; if that does not help, ask the people who run Longshore to look into it.
    GitHub's rate limit is used up until 15 Jan 08:00 UTC, so it could not be asked what `feature/a&b` is; nothing was started. Name an image tag or a full commit, which needs no GitHub. Without a GitHub token Longshore may ask little: if none is stored, ask the people who run Longshore to store one.
    GitHub answers few more questions until 15 Jan 08:00 UTC, and Longshore keeps those for deploys. Ask again then, or ask for the deploy itself.
    Deploy `4f2k9x0a` of `cms` to production is being stopped, as @U0G9QF9C6 wished. Wait for its verdict, then ask again.
    Somebody else is rolling out `cms:9` on the service `cms-api`. Wait until that is over, then ask again.
    Its check `integration tests / linux / stable (1.95.0)` by `github-actions` did not pass on `0123456`: `startup_failure`. Mend it or run it again, and ask again once it has passed.
    A check by `github-actions` did not pass on `0123456`: `startup_failure`. Mend it or run it again, and ask again once it has passed.
    Its check `integration tests / linux / stable (1.95.0)` by `github-actions` was skipped on `0123456`, which does not count as passed here. Run it, and ask again once it has passed.
    A check by `github-actions` was skipped on `0123456`, which does not count as passed here. Run it, and ask again once it has passed.
    Its check `integration tests / linux / stable (1.95.0)` by `github-actions` ended as neutral on `0123456`, which does not count as passed here. Mend it, and ask again once it has passed.
    A check by `github-actions` ended as neutral on `0123456`, which does not count as passed here. Mend it, and ask again once it has passed.
    Its check `integration tests / linux / stable (1.95.0)` by `github-actions` has not ended on `0123456`. Ask again once it has passed.
    A check by `github-actions` has not ended on `0123456`. Ask again once it has passed.
    Its check `integration tests / linux / stable (1.95.0)` by `github-actions` has not run on `0123456`. Start it, and ask again once it has passed.
    A check by `github-actions` has not run on `0123456`. Start it, and ask again once it has passed.
    Its check `integration tests / linux / stable (1.95.0)` by `github-actions` stands at `unheard_of` on `0123456`. This version of Longshore does not know that word, so it does not count. Run it, and ask again once it has passed.
    A check by `github-actions` stands at `unheard_of` on `0123456`. This version of Longshore does not know that word, so it does not count. Run it, and ask again once it has passed.
    Its check `integration tests / linux / stable (1.95.0)` by `github-actions` cannot be told on `0123456`: more was reported of it than the 300 checks that are read. Ask whoever looks after its CI to report fewer.
    A check by `github-actions` cannot be told on `0123456`: more was reported of it than the 300 checks that are read. Ask whoever looks after its CI to report fewer.
    The image does not prove of which commit it is, so nobody can tell whether the checks passed. Deploy what CI built by its commit.
    GitHub does not say whether the checks passed. Ask again in a few minutes.
    GitHub does not let Longshore see whether the checks passed. Ask the people who run Longshore to give it `checks` and `statuses`, to read.
    Another repository at GitHub has the name of this one by now, so nobody can tell whether the checks passed. Ask the people who run Longshore: `longshore check --live` says which two.
    GitHub answers no more questions until 15 Jan 08:00 UTC, so nobody can tell whether the checks passed. Ask again then.
    GitHub answers no more questions for now, so nobody can tell whether the checks passed. Ask again in a few minutes.
    `v<9>` has not succeeded on production, where it must first. Deploy it there, then ask again.
    Nobody can tell whether `v<9>` succeeded on production: the newest 100 deploys do not show it. Deploy it there, then ask again.
    `v<9>` succeeded on production 12 min, 5 sec ago, and may go on 30 min after that. Ask again at 15 Jan 08:00 UTC.
    No task of `v<9>` ran on production, so nobody can tell whether it works. Scale `cms` up and restart it there, then ask again.
    `v<9>` was rolled back on production, by @U0G9QF9C6 at 15 Jan 08:00 UTC. Deploy it there once more if it is good after all, then ask again.
    @U0G9QF9C6 tried to roll `v<9>` back on production, at 15 Jan 08:00 UTC. Deploy it there once more if it is good after all, then ask again.
    @U0G9QF9C6 is rolling `v<9>` back on production. Wait until that is over, then ask again.
    `cms` does not run on production, so nothing can be promoted from there. Name another environment after `from`.
    Something is rolling out on production. Wait until that is over, then ask again.
    No task of `cms` runs on production, so there is nothing to promote. Start some there, then ask again.
    The services of `cms` on production do not run one image, so nobody can tell which to promote. Deploy one there first.
    What runs of `cms` on production has not succeeded through Longshore. Deploy it there, then ask again.
    `4f2c9e1` runs on production by now, not `v<9>`. Ask again to promote that.
    Nothing says which environment comes before production. Deploy a version there instead: `/deploy cms to production`
    Nothing says which environment comes before production. Name it: `/deploy promote cms from staging to production` or `/deploy promote cms from beta to production`
    Commit `0123456` may not go to production. It must be in `main`: merge it there, then ask again.
    Commit `0123456` may not go to production. It must be in `feature/a&b`, `feature/a&b` or 2 more: merge it there, then ask again.
    Commit `0123456` must be in `main`, and only ten branches are looked at. Deploy it by its branch, which is looked at first.
    Commit `0123456` must be in `feature/a&b`, `feature/a&b` or 2 more, and only ten branches are looked at. Deploy it by its branch, which is looked at first.
    Commit `0123456` must be in `main`, and there is no such branch. Ask the people who run Longshore to correct `branches`.
    Commit `0123456` must be in `feature/a&b`, `feature/a&b` or 2 more, and there is no such branch. Ask the people who run Longshore to correct `branches`.
    The image does not prove of which commit it is, so nobody can tell which branches have its commit. Deploy what CI built by its commit.
    GitHub does not say which branches have its commit. Ask again in a few minutes.
    GitHub does not let Longshore see which branches have its commit. Ask the people who run Longshore to give it `contents`, to read.
    Another repository at GitHub has the name of this one by now, so nobody can tell which branches have its commit. Ask the people who run Longshore: `longshore check --live` says which two.
    GitHub answers no more questions until 15 Jan 08:00 UTC, so nobody can tell which branches have its commit. Ask again then.
    GitHub answers no more questions for now, so nobody can tell which branches have its commit. Ask again in a few minutes.
    Commit `0123456` is not signed, and must be. Sign it or tag it with a signed tag, and deploy that.
    Commit `0123456` must be signed, and GitHub does not take its signature: `unknown_key`. Sign it anew, and deploy that.
    The image does not prove of which commit it is, so nobody can tell whether it is signed. Deploy what CI built by its commit.
    GitHub does not say whether it is signed. Ask again in a few minutes.
    GitHub does not let Longshore see whether it is signed. Ask the people who run Longshore to give it `contents`, to read.
    Another repository at GitHub has the name of this one by now, so nobody can tell whether it is signed. Ask the people who run Longshore: `longshore check --live` says which two.
    GitHub answers no more questions until 15 Jan 08:00 UTC, so nobody can tell whether it is signed. Ask again then.
    GitHub answers no more questions for now, so nobody can tell whether it is signed. Ask again in a few minutes.
    The tag `4f2c9e1` can be moved to another image. Deploy it by a tag that stays, or ask the people who run Longshore to make the tags of `cms` immutable.
    Nobody can tell whether the tag `4f2c9e1` can be moved: ECR says `SOMETIMES` of `cms`. Ask the people who run Longshore to make its tags immutable.
    The scan of its image found 1 weakness that is high or worse.
    • `v<9>` critical, in `openssl`
    Mend that, build it anew, and deploy what was built.
    The scan of its image found 1234 weaknesses that are high or worse.
    • `v<9>` critical, in `openssl`
    • `v<9>` critical, in `openssl`
    • `v<9>` critical, in `openssl`
    • `v<9>` critical, in `openssl`
    • `v<9>` high
    Mend that, build it anew, and deploy what was built.
    Its image has not been scanned. Start a scan in ECR, and ask again once it has ended.
    The scan of its image has not ended. Ask again once it has.
    The scan of its image stands at `SCAN_ELIGIBILITY_EXPIRED`, so nobody knows what is in it. Look at it in ECR, and ask again once it is complete.
    ECR does not show what the scan of its image found. Ask the people who run Longshore whether the deploy role may see it: `inspector2:ListFindings`.
    Its image is for more platforms than the 8 whose scans are read. Build it for fewer, and deploy that.
    `cms` goes back, and deploys there only go forward. Confirm only if you mean it.
    Deploys there only go forward, and whether `cms` goes back is not known. Confirm only if you mean it.
    `cms-api` has no way back: its task definition `cms:9` is being deleted. If this fails, it stays on whatever it runs by then.
    `cms-api` has no way back: the image `0123456789ab` that runs cannot be pulled any more. If this fails, it stays on whatever it runs by then.
    I can not change the schedule `cms-api`: there is none of that name in EventBridge Scheduler. Nothing was started.
    I can not change the schedule `cms-api`: it runs no ECS task. Nothing was started.
    I can not change the schedule `cms-api`: its task definition `cms:9` is gone. Nothing was started.
    I can not change the schedule `cms-api`: it runs the task definition family `cms-migrate`. Add that to its entry in `schedules`, after a colon. Nothing was started.
    I can not change the schedule `cms-api`: no container of its task runs an image of `cms`. Nothing was started.
    Nothing was started: `AWS throttles ecs:DescribeServices`. Mend that first, then ask again.
    Nothing was started: `AWS does not allow ecs:DescribeServices to the role arn:aws:iam::222222222222:role/longshore-staging, which step 4 of the README installs. AWS says: v<9>`. Mend that first, then ask again.
    Nothing was started: `ecs:DescribeServices could not be sent: v<9>`. Mend that first, then ask again.
    There is no commit, tag, branch or image called `feature/a&b` in `acme/cms` and `cms`. Check the spelling, then ask again.
    There is no image `feature/a&b` in `cms`. Did you mean `4f2c9e1`, `v1.0.9`?
    Say which image of `cms`: its tag, with a colon before it, behind the application. It holds no tagged image yet.
    Say which image of `cms`: its tag, with a colon before it, behind the application. The newest: `4f2c9e1`, `v1.0.9`.
    There is no image for `feature/a&b`: commit `1f0c9de` exists, but no image `cms:4f2c9e1`. Look at its build, then ask again.
    The image `cms:4f2c9e1` is ARCHIVED, and ECS can only pull one that is ACTIVE. Restore it in ECR, then ask again.
    `cms:4f2c9e1` is no container image, but a Helm chart: ECS cannot run it. Name the tag of an image, then ask again.
    `feature/a&b` means two different things. One is the branch `feature/a&b` (commit `1f0c9de`). The other is the git tag `feature/a&b` (commit `2a1b3c4`, without an image). Name the commit or the image tag you mean.
    GitHub shows no repository `acme/cms`. Ask the people who run Longshore to check its name in the configuration, and that the GitHub token may read it.
    The image of `v<9>` is not in `cms` any more. Build it again, then ask again.
    There is no image repository `cms`. Ask the people who run Longshore to check the application's image in the configuration.
    There is no commit, tag, branch or image called `feature/a&b` in `acme/cms` and `cms`. Check the spelling, then ask again: that repository holds no image that can be deployed.
    There is no image `feature/a&b` in `cms`. Did you mean `4f2c9e1`, `v1.0.9`?
    There is no image for `feature/a&b`: commit `1f0c9de` exists, but no image `cms:4f2c9e1`. Look at its build, then ask again: that repository holds no image that can be deployed.
    The image `cms:4f2c9e1` is ARCHIVED, and ECS can only pull one that is ACTIVE. Restore it in ECR, then ask again: that repository holds no image that can be deployed.
    `cms:4f2c9e1` is no container image, but a Helm chart: ECS cannot run it. Name the tag of an image, then ask again: that repository holds no image that can be deployed.
    The image of `v<9>` is not in `cms` any more. Build it again, then ask again: that repository holds no image that can be deployed.
    There is no commit, tag, branch or image called `feature/a&b` in `acme/cms` and `cms`. Check the spelling, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    There is no image `feature/a&b` in `cms`. Did you mean `4f2c9e1`, `v1.0.9`?
    There is no image for `feature/a&b`: commit `1f0c9de` exists, but no image `cms:4f2c9e1`. Look at its build, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    The image `cms:4f2c9e1` is ARCHIVED, and ECS can only pull one that is ACTIVE. Restore it in ECR, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    `cms:4f2c9e1` is no container image, but a Helm chart: ECS cannot run it. Name the tag of an image, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    The image of `v<9>` is not in `cms` any more. Build it again, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    There is no commit, tag, branch or image called `feature/a&b` in `acme/cms` and `cms`. Check the spelling, or deploy one of the two newest there (`4f2c9e1`, pushed 15 Jan 08:00 UTC): `/deploy cms:4f2c9e1 to production`
    There is no image `feature/a&b` in `cms`. Did you mean `4f2c9e1`, `v1.0.9`?
    There is no image for `feature/a&b`: commit `1f0c9de` exists, but no image `cms:4f2c9e1`. Look at its build, or deploy one of the two newest there (`4f2c9e1`, pushed 15 Jan 08:00 UTC): `/deploy cms:4f2c9e1 to production`
    The image `cms:4f2c9e1` is ARCHIVED, and ECS can only pull one that is ACTIVE. Restore it in ECR, or deploy one of the two newest there (`4f2c9e1`, pushed 15 Jan 08:00 UTC): `/deploy cms:4f2c9e1 to production`
    `cms:4f2c9e1` is no container image, but a Helm chart: ECS cannot run it. Name the tag of an image, or deploy one of the two newest there (`4f2c9e1`, pushed 15 Jan 08:00 UTC): `/deploy cms:4f2c9e1 to production`
    The image of `v<9>` is not in `cms` any more. Build it again, or deploy one of the two newest there (`4f2c9e1`, pushed 15 Jan 08:00 UTC): `/deploy cms:4f2c9e1 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). It would be `cms:4f2c9e1`. Look at its build, then ask again.
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). It would be `cms:4f2c9e1`. Look at its build, then ask again: that repository holds no image that can be deployed.
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). CI `v<9>` has not ended. Wait for it, then ask again.
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). CI `v<9>` has run for 2 min. Wait for it, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). CI `v<9>` has run for 2 min, usually 5 min. Wait for it, or deploy `84e18a0`, 1 commit before it: `/deploy cms/app:84e18a0 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). CI `v<9>` has run for 5 sec, usually 1 hour, 57 min. Wait for it, or deploy `84e18a0`, 12 commits before it: `/deploy cms/app:4f2c9e1 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). CI `v<9>` failed. Mend it, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). CI `v<9>` failed 3 min ago. Mend it, or deploy `84e18a0`, 2 commits before it: `/deploy cms/app:84e18a0 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). What GitHub shows of its CI has ended. It would be `cms:4f2c9e1`. Look at its build, or deploy the newest image there (`4f2c9e1`, `v1.0.9`, pushed 15 Jan 08:00 UTC): `/deploy cms/app:4f2c9e1 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). `v<9>` has changed since `84e18a0`. Look at its build, or deploy `84e18a0`, 2 commits before it: `/deploy cms/app:84e18a0 to production`
    No image yet for `feature/a&b`, `1f0c9de` `v<9>` (v<9>). Whether it has changed since `84e18a0` cannot be told: GitHub does not list all files that have. Look at its build, or deploy `84e18a0`, 2 commits before it: `/deploy cms/app:84e18a0 to production`
    No service of `cms` on production has a container `app`. There is nothing to exchange. Ask the people who run Longshore to name it in `images` as its task definition does.
    `cms` has no image `app` in the configuration any more, so there is nothing to exchange. Deploy another, or ask the people who run Longshore to name it in `images` again.
    The image `cms:4f2c9e1` holds no image that can run. The task definition `cms-migrate:12345` wants linux/arm64, so its container could not start. Build the image for that platform too, or change `runtimePlatform` in the task definition.
    The image `cms:4f2c9e1` is for linux/amd64, windows/amd64. The task definition `cms-migrate:12345` wants linux/arm64, so its container could not start. Build the image for that platform too, or change `runtimePlatform` in the task definition.
    There is nothing to go back to. `cms` on production has no earlier deploy that succeeded with another image. Deploy the version you want; `/deploy history cms production` shows what ran.
    `feature/a&b` is no version that ran well of `cms` on production. No other can be gone back to. Deploy it: `/deploy cms:feature/a&b to production`
    `feature/a&b` is no version that ran well of `cms` on production. These can be gone back to: `/deploy rollback cms on production to 4f2c9e1` (`v<9>`)
    `feature/a&b` was more than one version of `cms` on production. Say which: `/deploy rollback cms on production to 4f2c9e1` (`v<9>`)
    `v<9>` is gone: @U0G9QF9C6 deployed `v<9>` 4 s ago. Nothing was changed. `/deploy status cms production` shows what runs now.
    `v<9>` is gone: @U0G9QF9C6 rolled back 4 s ago, to `v<9>`. Nothing was changed. `/deploy status cms production` shows what runs now.
    `v<9>` is not what runs there any more. @U0G9QF9C6 asked for `v<9>`, whose deploy ended 4 s ago without success. Nothing was changed. `/deploy status cms production` shows what runs now.
    `v<9>` is not what runs there any more. @U0G9QF9C6 asked for a rollback to `v<9>`, which ended 4 s ago without success. Nothing was changed. `/deploy status cms production` shows what runs now.
    `v<9>` is gone: somebody rolled out `v<9>` outside of Longshore, noticed 4 s ago. Nothing was changed. `/deploy status cms production` shows what runs now.
    The newest good version of `cms` on production is `v<9>`. It cannot be gone back to: its task definition `cms:9` is gone. No older one can be either. Deploy the version you want; `/deploy history cms production` shows what ran.
    The newest good version of `cms` on production is `v<9>`. It cannot be gone back to: which image its task definition `cms:9` ran cannot be told. No older one can be either. Deploy the version you want; `/deploy history cms production` shows what ran.
    The newest good version of `cms` on production is `v<9>`. It cannot be gone back to: its image `v<9>` is `ARCHIVED` and cannot be pulled until it is restored. No older one can be either. Deploy the version you want; `/deploy history cms production` shows what ran.
    Longshore does not take requests from this Slack workspace. Ask the people who run Longshore to add its id, which begins with T, to `slack.teams`.
    Nothing was deployed: choose an application in the form, then press *Deploy* again.
    Nothing was deployed: choose an environment in the form, then press *Deploy* again.
    Nothing was deployed: the version is no branch, tag, commit or image tag. Enter one without spaces, or nothing for the default branch, then press *Deploy* again.
    Nothing was deployed: `webapp:feature/a&b` was chosen, but the application is `cms`. Choose or type a version of `cms`, then press *Deploy* again.
    There is no deploy `4f2k9x0a`. `/deploy history` lists the latest; ids are eight letters and digits.
    ECS is still rolling out `cms-api`, so deploy `4f2k9x0a` cannot be given up yet. Press *Roll back* first (or `/deploy cancel cms on production`), then *Abandon* again.
    Deploy `4f2k9x0a` is not overdue, so it is not given up. To stop it: `/deploy cancel cms on production`.
    That pause of deploy `4f2k9x0a` is over: it was answered outside of Longshore, or its rollout has ended. Nothing was changed by this click; `/deploy show 4f2k9x0a` tells how it goes on.
    That pause of deploy `4f2k9x0a` is over: it was answered outside of Longshore, or its rollout has ended. Nothing was changed by this click. `cms-api` waits at a newer pause: answer that one, with the newest buttons.
    That pause of deploy `4f2k9x0a` ran out before anybody answered, so ECS went on by itself. Nothing was changed by this click; `/deploy show 4f2k9x0a` tells how it goes on.
    That pause of deploy `4f2k9x0a` ran out before anybody answered, so ECS went on by itself. Nothing was changed by this click. `cms-api` waits at a newer pause: answer that one, with the newest buttons.
    That pause of deploy `4f2k9x0a` ran out before anybody answered, so ECS went back to what ran before. Nothing was changed by this click; `/deploy show 4f2k9x0a` tells how it goes on.
    That pause of deploy `4f2k9x0a` ran out before anybody answered, so ECS went back to what ran before. Nothing was changed by this click. `cms-api` waits at a newer pause: answer that one, with the newest buttons.
    @U0G9QF9C6 has let it go on already, at 15 Jan 08:00 UTC, and the first answer stands. `cms-api` waits at a newer pause: answer that one, with the newest buttons.
    @U0G9QF9C6 has had it rolled back already, at 15 Jan 08:00 UTC, and the first answer stands. `cms-api` waits at a newer pause: answer that one, with the newest buttons.
    @U0G9QF9C6 chose another version at 15 Jan 08:00 UTC, so this click changed nothing. A new question about that version takes this one's place; answer that one.
    @U0G9QF9C6 has let it go on already, at 15 Jan 08:00 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    @U0G9QF9C6 has had it rolled back already, at 15 Jan 08:00 UTC, and the first answer stands. `/deploy status` shows how it goes on.
    Longshore does not take requests from this Slack workspace. Ask the people who run Longshore to add its id, which begins with T, to `slack.teams`.
    cms does not run on production. Ask the people who run Longshore to add it there.
    Nobody may confirm the rollback of cms on production: the list of people for that is empty. Ask the people who run Longshore to name some.
    Longshore does not show logs of production in Slack. Read them in CloudWatch, or ask the people who run Longshore to set `evidence` to `logs` there.
    You may not confirm the rollback of cms on production. The team of cms, the leads of its team, the admins, @U061F7AUR and 12 more may. Ask @U061F7AUR, and they can do it for you.
    You may not confirm the rollback of cms on production. The admins may. Ask the people who run Longshore to add you.
    You may not confirm the rollback of cms on production. Every full member may, but Slack says that you belong to another workspace. Ask @U061F7AUR, and they can do it for you.
    Whether you may confirm the rollback of cms on production is not known. Slack does not say who is in the user group @S0614TZR7. Try again in a few minutes. If it stays so: ask @U061F7AUR, and they can do it for you.
    Whether you may confirm the rollback of cms on production is not known. Slack does not say whether you are a full member. Try again in a few minutes. If it stays so: ask the people who run Longshore to add you.
    Nothing may be asked for production in any channel. Ask the people who run Longshore to name one.
    You can confirm the rollback of cms on production, but not from here. Ask again in #C2147483705 or #C2147483706.
    Only @U0G9QF9C6 can confirm the rollback of cms on production: they asked for it. To run your own, ask for it yourself.
    You may not confirm the rollback of cms on production. Ask @U0G9QF9C6 or @U061F7AUR.
    You may not confirm the rollback of cms on production. Only the admins may. Ask @U061F7AUR, and they can do it for you.
    This pipeline may not confirm the rollback of cms on production. Ask the people who run Longshore to list it.
    Nobody may roll back cms on production: the list of people for that is empty. Ask the people who run Longshore to name some.
    Nobody may cancel a deploy of cms to production: the list of people for that is empty. Ask the people who run Longshore to name some.
    Nobody may answer a pause of cms on production: the list of people for that is empty. Ask the people who run Longshore to name some.
    Nobody may read the logs of cms on production: the list of people for that is empty. Ask the people who run Longshore to name some.
    Nobody may give rights to cms: the list of people for that is empty. Ask the people who run Longshore to name some.
    Nobody may take rights to cms: the list of people for that is empty. Ask the people who run Longshore to name some.
    `until 2026-12-01 09:00` has passed already in `America/Argentina/ComodRivadavia`, where typed times are read. Name a later end.
    `until 2026-12-01 09:00` is too long: a right given in chat ends within 90 days. Name an earlier end, or have the configuration name them.
    @U061F7AUR gets no right in chat: Slack says that they are of another workspace, and only full members do. The configuration can name anybody.
    Slack does not show @U061F7AUR to Longshore, so they get no right in chat. The configuration can name anybody.
    Slack does not say now who that is, so nothing was given. Try again in a few minutes; if it stays so, ask the people who run Longshore to look at its bot token.
    Longshore knows nobody called `jbrueder`. Name them by a mention: type `@`, and choose them from the list that Slack shows.
    Longshore knows several people called `jbrueder`. Name one by a mention: type `@`, and choose from the list that Slack shows.
    @U061F7AUR was given no right to cms on production in chat. `/deploy who cms production` shows why they may what they may.
    @U061F7AUR was given no right to cms in chat, so there is nothing to take back. `/deploy help who` says how to see where theirs comes from.
    @U061F7AUR was given that right everywhere, and it can only be taken back everywhere: `/deploy revoke @U061F7AUR cms`
    So many rights were given in chat that no more are kept. Take some back, or have the configuration name people.
    There is no admin whom Longshore can ask for you. Ask the people who run Longshore.
    Slack did not confirm that @U061F7AUR got the question, so it does not stand. Write to them yourself, or ask again later.
    You have asked three times within an hour, and nobody asks more often. Ask again after 15 Jan 08:00 UTC, or write to an admin.
    You may deploy that by now, so nobody has to be asked. Type `/deploy cms:feature/a&b to production`.
    @U0G9QF9C6 allowed one plan, and it does not fit any more: what runs on `cms-api` has changed. Nothing was started. Ask again.
    @U0G9QF9C6 allowed one plan, and it does not fit any more: what others roll out there has changed. Nothing was started. Ask again.
    @U0G9QF9C6 allowed one plan, and it does not fit any more: the configuration has changed. Nothing was started. Ask again.
    Somebody has changed that right since you asked, and what they asked for stands. `/deploy help who` says how to see it.
    That question has lapsed or is not yours, and nothing was changed. Ask again if it is still wanted.
    `xxxxxxxxxxxxxxxxxxxxxxx…` is not an application; there are `a0`, `a1`, `a10`, `a2`, `a3` and 8 more. To choose from a form: `/deploy deploy`
    `xxxxxxxxxxxxxxxxxxxxxxx…` is not an environment; there are `beta` and `production`. For instance: `/deploy cms to beta`
    That does not say which environment, and none is the default; there are `beta` and `production`. For instance: `/deploy cms to beta`
    That does not say which environment, and none is the default; there are `beta` and `production`. For instance: `/deploy cms:feature/a to beta`
    `cms` has one image only, so `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` names none. For instance: `/deploy help`
    `cms/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` names one image, but restart is for all of `cms`. Did you mean `/deploy restart cms on production`?
    `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is not a service of `cms` on `production`. For instance: `/deploy logs cms on production`
    `production` and `beta` are two environments, and a command is for one. Did you mean `/deploy cms to production`?
    `production` and `beta` are two environments, and a command is for one. Did you mean `/deploy cms to production`?
    `cancel` takes one application at a time. Did you mean `/deploy cancel cms on production`?
    That does not say which application. Did you mean `/deploy status a4 production at 14:05`?
    `on 29 February` is a whole day and not a time. Did you mean `/deploy history cms production on 29 February`?
    `cms` is named twice; say once what is to run of it. Did you mean `/deploy cms to production`?
    Those are more than the 10 applications that one command can name. Did you mean `/deploy a0,a1,a2,a3,a4,a5,a6,a7,a8,a9 to production`?
    `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` cannot be read as a ref; name its commit. To choose from a form: `/deploy deploy`
    `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is no deploy's id, which is eight letters and digits. Did you mean `/deploy show last`?
    `feature/a&b` is not an environment. Did you mean `/deploy cms to production`?
    `pr` is not an environment. Did you mean `/deploy cms:#7 to production`?
    `cms` is built from `acme/cms`, not from `acme/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`. Did you mean `/deploy cms:main to production`?
    `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` at the end was not understood, so nothing was done. For instance: `/deploy help`
    `redeploy` can mean to deploy what is newest or to restart what runs. Did you mean `/deploy restart cms on production`?
    `plan` looks ahead at deploys and promotions, not at `rollback`. To look first: `/deploy history cms production`
    `why-not` looks ahead at deploys and promotions, not at `restart`. To look first: `/deploy status cms production`
    Nobody becomes an admin in chat: the configuration names the admins. For instance: `/deploy grant @maria cms`
    `xxxxxxxxxxxxxxxxxxxxxxx…` is not a right, which is `approver` or none. For instance: `/deploy grant @maria cms`
    That ends where a person should follow. For instance: `/deploy grant @maria cms`
    `xxxxxxxxxxxxxxxxxxxxxxx…` is not an application or an environment; there are `a0`, `a1`, `a10`, `a2`, `a3` and 10 more. For instance: `/deploy revoke @maria a0`
    A reason is at most 200 characters long. For instance: `/deploy grant @maria cms`
    That does not say which environment, and none is the default; there are `beta` and `production`. For instance: `/deploy who cms beta`
    `xxxxxxxxxxxxxxxxxxxxxxx…` is not a time, such as 14:05, yesterday or 2026-11-20. For instance: `/deploy history since yesterday`
    `xxxxxxxxxxxxxxxxxxxxxxx…` is not a command or an application; there are `a0`, `a1`, `a10`, `a2`, `a3` and 8 more. For instance: `/deploy help`
    That is longer than a command may be, so it was not read. For instance: `/deploy help`
    This thread is no deploy's that I know, so say which application and where. To look first: `/deploy show last`
    Deploys of different things stand in this thread, so say which application and where. To look first: `/deploy show last`
    ");
}

#[test]
fn what_is_no_command_is_answered_with_the_nearest_usage() {
    let typed = [
        "webap to staging",
        "webapp to stagging",
        "webapp",
        "frobnicate",
        "webapp to staging twice",
        "show me",
        "webapp:a..b to staging",
        "rollbak webapp on staging",
        "help frobnicate",
        &"x".repeat(3_000),
    ];
    let said: Vec<String> = typed
        .iter()
        .map(|text| Command::parse(text, &words()).unwrap_err())
        .map(|misunderstood| Refusal::from(misunderstood).said("/ship", &[]).to_string())
        .collect();
    assert_snapshot!(said.join("\n"), @r"
    `webap` is not an application. Did you mean `/ship webapp to staging`?
    `stagging` is not an environment. Did you mean `/ship webapp to staging`?
    That does not say which environment, and none is the default; there are `production` and `staging`. For instance: `/ship webapp to production`
    `frobnicate` is not a command or an application; there are `cms` and `webapp`. For instance: `/ship help`
    `twice` at the end was not understood, so nothing was done. Did you mean `/ship webapp:twice to staging`?
    `me` is no deploy's id, which is eight letters and digits. Did you mean `/ship show last`?
    `a..b` cannot be read as a ref; name its commit. To choose from a form: `/ship deploy`
    `rollbak` is not a command or an application. Did you mean `/ship rollback webapp on staging`?
    `frobnicate` is not a command. For instance: `/ship help`
    That is longer than a command may be, so it was not read. For instance: `/ship help`
    ");
}

#[test]
fn a_refusal_uses_the_commands_own_name() {
    let refusal: Refusal = TurnedDown::NothingToCancel {
        application: "cms".parse().unwrap(),
        environment: "staging".parse().unwrap(),
    }
    .into();
    assert!(refusal.to_string().contains("`/deploy rollback cms"));
    let said = refusal.said("/ship", &[]).to_string();
    assert!(said.contains("`/ship rollback cms") && !said.contains("/deploy"));
}

#[test]
fn after_an_unknown_outcome_nothing_is_denied() {
    for refusal in [
        Refusal::Unknown {
            application: "cms".parse().unwrap(),
            environment: "staging".parse().unwrap(),
        },
        Refusal::UnknownClick {
            id: "4f2k9x0a".parse().unwrap(),
        },
    ] {
        let said = refusal.to_string();
        assert!(said.contains("can not tell"), "{said}");
        assert!(!said.contains("nothing was") && !said.contains("Nothing was"));
    }
}
