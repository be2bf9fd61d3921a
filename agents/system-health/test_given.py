"""What the tests start from: circumstances of a run, samples of what nodes say, commands that answer."""

from __future__ import annotations

import os
from typing import Any

import testing
from agent_kit import Agent, History
from agent_kit_commands import Ran
from finding import Context, Finding

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULTS = testing.option_defaults(HERE)
NOW = 1_800_000_000.0
DAY = 86400.0
GIB = 1 << 30
HOST = {
    "container": None,
    "boot_id": "this-boot",
    "cpus": 4,
    "uptime_s": 10 * 86400,
    "kernel": "6.1.0-31-amd64",
    "platform": "debian",
    "init": "systemd",
}


def context(
    before: dict[str, str] | None = None,
    past: dict[str, Any] | None = None,
    host: dict[str, Any] | None = None,
    **options: Any,
) -> Context:
    """`before` are the findings of the last run with their severity. `past` is the last sample of each key,
    or all its samples where it is a list of pairs.
    """
    samples: dict[str, Any] = {}
    for key, value in (past or {}).items():
        is_series = isinstance(value, list) and bool(value) and isinstance(value[0], tuple)
        samples[key] = value if is_series else [(NOW - DAY, value)]
    if before is not None:
        samples["levels"] = [(NOW - DAY, before)]
    history = History(samples, lambda *_, **__: None)
    return Context(NOW, {**HOST, **(host or {})}, {**DEFAULTS, **options}, history)


def sample(name: str) -> str:
    with open(os.path.join(HERE, "samples", name), encoding="utf-8") as file:
        return file.read()


def rules(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(it.rule, it.severity) for it in findings]


class Scripted(Agent):
    """An agent whose commands give known answers, by the beginning of their command line."""

    def __init__(self, answers: dict[str, Any], **options: Any) -> None:
        super().__init__({"options": {**DEFAULTS, **options}})
        self.answers, self.asked = answers, []

    def which(self, program: str) -> str | None:
        return program if any(line.split()[0] == program for line in self.answers) else None

    def run(self, argv: Any, **_: Any) -> Ran:
        line = " ".join(argv)
        self.asked.append(line)
        for start, answer in self.answers.items():
            if line.startswith(start):
                return answer if isinstance(answer, Ran) else Ran(0, answer, "", None)
        return Ran(None, "", "", "missing")

    @property
    def gaps(self) -> list[str]:
        return [gap["what"] for gap in self._gaps]
