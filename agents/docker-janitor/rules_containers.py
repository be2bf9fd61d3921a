"""Which containers need a person."""

from __future__ import annotations

from typing import Any, Callable

from agent_kit_rules import Finding
from agent_kit_wording import count, quoted, size, some, span
from context import Context

MIB = 1 << 20
DAY = 86400.0
QUIET_S = 900.0  # after that long without a restart it is no loop any more
ON = ("always", "unless-stopped")
# By a signal of somebody's: `docker stop`, or the kernel, which has a rule of its own.
BY_SIGNAL = (137, 143)

Row = dict  # of a container, as `collect_containers` gives it


def judge_containers(rows: list[dict[str, Any]], context: Context) -> list[Finding]:
    each: list[Callable[[Row, Context], Finding | None]] = [
        restart_loop,
        unhealthy,
        exited_with_error,
        dead,
        log_growth,
        privileged,
        socket_mounted,
    ]
    found = [rule(row, context) for row in rows for rule in each]
    found += [no_memory_limit(rows), unbounded_logs(rows), open_ports(rows), long_stopped(rows, context)]
    return [finding for finding in found if finding]


def restart_loop(row: Row, context: Context) -> Finding | None:
    grown = restarts_since(row, context)
    since_start = context.now - (row["started"] or context.now)
    is_waiting = row["state"] == "restarting" and row["restarts"] >= 2
    is_up = row["state"] in ("running", "restarting")
    if not is_waiting and not (grown >= context.options["restart_warn"] and is_up and since_start < QUIET_S):
        return None
    name = row["name"]
    evidence = {key: row[key] for key in ("restarts", "exit", "oom", "policy", "state")}
    evidence["since_last_run"] = grown
    fix = "See why it ends: docker logs --tail 50 %s. Stop it until it is mended: docker stop %s." % (
        *(quoted(name), quoted(name)),
    )
    title = "Container %s keeps restarting (%s so far)" % (name, count(row["restarts"], "time"))
    return Finding("docker.restart_loop", "high", name, title, evidence, fix)


def restarts_since(row: Row, context: Context) -> int:
    """Restarts since the last run. Docker counts anew when somebody starts it by hand, or makes it anew."""
    before = context.remembered("containers", row["name"])
    if before is None:
        # Of one that was not seen before, all of them count if it is young; else they may be years old.
        is_young = context.now - (row["created"] or 0) < DAY
        return int(row["restarts"]) if is_young else 0
    was = before.get("restarts")
    is_same = before.get("id") == row["id"][:12] and isinstance(was, int) and was <= row["restarts"]
    return int(row["restarts"]) - was if is_same else int(row["restarts"])


def unhealthy(row: Row, _context: Context) -> Finding | None:
    if row["health"] != "unhealthy" or not row["running"]:
        return None
    name = row["name"]
    evidence = {"failing_streak": row["failing_streak"], "last_output": row["health_output"]}
    fix = (
        "See what its check says: docker inspect -f '{{json .State.Health}}' %s. Then its log: docker logs "
        % (quoted(name))
    )
    title = "Container %s is unhealthy" % name
    return Finding("docker.unhealthy", "high", name, title, evidence, fix + "--tail 50 %s." % quoted(name))


def exited_with_error(row: Row, context: Context) -> Finding | None:
    is_error = row["exit"] not in (0, None) and row["exit"] not in BY_SIGNAL
    if row["state"] != "exited" or row["policy"] not in ON or not is_error or row["oom"]:
        return None
    name = row["name"]
    ago = span(context.now - row["finished"]) if row["finished"] else "some time"
    title = "Container %s ended with exit %s %s ago and was not started again" % (name, row["exit"], ago)
    evidence = {key: row[key] for key in ("exit", "error", "finished", "policy")}
    fix = "See why: docker logs --tail 50 %s. Start it: docker start %s." % (quoted(name), quoted(name))
    return Finding("docker.exited_error", "warning", name, title, evidence, fix)


def dead(row: Row, _context: Context) -> Finding | None:
    if row["state"] != "dead":
        return None
    name = row["name"]
    title = "Container %s is dead: removing it has failed" % name
    fix = "Something still holds its files. Restart Docker, then: docker rm %s." % quoted(name)
    return Finding("docker.dead", "high", name, title, {"error": row["error"]}, fix)


def log_growth(row: Row, context: Context) -> Finding | None:
    limit = context.options["log_warn_mib"] * MIB
    if row["log_rotated"] or row["log_bytes"] is None or row["log_bytes"] < limit:
        return None
    name = row["name"]
    before = context.remembered("containers", name) or {}
    evidence = {
        "log_bytes": row["log_bytes"],
        "driver": row["log_driver"],
        "last_run": before.get("log_bytes"),
    }
    fix = (
        "Give it a bound and create it anew, in its compose file: logging: {driver: json-file, options: "
        '{max-size: "10m", max-file: "3"}}. For all new containers: log-opts in /etc/docker/daemon.json.'
    )
    severity = "high" if row["log_bytes"] >= 4 * limit else "warning"
    title = "The log of %s takes %s and has no bound" % (name, size(row["log_bytes"]))
    return Finding("docker.log_growth", severity, name, title, evidence, fix)


