//! One conversation with GitHub: a plan, of one application or of several. What was asked in it is not
//! asked again, also by those who ask at the same time; and once GitHub gave no answer, or has had enough
//! questions, nobody waits for the next answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::memory::Question;
use super::{GitHubError, KnownRepositories};
use crate::config::{GithubRepository, RepositoryId};
use crate::names::CommitSha;
use crate::resolve::Signature;

type GitHubAnswer = Result<Bytes, GitHubError>;

/// What was asked so far. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    answers: Arc<Mutex<HashMap<Question, Arc<OnceCell<GitHubAnswer>>>>>,
    ended: Arc<OnceLock<GitHubError>>,
    signatures: Arc<Mutex<Vec<(GithubRepository, CommitSha, Signature)>>>,
    renamed: Arc<Mutex<BTreeSet<GithubRepository>>>,
    known: Arc<OnceCell<KnownRepositories>>,
    met: Arc<Mutex<BTreeMap<GithubRepository, RepositoryId>>>,
}

impl Conversation {
    /// One in which nothing is asked, because GitHub answers too few questions until then.
    pub(crate) fn resting(until: Timestamp) -> Self {
        let until = Some(until);
        Self {
            ended: Arc::new(OnceLock::from(GitHubError::RateLimited { until })),
            ..Self::default()
        }
    }

    /// The same answers, where silence ends this one alone.
    pub(super) fn aside(&self) -> Self {
        let ended = self.ended.get().cloned();
        Self {
            ended: Arc::new(ended.map_or_else(OnceLock::new, OnceLock::from)),
            ..self.clone()
        }
    }

    /// The answer to a question, for which `asking` goes and asks if nobody has.
    pub(super) async fn once<F>(
        &self,
        question: &Question,
        asking: impl FnOnce() -> F,
    ) -> GitHubAnswer
    where
        F: Future<Output = GitHubAnswer>,
    {
        let cell = {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(answers.entry(question.clone()).or_default())
        };
        if let Some(said) = cell.get() {
            return said.clone();
        }
        self.heed(async { cell.get_or_init(asking).await.clone() })
            .await
    }

    /// What was answered to a question, if it was asked.
    pub(super) fn said(&self, question: &Question) -> Option<GitHubAnswer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(question)?.get().cloned()
    }

    /// Keeps what was said of a commit's signature beside something else.
    pub(super) fn heard(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
        signature: Signature,
    ) {
        let mut known = self
            .signatures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.push((repository.clone(), commit.clone(), signature));
    }

    /// What was said of a commit's signature, if anything was.
    pub(super) fn signature(
        &self,
        repository: &GithubRepository,
        commit: &CommitSha,
    ) -> Option<Signature> {
        let known = self
            .signatures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut known = known.iter().rev();
        let (_, _, signature) = known.find(|(of, one, _)| of == repository && one == commit)?;
        Some(signature.clone())
    }

    /// A repository has another name by now.
    pub(super) fn renamed(&self, repository: &GithubRepository) {
        let mut renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        renamed.insert(repository.clone());
    }

    /// The repositories that were asked about by a name of before.
    pub(crate) fn old_names(&self) -> BTreeSet<GithubRepository> {
        let renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        renamed.clone()
    }

    /// What repositories are known by, read once.
    pub(crate) async fn known<F>(&self, reading: impl FnOnce() -> F) -> KnownRepositories
    where
        F: Future<Output = KnownRepositories>,
    {
        self.known.get_or_init(reading).await.clone()
    }

    /// A repository was seen that nothing was known of.
    pub(super) fn met(&self, name: GithubRepository, id: RepositoryId) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert(name, id);
    }

    /// The repositories of which nothing was known before.
    pub(crate) fn new_repositories(&self) -> BTreeMap<GithubRepository, RepositoryId> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.clone()
    }

    /// Whether it is still worth it to ask anything.
    pub(super) fn goes_on(&self) -> Result<(), GitHubError> {
        self.ended.get().map_or(Ok(()), |ended| Err(ended.clone()))
    }

    /// What comes of `asking`, if it is still worth it to ask anything.
    pub(super) async fn heed<T>(
        &self,
        asking: impl Future<Output = Result<T, GitHubError>>,
    ) -> Result<T, GitHubError> {
        self.goes_on()?;
        let answer = asking.await;
        if let Err(error) = &answer
            && error.ends_the_conversation()
        {
            self.ended.get_or_init(|| error.clone());
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn question(path: &str) -> Question {
        Question {
            url: format!("https://api.github.com/repos/acme/webapp{path}"),
            accept: "application/vnd.github.sha",
        }
    }

    #[tokio::test]
    async fn a_question_is_asked_once_and_none_after_silence() {
        let conversation = Conversation::default();
        let asked = AtomicUsize::new(0);
        let ask = |path: &'static str, answer: GitHubAnswer| {
            let (conversation, asked) = (conversation.clone(), &asked);
            async move {
                let asking = || async {
                    asked.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    answer
                };
                conversation.once(&question(path), asking).await
            }
        };
        let ok = || Ok(Bytes::from_static(b"sha"));
        let (one, two) = tokio::join!(ask("/a", ok()), ask("/a", ok()));
        assert_eq!((one, two), (ok(), ok()));
        assert_eq!(
            ask("/b", Err(GitHubError::NotFound)).await,
            Err(GitHubError::NotFound)
        );
        assert_eq!(ask("/c", ok()).await, ok());
        assert_eq!(asked.load(Ordering::Relaxed), 3);
        let silent = GitHubError::Silent("no answer in time".to_owned());
        assert_eq!(ask("/d", Err(silent.clone())).await, Err(silent.clone()));
        assert_eq!(ask("/e", ok()).await, Err(silent));
        // What was said before the silence stands.
        assert_eq!(ask("/a", ok()).await, ok());
        assert_eq!(asked.load(Ordering::Relaxed), 4);
    }
}
