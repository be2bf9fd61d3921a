"""What rules share: a finding, and the circumstances of the run it is made in."""

from __future__ import annotations

from typing import Any, NamedTuple

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
    # By location: what earlier runs kept of a target. See remember.py.
    kept: dict[str, dict[str, Any]]

    def before(self, location: str) -> dict[str, Any]:
        kept = self.kept.get(location)
        return kept if isinstance(kept, dict) else {}


def in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda it: (ORDER.index(it.severity), it.rule, it.subject))
