"""Which updates are waiting. Asks only what the node knows already: nothing is downloaded and nothing is
locked."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent, NotSeen, clean
from agent_kit_apt import lists_age, needs_subscription, simulate, unfinished
from agent_kit_files import Files

PACKAGE = ("name", "from", "to", "origin")
# Their maker updates them as a whole, from a page of their own.
APPLIANCES = ("truenas", "synology", "unraid")


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
    pending, error = simulate(agent)
    security = [package for package in pending if package["security"]]
    return {
        "manager": "apt",
        "upgradable": len(pending),
        "security": len(security),
        "security_pkgs": [{key: it[key] for key in PACKAGE} for it in security[:100]],
        "lists_age_d": lists_age(files, now),
        "error": error,
        "unfinished": unfinished(agent),
        "enterprise_only": needs_subscription(files),
    }


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
