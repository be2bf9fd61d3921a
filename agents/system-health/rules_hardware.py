"""Heat, arrays and pools."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, quoted, some, span
from context import Context

CPU_CHIPS = ("coretemp", "k10temp", "zenpower", "x86_pkg_temp", "cpu_thermal", "cpu-thermal", "soc_thermal")
# Where a sensor names no limit of its own.
USUAL_LIMITS = (("nvme", 80.0), ("drivetemp", 60.0))
PI_BITS = {0: "too little voltage", 1: "a capped clock", 2: "throttling", 3: "the soft temperature limit"}
PI_SINCE_BOOT = 16


def judge_thermal(
    sensors: list[dict[str, Any]], throttling: dict[str, Any], context: Context
) -> list[Finding]:
    if context.in_container:
        return []
    found = [finding for sensor in sensors for finding in judge_sensor(sensor, context)]
    return found + judge_throttling(throttling, context)


def limit_of(sensor: dict[str, Any]) -> tuple[float, float] | None:
    """From where on it is critical, and the limit that the warning counts from."""
    crit = sensor["crit"]
    if crit and 40 < crit < 130:
        return crit - 3, crit
    usual = next((limit for name, limit in USUAL_LIMITS if sensor["chip"].startswith(name)), None)
    if usual is None and sensor["chip"].startswith(CPU_CHIPS):
        usual = 95.0
    return (usual, usual) if usual else None


def judge_sensor(sensor: dict[str, Any], context: Context) -> list[Finding]:
    limits = limit_of(sensor)
    if limits is None:
        return []
    subject = "%s/%s" % (sensor["chip"], sensor["label"])
    critical, limit = limits
    was_critical = context.before("hw.temp_critical", subject)
    was_high = context.before("hw.temp_high", subject)
    title = "%s is at %.0f °C (its limit is %.0f °C)" % (subject, sensor["c"], limit)
    fix = (
        "Is a fan standing still, or dust in its way? Does something compute all the time? Look: "
        "sensors; top."
    )
    evidence = {**sensor, "limit": limit}
    if sensor["c"] >= critical - (3 if was_critical else 0):
        return [Finding("hw.temp_critical", "critical", subject, title, evidence, fix)]
    if sensor["c"] >= limit - 10 - (3 if was_critical or was_high else 0):
        return [Finding("hw.temp_high", "warning", subject, title, evidence, fix)]
    return []


def judge_throttling(throttling: dict[str, Any], context: Context) -> list[Finding]:
    last = context.history.last("throttled")
    known = last if context.same_boot(last) else {}
    word, count_now = throttling["pi"], throttling["count"]
    if word:
        before = known.get("pi")
        new = word >> PI_SINCE_BOOT & ~(before >> PI_SINCE_BOOT) if isinstance(before, int) else 0
        reasons = [text for bit, text in PI_BITS.items() if (word | new) >> bit & 1]
        if reasons:
            title = "The Raspberry Pi slows down: %s" % some(reasons, 4)
            fix = (
                "Voltage: use the official power supply and a short cable. Heat: give it a heat "
                "sink or a fan. Look: vcgencmd get_throttled."
            )
            return [
                Finding("hw.throttled", "warning", "cpu", title, {"word": hex(word), "reasons": reasons}, fix)
            ]
    before = known.get("count")
    if (
        isinstance(before, int)
        and count_now is not None
        and count_now - before >= context.options["throttle_events"]
    ):
        grown = count_now - before
        title = "The processor was slowed down %s by heat since the last run" % count(grown, "time")
        fix = (
            "Clean or replace its fan and paste, or give it less to do. Look: sensors; journalctl "
            "-k -g throttled."
        )
        return [
            Finding("hw.throttled", "warning", "cpu", title, {"events": grown, "since_boot": count_now}, fix)
        ]
    return []


def judge_storage(storage: dict[str, Any]) -> list[Finding]:
    found = [finding for array in storage["md"] for finding in judge_array(array)]
    found += [finding for pool in storage["zfs"] for finding in judge_pool(pool)]
    return found + [finding for pool in storage["thin"] for finding in judge_thin_pool(pool)]


def judge_array(array: dict[str, Any]) -> list[Finding]:
    if array["state"] == "inactive":
        return [inactive(array)]
    want, have, work = array["want"], array["have"], array["op"]
    is_short = want is not None and have is not None and have < want
    if not is_short and not array["failed"]:
        return []
    name = array["name"]
    fix = (
        "Which disk: sudo mdadm --detail %s; its health: sudo smartctl -a. Have your backup ready "
        "before you touch it." % quoted("/dev/" + name)
    )
    if is_short and work and work["what"] in ("recovery", "reshape"):
        left = ", about %s to go" % span(work["left_s"]) if work["left_s"] else ""
        title = "%s is being rebuilt (%d of %d disks, %.0f %% done%s)" % (name, have, want, work["pct"], left)
        fix = "Let it finish, and do not restart the node. How far it is: cat /proc/mdstat."
        return [Finding("raid.degraded", "high", name, title, array, fix)]
    title = "%s has lost a disk (%s of %s work)" % (name, have, want)
    if array["failed"]:
        title += ": %s" % some(array["failed"])
    return [Finding("raid.degraded", "critical", name, title, array, fix)]


def inactive(array: dict[str, Any]) -> Finding:
    name, device = array["name"], quoted("/dev/" + array["name"])
    fix = (
        "What is missing: sudo mdadm --detail %s; sudo mdadm --examine --scan. Do not create it anew. When "
        "all its disks are there: sudo mdadm --stop %s && sudo mdadm --assemble --scan." % (device, device)
    )
    title = "%s is not running: what is on it cannot be reached" % name
    return Finding("raid.inactive", "critical", name, title, array, fix)


def judge_pool(pool: dict[str, Any]) -> list[Finding]:
    found, name = [], pool["name"]
    fix = "Which disk or file: sudo zpool status -v %s. Have your backup ready before you touch it." % quoted(
        name
    )
    if pool["health"] != "ONLINE":
        title = "Pool %s is %s" % (name, pool["health"])
        found.append(Finding("zfs.pool_unhealthy", "critical", name, title, pool, fix))
    if pool["errors"] and pool["errors"] != "No known data errors":
        first = pool["errors"].split()[0]
        evidence = {**pool, "data_errors": int(first) if first.isdigit() else None}
        title = "Pool %s has lost data: %s" % (name, pool["errors"])
        fix = (
            "Which files: sudo zpool status -v %s. Bring them back from a backup, then sudo zpool scrub %s."
            % (*(quoted(name), quoted(name)),)
        )
        found.append(Finding("zfs.data_errors", "critical", name, title, evidence, fix))
    return found


def judge_thin_pool(pool: dict[str, Any]) -> list[Finding]:
    data, meta = pool["data_pct"], pool["meta_pct"]
    if data >= 95 or meta >= 90:
        severity = "critical"
    elif data >= 80 or meta >= 75:
        severity = "warning"
    else:
        return []
    title = "Thin pool %s is %.0f %% full (its metadata %.0f %%)" % (pool["name"], data, meta)
    fix = (
        "When it is full, its volumes break. Delete snapshots, run fstrim -av in the guests, or grow it: "
        "sudo lvextend -L +20G %s (metadata: --poolmetadatasize +1G)." % quoted(pool["name"])
    )
    return [Finding("lvm.thin_full", severity, pool["name"], title, {**pool, "pct": max(data, meta)}, fix)]
