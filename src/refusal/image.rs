//! Why an image cannot be deployed: nothing there runs it, or it is for other machines.

use std::fmt;

use crate::names::{AppName, ContainerName, EnvName};
use crate::reply::plain::Code;

/// Nothing there runs an image of its own under that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoImage {
    /// The application.
    pub application: AppName,
    /// The environment.
    pub environment: EnvName,
    /// The container.
    pub image: ContainerName,
    /// Whether the configuration has it, so that only the container is missing.
    pub configured: bool,
}

/// An index holds no image for the machines that would run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPlatform {
    /// The image, as people name it.
    pub image: String,
    /// The platforms that it is for.
    pub has: Vec<String>,
    /// The one that is wanted.
    pub wants: String,
    /// The task definition that wants it.
    pub definition: String,
}

impl std::error::Error for NoPlatform {}

impl fmt::Display for NoPlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (image, definition) = (Code(&self.image), Code(&self.definition));
        let has = match self.has.as_slice() {
            [] => "holds no image that can run".to_owned(),
            has => format!("is for {}", has.join(", ")),
        };
        write!(
            f,
            "The image {image} {has}, and the task definition {definition} wants {}: its container could not start. Build the image for that platform too, or change `runtimePlatform` in the task definition; nothing was started.",
            self.wants
        )
    }
}

impl std::error::Error for NoImage {}

impl fmt::Display for NoImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (application, image) = (Code(&self.application), Code(&self.image));
        match self.configured {
            true => write!(
                f,
                "No service of {application} on {} has a container {image}, so there is nothing to exchange. Name the container as its task definition does in `longshore.toml` (`images`) and push that.",
                self.environment
            ),
            false => write!(
                f,
                "{application} has no image {image} in the configuration any more, so there is nothing to exchange."
            ),
        }
    }
}
