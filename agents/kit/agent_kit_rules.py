"""What rules share: a finding, and the order in which people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from typing import Callable

    from agent_kit import Agent

ORDER = ("critical", "high", "warning", "info")
DAY = 86400.0


class Finding(NamedTuple):
    """A judgement that nobody has told yet: `agent.finding(*finding)` tells it."""

    rule: str
    severity: str
    subject: str
    title: str
    evidence: dict[str, Any]
    fix: str
    confidence: str = "certain"


def judge_each(
    agent: Agent, seen: dict[str, Any], rules: dict[str, Callable[[Any], list[Finding]]]
) -> list[Finding]:
    """What the rules find in the sections that were seen. One that breaks takes only its own with it."""
    found: list[Finding] = []
    for name, rule in rules.items():
        if name in seen:
            try:
                found += rule(seen[name])
            except Exception as error:
                agent.failed(name, error)
    return found


def in_order(findings: list[Finding]) -> list[Finding]:
    """The worst first, and always in the same order."""
    return sorted(findings, key=lambda it: (ORDER.index(it.severity), it.rule, it.subject))
