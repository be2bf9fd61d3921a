"""What a run tells: its findings, its facts, and the numbers that deserve a curve."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent
from agent_kit_rules import Finding


def report(agent: Agent, findings: list[Finding], seen: dict[str, Any]) -> None:
    for finding in findings:
        agent.finding(*finding)
    agent.data.update(to_facts(seen))
    measure(agent, seen)


def to_facts(seen: dict[str, Any]) -> dict[str, Any]:
    """The shape `disk-doctor/1`: bytes, percent, Unix seconds."""
    names = {
        "smart": "smart",
        "arrays": "md",
        "unraid": "unraid",
        "zfs": "zfs",
        "btrfs": "btrfs",
        "lvm": "lvm",
    }
    facts = {fact: seen[name] for name, fact in names.items() if name in seen}
    if "space" in seen:
        facts["space"] = [{key: row[key] for key in row if key != "device"} for row in seen["space"]]
    return facts


def measure(agent: Agent, seen: dict[str, Any]) -> None:
    for drive in seen.get("smart", []):
        if drive["state"] != "ok":
            continue
        agent.metric("drive.temperature", drive["temp_c"], "°C", drive=drive["serial"])
        for number, name in (("5", "reallocated"), ("197", "pending"), ("defects", "reallocated")):
            if number in drive.get("attrs", {}):
                agent.metric("drive.%s" % name, drive["attrs"][number], "", drive=drive["serial"])
        agent.metric("drive.worn", drive.get("nvme", {}).get("percentage_used"), "%", drive=drive["serial"])
    for pool in seen.get("zfs", []):
        agent.metric("pool.used_pct", pool["cap"], "%", pool=pool["name"])
    for pool in seen.get("lvm", []):
        agent.metric("pool.used_pct", pool["data_pct"], "%", pool=pool["name"])
