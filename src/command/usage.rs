//! The verbs and how each is used, as data: help, refusals and the tests of the grammar all read
//! the same lines.

use std::{fmt, str::FromStr};

use super::{lexicon, moment};

/// What a command does, by the word that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandVerb {
    /// `APP[/IMAGE][:REF] to ENV`
    Deploy,
    /// `promote`
    Promote,
    /// `plan`
    Plan,
    /// `diff`
    Diff,
    /// `rollback`
    Rollback,
    /// `cancel`
    Cancel,
    /// `restart`
    Restart,
    /// `status`
    Status,
    /// `where`
    Where,
    /// `logs`
    Logs,
    /// `history`
    History,
    /// `show`
    Show,
    /// `why-not`
    WhyNot,
    /// `grant`
    Grant,
    /// `revoke`
    Revoke,
    /// `who`
    Who,
    /// `help`
    Help,
}

impl CommandVerb {
    /// All verbs, in the order of the help.
    pub const ALL: [Self; 17] = [
        Self::Deploy,
        Self::Promote,
        Self::Plan,
        Self::Diff,
        Self::Rollback,
        Self::Cancel,
        Self::Restart,
        Self::Status,
        Self::Where,
        Self::Logs,
        Self::History,
        Self::Show,
        Self::WhyNot,
        Self::Grant,
        Self::Revoke,
        Self::Who,
        Self::Help,
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Promote => "promote",
            Self::Plan => "plan",
            Self::Diff => "diff",
            Self::Rollback => "rollback",
            Self::Cancel => "cancel",
            Self::Restart => "restart",
            Self::Status => "status",
            Self::Where => "where",
            Self::Logs => "logs",
            Self::History => "history",
            Self::Show => "show",
            Self::WhyNot => "why-not",
            Self::Grant => "grant",
            Self::Revoke => "revoke",
            Self::Who => "who",
            Self::Help => "help",
        }
    }

    /// Whether nothing may be called so. Where something is called like one of the others, which came later, the word
    /// means that.
    fn is_kept(self) -> bool {
        !matches!(self, Self::Plan | Self::WhyNot | Self::Diff | Self::Where)
    }

    /// How it is used.
    pub fn usage(self) -> &'static Usage {
        // USAGES is in the order of the enum, which a test holds.
        &USAGES[self as usize]
    }
}

impl fmt::Display for CommandVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for CommandVerb {
    type Err = NoVerb;

    fn from_str(word: &str) -> Result<Self, NoVerb> {
        Self::ALL
            .into_iter()
            .find(|verb| word.eq_ignore_ascii_case(verb.as_str()))
            .ok_or(NoVerb)
    }
}

/// The word is no verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is no command")]
pub struct NoVerb;

/// How one command is used. Lines and examples leave out the slash command itself, whose name is
/// configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Usage {
    /// The verb.
    pub verb: CommandVerb,
    /// The grammar in one line: capitals stand for names, brackets for what may be left out.
    pub line: &'static str,
    /// What the command does, in one sentence.
    pub summary: &'static str,
    /// Whole commands, each of which parses, for pages that know no configuration.
    pub examples: &'static [&'static str],
}

