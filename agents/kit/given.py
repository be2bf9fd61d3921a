"""What the tests of agents start from: options as they are by default, what earlier runs kept, commands whose
answers are known, files of a node.

Stays here: nothing of this file is carried to a node.
"""

from __future__ import annotations

import os
import tempfile
import unittest
from typing import Any, Iterable

import testing
from agent_kit import Agent, History
from agent_kit_commands import Ran
from agent_kit_rules import DAY, Finding


def history_of(now: float, past: dict[str, Any] | None, levels: dict[str, str] | None = None) -> History:
    """`past` holds of each key its last sample, a day old, or all of them where it is a list of pairs of time
    and value. `levels` are the findings of the last run with their severity."""
    samples: dict[str, Any] = {}
    for key, value in (past or {}).items():
        is_series = isinstance(value, list) and bool(value) and isinstance(value[0], tuple)
        samples[key] = value if is_series else [(now - DAY, value)]
    if levels is not None:
        samples["levels"] = [(now - DAY, levels)]
    return History(samples, lambda *_, **__: None)


def answer_of(folder: str, name: str) -> str:
    """What a program or a file of a node said, as an agent keeps it for its tests."""
    with open(os.path.join(folder, "answers", name), encoding="utf-8") as file:
        return file.read()


def rules(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(it.rule, it.severity) for it in findings]


def results(outcome: testing.Outcome) -> list[tuple[str, str | None]]:
    """What became of each action, and for which reason it was not done."""
    told = [event["result"] for event in outcome.of("action_result")]
    return [(it["state"], it["reason"]) for it in told if it["state"] != "started"]


class Scripted(Agent):
    """An agent whose commands give known answers, by the beginning of their command line."""

    def __init__(self, folder: str, answers: dict[str, Any], **options: Any) -> None:
        super().__init__({"options": {**testing.option_defaults(folder), **options}})
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


class WithFiles(unittest.TestCase):
    """Files of a node, below a folder that stands for `/`."""

    def files(self, texts: dict[str, str], days: dict[str, float] | None = None, now: float = 0.0) -> str:
        """`days` says how many days before `now` a file or folder was written. Gives the folder."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for path, text in texts.items():
            os.makedirs(os.path.dirname(folder.name + path), exist_ok=True)
            with open(folder.name + path, "w", encoding="utf-8") as file:
                file.write(text)
        for path, ago in (days or {}).items():
            os.utime(folder.name + path, (now - ago * DAY, now - ago * DAY))
        return folder.name
