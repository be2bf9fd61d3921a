"""What the tests start from: circumstances of a run, samples of what nodes say, commands that answer."""

from __future__ import annotations

import os
import tempfile
import unittest
from typing import Any

import testing
from agent_kit import Agent
from agent_kit_commands import Ran
from files import Files
from finding import Context, Finding

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULTS = testing.option_defaults(HERE)
NOW = 1_800_000_000.0  # 2027-01-15
DAY = 86400.0
HOST = {
    "os_id": "debian",
    "os_version": "12",
    "os_name": "Debian GNU/Linux 12 (bookworm)",
    "platform": "debian",
    "kernel": "6.1.0-31-amd64",
    "container": None,
    "support_end": None,
    "extended": False,
}


def context(host: dict[str, Any] | None = None, **options: Any) -> Context:
    return Context(NOW, {**HOST, **(host or {})}, {**DEFAULTS, **options})


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


class Node(unittest.TestCase):
    """Files of a node, below a folder."""

    def node(self, files: dict[str, str], days: dict[str, float] | None = None) -> Files:
        """`days` says how many days ago a file or folder was written."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for path, text in files.items():
            os.makedirs(os.path.dirname(folder.name + path), exist_ok=True)
            with open(folder.name + path, "w", encoding="utf-8") as file:
                file.write(text)
        for path, ago in (days or {}).items():
            os.utime(folder.name + path, (NOW - ago * DAY, NOW - ago * DAY))
        return Files(folder.name)
