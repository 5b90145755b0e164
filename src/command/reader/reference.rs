//! A ref, in the forms that git, GitHub and other tools give it.

use super::super::lexicon::{self, sense};
use super::super::typed::QUOTES;
use super::super::{CommandVerb, Expected, Misreading};
use super::{Reader, Understood};
use crate::names::{AppName, Ref};

/// What git puts before a branch or a tag.
/// <https://git-scm.com/docs/gitrevisions#_specifying_revisions>
const PREFIXES: [&str; 4] = [
    "refs/heads/",
    "refs/tags/",
    "refs/remotes/origin/",
    "origin/",
];
/// What GitHub puts before the number of a pull request.
/// <https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/checking-out-pull-requests-locally>
const PULL_REQUESTS: [&str; 3] = ["refs/pull/", "pull/", "#"];

impl Reader<'_> {
    /// The ref that a word names.
    fn reference(&self, app: &AppName, word: &str) -> Understood<Ref> {
        let word = self.within_repository(app, word.trim_matches(QUOTES))?;
        if let Some(request) = pull_request(word) {
            return Ok(request);
        }
        let prefix = PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix));
        let plain = prefix.unwrap_or(word);
        plain.parse().map_err(|why| Misreading::Bad {
            what: Expected::Ref,
            word: word.to_owned(),
            why,
        })
    }

    /// The version that a word names, which is no ref of any repository.
    pub(super) fn version(word: &str) -> Understood<Ref> {
        let word = word.trim_matches(QUOTES);
        word.parse().map_err(|why| Misreading::Bad {
            what: Expected::Version,
            word: word.to_owned(),
            why,
        })
    }

    /// The ref at the end of a command that has no sign of one: only a word that can be nothing else.
    pub(super) fn last_word(&self, app: &AppName, word: &str) -> Understood<Ref> {
        match word.strip_prefix([':', '@']) {
            // A smiley is no ref.
            Some(marked) if marked.chars().any(char::is_alphanumeric) => {
                self.ref_or_version(app, marked)
            }
            _ if pull_request(word).is_none() && self.is_doubtful(word) => Err(Misreading::NoRef {
                word: word.to_owned(),
            }),
            _ => self.ref_or_version(app, word),
        }
    }

    /// What stands behind an application's sign: of a rollback, a version that ran there.
    pub(super) fn ref_or_version(&self, app: &AppName, word: &str) -> Understood<Ref> {
        match self.verb {
            CommandVerb::Rollback => Self::version(word),
            _ => self.reference(app, word),
        }
    }

    /// Whether a word at the end says something else than which ref is meant, or may be a slip of the
    /// finger for such a word. What holds a slash or a dot, seven hexadecimal digits, and what branches and
    /// tags are usually called is a ref; so is what stands behind its sign.
    fn is_doubtful(&self, word: &str) -> bool {
        if self.words.is_name(word) || sense(word).is_some() {
            return true;
        }
        let is_commit = word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit());
        if !word.chars().any(char::is_alphanumeric) || word.starts_with('-') {
            return true;
        }
        if is_commit || lexicon::is_usual_ref(word) || word.contains(['/', '.']) {
            return false;
        }
        self.words.near_application(word).is_some()
            || self.words.near_environment(word).is_some()
            || (!word.bytes().any(|b| b.is_ascii_digit()) && lexicon::is_near(word))
    }

    /// `owner/repository@ref` is the ref in the application's own repository, and a mistake in another one.
    /// A tag may look like it, so that it is nobody's repository unless owner or repository is one's here.
    fn within_repository<'w>(&self, app: &AppName, word: &'w str) -> Understood<&'w str> {
        let Some((place, reference)) = word.split_once('@').filter(|(_, rest)| !rest.is_empty())
        else {
            return Ok(word);
        };
        let Some((owner, name)) = place
            .split_once('/')
            .filter(|(_, name)| !name.contains('/'))
        else {
            return Ok(word);
        };
        let Some(own) = self.words.repository(app) else {
            return Ok(word);
        };
        if place.eq_ignore_ascii_case(own) {
            return Ok(reference);
        }
        let known = self.words.built_from(place).next().is_some();
        let alike = own.split_once('/').is_some_and(|(own_owner, own_name)| {
            own_owner.eq_ignore_ascii_case(owner) || own_name.eq_ignore_ascii_case(name)
        });
        match known || alike {
            true => Err(Misreading::OtherRepository {
                app: app.clone(),
                own: own.to_owned(),
                word: place.to_owned(),
            }),
            false => Ok(word),
        }
    }
}

/// The pull request that a word names, as [`Ref::pull_request`] reads it. Whichever of its commits is named, which
/// of them has an image decides.
pub(in crate::command) fn pull_request(word: &str) -> Option<Ref> {
    let mut prefixes = PULL_REQUESTS.iter();
    let rest = prefixes.find_map(|prefix| word.strip_prefix(prefix))?;
    let number = match rest.split_once('/') {
        Some((number, "head" | "merge")) => number,
        Some(_) => return None,
        None => rest,
    };
    let number: Ref = format!("#{number}").parse().ok()?;
    format!("#{}", number.pull_request()?).parse().ok()
}
