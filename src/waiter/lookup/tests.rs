//! Refs looked up through the real clients, in the simulated world.

use longshore_sim::World;
use longshore_sim::ecr;
use longshore_sim::github::Mode;

use super::*;
use crate::aws::tests::{ACCOUNT, REGION, aws, world};
use crate::config::{Config, SourceFile, Target};
use crate::http::{Dial, Http};
use crate::names::secret::{Access, Secret};
use crate::resolve::ImageState;

mod compare;

const CONFIGURATION: &str = r#"
slack    = { teams = ["T0001"], admins = ["U024BE7LH"], command = "/deploy" }
accounts = { dev = { id = "111111111111", region = "eu-west-1" } }
defaults = { registry = "dev", tag = "{sha}" }

[environments.staging]
account = "dev"
cluster = "staging"
request = ["everyone"]

[applications.webapp]
environments = ["staging"]
source       = { repository = "acme/webapp", image = "webapp" }
"#;

/// One repository at GitHub, and one of images.
struct Place {
    world: World,
    target: Target,
    token: Option<&'static str>,
}

impl Place {
    fn new() -> Self {
        let world = world();
        world.state().github.repo("acme/webapp");
        let file = SourceFile::new("longshore.toml", CONFIGURATION);
        let checked = Config::compile(&[file]).unwrap();
        let (application, environment) = ("webapp".parse().unwrap(), "staging".parse().unwrap());
        let target = checked.config.target(&application, &environment).unwrap();
        Self {
            world,
            target,
            token: None,
        }
    }

    /// A commit on a branch; its SHA.
    fn commit(&self, branch: &str) -> String {
        let mut state = self.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.commit(branch, "Change something", "ada")
    }

    /// An image of that digest's name under these tags.
    fn push(&self, digest: &str, tags: &[&str]) {
        let now = self.world.now();
        let digest = ecr::digest(digest);
        let mut state = self.world.state();
        state
            .ecr
            .push(ACCOUNT, REGION, "webapp", tags, &digest, now);
    }

    async fn find(&self, reference: &str) -> Result<Resolved, LookupError> {
        let reference = (!reference.is_empty()).then(|| reference.parse::<Ref>().unwrap());
        let http = Http::new(self.world.http_client(), Dial::Direct);
        let github = GitHub::new(http, Access::of(self.token.map(Secret::new)));
        let images = aws(&self.world).images();
        lookup(&self.target.source, reference.as_ref(), &github, &images).await
    }