def privileged(row: Row, _context: Context) -> Finding | None:
    if not row["privileged"] or not row["running"]:
        return None
    name = row["name"]
    fix = "If it needs one device or right only, give it that: devices or cap_add instead of privileged."
    title = "Container %s has all rights on this node" % name
    return Finding("docker.privileged", "info", name, title, {"image": row["image"]}, fix)


def socket_mounted(row: Row, _context: Context) -> Finding | None:
    if not row["socket_mounted"] or not row["running"]:
        return None
    name = row["name"]
    fix = "Whoever takes it over has this node. A socket proxy with what it needs is safer."
    title = "Container %s can control Docker" % name
    return Finding("docker.sock_mounted", "info", name, title, {"image": row["image"]}, fix)


def no_memory_limit(rows: list[Row]) -> Finding | None:
    names = sorted(row["name"] for row in rows if row["running"] and not row["mem_limit"])
    if not names:
        return None
    title = "%s without a memory limit: %s" % (count(len(names), "running container"), some(names))
    fix = "One that leaks can take the whole node down. In its compose file: mem_limit: 512m."
    return Finding("docker.no_mem_limit", "info", "containers", title, {"containers": names}, fix)


def unbounded_logs(rows: list[Row]) -> Finding | None:
    """By its settings alone, where the sizes are hidden from us."""
    names = sorted(row["name"] for row in rows if row["log_hidden"] and not row["log_rotated"])
    if not names:
        return None
    title = "The logs of %s have no bound: %s" % (count(len(names), "container"), some(names))
    fix = "How large they are only root sees. In a compose file: logging: {options: {max-size: 10m}}."
    return Finding("docker.log_unbounded", "info", "containers", title, {"containers": names}, fix)


def open_ports(rows: list[Row]) -> Finding | None:
    ports = {
        row["name"]: open_to_all
        for row in rows
        if row["running"]
        for open_to_all in [[port for port in row["ports"] if port.startswith("*:")]]
        if open_to_all
    }
    if not ports:
        return None
    names = sorted(ports)
    title = "%s with ports open on all addresses: %s" % (count(len(names), "container"), some(names))
    fix = "Docker opens them past most firewalls. For this node alone: 127.0.0.1:8080:80."
    return Finding("docker.port_all", "info", "containers", title, {"ports": ports}, fix)


def long_stopped(rows: list[Row], context: Context) -> Finding | None:
    names = sorted(row["name"] for row in rows if is_long_stopped(row, context))
    if not names:
        return None
    days = context.options["stopped_days"]
    title = "%s stopped for more than %s: %s" % (
        *(count(len(names), "container"), count(days, "day")),
        some(names),
    )
    fix = "See the plan of this run to set them aside, or: docker rm NAME."
    return Finding("docker.stopped_containers", "info", "containers", title, {"containers": names}, fix)


def is_long_stopped(row: Row, context: Context) -> bool:
    since = row["finished"] or row["created"]
    is_stopped = row["state"] in ("exited", "created", "dead")
    return is_stopped and since is not None and context.now - since > context.options["stopped_days"] * DAY


def judge_kills(rows: list[Row], kills: dict[str, int] | None, events: dict[str, list[str]]) -> list[Finding]:
    """`kills` are those in the kernel's log by container; None when it could not be read."""
    found = []
    for row in rows:
        times = (kills or {}).get(row["id"], 0)
        name, limit = row["name"], row["mem_limit"]
        evidence = {"mem_limit": limit, "exit": row["exit"], "restarts": row["restarts"], "kernel_log": times}
        fix = "Give it more memory (mem_limit in its compose file), or find what leaks: docker stats %s." % (
            quoted(name)
        )
        if times or row["oom"] or row["id"] in events["oom"]:
            row["oom"] = True
            most = " (its limit is %s)" % size(limit) if limit else ""
            title = "Container %s was killed for lack of memory%s" % (name, most)
            found.append(Finding("docker.oom_killed", "high", name, title, evidence, fix))
        elif row["exit"] == 137 and not row["running"] and limit and kills is None:
            if row["id"] in events["kill"]:
                continue  # somebody's `docker kill` or `docker stop`
            title = "Container %s was killed, perhaps for lack of memory" % name
            found.append(Finding("docker.oom_killed", "warning", name, title, evidence, fix, "likely"))
    return found
