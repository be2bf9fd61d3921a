"""The restore drill: some files of the newest backup come back and are compared, byte by byte."""

from __future__ import annotations

import hashlib
import heapq
import os
import shutil
import stat
import time
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from agent_kit import NotSeen, clean
from scratch import check_room
from window import place_of
from work import PIECE, said

if TYPE_CHECKING:
    from agent_kit_commands import Ran
    from context import Context
    from target import Backup, Look
    from work import Work

NEWEST, BIGGEST = 5, 3
MOST_GROUPS = 5
MOST_WRONG = 20
# Of a modification time, seconds: not every tool keeps more.
SAME_TIME_S = 1.0


class File(NamedTuple):
    path: str  # inside of the backup
    size: int  # -1 where nobody tells
    at: float  # when its content changed last
    live: str  # where the original lies; empty when nobody knows


class Sample:
    """Chooses files while a list of any length goes by: the newest, the biggest that fit, and a rest.

    The same list and seed give the same files; another seed another rest.
    """

    def __init__(self, most_files: int, most_bytes: int, seed: str, canaries: dict[str, str]) -> None:
        self.most_files, self.most_bytes, self.seed = most_files, most_bytes, seed
        self.canaries = canaries
        self.newest: list[tuple[Any, ...]] = []
        self.biggest: list[tuple[Any, ...]] = []
        self.others: list[tuple[Any, ...]] = []
        self.planted: list[File] = []
        self.count, self.bytes = 0, 0

    def add(self, file: File) -> None:
        self.count, self.bytes = self.count + 1, self.bytes + file.size
        if file.size > self.most_bytes or not is_plain(file.path):
            return
        if file.live in self.canaries:
            self.planted.append(file)
            return
        keep(self.newest, (file.at, file.path, file), NEWEST)
        keep(self.biggest, (file.size, file.path, file), BIGGEST)
        # Some more than are wanted: not all of them may fit.
        keep(self.others, (-place_of(self.seed + file.path), file.path, file), 4 * self.most_files)

    def chosen(self) -> list[File]:
        """At most so many files and bytes as were allowed."""
        ordered = [sorted(heap, reverse=True) for heap in (self.newest, self.biggest, self.others)]
        chosen: dict[str, File] = {}
        room = self.most_bytes
        for file in [*self.planted, *(row[2] for rows in ordered for row in rows)]:
            if len(chosen) < self.most_files and file.path not in chosen and file.size <= room:
                chosen[file.path] = file
                room -= max(0, file.size)
        return list(chosen.values())


def keep(heap: list[tuple[Any, ...]], row: tuple[Any, ...], most: int) -> None:
    """The greatest rows of all that were given."""
    if len(heap) < most:
        heapq.heappush(heap, row)
    elif row[:2] > heap[0][:2]:
        heapq.heapreplace(heap, row)


