"""Six requests, as people make them in Slack, and one of a pipeline: what is typed, pressed and run, and how each must end."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass

from stack import PIPELINE_KEYS, ROOT, Stack, clean_environment

PATIENCE = 40.0
CHANNEL = "C2147483705"
ADA, MARIA, SAM = "U024BE7LH", "U061F7AUR", "U0G9QF9C6"
NAMES = {ADA: "ada", MARIA: "maria", SAM: "sam"}
CHANNELS = {CHANNEL: "#deploys", "C0MGMT": "#management"}


@dataclass(frozen=True)
class Scene:
    """One request and its end."""

    what: str
    user: str
    text: str
    verdict: str
    environment: str
    services: tuple[str, ...]
    confirms: bool = False
    script: str | None = None
    # What CI says of a commit beforehand: repository, ref, conclusion.
    check: tuple[str, str, str] | None = None
    # What people must read of the end.
    says: str | None = None
    # Not a person asks, but this pipeline, with examples/deploy.py: `text` is its arguments.
    pipeline: str | None = None


SCENES = (
    Scene("a branch to staging", MARIA, "webapp:feature/signup-autocomplete to staging", "Succeeded", "staging", ("webapp",)),
    Scene("a red check that keeps a version out", SAM, "cms:1.0.2 to staging", "Refused", "staging", ("cms-api", "cms-worker"),
          check=("acme/cms", "1.0.2", "failure")),
    Scene("the same once its check is green", SAM, "cms:1.0.2 to staging", "Succeeded", "staging", ("cms-api", "cms-worker"),
          check=("acme/cms", "1.0.2", "success"), says="Content Management System: deployed version 1.0.2 to staging in "),
    Scene("what succeeded there to production, confirmed with a click", SAM, "promote cms to production", "Succeeded", "production",
          ("cms-api", "cms-worker"), confirms=True),
    Scene("a deploy that ECS rolls back", MARIA, "webapp:main to beta", "RolledBack", "beta", ("webapp",), script="crash-loop"),
    Scene("the way back", SAM, "rollback cms on production", "Succeeded", "production", ("cms-api", "cms-worker"), confirms=True),
    Scene("a pipeline that asks, waits and gets the verdict", "", "webapp main staging", "Succeeded", "staging", ("webapp",),
          pipeline="build-webapp", says="Asked by pipeline"),
)


class Conversation:
    """Reads along in the simulated Slack and prints what it shows, as it happens."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.next = 0
        self.heard: list[dict] = []

    def listen(self) -> None:
        """Prints what was said since the last time."""
        news = self.stack.world(f"messages?since={self.next}")
        self.next = news["next"]
        for message in news["messages"]:
            self.heard.append(message)
            where = CHANNELS.get(message.get("channel"), message.get("channel"))
            only = NAMES.get(message.get("only") or "")
            heading = f"longshore in {where}" + (f" (only {only} sees it)" if only else "")
            if message["kind"] != "posted":
                heading += f" ({message['kind']})"
            if message.get("thread_ts"):
                heading += " (in the thread)"
            print(f"{message['clock']} {heading}")
            print(textwrap.indent(message["words"].rstrip(), "           │ ", lambda _line: True), flush=True)

    def person(self, user: str, does: str) -> None:
        """Prints what a person does."""
        print(f"\n         {NAMES[user]} in {CHANNELS[CHANNEL]}: {does}", flush=True)


def records(stack: Stack) -> dict[str, dict]:
    """Every deploy record in the table, by id."""
    pages = stack.client("dynamodb").get_paginator("scan").paginate(
        TableName=stack.outputs["TableName"], FilterExpression="sk = :record",
        ExpressionAttributeValues={":record": {"S": "RECORD"}},
    )
    found = {}
    for page in pages:
        for item in page["Items"]:
            found[item["pk"]["S"].partition("#")[2]] = json.loads(item["body"]["S"])
    return found


