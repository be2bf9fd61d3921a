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
        text = self.text(path)
        return int(text) if text.isdigit() else None

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

    def changed_at(self, path: str) -> float | None:
        """Unix seconds of the last change of the content."""
        try:
            return os.stat(self.at(path)).st_mtime
        except OSError:
            return None


def is_container(files: Files) -> bool:
    """Disks, arrays and pools that are seen in a container are those of the machine around it."""
    told = files.read("/proc/1/environ", 65536) or ""
    if files.text("/run/systemd/container") or any(it.startswith("container=") for it in told.split("\0")):
        return True
    # A disk made from an image keeps the marker of Docker, but only a machine of its own shows the threads of
    # its kernel.
    if files.text("/proc/2/comm") == "kthreadd":
        return False
    return files.exists("/.dockerenv") or files.exists("/run/.containerenv")