def is_plain(path: str) -> bool:
    """Whether a path can be given to a tool and found below the scratch folder again, and nowhere else."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return bool(path) and "\0" not in path and ".." not in path.split("/")


ListFiles = Callable[["Backup", Sample, float], "Ran"]
Restore = Callable[["Backup", "list[File]", str, float], "Ran"]
Holds = Callable[["Backup", str], bool]


class TimeOver(Exception):
    """The seconds of the drill were over in the middle of a file."""


def restore_newest(
    work: Work,
    look: Look,
    context: Context,
    list_files: ListFiles,
    restore: Restore,
    holds: Holds = lambda backup, path: False,
) -> None:
    """Restores from the newest backup of each series, within the bytes, files and seconds of one drill."""
    options = context.options
    ends = time.monotonic() + options["restore_max_s"]
    newest = sorted((backups[-1] for backups in look.groups.values()), key=lambda it: -it.at)[:MOST_GROUPS]
    newest = [backup for backup in newest if backup.id]
    drill: dict[str, Any] = empty_drill(work.now)
    look.drill = drill
    most_bytes, most_files = int(options["restore_max_mb"] * 1_000_000), options["restore_max_files"]
    canaries = parse_canaries(options["canaries"])
    begin = time.monotonic()
    for place, backup in enumerate(newest):
        left = len(newest) - place
        seed = "%s %s" % (backup.id, context.before(look.target.location).get("turn"))
        sample = Sample(
            max(1, (most_files - drill["files"]) // left),
            (most_bytes - drill["listed"]) // left,
            seed,
            canaries,
        )
        if not ran_well(work, look, drill, list_files(backup, sample, time_left(work, ends)), "listing"):
            break
        planted = {file.live for file in sample.planted}
        for path in canaries:
            if path not in planted and holds(backup, path):
                why = "the canary is not in the newest backup"
                drill["wrong"].append({"path": clean(path, 300), "why": why})
        if not bring_back(work, look, drill, backup, sample.chosen(), restore, ends):
            break
    drill["seconds"] = round(time.monotonic() - begin, 1)
    drill["proved"] = is_proof(drill)


def empty_drill(now: float) -> dict[str, Any]:
    counts = dict.fromkeys(
        ("files", "listed", "bytes", "identical", "changed", "gone", "missing", "different"), 0
    )
    return {"at": now, "backups": [], "wrong": [], "failed": None, "stopped": None, "proved": False, **counts}


def is_proof(drill: dict[str, Any]) -> bool:
    """All that was asked for came back as it was listed, and nothing that could be compared differs."""
    return drill["files"] > 0 and not (drill["wrong"] or drill["failed"] or drill["stopped"])


def bring_back(
    work: Work,
    look: Look,
    drill: dict[str, Any],
    backup: Backup,
    chosen: list[File],
    restore: Restore,
    ends: float,
) -> bool:
    """One backup. Says whether the drill may go on with the next."""
    if not chosen:
        work.gap(look, "drill", "no file of %s fits into what may be restored" % clean(backup.group, 100))
        return True
    try:
        check_room(work.scratch, sum(max(0, file.size) for file in chosen))
    except NotSeen as blind:
        work.gap(look, "drill", str(blind), blind.remedy)
        return False
    folder = os.path.join(work.scratch, "restored")
    os.mkdir(folder)
    work.agent.progress("restore %s" % clean(look.target.location, 60), "start", done=0, total=len(chosen))
    ran = restore(backup, chosen, folder, time_left(work, ends))
    drill["backups"].append({"group": backup.group, "id": clean(backup.id, 100), "at": backup.at})
    drill["files"] += len(chosen)
    drill["listed"] += sum(max(0, file.size) for file in chosen)
    if not ran_well(work, look, drill, ran, "restore"):
        return False
    goes_on = compare(work, look, drill, chosen, folder, parse_canaries(work.options["canaries"]), ends)
    shutil.rmtree(folder, ignore_errors=True)
    return goes_on


def ran_well(work: Work, look: Look, drill: dict[str, Any], ran: Ran, what: str) -> bool:
    """A tool that was stopped says nothing about the backup; one that failed does."""
    if ran.note in ("timeout", "truncated", "unkillable"):
        return stop(work, look, drill, what)
    if not ran.ok and drill["failed"] is None:
        drill["failed"] = {"what": what, "rc": ran.rc, "said": said(ran)}
    return what == "restore" or ran.ok


def stop(work: Work, look: Look, drill: dict[str, Any], what: str) -> bool:
    drill["stopped"] = "its %d s were over while %s" % (work.options["restore_max_s"], what)
    work.gap(look, "drill", drill["stopped"], "Allow the drill more time, or let it restore less.")
    return False


def compare(
    work: Work,
    look: Look,
    drill: dict[str, Any],
    chosen: list[File],
    folder: str,
    canaries: dict[str, str],
    ends: float,
) -> bool:
    for file in chosen:
        try:
            verdict, why, size = compare_file(work, file, folder, canaries, ends)
        except TimeOver:
            return stop(work, look, drill, "comparing")
        drill["bytes"] += size
        if verdict:
            drill[verdict] += 1
        if why and len(drill["wrong"]) < MOST_WRONG:
            drill["wrong"].append({"path": clean(file.path, 300), "why": why})
    return True


def compare_file(
    work: Work, file: File, folder: str, canaries: dict[str, str], ends: float, read_all: bool = False
) -> tuple[str, str | None, int]:
    """What became of one file (a count of the drill), what is wrong with it, and its restored bytes.

    `read_all` also reads what has no original to be compared with.
    """
    if time_left(work, ends) <= 0:
        raise TimeOver
    back = os.path.join(folder, file.path.lstrip("/"))
    try:
        restored = os.lstat(back)
    except OSError:
        return "missing", "it did not come back", 0
    size = restored.st_size
    if not stat.S_ISREG(restored.st_mode) or size != file.size >= 0:
        return "different", "it came back with %d bytes instead of %d" % (size, file.size), size
    if file.live in canaries:
        same = digest_of(back, work, ends) == canaries[file.live]
        return (
            ("identical", None, size) if same else ("different", "the canary is not what was planted", size)
        )
    original = unchanged_original(file)
    if original is None:
        if read_all:
            try:
                digest_of(back, work, ends)
            except OSError as error:
                return "different", "it cannot be read: %s" % error.strerror, size
        return ("gone" if not file.live or not os.path.lexists(file.live) else "changed"), None, size
    try:
        same = digest_of(back, work, ends) == digest_of(original, work, ends)
    except OSError:
        return "changed", None, size  # the original cannot be read, which says nothing about the backup
    if same:
        return "identical", None, size
    # It may have been written while it was read.
    if unchanged_original(file) is None:
        return "changed", None, size
    return "different", "its content differs from the original, which has not changed since", size


def unchanged_original(file: File) -> str | None:
    """The original, if it is still as large and as old as in the backup."""
    try:
        live = os.lstat(file.live)
    except (OSError, ValueError):
        return None
    same = live.st_size == file.size and abs(live.st_mtime - file.at) <= SAME_TIME_S
    return file.live if stat.S_ISREG(live.st_mode) and same else None


def digest_of(path: str, work: Work, ends: float) -> str:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while True:
            piece = file.read(PIECE)
            if not piece:
                return digest.hexdigest()
            digest.update(piece)
            if time_left(work, ends) <= 0:
                raise TimeOver


def time_left(work: Work, ends: float) -> float:
    return min(ends - time.monotonic(), work.seconds_left())


def parse_canaries(lines: list[str]) -> dict[str, str]:
    """`/srv/data/canary.txt=SHA-256` lines, by path."""
    pairs = [line.rpartition("=") for line in lines]
    return {path: digest.lower() for path, _, digest in pairs}
