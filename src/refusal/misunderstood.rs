//! What is said of a text that is no command: one short sentence, and one line that works.

use crate::command::{
    Command, CommandVerb, Expected, MAX_APPLICATIONS, Misreading, Misunderstood, Sense, Suggestion,
};
use crate::names::GivenReason;
use crate::reply::phrase::{Code, Phrase, Typeable, phrase};
use crate::slack::text::cut;

/// How long a name may be that is repeated, in characters.
const LONGEST_NAME: usize = 24;
/// How many names are listed, and how long all of them may be together, in characters.
const MOST_NAMES: usize = 5;
const LONGEST_LIST: usize = 60;

/// The sentence, ending with the line.
pub(super) fn words(misunderstood: &Misunderstood) -> Phrase {
    let problem = problem(misunderstood);
    let line = misunderstood.line();
    let text = line.command().to_string();
    let line = match line {
        Suggestion::Meant(_) => phrase!("Did you mean {}?", Typeable(text)),
        Suggestion::Look(command) if **command == Command::Form => {
            phrase!("To choose from a form: {}", Typeable(text))
        }
        Suggestion::Look(_) => phrase!("To look first: {}", Typeable(text)),
        Suggestion::Instance(_) => phrase!("For instance: {}", Typeable(text)),
    };
    phrase!("{}. {}", problem, line)
}

/// What is wrong, as a sentence without its end.
fn problem(misunderstood: &Misunderstood) -> Phrase {
    match misunderstood.problem() {
        Misreading::TooLong => {
            phrase!("That is longer than a command may be, so it was not read")
        }
        Misreading::Unknown { what, word } => phrase!(
            "{} is not {}{}",
            name(word),
            what.to_string(),
            there_are(misunderstood)
        ),
        Misreading::Word { word, sense } => of_word(word, *sense),
        Misreading::NotPlanned { looks, verb } => phrase!(
            "{} looks ahead at deploys and promotions, not at {}",
            of_verb(*looks),
            of_verb(*verb)
        ),
        Misreading::UnknownImage { app, word } if misunderstood.names().is_empty() => phrase!(
            "{} has one image only, so {} names none",
            name(app),
            Code(word)
        ),
        Misreading::UnknownImage { app, word } => phrase!(
            "{} is not an image of {}{}",
            Code(word),
            name(app),
            there_are(misunderstood)
        ),
        Misreading::UnknownService { app, env, word } => phrase!(
            "{} is not a service of {} on {}{}",
            Code(word),
            name(app),
            name(env),
            there_are(misunderstood)
        ),
        Misreading::OneImage { app, word, verb } => phrase!(
            "{} names one image, but {} is for all of {}",
            Code(word),
            verb.as_str(),
            name(app)
        ),
        Misreading::Missing {
            what: Expected::Environment,
        } => phrase!(
            "That does not say which environment, and none is the default{}",
            there_are(misunderstood)
        ),
        Misreading::Missing { what } => phrase!(
            "That ends where {} should follow{}",
            what.to_string(),
            there_are(misunderstood)
        ),
        Misreading::Bad {
            what: Expected::Ref,
            word,
            ..
        } => phrase!("{} cannot be read as a ref; name its commit", Code(word)),
        Misreading::Bad { word, .. } => phrase!(
            "{} is no deploy's id, which is eight letters and digits",
            Code(word)
        ),
        Misreading::NoRef { word } => phrase!(
            "{} is taken for a ref or a version only behind a colon",
            Code(word)
        ),
        Misreading::OtherRepository { app, own, word } => phrase!(
            "{} is built from {}, not from {}",
            name(app),
            Code(cut(own, LONGEST_NAME)),
            Code(word)
        ),
        Misreading::TwoEnvironments { one, other } => phrase!(
            "{} and {} are two environments, and a command is for one",
            name(one),
            name(other)
        ),
        Misreading::NoApplication => phrase!(
            "That does not say which application{}",
            there_are(misunderstood)
        ),
        Misreading::Admins => {
            phrase!("Nobody becomes an admin in chat: the configuration names the admins")
        }
        Misreading::LongReason => phrase!(
            "A reason is at most {} characters long",
            GivenReason::LONGEST
        ),
        Misreading::WholeDay { day } => phrase!("{} is a whole day and not a time", Code(day)),
        Misreading::OneAtATime { verb } => {
            phrase!("{} takes one application at a time", of_verb(*verb))
        }
        Misreading::Repeated { word } => phrase!(
            "{} is named twice; say once what is to run of it",
            Code(word)
        ),
        Misreading::TooMany => phrase!(
            "Those are more than the {} applications that one command can name",
            MAX_APPLICATIONS
        ),
        Misreading::NoDeploysThread => {
            phrase!("This thread is no deploy's that I know, so say which application and where")
        }
        Misreading::SeveralInThread => phrase!(
            "Deploys of different things stand in this thread, so say which application and where"
        ),
        Misreading::Trailing { words } => phrase!(
            "{} at the end was not understood, so nothing was done",
            Code(words)
        ),
    }
}

/// What a word may say that is no command.
fn of_word(word: &str, sense: Sense) -> Phrase {
    match sense {
        Sense::Again => phrase!(
            "{} can mean to deploy what is newest or to restart what runs",
            Code(word)
        ),
        Sense::NotYet(_) => phrase!("{} is not a command yet", Code(word)),
        _ => phrase!("{} is not a command", Code(word)),
    }
}

fn of_verb(verb: CommandVerb) -> Phrase {
    phrase!("{}", Code(verb.as_str()))
}

fn name(name: impl AsRef<str>) -> Phrase {
    phrase!("{}", Code(cut(name.as_ref(), LONGEST_NAME)))
}

/// The names that there are, unless one of them was meant: as many as a reader takes in.
fn there_are(misunderstood: &Misunderstood) -> Phrase {
    // Help lists the commands.
    let of_commands = matches!(
        misunderstood.problem(),
        Misreading::Unknown {
            what: Expected::Command,
            ..
        }
    );
    if of_commands || matches!(misunderstood.line(), Suggestion::Meant(_)) {
        return Phrase::default();
    }
    let names = misunderstood.names();
    let mut room = LONGEST_LIST;
    let fits = |name: &&String| {
        let rest = room.checked_sub(name.chars().count());
        room = rest.unwrap_or_default();
        rest.is_some()
    };
    let shown: Vec<&String> = names.iter().take(MOST_NAMES).take_while(fits).collect();
    let left = names.len() - shown.len();
    let more = (left > 0).then(|| phrase!("{} more", left));
    match (shown.len(), left) {
        (0, _) => Phrase::default(),
        (1, 0) => phrase!("; there is only {}", name(shown[0])),
        _ => {
            let there = shown.iter().map(name).chain(more);
            phrase!("; there are {}", Phrase::listed(there, "and"))
        }
    }
}
