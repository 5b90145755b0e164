//! Git's own objects: refs, tags and commits, with what GitHub makes of their signatures.
//! <https://docs.github.com/en/rest/git>

use serde_json::{Value, json};

use super::serve::{Answer, not_found};
use super::{Repo, Signature};

impl Repo {
    pub(super) fn git_ref(&self, name: &str) -> Answer {
        let object = match (name.strip_prefix("heads/"), name.strip_prefix("tags/")) {
            (Some(branch), _) => self.head(branch).map(|sha| ("commit", sha)),
            (None, Some(tag)) => self.tags.get(tag).map(|tag| match &tag.object {
                Some((object, _)) => ("tag", object.clone()),
                None => ("commit", tag.commit.clone()),
            }),
            (None, None) => None,
        };
        let Some((kind, sha)) = object else {
            return not_found();
        };
        let body = json!({
            "ref": format!("refs/{name}"), "url": self.url(&format!("/git/refs/{name}")),
            "object": {"type": kind, "sha": sha, "url": self.url(&format!("/git/{kind}s/{sha}"))},
        });
        (200, body)
    }

    /// Every ref whose name begins so; none is no error.
    pub(super) fn matching_refs(&self, prefix: &str) -> Answer {
        let heads = self.branches.keys().map(|name| format!("heads/{name}"));
        let tags = self.tags.keys().map(|name| format!("tags/{name}"));
        let names = heads.chain(tags).filter(|name| name.starts_with(prefix));
        (200, names.map(|name| self.git_ref(&name).1).collect())
    }

    /// A commit as git has it: by its whole SHA alone.
    pub(super) fn git_commit(&self, sha: &str) -> Answer {
        let Some(commit) = self.commits.get(sha) else {
            return not_found();
        };
        let whole = self.json(commit);
        let own = &whole["commit"];
        let body = json!({
            "sha": sha, "message": own["message"], "author": own["author"], "committer": own["committer"],
            "parents": whole["parents"], "url": self.url(&format!("/git/commits/{sha}")),
            "verification": verification(&commit.signature),
        });
        (200, body)
    }

    pub(super) fn git_tag(&self, sha: &str) -> Answer {
        let found = self.tags.iter().find_map(|(name, tag)| match &tag.object {
            Some((object, message)) if object == sha => Some((name, tag, message)),
            _ => None,
        });
        let Some((name, tag, message)) = found else {
            return not_found();
        };
        let commit = &tag.commit;
        let body = json!({
            "tag": name, "sha": sha, "message": message, "url": self.url(&format!("/git/tags/{sha}")),
            "object": {"type": "commit", "sha": commit, "url": self.url(&format!("/git/commits/{commit}"))},
            "verification": verification(&tag.signature),
        });
        (200, body)
    }
}

/// <https://docs.github.com/en/rest/commits/commits#get-a-commit>, "Signature verification object".
pub(super) fn verification(Signature(reason): &Signature) -> Value {
    let verified = reason == "valid";
    let signed = reason != "unsigned";
    let text = |text: &str| signed.then(|| text.to_owned());
    json!({
        "verified": verified, "reason": reason,
        "signature": text("-----BEGIN PGP SIGNATURE-----"), "payload": text("tree 0"),
        "verified_at": verified.then_some("2026-01-01T00:00:00Z"),
    })
}
