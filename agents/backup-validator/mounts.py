"""What is mounted where, and whether it answers: a share whose server is gone hangs whoever looks."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from agent_kit import read_file

if TYPE_CHECKING:
    from agent_kit import Agent

NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|ceph|glusterfs|fuse(\..*)?|afs|davfs|sshfs|lustre|beegfs|virtiofs", re.ASCII
)
ANSWER_S = 5.0
SILENCE = ("Transport endpoint is not connected", "Stale file handle", "Host is down")
# Lists the first name: enough to make a server answer.
LOOK = "import os, sys\nnext(iter(os.scandir(sys.argv[1])), None)"


def file_systems(text: str | None = None) -> dict[str, str]:
    """By mount point: the kind of file system. The last one mounted there counts."""
    text = read_file("/proc/self/mountinfo", 4 << 20) if text is None else text
    found = {}
    for line in (text or "").splitlines():
        before, separator, after = line.partition(" - ")
        words = before.split()
        if separator and len(words) > 4 and after:
            found[unescaped(words[4])] = after.split()[0]
    return found


def promised_mounts(text: str | None = None) -> set[str]:
    """Mount points that /etc/fstab names."""
    text = read_file("/etc/fstab") if text is None else text
    lines = [
        line.split()
        for line in (text or "").splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    return {
        unescaped(words[1])
        for words in lines
        if len(words) > 1 and words[1].startswith("/") and words[1] != "/"
    }


def unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), text)


def mount_of(path: str, mounted: dict[str, str]) -> str:
    """The mount that a path lies on, by its name alone: nothing is asked that might not answer."""
    while path != "/" and path not in mounted:
        path = os.path.dirname(path) or "/"
    return path


def answers(agent: Agent, path: str) -> bool:
    """Whether somebody answers there. A process asks that we may leave behind: a link may lead to a share."""
    ran = agent.run([sys.executable or "python3", "-I", "-S", "-c", LOOK, path], timeout=ANSWER_S)
    return ran.note not in ("timeout", "unkillable") and not any(word in ran.err for word in SILENCE)


def why_missing(path: str, mounted: dict[str, str], promised: set[str]) -> str | None:
    """Why a place is not there. A mount point that lies empty because nothing is mounted counts as gone."""
    if not os.path.lexists(path):
        point = next((it for it in parents(path) if it in promised and it not in mounted), None)
        return "%s is not mounted" % point if point else "there is nothing at this path"
    point = next((it for it in [path, *parents(path)] if it in promised and it not in mounted), None)
    if point:
        return "%s is not mounted" % point
    if os.path.isdir(path):
        with os.scandir(path) as entries:
            if next(iter(entries), None) is None:
                return "the folder is empty: its disk may not be mounted"
    return None


def parents(path: str) -> list[str]:
    found = []
    while path not in ("/", ""):
        path = os.path.dirname(path)
        found.append(path)
    return found
