"""Services that should run, and how often they had to be started again."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent, NotSeen, clean
from agent_kit_fields import fields
from agent_kit_files import Files

PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,Result,NRestarts,ExecMainStatus,"
    "StateChangeTimestampMonotonic,Description"
)
TAILS_MOST = 10


def collect_services(agent: Agent, files: Files, host: dict[str, Any]) -> dict[str, Any] | None:
    if host["init"] == "systemd":
        argv = ["systemctl", "show", "--no-pager", "--all", "--type=service,timer,mount,socket"]
        ran = agent.run([*argv, "--property=" + PROPERTIES, "*"], timeout=15, limit=4 << 20)
        if not ran.ok:
            why = clean(ran.err.strip(), 200) or ran.note
            raise NotSeen("systemctl did not answer: %s" % why, "Try systemctl on the node itself.")
        found = summarise(parse_units(ran.out), float((files.read("/proc/uptime") or "0").split()[0]))
        for row in [row for row in found["units"] if is_suspect(row)][:TAILS_MOST]:
            row["tail"] = read_tail(agent, row["unit"])
        return found
    if agent.which("rc-status"):
        ran = agent.run(["rc-status", "--nocolor", "--crashed"], timeout=10)
        crashed = [line.split()[0] for line in ran.out.splitlines() if line.split()]
        return {
            "manager": "openrc",
            "failed": crashed,
            "units": [bad_unit(name) for name in crashed],
            "restarts": {},
        }
    if host["container"]:
        return None  # it has none, and needs none
    raise NotSeen(
        "this agent reads systemd and OpenRC; here services are started by %s" % host["init"],
        "Nothing on your side: its services have to be looked at by other means.",
    )


def bad_unit(name: str) -> dict[str, Any]:
    return {
        "unit": name,
        "state": "failed",
        "sub": "crashed",
        "result": "",
        "exit_status": 0,
        "restarts": 0,
        "tail": [],
    }


def parse_units(text: str) -> list[dict[str, str]]:
    units = [fields(block, "=") for block in text.split("\n\n")]
    return [unit for unit in units if unit.get("Id") and unit.get("LoadState") == "loaded"]


def summarise(units: list[dict[str, str]], uptime_s: float) -> dict[str, Any]:
    """Only units that failed or were restarted travel on; the others are a number."""
    rows = []
    for unit in units:
        restarts = number(unit.get("NRestarts"))
        if unit.get("ActiveState") == "failed" or restarts or unit.get("SubState") == "auto-restart":
            changed = number(unit.get("StateChangeTimestampMonotonic")) / 1e6
            rows.append(
                {
                    "unit": clean(unit["Id"], 256),
                    "state": unit.get("ActiveState"),
                    "sub": unit.get("SubState"),
                    "result": unit.get("Result"),
                    "exit_status": number(unit.get("ExecMainStatus")),
                    "restarts": restarts,
                    "changed_ago_s": round(max(0.0, uptime_s - changed)),
                }
            )
    return {
        "manager": "systemd",
        "failed": [row["unit"] for row in rows if row["state"] == "failed"],
        "units": rows,
        "restarts": {row["unit"]: row["restarts"] for row in rows if row["restarts"]},
        "running": sum(1 for unit in units if unit.get("SubState") == "running"),
    }


def is_suspect(row: dict[str, Any]) -> bool:
    return row["state"] == "failed" or row["sub"] == "auto-restart" or row["restarts"] >= 3


def number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def read_tail(agent: Agent, unit: str) -> list[str]:
    """The last lines that a unit wrote. Its words, not ours: they may say anything."""
    argv = ["journalctl", "--unit=" + unit, "--lines=5", "--output=cat", "--no-pager", "--quiet"]
    ran = agent.run(argv, timeout=5, limit=65536)
    return [clean(line, 300) for line in ran.out.splitlines()[-5:]]
