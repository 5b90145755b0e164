"""What examples/codebuild does, with stand-ins for docker, the AWS command line and curl; and deploy.py, before a server that verifies what it signs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import standardwebhooks

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "codebuild"
COMMIT = "1f0c9a52d9c5f2a3b8f7e6d5c4b3a29181706f5e"
IMAGE = f"111111111111.dkr.ecr.eu-west-1.amazonaws.com/cms:{COMMIT}"
SECRETS = {"GITHUB_STATUS_TOKEN": "token-of-github", "LONGSHORE_KEY": "whsec_a-key"}
SURROUNDINGS = {
    "APPLICATION": "cms", "ENVIRONMENT": "staging", "REPOSITORY_URI": IMAGE.partition(":")[0], "GITHUB_REPOSITORY": "acme/cms",
    "COMMIT": COMMIT, "AWS_REGION": "eu-west-1", "LONGSHORE_URL": "https://longshore.example", "LONGSHORE_CI": "cms-build",
}

# Writes down how it was called and what it was told, and fails where the line holds what is to fail.
STAND_IN = """#!/bin/sh
line="${0##*/} $*"
printf '%s\\n' "$line" >> "$CALLS"
case "$line" in "aws ecr "*) echo a-login ;; *) [ -t 0 ] || cat >> "$TOLD" ;; esac
[ -z "$FAILS" ] || case "$line" in *"$FAILS"*) exit "$CODE" ;; esac
"""


class TheBuild(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "bin").mkdir()
        for name in ("docker", "aws", "curl", "python3"):
            stand_in = self.folder / "bin" / name
            stand_in.write_text(STAND_IN)
            stand_in.chmod(0o755)

    def build(self, fails: str = "", code: int = 1, **changed: str) -> tuple[int, list[str]]:
        """Runs the steps; how they ended, and what was called."""
        calls, told = self.folder / "calls", self.folder / "told"
        for file in (calls, told):
            file.write_text("")
        surroundings = {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "CALLS": str(calls), "TOLD": str(told), "FAILS": fails,
                        "CODE": str(code), **SURROUNDINGS, **SECRETS, **changed}
        ended = subprocess.run(["sh", str(EXAMPLE / "build.sh")], env=surroundings, cwd=self.folder, input="", text=True,
                               capture_output=True, timeout=60, check=False)
        lines = calls.read_text().splitlines()
        for secret in SECRETS.values():
            self.assertNotIn(secret, "\n".join(lines) + ended.stdout + ended.stderr, "a secret is on a command line, or printed")
        return ended.returncode, lines

    def test_tests_builds_pushes_says_so_and_asks_in_this_order(self) -> None:
        code, lines = self.build()
        self.assertEqual(code, 0)
        steps = [next(index for index, line in enumerate(lines) if what in line) for what in (
            '"state":"pending"', "docker build --target test", "docker run", "docker build --target service", f"docker push {IMAGE}", '"state":"success"',
            f"python3 deploy.py cms {COMMIT} staging")]
        # The two of one pipe begin at the same time.
        login = [index for index, line in enumerate(lines) if line.startswith(("aws ecr get-login-password", "docker login"))]
        self.assertEqual(login, [3, 4], lines)
        self.assertEqual(steps, [index for index in range(len(lines)) if index not in login], lines)
        self.assertIn(SECRETS["GITHUB_STATUS_TOKEN"], (self.folder / "told").read_text())
        self.assertIn("a-login", (self.folder / "told").read_text())

    def test_the_status_is_the_commits(self) -> None:
        _, lines = self.build()
        statuses = [line for line in lines if line.startswith("curl ")]
        self.assertEqual(len(statuses), 2)
        for line in statuses:
            self.assertTrue(line.endswith(f"https://api.github.com/repos/acme/cms/statuses/{COMMIT}"), line)

    def test_whatever_fails_is_said_on_the_commit_and_nothing_is_asked_for(self) -> None:
        for fails in ("docker build --target test", "docker run", "docker login", "docker build --target service", "docker push",
                      '"state":"success"'):
            with self.subTest(fails):
                code, lines = self.build(fails)
                self.assertNotEqual(code, 0)
                self.assertIn('"state":"failure"', lines[-1])
                self.assertFalse([line for line in lines if line.startswith("python3")], lines)

    def test_only_what_passed_is_pushed(self) -> None:
        _, lines = self.build("docker run")
        self.assertFalse([line for line in lines if "push" in line or "--target service" in line], lines)

    def test_ends_as_the_deploy_does_and_the_status_stays(self) -> None:
        for verdict in (1, 2, 4):
            code, lines = self.build("python3 deploy.py", verdict)
            self.assertEqual(code, verdict)
            self.assertFalse([line for line in lines if '"state":"failure"' in line], lines)

    def test_takes_nothing_but_a_full_commit_hash(self) -> None:
        for commit in ("", "main", COMMIT[:7], COMMIT + "0", "../../../" + COMMIT[9:], COMMIT.upper(), COMMIT[:39] + "\n"):
            with self.subTest(commit):
                code, lines = self.build(COMMIT=commit)
                self.assertNotEqual(code, 0)
                self.assertEqual(lines, [])

    def test_says_what_is_missing(self) -> None:
        for name in (*SURROUNDINGS, *SECRETS):
            with self.subTest(name):
                code, lines = self.build(**{name: ""})
                self.assertNotEqual(code, 0)
                self.assertEqual(lines, [])

    def test_the_build_hands_over_what_the_steps_read(self) -> None:
        template = (EXAMPLE / "template.yaml").read_text()
        # CodeBuild itself sets these.
        for name in (SURROUNDINGS.keys() | SECRETS.keys()) - {"COMMIT", "AWS_REGION"}:
            self.assertIn(f"Name: {name},", template)
        for name in SECRETS:
            self.assertRegex(template, rf"Name: {name}, .*Type: PARAMETER_STORE")
        buildspec = (EXAMPLE / "buildspec.yml").read_text()
        self.assertIn('COMMIT="$CODEBUILD_RESOLVED_SOURCE_VERSION" sh "$BUILD_SCRIPT"', buildspec)


KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Door(BaseHTTPRequestHandler):
    """Verifies with the library of those who wrote the specification, and answers what it was told to, one after the other."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        standardwebhooks.Webhook(KEY).verify(body, dict(self.headers))
        self.server.heard.append((self.path, self.headers["webhook-id"], json.loads(body)))
        status, answer = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("retry-after", "1")
        if 300 <= status < 400:
            self.send_header("location", "/elsewhere")
        self.end_headers()
        self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