def verdict(record: dict) -> str | None:
    """`Succeeded`, `RolledBack` …, none while the deploy goes on; the record spells them `rolled_back`."""
    ending = record.get("ending")
    return "".join(word.capitalize() for word in ending["verdict"].split("_")) if ending else None


def play(stack: Stack, scene: Scene, conversation: Conversation) -> str | None:
    """Plays a scene; says what was wrong with its end, if anything was."""
    if scene.script:
        for service in scene.services:
            stack.world("script", {"cluster": scene.environment, "service": service, "script": scene.script})
    if scene.check:
        repository, ref, conclusion = scene.check
        print(f"\n         CI in {repository}: test on {ref} ends with {conclusion}", flush=True)
        check = {"sha": ref, "name": "test", "conclusion": conclusion}
        stack.world("seed", {"repositories": [{"name": repository, "checks": [check]}]})
    before = set(records(stack))
    conversation.listen()
    heard = len(conversation.heard)
    step = None
    if scene.pipeline:
        step = begin_step(stack, scene)
    else:
        conversation.person(scene.user, f"/deploy {scene.text}")
        reply = stack.world("command", {"user": scene.user, "channel": CHANNEL, "text": scene.text})
        if reply["status"] != 200:
            return f"answered {reply['status']}"
    clicked = not scene.confirms
    ours: dict[str, dict] = {}
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        conversation.listen()
        ours = {id_: record for id_, record in records(stack).items() if id_ not in before}
        ended = [verdict(record) for record in ours.values() if verdict(record)]
        if ended and len(ended) == len(ours):
            problem = finish(scene, conversation, heard, ours, ended)
            return problem or (end_step(step) if step else None)
        if not clicked and any(record["phase"] == "asking" and (record.get("ask") or {}).get("shown") for record in ours.values()):
            # A person presses what they have read: the question of this scene, printed above.
            conversation.listen()
            button = question_button(conversation.heard[heard:])
            if button:
                conversation.person(scene.user, f"presses [{button['text']}]")
                stack.world("click", {"user": scene.user, "action": button["action_id"]})
                clicked = True
        time.sleep(0.2)
    if step:
        step.kill()
    return f"no verdict within {PATIENCE:.0f} s; it is {', '.join(r['phase'] for r in ours.values()) or 'not recorded'}"


def begin_step(stack: Stack, scene: Scene) -> subprocess.Popen:
    """The pipeline's step begins."""
    print(f"\n         pipeline {scene.pipeline}: deploy.py {scene.text}", flush=True)
    surroundings = {**clean_environment(), "LONGSHORE_URL": stack.url, "LONGSHORE_CI": scene.pipeline,
                    "LONGSHORE_KEY": PIPELINE_KEYS[scene.pipeline]}
    return subprocess.Popen([sys.executable, str(ROOT / "examples" / "deploy.py"), *scene.text.split()], env=surroundings, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def end_step(step: subprocess.Popen) -> str | None:
    """What the pipeline's step wrote and how it ended: it must end well."""
    try:
        said, _ = step.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        step.kill()
        return "the pipeline's step did not hear the verdict"
    print(textwrap.indent(said.rstrip(), "           │ "), flush=True)
    return None if step.returncode == 0 else f"the pipeline's step ended with {step.returncode}"


def question_button(messages: list[dict]) -> dict | None:
    """The button that says yes to the newest question among these."""
    buttons = [button for message in messages for button in message.get("buttons") or []]
    return next((button for button in reversed(buttons) if "confirm" in button["action_id"]), None)


def finish(scene: Scene, conversation: Conversation, heard: int, ours: dict[str, dict], ended: list[str]) -> str | None:
    """Hears the verdict out and compares it with what should have happened."""
    if len(ours) != 1:
        return f"{len(ours)} deploys were recorded for one request"
    if ended != [scene.verdict]:
        return f"ended {ended[0]}: {next(iter(ours.values()))['ending']['why']}"
    time.sleep(1.0)
    conversation.listen()
    if scene.says and not any(scene.says in message["words"] for message in conversation.heard[heard:]):
        return f"nobody read \"{scene.says}…\""
    return None
