//! `help [COMMAND]`: the grammar's own lines, with examples that work for whoever reads them: of an
//! application of theirs if there is one, and only where they may do it.

use super::asked::Visit;
use super::door::Answer;
use super::met;
use crate::card;
use crate::command::moment::{Day, Period};
use crate::command::{AppRef, Command, CommandVerb, DiffWith, HistoryScope, RightOf};
use crate::names::{Actor, AppName, ChannelId, EnvName};
use crate::policy::{Action, Policy, authorize, is_own};
use crate::record::{Met, MetKind};
use crate::request::ChangeKind;

/// Every command, or one of them.
pub(super) async fn answer(visit: Visit<'_>, about: Option<CommandVerb>) -> Answer {
    // Only an example of a deploy names a version.
    let met = match about {
        None | Some(CommandVerb::Deploy | CommandVerb::Plan | CommandVerb::WhyNot) => {
            met::lately(visit).await
        }
        Some(_) => Vec::new(),
    };
    of_met(visit, about, &met)
}

/// The same of what was read before: which versions were met, the newest first.
pub(super) fn of_met(
    visit: Visit<'_>,
    about: Option<CommandVerb>,
    met: &[(AppName, Met)],
) -> Answer {
    let config = &visit.loaded.config;
    let reader = Reading {
        policy: visit.policy(),
        actor: &visit.asked.actor,
        channel: visit.asked.channel.as_ref(),
        met,
    };
    let mut examples = reader.examples(about.unwrap_or(CommandVerb::Deploy));
    if about.is_none() {
        examples.truncate(1);
    }
    let command = &config.slack().command;
    Answer::message(card::help(about, &examples, command))
}

/// An application in one of its environments.
type Somewhere<'c> = (&'c AppName, &'c EnvName);

/// Who reads, where.
struct Reading<'c> {
    policy: Policy<'c>,
    actor: &'c Actor,
    channel: Option<&'c ChannelId>,
    /// The versions that were met, the newest first.
    met: &'c [(AppName, Met)],
}

impl<'c> Reading<'c> {
    fn may(&self, action: &Action, (application, environment): Somewhere<'_>) -> bool {
        authorize(
            self.policy,
            self.actor,
            action,
            application,
            environment,
            self.channel,
        )
        .is_ok()
    }

    /// Whether the reader may do it there, and it needs no more words than the names: without a repository there is
    /// no default branch to deploy.
    fn works(&self, action: &Action, place: Somewhere<'_>) -> bool {
        let of_branch = *action == Action::Change(ChangeKind::Deploy);
        let application = self.policy.config.application(place.0);
        let has_branch = application.is_some_and(|application| application.repository.is_some());
        (has_branch || !of_branch) && self.may(action, place)
    }

