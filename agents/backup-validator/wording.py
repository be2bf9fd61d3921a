"""Quantities and lists as a person reads them."""

from __future__ import annotations

import shlex
from typing import Sequence


def size(octets: float) -> str:
    """1.2 GB; powers of ten, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(octets) < 1000 or unit == "TB":
            digits = 0 if unit == "B" or abs(octets) >= 100 else 1
            return "%.*f %s" % (digits, octets, unit)
        octets /= 1000
    return ""


def span(seconds: float) -> str:
    """`3 days`, `5 hours`: one unit, rounded."""
    seconds = abs(seconds)
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 1.5 * length or (unit == "minute" and seconds >= 60):
            return count(round(seconds / length), unit)
    return count(round(seconds), "second")


def count(number: float, noun: str) -> str:
    return "%d %s%s" % (number, noun, "" if round(number) == 1 else "s")


def some(names: Sequence[str], shown: int = 3) -> str:
    """`a, b, c and 4 more`."""
    names = list(names)
    if len(names) <= shown:
        return ", ".join(names)
    return "%s and %d more" % (", ".join(names[:shown]), len(names) - shown)


def quoted(text: str) -> str:
    """A name from the node as one word of a command that a person may paste."""
    return shlex.quote(text)
