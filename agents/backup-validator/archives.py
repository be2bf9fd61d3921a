"""Files that are a backup each: dumps of Proxmox VE, archives, dumps of databases."""

from __future__ import annotations

import hashlib
import os
import re
import time
from typing import TYPE_CHECKING

from agent_kit import NotSeen, clean, read_file
from content import read_to_the_end
from integrity import pieces
from moments import parse_instant
from target import Backup

if TYPE_CHECKING:
    from context import Context
    from target import Look
    from work import Work

DUMP = re.compile(
    r"vzdump-(qemu|lxc|openvz)-(\d+)-(\d{4})_(\d\d)_(\d\d)-(\d\d)_(\d\d)_(\d\d)\.(.+)", re.ASCII
)
ARCHIVE = re.compile(r".+\.(tar|tgz|tbz2?|txz|gz|xz|zst|bz2|sql|dump|zip|7z)", re.IGNORECASE | re.DOTALL)
DATE = re.compile(r"[-_.]?\d{4}[-_.]?\d\d[-_.]?\d\d([-_.T]?\d\d[-_.:]?\d\d([-_.:]?\d\d)?)?", re.ASCII)
BESIDE = (".log", ".notes", ".md5", ".sha256", ".protected", ".txt")


def look_at_archives(work: Work, look: Look, context: Context) -> None:
    location = look.target.location
    unfinished = set()
    with os.scandir(location) as entries:
        for entry in entries:
            if entry.name.endswith(BESIDE) or not entry.is_file(follow_symlinks=False):
                continue
            backup = to_backup(entry.name, entry.stat(follow_symlinks=False), look.target.kind == "vzdump")
            if backup:
                look.series.append(backup)
                if entry.name.endswith(".dat"):
                    unfinished.add(backup.id)
    look.size = sum(backup.size or 0 for backup in look.series)
    for group, backups in sorted(look.groups.items()):
        newest = backups[-1]
        if newest.id in unfinished:
            look.incomplete.append({"id": newest.id, "group": group, "is_running": True})
            continue
        path = os.path.join(location, newest.id)
        if look.target.kind == "vzdump":
            read_job(look, group, path)
        if context.options["check_integrity"]:
            check_newest(work, look, newest, path)


def to_backup(name: str, it: os.stat_result, is_dump: bool) -> Backup | None:
    if is_dump:
        found = DUMP.fullmatch(name)
        if not found:
            return None
        at = parse_instant("%s-%s-%s %s:%s:%s" % found.groups()[2:8])
        # The name has the time of the node, in no zone.
        return Backup(
            "%s/%s" % found.groups()[:2], it.st_mtime if at is None else local(at), name, it.st_size
        )
    if not ARCHIVE.fullmatch(name):
        return None
    return Backup(clean(DATE.sub("", name), 200), it.st_mtime, name, it.st_size)


def local(at: float) -> float:
    """An instant that was read as UTC, in the zone of the node."""
    return time.mktime((*time.gmtime(at)[:6], 0, 0, -1))


def read_job(look: Look, group: str, path: str) -> None:
    log = read_file(re.sub(r"\.(vma|tar|tgz).*$", ".log", path)) or ""
    failed = [line for line in log.splitlines() if line.startswith("ERROR:") or " ERROR: " in line]
    if failed and "INFO: Finished Backup" not in log:
        look.failed_jobs.append(
            {"group": group, "id": os.path.basename(path), "said": clean(failed[-1], 300)}
        )


def check_newest(work: Work, look: Look, backup: Backup, path: str) -> None:
    """The newest of each series is read as a whole, for nobody restores half of one."""
    size, how = backup.size or 0, "read to the end"
    if size > work.to_read:
        work.gap(
            look,
            "%s" % clean(backup.id, 80),
            "it is more than what may be read in a run",
            "Let it read more.",
        )
        return
    work.pause()
    wrong = wrong_sum(path, work)
    if wrong is None:
        try:
            wrong = read_to_the_end(path, work)
        except NotSeen as blind:
            work.gap(look, clean(backup.id, 80), str(blind), blind.remedy)
            return
        except FileNotFoundError:
            return
    work.to_read -= size
    check = {"how": how, "ok": wrong is None, "files": 1, "bytes": size, "name": clean(backup.id, 200)}
    look.checks.append(check)
    if wrong:
        look.damage.append({"what": backup.id, "why": wrong, "how": how})


def wrong_sum(path: str, work: Work) -> str | None:
    """Against the sum that lies beside it."""
    for end, algorithm in ((".sha256", "sha256"), (".md5", "md5")):
        beside = (read_file(path + end, 4096) or "").split()
        if not beside:
            continue
        digest = hashlib.new(algorithm)
        for piece in pieces(path, work):
            digest.update(piece)
        if digest.hexdigest() != beside[0].lower():
            return "its sum is not the one in %s" % clean(os.path.basename(path + end), 150)
    return None
