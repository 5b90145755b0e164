//! How secrets look whose issuers mark them, after the rules of
//! [gitleaks](https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml) (MIT) and
//! [detect-secrets](https://github.com/Yelp/detect-secrets) (Apache 2.0), rewritten as a table:
//! the mark, what may follow it, and how much of it at least.

/// What follows a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// Letters and digits.
    Alnum,
    /// Hex digits.
    Hex,
    /// Letters, digits, `_`, `-` and `.`.
    Word,
    /// The same, with a digit among them or so many letters at once as no word has: the mark alone
    /// is too common to tell.
    Mixed,
}

/// A mark, what follows, and the least number of characters of it.
pub(super) type Pattern = (&'static str, Body, usize);

/// The issuers' marks.
#[rustfmt::skip]
pub(super) const PATTERNS: [Pattern; 72] = [
    // Slack: bot, user, workspace, refresh, session and app-level tokens.
    ("xoxb-", Body::Word, 10), ("xoxp-", Body::Word, 10), ("xoxa-", Body::Word, 8),
    ("xoxr-", Body::Word, 8), ("xoxs-", Body::Word, 10), ("xoxo-", Body::Word, 10),
    ("xoxe-", Body::Word, 10), ("xoxe.xox", Body::Word, 10), ("xoxc-", Body::Word, 10),
    ("xoxd-", Body::Word, 10), ("xapp-", Body::Word, 10),
    // GitHub.
    ("ghp_", Body::Alnum, 16), ("gho_", Body::Alnum, 16), ("ghu_", Body::Alnum, 16),
    ("ghs_", Body::Alnum, 16), ("ghr_", Body::Alnum, 16), ("github_pat_", Body::Word, 10),
    // GitLab.
    ("glpat-", Body::Word, 10), ("gldt-", Body::Word, 16), ("glft-", Body::Word, 16),
    ("glffct-", Body::Word, 16), ("glsoat-", Body::Word, 16), ("glrt-", Body::Word, 16),
    ("glcbt-", Body::Word, 16), ("glimt-", Body::Word, 16), ("glptt-", Body::Word, 16),
    ("glagent-", Body::Word, 16), ("gloas-", Body::Word, 16), ("GR1348941", Body::Word, 16),
    // OpenAI, Anthropic and others whose keys begin with it; Stripe.
    ("sk-", Body::Mixed, 16), ("sk_live_", Body::Alnum, 8), ("sk_test_", Body::Alnum, 8),
    ("sk_prod_", Body::Alnum, 8), ("rk_live_", Body::Alnum, 8), ("rk_test_", Body::Alnum, 8),
    ("rk_prod_", Body::Alnum, 8), ("pplx-", Body::Alnum, 32), ("hf_", Body::Alnum, 30),
    // Package registries.
    ("npm_", Body::Alnum, 16), ("pypi-AgE", Body::Word, 20), ("rubygems_", Body::Hex, 32),
    ("CLOJARS_", Body::Alnum, 32),
    // AWS: access keys, Bedrock keys.
    ("AKIA", Body::Alnum, 16), ("ASIA", Body::Alnum, 16), ("ABIA", Body::Alnum, 16),
    ("ACCA", Body::Alnum, 16), ("ABSK", Body::Alnum, 40), ("bedrock-api-key-", Body::Word, 16),
    // Google, Alibaba, DigitalOcean, Databricks, Heroku, Fly.
    ("AIza", Body::Word, 30), ("LTAI", Body::Alnum, 16), ("dop_v1_", Body::Hex, 32),
    ("doo_v1_", Body::Hex, 32), ("dor_v1_", Body::Hex, 32), ("dapi", Body::Hex, 32),
    ("HRKU-", Body::Word, 30), ("fm2_", Body::Alnum, 40),
    // Mail, telephony, monitoring, work.
    ("SG.", Body::Word, 40), ("xkeysib-", Body::Word, 40), ("SK", Body::Hex, 32),
    ("glsa_", Body::Word, 32), ("glc_", Body::Alnum, 32), ("sntrys_", Body::Word, 32),
    ("sntryu_", Body::Hex, 32), ("dt0c01.", Body::Word, 32), ("lin_api_", Body::Alnum, 32),
    ("ntn_", Body::Alnum, 32), ("PMAK-", Body::Word, 32), ("shpat_", Body::Hex, 32),
    ("shpss_", Body::Hex, 32), ("hvs.", Body::Word, 40), ("hvb.", Body::Word, 40),
    // Signed tokens: JSON in base64.
    ("eyJ", Body::Word, 20),
];

/// Addresses that let whoever knows them post: what follows is the credential.
const ADDRESSES: [&str; 9] = [
    "hooks.slack.com/",
    "hooks.slack-gov.com/",
    "hooks.slack.com%2f",
    "hooks.slack-gov.com%2f",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    ".webhook.office.com/webhookb2/",
    "api.telegram.org/bot",
    "maker.ifttt.com/use/",
];

/// A marked prefix of at least so many characters, at the end of a line, is a secret that was cut.
const CUT: usize = 4;

/// No word of a name has so many letters.
const WORD: usize = 16;

/// What was found at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// A secret of so many bytes.
    Whole(usize),
    /// The beginning of one that the end of the line cuts.
    Begun,
}

