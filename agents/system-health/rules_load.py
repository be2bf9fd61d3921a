"""What is wrong with processor, memory and processes."""

from __future__ import annotations

import collections
from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, size, some
from context import Context

DAY = 86400
# Resource, which line of its pressure, and what a stall means to a person.
PRESSURES = (
    ("memory", "full", "everything waited for memory", "Find who takes it: ps aux --sort=-rss | head."),
    (
        "io",
        "full",
        "everything waited for disks",
        "Find who reads and writes: sudo iotop -obn3, or pidstat -d 5 3.",
    ),
    (
        "cpu",
        "some",
        "something waited for a processor",
        "Find who computes: top, or ps aux --sort=-pcpu | head.",
    ),
)


def judge_load(load: dict[str, Any], context: Context) -> list[Finding]:
    found = judge_memory(load, context) + judge_processes(load)
    if not context.in_container:
        found += judge_pressure(load, context)
        steal = load["cpu"]["steal"]
        if steal >= context.options["steal_warn_pct"]:
            title = "The host takes %.0f %% of the processor time away" % steal
            fix = "Its host runs too many machines at once. Give this one fewer neighbours, or more shares."
            found.append(Finding("cpu.steal", "warning", "cpu", title, {"steal": steal}, fix, "likely"))
    return found


def judge_memory(load: dict[str, Any], context: Context) -> list[Finding]:
    memory, options, found = load["memory"], context.options, []
    level = context.level(
        "mem.low", "memory", memory["pct"], options["mem_warn_pct"], options["mem_crit_pct"]
    )
    names = some(["%s (%s)" % (it["name"], size(it["rss"])) for it in memory["top"]])
    if level:
        title = "Only %s of %s memory is available" % (size(memory["available"]), size(memory["total"]))
        evidence = {
            key: memory[key] for key in ("pct", "available", "total", "swap_used", "swap_total", "top")
        }
        fix = "Largest: %s. Stop or limit one of them, or add memory: ps aux --sort=-rss | head." % names
        found.append(Finding("mem.low", level, "memory", title, evidence, fix))
    swap, used = memory["swap_total"], memory["swap_used"]
    if swap and used > 0.01 * options["swap_warn_pct"] * swap and is_swap_in_use(load):
        title = "Swap is %.0f %% full and memory is short" % (100.0 * used / swap)
        evidence = {"swap_used": used, "swap_total": swap, "available": memory["available"]}
        fix = (
            "Largest in memory: %s. Who is swapped out: grep VmSwap /proc/[0-9]*/status | sort -nk2 | tail."
            % names
        )
        found.append(Finding("mem.swap_full", "warning", "swap", title, evidence, fix))
    return found


def is_swap_in_use(load: dict[str, Any]) -> bool:
    """Full swap alone is no harm: what is never needed may lie there for months."""
    psi = load["psi"]
    if psi and "memory" in psi:
        return psi["memory"]["some"]["avg300"] > 1
    return load["memory"]["pct"] > 90


def judge_pressure(load: dict[str, Any], context: Context) -> list[Finding]:
    psi, options, found = load["psi"], context.options, []
    top = (
        some(["%s (%.0f %%)" % (it["name"], it["pct"]) for it in load["cpu"]["top"]]) or "nothing stands out"
    )
    for name, line, meaning, fix in PRESSURES if psi else ():
        value = psi.get(name, {}).get(line, {}).get("avg300", 0.0)
        warn, high = options["pressure_%s_warn_pct" % name], options["pressure_%s_high_pct" % name]
        if value < warn or (name == "cpu" and not was_above(warn, context)):
            continue
        title = "For %.0f %% of the last five minutes %s" % (value, meaning)
        evidence = {"avg300": value, "line": line, "psi": psi[name], "load": load["cpu"]["load"]}
        evidence["top"] = load["cpu"]["top"] if name != "memory" else load["memory"]["top"]
        fix += " Busiest now: %s." % top
        found.append(
            Finding("pressure." + name, "high" if value >= high else "warning", name, title, evidence, fix)
        )
    if not psi and len(load["cpu"]["load"]) == 3:
        per_cpu = load["cpu"]["load"][2] / context.host["cpus"]
        if per_cpu > 4 and was_above(400, context):
            title = "The load has been %.1f for 15 minutes, on %s" % (
                *(load["cpu"]["load"][2], count(context.host["cpus"], "processor")),
            )
            evidence = {"load": load["cpu"]["load"], "cpus": context.host["cpus"], "top": load["cpu"]["top"]}
            found.append(
                Finding("pressure.cpu", "warning", "cpu", title, evidence, PRESSURES[2][3], "likely")
            )
    return found


