//! Whether all of it fits into one role, and how it is divided among its policies. What is measured is
//! what is rendered, never an estimate; what fits exactly is taken.

use super::grants::{PassedTo, RoleGrants};
use super::statement::{Statement, policy_size};
use crate::config::{Scope, Target};
use crate::names::EnvName;

// Sizes in characters without white space, numbers as they are without asking AWS for more
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
/// A managed policy.
const MANAGED_POLICY: usize = 6_144;
/// The inline policies of a role, together.
const INLINE_POLICIES: usize = 10_240;
/// The managed policies of a role.
const MOST_POLICIES: usize = 10;
/// The bytes of a template that comes without a bucket
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
const TEMPLATE: usize = 51_200;

/// Why an environment's deploy role cannot be installed.
#[derive(Debug, thiserror::Error)]
#[error("the deploy role of {environment} does not fit: {what}; {}", way_out(*.scope, .environment))]
pub(in crate::cli) struct DoesNotFit {
    environment: EnvName,
    scope: Scope,
    what: Excess,
}

#[derive(Debug, thiserror::Error)]
enum Excess {
    #[error("it needs more than the {MOST_POLICIES} managed policies that IAM attaches to a role")]
    Policies,
    #[error("its inline policy has {0} characters, and IAM takes {INLINE_POLICIES}")]
    Inline(usize),
    #[error("its template has {0} bytes, and CloudFormation takes {TEMPLATE} without a bucket")]
    Template(usize),
}

fn way_out(scope: Scope, environment: &EnvName) -> String {
    match scope {
        Scope::Applications => format!(
            "write scope = \"cluster\" into [environments.{environment}], or divide the environment into two"
        ),
        Scope::Cluster => "divide the environment into two".to_owned(),
    }
}

/// What the inline policy and each managed one grant.
pub(super) struct Parts {
    /// Beside what every role has: roles that may be passed.
    pub(super) inline: RoleGrants,
    /// At most [`MOST_POLICIES`].
    pub(super) managed: Vec<RoleGrants>,
}

/// Divides the grants: each goes into the first policy that has room.
pub(super) struct Divider<'t> {
    pub(super) target: &'t Target,
    pub(super) scope: Scope,
    pub(super) passed_to: PassedTo,
}

impl Divider<'_> {
    /// `fixed` is what the inline policy says in any case.
    pub(super) fn divide(
        &self,
        grants: Vec<RoleGrants>,
        roles: Vec<String>,
        fixed: impl Fn() -> Vec<Statement>,
    ) -> Result<Parts, DoesNotFit> {
        let inline_size = |inline: &RoleGrants| {
            let mut statements = fixed();
            statements.extend(self.statements(inline));
            policy_size(&statements)
        };
        let mut parts = Parts {
            inline: RoleGrants::default(),
            managed: Vec::new(),
        };
        let size = inline_size(&parts.inline);
        if size > INLINE_POLICIES {
            return Err(self.does_not_fit(Excess::Inline(size)));
        }
        let mut all = grants;
        for role in roles {
            let with = together(&parts.inline, RoleGrants::pass(role.clone()));
            if inline_size(&with) <= INLINE_POLICIES {
                parts.inline = with;
            } else {
                all.push(RoleGrants::pass(role));
            }
        }
        for part in all {
            self.place(&mut parts.managed, part)?;
        }
        Ok(parts)
    }

    fn place(&self, managed: &mut Vec<RoleGrants>, part: RoleGrants) -> Result<(), DoesNotFit> {
        for policy in managed.iter_mut() {
            let with = together(policy, part.clone());
            if policy_size(&self.statements(&with)) <= MANAGED_POLICY {
                *policy = with;
                return Ok(());
            }
        }
        let alone = policy_size(&self.statements(&part));
        if alone > MANAGED_POLICY || managed.len() == MOST_POLICIES {
            return Err(self.does_not_fit(Excess::Policies));
        }
        managed.push(part);
        Ok(())
    }

    /// The template, unless it is too long.
    pub(super) fn template(&self, text: String) -> Result<String, DoesNotFit> {
        if text.len() > TEMPLATE {
            return Err(self.does_not_fit(Excess::Template(text.len())));
        }
        Ok(text)
    }

    pub(super) fn statements(&self, grants: &RoleGrants) -> Vec<Statement> {
        grants.statements(self.target, self.passed_to)
    }

    fn does_not_fit(&self, what: Excess) -> DoesNotFit {
        DoesNotFit {
            environment: self.target.environment.clone(),
            scope: self.scope,
            what,
        }
    }
}

fn together(grants: &RoleGrants, more: RoleGrants) -> RoleGrants {
    let mut sum = grants.clone();
    sum.add(more);
    sum
}

#[cfg(test)]
mod tests {
    use super::super::grants::GrantKind;
    use super::*;
    use crate::config::{Config, SourceFile};

