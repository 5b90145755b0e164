//! Pages of the AWS console: addresses out of names, and nothing else. A partition whose console has no
//! published host has no links, and neither has a region that is none.

use std::fmt::Write;

use super::partition::Partition;

/// The tasks of an ECS service.
pub(crate) fn service_tasks(region: &str, cluster: &str, service: &str) -> Option<String> {
    let (cluster, service) = (once(cluster), once(service));
    ecs(region, &format!("{cluster}/services/{service}/tasks"))
}

/// One task.
pub(crate) fn task(region: &str, cluster: &str, task: &str) -> Option<String> {
    let (cluster, task) = (once(cluster), once(task));
    ecs(region, &format!("{cluster}/tasks/{task}"))
}

/// What one container of one task writes into CloudWatch Logs.
pub(crate) fn log_stream(region: &str, group: &str, stream: &str) -> Option<String> {
    let host = host(region)?;
    let (group, stream) = (in_fragment(group), in_fragment(stream));
    Some(format!(
        "https://{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}/log-events/{stream}"
    ))
}

fn ecs(region: &str, path: &str) -> Option<String> {
    let host = host(region)?;
    Some(format!(
        "https://{host}/ecs/v2/clusters/{path}?region={region}"
    ))
}

/// [The console's host in a region](https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html).
fn host(region: &str) -> Option<String> {
    let is_region_char = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_region = region.starts_with(|c: char| c.is_ascii_lowercase())
        && region.ends_with(|c: char| c.is_ascii_digit())
        && region.chars().all(is_region_char);
    let console = Partition::of(region).console.filter(|_| is_region)?;
    Some(format!("{region}.{console}"))
}

/// A part of a path, percent-encoded.
fn once(name: &str) -> String {
    encoded(name, "%")
}

/// As the CloudWatch console reads a name in its fragment: percent-encoded twice, with `$` for the outer
/// percent sign. `/` is `$252F`.
fn in_fragment(name: &str) -> String {
    encoded(name, "$25")
}

/// The name with everything but [RFC 3986's](https://www.rfc-editor.org/rfc/rfc3986#section-2.3)
/// unreserved characters as two hex digits behind `sign`.
fn encoded(name: &str, sign: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            // Writing into a string cannot fail.
            other => drop(write!(text, "{sign}{other:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::text::Mrkdwn;

    const TASK: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn names_are_written_as_the_cloudwatch_console_reads_them() {
        for (name, written) in [
            ("/ecs/webapp", "$252Fecs$252Fwebapp"),
            ("web/app/0123", "web$252Fapp$252F0123"),
            ("[$LATEST]", "$255B$2524LATEST$255D"),
            ("with space", "with$2520space"),
            ("a%2Fb", "a$25252Fb"),
            ("grün", "gr$25C3$25BCn"),
            ("船", "$25E8$2588$25B9"),
            ("a#b?c&d=e", "a$2523b$253Fc$2526d$253De"),
            ("<!channel>|x", "$253C$2521channel$253E$257Cx"),
            ("A-z_0.9~", "A-z_0.9~"),
            ("", ""),
        ] {
            assert_eq!(in_fragment(name), written, "{name}");
        }
    }

    /// What the console does with its fragment: `$` is `%`, and then it decodes twice.
    fn decoded(text: &str) -> String {
        let decode = |text: &str| {
            let mut bytes = Vec::new();
            let mut rest = text.as_bytes();
            while let Some((first, more)) = rest.split_first() {
                if *first == b'%' {
                    let hex = std::str::from_utf8(&more[..2]).unwrap();
                    bytes.push(u8::from_str_radix(hex, 16).unwrap());
                    rest = &more[2..];
                } else {
                    bytes.push(*first);
                    rest = more;
                }
            }
            String::from_utf8(bytes).unwrap()
        };
        decode(&decode(&text.replace('$', "%")))
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_name_is_the_console_reads_it_and_slack_links_it(name in ".{0,60}") {
            proptest::prop_assert_eq!(decoded(&in_fragment(&name)), name.clone());
            let url = log_stream("eu-west-1", &name, &name).unwrap();
            let link = Mrkdwn::new().link(&url, "log stream");
            proptest::prop_assert_eq!(link.as_str(), format!("<{url}|log stream>"));
        }
    }

    #[test]
    fn every_partition_has_a_console_of_its_own_or_none() {
        for (region, host) in [
            ("eu-west-1", Some("eu-west-1.console.aws.amazon.com")),
            (
                "us-gov-west-1",
                Some("us-gov-west-1.console.amazonaws-us-gov.com"),
            ),
            ("cn-north-1", Some("cn-north-1.console.amazonaws.cn")),
            (
                "eusc-de-east-1",
                Some("eusc-de-east-1.console.amazonaws-eusc.eu"),
            ),
            ("us-iso-east-1", None),
            ("", None),
            ("${AWS_REGION}", None),
            ("evil.example/eu-west-1", None),
        ] {
            assert_eq!(self::host(region).as_deref(), host, "{region}");
        }
    }

    #[test]
    fn the_pages_are_the_consoles() {
        assert_eq!(
            log_stream("cn-north-1", "/ecs/web", "web/app/1").unwrap(),
            "https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1\
             #logsV2:log-groups/log-group/$252Fecs$252Fweb/log-events/web$252Fapp$252F1"
        );
        assert_eq!(
            service_tasks("eu-west-1", "main", "web app").unwrap(),
            "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/main/services/web%20app/tasks?region=eu-west-1"
        );
        assert_eq!(
            task("us-gov-east-1", "main", TASK).unwrap(),
            format!(
                "https://us-gov-east-1.console.amazonaws-us-gov.com/ecs/v2/clusters/main/tasks/{TASK}?region=us-gov-east-1"
            )
        );
    }
}
