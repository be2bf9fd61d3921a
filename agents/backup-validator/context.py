"""What rules may know besides their facts: the circumstances of the run."""

from __future__ import annotations

from typing import Any, NamedTuple


class Context(NamedTuple):
    now: float
    options: dict[str, Any]
    # By location: what earlier runs kept of a target. See remember.py.
    kept: dict[str, dict[str, Any]]

    def before(self, location: str) -> dict[str, Any]:
        kept = self.kept.get(location)
        return kept if isinstance(kept, dict) else {}
