//! `[github]`: which GitHub is asked, as whom, and what its repositories are known by.

use std::collections::BTreeMap;

use super::parsed;
use crate::config::low::LowGithub;
use crate::config::problem::Findings;
use crate::config::{Application, GithubAccess, GithubRepository};
use crate::names::AppName;

/// Reads it, and moves the applications' repositories to its host.
pub(super) fn github(
    written: &LowGithub,
    applications: &mut BTreeMap<AppName, Application>,
    findings: &mut Findings,
) -> GithubAccess {
    let host = written.host.as_ref();
    let host = host.and_then(|host| parsed(host, findings));
    let app = written.app.as_ref().and_then(|app| parsed(app, findings));
    for application in applications.values_mut() {
        application.move_repositories(host.as_ref());
    }
    let mut repository_ids = BTreeMap::new();
    for (name, id) in &written.repository_ids {
        let repository = parsed::<GithubRepository>(name, findings);
        let (Some(repository), Some(id)) = (repository, parsed(id, findings)) else {
            continue;
        };
        let repository = repository.at(host.as_ref()).folded();
        let mut known = applications.values().flat_map(Application::repositories);
        if !known.any(|known| known.folded() == repository) {
            findings.refuse(
                &name.place,
                format!("no application has the repository \"{repository}\"; remove it, or mend its name"),
            );
        }
        if repository_ids.insert(repository, id).is_some() {
            findings.refuse(&name.place, "stands here twice; keep one of them");
        }
    }
    GithubAccess {
        host,
        app,
        repository_ids,
    }
}
