"""What a run tells: its findings, its facts, and the numbers that deserve a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target import HOUR

if TYPE_CHECKING:
    from agent_kit import Agent
    from agent_kit_rules import Finding
    from target import Look


def report(agent: Agent, findings: list[Finding], looks: list[Look]) -> None:
    for finding in findings:
        agent.finding(*finding)
    # What a run looked at: one about a single target is not to be compared with one about all of them.
    agent.data["scope"] = (
        "all" if agent.options["discover"] else ", ".join(sorted(it.target.key for it in looks))
    )
    agent.data["targets"] = [look.facts() for look in looks]
    for look in looks:
        measure(agent, look)


def measure(agent: Agent, look: Look) -> None:
    where = look.target.location
    if look.newest is not None:
        agent.metric("backup.age", round((agent.started - look.newest) / HOUR, 1), "h", target=where)
    agent.metric("backup.size", look.size, "bytes", target=where)
    if look.drill and look.drill["files"]:
        agent.metric("backup.restored", look.drill["bytes"], "bytes", target=where)
