"""What rules may know besides their facts: the circumstances of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agent_kit_levels import level_of, levels_of
from agent_kit_rules import DAY

if TYPE_CHECKING:
    from agent_kit import History

# For so long a counter that rose is news. What it was before that is what it always was.
NEWS_S = 7 * DAY


class Context(NamedTuple):
    now: float
    options: dict[str, Any]
    history: History

    def level(self, rule: str, subject: str, value: float, warning: float, critical: float) -> str | None:
        """Critical, warning or neither, with some slack on the way down so that nothing flickers."""
        before = levels_of(self.history).get("%s:%s" % (rule, subject))
        return level_of(before, value, warning, critical)

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
