"""What a run tells: its findings, its facts, and the numbers that deserve a curve."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent
from agent_kit_rules import Finding
from rules_compose import projects_of, to_project

# Of a container, for the facts: what it is and how it stands. Labels may hold anything, and stay here.
CONTAINER = (
    "id name image image_id state exit oom health restarts policy started finished mem_limit cpu_limit "
    "log_bytes log_rotated ports project service number oneoff depends"
).split()


def report(agent: Agent, findings: list[Finding], seen: dict[str, Any]) -> None:
    for finding in findings:
        agent.finding(*finding)
    agent.data.update(to_facts(seen))
    measure(agent, seen)


def to_facts(seen: dict[str, Any]) -> dict[str, Any]:
    """The shape `docker-janitor/1`: bytes, Unix seconds."""
    facts: dict[str, Any] = {"engine": seen["engine"]} if "engine" in seen else {}
    if "containers" in seen:
        rows = seen["containers"]
        stats = seen.get("stats", {})
        facts["containers"] = [
            {**{key: row[key] for key in CONTAINER}, "vols": row["volumes"], "stats": stats.get(row["id"])}
            for row in sorted(rows, key=lambda row: row["name"])
        ]
        facts["projects"] = {
            name: to_project(services) for name, services in sorted(projects_of(rows).items())
        }
    if "images" in seen:
        facts["images"] = [
            {
                **{key: image[key] for key in ("id", "tags", "digests", "size", "created")},
                # Enough of each to tell which are shared.
                "chain": [one[7:23] for one in image["chain"]],
            }
            for image in seen["images"].values()
        ]
        facts["reclaimable"] = seen["reclaimable"]
    if "volumes" in seen:
        keys = ("name", "driver", "created", "size", "refs", "anonymous", "project")
        facts["volumes"] = [{key: volume[key] for key in keys} for volume in seen["volumes"]]
    if "aside" in seen:
        facts["aside"] = seen["aside"]
    return facts


def measure(agent: Agent, seen: dict[str, Any]) -> None:
    engine = seen.get("engine", {})
    if engine.get("disk"):
        agent.metric("docker.disk.used_pct", engine["disk"]["pct"], "%")
    if "total" in engine:
        agent.metric("docker.images_and_cache", engine["total"], "bytes")
    if "containers" in seen:
        running = sum(row["running"] for row in seen["containers"])
        agent.metric("docker.containers.running", running, "")
    if "reclaimable" in seen:
        agent.metric("docker.reclaimable", seen["reclaimable"]["candidates"][1], "bytes")
    names = {row["id"]: row["name"] for row in seen.get("containers", [])}
    for key, stats in seen.get("stats", {}).items():
        agent.metric("docker.memory", stats["memory"], "bytes", container=names.get(key, key[:12]))
