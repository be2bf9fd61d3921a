"""What rules share: a finding, and the circumstances of the run it is made in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agent_kit import History

ORDER = ("critical", "high", "warning", "info")


class Finding(NamedTuple):
    rule: str
    severity: str
    subject: str
    title: str
    evidence: dict[str, Any]
    fix: str
    confidence: str = "certain"


class Context(NamedTuple):
    """What a rule may know besides its facts."""

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


def in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda it: (ORDER.index(it.severity), it.rule, it.subject))
