//! A sentence as one person reads it: what is said to them alone, and who can help.

use super::{Phrase, Piece, Wording};
use crate::config::Member;
use crate::names::{Actor, UserId};

impl Phrase {
    /// What is said to `actor`, and what to everybody else of them.
    pub(crate) fn either(actor: &Actor, own: Self, other: Self) -> Self {
        match actor {
            Actor::Slack { user, .. } => Self(vec![Piece::Either(user.clone(), own, other)]),
            Actor::Operator { .. } | Actor::Ci { .. } | Actor::Longshore => other,
        }
    }

    /// The same for whoever reads it, with those named who run Longshore, if they are known. Who is one of them is not
    /// told to ask themselves.
    #[must_use]
    pub(crate) fn naming(self, admins: &[Member], reader: Option<&UserId>) -> Self {
        let is_reader =
            |member: &Member| matches!(member, Member::User(user) if Some(user) == reader);
        let is_one = admins.iter().any(is_reader);
        let others = admins.iter().filter(|member| !is_reader(member));
        let named = Self::listed(others.map(Wording::text), "or");
        let mut pieces = self.read_by(reader).0.into_iter().peekable();
        let mut whole: Vec<Piece> = Vec::new();
        while let Some(piece) = pieces.next() {
            if piece != Piece::Admins {
                whole.push(piece);
                continue;
            }
            let asked = whole.last().and_then(asks).filter(|_| is_one);
            let rest = pieces.peek().and_then(what_is_asked);
            match (asked, rest) {
                (Some((before, as_one)), Some(rest)) => {
                    whole.pop();
                    whole.extend([before, as_one, rest].map(Piece::Ours));
                    pieces.next();
                }
                _ if named.is_empty() => whole.push(Piece::Admins),
                _ => whole.extend(named.0.clone()),
            }
        }
        Self(whole)
    }

    /// The same as this person reads it.
    fn read_by(self, reader: Option<&UserId>) -> Self {
        let pieces = self.0.into_iter().flat_map(|piece| match piece {
            Piece::Either(whom, own, _) if Some(&whom) == reader => own.read_by(reader).0,
            Piece::Either(_, _, other) => other.read_by(reader).0,
            other => vec![other],
        });
        Self(pieces.collect())
    }
}

/// `Ask` before those who run Longshore: what stands before it, and what is said in its place to one of them.
fn asks(piece: &Piece) -> Option<(&'static str, &'static str)> {
    let Piece::Ours(words) = *piece else {
        return None;
    };
    let ask = words
        .strip_suffix("Ask ")
        .map(|before| (before, "As an admin, "));
    ask.or_else(|| Some((words.strip_suffix("ask ")?, "as an admin, ")))
}

/// ` to mend it`: what they are asked to do.
fn what_is_asked(piece: &Piece) -> Option<&'static str> {
    match *piece {
        Piece::Ours(words) => words.strip_prefix(" to "),
        _ => None,
    }
}
