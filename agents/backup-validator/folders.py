"""Backups that lie there as they are: rsnapshot, snapshots of ZFS and Btrfs, plain folders."""

from __future__ import annotations

import fnmatch
import os
import re
import time
from typing import TYPE_CHECKING, Any, Iterator

from agent_kit import NotSeen, clean, read_file
from drill import File, Sample, TimeOver, compare_file, empty_drill, is_proof, parse_canaries, time_left
from moments import parse_instant
from target import Backup
from work import said, tree_size

if TYPE_CHECKING:
    from context import Context
    from target import Look
    from work import Work

LEVEL = re.compile(r"([a-z_]+)\.(\d+)", re.ASCII)
WALK_S = 30.0


def look_at_rsnapshot(work: Work, look: Look, context: Context) -> None:
    location = look.target.location
    numbers: dict[str, list[int]] = {}
    for name in os.listdir(location):
        found = LEVEL.fullmatch(name)
        path = os.path.join(location, name)
        if found and os.path.isdir(path) and not os.path.islink(path):
            numbers.setdefault(found.group(1), []).append(int(found.group(2)))
            look.series.append(Backup("*", os.lstat(path).st_mtime, name))
    for level, seen in numbers.items():
        if sorted(seen) != list(range(len(seen))):
            look.missing_numbers[level] = sorted(set(range(max(seen))) - set(seen))
    look.size, _ = tree_size(location)
    newest = max(look.series, key=lambda it: it.at, default=None)
    # The lowest number of the most frequent level is the newest, whatever its time says after a failed run.
    first = min((it for it in look.series if it.id.endswith(".0")), key=lambda it: -it.at, default=newest)
    if first:
        top = os.path.join(location, first.id)
        if not any(names for _, _, names in os.walk(top)):
            look.empty = first.id
        elif context.options["restore_drill"]:
            read_sample(work, look, context, first, top, rsnapshot_original)
    failed = failed_rsnapshot_run(read_file("/var/log/rsnapshot.log", 1 << 20) or "", location)
    if failed:
        look.failed_jobs.append({"group": "*", "id": "rsnapshot", "said": failed})


def rsnapshot_original(inner: str) -> str:
    """`localhost/home/anna/x` was `/home/anna/x`."""
    host, _, path = inner.partition("/")
    return "/" + path if host in ("localhost", os.uname().nodename) else ""


def failed_rsnapshot_run(log: str, location: str) -> str | None:
    """What the last run said, if the log tells of this place and the run did not complete."""
    if location.rstrip("/") + "/" not in log:
        return None
    last = log.strip().splitlines()[-1] if log.strip() else ""
    return (
        None
        if "completed successfully" in last or "completed, but with some warnings" in last
        else clean(last, 300)
    )


def look_at_zfs(work: Work, look: Look, context: Context) -> None:
    work.need("zfs", "zfsutils-linux")
    argv = ["zfs", "list", "-Hp", "-t", "snapshot", "-o", "name,creation", "-r", look.target.location]
    ran = work.agent.run(argv, timeout=60, limit=16 << 20)
    if not ran.ok:
        if "does not exist" in ran.err:
            look.missing = "there is no such data set"
            return
        raise NotSeen("zfs did not list the snapshots: %s" % said(ran), "Run as root, or see zfs list.")
    look.series = parse_zfs(ran.out)
    mount = work.agent.run(
        ["zfs", "get", "-Hp", "-o", "value", "mountpoint", look.target.location], timeout=10
    )
    newest = max(look.series, key=lambda it: it.at, default=None)
    if context.options["restore_drill"] and newest and mount.ok and mount.out.startswith("/"):
        top = os.path.join(mount.out.rstrip("\n"), ".zfs", "snapshot", newest.id.partition("@")[2])
        if os.path.isdir(top):
            root = mount.out.rstrip("\n").rstrip("/")
            read_sample(work, look, context, newest, top, lambda inner: "%s/%s" % (root, inner))


