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

    def number(self, path: str) -> int | None:
        try:
            return int(self.text(path))
        except ValueError:
            return None

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

    def is_file(self, path: str) -> bool:
        return os.path.isfile(self.at(path))

    def is_readable(self, path: str) -> bool:
        return os.access(self.at(path), os.R_OK)

    def link(self, path: str) -> str:
        """Where a link points, or an empty text."""
        try:
            return os.readlink(self.at(path))
        except OSError:
            return ""

    def changed_at(self, path: str) -> float | None:
        """Unix seconds of the last change of the content."""
        try:
            return os.stat(self.at(path)).st_mtime
        except OSError:
            return None


def fields(text: str | None, separator: str | None = None) -> dict[str, str]:
    """`NAME=value` or `Name: value` lines as a mapping; quotes around a value are taken off."""
    found: dict[str, str] = {}
    for line in (text or "").splitlines():
        words = line.split(separator, 1)
        if len(words) == 2 and words[0].strip():
            found[words[0].strip().rstrip(":")] = words[1].strip().strip("\"'")
    return found
