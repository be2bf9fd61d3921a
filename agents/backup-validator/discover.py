"""Finds backups by the names in folders; no file is opened but the README of what looks like Borg."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from agent_kit import read_file
from mounts import NETWORK, answers, mount_of
from target import Target

if TYPE_CHECKING:
    from agent_kit import Agent

DEPTH = 3
# Where Proxmox VE puts its dumps.
ALWAYS = ("/var/lib/vz/dump",)
MOST_FOUND = 100
MOST_FOLDERS = 400
IGNORED = frozenset(
    "proc sys dev .snapshots .zfs node_modules overlay2 @eaDir .Trash-1000 lost+found .cache .git".split()
)
ARCHIVE = re.compile(r".+\.(tar|tgz|tar\.(gz|xz|zst|bz2)|sql(\.(gz|xz|zst|bz2))?|dump|zip|7z)", re.DOTALL)
# Places with nothing of their own to find.
PSEUDO = re.compile(
    r"proc|sysfs|devtmpfs|devpts|tmpfs|ramfs|cgroup2?|overlay|squashfs|nsfs|mqueue|securityfs|debugfs|tracefs|bpf|pstore"
    r"|autofs|configfs|efivarfs|fusectl|hugetlbfs|binfmt_misc|rpc_pipefs|swap",
    re.ASCII,
)


def kind_of(path: str, names: set[str]) -> str | None:
    """What a folder with these names is."""
    if {"config", "data", "index", "keys", "snapshots"} <= names:
        return "restic"
    if {"config", "data", "README"} <= names and "This is a Borg" in (read_file(path + "/README", 200) or ""):
        return "borg"
    if "kopia.repository.f" in names or "kopia.repository" in names:
        return "kopia"
    if ".chunks" in names and names & {"vm", "ct", "host", "ns", ".lock"}:
        return "pbs"
    for kind, pattern in (
        ("duplicity", r"duplicity-full\..+"),
        ("vzdump", r"vzdump-(qemu|lxc|openvz)-\d+-.+"),
        ("rsnapshot", r"(hourly|daily|weekly|monthly|alpha|beta|gamma|delta)\.0"),
    ):
        if any(re.fullmatch(pattern, name, re.ASCII | re.DOTALL) for name in names):
            return kind
    return "archives" if sum(1 for name in names if ARCHIVE.fullmatch(name)) >= 2 else None


def discover(agent: Agent, roots: list[str], within_s: float, mounted: dict[str, str]) -> list[Target]:
    """Targets below some folders and on mounted disks, and snapshots of ZFS and Btrfs."""
    ends = time.monotonic() + within_s
    found: dict[str, Target] = {}
    silent = set()
    disks = [mount for mount, kind in mounted.items() if mount != "/" and not PSEUDO.fullmatch(kind)]
    for mount in disks:
        if NETWORK.fullmatch(mounted[mount]) and not answers(agent, mount):
            silent.add(mount)
            agent.gap("discover: %s" % mount, "it does not answer", "Is its server up and reachable?")
    whole = True
    for root in [*roots, *ALWAYS, *(mount for mount in disks if is_a_disk(mount))]:
        whole = walk(root, DEPTH, ends, found, silent, mounted) and whole
    if not whole:
        agent.gap(
            "discover",
            "there was more than %d s allow" % within_s,
            "Name the folders with backups as targets.",
        )
    return [*found.values(), *find_zfs(agent), *find_btrfs(agent, mounted)]


def is_a_disk(mount: str) -> bool:
    """Where people mount disks, not where systems keep their own."""
    return not re.match(r"/(boot|usr|var/lib|run|snap|etc|proc|sys|dev)(/|$)", mount)


def walk(
    path: str, depth: int, ends: float, found: dict[str, Target], silent: set[str], mounted: dict[str, str]
) -> bool:
    """Says whether it got to the end."""
    if len(found) >= MOST_FOUND or time.monotonic() > ends:
        return False
    if mount_of(path, mounted) in silent or path in found:
        return True
    try:
        with os.scandir(path) as entries:
            listed = list(entries)
    except OSError:
        return True
    kind = kind_of(path, {entry.name for entry in listed})
    if kind:
        found[path] = Target(kind, path, {}, True)
        # Among archives there may be more; inside of a repository there is only itself.
        if kind != "archives":
            return True
    if depth == 0:
        return True
    folders = sorted(
        entry.path
        for entry in listed
        if entry.name not in IGNORED
        and (mount_of(entry.path, mounted) not in silent)
        and entry.is_dir(follow_symlinks=False)
    )
    whole = len(folders) <= MOST_FOLDERS
    for folder in folders[:MOST_FOLDERS]:
        whole = walk(folder, depth - 1, ends, found, silent, mounted) and whole
    return whole


def find_zfs(agent: Agent) -> list[Target]:
    """Data sets with snapshots of their own."""
    if not os.path.exists("/dev/zfs") or not agent.which("zfs"):
        return []
    ran = agent.run(["zfs", "list", "-H", "-t", "snapshot", "-o", "name"], timeout=20, limit=4 << 20)
    names = sorted({line.partition("@")[0] for line in ran.out.splitlines() if "@" in line}) if ran.ok else []
    return [Target("zfs", name, {}, True) for name in names[:MOST_FOUND]]


def find_btrfs(agent: Agent, mounted: dict[str, str]) -> list[Target]:
    """Only root may ask for its snapshots."""
    mounts = sorted(mount for mount, kind in mounted.items() if kind == "btrfs" and is_a_disk(mount))
    if not agent.is_root or not mounts or not agent.which("btrfs"):
        return []
    found = []
    for mount in mounts[:10]:
        ran = agent.run(["btrfs", "subvolume", "list", "-s", mount], timeout=10)
        if ran.ok and ran.out.strip():
            found.append(Target("btrfs", mount, {}, True))
    return found
