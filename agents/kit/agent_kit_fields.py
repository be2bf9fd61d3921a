"""Files that say one thing a line."""

from __future__ import annotations


def lines_of(text: str | None) -> list[str]:
    """The lines that say something: no comments, no empty ones."""
    stripped = (line.strip() for line in (text or "").splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def fields(text: str | None, separator: str | None = "=") -> dict[str, str]:
    """`NAME=value` lines as a mapping, or `Name: value` where the separator is None; quotes around a value
    are taken off."""
    found: dict[str, str] = {}
    for line in lines_of(text):
        words = line.split(separator, 1)
        if len(words) == 2 and words[0].strip():
            found[words[0].strip().rstrip(":")] = words[1].strip().strip("\"'")
    return found
