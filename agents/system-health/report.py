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
    """The shape `system-health/1`: bytes, percent, Unix seconds."""
    facts: dict[str, Any] = {}
    for name in ("ports", "sshd", "certs", "time", "network", "storage"):
        if name in seen:
            facts[name] = seen[name]
    if "disks" in seen:
        facts["disks"] = seen["disks"].rows
    if "load" in seen:
        facts["load"] = {name: value for name, value in seen["load"].items() if name != "kills"}
    if "services" in seen:
        facts["services"] = {name: value for name, value in seen["services"].items() if name != "units"}
    if "auth" in seen:
        facts["auth"] = {name: value for name, value in seen["auth"].items() if name != "logins"}
    if "updates" in seen or "reboot" in seen:
        facts["updates"] = {**seen.get("updates", {}), **seen.get("reboot", {})}
    if "thermal" in seen:
        facts["thermal"] = seen["thermal"][0]
    if "keys" in seen:
        facts.update(keys=seen["keys"]["keys"], uid0=seen["keys"]["uid0"])
    return facts


def measure(agent: Agent, seen: dict[str, Any]) -> None:
    if not agent.data["host"]["container"]:
        agent.metric("uptime", agent.data["host"]["uptime_s"], "s")
    for row in seen["disks"].rows if "disks" in seen else []:
        if row["state"] == "ok":
            agent.metric("disk.used", row["used"], "bytes", mount=row["mount"])
            agent.metric("disk.used_pct", row["pct"], "%", mount=row["mount"])
    if "load" in seen:
        measure_load(agent, seen["load"])
    for sensor in seen["thermal"][0] if "thermal" in seen else []:
        agent.metric("temperature", sensor["c"], "°C", sensor="%s/%s" % (sensor["chip"], sensor["label"]))


def measure_load(agent: Agent, load: dict[str, Any]) -> None:
    memory, cpu = load["memory"], load["cpu"]
    agent.metric("memory.used", memory["total"] - memory["available"], "bytes")
    agent.metric("memory.used_pct", memory["pct"], "%")
    if memory["swap_total"]:
        agent.metric("swap.used", memory["swap_used"], "bytes")
    if agent.data["host"]["container"]:
        return
    agent.metric("cpu.busy", cpu["busy"], "%")
    agent.metric("cpu.iowait", cpu["iowait"], "%")
    for minutes, average in zip(("1", "5", "15"), cpu["load"]):
        agent.metric("load", average, "", minutes=minutes)
    for resource, line in (("cpu", "some"), ("memory", "full"), ("io", "full")):
        pressure = (load["psi"] or {}).get(resource, {}).get(line)
        if pressure:
            agent.metric("pressure", pressure["avg300"], "%", resource=resource)
