//! `longshore check --live`: the rights that were given in chat and count, from the table.

use super::console::unread;
use super::table::columns;
use super::{Failure, Surroundings, TableOption};
use crate::names::EnvName;
use crate::policy::Grant;
use crate::request::GrantedRight;

/// Lists them, where a table is named.
pub(super) async fn run(
    table: &TableOption,
    surroundings: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let Ok(table) = table.name(surroundings) else {
        return Ok(());
    };
    let store = (surroundings.connect)().await.store(table);
    let given = surroundings
        .waits("reading the rights given in chat", store.grants())
        .await?
        .map_err(unread)?;
    let now = (surroundings.clock)();
    let mut live: Vec<&Grant> = given.live(now).collect();
    live.sort_by_key(|grant| grant.ends_at());
    if live.is_empty() {
        writeln!(surroundings.out, "\nno right is given in chat")?;
        return Ok(());
    }
    let head = [
        "GIVEN TO",
        "RIGHT",
        "APPLICATION",
        "ENVIRONMENT",
        "BY",
        "UNTIL",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(live.into_iter().map(row));
    write!(surroundings.out, "\n{}", columns(&rows))?;
    Ok(())
}

fn row(grant: &Grant) -> [String; 6] {
    let right = match grant.right {
        GrantedRight::Request => "deploy",
        GrantedRight::Approve => "approve",
    };
    let place = grant.environment.as_ref().map_or("all", EnvName::as_str);
    [
        grant.to.to_string(),
        right.to_owned(),
        grant.application.to_string(),
        place.to_owned(),
        grant.by.to_string(),
        match &grant.once {
            Some(once) => format!("deploy {} ends", once.deploy),
            None => grant.ends_at().strftime("%Y-%m-%d %H:%M UTC").to_string(),
        },
    ]
}
