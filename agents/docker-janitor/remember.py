"""What the next run shall know. Only of what this run saw: a blind moment must not become the new normal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules_compose import projects_of, to_project

if TYPE_CHECKING:
    from agent_kit import History
    from agent_kit_rules import Finding


def remember(history: History, seen: dict[str, Any], findings: list[Finding]) -> None:
    if "containers" in seen:
        rows = seen["containers"]
        history.keep("containers", {row["name"]: to_kept(row) for row in rows})
        projects = {name: to_project(services) for name, services in projects_of(rows).items()}
        kept = {
            name: {"services": it["services"], "replicas": it["replicas"]} for name, it in projects.items()
        }
        history.keep("projects", kept)
    if "stats" in seen:
        by_id = {row["id"]: row for row in seen["containers"]}
        kept_stats = {
            by_id[key]["name"]: [key[:12], by_id[key]["mem_limit"], it["memory"], it["throttled"]]
            for key, it in seen["stats"].items()
        }
        history.keep("stats", kept_stats)
    disk = seen["engine"]["disk"] if "engine" in seen else None
    if disk:
        history.keep("disk", [disk["used"], disk["used"] + disk["avail"]])
        # Of the others none has a threshold that it could hover around.
        full = [it for it in findings if it.rule == "docker.root_disk"]
        history.keep("levels", {"%s:%s" % (it.rule, it.subject): it.severity for it in full})


def to_kept(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"][:12], "restarts": row["restarts"], "log_bytes": row["log_bytes"]}
