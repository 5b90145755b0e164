//! Every mistake has its message.

use super::*;

#[test]
fn each_mistake_has_its_message() {
    for (old, new, message) in [
        (
            "teams = [\"T0001\"]",
            "teams = []",
            "longshore.toml:1: slack.teams: is empty, which would refuse everybody; list your workspaces' ids, such as \"T0001\"",
        ),
        (
            "teams = [\"T0001\"], ",
            "",
            "longshore.toml:1: slack: has no \"teams\"; list your workspaces' ids, such as \"T0001\"",
        ),
        (
            "teams = [\"T0001\"]",
            "teams = [\"C0001\"]",
            "longshore.toml:1: slack.teams: \"C0001\" will not do: a Slack team id is a T or E followed by capital letters and digits",
        ),
        (
            "\n[environments.staging]",
            "\n[github]\nrepository_ids = { \"acme/cms\" = \"12a\" }\n\n[environments.staging]",
            "longshore.toml:6: github.repository_ids.acme/cms: \"12a\" will not do: a repository's id is a number in quotes, as `longshore check --live` prints it",
        ),
        (
            "\n[environments.staging]",
            "\n[github]\nrepository_ids = { \"acme/cmss\" = \"12\" }\n\n[environments.staging]",
            "longshore.toml:6: github.repository_ids.acme/cmss: no application has the repository \"acme/cmss\"; remove it, or mend its name",
        ),
        (
            "\n[environments.staging]",
            "\n[github]\nrepository_ids = { \"acme/cms\" = \"12\", \"acme/CMS\" = \"13\" }\n\n[environments.staging]",
            "longshore.toml:6: github.repository_ids.acme/cms: stands here twice; keep one of them",
        ),
        (
            "teams = [\"T0001\"]",
            "teams = \"T0001\"",
            "longshore.toml:1: slack.teams: must be a list of strings, but is a string",
        ),
        (
            "teams = [\"T0001\"]",
            "teams = [\"T0001\", 7]",
            "longshore.toml:1: slack.teams: must be a list of strings, but is an integer",
        ),
        (
            "\"/deploy\"",
            "\"deploy\"",
            "longshore.toml:1: slack.command: \"deploy\" will not do: a slash command is \"/\" and up to 31 lower-case letters, digits, \"-\" and \"_\"",
        ),
        (
            "announce = \"C0MGMT\", ",
            "announce = \"C0MGMT\", zone = \"Europe/Viena\", ",
            "longshore.toml:1: slack.zone: \"Europe/Viena\" will not do: a time zone is named as in the IANA database, such as \"Europe/Vienna\"",
        ),
        (
            "announce = \"C0MGMT\", ",
            "",
            "longshore.toml:19: environments.production.announce: has nowhere to go; set slack.announce to a channel id",
        ),
        (
            "admins = [\"U024BE7LH\"]",
            "admins = [\"@S0ADMINS\"]",
            "longshore.toml:1: slack.admins: \"@S0ADMINS\" is a user group, and in many workspaces every member may edit those; if only those may who are admins here, add it to slack.trusted, else list user ids",
        ),
        (
            "admins =",
            "admin =",
            "longshore.toml:1: slack.admin: unknown key; did you mean \"admins\"?",
        ),
        (
            "222222222222",
            "22222222222",
            "longshore.toml:2: accounts.dev.id: \"22222222222\" will not do: an account id is 12 digits in quotes, such as \"111111111111\"",
        ),
        (
            "id = \"222222222222\"",
            "id = 222222222222",
            "longshore.toml:2: accounts.dev.id: must be a string in double quotes, but is an integer",
        ),
        (
            "region = \"eu-west-1\" }, prod",
            "region = \"europe\" }, prod",
            "longshore.toml:2: accounts.dev.region: \"europe\" will not do: a region looks like \"eu-west-1\"",
        ),
        (
            "account = \"dev\"",
            "account = \"deb\"",
            "longshore.toml:6: environments.staging.account: there is no account \"deb\"; did you mean \"dev\"?",
        ),
        (
            "account = \"dev\"\n",
            "",
            "longshore.toml:5: environments.staging: has no \"account\"; name one of [accounts]",
        ),
        (
            "cluster = \"staging\"",
            "cluster = \"arn:aws:ecs\"",
            "longshore.toml:7: environments.staging.cluster: \"arn:aws:ecs\" will not do: ECS allows letters, digits, \"-\" and \"_\", up to 255",
        ),
        (
            "cluster = \"staging\"\n",
            "",
            "longshore.toml:5: environments.staging: has no \"cluster\"; name the ECS cluster",
        ),
        (
            "registry = \"prod\"",
            "registry = \"production\"",
            "longshore.toml:3: defaults.registry: there is no account \"production\"; defined: \"dev\" and \"prod\"",
        ),
        (
            "tag = \"{sha}\"",
            "tag = []",
            "longshore.toml:3: defaults.tag: name a pattern, or remove it",
        ),
        (
            "tag = \"{sha}\"",
            "tag = [\"{sha}\", \"{sha}\"]",
            "longshore.toml:3: defaults.tag: \"{sha}\" is listed twice",
        ),
        (
            "tag = \"{sha}\"",
            "tag = [\"{sha}\", \"{short}\", \"{ref}\", \"{branch}\", \"v{version}\", \"a{sha}\"]",
            "longshore.toml:3: defaults.tag: lists 6 patterns, and an image is looked for under 5 at most",
        ),
        (
            "tag = \"{sha}\"",
            "tag = \"latest\"",
            "longshore.toml:3: defaults.tag: \"latest\" will not do: a tag pattern needs {sha}, {short}, {ref}, {branch} or {version}, or every commit would have the same tag",
        ),
        (
            "tag = \"{sha}\"",
            "tag = \"{commit}\"",
            "longshore.toml:3: defaults.tag: \"{commit}\" will not do: the placeholders here are {sha}, {short}, {ref}, {branch}, {version}",
        ),
        (
            "tag = \"{sha}\"",
            "tag = \"a/{sha}\"",
            "longshore.toml:3: defaults.tag: \"a/{sha}\" will not do: an image tag holds letters, digits, \"_\", \".\" and \"-\", and starts with none of the last two",
        ),
        (
            "service = \"{app}\"",
            "service = \"{application}\"",
            "longshore.toml:3: defaults.service: \"{application}\" will not do: the placeholders here are {app}, {env}",
        ),
        (
            "base = \"live\"",
            "base = \"newest\"",
            "longshore.toml:3: defaults.base: \"newest\" will not do: write \"live\" or \"head\"",
        ),
        (
            "[\"everyone\"]",
            "[\"everybody\"]",
            "longshore.toml:9: environments.staging.request: \"everybody\" will not do: write \"everyone\", \"team\", \"team.leads\", \"team:NAME\", \"admins\", \"oncall\", a user id such as \"U024BE7LH\" or a user group such as \"@S0614TZR7\"",
        ),
        (
            "[\"everyone\"]",
            "[\"team:opps\"]",
            "longshore.toml:9: environments.staging.request: there is no team \"opps\"; did you mean \"ops\"?",
        ),
        (
            "\"@S0614TZR7\"",
            "\"S0614TZR7\"",
            "longshore.toml:15: environments.production.request: \"S0614TZR7\" will not do: write \"everyone\", \"team\", \"team.leads\", \"team:NAME\", \"admins\", \"oncall\", a user id such as \"U024BE7LH\" or a user group such as \"@S0614TZR7\"",
        ),
        (
            "admins = [\"U024BE7LH\"], announce = \"C0MGMT\"",
            "admins = [\"@S0ADMINS\"], trusted = [\"@S0ADMINS\"]",
            "longshore.toml:1: slack.trusted: needs a channel where it is told who joins these groups; set slack.announce to a channel id\nlongshore.toml:19: environments.production.announce: has nowhere to go; set slack.announce to a channel id",
        ),
        (
            "admins = [\"U024BE7LH\"]",
            "trusted = [\"U024BE7LH\"]",
            "longshore.toml:1: slack.trusted: \"U024BE7LH\" will not do: write a user group's id after an at sign, such as \"@S0614TZR7\"",
        ),
        (
            "approvals = 0",
            "approvals = 1",
            "longshore.toml:16: environments.production.rollback.approvals: not supported by this version, remove it",
        ),
        (
            "{ by = [\"team\", \"team:ops\", \"oncall\"], approvals = 0 }",
            "{ }",
            "longshore.toml:16: environments.production.rollback: has no \"by\"; say who may roll back, or remove it",
        ),
        (
            "\"C2147483705\"",
            "\"#deploys\"",
            "longshore.toml:17: environments.production.channels: \"#deploys\" will not do: a Slack channel id is a C, G or D followed by capital letters and digits",
        ),
        (
            "\"link\"",
            "\"none\"",
            "longshore.toml:18: environments.production.evidence: \"none\" will not do: write \"link\" or \"logs\"",
        ),
        (
            "confirm   = true",
            "confirm   = \"yes\"",
            "longshore.toml:20: environments.production.confirm: must be true or false, but is a string",
        ),
        (
            "\"1h30m\"",
            "\"90\"",
            "longshore.toml:21: environments.production.deadline: \"90\" will not do: a duration is written \"90s\", \"30m\" or \"1h30m\"",
        ),
        (
            "\"1h30m\"",
            "\"30m1h\"",
            "longshore.toml:21: environments.production.deadline: \"30m1h\" will not do: a duration is written \"90s\", \"30m\" or \"1h30m\"",
        ),
        (
            "\"1h30m\"",
            "\"5s\"",
            "longshore.toml:21: environments.production.deadline: must be between \"1m\" and \"12h\"",
        ),
        (
            "\"1h30m\"",
            "\"13h\"",
            "longshore.toml:21: environments.production.deadline: must be between \"1m\" and \"12h\"",
        ),
        (
            "applications = [\"cms\"]",
            "applications = [\"cmd\"]",
            "longshore.toml:26: teams.content.applications: there is no application \"cmd\"; did you mean \"cms\"?",
        ),
        (
            "members = [\"U0000000B\"]",
            "members = [\"U0000000B\"]\napplications = [\"cms\"]",
            "longshore.toml:30: teams.ops.applications: \"cms\" is the team \"content\"'s already (longshore.toml:23); an application has one team",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"content\"]\nteam = \"ops\"",
            "longshore.toml:34: applications.cms.team: is \"ops\", but the team \"content\" lists the application too (longshore.toml:23); an application has one team",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"webapp\"]",
            "longshore.toml:39: applications.webapp: \"webapp\" is an alias of the application \"cms\" already (longshore.toml:33); choose another name",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"stg\"]",
            "longshore.toml:33: applications.cms.aliases: \"stg\" is an alias of the environment \"staging\" already (longshore.toml:8); choose another name",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"rollback\"]",
            "longshore.toml:33: applications.cms.aliases: \"rollback\" is a word of the commands; choose another name",
        ),
        (
            "aliases      = [\"content\"]",
            "aliases      = [\"Content\"]",
            "longshore.toml:33: applications.cms.aliases: \"Content\" will not do: an application name is 1 to 64 lower-case letters, digits and hyphens, and starts with a letter or a digit",
        ),
        (
            "aliases = [\"stg\"]",
            "aliases = [\"to\"]",
            "longshore.toml:8: environments.staging.aliases: \"to\" is a word of the commands; choose another name",
        ),
        (
            "[applications.webapp]",
            "[applications.status]",
            "longshore.toml:39: applications.status: \"status\" is a word of the commands; choose another name",
        ),
        (
            "[applications.webapp]",
            "[applications.Webapp]",
            "longshore.toml:39: applications.Webapp: \"Webapp\" will not do: an application name is 1 to 64 lower-case letters, digits and hyphens, and starts with a letter or a digit",
        ),
        (
            "[\"staging\", \"production\"]",
            "[\"staging\", \"produktion\"]",
            "longshore.toml:34: applications.cms.environments: there is no environment \"produktion\"; did you mean \"production\"?",
        ),
        (
            "[\"staging\", \"production\"]",
            "[\"staging\", \"qa\"]",
            "longshore.toml:34: applications.cms.environments: there is no environment \"qa\"; defined: \"production\" and \"staging\"",
        ),
        (
            "[\"staging\", \"production\"]",
            "[]",
            "longshore.toml:34: applications.cms.environments: is empty; list where it runs, such as [\"staging\"]",
        ),
        (
            "[\"staging\", \"production\"]",
            "[\"staging\", \"staging\"]",
            "longshore.toml:34: applications.cms.environments: \"staging\" is listed twice",
        ),
        (
            "\"acme/cms\"",
            "\"https://github.com/acme/cms\"",
            "longshore.toml:35: applications.cms.source.repository: \"https://github.com/acme/cms\" will not do: a GitHub repository is written \"owner/name\"",
        ),
        (
            "image = \"cms\"",
            "image = \"Cms\"",
            "longshore.toml:35: applications.cms.source.image: \"Cms\" will not do: an ECR repository's name, without its registry, such as \"cms\" or \"web/cms\"",
        ),
        (
            "containers   = [\"app\"]",
            "containers   = []",
            "longshore.toml:37: applications.cms.containers: is empty; name a container, or remove it",
        ),
        (
            "containers   = [\"app\"]",
            "families   = [\"cms\"]",
            "longshore.toml:37: applications.cms.families: names 1 families for 2 services; give one for each, in the same order",
        ),
        (
            "containers   = [\"app\"]",
            "service   = \"cms\"",
            "longshore.toml:37: applications.cms.service: and \"services\" are both given; keep one of the two",
        ),
        (
            "containers   = [\"app\"]",
            "container   = [\"app\"]",
            "longshore.toml:37: applications.cms.container: unknown key; did you mean \"containers\"?",
        ),
        (
            "\"cms-worker\"]",
            "\"webapp-staging\"]",
            "longshore.toml:41: applications.webapp.service: webapp in staging would deploy the ECS service \"webapp-staging\" of cluster \"staging\" in 222222222222/eu-west-1, and so does cms in staging (longshore.toml:36); a service belongs to one application in one environment",
        ),
        (
            "\"cms-worker\"]",
            "\"cms-api\"]",
            "longshore.toml:36: applications.cms.services: cms in staging would deploy the ECS service \"cms-api\" of cluster \"staging\" in 222222222222/eu-west-1, and so does cms in staging (longshore.toml:36); a service belongs to one application in one environment\nlongshore.toml:36: applications.cms.services: cms in production would deploy the ECS service \"cms-api\" of cluster \"production\" in 111111111111/eu-west-1, and so does cms in production (longshore.toml:36); a service belongs to one application in one environment",
        ),
        (
            "Content Management System",
            "",
            "longshore.toml:32: applications.cms.title: must be one line of 1 to 80 characters without spaces around it",
        ),
        (
            "[environments.staging]",
            "[environments.staging",
            "longshore.toml:5: not TOML: unclosed table, expected `]`",
        ),
    ] {
        let found = problems(old, new);
        assert_eq!(found, message, "{old} → {new}");
    }
}
