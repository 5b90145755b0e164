"""The local stack: the local AWS and the simulators on free loopback ports, the real template deployed
with unoptimised binaries, a deploy role in each environment's account, secrets and configuration in place.

`python stack.py up` leaves it running and describes it in .local/env; `python stack.py down` ends it.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

from processes import Processes, free_ports, say, stop_recorded

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"
BUILT = ROOT / "target" / "debug"
COMMAND_LINE = BUILT / "longshore"
WORLD = BUILT / "world"
CONFIGURATION = ROOT / "sim" / "local" / "longshore.toml"
STACK = "longshore"
REGION = "eu-west-1"
HOME_ACCOUNT = "111111111111"
SECRET_KEY = "local"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # the one in Slack's documentation
BOT_TOKEN = "xoxb-local-bot-token"
GITHUB_TOKEN = "github_pat_local_world"
# Whose keys are of no use anywhere else.
PIPELINE_KEYS = {
    "build-webapp": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "build-cms": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
}
EXTERNAL_ID = "local-external-id"
WAIT_SCALE = "0.1"

# What the local AWS gets wrong, and what makes up for it here and nowhere else.
GAPS = {
    "states:SendTaskSuccess": "denied whenever a policy names the state machine",
}


class Stack:
    """One local world in a directory of its own."""

    def __init__(self, directory: Path, *, lasting: bool = False) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        self.directory = directory
        self.processes = Processes(directory, lasting=lasting)
        aws, world = free_ports(2)
        self.aws_port = aws
        self.aws_url = f"http://127.0.0.1:{aws}"
        self.world_url = f"http://127.0.0.1:{world}"
        self.world_port = world
        self.outputs: dict[str, str] = {}

    def client(self, service: str, account: str = HOME_ACCOUNT):
        """A client of the local AWS, as the root user of an account."""
        return boto3.client(
            service, endpoint_url=self.aws_url, region_name=REGION, aws_access_key_id=account,
            aws_secret_access_key=SECRET_KEY, config=Config(retries={"max_attempts": 2}),
        )

    @property
    def url(self) -> str:
        """Where Slack's requests go: the deployed API by its path."""
        return f"{self.aws_url}/_aws/execute-api/{self.outputs['ApiId']}/$default"

    def environment(self) -> dict[str, str]:
        """What .local/env holds."""
        return {
            "LONGSHORE_URL": self.url,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_SIM_URL": self.world_url,
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ENDPOINT_URL_ECS": self.world_url,
            "AWS_ENDPOINT_URL_ECR": self.world_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": HOME_ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "TABLE_NAME": self.outputs["TableName"],
            "STATE_MACHINE_ARN": self.outputs["StateMachineArn"],
            "EXTERNAL_ID": EXTERNAL_ID,
            "LONGSHORE_DIAL": self.world_url,
            "GITHUB_TOKEN": GITHUB_TOKEN,
            **account_keys(),
        }

    def up(self) -> None:
        """Brings everything up, in parallel where nothing depends on it."""
        say(f"starting the local AWS on {self.aws_url} and the simulators on {self.world_url}")
        self.start_world()
        self.start_aws()
        self.client("s3").create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": REGION})
        say("deploying template.yaml with the functions as they are tested, unoptimised")
        self.deploy()
        self.bridge_gaps()
        say("installing the deploy roles, the secrets and the configuration")
        self.install_targets()
        ssm = self.client("ssm")
        ssm.put_parameter(Name="/longshore/signing-secret", Value=SIGNING_SECRET, Type="SecureString")
        ssm.put_parameter(Name="/longshore/bot-token", Value=BOT_TOKEN, Type="SecureString")
        ssm.put_parameter(Name="/longshore/github-token", Value=GITHUB_TOKEN, Type="SecureString")
        for pipeline, key in PIPELINE_KEYS.items():
            ssm.put_parameter(Name=f"/longshore/ci/{pipeline}", Value=key, Type="SecureString")
        self.longshore("push", str(CONFIGURATION))
        self.introduce_world()
        self.carry_events()

    def start_world(self) -> None:
        """Starts the simulators of ECS, ECR, Slack and GitHub."""
        self.processes.start(
            "world", [str(WORLD), "--port", str(self.world_port)],
            {**clean_environment(), "LONGSHORE_WORLD": str(self.directory)},
        )
        self.processes.wait_for("world", f"{self.world_url}/_sim/messages")

    def start_aws(self) -> None:
        """Starts the local AWS; its functions inherit the endpoints and where to dial."""
        scratch = self.directory / "tmp"
        scratch.mkdir()
        self.processes.start("aws", [str(LOCAL / "ministack" / "bin" / "ministack")], {
            **clean_environment(),
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "false",
            "GATEWAY_PORT": str(self.aws_port),
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": HOME_ACCOUNT,
            "LAMBDA_EXECUTOR": "local",
            "SFN_WAIT_SCALE": WAIT_SCALE,
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ENDPOINT_URL_ECS": self.world_url,
            "AWS_ENDPOINT_URL_ECR": self.world_url,
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": self.world_url,
            "LONGSHORE_DIAL": self.world_url,
            "TMPDIR": str(scratch),
        })
        self.processes.wait_for("aws", f"{self.aws_url}/_ministack/health")

    def deploy(self) -> None:
        """`sam deploy` of the template, with packages laid out as `sam build` lays them out."""
        targets = environments()
        roles = ",".join(f"arn:aws:iam::{account}:role/longshore-{name}" for name, account in targets.items())
        others = ",".join(sorted(set(targets.values()) - {HOME_ACCOUNT}))
        run([
            str(LOCAL / "venv" / "bin" / "sam"), "deploy", "--template-file", str(lay_out(self.directory / "build")),
            "--stack-name", STACK, "--s3-bucket", "packages", "--capabilities", "CAPABILITY_IAM",
            "--no-confirm-changeset", "--no-progressbar", "--region", REGION, "--parameter-overrides",
            f"Architecture={architecture()}", f"ExternalId={EXTERNAL_ID}", f"DeployRoles={roles}", f"TargetAccounts={others}",
        ], {
            **clean_environment(), "SAM_CLI_TELEMETRY": "0", "AWS_ENDPOINT_URL": self.aws_url, "SAM_CLI_POLL_DELAY": "0.5",
            "AWS_ACCESS_KEY_ID": HOME_ACCOUNT, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        })
        described = self.client("cloudformation").describe_stacks(StackName=STACK)
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in described["Stacks"][0]["Outputs"]}

    def bridge_gaps(self) -> None:
        """Grants, in the local AWS only, what it wrongly denies; the template stays as it is."""
        iam = self.client("iam")
        for action, why in GAPS.items():
            say(f"local AWS only: {action} on both roles ({why})")
            document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
            for role in ("SlashRoleArn", "WaiterRoleArn"):
                iam.put_role_policy(
                    RoleName=self.outputs[role].rpartition("/")[2], PolicyName="local-gap",
                    PolicyDocument=json.dumps(document),
                )

    def install_targets(self) -> None:
        """Installs the stack that `longshore target` generates in each environment's account."""
        for name, account in environments().items():
            template = self.longshore("target", name, str(CONFIGURATION))
            parameters = {"WaiterRoleArn": self.outputs["WaiterRoleArn"], "ExternalId": EXTERNAL_ID}
            if account != HOME_ACCOUNT:
                parameters["EventBusArn"] = self.outputs["TargetsBusArn"]
            cloudformation = self.client("cloudformation", account)
            stack = f"longshore-target-{name}"
            cloudformation.create_stack(
                StackName=stack, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"],
                Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            )
            cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    def introduce_world(self) -> None:
        """Tells Slack's simulator where the app is, which secret to sign with and which token to accept, and
        GitHub's its token."""
        self.world("bot", {"url": self.url, "secret": SIGNING_SECRET, "token": BOT_TOKEN})
        self.world("seed", {"github": {"tokens": [GITHUB_TOKEN]}})

    def carry_events(self) -> None:
        """Starts what carries ECS's events from account to account."""
        self.processes.start("events", [sys.executable, str(Path(__file__).with_name("events.py"))], {
            **clean_environment(), "AWS_URL": self.aws_url, "WORLD_URL": self.world_url, "STACK": str(self.directory),
            "TARGETS_BUS": self.outputs["TargetsBusArn"],
        })

    def world(self, what: str, body: dict | None = None) -> dict:
        """Asks the simulators' control interface: `GET`, or `POST` with a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.world_url}/_sim/{what}", data=data, headers={"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"/_sim/{what} with {body} answered {error.code}: {error.read().decode()}") from None

    def function_logs(self) -> str:
        """Everything that the functions wrote."""
        logs = self.client("logs")
        lines = []
        for group in logs.describe_log_groups()["logGroups"]:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                lines += [f"{group['logGroupName']} {event['message'].rstrip()}" for event in page["events"]]
        return "\n".join(lines)

    def end(self, *, wrong: bool) -> None:
        """Ends everything; if something went wrong, the functions' logs are kept and their last errors shown."""
        if wrong:
            text = self.function_logs()
            (self.directory / "functions.log").write_text(text)
            errors = [line for line in text.splitlines() if '"ERROR"' in line or "errorMessage" in line or "panicked" in line]
            for line in errors[-5:]:
                say(line[:1000])
            say(f"logs are in {self.directory}")
        self.processes.stop()

    def longshore(self, *arguments: str) -> str:
        """Runs the operator's command line against this stack; its standard output."""
        return run([str(COMMAND_LINE), *arguments], {**clean_environment(), **self.environment()})


