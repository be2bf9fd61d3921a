"""File systems: how full they are, whether they answer, and what the kernel thinks of them."""

from __future__ import annotations

import errno
import fnmatch
import json
import os
import re
import sys
import threading
from typing import Any, Callable, List, NamedTuple, Union

from agent_kit import Agent, NotSeen
from agent_kit_files import Files

PSEUDO = frozenset(
    "proc sysfs devtmpfs devpts cgroup cgroup2 securityfs debugfs tracefs pstore efivarfs bpf configfs "
    "fusectl mqueue "
    "hugetlbfs autofs binfmt_misc rpc_pipefs nsfs nfsd ramfs rootfs squashfs iso9660 udf erofs overlay aufs "
    "selinuxfs fuse.lxcfs fuse.gvfsd-fuse fuse.portal fuse.snapfuse fuse.shfs fuse.pmxcfs".split()
)
NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs ceph afs 9p davfs glusterfs fuse.sshfs fuse.rclone fuse.glusterfs fuse.ceph "
    "fuse.s3fs "
    "fuse.davfs2 fuse.curlftpfs".split()
)
WITHOUT_INODES = frozenset("btrfs zfs vfat exfat ntfs ntfs3 fuseblk".split())
# Memory is no disk, except where programs write files as if it were one.
MEMORY_OF_INTEREST = re.compile(r"/(tmp|run|var/log|var/tmp)?$|/mnt(/|$)")
NOT_OURS = re.compile(
    r"/(proc|sys|dev|snap|run/credentials|run/user|run/docker|var/lib/(docker|containers|kubelet|lxcfs))(/|$)"
)
ANSWER_WITHIN_S = 3.0
UNSEEN = "Mend the mount, run as root, or leave it out with the option mounts_skip."

# Runs in a child: a dead file server or a dying disk blocks whoever asks, for ever. An answer a line.
ASK = """
import os, sys, json
for mount in sys.argv[1:]:
    try:
        s = os.statvfs(mount)
        said = [s.f_frsize, s.f_blocks, s.f_bfree, s.f_bavail, s.f_files, s.f_ffree]
    except OSError as error:
        said = error.errno
    print(json.dumps(said), flush=True)
"""

# Block size, blocks, free, available, inodes, free inodes; an errno; or None when there was no answer.
Answer = Union[List[int], int, None]


class Disks(NamedTuple):
    rows: list[dict[str, Any]]
    mounted: set[str]


def collect_disks(agent: Agent, files: Files, ask: Callable[[str], Answer] | None = None) -> Disks:
    """One row per device, and per mount that fstab promises but is not there. `ask` stands for `statvfs`
    in tests."""
    text = files.read("/proc/self/mountinfo", 4 << 20)
    if text is None:
        raise NotSeen("the list of mounts cannot be read", "Mount /proc on the node.")
    left_out = agent.options.get("mounts_skip") or []
    every = [row for row in parse_mountinfo(text) if not matches(row["mount"], left_out)]
    table = [
        entry
        for entry in parse_fstab(files.read("/etc/fstab") or "")
        if not matches(entry["mount"], left_out)
    ]
    rows = fold([row for row in every if is_disk(row)])
    rows = [row for row in rows if row.pop("root") == "/" or not os.path.isfile(row["mount"])][:200]
    answers = ask_all(agent, rows, ask)
    for row in rows:
        row["fstab"] = next((entry["options"] for entry in table if entry["mount"] == row["mount"]), None)
        measure(row, answers.get(row["mount"]))
        read_errors(files, row)
        if row["state"] in ("hung", "error"):
            agent.gap("disks: %s" % row["mount"], why_unseen(row), UNSEEN)
    measure_pools(agent, rows)
    mounted = {row["mount"] for row in every}
    absent = [
        {
            **{key: entry[key] for key in ("mount", "fstype", "source")},
            "fstab": entry["options"],
            "state": "missing",
        }
        for entry in table
        if entry["expected"] and entry["mount"] not in mounted
    ]
    return Disks([row for row in rows if row["state"] != "empty"] + absent, mounted)


def matches(mount: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(mount, pattern) for pattern in patterns)


def parse_mountinfo(text: str) -> list[dict[str, Any]]:
    rows = []
    for line in text.splitlines():
        head, dash, tail = line.partition(" - ")
        left, right = head.split(" "), tail.split(" ")
        if not dash or len(left) < 6 or len(right) < 2:
            continue
        mount, options = unescape(left[4]), left[5].split(",")
        kind, source = right[0], unescape(right[1])
        over = right[2].split(",") if len(right) > 2 else []
        row = {"mount": mount, "fstype": kind, "source": source, "dev": left[2], "root": unescape(left[3])}
        row["net"] = kind in NETWORK
        row["ro"] = "ro" in options
        # Newer kernels keep the mount writable by name and only tell of the emergency.
        row["ro_super"] = "ro" in over or "emergency_ro" in over
        rows.append(row)
    return rows


def is_disk(row: dict[str, Any]) -> bool:
    mount, kind = row["mount"], row["fstype"]
    if mount == "/" and kind in ("overlay", "aufs"):
        return True  # all that a container sees of its disk
    if kind in PSEUDO or NOT_OURS.match(mount):
        return False
    if kind == "tmpfs":
        return bool(MEMORY_OF_INTEREST.match(mount)) and not row["ro"]
    return not (row["source"].startswith("/dev/loop") and row["ro"])


def unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def fold(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for what is one store: bind mounts, subvolumes of btrfs, datasets of one ZFS pool."""
    kept: dict[str, dict[str, Any]] = {}
    for row in rows:
        store = row["dev"]
        if row["fstype"] == "btrfs":
            store = row["source"]
        elif row["fstype"] == "zfs":
            store = "zfs " + row["source"].split("/")[0]
        other = kept.get(store)
        # The mount of the whole tells more than one of a part, and then the shorter path.
        rank = (row["root"] != "/", len(row["mount"]))
        if other is None or rank < (other["root"] != "/", len(other["mount"])):
            kept[store] = row
    return sorted(kept.values(), key=lambda row: row["mount"])


def ask_all(
    agent: Agent, rows: list[dict[str, Any]], ask: Callable[[str], Answer] | None
) -> dict[str, Answer]:
    """Those that may well hang are each asked by a child of their own, the others by one together."""
    if ask:
        return {row["mount"]: ask(row["mount"]) for row in rows}
    answers: dict[str, Answer] = {}
    doubtful = [row["mount"] for row in rows if row["net"] or row["fstype"].startswith("fuse")]
    others = [row["mount"] for row in rows if row["mount"] not in doubtful]
    groups = [[mount] for mount in doubtful] + [others]
    waiting = [
        threading.Thread(target=ask_into, args=(answers, agent, it), daemon=True) for it in groups if it
    ]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join(3 * ANSWER_WITHIN_S + 3)
    return answers


def ask_into(answers: dict[str, Answer], agent: Agent, mounts: list[str]) -> None:
    """One that does not answer is left behind, and those after it are asked anew."""
    while mounts:
        given = ask_child(agent, mounts)
        answers.update(zip(mounts, given))
        mounts = mounts[len(given) + 1 :]


def ask_here(mount: str) -> Answer:
    try:
        it = os.statvfs(mount)
    except OSError as error:
        return error.errno or errno.EIO
    return [it.f_frsize, it.f_blocks, it.f_bfree, it.f_bavail, it.f_files, it.f_ffree]


def ask_child(agent: Agent, mounts: list[str]) -> list[Answer]:
    """The answers up to the first mount that does not give one."""
    argv = [sys.executable or "python3", "-I", "-S", "-c", ASK, *mounts]
    ran = agent.run(argv, timeout=ANSWER_WITHIN_S)
    given = [json.loads(line) for line in ran.out.splitlines(True) if line.endswith("\n")]
    if ran.note in ("timeout", "unkillable"):
        return given
    return given + [
        ask_here(mount) for mount in mounts[len(given) :]
    ]  # in case that no child could be started


def measure(row: dict[str, Any], answer: Answer) -> None:
    """Capacity is used + available: what is reserved for root is nobody's to fill, and would spoil a
    forecast."""
    if answer is None:
        row["state"] = "hung"
    elif isinstance(answer, int):
        row.update(state="error", errno=answer)
    elif not answer[1]:
        row["state"] = "empty"
    else:
        block, blocks, free, available, inodes, free_inodes = answer
        used, avail = (blocks - free) * block, available * block
        row.update(state="ok", size=blocks * block, used=used, avail=avail)
        row["pct"] = round(100.0 * used / (used + avail), 1) if used + avail else 100.0
        if inodes and row["fstype"] not in WITHOUT_INODES:
            taken = inodes - free_inodes
            row.update(inodes=inodes, inodes_used=taken, inodes_pct=round(100.0 * taken / inodes, 1))


def why_unseen(row: dict[str, Any]) -> str:
    if row["state"] == "hung":
        return "it gave no answer in %d s" % ANSWER_WITHIN_S
    return os.strerror(row["errno"])


def measure_pools(agent: Agent, rows: list[dict[str, Any]]) -> None:
    """A dataset of ZFS counts only what lies in itself; its pool also counts children, snapshots and volumes.

    Where there is no `zfs`, as in a container, the dataset is all there is.
    """
    pools = {
        row["source"].split("/")[0]: row for row in rows if row["fstype"] == "zfs" and row["state"] == "ok"
    }
    if not pools or not agent.which("zfs"):
        return
    ran = agent.run(["zfs", "list", "-Hp", "-o", "name,used,available", *sorted(pools)], timeout=5)
    for line in ran.out.splitlines():
        words = line.split("\t")
        if len(words) == 3 and words[0] in pools and words[1].isdigit() and words[2].isdigit():
            row, used, avail = pools[words[0]], int(words[1]), int(words[2])
            row.update(size=used + avail, used=used, avail=avail)
            row["pct"] = round(100.0 * used / (used + avail), 1) if used + avail else 100.0


def read_errors(files: Files, row: dict[str, Any]) -> None:
    """What ext4 has counted on this device since it was last checked."""
    device = os.path.basename(files.link("/sys/dev/block/" + row["dev"]) or "")
    folder = "/sys/fs/ext4/" + device
    if device and row["fstype"].startswith("ext"):
        row["device"] = device
        row["fs_errors"] = files.number(folder + "/errors_count") or 0
        row["fs_error_at"] = files.number(folder + "/last_error_time") or None


def parse_fstab(text: str) -> list[dict[str, Any]]:
    """The entries with a place in the tree; `expected` are those that must be there after a start."""
    entries = []
    for line in text.splitlines():
        words = line.split()
        if len(words) < 3 or words[0].startswith("#") or not words[1].startswith("/"):
            continue
        options = (words[3] if len(words) > 3 else "defaults").split(",")
        optional = {"noauto", "nofail", "x-systemd.automount"} & set(options) or words[2] in PSEUDO | {
            "swap",
            "none",
        }
        mount = unescape(words[1]).rstrip("/") or "/"
        entry = {"mount": mount, "fstype": words[2], "source": unescape(words[0])}
        entries.append({**entry, "options": options, "expected": not optional})
    return entries
