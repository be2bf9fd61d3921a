"""What apt and dpkg know of updates, without a download and without a lock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from agent_kit import NotSeen, clean

if TYPE_CHECKING:
    from agent_kit import Agent
    from agent_kit_files import Files

INSTALL = re.compile(r"^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) ([^)]*)\)", re.M)
SECURITY = re.compile(r"Debian-Security|-security\b|/[a-z]+-security")
REFRESHED = ("/var/lib/apt/periodic/update-success-stamp", "/var/lib/apt/lists/partial", "/var/lib/apt/lists")
SIMULATE = [
    *("apt-get", "-s", "-o", "Debug::NoLocking=1", "-o", "APT::Get::Show-User-Simulation-Note=false"),
    "dist-upgrade",
]


def simulate(agent: Agent) -> tuple[list[dict[str, Any]], str | None]:
    """The packages that an upgrade would install, and what apt found wrong. Raises `NotSeen`."""
    ran = agent.run(SIMULATE, timeout=60, limit=4 << 20)
    if ran.note in ("timeout", "unkillable", "truncated"):
        raise NotSeen("apt-get took too long", "Run again when the node is less busy.")
    return parse_simulation(ran.out), clean(ran.err.strip(), 600) if ran.rc != 0 else None


def parse_simulation(text: str) -> list[dict[str, Any]]:
    """`Inst vim-tiny [2:9.0.1-1] (2:9.0.1-2 Debian-Security:12/stable-security [amd64])` by line."""
    return [
        {
            "name": clean(name, 100),
            "from": clean(old, 100),
            "to": clean(new, 100),
            "origin": clean(origin.rpartition(" [")[0] or origin, 200),
            "security": bool(SECURITY.search(origin)),
        }
        for name, old, new, origin in INSTALL.findall(text)
    ]


def lists_age(files: Files, now: float) -> float | None:
    """Days since the lists were last asked for; None if never. The lists themselves carry their makers'
    dates."""
    lists = files.glob("/var/lib/apt/lists/*_InRelease") + files.glob("/var/lib/apt/lists/*_Release")
    if not lists:
        return None
    times = [files.changed_at(path) for path in (*REFRESHED, *lists)]
    newest = max(at for at in times if at is not None)
    return round(max(0.0, now - newest) / 86400, 1)


def unfinished(agent: Agent) -> list[str]:
    """Packages whose installation broke off."""
    ran = agent.run(["dpkg", "--audit"], timeout=10)
    names = re.findall(r"^ (\S+)\s", ran.out, re.M) if ran.rc is not None else []
    return [clean(name, 100) for name in names[:50]]


def needs_subscription(files: Files) -> bool:
    """Whether Proxmox' paid repository is asked for and has never answered."""
    sources = [
        line
        for path in files.glob("/etc/apt/sources.list.d/*")
        for line in (files.read(path) or "").splitlines()
        if "enterprise.proxmox.com" in line and not line.lstrip().startswith("#")
    ]
    return bool(sources) and not files.glob("/var/lib/apt/lists/enterprise.proxmox.com_*Release")
