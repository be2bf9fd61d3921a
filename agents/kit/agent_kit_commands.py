"""Commands of an agent: never a shell, bounded in time and output, and on record. See `Agent.run`.

Travels with the kit, and is compiled by the first command of a run.
"""

from __future__ import annotations

import _signal as signal
import os
import select
import subprocess
import time

import car
from agent_kit import NotSeen, Stopped, clean, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

    from agent_kit import Agent


class Ran(tuple):
    """How a command ended. `rc` is None when it could not be started; `note` says what was unusual."""

    def __new__(cls, rc: int | None, out: str, err: str, note: str | None) -> Ran:
        return tuple.__new__(cls, (rc, out, err, note))

    rc = property(lambda self: self[0])
    out = property(lambda self: self[1])
    err = property(lambda self: self[2])
    note = property(lambda self: self[3])

    @property
    def ok(self) -> bool:
        return self.rc == 0 and self.note in (None, "pipe-held")


def run(
    agent: Agent,
    argv: Sequence[str],
    timeout: float,
    limit: int,
    sudo: bool,
    env: dict[str, str] | None,
    cwd: str = "/",
    each_line: Callable[[bytes], None] | None = None,
) -> Ran:
    """What `Agent.run` promises."""
    if agent.stopped_by:
        raise Stopped(agent.stopped_by)
    program = argv[0] if argv[0].startswith("/") else agent.which(argv[0])
    if program is None:
        return Ran(None, "", "", "missing")
    timeout = min(timeout, agent.seconds_left())
    if timeout <= 0:
        raise NotSeen("no time was left for it", "Run again when the node is less busy.")
    whole = [program, *argv[1:]]
    if sudo and not agent.is_root and tuple(argv) in agent._sudo:
        whole = [agent.which("sudo") or "sudo", "-n", "--", *whole]
    begin = time.monotonic()
    lines = Lines(each_line) if each_line else None
    # It looks by itself whether it shall stop. Cut off anywhere else, what it started would go on, and nobody
    # would know.
    with agent.undisturbed():
        ran = perform(agent, whole, begin + timeout, limit, {**agent._env, **(env or {})}, cwd, lines)
        agent._say(
            "exec",
            argv=[clean(word, 300) for word in whole[:200]],
            rc=ran.rc,
            ms=int((time.monotonic() - begin) * 1000),
            out=lines.size if lines else len(ran.out),
            err=len(ran.err),
            note=ran.note,
        )
    if ran.note == "cancelled":
        raise Stopped(agent.stopped_by)
    return ran


class Lines:
    """Hands on an output line by line. One that has no end is given up: it is no line of any list."""

    LONGEST = 1 << 18

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.take, self.rest, self.size, self.skips = take, bytearray(), 0, False

    def feed(self, octets: bytes) -> None:
        self.size += len(octets)
        *whole, rest = octets.split(b"\n")
        for part in whole:
            self.rest += part
            if not self.skips:
                self.take(bytes(self.rest))
            self.rest.clear()
            self.skips = False
        self.rest += rest
        if len(self.rest) > self.LONGEST:
            self.skips = True
            self.rest.clear()

    def finish(self) -> None:
        if self.rest and not self.skips:
            self.take(bytes(self.rest))


def perform(
    agent: Agent,
    argv: list[str],
    deadline: float,
    limit: int,
    env: dict[str, str],
    cwd: str,
    lines: Lines | None,
) -> Ran:
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    try:
        with agent._lock:
            if agent.stopped_by or agent._ended:
                return Ran(None, "", "", "cancelled")
            car.quiet = True  # the record below says more than the carrier's own would
            try:
                child = subprocess.Popen(
                    argv,
                    stdin=nothing,
                    stdout=pipe,
                    stderr=pipe,
                    env=env,
                    cwd=cwd,
                    start_new_session=True,
                )
            finally:
                car.quiet = False
            agent._children.add(child)
    except (OSError, ValueError) as error:
        return Ran(
            None, "", "", one_line("cannot start: %s" % (getattr(error, "strerror", None) or error), 100)
        )
    room = {child.stdout: limit, child.stderr: 65536}
    kept: dict[Any, bytearray] = {stream: bytearray() for stream in room}
    reading, note = set(room), None
    while reading and note is None:
        left = deadline - time.monotonic()
        ready, _, _ = select.select(list(reading), [], [], max(0.0, min(left, 0.2)))
        for stream in ready:
            octets = os.read(stream.fileno(), 65536)
            if not octets:
                reading.discard(stream)
            if lines and stream is child.stdout:
                try:
                    lines.feed(octets)
                    if not octets:
                        lines.finish()
                except Exception:
                    end(agent, child, "stopped")
                    raise
                continue
            free = room[stream] - len(kept[stream])
            kept[stream] += octets[:free]
            if len(octets) > free and stream is child.stdout:
                note = "truncated"
        if agent.stopped_by:
            note = "cancelled"
        elif left <= 0:
            note = "timeout"
        elif not ready and child.poll() is not None:
            note = "pipe-held"  # by a grandchild: it does not hold us
    note = note or linger(agent, child, deadline)
    rc = end(agent, child, note)
    if rc is None:
        note = "unkillable"
    for stream in room:
        stream.close()
    texts = [bytes(kept[stream]).decode("utf-8", "replace") for stream in room]
    return Ran(rc, texts[0], texts[1], note)


def linger(agent: Agent, child: subprocess.Popen, deadline: float) -> str | None:
    """Waits for a command that closed its output and may take its time. Says why it waits no longer."""
    ends = max(deadline, time.monotonic() + 0.1)
    while wait(child, 0.2) is None:
        if agent.stopped_by:
            return "cancelled"
        if time.monotonic() >= ends:
            return "timeout"
    return None


def end(agent: Agent, child: subprocess.Popen, note: str | None) -> int | None:
    """Brings the end of a command about, of one without a note only its bookkeeping. None for one that even
    SIGKILL does not reach."""
    try:
        if note is None:
            return child.returncode
        for number in (signal.SIGTERM, signal.SIGKILL):
            end_group(child.pid, number)
            rc = wait(child, 0.5)
            if rc is not None:
                return rc
        return None
    finally:
        if note is not None:
            end_group(child.pid, signal.SIGKILL)
        agent._children.discard(child)


def wait(child: subprocess.Popen, seconds: float) -> int | None:
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def end_all(agent: Agent) -> None:
    """What `Agent.end_commands` promises."""
    for child in list(agent._children):
        end(agent, child, "stopped")


def end_group(pgid: int, number: int) -> None:
    """Signals a process group; one that is gone is no matter."""
    try:
        os.killpg(pgid, number)
    except OSError:
        pass
