"""What apt and dpkg know: updates, packages that are held, installations that broke off."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, NotSeen, clean
from files import Files
from finding import DAY

INSTALL = re.compile(r"^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) ([^)]*)\)", re.M)
SECURITY = re.compile(r"Debian-Security|-security\b|/[a-z]+-security")
REFRESHED = ("/var/lib/apt/periodic/update-success-stamp", "/var/lib/apt/lists/partial", "/var/lib/apt/lists")
SIMULATE = [
    *("apt-get", "-s", "-o", "Debug::NoLocking=1", "-o", "APT::Get::Show-User-Simulation-Note=false"),
    "dist-upgrade",
]
PERIODIC = ["apt-config", "dump", "APT::Periodic::Unattended-Upgrade", "APT::Periodic::Enable"]


def ask_apt(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    ran = agent.run(SIMULATE, timeout=60, limit=4 << 20)
    if ran.note in ("timeout", "unkillable", "truncated"):
        raise NotSeen("apt-get took too long", "Run again when the node is less busy.")
    pending = parse_simulation(ran.out)
    return {
        "manager": "apt",
        "pending": pending,
        "security": sum(package["security"] for package in pending),
        "held": held(agent),
        "lists_age_d": lists_age(files, now),
        "error": clean(ran.err.strip(), 600) if ran.rc != 0 else None,
        "unfinished": unfinished(agent),
        "unattended": comes_by_itself(agent, files, host),
        "enterprise_only": needs_subscription(files),
    }


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
    return round(max(0.0, now - newest) / DAY, 1)


def held(agent: Agent) -> list[str]:
    ran = agent.run(["apt-mark", "showhold"], timeout=10)
    return [clean(name, 100) for name in ran.out.split()[:200]] if ran.ok else []


def unfinished(agent: Agent) -> list[str]:
    """Packages whose installation broke off."""
    ran = agent.run(["dpkg", "--audit"], timeout=10)
    names = re.findall(r"^ (\S+)\s", ran.out, re.M) if ran.rc is not None else []
    return [clean(name, 100) for name in names[:50]]


def comes_by_itself(agent: Agent, files: Files, host: dict[str, Any]) -> bool | None:
    """Whether security updates install themselves. None where that is not how it is done: whoever runs
    Proxmox decides when its guests move, and images of containers are made anew."""
    if host["platform"] == "proxmox" or host["container"] in ("docker", "podman"):
        return None
    if not files.exists("/usr/bin/unattended-upgrade"):
        return False
    ran = agent.run(PERIODIC, timeout=10)
    if not ran.ok:
        return None
    said = dict(re.findall(r'^APT::Periodic::(\S+) "([^"]*)";', ran.out, re.M))
    return said.get("Unattended-Upgrade", "0") not in ("0", "") and said.get("Enable", "1") != "0"


def needs_subscription(files: Files) -> bool:
    """Whether Proxmox' paid repository is asked for and has never answered."""
    sources = [
        line
        for path in files.glob("/etc/apt/sources.list.d/*")
        for line in (files.read(path) or "").splitlines()
        if "enterprise.proxmox.com" in line and not line.lstrip().startswith("#")
    ]
    return bool(sources) and not files.glob("/var/lib/apt/lists/enterprise.proxmox.com_*Release")
