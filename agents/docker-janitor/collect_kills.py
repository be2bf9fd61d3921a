"""Containers that were killed for lack of memory.

Docker's own flag and event get lost in a race when the main process is the one that is killed; the kernel's
log names the container each time.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from agent_kit import NotSeen, one_line, read_file
from agent_kit_docker import NoAnswer, Refusal
from engine import Engine

if TYPE_CHECKING:
    from agent_kit import Agent

DMESG = ["dmesg"]
KILL = re.compile(r"^(?:\[\s*(\d+\.\d+)\])?.*?oom-kill:.*?(?:task_memcg|oom_memcg)=\S*?([0-9a-f]{64})")
DAY = 86400.0


def since_when(now: float, last_run: float | None) -> float:
    """From when on a kill is news: the last run, at least a day and at most a week ago."""
    return min(now - DAY, max(now - 7 * DAY, last_run or now - DAY))


def collect_kills(agent: Agent, now: float, since: float) -> dict[str, int]:
    """How often the kernel killed something in each container, by its id. Raises `NotSeen`."""
    ran = agent.run(DMESG, timeout=10, limit=4 << 20, sudo=True)
    if ran.rc != 0:
        said = ran.err.strip().splitlines() or [ran.note or "no reason given"]
        raise NotSeen(
            "the kernel's log cannot be read: %s" % one_line(said[0], 200),
            "Allow dmesg through sudo, or run as root.",
        )
    uptime = float((read_file("/proc/uptime", 100) or "0").split()[0])
    return parse_kills(ran.out, now, uptime, since)


def parse_kills(text: str, now: float, uptime: float, since: float) -> dict[str, int]:
    kills: Counter[str] = Counter()
    for line in text.splitlines():
        found = KILL.match(line)
        if not found:
            continue
        at = now - uptime + float(found.group(1)) if found.group(1) else now
        if at >= since:
            kills[found.group(2)] += 1
    return dict(kills)


def collect_events(engine: Engine, now: float, since: float) -> dict[str, list[str]]:
    """Which containers ran out of memory, and which somebody killed, as far as Docker remembers: it keeps 256
    events."""
    chosen = json.dumps({"type": ["container"], "event": ["oom", "kill"]})
    try:
        told = engine.get("/events", timeout=10, since=int(since), until=int(now), filters=chosen)
    except (NoAnswer, Refusal):
        return {"oom": [], "kill": []}
    found: dict[str, Any] = {"oom": [], "kill": []}
    for event in told if isinstance(told, list) else [told]:
        if isinstance(event, dict) and event.get("Action") in found:
            found[event["Action"]].append((event.get("Actor") or {}).get("ID"))
    return found
