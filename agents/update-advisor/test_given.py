"""What the tests start from: circumstances of a run, samples of what nodes say, commands that answer."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import given
import testing
from agent_kit_files import Files
from context import Context
from given import WithFiles, answer_of

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


answer = partial(answer_of, HERE)


class Scripted(given.Scripted):
    """An agent of this folder whose commands give known answers."""

    def __init__(self, answers: dict[str, Any], **options: Any) -> None:
        super().__init__(HERE, answers, **options)


class Node(WithFiles):
    """Files of a node, below a folder."""

    def node(self, files: dict[str, str], days: dict[str, float] | None = None) -> Files:
        """`days` says how many days ago a file or folder was written."""
        return Files(self.files(files, days, NOW))