/// A secret that `text` begins with.
pub(super) fn at_start(text: &str) -> Option<Match> {
    let cut = PATTERNS.iter().find_map(|(mark, body, least)| {
        let rest = text.strip_prefix(mark)?;
        let run = rest.find(|c| !body.holds(c)).unwrap_or(rest.len());
        let run_is_all = run == rest.len();
        let tells = *body != Body::Mixed || is_no_name(&rest[..run]);
        if run >= *least && tells {
            let more = rest.find(|c| !is_credential(c)).unwrap_or(rest.len());
            return Some(Match::Whole(mark.len() + more));
        }
        let looks = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        let begun = run_is_all && run >= CUT && mark.len() > 2 && rest.contains(looks);
        begun.then_some(Match::Begun)
    });
    cut.or_else(|| signed_token(text))
}

/// Whether what follows a common mark is made by chance: names are of words, and without digits.
fn is_no_name(run: &str) -> bool {
    let mut words = run.split(|c: char| !c.is_ascii_alphanumeric());
    run.contains(|c: char| c.is_ascii_digit()) || words.any(|word| word.len() >= WORD)
}

/// `HEADER.PAYLOAD.SIGNATURE` of JSON in base64, also where the header is laid out otherwise.
fn signed_token(text: &str) -> Option<Match> {
    let end = text.find(|c| !Body::Word.holds(c)).unwrap_or(text.len());
    let atom = &text[..end];
    let header = atom.find(".eyJ")?;
    let is_one = header >= 19 && atom.starts_with("ey") || atom[header..].len() >= 20;
    is_one.then_some(Match::Whole(end))
}

/// Where the marked secret begins that `line` ends in, whole or cut.
pub(super) fn at_end(line: &str) -> Option<usize> {
    let last = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    // After a separator that is a character of one byte or of several.
    let starts = line
        .char_indices()
        .filter(|(at, _)| *at >= last)
        .filter(|(at, _)| {
            let before = line[..*at].chars().next_back();
            before.is_none_or(|c| !is_atom(c))
        });
    let mut starts = starts.map(|(at, _)| at);
    starts.find(|at| match at_start(&line[*at..]) {
        Some(Match::Whole(length)) => at + length == line.len(),
        Some(Match::Begun) => true,
        None => false,
    })
}

/// Where a credential in an address begins, if `word` holds such an address.
pub(super) fn address(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let ends = ADDRESSES
        .iter()
        .filter_map(|known| lower.find(known).map(|at| at + known.len()));
    ends.min()
}

/// What a word is divided by is none of these.
pub(super) fn is_atom(c: char) -> bool {
    Body::Word.holds(c)
}

/// What may stand in a credential, whichever.
pub(super) fn is_credential(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '=' | '~' | '%')
}

impl Body {
    fn holds(self, c: char) -> bool {
        match self {
            Self::Alnum => c.is_ascii_alphanumeric(),
            Self::Hex => c.is_ascii_hexdigit(),
            Self::Word | Self::Mixed => c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'),
        }
    }
}
