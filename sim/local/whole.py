"""The part of `make test` that goes through the local stack: the deployed template, the binaries
that `cargo test` built, the real wire formats. Plays the demo's story, knocks at the door with what must not get in, and then
searches everything that was written anywhere for what must not be there."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import hmac
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib

import boto3

from processes import say
from stack import BOT_TOKEN, GITHUB_TOKEN, LOCAL, SIGNING_SECRET, Stack, account_keys
from story import CHANNEL, MARIA, SCENES, Conversation, play, records, verdict

COPIES = 20


def post(stack: Stack, body: bytes, headers: dict[str, str], path: str = "/slack/commands") -> tuple[int, bytes]:
    """One request at the front door."""
    form = {"content-type": "application/x-www-form-urlencoded", **headers}
    request = urllib.request.Request(stack.url + path, data=body, headers=form)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def command(text: str) -> bytes:
    """A slash command's body as Slack sends it."""
    return urllib.parse.urlencode({
        "team_id": "T0001", "channel_id": CHANNEL, "user_id": MARIA, "user_name": "maria", "command": "/deploy",
        "text": text, "api_app_id": "A0LONGSHORE", "is_enterprise_install": "false", "trigger_id": f"{time.time_ns()}.1.abc",
        "response_url": "https://hooks.slack.com/commands/T0001/1/PlantedResponseUrlSecret",
    }).encode()


def signed(body: bytes, secret: str = SIGNING_SECRET, at: int | None = None) -> dict[str, str]:
    """Slack's two headers."""
    timestamp = str(int(time.time()) if at is None else at)
    tag = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={tag}"}


def forged_requests_get_an_empty_401_and_leave_nothing_behind(stack: Stack) -> None:
    before = len(records(stack))
    body = command("webapp:main to staging")
    now = int(time.time())
    for headers in ({}, signed(body, "another-secret-0123456789"), signed(body, at=now - 400), signed(body, at=now + 400),
                    {**signed(body), "X-Slack-Signature": "v0="}):
        status, reply = post(stack, body, headers)
        assert (status, reply) == (401, b""), f"{headers} got {status} {reply!r}"
    assert len(records(stack)) == before, "a forged request was recorded"


def the_same_bytes_many_times_in_parallel_start_one_deploy(stack: Stack) -> None:
    before = set(records(stack))
    body = command("webapp:feature/signup-autocomplete to staging")
    headers = signed(body)
    with concurrent.futures.ThreadPoolExecutor(COPIES) as pool:
        answers = list(pool.map(lambda _n: post(stack, body, headers)[0], range(COPIES)))
    assert set(answers) == {200}, answers
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        ours = [record for id_, record in records(stack).items() if id_ not in before]
        assert len(ours) <= 1, f"{len(ours)} deploys from one request"
        # Until the waiter takes it in, there is the request alone.
        if ours and verdict(ours[0]):
            break
        time.sleep(0.2)
    assert [verdict(one) for one in ours] == ["Succeeded"], ours


def events_of_both_accounts_reach_the_waiter(stack: Stack) -> None:
    carried = (stack.directory / "events.log").read_text()
    for account in ("111111111111", "222222222222"):
        assert f"{account} ECS" in carried, f"no event of {account} was carried:\n{carried[-2000:]}"
    assert "was not carried" not in carried, carried[-2000:]


def other_people_s_tools_talk_to_ecs_and_ecr(stack: Stack) -> None:
    """boto3, and so the AWS command line, deploys past Longshore as a pipeline would."""
    here = {"endpoint_url": stack.world_url, "region_name": "eu-west-1", "aws_access_key_id": "222222222222",
            "aws_secret_access_key": "any"}
    ecs, ecr = boto3.client("ecs", **here), boto3.client("ecr", **{**here, "aws_access_key_id": "111111111111"})
    assert any(arn.endswith("/staging") for arn in ecs.list_clusters()["clusterArns"])
    services = ecs.list_services(cluster="staging")["serviceArns"]
    assert any(arn.endswith("/webapp") for arn in services), services
    image = ecr.describe_images(repositoryName="webapp", imageIds=[{"imageTag": "1.4.1"}])["imageDetails"][0]
    assert image["imageDigest"].startswith("sha256:") and image["imageStatus"] == "ACTIVE", image
    service = ecs.describe_services(cluster="staging", services=["webapp"])["services"][0]
    live = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    kept = ("family", "containerDefinitions", "cpu", "memory", "networkMode", "requiresCompatibilities",
            "executionRoleArn", "taskRoleArn", "volumes")
    copy = ecs.register_task_definition(**{key: live[key] for key in kept if live.get(key)})["taskDefinition"]
    assert copy["revision"] > live["revision"], copy
    ecs.update_service(cluster="staging", service="webapp", taskDefinition=copy["taskDefinitionArn"])
    ecs.get_waiter("services_stable").wait(cluster="staging", services=["webapp"], WaiterConfig={"Delay": 1})
    # Stable is not successful yet: ECS says that a moment later.
    deadline = time.monotonic() + 30
    while True:
        listed = ecs.list_service_deployments(cluster="staging", service="webapp")["serviceDeployments"]
        newest = max(listed, key=lambda one: one["createdAt"])
        if newest["status"] == "SUCCESSFUL" or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    assert newest["status"] == "SUCCESSFUL", newest
    try:
        ecr.describe_images(repositoryName="webapp", imageIds=[{"imageTag": "never-built"}])
        raise AssertionError("an image that is not there was described")
    except ecr.exceptions.ImageNotFoundException:
        pass