    async fn refusal(&self, reference: &str) -> String {
        match self.find(reference).await.unwrap_err() {
            LookupError::Unresolvable(refusal) => refusal.to_string(),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_way_to_name_a_commit_leads_to_its_image() {
    let place = Place::new();
    let sha = place.commit("feature/signup");
    {
        let mut state = place.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.tag("v1.0.2", &sha);
        repo.annotated_tag("v1.0.2-signed", &sha, "signed");
    }
    place.push("built", &[&sha, "nightly"]);
    for (reference, kind, label) in [
        (sha.as_str(), Kind::Commit, &sha[..7]),
        (&sha[..7], Kind::Commit, &sha[..7]),
        (&sha[..12], Kind::Commit, &sha[..7]),
        (
            "nightly",
            Kind::ImageTag,
            &*format!("nightly@{}", &sha[..7]),
        ),
        ("v1.0.2", Kind::GitTag, "v1.0.2"),
        ("v1.0.2-signed", Kind::GitTag, "v1.0.2-signed"),
        (
            "feature/signup",
            Kind::Branch,
            &*format!("feature/signup@{}", &sha[..7]),
        ),
    ] {
        let found = place.find(reference).await.unwrap();
        assert_eq!(
            (found.kind, found.version().as_str()),
            (kind, label),
            "{reference}"
        );
        assert_eq!(found.commit.unwrap().as_str(), sha, "{reference}");
        assert_eq!(found.image.digest.as_str(), ecr::digest("built"));
        assert_eq!(found.image.state, ImageState::Active);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pull_request_means_its_newest_commit_and_once_it_is_merged_its_merge() {
    let place = Place::new();
    let head = place.commit("feature/signup");
    {
        let mut state = place.world.state();
        let repo = state.github.repo("acme/webapp");
        repo.pull_request(42, "feature/signup", "Sign up with a link");
    }
    let merge = || {
        let mut state = place.world.state();
        state.github.repo("acme/webapp").merge_of(42).unwrap()
    };
    let trial = merge();
    assert!(
        place
            .refusal("#42")
            .await
            .contains(&format!("commit `{}` exists, but no image", &head[..7]))
    );
    assert!(
        place
            .refusal("#7")
            .await
            .starts_with("There is no pull request `#7` in `acme/webapp`")
    );
    place.push("trial", &[&trial]);
    let which = async || {
        let found = place.find("#42").await.unwrap();
        let by = found.request.clone().unwrap();
        assert_eq!(
            (found.kind, by.number, by.into.as_str()),
            (Kind::PullRequest, 42, "main")
        );
        (by.commit, by.state, found.version())
    };
    let label = |sha: &str| format!("#42@{}", &sha[..7]);
    use crate::resolve::{CommitOfRequest as Of, PullRequestState as State};
    assert_eq!(which().await, (Of::Trial, State::Open, label(&trial)));
    place.push("head", &[&head]);
    assert_eq!(which().await, (Of::Head, State::Open, label(&head)));
    // GitHub has not tried yet to merge what was pushed last, and what it tried before is of another commit.
    place
        .world
        .state()
        .github
        .repo("acme/webapp")
        .leave_untried(42);
    let newest = place.commit("feature/signup");
    assert!(place.refusal("#42").await.contains(&newest[..7]));
    place.push("newest", &[&newest]);
    place.world.state().github.repo("acme/webapp").merge(42);
    let merged = merge();
    assert_eq!(which().await, (Of::Head, State::Merged, label(&newest)));
    place.push("merged", &[&merged]);
    assert_eq!(which().await, (Of::Merge, State::Merged, label(&merged)));
}

#[tokio::test(start_paused = true)]
async fn an_image_is_looked_for_under_each_of_its_tags_in_their_order() {
    let mut place = Place::new();
    place.target.source.tag =
        serde_json::from_str(r#"["{sha}", "{branch}-{short}", "v{version}"]"#).unwrap();
    let (one, two) = (place.commit("feature/one"), place.commit("two"));
    place
        .world
        .state()
        .github
        .repo("acme/webapp")
        .tag("1.0.2", &two);
    let uri = place.target.source.image.uri();
    assert!(place.refusal("feature/one").await.contains(&format!(
        "no image `{uri}:{one}`, nor one tagged `feature-one-{}`.",
        &one[..7]
    )));
    place.push("one", &[&format!("feature-one-{}", &one[..7])]);
    place.push("version", &["v1.0.2"]);
    let tag = async |place: &Place, reference: &str| place.find(reference).await.unwrap().tag;
    assert_eq!(
        tag(&place, "feature/one").await,
        format!("feature-one-{}", &one[..7])
    );
    assert_eq!(tag(&place, "1.0.2").await, "v1.0.2");
    // Of the branch there is none under the version's tag.
    assert!(place.refusal("two").await.contains("exists, but no image"));
    // A branch's own tag that lags behind is not what was pushed last.
    place.target.source.tag = serde_json::from_str(r#"["{sha}", "{branch}"]"#).unwrap();
    place.push("before", &[&"b".repeat(40), "three"]);
    place.commit("three");
    assert!(
        place
            .refusal("three")
            .await
            .contains("means two different things")
    );
    // Whoever opens a pull request names its branch.
    place.commit("nightly");
    place.push("nightly", &["nightly"]);
    {
        let mut state = place.world.state();
        state
            .github
            .repo("acme/webapp")
            .pull_request(7, "nightly", "Mend");
    }
    assert!(place.refusal("#7").await.contains("exists, but no image"));
    place.target.source.tag = serde_json::from_str(r#""{branch}""#).unwrap();
    assert!(
        place
            .refusal("#7")
            .await
            .contains("no configured tag is for such a name")
    );
    place.target.source.tag =
        serde_json::from_str(r#"["{sha}", "{branch}-{short}", "v{version}"]"#).unwrap();
    place.push("one", &[&one]);
    place.push("two", &[&two]);
    assert_eq!(tag(&place, "feature/one").await, one);
    assert_eq!(tag(&place, "1.0.2").await, two);
}

#[tokio::test(start_paused = true)]
async fn a_version_is_found_with_and_without_its_v_and_first_as_it_is_typed() {
    let place = Place::new();
    let (one, two) = (place.commit("one"), place.commit("two"));
    place.push("one", &[&one, "2.0"]);
    place.push("two", &[&two, "v3.0"]);
    {
        let mut state = place.world.state();
        let repo = state.github.repo("acme/webapp");
        for (tag, at) in [("v1.0.2", &one), ("1.1.0-rc.1", &two), ("v9", &one)] {
            repo.tag(tag, at);
        }
    }
    for (typed, label) in [
        ("1.0.2", "v1.0.2"),
        ("v1.0.2", "v1.0.2"),
        ("v1.1.0-rc.1", "1.1.0-rc.1"),
        ("v2.0", "2.0"),
        ("3.0", "v3.0"),
    ] {
        assert_eq!(place.find(typed).await.unwrap().version(), label, "{typed}");
    }
    // A number alone may be anything.
    assert!(place.refusal("9").await.contains("called `9`"));
    {
        let mut state = place.world.state();
        state.github.repo("acme/webapp").tag("1.0.2", &two);
    }
    let found = place.find("1.0.2").await.unwrap();
    assert_eq!(
        (found.version().as_str(), found.commit.unwrap().as_str()),
        ("1.0.2", &*two)
    );
}

#[tokio::test(start_paused = true)]
async fn no_ref_means_the_default_branch_where_there_is_a_repository() {
    let mut place = Place::new();
    let sha = place.commit("main");
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    place.push("built", &["latest", &sha]);
    let found = place.find("").await.unwrap();
    assert_eq!(found.version(), format!("main@{}", &sha[..7]));
    assert_eq!((found.name.as_str(), found.kind), ("main", Kind::Branch));
    place.target.source.repository = None;
    assert_eq!(
        place.refusal("").await,
        format!(
            "Say which image of `{}`: its tag, with a colon before it, behind the application. The newest: `{sha}`, `v1`, `v2`.",
            place.target.source.image.uri()
        )
    );
    place.push("other", &["v3"]);
    assert_eq!(place.find("v3").await.unwrap().kind, Kind::ImageTag);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_deployed_is_refused_in_its_own_words() {
    let place = Place::new();
    let uri = place.target.source.image.uri();
    let sha = place.commit("feature/new");
    assert_eq!(
        place.refusal("feature/new").await,
        format!(
            "There is no image for `feature/new`: commit `{}` exists, but no image `{uri}:{sha}`. Look at its build, then ask again.",
            &sha[..7]
        )
    );
    assert_eq!(
        place.refusal("v22").await,
        format!(
            "There is no commit, tag, branch or image called `v22` in `acme/webapp` and `{uri}`. Did you mean `v2`?"
        )
    );
    // A branch that moved on past the image tag of its name.
    place.push("old", &["feature-x"]);
    place.commit("feature-x");
    assert!(
        place
            .refusal("feature-x")
            .await
            .contains("means two different things")
    );
    {
        let mut state = place.world.state();
        let archived = ecr::ImageStatus::Archived;
        state
            .ecr
            .set_status(ACCOUNT, REGION, "webapp", &ecr::digest("v1"), archived);
    }
    assert!(place.refusal("v1").await.contains("is ARCHIVED"));
}

#[tokio::test(start_paused = true)]
async fn a_private_repository_needs_its_token() {
    let mut place = Place::new();
    let sha = place.commit("main");
    place.push("built", &[&sha]);
    {
        let mut state = place.world.state();
        state.github.repo("acme/webapp").set_private(true);
        state.github.accept_token("ghp_good");
    }
    assert!(
        place
            .refusal("main")
            .await
            .contains("GitHub shows no repository `acme/webapp`")
    );
    place.token = Some("ghp_bad");
    assert!(matches!(
        place.find("main").await,
        Err(LookupError::GitHub(GitHubError::Denied(401)))
    ));
    place.token = Some("ghp_good");
    assert!(place.find("main").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn without_github_a_whole_sha_and_an_image_tag_still_deploy_and_nothing_else_is_guessed() {
    let place = Place::new();
    let sha = place.commit("main");
    place.push("built", &[&sha]);
    place.world.state().github.set_mode(Mode::Down);
    assert!(place.find(&sha).await.is_ok());
    // The image tag exists: GitHub may know another v1, which is said.
    for mode in [Mode::Down, Mode::Slowed, Mode::SlowedSilently] {
        place.world.state().github.set_mode(mode);
        let found = place.find("v1").await.unwrap();
        assert!(
            found.git_unasked && found.kind == Kind::ImageTag,
            "{mode:?}"
        );
        let error = place.find("main").await.unwrap_err();
        let passes = matches!(&error, LookupError::GitHub(error) if error.is_transient());
        assert!(passes, "{mode:?}: {error}");
    }
    place.world.state().github.set_mode(Mode::Up);
    assert!(!place.find("v1").await.unwrap().git_unasked);
    place.world.state().github.exhaust();
    assert!(place.find("v1").await.unwrap().git_unasked);
    assert!(matches!(
        place.find("main").await,
        Err(LookupError::GitHub(GitHubError::RateLimited {
            until: Some(_)
        }))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_missing_image_repository_is_named() {
    let mut place = Place::new();
    place.target.source.image.name = "nowhere".to_owned();
    assert!(
        place
            .refusal("v1")
            .await
            .contains("There is no image repository")
    );
}

#[test]
fn only_what_ecr_could_hold_is_asked_for() {
    for good in ["v1.0.2", "_x", "abc", &"a".repeat(128)] {
        assert!(is_image_tag(good), "{good}");
    }
    for bad in ["", "-x", ".x", "feature/x", "a b", "é", &"a".repeat(129)] {
        assert!(!is_image_tag(bad), "{bad}");
    }
}
