"""The folder that things are restored into. It is gone when the run ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from typing import TYPE_CHECKING, Iterator

from agent_kit import NotSeen

if TYPE_CHECKING:
    from agent_kit import Agent

PREFIX = "carl-backup-"
LEFT_OVER_S = 86400.0
MIB = 1 << 20
# Memory is no place for what may be large, if a disk has room.
IN_MEMORY = ("tmpfs", "ramfs")
PLACES = ("/var/tmp", "/tmp")


@contextlib.contextmanager
def scratch_folder(agent: Agent, place: str) -> Iterator[str]:
    """A private folder in a place for as long as the block runs; nobody but this user can enter it."""
    folder = ""
    try:
        with agent.undisturbed():
            folder = tempfile.mkdtemp(prefix=PREFIX, dir=place)
        yield folder
    finally:
        with agent.undisturbed():
            # Whoever still writes there would put back what is removed.
            agent.end_commands()
            if folder:
                remove(folder)


def choose_place(wanted: str, file_systems: dict[str, str]) -> str:
    """Where to restore to: what a person named, else a disk with room, else memory."""
    if wanted:
        if not (os.path.isdir(wanted) and os.access(wanted, os.W_OK | os.X_OK)):
            raise NotSeen("%s is no folder to write to" % wanted, "Name another folder under Scratch folder.")
        return wanted
    places = [place for place in PLACES if os.access(place, os.W_OK | os.X_OK)]
    if not places:
        raise NotSeen("no folder for temporary files can be written", "Name one under Scratch folder.")
    return min(places, key=lambda place: (is_in_memory(place, file_systems), -free_in(place)))


def is_in_memory(place: str, file_systems: dict[str, str]) -> bool:
    path = os.path.realpath(place)
    while path not in file_systems and path != "/":
        path = os.path.dirname(path)
    return file_systems.get(path) in IN_MEMORY


def free_in(place: str) -> int:
    it = os.statvfs(place)
    return it.f_bavail * it.f_frsize


def check_room(folder: str, needed: int) -> None:
    """Leaves a fifth and 64 MiB over: the tools write caches there, too."""
    free = free_in(folder)
    if free < needed * 1.2 + 64 * MIB:
        raise NotSeen(
            "only %d MiB are free in %s" % (free // MIB, os.path.dirname(folder)),
            "Name a folder with more room under Scratch folder, or restore less.",
        )


def remove(folder: str) -> None:
    """Also what was restored with rights that forbid it."""
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def remove_left_overs(place: str, now: float | None = None) -> None:
    """Folders of runs that were killed: ours, and older than a day."""
    now = time.time() if now is None else now
    for name in os.listdir(place):
        path = os.path.join(place, name)
        if not name.startswith(PREFIX):
            continue
        with contextlib.suppress(OSError):
            it = os.lstat(path)
            if it.st_uid == os.geteuid() and now - it.st_mtime > LEFT_OVER_S and not os.path.islink(path):
                remove(path)
