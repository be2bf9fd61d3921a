"""What apt and dpkg know: updates, packages that are held, installations that broke off."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, clean
from agent_kit_apt import lists_age, needs_subscription, simulate, unfinished
from agent_kit_files import Files

PERIODIC = ["apt-config", "dump", "APT::Periodic::Unattended-Upgrade", "APT::Periodic::Enable"]


def ask_apt(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    pending, error = simulate(agent)
    return {
        "manager": "apt",
        "pending": pending,
        "security": sum(package["security"] for package in pending),
        "held": held(agent),
        "lists_age_d": lists_age(files, now),
        "error": error,
        "unfinished": unfinished(agent),
        "unattended": comes_by_itself(agent, files, host),
        "enterprise_only": needs_subscription(files),
    }


def held(agent: Agent) -> list[str]:
    ran = agent.run(["apt-mark", "showhold"], timeout=10)
    return [clean(name, 100) for name in ran.out.split()[:200]] if ran.ok else []


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
