"""Which part of a repository is read in this run, so that all of it has been read after some runs."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

# However large it is, a window must come around again.
MOST_WINDOWS = 4096


class Window(NamedTuple):
    number: int  # from 0
    of: int

    def has(self, name: str) -> bool:
        return place_of(name) % self.of == self.number

    @property
    def label(self) -> str:
        return "%d/%d" % (self.number + 1, self.of)


def choose_window(before: dict[str, Any], total: int | None, to_read: int, runs: int) -> Window:
    """The next window after the one before: as many as it takes for one to fit into what may be read."""
    of = max(1, runs)
    while total is not None and to_read > 0 and total / of > to_read and of < MOST_WINDOWS:
        of *= 2
    turn = before.get("turn")
    number = (turn if isinstance(turn, int) else 0) % of
    return Window(number, of)


def place_of(name: str) -> int:
    """The same number for the same name, evenly spread."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8], "big")
