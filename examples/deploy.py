#!/usr/bin/env python3
"""Asks Longshore for a deploy, waits, and ends as the deploy does. Needs nothing but Python 3.9.

    deploy.py APPLICATION REF ENVIRONMENT

LONGSHORE_URL is output ApiUrl of Longshore's stack, LONGSHORE_CI the pipeline's name in longshore.toml, LONGSHORE_KEY its key.

Exit codes: 0 succeeded, 1 refused, 2 called wrongly, 3 not reached, 10 rolled back, 11 failed, 12 cancelled, 13 lapsed
unanswered, 14 superseded, 15 given up: those of the command `longshore`.

Requests are signed as https://www.standardwebhooks.com says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

EXITS = {"succeeded": 0, "refused": 1, "rolled_back": 10, "failed": 11, "cancelled": 12, "expired": 13, "superseded": 14, "abandoned": 15}
REFUSED, USAGE, NOT_REACHED = 1, 2, 3
# How often in a row Longshore may not be reached: with the waits between, some five minutes.
TRIES = 12
LONGEST_WAIT = 30


class NotReached(Exception):
    """Longshore gave no answer that counts."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was signed for one address is sent to no other."""

    def redirect_request(self, *_: object) -> None:
        return None


def signed(key: bytes, delivery: str, body: bytes, now: int) -> dict[str, str]:
    mac = hmac.new(key, f"{delivery}.{now}.".encode() + body, hashlib.sha256).digest()
    return {"content-type": "application/json", "webhook-id": delivery, "webhook-timestamp": str(now),
            "webhook-signature": "v1," + base64.b64encode(mac).decode()}


def send(address: str, key: bytes, what: dict[str, str]) -> tuple[int, dict, int]:
    """Sends one request until it is answered: always with the same id, so that it counts once. Status, answer, and when to
    look again."""
    delivery, body = f"msg_{uuid.uuid4().hex}", json.dumps(what).encode()
    opener = urllib.request.build_opener(NoRedirects)
    for tried in range(TRIES):
        request = urllib.request.Request(address, body, signed(key, delivery, body, int(time.time())))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, json.load(answer), wait_of(answer.headers, 5)
        except urllib.error.HTTPError as error:
            if error.code != 429 and error.code < 500:
                return error.code, problem_of(error), 0
            wait = wait_of(error.headers, 2 ** tried)
        except (OSError, http.client.HTTPException, ValueError):
            wait = min(2 ** tried, LONGEST_WAIT)
        time.sleep(wait)
    raise NotReached


def wait_of(headers: object, otherwise: int) -> int:
    said = headers.get("retry-after", "")
    return min(max(int(said), 1), 60) if said.isdigit() else min(otherwise, LONGEST_WAIT)


def problem_of(error: urllib.error.HTTPError) -> dict:
    try:
        return json.load(error)
    except (OSError, ValueError):
        return {}


def main(arguments: list[str]) -> int:
    missing = [name for name in ("LONGSHORE_URL", "LONGSHORE_CI", "LONGSHORE_KEY") if not os.environ.get(name)]
    if len(arguments) != 3 or not all(arguments) or missing:
        print(f"not set: {', '.join(missing)}" if missing else "usage: deploy.py APPLICATION REF ENVIRONMENT", file=sys.stderr)
        return USAGE
    application, ref, environment = arguments
    try:
        key = base64.b64decode(os.environ["LONGSHORE_KEY"].strip().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        print("LONGSHORE_KEY is no key: it is whsec_ and base64", file=sys.stderr)
        return USAGE
    door = f"{os.environ['LONGSHORE_URL'].rstrip('/')}/ci/{os.environ['LONGSHORE_CI']}"
    try:
        asked = {"application": application, "environment": environment, "ref": ref}
        status, answer, wait = send(f"{door}/deploys", key, asked)
        if status != 202:
            return told(status, answer)
        deploy = answer["deploy"]
        print(f"deploy {deploy} of {application}:{ref} to {environment} is asked for", flush=True)
        last = None
        while True:
            if answer["status"] != last:
                last = answer["status"]
                print(f"{time.strftime('%H:%M:%S')} {last}", flush=True)
            if answer["verdict"] is not None:
                print(f"deploy {deploy}: {answer['verdict'].replace('_', ' ')}")
                for why in answer["why"]:
                    print(why)
                # A verdict that this script does not know is no success.
                return EXITS.get(answer["verdict"], REFUSED)
            time.sleep(wait)
            status, answer, wait = send(f"{door}/status", key, {"deploy": deploy})
            if status != 200:
                return told(status, answer)
    except (NotReached, KeyError, TypeError):
        print("Longshore cannot be reached, or what answers is not Longshore. What was asked for may go on; Slack shows it.", file=sys.stderr)
        return NOT_REACHED


def told(status: int, answer: dict) -> int:
    print(f"Longshore says no ({answer.get('code', status)}): {answer.get('title', 'it gives no reason.')}", file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
