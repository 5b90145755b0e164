//! The question whether the person who was found is the one who was meant.

use super::page::Page;
use crate::command::RightOf;
use crate::names::{DeployId, EnvName};
use crate::reply::right::{self, PersonAsked};
use crate::slack::blocks::Message;
use crate::slack::text::cut;

/// The question, for whoever typed the name.
pub(crate) fn is_it(question: DeployId, of: &RightOf, asked: PersonAsked<'_>) -> Message {
    let said = right::is_it(asked);
    let mut page = Page::new(said.clone());
    page.header("Is this who you mean?");
    page.section(said);
    let place = of.env.as_ref().map_or("every environment", EnvName::as_str);
    let about = format!("{} on {}", cut(of.app.as_str(), 30), cut(place, 30));
    // Only what is given has an end.
    let yes = match asked.until {
        Some(_) => "Give the right",
        None => "Take it back",
    };
    page.person_buttons(question, yes, &about);
    page.only_for_one()
}
