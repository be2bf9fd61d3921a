"""The files of the node. All reading goes through here, below a root that only tests and samples set."""

from __future__ import annotations

import glob
import os

from agent_kit import clean, read_file


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


def container_of(files: Files) -> str | None:
    """The kind of container this node is, or None for a machine of its own."""
    named = clean(files.text("/run/systemd/container"), 40) or named_by_init(files)
    if named:
        return named
    # A disk made from an image keeps the marker of Docker, but only a machine of its own shows the threads of
    # its kernel.
    if files.text("/proc/2/comm") == "kthreadd":
        return None
    if files.exists("/.dockerenv"):
        return "docker"
    return "podman" if files.exists("/run/.containerenv") else None


def named_by_init(files: Files) -> str | None:
    """What started the first process may have told it, as LXC does; only root can read that."""
    for word in (files.read("/proc/1/environ", 65536) or "").split("\0"):
        if word.startswith("container="):
            return clean(word[len("container=") :], 40) or None
    return None
