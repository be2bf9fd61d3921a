"""What rules may know besides their facts: the circumstances of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agent_kit_levels import level_of, levels_of

if TYPE_CHECKING:
    from agent_kit import History


class Context(NamedTuple):
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
        return str(levels_of(self.history).get("%s:%s" % (rule, subject), ""))

    def level(self, rule: str, subject: str, value: float, warning: float, critical: float) -> str | None:
        """Critical, warning or neither, with some slack on the way down so that nothing flickers."""
        before = self.before(rule, subject)
        return level_of(before, value, warning, critical)

    def same_boot(self, sample: Any) -> bool:
        """Whether a remembered counter is from since this boot; counters begin anew with each."""
        return isinstance(sample, dict) and sample.get("boot_id") == self.host.get("boot_id")
