//! What an entry proves of the images that it has: only what its own tasks ran.

/// What became of the digests of an entry.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// Of what tasks ran.
    ran: Vec<String>,
    /// Of services that want no tasks.
    idle: Vec<String>,
    /// Of services that were left alone.
    left_alone: Vec<String>,
}

impl Proof {
    /// A service runs these, in this many tasks.
    pub(crate) fn runs(&mut self, digests: &[(String, String)], tasks: i32) {
        let all = match tasks {
            0 => &mut self.idle,
            _ => &mut self.ran,
        };
        all.extend(digests.iter().map(|(_, digest)| digest.clone()));
    }

    /// A service that was left alone runs this.
    pub(crate) fn left_alone(&mut self, (_, digest): &(String, String)) {
        self.left_alone.push(digest.clone());
    }

    /// What no task ran of what was rolled out.
    pub(crate) fn idle(&self) -> Vec<String> {
        let idle = self.idle.iter().filter(|digest| !self.ran.contains(digest));
        unique(idle)
    }

    /// What was rolled out nowhere.
    pub(crate) fn only_left_alone(&self) -> Vec<String> {
        let left_alone = self.left_alone.iter();
        unique(
            left_alone.filter(|digest| !self.ran.contains(digest) && !self.idle.contains(digest)),
        )
    }
}

fn unique<'a>(digests: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut all: Vec<String> = digests.cloned().collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(digests: &[&str]) -> Vec<(String, String)> {
        let named = digests
            .iter()
            .map(|digest| ("app".to_owned(), (*digest).to_owned()));
        named.collect()
    }

    #[test]
    fn what_a_task_ran_of_one_service_is_neither_idle_nor_left_alone() {
        let mut proof = Proof::default();
        proof.runs(&of(&["a", "b"]), 0);
        proof.runs(&of(&["b", "c"]), 2);
        for digest in of(&["a", "b", "d", "d"]) {
            proof.left_alone(&digest);
        }
        assert_eq!(proof.idle(), ["a"]);
        assert_eq!(proof.only_left_alone(), ["d"]);
    }
}
