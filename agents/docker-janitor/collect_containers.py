"""All containers, running or not, with what rules want to know of them."""

from __future__ import annotations

import glob
import os
from typing import Any

from agent_kit import clean
from engine import Engine
from moments import to_moment

COMPOSE = "com.docker.compose."
# As Docker says it when nobody chose an address.
EVERYWHERE = (None, "", "0.0.0.0", "::")


def collect_containers(engine: Engine) -> list[dict[str, Any]]:
    listed = engine.get("/containers/json", all=1)
    # One that is gone meanwhile is no matter.
    told = engine.find_all(["/containers/%s/json" % row["Id"] for row in listed])
    return [to_container(one) for one in told if one is not None]


def to_container(told: dict[str, Any]) -> dict[str, Any]:
    state, host, config = told["State"], told["HostConfig"], told["Config"]
    labels = config.get("Labels") or {}
    mounts = told.get("Mounts") or []
    row = {
        "id": told["Id"],
        "name": told["Name"].lstrip("/"),
        "image": config.get("Image"),
        "image_id": told["Image"],
        "created": to_moment(told.get("Created")),
        "labels": labels,
        "mem_limit": host.get("Memory") or 0,
        "cpu_limit": cpus_of(host),
        "privileged": bool(host.get("Privileged")),
        "socket_mounted": any(str(mount.get("Source")).endswith("/docker.sock") for mount in mounts),
        "volumes": [mount.get("Name") for mount in mounts if mount.get("Type") == "volume"],
        "ports": ports_of(host),
        "policy": (host.get("RestartPolicy") or {}).get("Name") or "no",
    }
    row.update(state_of(state), restarts=told.get("RestartCount") or 0)
    row.update(log_of(told.get("LogPath"), host.get("LogConfig") or {}))
    row.update(compose_of(labels))
    return row


def state_of(state: dict[str, Any]) -> dict[str, Any]:
    health = state.get("Health") or {}
    outputs = [entry.get("Output") for entry in health.get("Log") or []]
    return {
        "state": state.get("Status"),
        # Docker says that it runs also of one that is waiting to be started again.
        "running": bool(state.get("Running")) and not state.get("Restarting"),
        "exit": state.get("ExitCode"),
        "error": clean(state.get("Error") or "", 200),
        "oom": bool(state.get("OOMKilled")),
        "started": to_moment(state.get("StartedAt")),
        "finished": to_moment(state.get("FinishedAt")),
        "finished_at": str(state.get("FinishedAt") or ""),
        "health": health.get("Status"),
        "failing_streak": health.get("FailingStreak"),
        "health_output": clean(outputs[-1] or "", 200).strip() if outputs else "",
    }


def cpus_of(host: dict[str, Any]) -> float:
    """How many processors it may use; 0 without a limit."""
    if host.get("NanoCpus"):
        return host["NanoCpus"] / 1e9
    quota = host.get("CpuQuota") or 0
    return quota / float(host.get("CpuPeriod") or 100_000) if quota > 0 else 0.0


def ports_of(host: dict[str, Any]) -> list[str]:
    """Published ports: `*:8080->80/tcp` on all addresses."""
    bindings = (host.get("PortBindings") or {}).items()
    return sorted(
        {
            "%s:%s->%s"
            % ("*" if bound.get("HostIp") in EVERYWHERE else bound["HostIp"], bound.get("HostPort"), inside)
            for inside, every in bindings
            for bound in every or []
        }
    )


def log_of(path: str | None, config: dict[str, Any]) -> dict[str, Any]:
    """How large the log is, rotated parts too: None where its folder is closed to us."""
    driver = config.get("Type")
    size, is_seen = 0, False
    for file in [path, *glob.glob(glob.escape(path) + ".*")] if path else []:
        try:
            size += os.stat(file).st_size
            is_seen = True
        except (OSError, ValueError):
            continue
    is_bounded = driver != "json-file" or bool((config.get("Config") or {}).get("max-size"))
    return {
        "log_driver": driver,
        "log_rotated": is_bounded,
        "log_bytes": size if is_seen else None,
        "log_hidden": bool(path) and not is_seen,
    }


def compose_of(labels: dict[str, Any]) -> dict[str, Any]:
    depends = str(labels.get(COMPOSE + "depends_on") or "")
    return {
        "project": labels.get(COMPOSE + "project"),
        "service": labels.get(COMPOSE + "service"),
        "number": labels.get(COMPOSE + "container-number"),
        "oneoff": labels.get(COMPOSE + "oneoff") == "True",
        # `db:service_started:false,cache:…`
        "depends": [one.split(":")[0] for one in depends.split(",") if one],
        "workdir": labels.get(COMPOSE + "project.working_dir"),
    }
