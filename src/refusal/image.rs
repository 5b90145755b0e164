//! Why one of an application's several images cannot be deployed.

use std::fmt;

use super::wording::Code;
use crate::names::{AppName, ContainerName, EnvName};

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
