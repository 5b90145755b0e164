//! `APP/IMAGE`: one of several images of an application, where one can be meant.

use super::Reader;
use crate::command::vocabulary::nearest;
use crate::command::{Misreading, Misunderstood};
use crate::names::{AppName, ContainerName};

impl Reader<'_> {
    /// One of the application's images beside its own.
    pub(super) fn image(&self, app: &AppName, word: &str) -> Result<ContainerName, Misunderstood> {
        if let Some(image) = self.words.image(app, word) {
            return Ok(image.clone());
        }
        let problem = Misreading::UnknownImage {
            app: app.clone(),
            word: word.to_owned(),
        };
        Err(Misunderstood::new(problem, self.verb)
            .suggest(nearest(word, &self.words.images(app)))
            .known(self.words.images_of(app)))
    }

    /// Refuses one image of an application, where all of it is meant.
    pub(super) fn whole(&self, word: &str) -> Result<(), Misunderstood> {
        let named = word.split_once('/');
        let Some(app) = named.and_then(|(name, _)| self.words.application(name)) else {
            return Ok(());
        };
        let problem = Misreading::OneImage {
            app: app.clone(),
            word: word.to_owned(),
        };
        let suggestion = Some(app.to_string());
        Err(Misunderstood::new(problem, self.verb).suggest(suggestion))
    }
}
