//! Why an image cannot be deployed, in words: no ref leads to it, nothing there runs it, or it is for other
//! machines.

mod unbuilt;

use std::fmt;

use super::USUAL_COMMAND;
use crate::record::{Instead, NoImage, NoPlatform};
use crate::reply::phrase::{Code, Phrase, Typeable, Wording, phrase};
use crate::resolve::Unresolvable;
use crate::slack::text::cut;

/// Tags of an image that are named, at most.
const TAGS: usize = 2;
/// Characters of such a tag.
const TAG: usize = 20;

pub(super) fn no_image(why: &NoImage) -> Phrase {
    let (application, image) = (Code(&why.application), Code(&why.image));
    match why.configured {
        true => phrase!(
            "No service of {} on {} has a container {}. There is nothing to exchange. Ask {admins} to name it in `images` as its task definition does.",
            application,
            why.environment,
            image
        ),
        false => phrase!(
            "{} has no image {} in the configuration any more, so there is nothing to exchange. Deploy another, or ask {admins} to name it in `images` again.",
            application,
            image
        ),
    }
}

pub(super) fn no_platform(why: &NoPlatform) -> Phrase {
    let has = match why.has.as_slice() {
        [] => phrase!("holds no image that can run"),
        has => phrase!("is for {}", has.join(", ")),
    };
    phrase!(
        "The image {} {}. The task definition {} wants {}, so its container could not start. Build the image for that platform too, or change `runtimePlatform` in the task definition.",
        Code(&why.image),
        has,
        Code(&why.definition),
        why.wants
    )
}

impl fmt::Display for Unresolvable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&unresolvable(self, None).plain(USUAL_COMMAND))
    }
}

impl std::error::Error for Unresolvable {}

pub(super) fn unresolvable(why: &Unresolvable, instead: Option<&Instead>) -> Phrase {
    match why {
        Unresolvable::UnknownRef {
            reference,
            searched,
            suggestions,
        } => {
            let next = match suggestions.as_slice() {
                [] => or_newest("Check the spelling", instead),
                near => phrase!("Did you mean {}?", in_code(near, ", ")),
            };
            let is_pull_request = reference.pull_request().is_some();
            let reference = Code(reference.as_str());
            match searched.as_slice() {
                [repository, _] if is_pull_request => phrase!(
                    "There is no pull request {} in {}. {}",
                    reference,
                    Code(repository),
                    next
                ),
                // Nobody asked git: no repository is configured.
                [images] => phrase!(
                    "There is no image {} in {}. {}",
                    reference,
                    Code(images),
                    next
                ),
                _ => phrase!(
                    "There is no commit, tag, branch or image called {} in {}. {}",
                    reference,
                    in_code(searched, " and "),
                    next
                ),
            }
        }
        Unresolvable::NoRef {
            image_repository,
            newest,
        } => {
            let newest = match newest.as_slice() {
                [] => phrase!("It holds no tagged image yet."),
                newest => phrase!("The newest: {}.", in_code(newest, ", ")),
            };
            phrase!(
                "Say which image of {}: its tag, with a colon before it, behind the application. {}",
                Code(image_repository),
                newest
            )
        }
        Unresolvable::NoImage {
            name,
            commit,
            image_repository,
            tags,
            unbuilt: Some(unbuilt),
            ..
        } => {
            let wanted = match tags.first() {
                Some(tag) => phrase!("It would be {}.", Code(format!("{image_repository}:{tag}"))),
                None => phrase!("No configured tag is for such a name."),
            };
            unbuilt::unbuilt(name, commit, unbuilt, wanted, instead)
        }
        Unresolvable::NoImage {
            name,
            commit,
            image_repository,
            tags,
            unbuilt: None,
            ..
        } => {
            let missing = match tags.as_slice() {
                [] => phrase!("no configured tag is for such a name"),
                [tag] => phrase!("no image {}", Code(format!("{image_repository}:{tag}"))),
                [tag, others @ ..] => phrase!(
                    "no image {}, nor one tagged {}",
                    Code(format!("{image_repository}:{tag}")),
                    in_code(others, " or ")
                ),
            };
            phrase!(
                "There is no image for {}: commit {} exists, but {}. {}",
                Code(name),
                Code(commit.short()),
                missing,
                or_newest("Look at its build", instead)
            )
        }
        Unresolvable::NotActive {
            image_repository,
            tag,
            state,
        } => phrase!(
            "The image {} is {}, and ECS can only pull one that is ACTIVE. {}",
            Code(format!("{image_repository}:{tag}")),
            state,
            or_newest("Restore it in ECR", instead)
        ),
        Unresolvable::NotAnImage {
            image_repository,
            tag,
            what,
        } => phrase!(
            "{} is no container image, but {}: ECS cannot run it. {}",
            Code(format!("{image_repository}:{tag}")),
            what,
            or_newest("Name the tag of an image", instead)
        ),
        Unresolvable::Ambiguous {
            reference,
            one,
            other,
        } => phrase!(
            "{} means two different things. One is {}. The other is {}. Name the commit or the image tag you mean.",
            Code(reference),
            one,
            other
        ),
        Unresolvable::NoRepository { repository } => phrase!(
            "GitHub shows no repository {}. Ask {admins} to check its name in the configuration, and that the GitHub token may read it.",
            Code(repository)
        ),
        Unresolvable::ImageGone {
            image_repository,
            label,
        } => phrase!(
            "The image of {} is not in {} any more. {}",
            Code(label),
            Code(image_repository),
            or_newest("Build it again", instead)
        ),
        Unresolvable::NoImageRepository { image_repository } => phrase!(
            "There is no image repository {}. Ask {admins} to check the application's image in the configuration.",
            Code(image_repository)
        ),
    }
}

/// What to do first, or instead: the newest image there, as a line that deploys it. Nothing is said of what has
/// become of a build: nobody has asked.
fn or_newest(first: impl Wording, instead: Option<&Instead>) -> Phrase {
    let Some(instead) = instead else {
        return phrase!("{}, then ask again.", first);
    };
    let Some(clearest) = instead.tags.first() else {
        return phrase!(
            "{}, then ask again: that repository holds no image that can be deployed.",
            first
        );
    };
    let line = line(instead, clearest);
    let shown = instead
        .tags
        .iter()
        .take(TAGS)
        .map(|tag| cut(tag, TAG).into_owned());
    let tags = in_code(&shown.collect::<Vec<_>>(), ", ");
    let pushed = match instead.pushed_at {
        Some(at) => phrase!(", pushed {}", at),
        None => Phrase::default(),
    };
    let which = match instead.beside {
        0 => phrase!("the newest image there ({}{})", tags, pushed),
        1 => phrase!("one of the two newest there ({}{})", tags, pushed),
        others => phrase!(
            "one of the {} newest there ({}{})",
            others + 1,
            tags,
            pushed
        ),
    };
    phrase!("{}, or deploy {}: {}", first, which, Typeable(line))
}

/// What deploys the image with that tag there.
fn line(instead: &Instead, tag: &str) -> String {
    let image = instead.image.as_ref().map(|image| format!("/{image}"));
    format!(
        "{}{}:{tag} to {}",
        instead.application,
        image.unwrap_or_default(),
        instead.environment
    )
}

fn in_code(names: &[String], between: &'static str) -> Phrase {
    Phrase::join(names.iter().map(|name| phrase!("{}", Code(name))), between)
}
