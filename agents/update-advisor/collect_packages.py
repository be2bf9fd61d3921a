"""Which updates are waiting. Asks only what the node knows already: nothing is downloaded and nothing is
locked."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent, NotSeen
from agent_kit_files import Files
from collect_apt import ask_apt
from collect_host import APPLIANCES
from collect_others import ask_apk, ask_dnf, ask_pacman, ask_zypper

MANAGERS = (
    ("apt-get", ask_apt),
    ("apk", ask_apk),
    ("dnf", ask_dnf),
    ("pacman", ask_pacman),
    ("zypper", ask_zypper),
)
# Of each answer. `pending` and `security` are None where the manager cannot tell.
NOTHING: dict[str, Any] = {
    "manager": None,
    "pending": None,
    "security": None,
    "held": [],
    "lists_age_d": None,
    "error": None,
    "unfinished": [],
    "unattended": None,
    "enterprise_only": False,
}
MOST = 1000


def collect_packages(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    if host["platform"] in APPLIANCES:
        return {**NOTHING, "manager": host["platform"]}
    for program, ask in MANAGERS:
        if agent.which(program):
            found = {**NOTHING, **ask(agent, files, host, now)}
            pending = found["pending"]
            if pending is not None:
                found.update(waiting=len(pending), pending=pending[:MOST])
            return found
    raise NotSeen(
        "its package manager is not one this agent knows", "apt, apk, dnf, pacman and zypper are known."
    )
