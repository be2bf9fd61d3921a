"""Which updates are waiting. Asks only what the node knows already: nothing is downloaded and nothing is
locked."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, NotSeen, clean
from files import Files

INSTALL = re.compile(r"^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) ([^)]*)\)", re.M)
SECURITY = re.compile(r"Debian-Security|-security\b|/[a-z]+-security")
REFRESHED = ("/var/lib/apt/periodic/update-success-stamp", "/var/lib/apt/lists/partial", "/var/lib/apt/lists")
# Their maker updates them as a whole, from a page of their own.
APPLIANCES = ("truenas", "synology", "unraid")
SIMULATE = [
    *("apt-get", "-s", "-o", "Debug::NoLocking=1", "-o", "APT::Get::Show-User-Simulation-Note=false"),
    "dist-upgrade",
]


def collect_updates(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    if host["platform"] in APPLIANCES:
        return {"manager": host["platform"], "upgradable": None, "security": None}
    for program, ask in (("apt-get", ask_apt), ("apk", ask_apk), ("dnf", ask_dnf), ("pacman", ask_pacman)):
        if agent.which(program):
            return {"upgradable": None, "security": None, "security_pkgs": [], **ask(agent, files, now)}
    if agent.which("zypper"):
        return {"upgradable": None, "security": None, "security_pkgs": [], **ask_zypper(agent)}
    raise NotSeen(
        "its package manager is not one this agent knows", "apt, apk, dnf, pacman and zypper are known."
    )


def ask_apt(agent: Agent, files: Files, now: float) -> dict[str, Any]:
    ran = agent.run(SIMULATE, timeout=60, limit=4 << 20)
    if ran.note in ("timeout", "unkillable", "truncated"):
        raise NotSeen("apt-get took too long", "Run again when the node is less busy.")
    packages = parse_apt(ran.out)
    security = [package for package in packages if SECURITY.search(package["origin"])]
    return {
        "manager": "apt",
        "upgradable": len(packages),
        "security": len(security),
        "security_pkgs": security[:100],
        "lists_age_d": apt_lists_age(files, now),
        "error": clean(ran.err.strip(), 600) if ran.rc != 0 else None,
        "unfinished": unfinished(agent),
        "enterprise_only": needs_subscription(files),
    }


def parse_apt(text: str) -> list[dict[str, str]]:
    return [
        {
            "name": clean(name, 100),
            "from": clean(old, 100),
            "to": clean(new, 100),
            "origin": clean(origin, 200),
        }
        for name, old, new, origin in INSTALL.findall(text)
    ]


def apt_lists_age(files: Files, now: float) -> float | None:
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


def ask_apk(agent: Agent, files: Files, now: float) -> dict[str, Any]:
    ran = agent.run(["apk", "version", "-l", "<"], timeout=20)
    if ran.rc is None or not ran.ok:
        raise NotSeen("apk did not answer: %s" % (clean(ran.err, 200) or ran.note))
    return {"manager": "apk", "upgradable": sum(1 for line in ran.out.splitlines() if " < " in line)}


def ask_dnf(agent: Agent, files: Files, now: float) -> dict[str, Any]:
    listed = agent.run(["dnf", "-q", "-C", "updateinfo", "list", "--security"], timeout=50)
    if not listed.ok:
        why = clean(listed.err.strip(), 200) or listed.note
        raise NotSeen("dnf did not answer: %s" % why, "sudo dnf makecache, so that its lists are there.")
    security = parse_dnf(listed.out)
    waiting = agent.run(["dnf", "-q", "-C", "check-update"], timeout=50)
    upgradable = (
        sum(1 for line in waiting.out.splitlines() if len(line.split()) == 3) if waiting.rc == 100 else 0
    )
    packages = [{"name": name, "from": "", "to": "", "origin": advisory} for advisory, name in security]
    return {
        "manager": "dnf",
        "upgradable": max(upgradable, len(packages)),
        "security": len(packages),
        "security_pkgs": packages[:100],
    }


def parse_dnf(text: str) -> list[tuple[str, str]]:
    """`FEDORA-2026-1 Important/Sec. openssl-3.0-1.x86_64` by line; each package once."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and "/" in words[1] + "/":
            found[words[2]] = words[0]
    return [(clean(advisory, 100), clean(name, 100)) for name, advisory in sorted(found.items())]


def ask_pacman(agent: Agent, files: Files, now: float) -> dict[str, Any]:
    ran = agent.run(["pacman", "-Qu"], timeout=20)
    if ran.rc is None:
        raise NotSeen("pacman did not answer: %s" % ran.note)
    return {"manager": "pacman", "upgradable": sum(1 for line in ran.out.splitlines() if "->" in line)}


def ask_zypper(agent: Agent) -> dict[str, Any]:
    ran = agent.run(
        ["zypper", "--no-refresh", "--quiet", "list-patches", "--category", "security"], timeout=50
    )
    if not ran.ok:
        raise NotSeen("zypper did not answer: %s" % (clean(ran.err, 200) or ran.note))
    names = [
        line.split("|")[1].strip()
        for line in ran.out.splitlines()
        if line.count("|") >= 4 and "needed" in line
    ]
    packages = [{"name": clean(name, 100), "from": "", "to": "", "origin": ""} for name in names]
    return {"manager": "zypper", "security": len(packages), "security_pkgs": packages[:100]}
