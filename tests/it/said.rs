//! What people have been told of a deploy, read off the messages as Slack shows them.

use longshore::record::{Deploy, Verdict};
use longshore_sim::State;
use longshore_sim::transcript::Transcript;

/// How each verdict begins on its card.
const WORDS: [(Verdict, &str); 9] = [
    (Verdict::Succeeded, "*Succeeded.*"),
    (Verdict::RolledBack, "*Rolled back.*"),
    (Verdict::Failed, "*Failed.*"),
    (Verdict::Cancelled, "*Cancelled.*"),
    (Verdict::Refused, "*Refused.*"),
    (Verdict::Expired, "*Lapsed.*"),
    (Verdict::Superseded, "*Superseded.*"),
    (Verdict::Replaced, "*Replaced.*"),
    (Verdict::Abandoned, "*No longer watched.*"),
];

/// How many messages say this deploy's verdict, and what other verdicts are said of it.
pub(crate) fn verdicts(state: &State, deploy: &Deploy) -> (usize, Vec<&'static str>) {
    let transcript = Transcript::new(&state.slack);
    let footer = format!("Deploy `{}` · ended", deploy.id);
    let messages = state.slack.messages().iter();
    let shown: Vec<String> = messages
        .map(|message| transcript.message(message))
        .filter(|shown| shown.contains(&footer))
        .collect();
    let mut said = (0, Vec::new());
    for (verdict, words) in WORDS {
        let times = shown.iter().filter(|shown| shown.contains(words)).count();
        if Some(verdict) == deploy.verdict() {
            said.0 = times;
        } else if times > 0 {
            said.1.push(words);
        }
    }
    said
}
