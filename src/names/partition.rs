//! AWS's partitions: of each, how its ARNs begin and under which domains its endpoints are. Held
//! against botocore's `partitions.json` (1.44.8) and, for ECR's names, against
//! <https://docs.aws.amazon.com/general/latest/gr/ecr.html>.

/// One partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// As its ARNs name it: `aws`, `aws-cn` …
    pub id: &'static str,
    /// How the names of its regions begin.
    regions: &'static [&'static str],
    /// The domain of its endpoints.
    pub domain: &'static str,
    /// The domain under which ECR's registries answer over IPv6 too.
    pub dual_stack: &'static str,
    /// The console's host, behind the region's name; none where AWS publishes none.
    pub console: Option<&'static str>,
}

/// Where no other fits: `aws`, whose regions begin in many ways.
const COMMERCIAL: Partition = Partition {
    id: "aws",
    regions: &[],
    domain: "amazonaws.com",
    dual_stack: "on.aws",
    console: Some("console.aws.amazon.com"),
};

const OTHERS: [Partition; 7] = [
    Partition {
        id: "aws-cn",
        regions: &["cn-"],
        domain: "amazonaws.com.cn",
        dual_stack: "on.amazonwebservices.com.cn",
        console: Some("console.amazonaws.cn"),
    },
    Partition {
        id: "aws-us-gov",
        regions: &["us-gov-"],
        domain: "amazonaws.com",
        dual_stack: "on.aws",
        console: Some("console.amazonaws-us-gov.com"),
    },
    Partition {
        id: "aws-eusc",
        regions: &["eusc-"],
        domain: "amazonaws.eu",
        dual_stack: "on.amazonwebservices.eu",
        console: Some("console.amazonaws-eusc.eu"),
    },
    Partition {
        id: "aws-iso",
        regions: &["us-iso-"],
        domain: "c2s.ic.gov",
        dual_stack: "on.aws.ic.gov",
        console: None,
    },
    Partition {
        id: "aws-iso-b",
        regions: &["us-isob-"],
        domain: "sc2s.sgov.gov",
        dual_stack: "on.aws.scloud",
        console: None,
    },
    Partition {
        id: "aws-iso-e",
        regions: &["eu-isoe-"],
        domain: "cloud.adc-e.uk",
        dual_stack: "on.cloud-aws.adc-e.uk",
        console: None,
    },
    Partition {
        id: "aws-iso-f",
        regions: &["us-isof-"],
        domain: "csp.hci.ic.gov",
        dual_stack: "on.aws.hci.ic.gov",
        console: None,
    },
];

impl Partition {
    /// The partition that a region is in.
    pub fn of(region: &str) -> Self {
        let fits = |partition: &&Self| {
            let mut begins = partition.regions.iter();
            begins.any(|begin| region.starts_with(begin))
        };
        OTHERS.iter().find(fits).copied().unwrap_or(COMMERCIAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_is_in_its_partition() {
        for (region, id, domain) in [
            ("eu-west-1", "aws", "amazonaws.com"),
            ("us-east-1", "aws", "amazonaws.com"),
            ("mx-central-1", "aws", "amazonaws.com"),
            ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
            ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
            ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
            ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
        ] {
            let partition = Partition::of(region);
            assert_eq!((partition.id, partition.domain), (id, domain), "{region}");
        }
    }
}
