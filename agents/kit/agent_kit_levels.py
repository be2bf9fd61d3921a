"""Levels that do not flicker: what a finding was in the last run has a say in what it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent_kit import History

SLACK = 3.0  # points that a value must fall below its threshold before the finding goes


def levels_of(history: History) -> dict[str, str]:
    """Findings of the last run with their severity, by `rule:subject`: what an agent keeps as `levels`."""
    levels = history.last("levels")
    return levels if isinstance(levels, dict) else {}


def level_of(before: Any, value: float, warning: float, critical: float) -> str | None:
    """Critical, warning or neither, with some slack on the way down from what it was before."""
    if value >= critical - (SLACK if before == "critical" else 0):
        return "critical"
    if value >= warning - (SLACK if before in ("critical", "warning") else 0):
        return "warning"
    return None
