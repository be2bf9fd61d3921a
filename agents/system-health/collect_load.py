"""Processor, memory, pressure and processes, sampled over two seconds."""

from __future__ import annotations

import os
import re
import time
from typing import Any, NamedTuple

from agent_kit import Agent, NotSeen, clean
from agent_kit_fields import fields
from agent_kit_files import Files

SAMPLES = 4
KERNEL_THREAD = 0x00200000  # PF_KTHREAD
KILLED = re.compile(
    r"(Memory cgroup out of memory|Out of memory)[^:]*: Kill(?:ed)? process (\d+) \((.{1,32})\)(.*)$"
)
SCOPE = re.compile(r"oom-kill:.*task_memcg=([^,]+).*,pid=(\d+)")


class Process(NamedTuple):
    name: str
    state: str
    parent: int
    ticks: int  # of its own
    child_ticks: int  # of the children it has waited for
    rss: int
    flags: int


def collect_load(agent: Agent, files: Files, host: dict[str, Any], sample_s: float) -> dict[str, Any]:
    # Memory first: it is judged as the node is without us.
    memory = read_memory(files)
    if memory is None:
        raise NotSeen("/proc/meminfo cannot be read", "Mount /proc on the node.")
    before, cpu_before, begin = read_processes(files), read_cpu(files), time.monotonic()
    waiting = {pid: 1 for pid, process in before.items() if process.state == "D"}
    after = before
    for _ in range(SAMPLES - 1):
        time.sleep(sample_s / (SAMPLES - 1))
        after = read_processes(files)
        for pid, process in after.items():
            if process.state == "D" and pid in waiting:
                waiting[pid] += 1
    cpu_after, seconds = read_cpu(files), time.monotonic() - begin
    # With the carrier, whose child we are: looking at a node must not look like its load.
    ours = family_of(os.getpid(), after) | {os.getppid()}
    others = {pid: process for pid, process in after.items() if pid not in ours}
    memory["top"] = [
        {"pid": pid, "name": process.name, "rss": process.rss}
        for pid, process in sorted(others.items(), key=lambda item: -item[1].rss)[:5]
    ]
    stuck = [pid for pid, times in waiting.items() if times == SAMPLES and pid not in ours]
    return {
        "cpu": {
            "sample_s": round(seconds, 2),
            **share_of_cpu(cpu_before, cpu_after, spent(ours, before, after)),
            "load": [float(word) for word in files.text("/proc/loadavg").split()[:3]],
            "top": busiest(before, after, ours, seconds),
        },
        "memory": memory,
        "psi": None if host["container"] else read_pressure(files),
        "oom_kill": None if host["container"] else number_of(files.read("/proc/vmstat"), "oom_kill"),
        "zombies": zombies(before, after),
        "dstate": [
            {"pid": pid, "name": after[pid].name, "wchan": clean(files.text("/proc/%d/wchan" % pid), 64)}
            for pid in stuck
            if pid in after and not after[pid].flags & KERNEL_THREAD
        ],
        "processes": len(after),
    }


def read_processes(files: Files) -> dict[int, Process]:
    found = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for name in files.names("/proc"):
        stat = files.read("/proc/%s/stat" % name, 4096) if name.isdigit() else None
        if not stat or ")" not in stat:
            continue
        # The name of a program may hold spaces and brackets, so count from its last bracket.
        start, end = stat.index("(") + 1, stat.rindex(")")
        rest = stat[end + 2 :].split()
        numbers = [int(word) for word in rest[1:22]]
        found[int(name)] = Process(
            name=clean(stat[start:end], 64),
            state=rest[0],
            parent=numbers[0],
            ticks=numbers[10] + numbers[11],
            child_ticks=numbers[12] + numbers[13],
            rss=numbers[20] * page,
            flags=numbers[5],
        )
    return found


def read_cpu(files: Files) -> list[int]:
    line = (files.read("/proc/stat") or "cpu 0").splitlines()[0]
    return [int(word) for word in line.split()[1:9]]


def family_of(root: int, processes: dict[int, Process]) -> set[int]:
    """A process and all that come from it."""
    family = {root}
    grew = True
    while grew:
        more = {pid for pid, process in processes.items() if process.parent in family} - family
        family |= more
        grew = bool(more)
    return family


def spent(family: set[int], before: dict[int, Process], after: dict[int, Process]) -> int:
    """Ticks that we ourselves took."""
    total = 0
    for pid in family & set(after):
        now, then = after[pid], before.get(pid)
        total += now.ticks + now.child_ticks - (then.ticks + then.child_ticks if then else 0)
    return max(0, total)


