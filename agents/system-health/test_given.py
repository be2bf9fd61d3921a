"""What the tests start from: circumstances of a run, samples of what nodes say, commands that answer."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import given
import testing
from context import Context
from given import answer_of, history_of

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
    history = history_of(NOW, past, before)
    return Context(NOW, {**HOST, **(host or {})}, {**DEFAULTS, **options}, history)


answer = partial(answer_of, HERE)


class Scripted(given.Scripted):
    """An agent of this folder whose commands give known answers."""

    def __init__(self, answers: dict[str, Any], **options: Any) -> None:
        super().__init__(HERE, answers, **options)