    /// Everything that runs anywhere: the reader's own applications first, and each last in an environment that asks
    /// before it changes anything, as those do that matter most.
    fn places(&self) -> impl Iterator<Item = Somewhere<'c>> {
        let config = self.policy.config;
        let is_own = |application: &AppName| is_own(self.policy, self.actor, application);
        let mut applications: Vec<_> = config.applications().collect();
        applications.sort_by_key(|(name, _)| !is_own(name));
        applications
            .into_iter()
            .flat_map(move |(name, application)| {
                let mut environments: Vec<&EnvName> = application.environments.keys().collect();
                environments.sort_by_key(|environment| {
                    let environment = config.environment(environment);
                    environment.is_some_and(|environment| environment.confirm == Some(true))
                });
                environments
                    .into_iter()
                    .map(move |environment| (name, environment))
            })
    }

    fn place(&self, action: &Action) -> Option<Somewhere<'c>> {
        self.places().find(|place| self.works(action, *place))
    }

    /// Another application that the reader may do the same to there.
    fn beside(
        &self,
        action: &Action,
        (application, environment): Somewhere<'_>,
    ) -> Option<AppName> {
        let mut others = self.places().filter(|(other, _)| *other != application);
        let found = others.find(|(other, there)| {
            *there == environment && self.works(action, (*other, environment))
        });
        found.map(|(other, _)| other.clone())
    }

    /// Whole commands, each of which the reader may type here; none where there is nothing of the kind.
    fn examples(&self, verb: CommandVerb) -> Vec<Command> {
        match verb {
            CommandVerb::Deploy => {
                let of_met = self.deploy_of_met().into_iter();
                of_met.chain(self.changes(ChangeKind::Deploy)).collect()
            }
            CommandVerb::Promote => self.promotes(),
            CommandVerb::Plan => self.plans(|of| Command::Plan { of }),
            CommandVerb::WhyNot => {
                let (app, env) = (None, None);
                let last = Command::WhyNotLast { app, env };
                let plans = self.plans(|of| Command::WhyNot { of }).into_iter();
                plans.chain([last]).collect()
            }
            CommandVerb::Diff => self.diffs(),
            CommandVerb::Rollback => self.changes(ChangeKind::Rollback),
            CommandVerb::Restart => self.changes(ChangeKind::Restart),
            CommandVerb::Cancel => self.cancels(),
            CommandVerb::Where => self.wheres(),
            CommandVerb::Logs => self.logs(),
            CommandVerb::Status => self.looks(|app, env| Command::Status { app, env }),
            CommandVerb::History => {
                let of = |app, env, scope, period| Command::History {
                    app,
                    env,
                    scope,
                    period,
                };
                let changes = HistoryScope::Changes;
                let mut all = self.looks(|app, env| of(app, env, changes, None));
                all.push(of(None, None, changes, Some(Period::Day(Day::Today))));
                all.push(of(None, None, HistoryScope::All, None));
                all
            }
            CommandVerb::Show => self.looks(|app, env| Command::ShowLast { app, env }),
            CommandVerb::Grant => self.rights(&Action::Grant),
            CommandVerb::Revoke => self.rights(&Action::Revoke),
            CommandVerb::Who => self.who(),
            CommandVerb::Help => {
                let about = [None, Some(CommandVerb::Rollback)];
                about.map(|about| Command::Help { about }).into()
            }
        }
    }

    /// Of a version that was met: of the application of the other examples, if one of its was met, else of the next one
    /// that the reader may deploy somewhere. A tag is preferred, which stays what it is.
    fn deploy_of_met(&self) -> Option<Command> {
        let deploy = Action::Change(ChangeKind::Deploy);
        let usual = self.place(&deploy).into_iter();
        let mut places = usual.chain(self.places().filter(|place| self.may(&deploy, *place)));
        places.find_map(|place| self.of_met_at(place))
    }

    fn of_met_at(&self, (application, environment): Somewhere<'_>) -> Option<Command> {
        let own = self.met.iter().filter(|(name, _)| name == application);
        let example = |met: &Met| {
            let command = Command::Deploy {
                app: application.clone(),
                image: None,
                reference: Some(met.reference.clone()),
                also: Vec::new(),
                env: environment.clone(),
            };
            // A name may be one that a line does not say.
            let words = self.policy.config.vocabulary();
            let read = Command::parse(&command.to_string(), &words);
            (read.as_ref() == Ok(&command)).then_some(command)
        };
        let of = |kind: MetKind| {
            let mut own = own.clone().filter(|(_, met)| met.kind == kind);
            own.find_map(|(_, met)| example(met))
        };
        of(MetKind::Tag).or_else(|| of(MetKind::Branch))
    }

    /// Of one application, and of two.
    fn changes(&self, change: ChangeKind) -> Vec<Command> {
        let action = Action::Change(change);
        let Some(place) = self.place(&action) else {
            return Vec::new();
        };
        let other = self.beside(&action, place);
        let lists = std::iter::once(None).chain(other.map(Some));
        let command = |also: Option<AppName>| {
            let (app, env) = (place.0.clone(), place.1.clone());
            match change {
                ChangeKind::Deploy => Command::Deploy {
                    app,
                    image: None,
                    reference: None,
                    also: also.iter().map(AppRef::whole).collect(),
                    env,
                },
                ChangeKind::Rollback => Command::Rollback {
                    app,
                    to: None,
                    also: also.iter().map(AppRef::whole).collect(),
                    env,
                },
                ChangeKind::Restart => Command::Restart {
                    app,
                    also: also.into_iter().collect(),
                    env,
                },
            }
        };
        lists.map(command).collect()
    }

    /// Where something comes before.
    fn promotes(&self) -> Vec<Command> {
        let deploy = Action::Change(ChangeKind::Deploy);
        let before = |(app, env)| self.policy.config.before(app, env);
        let mut places = self.places().filter(|place| self.may(&deploy, *place));
        let place = places.find_map(|place| Some((place, before(place)?)));
        let commands = place.into_iter().flat_map(|((app, env), before)| {
            [None, Some(before.clone())].map(|from| Command::Promote {
                app: app.clone(),
                image: None,
                from,
                env: env.clone(),
            })
        });
        commands.collect()
    }

    /// Of what may be deployed or promoted.
    fn plans(&self, about: impl Fn(Box<Command>) -> Command) -> Vec<Command> {
        let of_met = self.deploy_of_met().into_iter();
        let deploys = of_met.chain(self.changes(ChangeKind::Deploy));
        let all = deploys.take(1).chain(self.promotes().into_iter().take(1));
        all.map(|of| about(Box::new(of))).collect()
    }

    /// Of the default branch, where there is one, and of two environments.
    fn diffs(&self) -> Vec<Command> {
        let config = self.policy.config;
        let read = |place: &Somewhere<'_>| self.may(&Action::Read, *place);
        let has_branch = |(app, _): &Somewhere<'_>| {
            let application = config.application(app);
            application.is_some_and(|application| application.repository.is_some())
        };
        let branch = self.places().filter(read).find(has_branch);
        let branch = branch.map(|(app, env)| (app, env, DiffWith::Ref(None)));
        let mut places = self.places().filter(read);
        let two = places.find_map(|(app, env)| {
            let mut others = self.places().filter(|(one, _)| *one == app);
            let (_, other) = others.find(|(_, other)| *other != env)?;
            Some((app, env, DiffWith::Place(other.clone())))
        });
        let all = branch.into_iter().chain(two);
        all.map(|(app, env, with)| Command::Diff {
            app: app.clone(),
            image: None,
            env: env.clone(),
            with,
        })
        .collect()
    }

    /// Of a pull request: everywhere, and of one application that has a repository.
    fn wheres(&self) -> Vec<Command> {
        let config = self.policy.config;
        let named = |(app, _): &Somewhere<'_>| {
            let application = config.application(app);
            application.is_some_and(|application| application.repository.is_some())
        };
        let (Some((app, _)), Ok(change)) = (self.places().find(named), "#42".parse()) else {
            return Vec::new();
        };
        let app = Some(app.clone());
        vec![Command::Where { app, change }]
    }

    /// Where the reader may stop whatever is under way, else where they may stop what they asked for.
    fn cancels(&self) -> Vec<Command> {
        let anybodys = Action::Cancel {
            requester: Actor::Longshore,
        };
        let deploy = Action::Change(ChangeKind::Deploy);
        let own = || self.places().find(|place| self.may(&deploy, *place));
        let place = self.place(&anybodys).or_else(own);
        place
            .into_iter()
            .map(|(app, env)| Command::Cancel {
                app: app.clone(),
                env: env.clone(),
            })
            .collect()
    }

    /// Of the first service, and of the last one by its name.
    fn logs(&self) -> Vec<Command> {
        let Some((app, env)) = self.place(&Action::ReadLogs) else {
            return Vec::new();
        };
        let target = self.policy.config.target(app, env);
        let services = target.map(|target| target.services).unwrap_or_default();
        let named = match services.as_slice() {
            [_, .., last] => Some(last.clone()),
            _ => None,
        };
        let services = std::iter::once(None).chain(named.map(Some));
        services
            .map(|service| Command::Logs {
                app: app.clone(),
                image: None,
                env: env.clone(),
                service,
            })
            .collect()
    }

    /// For an admin: of somebody of a usual name.
    fn rights(&self, action: &Action) -> Vec<Command> {
        let (Some((app, env)), Ok(to)) = (self.place(action), "@maria".parse()) else {
            return Vec::new();
        };
        let of = RightOf {
            to,
            app: app.clone(),
            env: Some(env.clone()),
            right: None,
        };
        let (term, why) = (None, None);
        vec![match action {
            Action::Revoke => Command::Revoke { of, why },
            _ => Command::Grant { of, term, why },
        }]
    }

    fn who(&self) -> Vec<Command> {
        let place = self.place(&Action::Read).into_iter();
        let who = |(app, env): Somewhere<'_>| Command::Who {
            app: app.clone(),
            env: env.clone(),
        };
        place.map(who).collect()
    }

    /// At everything, at one application, at one environment, at both.
    fn looks(&self, command: impl Fn(Option<AppName>, Option<EnvName>) -> Command) -> Vec<Command> {
        let Some((app, env)) = self.place(&Action::Read) else {
            return vec![command(None, None)];
        };
        let (app, env) = (|| Some(app.clone()), || Some(env.clone()));
        vec![
            command(None, None),
            command(app(), None),
            command(None, env()),
            command(app(), env()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::config::Config;
    use crate::config::SourceFile;

    /// Configurations of every kind: who may what where, and who has a team.
    fn configurations() -> Vec<Config> {
        let lists = ["[\"everyone\"]", "[\"team\"]", "[\"U0EVE\"]", "[]"];
        let mut all = Vec::new();
        for staging in lists {
            for production in lists {
                for keys in [
                    "confirm = true",
                    "channels = [\"C0ELSEWHERE\"]",
                    "evidence = \"logs\"",
                    "evidence = \"logs\"\nlogs = [\"team\"]",
                    "rollback = { by = [\"U0ADA\"] }",
                ] {
                    let text = format!(
                        r#"
slack    = {{ teams = ["T0001"], admins = ["U0ROOT"] }}
accounts = {{ main = {{ id = "111111111111", region = "eu-west-1" }} }}
[environments.staging]
account = "main"
cluster = "staging"
request = {staging}
{keys}
[environments.production]
account = "main"
cluster = "production"
request = {production}
[teams.web]
members = ["U0ADA"]
applications = ["shop"]
[applications.alarms]
environments = ["production", "staging"]
[applications.billing]
source = {{ repository = "acme/billing" }}
environments = ["production"]
[applications.shop]
source = {{ repository = "acme/shop" }}
environments = ["production", "staging"]
services = ["shop-api", "shop-worker"]
[applications.webapp]
source = {{ repository = "acme/webapp" }}
environments = ["staging", "production"]
"#
                    );
                    let file = SourceFile::new("longshore.toml", text);
                    all.push(Config::compile(&[file]).unwrap().config);
                }
            }
        }
        all
    }

    /// What a command needs a right for, and where.
    fn needs(command: &Command, reader: &Actor) -> Option<(Action, Vec<AppName>, EnvName)> {
        if let Command::Plan { of } | Command::WhyNot { of } = command {
            return needs(of, reader);
        }
        let all = |app: &AppName, also: &[AppRef]| {
            let also = also.iter().map(|one| one.app.clone());
            std::iter::once(app.clone()).chain(also).collect()
        };
        Some(match command {
            Command::Deploy { app, also, env, .. } => {
                let action = Action::Change(ChangeKind::Deploy);
                (action, all(app, also), env.clone())
            }
            Command::Rollback { app, also, env, .. } => {
                let action = Action::Change(ChangeKind::Rollback);
                (action, all(app, also), env.clone())
            }
            Command::Restart { app, also, env } => {
                let also = also.iter().cloned();
                let each = std::iter::once(app.clone()).chain(also).collect();
                (Action::Change(ChangeKind::Restart), each, env.clone())
            }
            Command::Cancel { app, env } => {
                let requester = reader.clone();
                (Action::Cancel { requester }, vec![app.clone()], env.clone())
            }
            Command::Logs { app, env, .. } => (Action::ReadLogs, vec![app.clone()], env.clone()),
            _ => return None,
        })
    }

    /// Versions that were met: none, those of everything, and those of what has no repository.
    fn all_met() -> Vec<Vec<(AppName, Met)>> {
        let met = |name: &str, reference: &str, kind: MetKind| {
            let reference = reference.parse().unwrap();
            let at = jiff::Timestamp::UNIX_EPOCH;
            let met = Met {
                reference,
                kind,
                at,
            };
            (name.parse().unwrap(), met)
        };
        let branch = |name: &str| met(name, "feature/help", MetKind::Branch);
        let odd = ["now", "to", "staging", "all", "last", "1.0.2", "help"];
        vec![
            Vec::new(),
            vec![
                branch("shop"),
                met("shop", "1.4.1", MetKind::Tag),
                met("shop", "1.4.0", MetKind::Tag),
                branch("webapp"),
                met("billing", "7", MetKind::Tag),
            ],
            vec![met("alarms", "2026-03-02.1", MetKind::Tag)],
            vec![branch("webapp"), met("gone", "1.0.0", MetKind::Tag)],
            odd.map(|name| met("webapp", name, MetKind::Tag)).into(),
            // A line would say something else of these.
            vec![
                met("shop", "pull/7", MetKind::Branch),
                met("shop", "origin/main", MetKind::Branch),
            ],
        ]
    }

    #[test]
    fn every_example_means_what_it_says_and_may_be_typed_by_its_reader() {
        let channel: ChannelId = "C0HERE".parse().unwrap();
        let mut shown = std::collections::BTreeSet::new();
        let all_met = all_met();
        let cases = all_met
            .iter()
            .map(|met| CommandVerb::ALL.map(|verb| (met, verb)));
        let cases: Vec<_> = cases.flatten().collect();
        for config in configurations() {
            let words = config.vocabulary();
            for user in ["U0ADA", "U0EVE", "U0ROOT", "U0OTHER"] {
                let actor = Actor::Slack {
                    team: "T0001".parse().unwrap(),
                    user: user.parse().unwrap(),
                };
                for (met, verb) in &cases {
                    let reader = Reading {
                        policy: Policy::alone(&config, Timestamp::UNIX_EPOCH),
                        actor: &actor,
                        channel: Some(&channel),
                        met,
                    };
                    let verb = *verb;
                    for command in reader.examples(verb) {
                        let text = command.to_string();
                        assert_eq!(Command::parse(&text, &words), Ok(command.clone()), "{text}");
                        assert_eq!(command.verb(), verb, "{text}");
                        // A version is one that was met, of that application.
                        if let Command::Deploy { app, reference, .. } = &command {
                            let was_met = |reference: &crate::names::Ref| {
                                let mut all = met.iter();
                                all.any(|(of, one)| of == app && one.reference == *reference)
                            };
                            assert!(reference.iter().all(was_met), "{text}");
                        }
                        if let Some((action, each, env)) = needs(&command, &actor) {
                            for app in each {
                                let place = (&app, &env);
                                assert!(reader.may(&action, place), "{user}: {text}");
                            }
                        }
                        shown.insert(text);
                    }
                    // What can be done somewhere has an example.
                    let action = match verb {
                        CommandVerb::Promote | CommandVerb::Diff | CommandVerb::Where => continue,
                        CommandVerb::Deploy | CommandVerb::Plan | CommandVerb::Cancel => {
                            Action::Change(ChangeKind::Deploy)
                        }
                        CommandVerb::Restart => Action::Change(ChangeKind::Restart),
                        CommandVerb::Rollback => Action::Change(ChangeKind::Rollback),
                        CommandVerb::Logs => Action::ReadLogs,
                        CommandVerb::Grant => Action::Grant,
                        CommandVerb::Revoke => Action::Revoke,
                        _ => Action::Read,
                    };
                    let somewhere = reader.places().any(|place| reader.works(&action, place));
                    let any = !reader.examples(verb).is_empty();
                    assert!(any || !somewhere, "{user}: {verb}");
                }
            }
        }
        // Without a repository there is no branch to deploy, but a version there may be.
        assert!(
            !shown.iter().any(|text| text.starts_with("alarms to")),
            "{shown:#?}"
        );
        for text in [
            "shop:1.4.1 to staging",
            "webapp:feature/help to staging",
            "alarms:2026-03-02.1 to staging",
            "billing:7 to production",
            "shop to staging",
            "shop,webapp to staging",
            "billing to production",
            "rollback shop on production",
            "logs shop on staging shop-worker",
            "restart alarms,billing on production",
        ] {
            assert!(shown.contains(text), "{text}: {shown:#?}");
        }
    }
}
