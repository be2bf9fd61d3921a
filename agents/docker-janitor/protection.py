"""What people said shall stay, whatever else is true of it."""

from __future__ import annotations

import re
from typing import Any, Iterable, NamedTuple, Sequence


class Protection(NamedTuple):
    """Names, with * for any text, and labels: `key` for any value of it, or `key=value`."""

    names: Sequence[str]
    labels: Sequence[str]

    def of(self, names: Iterable[str], labels: dict[str, Any]) -> str | None:
        """By what a thing with these names and labels is protected, or None."""
        for name in names:
            for pattern in self.names:
                if fits(pattern, name):
                    return pattern
        for label in self.labels:
            key, equals, value = label.partition("=")
            if key in labels and (not equals or str(labels[key]) == value):
                return label
        return None


def fits(pattern: str, name: str) -> bool:
    parts = [re.escape(part) for part in pattern.split("*")]
    return re.fullmatch(".*".join(parts), name, re.DOTALL) is not None


def protection(options: dict[str, Any]) -> Protection:
    return Protection(options["protect"], options["protect_labels"])