def lay_out(directory: Path) -> Path:
    """The template with a package for every function, as `sam build` would leave it: nothing in it is changed but
    where the code is. What only a debugger reads is left out, for it is most of an unoptimised binary."""
    lines, binary = [], None
    for line in TEMPLATE.read_text().splitlines(keepends=True):
        key, _, value = line.strip().partition(": ")
        if key == "Binary":
            binary = value
        if key == "CodeUri":
            package = directory / binary
            package.mkdir(parents=True)
            shutil.copy2(BUILT / binary, package / "bootstrap")
            if strip := shutil.which("strip"):
                run([strip, str(package / "bootstrap")], clean_environment())
            line = line.replace(f"{key}: {value}", f"{key}: {binary}")
        lines.append(line)
    laid_out = directory / "template.yaml"
    laid_out.write_text("".join(lines))
    return laid_out


def accounts() -> dict[str, str]:
    """The configuration's name of an account → its id."""
    configuration = tomllib.loads(CONFIGURATION.read_text())
    return {name: one["id"] for name, one in configuration["accounts"].items()}


def account_keys() -> dict[str, str]:
    """Keys of every account, as AWS_ACCESS_KEY_ID_DEV and AWS_SECRET_ACCESS_KEY_DEV: whose key signs, of that
    account is what is asked about and made."""
    keys = {}
    for name, account in accounts().items():
        keys[f"AWS_ACCESS_KEY_ID_{name.upper()}"] = account
        keys[f"AWS_SECRET_ACCESS_KEY_{name.upper()}"] = SECRET_KEY
    return keys


