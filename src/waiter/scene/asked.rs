//! What a gate asks of GitHub: once more where an answer fails, and why nobody can tell where it stays so.

use std::time::Duration;

use tokio::time::sleep;

use super::Scene;
use crate::gate::NotTold;
use crate::github::{Conversation, GitHub, GitHubError};

/// The pause before GitHub is asked once more.
const ONCE_MORE: Duration = Duration::from_secs(1);

/// The answer to what `asking` asks.
pub(super) async fn asked<T, A>(
    scene: &Scene<'_>,
    what: &'static str,
    asking: impl Fn(GitHub) -> A,
) -> Result<T, NotTold>
where
    A: Future<Output = Result<T, GitHubError>>,
{
    let answer = match asking(scene.github().await).await {
        Err(GitHubError::Unavailable(_)) => {
            sleep(ONCE_MORE).await;
            // In a conversation of its own: in this one, it has answered.
            let github = scene
                .waiter
                .github(&Conversation::default(), &scene.target.github)
                .await;
            asking(github).await
        }
        answer => answer,
    };
    answer.map_err(|error| {
        tracing::warn!(what, %error, "GitHub does not say what a gate has to know");
        match error {
            GitHubError::RateLimited { until } => NotTold::Limit(until),
            GitHubError::App(_)
            | GitHubError::Denied(_)
            | GitHubError::NotFound
            | GitHubError::Moved => NotTold::Denied,
            GitHubError::OtherRepository { .. } => NotTold::OtherRepository,
            GitHubError::Silent(_) | GitHubError::Unavailable(_) => NotTold::Silent,
        }
    })
}