/// Every command's usage, in the order of [`CommandVerb::ALL`].
pub static USAGES: &[Usage] = &[
    Usage {
        verb: CommandVerb::Deploy,
        line: "APP[/IMAGE][:REF] to ENV",
        summary: "Deploy a branch, tag, commit or image tag; without one, the default branch. Several applications, separated by commas, go out as one plan.",
        examples: &[
            "webapp to staging",
            "webapp:feature/signup-autocomplete to staging",
            "webapp@v1.0.2 on production",
            "webapp:main,cms:1.0.2 to staging",
            "webapp/nginx:3.1.0 to staging",
            "webapp staging main",
        ],
    },
    Usage {
        verb: CommandVerb::Promote,
        line: "promote APP [from ENV] to ENV",
        summary: "Deploy what runs in one environment to the next, the very same image; if you name none, from the one before it.",
        examples: &[
            "promote webapp to production",
            "promote webapp from staging to production",
        ],
    },
    Usage {
        verb: CommandVerb::Plan,
        line: "plan APP[/IMAGE][:REF] to ENV",
        summary: "What a deploy would do, and everything that stands in its way, for you alone; nothing is changed. `plan promote …` does that for a promotion.",
        examples: &[
            "plan webapp:main to production",
            "plan webapp,cms to staging",
            "plan promote webapp to production",
        ],
    },
    Usage {
        verb: CommandVerb::Diff,
        line: "diff APP[:REF] ENV",
        summary: "The commits between what runs and a branch, tag, commit or pull request. `diff APP ENV ENV` compares what runs in two environments.",
        examples: &[
            "diff webapp production",
            "diff webapp:main production",
            "diff webapp staging production",
        ],
    },
    Usage {
        verb: CommandVerb::Rollback,
        line: "rollback APP on ENV [to VERSION]",
        summary: "Go back to what ran before the live version was deployed, or to the version or deploy you name.",
        examples: &[
            "rollback webapp on production",
            "rollback webapp on production to 4f2k9x0a",
            "rollback 4f2k9x0a",
            "rollback webapp on production to 1.0.2",
        ],
    },
    Usage {
        verb: CommandVerb::Cancel,
        line: "cancel APP on ENV",
        summary: "Stop the deploy that is under way; once it has begun, you are asked whether it shall go back.",
        examples: &["cancel 4f2k9x0a", "cancel webapp on staging"],
    },
    Usage {
        verb: CommandVerb::Restart,
        line: "restart APP on ENV",
        summary: "Replace the running tasks by new ones of the same image.",
        examples: &["restart webapp,cms on staging", "restart webapp on staging"],
    },
    Usage {
        verb: CommandVerb::Status,
        line: "status [APP] [ENV] [at TIME]",
        summary: "What runs where, and what is rolling out; or what ran of an application at a time.",
        examples: &[
            "status",
            "status webapp",
            "status staging",
            "status webapp staging",
            "status webapp staging at 14:05 yesterday",
            "status webapp on 2 March at 14:05",
        ],
    },
    Usage {
        verb: CommandVerb::Where,
        line: "where [APP] COMMIT",
        summary: "In which environments a commit or a pull request (`#42`) runs, since when, and by whom.",
        examples: &["where #42", "where webapp 1f0c9de"],
    },
    Usage {
        verb: CommandVerb::Logs,
        line: "logs APP[/IMAGE] on ENV [SERVICE]",
        summary: "The last lines that a running task wrote, for you alone, where the environment shows logs.",
        examples: &["logs webapp on staging", "logs cms on staging cms-worker"],
    },
    Usage {
        verb: CommandVerb::History,
        line: "history [APP] [ENV] [all] [since TIME]",
        summary: "What was changed, newest first, or since a time, or on a day; `all` lists also what changed nothing.",
        examples: &[
            "history",
            "history webapp",
            "history all",
            "history since 14:05 yesterday",
            "history production today",
            "history webapp on 2026-11-20",
            "history webapp production",
        ],
    },
    Usage {
        verb: CommandVerb::Show,
        line: "show DEPLOY",
        summary: "Everything about one deploy, by its id or as the `last` one.",
        examples: &["show last", "show last webapp staging", "show 4f2k9x0a"],
    },
    Usage {
        verb: CommandVerb::WhyNot,
        line: "why-not APP[/IMAGE][:REF] to ENV",
        summary: "What keeps a deploy from being started now, and why the last one was refused there; or why a deploy was, by its id or as the `last` one.",
        examples: &[
            "why-not webapp:main to production",
            "why-not last",
            "why-not last webapp production",
            "why-not 4f2k9x0a",
        ],
    },
    Usage {
        verb: CommandVerb::Grant,
        line: "grant @PERSON APP [on ENV] [as approver] [for 7d] [because REASON]",
        summary: "Give somebody the right to deploy an application; admins only. It ends by itself, after 7 days unless you say otherwise.",
        examples: &[
            "grant @maria cms",
            "grant @maria cms on production for 2d because of the release",
            "grant @maria cms on production until friday",
            "grant @maria cms on production as approver",
        ],
    },
    Usage {
        verb: CommandVerb::Revoke,
        line: "revoke @PERSON APP [on ENV] [as approver] [because REASON]",
        summary: "Take back what `grant` gave, everywhere or in one environment; admins only.",
        examples: &["revoke @maria cms", "revoke @maria cms on production"],
    },
    Usage {
        verb: CommandVerb::Who,
        line: "who APP ENV",
        summary: "Who may do what there, and why: by the configuration, a team, a user group, or a grant, by whom and until when.",
        examples: &["who cms production"],
    },
    Usage {
        verb: CommandVerb::Help,
        line: "help [COMMAND]",
        summary: "These lines, or more about one command.",
        examples: &["help", "help rollback"],
    },
];

/// Words that the grammar uses or is going to use: an application, environment or alias of that
/// name could not be told from a command. Verbs that came later and the other names of verbs are not among them: where one is
/// an application's own name, it means that.
pub fn is_reserved(name: &str) -> bool {
    let is = |word: &str| name.eq_ignore_ascii_case(word);
    let to_come = lexicon::TO_COME.iter().any(|(word, _)| is(word));
    let grammar = [
        lexicon::LAST,
        lexicon::ALL,
        lexicon::SINCE,
        lexicon::AT,
        lexicon::FROM,
    ];
    let of_grammar =
        lexicon::is_preposition(name) || grammar.into_iter().any(is) || moment::is_moment(name);
    let verb = name.parse::<CommandVerb>();
    verb.is_ok_and(CommandVerb::is_kept) || to_come || of_grammar
}
