"""What rules share: a finding, and the circumstances of the run it is made in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agent_kit import History

ORDER = ("critical", "high", "warning", "info")
SLACK = 3.0  # points that a value must fall below its threshold before the finding goes
DAY = 86400.0
# For so long a counter that rose is news. What it was before that is what it always was.
NEWS_S = 7 * DAY


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

    def levels(self) -> dict[str, str]:
        """Findings of the last run with their severity, by `rule:subject`."""
        levels = self.history.last("levels")
        return levels if isinstance(levels, dict) else {}

    def level(self, rule: str, subject: str, value: float, warning: float, critical: float) -> str | None:
        """Critical, warning or neither, with some slack on the way down so that nothing flickers."""
        before = self.levels().get("%s:%s" % (rule, subject), "")
        if value >= critical - (SLACK if before == "critical" else 0):
            return "critical"
        if value >= warning - (SLACK if before in ("critical", "warning") else 0):
            return "warning"
        return None

    def earlier(self, key: str) -> list[tuple[float, dict[str, Any]]]:
        """Samples of a key that are objects, oldest first."""
        return [(at, value) for at, value in self.history.past(key) if isinstance(value, dict)]

    def settled(self, key: str, *path: str) -> int | None:
        """What a counter was more than a week ago, or None where nothing is known from then."""
        numbers = [inside(value, path) for at, value in self.earlier(key) if at <= self.now - NEWS_S]
        known = [number for number in numbers if number is not None]
        return known[-1] if known else None

    def baseline(self, key: str, *path: str) -> int | None:
        """What a counter was before it can be news: its value of a week ago, or else the first that is
        known. None on first sight."""
        numbers = [inside(value, path) for _, value in self.earlier(key)]
        known = [number for number in numbers if number is not None]
        settled = self.settled(key, *path)
        return settled if settled is not None else known[0] if known else None


def inside(value: Any, path: tuple[str, ...]) -> int | None:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda it: (ORDER.index(it.severity), it.rule, it.subject))
