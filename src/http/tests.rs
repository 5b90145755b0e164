use std::{
    io::{Read, Write},
    net::TcpListener,
};

use longshore_sim::{
    Clock, World,
    fault::{Kind, Matcher},
};

use sha2::{Digest, Sha256};

use super::*;
use crate::aws::AMAZON_ROOTS;

const LIMIT: Duration = Duration::from_secs(5);

fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

/// Answers one connection with these bytes and returns the address and what was received.
fn server(answer: impl Into<Vec<u8>>) -> (String, std::thread::JoinHandle<String>) {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let received = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut received = Vec::new();
        let mut chunk = [0; 1024];
        while !received.windows(4).any(|w| w == b"\r\n\r\n") {
            match stream.read(&mut chunk).unwrap() {
                0 => break,
                n => received.extend_from_slice(&chunk[..n]),
            }
        }
        // The client may hang up before it has read all.
        let _ = stream.write_all(&answer);
        String::from_utf8(received).unwrap()
    });
    (address, received)
}

#[tokio::test]
async fn the_dial_changes_the_connection_and_not_the_request() {
    let (address, received) = server(*b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let dial = format!("http://{address}").parse().unwrap();
    let http = Http::new(aws_http_client(), dial);
    let answer = http
        .send(get("https://hooks.slack.com/commands/1?a=b"), LIMIT)
        .await
        .unwrap();
    assert_eq!(answer.body(), "ok");
    let received = received.join().unwrap().to_lowercase();
    assert!(
        received.starts_with("get /commands/1?a=b http/1.1\r\n"),
        "{received}"
    );
    assert!(received.contains("host: hooks.slack.com\r\n"), "{received}");
    assert!(received.contains("user-agent: longshore/"), "{received}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (address, _received) =
        server(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    let dial = format!("http://{address}").parse().unwrap();
    let http = Http::new(aws_http_client(), dial);
    let answer = http.send(get("https://slack.com/"), LIMIT).await.unwrap();
    assert_eq!(answer.status(), 302);
}

#[tokio::test]
async fn a_broken_answer_is_a_lost_one() {
    for answer in [
        &b""[..],
        b"not http",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
    ] {
        let (address, _received) = server(answer);
        let dial = format!("http://{address}").parse().unwrap();
        let http = Http::new(aws_http_client(), dial);
        let answer = http.send(get("https://slack.com/"), LIMIT).await;
        assert_eq!(answer.unwrap_err(), SendError::Lost);
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.resize(endless.len() + MAX_ANSWER + 1, b'x');
    let (address, _received) = server(endless);
    let dial = format!("http://{address}").parse().unwrap();
    let http = Http::new(aws_http_client(), dial);
    let answer = http.send(get("https://slack.com/"), LIMIT).await;
    assert_eq!(answer.unwrap_err(), SendError::TooLarge);
}

#[tokio::test]
async fn nobody_listening_is_a_lost_connection() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let http = Http::new(
        aws_http_client(),
        format!("http://127.0.0.1:{port}").parse().unwrap(),
    );
    let answer = http.send(get("https://slack.com/secret"), LIMIT).await;
    assert_eq!(answer.unwrap_err(), SendError::Lost);
}

#[tokio::test(start_paused = true)]
async fn the_limit_holds_for_the_whole_call() {
    let world = World::new(Clock::starting_at(jiff::Timestamp::UNIX_EPOCH));
    let http = Http::new(world.http_client(), Dial::Direct);
    world
        .state()
        .faults
        .plan(Matcher::service("slack"), Kind::TimedOut);
    let started = tokio::time::Instant::now();
    let answer = http
        .send(get("https://slack.com/api/auth.test"), LIMIT)
        .await;
    assert_eq!(answer.unwrap_err(), SendError::TimedOut);
    assert_eq!(started.elapsed(), LIMIT);
}

#[tokio::test]
async fn a_relative_url_leads_nowhere() {
    let http = Http::new(aws_http_client(), Dial::Direct);
    let answer = http.send(get("/commands/1"), LIMIT).await;
    assert_eq!(answer.unwrap_err(), SendError::Invalid);
}

#[test]
fn the_dial_leads_to_this_machine_only() {
    for good in [
        "http://127.0.0.1:4567",
        "http://localhost:1/",
        "http://[::1]:80",
    ] {
        assert!(matches!(good.parse(), Ok(Dial::Simulator(_))), "{good}");
    }
    for bad in [
        "",
        "127.0.0.1:4567",
        "https://127.0.0.1:4567",
        "http://127.0.0.1",
        "http://10.0.0.1:4567",
        "http://evil.example:80",
        "http://127.0.0.1.evil.example:80",
        "http://127.0.0.1:80@evil.example",
        "http://user@127.0.0.1:80",
        "http://127.0.0.1:80/path",
    ] {
        assert_eq!(bad.parse::<Dial>(), Err(BadDial), "{bad}");
    }
}

#[test]
fn a_client_without_any_root_is_not_made() {
    assert_eq!(aws_only_http_client(b"").unwrap_err(), BadRoots);
    assert_eq!(aws_only_http_client(b"not pem").unwrap_err(), BadRoots);
}

#[test]
fn the_roots_for_aws_are_amazons() {
    // As https://www.amazontrust.com/repository/ publishes them.
    let published = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];
    let pem = std::str::from_utf8(AMAZON_ROOTS).unwrap();
    let roots = pem
        .split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .map(|rest| {
            let (text, _) = rest.split_once("-----END CERTIFICATE-----").unwrap();
            let der = aws_smithy_types::base64::decode(text.replace('\n', "")).unwrap();
            format!("{:x}", Bytes::copy_from_slice(&Sha256::digest(der)))
        });
    assert_eq!(roots.collect::<Vec<_>>(), published);
}

#[tokio::test]
async fn a_client_that_trusts_amazon_alone_works() {
    let (address, received) = server(*b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let dial = format!("http://{address}").parse().unwrap();
    let http = Http::new(aws_only_http_client(AMAZON_ROOTS).unwrap(), dial);
    let answer = http.send(get("https://sts.amazonaws.com/"), LIMIT).await;
    assert_eq!(answer.unwrap().body(), "ok");
    assert!(received.join().unwrap().starts_with("GET / HTTP/1.1\r\n"));
}