def people_fill_the_world_by_hand(stack: Stack) -> None:
    """What is tried first: a repository, an image, a task definition and a service of one's own."""
    here = {"endpoint_url": stack.world_url, "region_name": "eu-west-1"}
    keys = account_keys()
    dev = {**here, "aws_access_key_id": keys["AWS_ACCESS_KEY_ID_DEV"], "aws_secret_access_key": keys["AWS_SECRET_ACCESS_KEY_DEV"]}
    ecs, ecr = boto3.client("ecs", **dev), boto3.client("ecr", **dev)
    repository = ecr.create_repository(repositoryName="mine")["repository"]
    manifest = json.dumps({"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json"}})
    ecr.put_image(repositoryName="mine", imageManifest=manifest, imageTag="1")
    assert ecr.list_images(repositoryName="mine")["imageIds"][0]["imageTag"] == "1"
    assert ecr.batch_get_image(repositoryName="mine", imageIds=[{"imageTag": "1"}])["images"]
    assert ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    # Its role is of another account: the key that signs decides all the same.
    role = "arn:aws:iam::111111111111:role/mine"
    registered = ecs.register_task_definition(
        family="mine", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu=".25 vCPU", memory="0.5 GB",
        executionRoleArn=role, containerDefinitions=[{"name": "app", "image": f"{repository['repositoryUri']}:1"}],
    )["taskDefinition"]
    assert registered["taskDefinitionArn"].split(":")[4] == "222222222222", registered
    assert registered["cpu"] == "256", registered
    assert "mine" in ecs.list_task_definition_families(familyPrefix="mine")["families"]
    arn = ecs.create_service(
        cluster="staging", serviceName="mine", taskDefinition="mine", desiredCount=1,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    )["service"]["serviceArn"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "owner", "value": "me"}])
    assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "owner", "value": "me"}]
    service = ecs.describe_services(cluster="staging", services=["mine"])["services"][0]
    assert service["capacityProviderStrategy"][0]["capacityProvider"] == "FARGATE_SPOT", service
    ecs.delete_service(cluster="staging", service="mine", force=True)


def no_secret_is_written_anywhere(stack: Stack) -> None:
    logs, table, history, replies = written(stack)
    assert logs and table and history and replies, "nothing was found to search"
    for where, text in (("a log", logs), ("the table", table), ("an execution's history", history), ("a reply", replies)):
        for secret in (SIGNING_SECRET, BOT_TOKEN, GITHUB_TOKEN, "hooks.slack.com", "PlantedResponseUrlSecret"):
            at = text.find(secret)
            assert at < 0, f"{secret} is in {where}: …{text[max(0, at - 300):at + 100]}…"


def written(stack: Stack) -> tuple[str, str, str, str]:
    """Logs, table (without the items that hold a `response_url` on purpose), execution history, Slack."""
    items = []
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"]):
        items += [item for item in page["Items"] if not item["sk"]["S"].startswith("REPLY#")]
    states = stack.client("stepfunctions")
    events = []
    for page in states.get_paginator("list_executions").paginate(stateMachineArn=stack.outputs["StateMachineArn"]):
        for execution in page["executions"]:
            events.append(states.describe_execution(executionArn=execution["executionArn"]))
            for part in states.get_paginator("get_execution_history").paginate(executionArn=execution["executionArn"]):
                events += part["events"]
    replies = stack.world("messages")["messages"]
    table = json.dumps(items, default=lambda stored: zlib.decompress(bytes(stored)).decode())
    return stack.function_logs(), table, json.dumps(events, default=str), json.dumps(replies)


def main() -> None:
    stack = Stack(LOCAL / "whole")
    stack.up()
    passed, failed = 0, []
    conversation = Conversation(stack)
    transcript = (stack.directory / "conversation.txt").open("w")
    for scene in SCENES:
        with contextlib.redirect_stdout(transcript):
            problem = play(stack, scene, conversation)
        passed, failed = tell(scene.what, problem, passed, failed)
    for test in (forged_requests_get_an_empty_401_and_leave_nothing_behind,
                 the_same_bytes_many_times_in_parallel_start_one_deploy, events_of_both_accounts_reach_the_waiter,
                 other_people_s_tools_talk_to_ecs_and_ecr, people_fill_the_world_by_hand, no_secret_is_written_anywhere):
        try:
            test(stack)
            problem = None
        except AssertionError as error:
            problem = str(error)
        passed, failed = tell(test.__name__.replace("_", " "), problem, passed, failed)
    stack.end(wrong=bool(failed))
    print(f"stack: {passed} passed, {len(failed)} failed", flush=True)
    if failed:
        sys.exit(1)


def tell(what: str, problem: str | None, passed: int, failed: list[str]) -> tuple[int, list[str]]:
    say(f"{what} ... {'ok' if problem is None else 'FAILED: ' + problem}")
    return (passed + 1, failed) if problem is None else (passed, [*failed, what])


if __name__ == "__main__":
    main()
