//! The world as a process: it says where it is, answers, and goes when asked.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

fn world(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_world"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_prints_its_port_answers_there_and_ends_cleanly_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let file = std::env::temp_dir().join(format!("world{signal}-{}", std::process::id()));
        let mut world = world(&["--port-file", file.to_str().unwrap(), "--speed", "20"]);
        let mut line = String::new();
        BufReader::new(world.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port: u16 = line.trim().parse().unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), line.trim());
        let answer = get(port, "/_sim/messages");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("\"messages\":[]"),
            "{answer}"
        );
        let asked = Command::new("kill")
            .args([signal, &world.id().to_string()])
            .status();
        assert!(asked.unwrap().success());
        assert!(world.wait().unwrap().success());
        std::fs::remove_file(file).unwrap();
    }
}

#[test]
fn it_explains_what_it_does_not_understand() {
    for (arguments, word) in [
        (["--listen", "0.0.0.0:0"], "loopback only"),
        (["--listn", "x"], "usage: world"),
        (["--seed", "/nowhere/seed.json"], "/nowhere/seed.json"),
    ] {
        let done = world(&arguments).wait_with_output().unwrap();
        assert!(!done.status.success());
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(said.contains(word), "{said}");
    }
}
