//! Why an image cannot be deployed, in words: no ref leads to it, nothing there runs it, or it is for other
//! machines.

use std::fmt;

use super::USUAL_COMMAND;
use crate::record::{NoImage, NoPlatform};
use crate::reply::phrase::{Code, Phrase, phrase};
use crate::resolve::Unresolvable;

pub(super) fn no_image(why: &NoImage) -> Phrase {
    let (application, image) = (Code(&why.application), Code(&why.image));
    match why.configured {
        true => phrase!(
            "No service of {} on {} has a container {}, so there is nothing to exchange. Ask the people who run Longshore to name it in `images` as its task definition does.",
            application,
            why.environment,
            image
        ),
        false => phrase!(
            "{} has no image {} in the configuration any more, so there is nothing to exchange.",
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
        "The image {} {}, and the task definition {} wants {}: its container could not start. Build the image for that platform too, or change `runtimePlatform` in the task definition; nothing was started.",
        Code(&why.image),
        has,
        Code(&why.definition),
        why.wants
    )
}

impl fmt::Display for Unresolvable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&unresolvable(self).plain(USUAL_COMMAND))
    }
}

impl std::error::Error for Unresolvable {}

pub(super) fn unresolvable(why: &Unresolvable) -> Phrase {
    match why {
        Unresolvable::UnknownRef {
            reference,
            searched,
            suggestions,
        } => {
            let near = match suggestions.as_slice() {
                [] => phrase!("Check the spelling."),
                near => phrase!("Did you mean {}?", in_code(near, ", ")),
            };
            phrase!(
                "There is no commit, tag, branch or image called {} in {}. {} Nothing was started.",
                Code(reference.as_str()),
                in_code(searched, " and "),
                near
            )
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
                "Say which image of {}, as in `…:TAG`. {}",
                Code(image_repository),
                newest
            )
        }
        Unresolvable::NoImage {
            name,
            commit,
            image_repository,
            tag,
        } => phrase!(
            "CI has not built {}: there is no image {} for commit {}. Its build may still be running or may have failed: look there, then ask again; nothing was started.",
            Code(name),
            Code(format!("{image_repository}:{tag}")),
            Code(commit.short())
        ),
        Unresolvable::NotActive {
            image_repository,
            tag,
            state,
        } => phrase!(
            "The image {} is {}, and ECS can only pull one that is ACTIVE. Restore it in ECR, or deploy another; nothing was started.",
            Code(format!("{image_repository}:{tag}")),
            state
        ),
        Unresolvable::NotAnImage {
            image_repository,
            tag,
            what,
        } => phrase!(
            "{} is no container image, but {}: ECS cannot run it. Name the tag of an image; nothing was started.",
            Code(format!("{image_repository}:{tag}")),
            what
        ),
        Unresolvable::Ambiguous {
            reference,
            one,
            other,
        } => phrase!(
            "{} means two different things: {}, and {}. Name the commit or the image tag you mean; nothing was started.",
            Code(reference),
            one,
            other
        ),
        Unresolvable::NoRepository { repository } => phrase!(
            "GitHub shows no repository {}: check its name in the configuration, and that the token may read it.",
            Code(repository)
        ),
        Unresolvable::ImageGone {
            image_repository,
            label,
        } => phrase!(
            "The image of {} is not in {} any more. Deploy another version.",
            Code(label),
            Code(image_repository)
        ),
        Unresolvable::NoImageRepository { image_repository } => phrase!(
            "There is no image repository {}: check the application's image in the configuration.",
            Code(image_repository)
        ),
    }
}

fn in_code(names: &[String], between: &'static str) -> Phrase {
    Phrase::join(names.iter().map(|name| phrase!("{}", Code(name))), between)
}
