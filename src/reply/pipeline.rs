//! What a pipeline is answered: a code that a program reads, and a title that a person reads in its log.

/// Why a pipeline's request is answered with a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProblemCode {
    /// Nobody knows that it is the pipeline's.
    NotVerified,
    /// It is not of the form that is documented.
    Malformed,
    /// It is larger than any request.
    TooLarge,
    /// The pipeline may not.
    NotAllowed,
    /// There is no such deploy among the pipeline's own.
    NotFound,
    /// The delivery's id was used for something else.
    OtherBody,
    /// It asks too often.
    TooMany,
    /// Something that is needed could not be reached.
    Unavailable,
}

impl ProblemCode {
    /// Every code, for the description.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 8] = [
        Self::NotVerified,
        Self::Malformed,
        Self::TooLarge,
        Self::NotAllowed,
        Self::NotFound,
        Self::OtherBody,
        Self::TooMany,
        Self::Unavailable,
    ];

    /// The word that a program reads.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NotVerified => "not_verified",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::NotAllowed => "not_allowed",
            Self::NotFound => "not_found",
            Self::OtherBody => "other_body",
            Self::TooMany => "too_many",
            Self::Unavailable => "unavailable",
        }
    }

    /// The line that a person reads.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::NotVerified => "The signature or the token is missing, wrong or not fresh.",
            Self::Malformed => "The body is not the JSON that is documented.",
            Self::TooLarge => "The body is larger than any request.",
            Self::NotAllowed => {
                "This pipeline may not do that there. Its entry in the configuration says what it may."
            }
            Self::NotFound => "This pipeline has no such deploy.",
            Self::OtherBody => "That webhook-id was used for another request. Send a new one.",
            Self::TooMany => {
                "This pipeline asked too often. Send it again later, with the same webhook-id or token."
            }
            Self::Unavailable => {
                "Longshore cannot answer now. Send it again, with the same webhook-id or token."
            }
        }
    }
}