def parse_zfs(text: str) -> list[Backup]:
    backups = []
    for line in text.splitlines():
        name, _, created = line.rpartition("\t")
        if "@" in name and created.isdigit():
            backups.append(Backup(clean(name.partition("@")[0], 200), float(created), clean(name, 300)))
    return backups


def look_at_btrfs(work: Work, look: Look, context: Context) -> None:
    work.need("btrfs", "btrfs-progs")
    ran = work.agent.run(
        ["btrfs", "subvolume", "list", "-s", look.target.location], timeout=30, limit=16 << 20
    )
    if not ran.ok:
        raise NotSeen("btrfs did not list the snapshots: %s" % said(ran), "Run as root.")
    look.series = parse_btrfs(ran.out)
    newest = max(look.series, key=lambda it: it.at, default=None)
    if context.options["restore_drill"] and newest:
        top = os.path.join(look.target.location, newest.id)
        if os.path.isdir(top):
            read_sample(work, look, context, newest, top, lambda inner: "")


def parse_btrfs(text: str) -> list[Backup]:
    backups = []
    for found in re.finditer(r"otime (\S+ \S+) path (.*)$", text, re.MULTILINE):
        at = parse_instant(found.group(1))
        if at is not None:
            backups.append(Backup(clean(os.path.dirname(found.group(2)), 200) or "*", at, found.group(2)))
    return backups


def look_at_folder(work: Work, look: Look, context: Context) -> None:
    """Files that something copies there: the newest says how old the backup is."""
    newest, total, count, ends = None, 0, 0, time.monotonic() + WALK_S
    pattern = context.options["dir_glob"]
    for file in files_in(look.target.location):
        if fnmatch.fnmatch(os.path.basename(file.path), pattern):
            newest = max(newest or 0.0, file.at)
            total, count = total + file.size, count + 1
        if time.monotonic() > ends:
            work.gap(look, "files", "there are more than could be looked at in %d s" % WALK_S)
            break
    if newest is not None:
        look.series = [Backup("*", newest, "", total, count)]
    look.size = total


def files_in(top: str) -> Iterator[File]:
    for parent, inner, names in os.walk(top):
        inner.sort()
        for name in names:
            path = os.path.join(parent, name)
            try:
                it = os.lstat(path)
            except OSError:
                continue
            if not os.path.islink(path):
                yield File(os.path.relpath(path, top), it.st_size, it.st_mtime, "")


def read_sample(work: Work, look: Look, context: Context, backup: Backup, top: str, original: Any) -> None:
    """Where files lie as they were, nothing has to be restored: they are compared in their place."""
    options = context.options
    ends = time.monotonic() + options["restore_max_s"]
    drill = look.drill = empty_drill(work.now)
    seed = "%s %s" % (backup.id, context.before(look.target.location).get("turn"))
    canaries = parse_canaries(options["canaries"])
    sample = Sample(options["restore_max_files"], int(options["restore_max_mb"] * 1_000_000), seed, canaries)
    walk_ends = time.monotonic() + WALK_S
    for file in files_in(top):
        sample.add(file._replace(live=original(file.path)))
        if time.monotonic() > walk_ends:
            break
    drill["backups"].append({"group": backup.group, "id": clean(backup.id, 100), "at": backup.at})
    begin = time.monotonic()
    for file in sample.chosen():
        if time_left(work, ends) <= 0:
            break
        drill["files"], drill["listed"] = drill["files"] + 1, drill["listed"] + file.size
        try:
            verdict, why, size = compare_file(work, file, top, canaries, ends, read_all=True)
        except TimeOver:
            drill["stopped"] = "its %d s were over while comparing" % options["restore_max_s"]
            work.gap(look, "drill", drill["stopped"], "Allow the drill more time, or let it restore less.")
            break
        drill["bytes"] += size
        drill[verdict] += 1
        if why:
            drill["wrong"].append({"path": clean(file.path, 300), "why": why})
    drill["seconds"] = round(time.monotonic() - begin, 1)
    drill["proved"] = is_proof(drill)
