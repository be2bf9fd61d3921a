"""What rules may know besides their facts: the circumstances of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agent_kit import History


class Context(NamedTuple):
    now: float
    options: dict[str, Any]
    history: History

    def last_run(self) -> float | None:
        """When the containers were seen last, Unix seconds."""
        past = self.history.past("containers")
        return past[-1][0] if past else None

    def remembered(self, key: str, name: str) -> dict[str, Any] | None:
        """What the last run kept about one thing, or None."""
        kept = self.history.last(key)
        about = kept.get(name) if isinstance(kept, dict) else None
        return about if isinstance(about, dict) else None