def environments() -> dict[str, str]:
    """Environment → account id, from the sample configuration."""
    configuration = tomllib.loads(CONFIGURATION.read_text())
    return {name: accounts()[one["account"]] for name, one in configuration["environments"].items()}


def architecture() -> str:
    """This machine's, in Lambda's words."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def clean_environment() -> dict[str, str]:
    """This program's environment without anything that would point at a real AWS account or at another stack."""
    ours = {"TABLE_NAME", "STATE_MACHINE_ARN", "EXTERNAL_ID", "SLACK_SIGNING_SECRET", "LONGSHORE_URL", "LONGSHORE_DIAL",
            "GITHUB_TOKEN"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k not in ours}
    tools = LOCAL / "venv" / "bin"
    return {**kept, "PATH": f"{tools}{os.pathsep}{kept.get('PATH', '')}", "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"}


def run(command: list[str], env: dict[str, str]) -> str:
    """Runs to the end; a failure shows everything the command said."""
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command[:4])} … failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.stdout


def write_environment(path: Path, variables: dict[str, str]) -> None:
    """KEY='VALUE' lines that a shell can source; readable by this user only, for it holds the signing secret."""
    path.touch(mode=0o600)
    path.write_text("".join(f"{key}='{value}'\n" for key, value in variables.items()))


def main() -> None:
    directory = LOCAL / "stack"
    match sys.argv[1:]:
        case ["up"]:
            stop_recorded(directory)
            stack = Stack(directory, lasting=True)
            stack.up()
            write_environment(LOCAL / "env", stack.environment())
            stack.processes.keep()
            say("up; described in .local/env, logs in .local/stack, ended by `make down`")
        case ["down"]:
            ended = stop_recorded(directory)
            (LOCAL / "env").unlink(missing_ok=True)
            say(f"down; {ended} processes ended")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
