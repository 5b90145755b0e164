"""ECS's events on the way that EventBridge gives them: from the account in which they arise, by the rule of
the target stack there, to Longshore's own bus, and by its rule to the waiter.

The local AWS accepts no events in AWS's name and carries none to another account, so this program does. The
rules and their targets are those of the deployed stacks, and the local AWS itself says whether a rule matches.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator

import boto3
from botocore.config import Config

PAUSE = 0.2
HOME_ACCOUNT = "111111111111"
REGION = "eu-west-1"


def client(service: str, account: str = HOME_ACCOUNT):
    """A client of the local AWS, as the root user of an account."""
    return boto3.client(
        service, endpoint_url=os.environ["AWS_URL"], region_name=REGION, aws_access_key_id=account,
        aws_secret_access_key="local", config=Config(retries={"max_attempts": 2}),
    )


def targets(event: dict, account: str, bus: str) -> Iterator[str]:
    """The ARNs to which the rules on that account's bus send the event."""
    events = client("events", account)
    for rule in events.list_rules(EventBusName=bus)["Rules"]:
        pattern = rule.get("EventPattern")
        if pattern and events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]:
            for target in events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]:
                yield target["Arn"]


def carry(event: dict) -> None:
    """Takes one event wherever the rules send it."""
    for arn in targets(event, event["account"], "default"):
        if arn == os.environ["TARGETS_BUS"]:
            for further in targets(event, HOME_ACCOUNT, arn.rpartition("/")[2]):
                deliver(event, further)
        else:
            deliver(event, arn)


def deliver(event: dict, arn: str) -> None:
    """Invokes the function, without waiting for what it does."""
    client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=json.dumps(event))
    print(f"{event['account']} {event['detail-type']} {event['detail'].get('eventName', '')} → {arn}", flush=True)


def main() -> None:
    while True:
        try:
            with urllib.request.urlopen(os.environ["WORLD_URL"] + "/_sim/events", timeout=10) as answer:
                events = json.load(answer)["events"]
        except OSError as error:
            print(f"the simulators do not answer: {error}", flush=True)
            events = []
        for event in events:
            try:
                carry(event)
            except Exception as error:  # noqa: BLE001 - one event that is lost must not stop the others
                print(f"{event} was not carried: {error}", flush=True)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
