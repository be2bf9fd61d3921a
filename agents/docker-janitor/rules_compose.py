"""Whether the stacks of Docker Compose run whole."""

from __future__ import annotations

import os
from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import quoted, some
from context import Context
from rules_containers import BY_SIGNAL, ON

SEEN_RUNS = 3

Services = dict  # name of a service -> its containers


def projects_of(rows: list[dict[str, Any]]) -> dict[str, Services]:
    """By stack; runs of a single command (`docker compose run`) are left out."""
    projects: dict[str, Services] = {}
    for row in rows:
        if row["project"] and row["service"] and not row["oneoff"]:
            projects.setdefault(row["project"], {}).setdefault(row["service"], []).append(row)
    return projects


def to_project(services: Services) -> dict[str, Any]:
    up = sorted(name for name, rows in services.items() if any(row["running"] for row in rows))
    completed = sorted(name for name, rows in services.items() if all(map(is_finished_job, rows)))
    return {
        "services": sorted(services),
        "up": up,
        "completed": completed,
        "down": sorted(set(services) - set(up) - set(completed)),
        "replicas": {name: len(rows) for name, rows in services.items()},
        "workdir": next((rows[0]["workdir"] for rows in services.values()), None),
    }


def is_finished_job(row: dict[str, Any]) -> bool:
    """It did its work, and is not meant to be started again."""
    return row["state"] == "exited" and row["exit"] == 0 and row["policy"] in ("no", "")


def judge_projects(projects: dict[str, Services], context: Context, is_root: bool) -> list[Finding]:
    found = []
    for name, services in sorted(projects.items()):
        project = to_project(services)
        found += judge_project(name, project, services, context)
        # Only root can tell missing from hidden.
        if is_root and project["workdir"] and not os.path.exists(project["workdir"]):
            title = "The compose files of %s are gone" % name
            fix = "Without them the stack cannot be made anew. Bring %s back." % quoted(project["workdir"])
            evidence = {"workdir": project["workdir"]}
            found.append(Finding("compose.files_missing", "warning", name, title, evidence, fix))
    return found


def judge_project(name: str, project: dict[str, Any], services: Services, context: Context) -> list[Finding]:
    known, replicas = known_before(name, context)
    needed = needed_by(services)
    gone = [one for one in known if one not in services]
    missing = sorted({one for one in needed if one not in services} | set(gone))
    fewer = fewer_replicas(project["replicas"], replicas)
    down = project["down"]
    if project["up"] and (down or missing or fewer):
        evidence = {
            "down": [
                {"service": one, "state": row["state"], "exit": row["exit"]}
                for one in down
                for row in services[one][:1]
            ],
            "missing": missing,
            "fewer_replicas": fewer,
            "needed_by": {one: needed[one] for one in [*down, *missing] if one in needed},
        }
        lacking = some([*down, *missing, *fewer])
        title = "Stack %s runs only in part: %s" % (name, lacking)
        fix = "See why: docker compose -p %s ps -a. Then, in its folder: docker compose up -d." % quoted(name)
        return [Finding("compose.degraded", "high", name, title, evidence, fix)]
    if not project["up"] and down and all(is_broken(row) for one in down for row in services[one]):
        title = "Stack %s is down after errors" % name
        fix = "See why: docker compose -p %s logs --tail 50." % quoted(name)
        return [Finding("compose.down", "warning", name, title, {"services": down}, fix)]
    return []


def is_broken(row: dict[str, Any]) -> bool:
    """It ended with an error, and was not stopped by somebody."""
    return row["policy"] in ON and row["exit"] not in (0, *BY_SIGNAL)


def needed_by(services: Services) -> dict[str, list[str]]:
    needs: dict[str, set[str]] = {}
    for name, rows in services.items():
        for row in rows:
            for one in row["depends"]:
                needs.setdefault(one, set()).add(name)
    return {one: sorted(names) for one, names in needs.items()}


def known_before(name: str, context: Context) -> tuple[set[str], dict[str, int]]:
    """Services of the stack in the last three runs, and how many containers each had at most. What has been
    gone for longer was taken out on purpose."""
    services: set[str] = set()
    replicas: dict[str, int] = {}
    for _, kept in context.history.past("projects")[-SEEN_RUNS:]:
        before = kept.get(name) if isinstance(kept, dict) else None
        if not isinstance(before, dict):
            continue
        services.update(one for one in before.get("services") or [] if isinstance(one, str))
        for one, number in (before.get("replicas") or {}).items():
            if isinstance(number, int):
                replicas[one] = max(number, replicas.get(one, 0))
    return services, replicas


def fewer_replicas(now: dict[str, int], before: dict[str, int]) -> dict[str, list[int]]:
    """Services with fewer containers than before: how many there were, and are."""
    return {name: [before[name], number] for name, number in now.items() if before.get(name, 0) > number}
