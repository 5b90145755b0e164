//! What is arranged of GitHub as a whole: how many requests are left, and what repositories are called.

use super::{GitHub, serve};

impl GitHub {
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
