"""What the local world promises people, without starting it: `python -m unittest` in this directory."""

from __future__ import annotations

import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import stack
import story

QUESTION = {"at": "2026-03-02T09:00:00Z", "clock": "10:00:00", "kind": "posted", "channel": story.CHANNEL, "words": "Shall it be?",
            "buttons": [{"action_id": "confirm", "text": "Deploy"}]}


class World:
    """A stack whose question is recorded before it can be read."""

    def __init__(self, *, late: int) -> None:
        self.said: list[dict] = [{**QUESTION, "words": "an older question"}]
        self.late = late
        self.asked = 0
        self.clicked_after: list[str] = []
        self.phase = "planned"
        self.commanded = False

    def world(self, what: str, body: dict | None = None) -> dict:
        if what == "command":
            self.phase, self.commanded = "asking", True
            return {"status": 200}
        if what == "click":
            self.phase = "ended"
            return {"status": 200}
        self.asked += self.commanded
        if self.asked == self.late:
            self.said.append(QUESTION)
        since = int(what.partition("=")[2])
        return {"next": len(self.said), "messages": self.said[since:]}

    def records(self, _stack) -> dict[str, dict]:
        if not self.commanded:
            return {}
        ending = {"verdict": "succeeded", "why": ""} if self.phase == "ended" else None
        return {"id-1": {"phase": self.phase, "ask": {"shown": True}, "ending": ending}}


class TheDemo(unittest.TestCase):
    def test_shows_a_question_before_it_presses_its_button(self) -> None:
        for late in (1, 2, 3, 6):
            world, printed = World(late=late), io.StringIO()
            conversation = story.Conversation(world)
            scene = next(scene for scene in story.SCENES if scene.confirms)
            with mock.patch.object(story, "records", world.records), mock.patch("time.sleep"), \
                    contextlib.redirect_stdout(printed):
                self.assertIsNone(story.play(world, scene, conversation))
            said = printed.getvalue()
            typed, shown, pressed = (said.index(words) for words in ("/deploy", "Shall it be?", "presses [Deploy]"))
            self.assertTrue(typed < shown < pressed, said)
            self.assertLess(said.index("an older question"), typed)


    def test_says_what_nobody_read(self) -> None:
        for says, problem in (("Shall it", None), ("It runs", 'nobody read "It runs…"')):
            world = World(late=1)
            scene = story.Scene("a scene", story.ADA, "webapp to staging", "Succeeded", "staging", ("webapp",), confirms=True, says=says)
            with mock.patch.object(story, "records", world.records), mock.patch("time.sleep"), \
                    contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(story.play(world, scene, story.Conversation(world)), problem)


class TheEnvironment(unittest.TestCase):
    def test_has_keys_of_both_accounts_and_a_github_token(self) -> None:
        with mock.patch.object(stack.Stack, "__init__", lambda self: None):
            one = stack.Stack()
        one.aws_url, one.world_url = "http://127.0.0.1:1", "http://127.0.0.1:2"
        one.outputs = {"ApiId": "a", "TableName": "t", "StateMachineArn": "m"}
        variables = one.environment()
        keys = {value for name, value in variables.items() if name.startswith("AWS_ACCESS_KEY_ID_")}
        self.assertEqual(keys, {"111111111111", "222222222222"})
        secrets = [name for name in variables if name.startswith("AWS_SECRET_ACCESS_KEY_")]
        self.assertEqual(len(secrets), 2)
        self.assertTrue(variables["GITHUB_TOKEN"])

    def test_of_another_stack_is_not_handed_on(self) -> None:
        given = {"GITHUB_TOKEN": "x", "AWS_ACCESS_KEY_ID_DEV": "x", "AWS_PROFILE": "x", "PATH": "/bin", "HOME": "/"}
        with mock.patch.dict("os.environ", given, clear=True):
            clean = stack.clean_environment()
        self.assertEqual(set(clean) & set(given), {"PATH", "HOME"})


class TheTemplate(unittest.TestCase):
    def test_is_deployed_as_it_is_but_for_where_the_code_is(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            built, packages = Path(scratch, "built"), Path(scratch, "packages")
            built.mkdir()
            for name in ("slash", "ci", "waiter"):
                (built / name).write_text(name)
                (built / name).chmod(0o755)
            with mock.patch.object(stack, "BUILT", built), mock.patch("shutil.which", lambda _name: None):
                laid_out = stack.lay_out(packages)
            before = stack.TEMPLATE.read_text().splitlines()
            after = laid_out.read_text().splitlines()
            self.assertEqual(len(before), len(after))
            changed = [(old, new) for old, new in zip(before, after) if old != new]
            self.assertEqual(changed, [("      CodeUri: .", "      CodeUri: slash"), ("      CodeUri: .", "      CodeUri: ci"), ("      CodeUri: .", "      CodeUri: waiter")])
            for name in ("slash", "ci", "waiter"):
                package = packages / name / "bootstrap"
                self.assertEqual(package.read_text(), name)
                self.assertTrue(package.stat().st_mode & 0o100, name)


class TheMakefile(unittest.TestCase):
    def test_builds_nothing_in_release_mode_but_for_installing_and_measuring(self) -> None:
        makefile = Path(stack.ROOT, "Makefile").read_text()
        targets, here = {}, ""
        for line in makefile.splitlines():
            if line[:1].isalpha() or line[:1] == "$":
                here, _, needs = line.partition(" ##")[0].partition(":")
                targets[here] = [needs]
            elif here:
                targets[here].append(line)
        release = {name for name, lines in targets.items() if any("--release" in one or "sam build" in one for one in lines)}
        needing = {name for name, lines in targets.items() if "build" in lines[0].split()}
        self.assertEqual((release, needing), ({"build", "bench"}, {"bench"}))

    def test_simulates_without_what_functions_write(self) -> None:
        makefile = Path(stack.ROOT, "Makefile").read_text()
        recipe = makefile.partition("\nsimulate:")[2].partition("\n\n")[0]
        self.assertIn("simulate::the_invariants", recipe)
        # The functions write their metrics to standard output, which goes to a file; who waits reads the rest.
        self.assertTrue(recipe.rstrip().endswith("> .local/simulate.log"), recipe)


if __name__ == "__main__":
    unittest.main()
