//! What an image is not that it must be, in words.

use crate::config::Severity;
use crate::gate::{LooseTag, NotClean, NotSigned};
use crate::reply::phrase::{Code, Phrase, phrase};
use crate::resolve::{Finding, ScanTrouble};

/// That its commit is not signed.
pub(super) fn not_signed(not_signed: &NotSigned) -> Phrase {
    let commit = Code(not_signed.commit.short());
    match not_signed.reason.as_str() {
        "unsigned" => phrase!(
            "Commit {} is not signed, and must be. Sign it or tag it with a signed tag, and deploy that.",
            commit
        ),
        reason => phrase!(
            "Commit {} must be signed, and GitHub does not take its signature: {}. Sign it anew, and deploy that.",
            commit,
            Code(reason)
        ),
    }
}

/// That its tag does not stay with it.
pub(super) fn loose_tag(loose: &LooseTag) -> Phrase {
    let (tag, repository) = (Code(&loose.tag), Code(&loose.repository));
    match &loose.unheard {
        None => phrase!(
            "The tag {} can be moved to another image. Deploy it by a tag that stays, or ask {admins} to make the tags of {} immutable.",
            tag,
            repository
        ),
        Some(word) => phrase!(
            "Nobody can tell whether the tag {} can be moved: ECR says {} of {}. Ask {admins} to make its tags immutable.",
            tag,
            Code(word),
            repository
        ),
    }
}

/// That its scan does not let it out.
pub(super) fn not_clean(not_clean: &NotClean) -> Phrase {
    match &not_clean.trouble {
        ScanTrouble::Found { count, worst } => found(not_clean, *count, worst),
        ScanTrouble::Missing => phrase!(
            "Its image has not been scanned. Start a scan in ECR, and ask again once it has ended."
        ),
        ScanTrouble::Running => {
            phrase!("The scan of its image has not ended. Ask again once it has.")
        }
        ScanTrouble::Stands(word) => phrase!(
            "The scan of its image stands at {}, so nobody knows what is in it. Look at it in ECR, and ask again once it is complete.",
            Code(word)
        ),
        ScanTrouble::NotShown => phrase!(
            "ECR does not show what the scan of its image found. Ask {admins} whether the deploy role may see it: `inspector2:ListFindings`."
        ),
        ScanTrouble::Platforms => phrase!(
            "Its image is for more platforms than the 8 whose scans are read. Build it for fewer, and deploy that."
        ),
    }
}

/// `CVE-2026-1234`, critical, in `openssl`, a line each.
fn found(not_clean: &NotClean, count: u32, worst: &[Finding]) -> Phrase {
    let from = match not_clean.from {
        Severity::Critical => Phrase::ours("critical"),
        from => phrase!("{} or worse", from.name()),
    };
    let lines = worst.iter().map(|one| {
        let severity = Phrase::ours(one.severity.map_or("", |severity| severity.name()));
        match &one.package {
            Some(package) => phrase!("• {} {}, in {}", Code(&one.name), severity, Code(package)),
            None => phrase!("• {} {}", Code(&one.name), severity),
        }
    });
    let said = match count {
        1 => phrase!("The scan of its image found 1 weakness that is {}.", from),
        _ => phrase!(
            "The scan of its image found {} weaknesses that are {}.",
            count,
            from
        ),
    };
    let mend = phrase!("Mend that, build it anew, and deploy what was built.");
    Phrase::join([said].into_iter().chain(lines).chain([mend]), "\n")
}
