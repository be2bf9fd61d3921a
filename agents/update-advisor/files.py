"""The files of the node. All reading goes through here, below a root that only tests set."""

from __future__ import annotations

import glob
import os

from agent_kit import read_file


class Files:
    """Paths are the node's own; what is missing or unreadable reads as None or empty."""

    def __init__(self, root: str = "") -> None:
        self.root = root.rstrip("/")

    def at(self, path: str) -> str:
        return self.root + path

    def read(self, path: str, limit: int = 1 << 20) -> str | None:
        return read_file(self.at(path), limit)

    def text(self, path: str) -> str:
        """The content without the white space around it."""
        return (self.read(path, 65536) or "").strip()

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(os.listdir(self.at(folder)))
        except OSError:
            return []

    def glob(self, pattern: str) -> list[str]:
        found = glob.glob(glob.escape(self.root) + pattern)
        return sorted(path[len(self.root) :] for path in found)

    def exists(self, path: str) -> bool:
        return os.path.exists(self.at(path))

    def link(self, path: str) -> str | None:
        """Where a link points, or None where that may not be seen."""
        try:
            return os.readlink(self.at(path))
        except OSError:
            return None

    def changed_at(self, path: str) -> float | None:
        """Unix seconds of the last change of the content."""
        try:
            return os.stat(self.at(path)).st_mtime
        except OSError:
            return None


def lines_of(text: str | None) -> list[str]:
    """The lines that say something: no comments, no empty ones."""
    stripped = (line.strip() for line in (text or "").splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def fields(text: str | None) -> dict[str, str]:
    """`NAME=value` lines as a mapping; quotes around a value are taken off."""
    found: dict[str, str] = {}
    for line in lines_of(text):
        name, equals, value = line.partition("=")
        if equals:
            found[name.strip()] = value.strip().strip("\"'")
    return found
