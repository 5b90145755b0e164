//! Configurations: the documented example, and how the tests read one.

mod after;
mod checks;
mod image_rules;
mod later;
mod links;
mod mistakes;
mod paths;
mod targets;
mod told;
mod trust;
mod watch;
mod whole;

use super::*;

/// The example of the documentation, as written, with rules that are not built yet.
const WHOLE: &str = r#"slack    = { teams = ["T0001"], admins = ["U024BE7LH"], announce = "C0MGMT", command = "/deploy" }
accounts = { dev = { id = "222222222222", region = "eu-west-1" }, prod = { id = "111111111111", region = "eu-west-1" } }
defaults = { registry = "prod", tag = "{sha}", service = "{app}", base = "live" }

[environments.staging]
account = "dev"
cluster = "staging"
aliases = ["stg"]
request = ["everyone"]

[environments.production]
account   = "prod"
cluster   = "production"
aliases   = ["prod"]
request   = ["team", "@S0614TZR7", "U061F7AUR"]
approve   = { by = ["team.leads"], count = 1, not_author = true }
after     = { environment = "staging", soak = "30m" }
rollback  = { by = ["team", "oncall"], approvals = 0 }
emergency = { by = ["oncall", "admins"], waives = ["approve", "after"] }
branches  = ["main", "hotfix/*"]
channels  = ["C2147483705"]
freeze    = [{ weekly = "fri 16:00 / mon 08:00", zone = "Europe/Vienna", why = "weekend" }]
evidence  = "link"
announce  = true

[teams.content]
members = ["@S0CONTENT"]
leads   = ["U061F7AUR"]
applications = ["cms"]

[applications.cms]
title        = "Content Management System"
aliases      = ["content"]
environments = ["staging", "production"]
source       = { repository = "acme/cms", image = "cms", checks = ["test"] }
services     = ["cms-api", "cms-worker"]
containers   = ["app"]
before       = { task = "cms-migrate", command = ["./migrate"], timeout = "20m" }
"#;

/// The example without those rules.
const GOOD: &str = r#"slack    = { teams = ["T0001"], admins = ["U024BE7LH"], announce = "C0MGMT", command = "/deploy" }
accounts = { dev = { id = "222222222222", region = "eu-west-1" }, prod = { id = "111111111111", region = "eu-west-1" } }
defaults = { registry = "prod", tag = "{sha}", service = "{app}", base = "live" }

[environments.staging]
account = "dev"
cluster = "staging"
aliases = ["stg"]
request = ["everyone"]

[environments.production]
account   = "prod"
cluster   = "production"
aliases   = ["prod"]
request   = ["team", "@S0614TZR7", "U061F7AUR"]
rollback  = { by = ["team", "team:ops", "oncall"], approvals = 0 }
channels  = ["C2147483705"]
evidence  = "link"
announce  = true
confirm   = true
deadline  = "1h30m"

[teams.content]
members = ["U0000000A"]
leads   = ["U061F7AUR"]
applications = ["cms"]

[teams.ops]
members = ["U0000000B"]

[applications.cms]
title        = "Content Management System"
aliases      = ["content"]
environments = ["staging", "production"]
source       = { repository = "acme/cms", image = "cms" }
services     = ["cms-api", "cms-worker"]
containers   = ["app"]

[applications.webapp]
environments = ["staging"]
service      = "{app}-{env}"
tag          = "v{ref}-{short}"
base         = "head"
restore_head = false
"#;

fn compile(text: &str) -> Result<Checked, Invalid> {
    Config::compile(&[SourceFile::new("longshore.toml", text)])
}

fn good() -> Config {
    compile(GOOD).unwrap().config
}

fn app(name: &str) -> AppName {
    name.parse().unwrap()
}

fn env(name: &str) -> EnvName {
    name.parse().unwrap()
}

/// The problems of the good example after one replacement in it.
fn problems(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    match compile(&GOOD.replacen(old, new, 1)) {
        Ok(_) => "none".to_owned(),
        Err(invalid) => invalid.to_string(),
    }
}
