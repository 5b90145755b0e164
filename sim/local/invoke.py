"""`make invoke-NAME`: sends events/NAME.json to the function it is for. The built binary runs beside
`cargo lambda watch`, which plays Lambda; the simulators answer for AWS, Slack and GitHub; requests from
Slack and from pipelines are signed afresh. Prints the reply, then what the function logged, and leaves nothing running."""

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import boto3
import standardwebhooks

from processes import Processes, free_ports, say
from stack import (BOT_TOKEN, BUILT, COMMAND_LINE, CONFIGURATION, EXTERNAL_ID, HOME_ACCOUNT, LOCAL, PIPELINE_KEYS, REGION, ROOT,
                   SECRET_KEY, SIGNING_SECRET, WORLD, clean_environment, run)

MACHINE = f"arn:aws:states:{REGION}:{HOME_ACCOUNT}:stateMachine:longshore-deploys"


def main() -> None:
    event = ROOT / "events" / f"{sys.argv[1]}.json"
    function = reader(json.loads(event.read_text()))
    directory = LOCAL / "invoke"
    processes = Processes(directory)
    world_port, lambda_port = free_ports(2)
    world = f"http://127.0.0.1:{world_port}"
    lambda_api = ["-A", "127.0.0.1", "-P", str(lambda_port)]
    aws = {
        "AWS_ENDPOINT_URL": world, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": HOME_ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "LONGSHORE_DIAL": world, "TABLE_NAME": "longshore",
        "STATE_MACHINE_ARN": MACHINE, "SLACK_SIGNING_SECRET": SIGNING_SECRET, "EXTERNAL_ID": EXTERNAL_ID,
        "METRICS_NAMESPACE": "Longshore/local",
    }
    environment = {**clean_environment(), **aws}
    longshore = str(COMMAND_LINE)

    say(f"starting the simulators and {function}")
    processes.start("world", [str(WORLD), "--port", str(world_port)], environment)
    processes.start("lambda", ["cargo", "lambda", "watch", "--only-lambda-apis", *lambda_api], environment)
    processes.wait_for("world", f"{world}/_sim/messages")
    ssm = boto3.client("ssm", endpoint_url=world, region_name=REGION, aws_access_key_id=HOME_ACCOUNT,
                       aws_secret_access_key=SECRET_KEY)
    ssm.put_parameter(Name="/longshore/signing-secret", Value=SIGNING_SECRET, Type="SecureString")
    ssm.put_parameter(Name="/longshore/bot-token", Value=BOT_TOKEN, Type="SecureString")
    for pipeline, key in PIPELINE_KEYS.items():
        ssm.put_parameter(Name=f"/longshore/ci/{pipeline}", Value=key, Type="SecureString")
    run([longshore, "push", str(CONFIGURATION)], environment)
    processes.start(function, [str(BUILT / function)], {
        **environment,
        "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{lambda_port}/.rt/{function}",
        "AWS_LAMBDA_FUNCTION_NAME": f"longshore-{function}",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        **parameters(function),
    })
    payload = event
    if function != "waiter":
        payload = directory / "signed.json"
        signed = run([longshore, "sign", str(event)], environment) if function == "slash" else by_its_pipeline(event)
        payload.write_text(signed)
    say(f"invoking {function} with {os.path.relpath(event, ROOT)}")
    invoked = subprocess.run(
        ["cargo", "lambda", "invoke", function, *lambda_api, "--data-file", str(payload)], env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )
    processes.stop()
    print((invoked.stdout + invoked.stderr).rstrip())
    print(f"\n{function} logged:\n{(directory / f'{function}.log').read_text().rstrip()}")
    sys.exit(invoked.returncode)


def reader(event: dict) -> str:
    """The function that an event is for."""
    if "requestContext" not in event:
        return "waiter"
    return "ci" if event["rawPath"].startswith("/ci/") else "slash"


def by_its_pipeline(event: Path) -> str:
    """The event, signed now with the key of the pipeline that its path names."""
    request = json.loads(event.read_text())
    key, now = PIPELINE_KEYS[request["pathParameters"]["name"]], datetime.now(timezone.utc)
    request["headers"] |= {
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": standardwebhooks.Webhook(key).sign(request["headers"]["webhook-id"], now, request["body"]),
    }
    return json.dumps(request)


def parameters(function: str) -> dict[str, str]:
    """The names of the SSM parameters, as the template sets them."""
    if function == "slash":
        return {"SIGNING_SECRET_PARAMETER": "/longshore/signing-secret",
                "SIGNING_SECRET_PREVIOUS_PARAMETER": "/longshore/signing-secret-previous"}
    if function == "ci":
        return {"CI_KEYS_PREFIX": "/longshore/ci"}
    return {"BOT_TOKEN_PARAMETER": "/longshore/bot-token", "GITHUB_TOKEN_PARAMETER": "/longshore/github-token"}


if __name__ == "__main__":
    main()