def share_of_cpu(before: list[int], after: list[int], ours: int) -> dict[str, float]:
    steps = [max(0, b - a) for a, b in zip(before, after)] + [0] * 8
    user, nice, system, idle, iowait, irq, softirq, steal = steps[:8]
    if not any(steps):  # no tick has passed, or the kernel does not count here
        idle = 1
    total = sum(steps) or 1
    # We run with nice, so that is where our share is found first. Without us that time would have been idle.
    left = {"nice": nice, "user": user, "system": system}
    for name in left:
        taken = min(ours, left[name])
        left[name], ours, idle = left[name] - taken, ours - taken, idle + taken
    named = {"user": left["user"] + left["nice"], "system": left["system"] + irq + softirq}
    named.update(iowait=iowait, steal=steal, idle=idle, busy=max(0, total - idle - iowait))
    return {name: round(min(100.0, 100.0 * ticks / total), 1) for name, ticks in named.items()}


def busiest(
    before: dict[int, Process], after: dict[int, Process], ours: set[int], seconds: float
) -> list[dict[str, Any]]:
    per_second = os.sysconf("SC_CLK_TCK")
    rises = [
        (process.ticks - before[pid].ticks, pid, process.name)
        for pid, process in after.items()
        if pid in before and pid not in ours
    ]
    return [
        {"pid": pid, "name": name, "pct": round(100.0 * ticks / per_second / seconds, 1)}
        for ticks, pid, name in sorted(rises, reverse=True)[:5]
        if ticks > 0
    ]


def zombies(before: dict[int, Process], after: dict[int, Process]) -> list[dict[str, Any]]:
    """Those of both ends of the sample; a zombie for a moment is how every process ends."""
    return [
        {
            "pid": pid,
            "name": process.name,
            "ppid": process.parent,
            "parent": after[process.parent].name if process.parent in after else "?",
        }
        for pid, process in sorted(after.items())
        if process.state == "Z" and pid in before and before[pid].state == "Z"
    ][:50]


def read_memory(files: Files) -> dict[str, Any] | None:
    found = {}
    for name, value in fields(files.read("/proc/meminfo"), ":").items():
        number = value.split()[0] if value else ""
        if number.isdigit():
            found[name] = int(number) * 1024
    if not found.get("MemTotal"):
        return None
    total = found["MemTotal"]
    available = found.get("MemAvailable", found.get("MemFree", 0) + found.get("Cached", 0))
    # ZFS gives its cache back when asked, though the kernel does not count it as available.
    arc = read_arc(files)
    if arc:
        available += max(0, arc["size"] - arc["c_min"])
    available = min(available, total)
    swap = found.get("SwapTotal", 0)
    return {
        "total": total,
        "available": available,
        "pct": round(100.0 * (1 - available / total), 1),
        "swap_total": swap,
        "swap_used": swap - found.get("SwapFree", 0),
        "arc": arc["size"] if arc else None,
    }


def read_arc(files: Files) -> dict[str, int] | None:
    text = files.read("/proc/spl/kstat/zfs/arcstats") or ""
    values = {words[0]: int(words[2]) for words in map(str.split, text.splitlines()[2:]) if len(words) == 3}
    return values if "size" in values and "c_min" in values else None


def read_pressure(files: Files) -> dict[str, Any] | None:
    """Share of time that something waited, in percent, as the kernel averages it."""
    found: dict[str, Any] = {}
    for name in ("cpu", "memory", "io"):
        for line in (files.read("/proc/pressure/" + name) or "").splitlines():
            words = line.split()
            values = dict(word.split("=", 1) for word in words[1:] if "=" in word)
            found.setdefault(name, {})[words[0]] = {key: float(value) for key, value in values.items()}
    return found or None


def number_of(text: str | None, name: str) -> int | None:
    value = fields(text, None).get(name, "")
    return int(value) if value.isdigit() else None


def read_kills(agent: Agent, uptime_s: float) -> list[dict[str, Any]]:
    """Processes that the kernel's log says were killed for lack of memory, with seconds since. Newest
    last."""
    ran = agent.run(["dmesg"], timeout=10, limit=4 << 20, sudo=True)
    if not ran.ok:
        raise NotSeen(
            "the kernel's log cannot be read: %s" % (ran.err.strip().splitlines() or [ran.note])[0],
            "Allow dmesg through sudo, or run as root.",
        )
    return parse_kills(ran.out, uptime_s)


def parse_kills(text: str, uptime_s: float) -> list[dict[str, Any]]:
    kills = []
    scopes: dict[int, str] = {}
    for line in text.splitlines():
        scope = SCOPE.search(line)
        if scope:
            scopes[int(scope.group(2))] = clean(scope.group(1), 200)
        killed = KILLED.search(line)
        if not killed:
            continue
        stamp = re.match(r"\[\s*(\d+\.\d+)\]", line)
        rss = re.search(r"anon-rss:(\d+)kB", killed.group(4))
        pid = int(killed.group(2))
        kills.append(
            {
                "name": clean(killed.group(3), 64),
                "pid": pid,
                "rss": int(rss.group(1)) * 1024 if rss else None,
                "limit": "of its group" if "cgroup" in killed.group(1) else "of the node",
                "scope": scopes.get(pid),
                "ago_s": round(uptime_s - float(stamp.group(1))) if stamp else None,
            }
        )
    return kills
