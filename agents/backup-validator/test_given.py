"""What the tests start from: a look at a target, and the circumstances of a run."""

from __future__ import annotations

import os
from typing import Any

import testing
from context import Context
from target import Backup, Look, Target

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULTS = testing.option_defaults(HERE)
NOW = 1_800_000_000.0
HOUR, DAY = 3600.0, 86400.0
PLACE = "/srv/backup"


def look(kind: str = "restic", ages_h: tuple[float, ...] = (2,), found: bool = False, **given: Any) -> Look:
    """One whose backups are so many hours old. `policy` and whatever a look holds may be given."""
    it = Look(Target(kind, given.pop("location", PLACE), given.pop("policy", {}), found))
    sizes = given.pop("sizes", [None] * len(ages_h))
    it.series = [Backup("nas", NOW - age * HOUR, "id-%s" % age, size) for age, size in zip(ages_h, sizes)]
    for name, value in given.items():
        setattr(it, name, value)
    return it


def context(kept: dict[str, Any] | None = None, **options: Any) -> Context:
    return Context(NOW, {**DEFAULTS, **options}, {} if kept is None else {PLACE: kept})