def was_above(threshold: float, context: Context) -> bool:
    """A busy processor is a finding only in two runs in a row: one may have met the nightly job."""
    last = context.history.last("cpu_pressure")
    return isinstance(last, (int, float)) and last >= threshold


def cpu_pressure(load: dict[str, Any], host: dict[str, Any]) -> float:
    """What the next run compares with: percent of time waited, or of load per processor where that is
    unknown."""
    if load["psi"]:
        return load["psi"].get("cpu", {}).get("some", {}).get("avg300", 0.0)
    averages = load["cpu"]["load"]
    return round(100.0 * averages[-1] / host["cpus"], 1) if averages else 0.0


def kills_to_explain(load: dict[str, Any], context: Context) -> int | None:
    """How many processes were killed for lack of memory since the last run; None on the first, or where
    unknown."""
    total, last = load["oom_kill"], context.history.last("oom")
    if total is None or not isinstance(last, dict):
        return None
    # After a restart the kernel counts anew, and all of it is since the last run.
    return total - int(last.get("count") or 0) if context.same_boot(last) else total


def judge_kills(new: int | None, kills: list[dict[str, Any]]) -> list[Finding]:
    """`kills` are those of the kernel's log. On the first run only those of the last day are news."""
    if new is None:
        victims = [kill for kill in kills if kill["ago_s"] is not None and 0 <= kill["ago_s"] <= DAY]
        new = len(victims)
    else:
        victims = kills[-new:] if new > 0 else []
    if new <= 0:
        return []
    names = collections.Counter(kill["name"] for kill in victims)
    who = some(
        ["%s (%d times)" % (name, times) if times > 1 else name for name, times in names.most_common()]
    )
    what = who or count(new, "process").replace("processs", "processes")
    title = "%s %s killed for lack of memory" % (what, "was" if len(names) == 1 or new == 1 else "were")
    fix = (
        "If it runs in a container or a service with a limit, raise that limit (docker run -m, MemoryMax=); "
        "otherwise give the node more memory or less to do. Details: sudo dmesg -T | grep -i 'killed "
        "process'."
    )
    evidence = {"count": new, "victims": victims[-10:]}
    return [Finding("mem.oom_kill", "high", "kernel", title, evidence, fix)]


def judge_processes(load: dict[str, Any]) -> list[Finding]:
    found = []
    dead = load["zombies"]
    parents = collections.Counter((it["ppid"], it["parent"]) for it in dead).most_common(5)
    if parents and (len(dead) >= 10 or parents[0][1] >= 5):
        (pid, name), most = parents[0]
        title = "%s: %s did not collect them" % (
            count(len(dead), "dead process").replace("processs", "processes"),
            name,
        )
        evidence = {
            "count": len(dead),
            "parents": [{"name": n, "pid": p, "count": c} for (p, n), c in parents],
        }
        evidence["of_this_parent"] = most
        fix = "They go when %s (process %d) ends. See what it is: ps -fp %d; then restart it." % (
            name,
            pid,
            pid,
        )
        found.append(Finding("proc.zombies", "warning", name, title, evidence, fix))
    stuck = load["dstate"]
    if stuck:
        names = some(sorted({it["name"] for it in stuck}))
        verb = "is" if len(stuck) == 1 else "are"
        title = "%s %s stuck waiting inside the kernel" % (names, verb)
        fix = (
            "Usually a disk or a file server that does not answer. See what they wait for: "
            "sudo cat /proc/%d/stack; sudo dmesg | tail; ls -l /proc/%d/cwd."
            % (stuck[0]["pid"], stuck[0]["pid"])
        )
        found.append(Finding("proc.dstate", "high", stuck[0]["name"], title, {"procs": stuck[:10]}, fix))
    return found
