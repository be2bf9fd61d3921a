"""What rules share: a finding, and the circumstances of the run it is made in."""

from __future__ import annotations

from typing import Any, NamedTuple

ORDER = ("critical", "high", "warning", "info")
DAY = 86400.0


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
    host: dict[str, Any]
    options: dict[str, Any]


def in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda it: (ORDER.index(it.severity), it.rule, it.subject))
