//! What is arranged of GitHub as a whole: whether it works, how many requests are left, and what repositories are called.

use super::{GitHub, serve};

/// Whether GitHub works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As it should.
    #[default]
    Up,
    /// Every request gets HTTP 503.
    Down,
    /// Every request gets HTTP 403 with the secondary rate limit's words and `Retry-After`.
    Slowed,
    /// The same without any header, as GitHub sends it too.
    SlowedSilently,
    /// Every answer is a page for browsers, as something between sends it.
    Garbled,
    /// Of every answer's body half arrives.
    Cut,
    /// Every request is sent on to a page where somebody is to log in.
    SentAway,
}

impl GitHub {
    /// Whether GitHub works.
    pub fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Gives a repository another name. GitHub sends whoever asks by the old one to its number.
    pub fn rename(&mut self, from: &str, to: &str) {
        if let Some(mut repo) = self.repos.remove(&from.to_ascii_lowercase()) {
            to.clone_into(&mut repo.name);
            let key = to.to_ascii_lowercase();
            // Whoever takes a name of before ends that.
            self.renamed.remove(&key);
            self.renamed.insert(from.to_ascii_lowercase(), repo.number);
            self.repos.insert(key, repo);
        }
    }

    /// Deletes a repository: nothing has its name any more, and nobody is sent on from names of before.
    pub fn delete(&mut self, name: &str) {
        if let Some(repo) = self.repos.remove(&name.to_ascii_lowercase()) {
            self.renamed.retain(|_, number| *number != repo.number);
        }
    }

    /// Another hour begins, with its requests.
    pub fn renew(&mut self) {
        self.used = [0; 2];
    }

    /// Leaves so many of this hour's requests to callers with a token.
    pub fn leave(&mut self, left: u32) {
        self.used[1] = serve::HOURLY[1].saturating_sub(left);
    }

    /// How many of this hour's requests are left to callers with a token.
    pub fn left(&self) -> u32 {
        serve::HOURLY[1].saturating_sub(self.used[1])
    }

    /// Uses up this hour's requests, for callers without and with a token.
    pub fn exhaust(&mut self) {
        self.used = serve::HOURLY;
    }
}
