mod aws;
mod check;
mod lines;
mod sign;
mod target;

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const CONFIG: &str = r#"slack    = { teams = ["T0001"] }
accounts = { dev = { id = "222222222222", region = "eu-west-1" }, prod = { id = "111111111111", region = "eu-west-1" } }
defaults = { registry = "prod" }

[environments.staging]
account  = "dev"
cluster  = "staging"
aliases  = ["stg"]
request  = ["everyone"]
evidence = "logs"

[environments.production]
account = "prod"
cluster = "production"
confirm = true

[applications.cms]
environments = ["staging", "production"]
services     = ["cms-api", "cms-worker"]
families     = ["cms", "cms"]
roles        = ["ecsTaskExecutionRole", "{app}-task"]
log_groups   = ["/acme/{env}/{app}"]
"#;

/// What a command said.
struct Said {
    exit: Exit,
    out: String,
    err: String,
}

/// Runs a command with a secret in its environment, at Slack's documented second.
fn longshore(arguments: &[&str]) -> Said {
    with_input(arguments, "")
}

fn with_input(arguments: &[&str], input: &str) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut surroundings = Surroundings {
        variable: &|name| (name == "SECRET").then(|| "8f742231b10e8888abcd99yyyzzz85a5".to_owned()),
        connect: &|| panic!("this command needs no AWS"),
        slack: &|| panic!("this command needs no Slack"),
        github: &|| panic!("this command needs no GitHub"),
        clock: &|| Timestamp::from_second(1_531_420_618).unwrap(),
        input: &mut input.as_bytes(),
        terminal: Terminal::nobody(),
        out: &mut out,
        err: &mut err,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let arguments = ["longshore"].iter().chain(arguments);
    let exit = runtime.block_on(run(arguments, &mut surroundings));
    Said {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

/// A folder that holds a configuration, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("longshore-{name}-{process}-{number}"));
        std::fs::create_dir_all(path.join("teams")).unwrap();
        for (file, text) in files {
            std::fs::write(path.join(file), text).unwrap();
        }
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// A text in which the folder's name stands as a dot.
    fn shown(&self, text: &str) -> String {
        text.replace(self.path(), ".")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn every_command_explains_itself() {
    for arguments in [
        vec![],
        vec!["check"],
        vec!["push"],
        vec!["target"],
        vec!["rollback"],
        vec!["sign"],
    ] {
        let said = longshore(&[&arguments[..], &["--help"]].concat());
        assert_eq!(said.exit, Exit::Done);
        assert_eq!(said.err, "");
        assert!(said.out.contains("Usage: longshore"), "{}", said.out);
        assert!(said.out.contains("Examples:\n  "), "{}", said.out);
    }
}

#[test]
fn the_help_is_the_map() {
    insta::assert_snapshot!(longshore(&["--help"]).out, @r"
    Deploys to Amazon ECS from Slack: the operator's side

    Usage: longshore [OPTIONS] <COMMAND>

    Commands:
      check     Validate the configuration and show what it means
      push      Publish the configuration as a new version
      target    Print the CloudFormation template of an environment's deploy role
      rollback  Roll back when Slack is down, as yourself
      deploy    Deploy when Slack is down, as yourself
      promote   Deploy what runs in one environment to the next
      restart   Replace the running tasks by new ones of the same revision
      cancel    Stop what is under way
      status    What runs where, by the record
      history   Who deployed what, where, and how it ended
      show      Everything on record about one deploy
      who       Who may what where, and why
      revoke    Take back a right that was given in chat
      sign      Sign an API Gateway event as Slack would, now
      help      Print this message or the help of the given subcommand(s)

    Options:
          --verbose  Where AWS fails, print also what its software reported
      -h, --help     Print help
      -V, --version  Print version

    Examples:
      longshore check                          is ./longshore.toml sound, and what does it mean?
      longshore target production > role.yaml  the stack with production's deploy role
      longshore push --table NAME              publish the configuration
      longshore rollback cms on production     the way back when Slack is down
      longshore deploy cms:1.0.2 to staging    the same as in Slack, when that is down
      longshore status cms                     what runs, by the record

    Exit codes:
      0  done
      1  refused: the configuration, the event or the request is not acceptable
      2  usage: the command line is wrong
      3  AWS could not be reached or said no
    Of what was waited for, beside 0 for succeeded and 1 for refused:
      10 rolled back    11 failed         12 cancelled    13 lapsed unanswered
      14 superseded     15 given up      16 not done yet; it stands
      130 you left; it goes on
    ");
}

#[test]
fn a_wrong_command_line_is_usage() {
    for arguments in [
        &[][..],
        &["deploy"],
        &["target"],
        &["check", "a", "b"],
        &["sign", "--no"],
    ] {
        let said = longshore(arguments);
        assert_eq!(said.exit, Exit::Usage, "{arguments:?}");
        assert_eq!(said.out, "");
        assert!(said.err.contains("Usage: longshore"), "{}", said.err);
    }
    assert_eq!(
        longshore(&["--version"]).out,
        format!("longshore {}\n", env!("CARGO_PKG_VERSION"))
    );
}