def stands(status: str, verdict: str | None = None, why: tuple[str, ...] = ()) -> dict:
    return {"deploy": "4f2k9x0a", "status": status, "verdict": verdict, "why": list(why)}


class TheStep(unittest.TestCase):
    def asks(self, *answers: tuple[int, object], key: str = KEY, arguments: tuple[str, ...] = ("cms", COMMIT, "staging")):
        """Exit code, what was printed, and what the door heard."""
        with ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
            door.heard, door.answers = [], list(answers)
            thread = threading.Thread(target=door.serve_forever, daemon=True)
            thread.start()
            surroundings = {"LONGSHORE_URL": f"http://127.0.0.1:{door.server_port}", "LONGSHORE_CI": "cms-build", "LONGSHORE_KEY": key}
            ended = subprocess.run([sys.executable, str(EXAMPLE.parent / "deploy.py"), *arguments], env=surroundings, text=True,
                                   capture_output=True, timeout=60, check=False)
            door.shutdown()
            thread.join()
        self.assertNotIn(KEY.removeprefix("whsec_"), ended.stdout + ended.stderr)
        return ended.returncode, ended.stdout + ended.stderr, door.heard

    def test_asks_waits_and_ends_as_the_deploy_does(self) -> None:
        code, said, heard = self.asks((202, stands("requested")), (200, stands("rolling")), (200, stands("ended", "succeeded")))
        self.assertEqual(code, 0, said)
        self.assertEqual([path for path, _, _ in heard], ["/ci/cms-build/deploys", "/ci/cms-build/status", "/ci/cms-build/status"])
        self.assertEqual(heard[0][2], {"application": "cms", "environment": "staging", "ref": COMMIT})
        self.assertEqual(heard[1][2], {"deploy": "4f2k9x0a"})
        self.assertEqual(len({delivery for _, delivery, _ in heard}), 3)

    def test_no_verdict_but_one_is_a_success(self) -> None:
        for verdict, expected in (("rolled_back", 10), ("failed", 11), ("cancelled", 12), ("expired", 13), ("superseded", 14),
                                  ("abandoned", 15), ("refused", 1), ("something_new", 1)):
            code, said, _ = self.asks((202, stands("ended", verdict, ("cms-api: the container exits with 1",))))
            self.assertEqual(code, expected, said)
            self.assertIn("the container exits with 1", said)

    def test_what_got_no_answer_is_sent_again_as_the_same(self) -> None:
        for status in (503, 429, 502):
            code, said, heard = self.asks((status, b"no"), (202, stands("ended", "succeeded")))
            self.assertEqual(code, 0, said)
            self.assertEqual(heard[0][1:], heard[1][1:])

    def test_a_no_is_told_and_is_no_success(self) -> None:
        for status, problem in ((401, b""), (403, {"code": "not_allowed", "title": "This pipeline may not do that there."}),
                                (409, {"code": "other_body", "title": "That webhook-id was used for another request."})):
            code, said, heard = self.asks((status, problem))
            self.assertEqual((code, len(heard)), (1, 1), said)
            self.assertIn(problem["title"] if problem else "it gives no reason", said)

    def test_follows_nobody_elsewhere(self) -> None:
        code, said, heard = self.asks((302, b""))
        self.assertEqual((code, len(heard)), (1, 1), said)

    def test_takes_no_answer_for_a_deploy_that_is_none(self) -> None:
        code, said, _ = self.asks((202, {"hello": "world"}))
        self.assertEqual(code, 3, said)

    def test_says_what_is_wrong_with_how_it_was_called(self) -> None:
        for arguments, key in (((), KEY), (("cms", COMMIT), KEY), (("cms", "", "staging"), KEY), (("cms", COMMIT, "staging"), ""),
                               (("cms", COMMIT, "staging"), "whsec_!")):
            code, said, heard = self.asks(arguments=arguments, key=key)
            self.assertEqual((code, heard), (2, []), said)


if __name__ == "__main__":
    unittest.main()
