"""Processes of the local world: each in a process group of its own, each logging to a file, and all
of them gone when whoever started them is, however that happens."""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

STARTED = time.monotonic()


def say(line: str) -> None:
    """A progress line with the seconds since the start, on standard error."""
    print(f"[{time.monotonic() - STARTED:6.1f} s] {line}", file=sys.stderr, flush=True)


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def die_with_parent() -> None:
    """Asks Linux to send SIGTERM when the parent dies, even by SIGKILL; elsewhere does nothing."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    except (OSError, AttributeError):
        pass


class Processes:
    """What this program started. The end of the program ends it, unless it is `lasting` and was kept."""

    def __init__(self, directory: Path, *, lasting: bool = False) -> None:
        self.directory = directory
        self.started: dict[str, subprocess.Popen] = {}
        self.lasting = lasting
        self.keeping = False
        directory.mkdir(parents=True, exist_ok=True)
        die_with_parent()
        atexit.register(self.stop)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _frame: sys.exit(128 + received))

    def start(self, name: str, command: list[str], env: dict[str, str]) -> None:
        """Starts `command` with its output in NAME.log."""
        log = (self.directory / f"{name}.log").open("wb")
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=None if self.lasting else die_with_parent,
        )
        self.started[name] = process
        (self.directory / f"{name}.pid").write_text(f"{process.pid}\n")

    def wait_for(self, name: str, url: str, seconds: float = 30) -> None:
        """Waits until `url` answers 200; a process that ended first is an error that shows its log."""
        deadline = time.monotonic() + seconds
        while True:
            if self.started[name].poll() is not None:
                raise SystemExit(f"{name} ended at once:\n{self.tail(name)}")
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            if time.monotonic() > deadline:
                raise SystemExit(f"{name} did not answer {url} within {seconds:.0f} s:\n{self.tail(name)}")
            time.sleep(0.05)

    def tail(self, name: str, lines: int = 40) -> str:
        """The end of a process's log."""
        text = (self.directory / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def keep(self) -> None:
        """Leaves everything running for `stop_recorded`."""
        self.keeping = True

    def stop(self) -> None:
        """Ends everything started, newest first."""
        if self.keeping:
            return
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for name, process in reversed(list(self.started.items())):
            end_group(process.pid)
            process.wait()
            (self.directory / f"{name}.pid").unlink(missing_ok=True)
        self.started.clear()


def end_group(leader: int) -> None:
    """SIGTERM to a process group, SIGKILL to what is left of it two seconds later."""
    for number, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)):
        try:
            os.killpg(leader, number)
        except (ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _runs(leader):
                return
            time.sleep(0.02)


def _runs(group: int) -> bool:
    """Whether anything in a process group still runs; what ended and was not collected yet does not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(its_group) == group and state != "Z":
            return True
    return False


def stop_recorded(directory: Path) -> int:
    """Ends what an earlier program left running in `directory`; says how many that were."""
    ended = 0
    for record in sorted(directory.glob("*.pid")):
        leader = int(record.read_text())
        # A number that another program got meanwhile is left alone.
        if str(directory) in _environment_of(leader):
            end_group(leader)
            ended += 1
        record.unlink()
    return ended


def _environment_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""
