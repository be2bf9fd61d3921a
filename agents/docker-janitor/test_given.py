"""What the tests start from: circumstances of a run, containers and images as they are collected."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from typing import Any, Callable

import testing
from collect_containers import to_container
from context import Context
from given import history_of
from test_stand_in_docker import Server, World

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULTS = testing.option_defaults(HERE)
NOW = 1_800_000_000.0
DAY = 86400.0


def context(past: dict[str, Any] | None = None, **options: Any) -> Context:
    return Context(NOW, {**DEFAULTS, **options}, history_of(NOW, past))


def row(name: str = "web", state: str = "running", **given: Any) -> dict[str, Any]:
    """A container as `collect_containers` gives it. Times are seconds ago."""
    world = World()
    times = {key: NOW - given.pop(key) for key in ("created", "started", "finished") if key in given}
    defaults = {"created": NOW - 100 * DAY, "started": NOW - DAY, "finished": NOW - DAY}
    image = given.pop("image", "sha256:" + "1" * 64)
    key = world.container(name, image, state, **{**defaults, **times, **given})
    return to_container(world.containers[key])


class Docker(unittest.TestCase):
    """A stand-in for Docker on a socket of its own, and the agent run on it as on a node."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="carl-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.socket = os.path.join(self.folder, "docker.sock")
        self.world = World()
        self.serve(self.world)

    def serve(self, world: World) -> None:
        server = Server(self.socket, world)
        server.__enter__()
        self.addCleanup(server.__exit__)
        self.world = world

    def perform(self, mode: str = "report", history: Any = None, **options: Any) -> testing.Outcome:
        outcome = testing.run_agent(HERE, self.config(mode, history, options))
        self.assertEqual(outcome.err, "")
        return outcome

    def config(self, mode: str, history: Any, options: dict[str, Any], **given: Any) -> dict[str, Any]:
        standard = {
            "socket": self.socket,
            "stats": False,
            "aside_dir": os.path.join(self.folder, "aside"),
            "min_age_hours": 0,
        }
        run = {"mode": mode, "dryRun": given.pop("dry_run", False)}
        return testing.config_for(
            HERE, options={**standard, **options}, history=history or {}, run=run, **given
        )

    def plan(self, **options: Any) -> list[dict[str, Any]]:
        return self.perform("plan", **options).actions

    def apply(
        self, actions: list[dict[str, Any]], dry_run: bool = False, names: Any = None, **options: Any
    ) -> testing.Outcome:
        approval = testing.approval_of(actions, names)
        config = self.config("apply", None, options, approval=approval, dry_run=dry_run)
        return testing.run_agent(HERE, config)


def told_until_killed(
    config: dict[str, Any], arm: Callable[[Callable[[], None]], None]
) -> list[tuple[str, str]]:
    """What a run said of its actions before it was killed, as (aid, state). `arm` is given what kills it."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-B", os.path.join(testing.KIT, "testing.py"), "--run", HERE, ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    arm(child.kill)
    out, _ = child.communicate(json.dumps(config).encode(), timeout=120)
    if child.returncode != -signal.SIGKILL:
        raise AssertionError("it ended by itself, with %s" % child.returncode)
    told = [json.loads(line) for line in out.splitlines()]
    results = [event["result"] for event in told if event["kind"] == "action_result"]
    return [(it["aid"], it["state"]) for it in results]


def undone(outcome: testing.Outcome) -> list[dict[str, Any]]:
    """The actions that take back what was done, as they would be approved."""
    told = [event["result"] for event in outcome.of("action_result")]
    return [
        {"aid": "undo-%d" % place, "order": it["undo"]["order"], "readAt": 4e9}
        for place, it in enumerate(told)
        if it["undo"]
    ]
