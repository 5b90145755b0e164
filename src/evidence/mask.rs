//! Secrets that programs write into their logs, blotted out before a line is kept or shown. It knows
//! the shapes that secrets commonly have; what looks like nothing special passes, so logs in Slack
//! stay an environment's choice.
//!
//! Written by hand: a regular expression engine would add a tenth to the function's package.

mod named;
mod patterns;
mod pem;

use self::named::{ends_in_a_name, is_bearer, is_joint, is_scheme, is_secret_name, mask_word};
use self::patterns::Match;
use self::pem::PemLine;

/// What stands for a secret.
const MASK: &str = "***";
/// The least length of what a line begins with to be the rest of a secret begun on the line before.
const REST: usize = 8;

/// What somebody outside says in words of their own, AWS or GitHub: it passes here where it enters, so that
/// nothing that is made of it, said of it or kept of it holds a secret.
pub fn heard(text: &str) -> String {
    mask_lines(text.split('\n')).join("\n")
}

/// The lines without what looks like a secret, also where one goes over several of them.
pub fn mask_lines<'l>(lines: impl IntoIterator<Item = &'l str>) -> Vec<String> {
    let lines: Vec<&str> = lines.into_iter().collect();
    let mut masked: Vec<String> = Vec::with_capacity(lines.len());
    let (mut in_block, mut goes_on) = (false, false);
    for (index, line) in lines.iter().enumerate() {
        let part = pem::part(line);
        if part == PemLine::Ends && !in_block {
            // It began before what was fetched.
            let above = lines[..index].iter().rev();
            let body = above.take_while(|line| pem::part(line) == PemLine::Inside);
            let (whole, body) = (masked.len(), body.count());
            for inside in &mut masked[whole - body..] {
                MASK.clone_into(inside);
            }
        }
        let is_body = in_block && part == PemLine::Inside;
        in_block =
            part == PemLine::Opens || is_body || part == PemLine::Inside && pem::has_body(line);
        let rest = goes_on.then(|| rest_of_secret(line)).flatten();
        let (said, ends_in_one) = match (is_body, rest) {
            (true, _) => (MASK.to_owned(), false),
            (false, Some(end)) => {
                let (said, ends_in_one) = masking(&line[end..]);
                (format!("{MASK}{said}"), ends_in_one || end == line.len())
            }
            (false, None) => masking(line),
        };
        goes_on = ends_in_one;
        masked.push(said);
    }
    masked
}

/// How much of a line is the rest of a secret that the line before ended in.
fn rest_of_secret(line: &str) -> Option<usize> {
    let end = line.find(|c| !patterns::is_credential(c));
    let rest = &line[..end.unwrap_or(line.len())];
    let has = |is: fn(char) -> bool| rest.chars().any(is);
    let is_date = rest.len() >= 10 && rest.as_bytes()[4] == b'-' && rest.as_bytes()[7] == b'-';
    let is_rest = rest.len() >= REST
        && has(|c| c.is_ascii_digit())
        && has(|c| c.is_ascii_alphabetic())
        && !is_date;
    is_rest.then_some(rest.len())
}

/// The line without what looks like a secret, and whether it ends in a marked one, which may go on.
fn masking(line: &str) -> (String, bool) {
    let line = pem::without_bodies(line, MASK);
    match patterns::at_end(&line) {
        Some(at) => (words(&line[..at]) + MASK, true),
        None => (words(&line), false),
    }
}

fn words(line: &str) -> String {
    let mut masked = String::with_capacity(line.len());
    let mut next_is_secret = false;
    let mut before = "";
    for word in line.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let space = &word[bare.len()..];
        if bare.is_empty() {
            masked.push_str(word);
            continue;
        }
        if next_is_secret && !is_joint(bare) {
            // `Authorization: Basic …` names the scheme first.
            next_is_secret = is_scheme(bare) && !is_bearer(before);
            masked.push_str(if next_is_secret { bare } else { MASK });
        } else {
            next_is_secret |=
                ends_in_a_name(bare) || is_bearer(bare) || is_joint(bare) && is_secret_name(before);
            masked.push_str(&mask_word(bare));
        }
        masked.push_str(space);
        before = bare;
    }
    masked
}

/// Blots out what an issuer marked as a secret of its own, and lines of keys.
fn mask_atoms(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = match patterns::at_start(rest) {
            Some(Match::Whole(end)) => {
                masked.push_str(MASK);
                end
            }
            Some(Match::Begun) | None => {
                let end = rest.find(|c| !patterns::is_atom(c)).unwrap_or(rest.len());
                let run = rest.find(|c| !pem::is_base64(c)).unwrap_or(rest.len());
                if pem::is_body(&rest[..run]) {
                    masked.push_str(MASK);
                    run
                } else {
                    masked.push_str(&rest[..end]);
                    end
                }
            }
        };
        let tail = &rest[end..];
        let separator = tail.chars().next().map_or(0, char::len_utf8);
        masked.push_str(&tail[..separator]);
        rest = &tail[separator..];
    }
    masked
}

#[cfg(test)]
mod tests;
