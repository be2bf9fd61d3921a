"""What rules may know besides their facts: the circumstances of the run."""

from __future__ import annotations

from typing import Any, NamedTuple


class Context(NamedTuple):
    now: float
    host: dict[str, Any]
    options: dict[str, Any]
