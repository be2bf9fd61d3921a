"""What is mounted, and how full it is, for those file systems that lie on a disk of this node."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from agent_kit_files import Files

# Their programs may hang whoever asks, or they lie on no disk of ours: System Health looks at those.
ON_DISK = frozenset("ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs".split())
NOT_OURS = re.compile(r"/(proc|sys|dev|snap|run|var/lib/(docker|containers|kubelet))(/|$)")


class Mount(NamedTuple):
    path: str
    fstype: str
    source: str
    dev: str
    root: str
    ro: bool


class Use(NamedTuple):
    """How full a file system is, in bytes. Inodes are None where they are made as they are needed."""

    mount: Mount
    device: int
    used: int
    capacity: int
    inodes: int | None
    inodes_used: int | None

    @property
    def pct(self) -> float:
        return 100.0 * self.used / self.capacity if self.capacity else 100.0

    @property
    def inodes_pct(self) -> float:
        return 100.0 * (self.inodes_used or 0) / self.inodes if self.inodes else 0.0


def read_mounts(files: Files) -> list[Mount]:
    return parse_mountinfo(files.read("/proc/self/mountinfo", 4 << 20) or "")


def parse_mountinfo(text: str) -> list[Mount]:
    found = []
    for line in text.splitlines():
        head, dash, tail = line.partition(" - ")
        left, right = head.split(" "), tail.split(" ")
        if not dash or len(left) < 6 or len(right) < 2 or right[0] not in ON_DISK:
            continue
        path = unescape(left[4])
        if not NOT_OURS.match(path):
            is_ro = "ro" in left[5].split(",")
            found.append(Mount(path, right[0], unescape(right[1]), left[2], unescape(left[3]), is_ro))
    return found


def unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def measure(mounts: list[Mount]) -> list[Use]:
    """One row per device: its mount of the whole, or else the shortest path."""
    kept: dict[str, Mount] = {}
    for mount in sorted(mounts, key=lambda it: (it.root != "/", len(it.path))):
        store = mount.source.split("/")[0] if mount.fstype == "zfs" else mount.dev
        if mount.fstype == "btrfs":
            store = mount.source
        kept.setdefault(store, mount)
    rows = []
    for mount in kept.values():
        try:
            it, device = os.statvfs(mount.path), os.stat(mount.path).st_dev
        except OSError:
            continue
        used = (it.f_blocks - it.f_bfree) * it.f_frsize
        counts = mount.fstype not in ("btrfs", "zfs") and it.f_files > 0
        inodes = it.f_files if counts else None
        taken = it.f_files - it.f_ffree if counts else None
        rows.append(Use(mount, device, used, used + it.f_bavail * it.f_frsize, inodes, taken))
    return sorted(rows, key=lambda it: it.mount.path)