    fn target() -> Target {
        let text = "slack = { teams = [\"T0001\"] }\n\
            accounts = { a = { id = \"111111111111\", region = \"eu-west-1\" } }\n\
            [environments.qa]\naccount = \"a\"\ncluster = \"qa\"\n\
            [applications.web]\nenvironments = [\"qa\"]\n";
        let checked = Config::compile(&[SourceFile::new("longshore.toml", text)]).unwrap();
        let words = ("web".parse().unwrap(), "qa".parse().unwrap());
        checked.config.target(&words.0, &words.1).unwrap()
    }

    fn divider(target: &Target) -> Divider<'_> {
        Divider {
            target,
            scope: Scope::Applications,
            passed_to: PassedTo::Tasks,
        }
    }

    /// A right whose policy, by itself, has that many characters.
    fn of_size(divider: &Divider<'_>, size: usize, name: &str) -> RoleGrants {
        let log = |length: usize| {
            RoleGrants::from([(
                GrantKind::LogStreams,
                vec![format!("{name}{}", "x".repeat(length))],
            )])
        };
        let frame = policy_size(&divider.statements(&log(0)));
        log(size - frame)
    }

    fn policies(sizes: &[usize]) -> Result<usize, String> {
        let target = target();
        let divider = divider(&target);
        let parts = sizes.iter().enumerate();
        let parts = parts.map(|(at, size)| of_size(&divider, *size, &format!("{at:02}")));
        let divided = divider.divide(parts.collect(), Vec::new(), Vec::new);
        divided
            .map(|parts| parts.managed.len())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_fits_exactly_is_taken_and_a_character_more_is_not() {
        assert_eq!(policies(&[MANAGED_POLICY]), Ok(1));
        assert!(policies(&[MANAGED_POLICY + 1]).is_err());
        // The second shares the first one's frame: an ARN, its quotes and a comma are all it adds.
        let target = target();
        let both = |second: usize| {
            let divider = divider(&target);
            let first = of_size(&divider, 3_000, "a");
            let second = RoleGrants::from([(GrantKind::LogStreams, vec!["b".repeat(second)])]);
            let divided = divider.divide(vec![first, second], Vec::new(), Vec::new);
            divided.unwrap().managed.len()
        };
        let room = MANAGED_POLICY - 3_000 - "\"\",".len();
        assert_eq!((both(room), both(room + 1)), (1, 2));
    }

    #[test]
    fn ten_policies_are_attached_and_an_eleventh_is_refused_with_the_way_out() {
        assert_eq!(policies(&[6_000; MOST_POLICIES]), Ok(MOST_POLICIES));
        insta::assert_snapshot!(policies(&[6_000; MOST_POLICIES + 1]).unwrap_err(), @r#"the deploy role of qa does not fit: it needs more than the 10 managed policies that IAM attaches to a role; write scope = "cluster" into [environments.qa], or divide the environment into two"#);
    }

    #[test]
    fn roles_fill_the_inline_policy_before_they_need_another() {
        let target = target();
        let divider = divider(&target);
        let inline = |length: usize| {
            let divided = divider.divide(Vec::new(), vec!["r".repeat(length)], Vec::new);
            let parts = divided.unwrap();
            (
                parts.inline.arns(&[GrantKind::Passed]).len(),
                parts.managed.len(),
            )
        };
        let frame = policy_size(&divider.statements(&RoleGrants::pass(String::new())));
        assert_eq!(inline(INLINE_POLICIES - frame), (1, 0));
        let more = divider.divide(
            Vec::new(),
            vec!["r".repeat(INLINE_POLICIES - frame + 1)],
            Vec::new,
        );
        assert!(more.is_err(), "no policy takes it");
        let two = ["r".repeat(6_000), "s".repeat(5_000)];
        let parts = divider.divide(Vec::new(), two.into(), Vec::new).unwrap();
        assert_eq!(
            (
                parts.inline.arns(&[GrantKind::Passed]).len(),
                parts.managed.len()
            ),
            (1, 1)
        );
    }

    #[test]
    fn a_template_of_just_the_most_bytes_is_printed() {
        let target = target();
        let mut divider = divider(&target);
        assert!(divider.template("a".repeat(TEMPLATE)).is_ok());
        let more = |divider: &Divider<'_>| {
            let error = divider.template("a".repeat(TEMPLATE + 1)).unwrap_err();
            error.to_string()
        };
        insta::assert_snapshot!(more(&divider), @r#"the deploy role of qa does not fit: its template has 51201 bytes, and CloudFormation takes 51200 without a bucket; write scope = "cluster" into [environments.qa], or divide the environment into two"#);
        divider.scope = Scope::Cluster;
        assert!(more(&divider).ends_with("without a bucket; divide the environment into two"));
    }
}
