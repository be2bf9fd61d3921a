"""What rules share: a finding, and the circumstances of the run it is made in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agent_kit import History

ORDER = ("critical", "high", "warning", "info")
SLACK = 3.0  # points that a value must fall below its threshold before the finding goes


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
    history: History

    @property
    def in_container(self) -> bool:
        """There, load, clock, sensors and kernel log are those of the machine around it."""
        return bool(self.host.get("container"))

    def before(self, rule: str, subject: str) -> str:
        """The severity of this finding in the last run, or an empty text."""
        levels = self.history.last("levels")
        return str(levels.get("%s:%s" % (rule, subject), "")) if isinstance(levels, dict) else ""

    def level(self, rule: str, subject: str, value: float, warning: float, critical: float) -> str | None:
        """Critical, warning or neither, with some slack on the way down so that nothing flickers."""
        before = self.before(rule, subject)
        if value >= critical - (SLACK if before == "critical" else 0):
            return "critical"
        if value >= warning - (SLACK if before in ("critical", "warning") else 0):
            return "warning"
        return None

    def same_boot(self, sample: Any) -> bool:
        """Whether a remembered counter is from since this boot; counters begin anew with each."""
        return isinstance(sample, dict) and sample.get("boot_id") == self.host.get("boot_id")


def in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda it: (ORDER.index(it.severity), it.rule, it.subject))
