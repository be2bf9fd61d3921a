"""What a run tells: its findings, its facts, and the numbers that deserve a curve."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent
from agent_kit_rules import Finding
from support_ends import end_of_system


def report(agent: Agent, findings: list[Finding], seen: dict[str, Any]) -> None:
    for finding in findings:
        agent.finding(*finding)
    host = agent.data["host"]
    agent.data["support_end"] = end_of_system(host)
    for name in ("packages", "reboot", "services", "engine", "images"):
        if name in seen:
            agent.data[name] = seen[name]
    if seen.get("packages", {}).get("pending") is not None:
        agent.data["updates"] = to_summary(seen)
    if "images" in agent.data:
        agent.data["lookup"] = {
            key: agent.options[key]
            for key in ("registry", "newer_versions", "max_images", "image_warn_days", "update_warn_days")
        }
    measure(agent, seen)


def to_summary(seen: dict[str, Any]) -> dict[str, Any]:
    """The few figures that people look for, in the words of System Health."""
    packages, reboot = seen["packages"], seen.get("reboot", {})
    return {
        "upgradable": packages["waiting"],
        "security": packages["security"],
        "lists_age_d": packages["lists_age_d"],
        "reboot": reboot.get("due"),
    }


def measure(agent: Agent, seen: dict[str, Any]) -> None:
    packages = seen.get("packages", {})
    if packages.get("pending") is not None:
        agent.metric("updates.waiting", packages["waiting"], "")
    if packages.get("security") is not None:
        agent.metric("updates.security", packages["security"], "")
    if "services" in seen:
        agent.metric("updates.programs_to_restart", seen["services"]["stale_units"], "")
