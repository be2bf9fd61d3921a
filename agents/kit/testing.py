"""Runs an agent without a node and without a server: for its tests, and to look at what it says.

    python3 agents/kit/testing.py agents/system-health [options as JSON]

Stays here: nothing of this file is carried to a node.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import types
from typing import Any, Iterator, NamedTuple, Sequence

KIT = os.path.dirname(os.path.abspath(__file__))


def make_car(config: dict[str, Any], speak: Any) -> types.ModuleType:
    """The module that the carrier provides on a node."""
    car = types.ModuleType("car")
    car.config, car.event, car.quiet = config, speak, False
    car.digest = "0" * 64
    sys.modules["car"] = car
    return car


class Outcome(NamedTuple):
    """All that a run said, and how it ended."""

    events: list[dict[str, Any]]
    code: int
    err: str
    seconds: float

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [event["finding"] for event in self.of("finding")]

    @property
    def result(self) -> dict[str, Any]:
        return self.of("result")[-1] if self.of("result") else {}

    @property
    def data(self) -> dict[str, Any]:
        return self.of("data")[-1]["data"] if self.of("data") else {}

    @property
    def gaps(self) -> list[dict[str, Any]]:
        return self.result.get("gaps", [])

    def found(self, rule: str, subject: str = "", severity: str = "") -> list[dict[str, Any]]:
        return [
            finding
            for finding in self.findings
            if finding["id"] == rule
            and subject in finding["subject"]
            and severity in ("", finding["severity"])
        ]

    @property
    def actions(self) -> list[dict[str, Any]]:
        """What it proposes."""
        return [event["action"] for event in self.of("action")]

    def became(self) -> list[tuple[str, str]]:
        """What became of the approved actions, in order, as (aid, state). `started` is left out."""
        results = [event["result"] for event in self.of("action_result")]
        return [(it["aid"], it["state"]) for it in results if it["state"] != "started"]

    def history(self) -> dict[str, Any]:
        return {event["key"]: event["value"] for event in self.of("history")}


def texts_of(value: Any) -> Iterator[str]:
    """Every text inside of what was said, as it is: how it would be printed hides what a terminal obeys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_of(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts_of(inner)


def option_defaults(folder: str) -> dict[str, Any]:
    """The defaults of `agent.yaml`, which gives each as JSON on a line of its own below the option's name."""
    defaults: dict[str, Any] = {}
    name = ""
    inside = False
    with open(os.path.join(folder, "agent.yaml"), encoding="utf-8") as manifest:
        for line in manifest:
            text = line.strip()
            if line.startswith("  properties:"):
                inside = True
            elif inside and line.startswith("    ") and not line.startswith("     ") and text.endswith(":"):
                name = text[:-1]
            elif inside and line.startswith("      default:"):
                defaults[name] = json.loads(text[len("default:") :])
    return defaults


def config_for(folder: str, **given: Any) -> dict[str, Any]:
    """A configuration as the server would send it. `options`, `history`, `secrets`, `run` and `approval` may
    be given."""
    run = {"id": "test", "mode": "report", "dryRun": True, "timeoutS": 120, "elevation": "none"}
    return {
        "run": {**run, "sentAt": time.time(), **given.get("run", {})},
        "node": {"id": "node", "name": "node"},
        "options": {**option_defaults(folder), **given.get("options", {})},
        "history": given.get("history", {}),
        "secrets": given.get("secrets", {}),
        **({"approval": given["approval"]} if "approval" in given else {}),
    }


def approval_of(
    actions: list[dict[str, Any]], names: dict[str, str] | None = None, **given: Any
) -> dict[str, Any]:
    """An approval as the server would send it, of actions as a run proposed them. `names` are those that were
    typed, by aid; with `given` any part can be made wrong."""
    import hashlib

    approved = {
        "v": 1,
        "approvalId": "apr_test",
        "nodeId": "node",
        "hostKey": "SHA256:test",
        "agentId": "test",
        "bundleSha256": "0" * 64,
        "dryRun": False,
        "expiresAt": time.time() + 600,
        "actions": [
            {
                "aid": action["aid"],
                "order": action["order"],
                "readAt": action["readAt"],
                "confirmedName": (names or {}).get(action["aid"]),
            }
            for action in actions
        ],
        **given,
    }
    text = json.dumps(approved)
    return {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def run_agent(
    folder: str,
    config: dict[str, Any],
    root: str = "",
    python: str = sys.executable,
    prefix: Sequence[str] = (),
    env: dict[str, str] | None = None,
    stop_after_s: float | None = None,
    stop_at: str | None = None,
) -> Outcome:
    """Runs the agent of a folder in a process of its own. `root` stands for `/` where the agent knows of
    it. It is told to stop some seconds after its first word, or once it takes a step that begins so."""
    begin = time.monotonic()
    child = subprocess.Popen(
        [*prefix, python, "-I", "-B", os.path.join(KIT, "testing.py"), "--run", folder, root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", **(env or {})},
        start_new_session=True,
    )
    try:
        if stop_after_s is None and stop_at is None:
            out, err = child.communicate(json.dumps(config).encode(), timeout=300)
        else:
            child.stdin.write(json.dumps(config).encode())
            child.stdin.close()
            first = child.stdout.readline()
            if stop_at is not None:
                wanted = b'"step": "%s' % stop_at.encode()
                while wanted not in first:
                    line = child.stdout.readline()
                    if not line:
                        break
                    first += line
            time.sleep(stop_after_s or 0)
            child.terminate()
            out, err = first + child.stdout.read(), child.stderr.read()
            child.wait(60)
    finally:
        child.kill()
        for pipe in (child.stdin, child.stdout, child.stderr):
            with contextlib.suppress(OSError):
                pipe.close()
    events = [json.loads(line) for line in out.splitlines()]
    return Outcome(events, child.returncode, err.decode("utf-8", "replace"), time.monotonic() - begin)


def be_the_agent(folder: str, root: str) -> None:
    """The inner process: says its events as lines on what was standard output; all else that is printed is
    an error."""
    config = json.loads(sys.stdin.buffer.read())
    events = os.fdopen(os.dup(1), "w", encoding="ascii", closefd=False)
    os.dup2(2, 1)

    def speak(kind: str, **fields: Any) -> None:
        events.write(json.dumps({"kind": kind, **fields}, allow_nan=False) + "\n")
        events.flush()

    recorded = config.pop("recorded", None)
    make_car(config, speak)
    sys.path[:0] = [folder, KIT]
    if recorded is not None:
        answer_from(recorded)
    if root:
        import agent
        import agent_kit

        actions = getattr(agent, "ACTIONS", None)
        sudo = getattr(agent, "SUDO", ())
        perform = agent.perform
        # Only an agent that reads files has to know of another root.
        body = perform if perform.__code__.co_argcount == 1 else lambda it: perform(it, root)
        agent_kit.main(body, agent.SCHEMA, sudo, actions)
    else:
        import runpy

        runpy.run_path(os.path.join(folder, "agent.py"), run_name="__main__")


def answer_from(recorded: list[dict[str, Any]]) -> None:
    """Commands are answered from a record from here on, and none is started. One that nobody recorded is
    missing, as on a node that does not have it, and the log says so."""
    import agent_kit
    import agent_kit_commands

    def named(argv: Sequence[str]) -> list[str]:
        return [os.path.basename(argv[0]), *argv[1:]]

    def which(agent: Any, program: str) -> str | None:
        known = any(os.path.basename(it["argv"][0]) == program for it in recorded)
        return "/usr/bin/" + program if known else None

    def perform(
        agent: Any, argv: list[str], deadline: float, limit: int, env: Any, cwd: str, lines: Any
    ) -> Any:
        asked = argv[3:] if os.path.basename(argv[0]) == "sudo" and argv[1:3] == ["-n", "--"] else argv
        for it in recorded:
            if named(it["argv"]) == named(asked):
                out, note = it.get("out", ""), it.get("note")
                if lines:
                    lines.feed(out.encode())
                    lines.finish()
                    out = ""
                elif len(out) > limit:
                    out, note = out[:limit], "truncated"
                return agent_kit_commands.Ran(it.get("rc", 0), out, it.get("err", ""), note)
        agent.log("The sample has no answer of this command: %s" % json.dumps(list(asked)), "warn")
        return agent_kit_commands.Ran(None, "", "", "missing")

    agent_kit.Agent.which = which  # type: ignore[method-assign]
    agent_kit_commands.perform = perform


def show(outcome: Outcome) -> None:
    """What a person would want to see of a run."""
    for finding in outcome.findings:
        print("%-8s %s  [%s]" % (finding["severity"], finding["title"], finding["id"]))
        print("         %s" % finding["fix"])
    for gap in outcome.gaps:
        print("not seen %s: %s\n         %s" % (gap["what"], gap["why"], gap["remedy"]))
    steps = ", ".join("%s %d ms" % (e["step"], e["ms"]) for e in outcome.of("progress") if "ms" in e)
    print("\n%s in %.1f s: %s" % (outcome.result.get("status"), outcome.seconds, steps))
    if outcome.err:
        print(outcome.err, file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1] == "--run":
        be_the_agent(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "--defaults":
        print(json.dumps(option_defaults(sys.argv[2])))
    else:
        options = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
        show(run_agent(sys.argv[1], config_for(sys.argv[1], options=options)))
