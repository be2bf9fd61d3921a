"""What was set aside on this node, so that it can come back: where it lies, and how much room it takes.

A container stays in Docker, stopped and under another name; here lies only the recipe to make it anew, if
somebody cleaned up behind us. Of a volume the content lies here, compressed. Recipes hold the environment
of containers, which may be secret: the folder and its files are for its owner alone, and nothing of them is
told.
"""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any, Iterator

from agent_kit import read_file
from orders import ASIDE, PREFIX

GIB = 1 << 30
# However much the budget allows, that much of the disk stays free.
RESERVE = 512 << 20


def folder_of(option: str, is_root: bool) -> str:
    if option:
        return option
    return "/var/lib/carl-aside" if is_root else os.path.expanduser("~/.local/share/carl-aside")


def aside_name(name: str, identity: str) -> str:
    """The name it has meanwhile: one that a person recognises, and that is taken by nothing else."""
    return "%s%s-%s" % (PREFIX, name[:200], re.sub(r"[^0-9A-Za-z]", "", identity)[:20])


class Aside:
    """The folder of what was set aside."""

    def __init__(self, folder: str, budget_gib: float) -> None:
        self.folder, self.budget = folder, int(budget_gib * GIB)

    def path(self, name: str, ending: str) -> str:
        if not ASIDE(name):
            raise ValueError("no name of ours: %r" % name)
        return os.path.join(self.folder, name + ending)

    def prepare(self) -> None:
        """Makes the folder; raises OSError where that is not possible, or where it is somebody else's."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        found = os.lstat(self.folder)
        if found.st_uid != os.geteuid() or found.st_mode & 0o077 or not os.path.isdir(self.folder):
            raise PermissionError(0, "%s is not ours alone" % self.folder)

    def write_recipe(self, name: str, recipe: dict[str, Any]) -> None:
        """On disk before the thing itself is touched."""
        self.prepare()
        whole = json.dumps({**recipe, "at": time.time()})
        part = self.path(name, ".json.part")
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self.path(name, ".json"))

    def recipe(self, name: str) -> dict[str, Any] | None:
        text = read_file(self.path(name, ".json"), 8 << 20)
        try:
            recipe = json.loads(text) if text else None
        except ValueError:
            return None
        return recipe if isinstance(recipe, dict) else None

    def room(self) -> int:
        """Bytes that may be written still: what is left of the budget, and of the disk."""
        told = os.statvfs(self.folder)
        free = told.f_bavail * told.f_frsize - min(RESERVE, told.f_blocks * told.f_frsize // 10)
        return max(0, min(self.budget - self.used(), free))

    def used(self) -> int:
        total = 0
        for name in self.names():
            for ending in (".tar.gz", ".tar.gz.part"):
                total += size_of(self.path(name, ending))
        return total

    def bytes_of(self, name: str) -> int:
        return size_of(self.path(name, ".tar.gz"))

    def names(self) -> list[str]:
        try:
            files = os.listdir(self.folder)
        except OSError:
            return []
        names = {re.sub(r"\.(json|tar\.gz)(\.part)?$", "", file) for file in files}
        return sorted(name for name in names if ASIDE(name))

    def forget(self, name: str) -> None:
        """Removes all of it here."""
        # The recipe last: without it nothing would know of the rest.
        for ending in (".tar.gz.part", ".json.part", ".tar.gz", ".json"):
            try:
                os.unlink(self.path(name, ending))
            except FileNotFoundError:
                continue

    def entries(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name in self.names():
            recipe = self.recipe(name)
            if recipe is not None:
                yield name, recipe


def size_of(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
