"""Disk Doctor: asks drives, arrays and pools how they are, and says which will not last.

The story: collect facts, judge them with what earlier runs remember, report, propose, remember. Facts are
collected by `collect_*` and judged by `rules_*`, which know nothing of the node but what they are given.
What was approved is started by `change`, in another run.
"""

from __future__ import annotations

from typing import Any, Callable, Dict

from agent_kit import Agent, main
from agent_kit_files import Files, container_of
from agent_kit_levels import levels_of
from agent_kit_lvm import LVS, read_thin_pools
from agent_kit_rules import Finding, in_order, judge_each
from change import StartCheck, StartScrub, StartSelfTest
from collect_arrays import WITH_REDUNDANCY, collect_arrays, collect_unraid, read_checks
from collect_btrfs import collect_btrfs
from collect_smart import SMART_SUDO, collect_smart, tell_gaps
from collect_space import collect_space
from collect_zfs import ZFS_SUDO, collect_zfs
from context import Context
from mounts import measure, read_mounts
from plan import propose
from remember import remember
from report import report
from rules_arrays import judge_arrays, judge_unraid, note_checks
from rules_pools import judge_btrfs, judge_thin, judge_zfs
from rules_smart import judge_drives
from rules_space import judge_space

SCHEMA = "disk-doctor/1"
# The commands of the manifest that may go through sudo.
SUDO = [*SMART_SUDO, *ZFS_SUDO, LVS, ["dmesg"]]
ACTIONS = {
    "smart.selftest.start": StartSelfTest,
    "zfs.scrub.start": StartScrub,
    "md.check.start": StartCheck,
}

Seen = Dict[str, Any]


def perform(agent: Agent, root: str = "") -> None:
    """`root` stands for `/` in tests."""
    files = Files(root)
    context = Context(agent.started, agent.options, agent.history)
    seen = collect(agent, files, context)
    findings = in_order(judge(agent, seen, context))
    report(agent, findings, seen)
    if agent.mode == "plan":
        propose(agent, seen, findings)
    remember(agent.history, seen, findings, context)


def collect(agent: Agent, files: Files, context: Context) -> Seen:
    """What could be seen, by section, one after the other: disks are not to be read by several at once."""
    seen: Seen = {}
    parts: dict[str, tuple[float, Callable[[], Any]]] = {}
    mounts = read_mounts(files)
    if not container_of(files):
        parts.update(
            smart=(60, lambda: look_at_drives(agent, files, context)),
            arrays=(10, lambda: collect_arrays(files)),
            unraid=(5, lambda: collect_unraid(files)),
            zfs=(40, lambda: collect_zfs(agent, files)),
            btrfs=(20, lambda: collect_btrfs(agent, files, mounts)),
            lvm=(20, lambda: read_thin_pools(agent, files)),
        )
    for name, (budget_s, part) in parts.items():
        if name in agent.options["skip"]:
            continue
        with agent.section(name, budget_s):
            found = part()
            # None is a section that this node has nothing for.
            if found is not None:
                seen[name] = found
    if "space" not in agent.options["skip"]:
        # A disk that dies may hold whoever asks for ever: then this part is left behind.
        budget_s = agent.options["look_s"] + 10
        seen.update(agent.together({"space": (budget_s, lambda: collect_space(agent, measure(mounts)))}))
    if "arrays" in seen:
        with agent.section("checks", 10):
            seen["checks"] = note_checks(
                seen["arrays"], look_for_checks(agent, files, seen["arrays"], context), context
            )
    return seen


def look_at_drives(agent: Agent, files: Files, context: Context) -> Any:
    drives = collect_smart(agent, files)
    if drives is not None:
        known = context.history.last("smart")
        tell_gaps(agent, drives, known if isinstance(known, dict) else {}, levels_of(agent.history))
    return drives


def look_for_checks(
    agent: Agent, files: Files, arrays: list[dict[str, Any]], context: Context
) -> dict[str, float]:
    names = [array["name"] for array in arrays if array["level"] in WITH_REDUNDANCY]
    uptime = (files.text("/proc/uptime") or "0").split()[0]
    return read_checks(agent, names, context.now, float(uptime))


def judge(agent: Agent, seen: Seen, context: Context) -> list[Finding]:
    rules: dict[str, Callable[[Any], list[Finding]]] = {
        "smart": lambda it: judge_drives(it, context),
        "arrays": lambda it: judge_arrays(it, seen.get("checks", {}), context),
        "unraid": lambda it: judge_unraid(it, context),
        "zfs": lambda it: judge_zfs(it, context),
        "btrfs": lambda it: judge_btrfs(it, context),
        "lvm": lambda it: judge_thin(it, context),
        "space": lambda it: judge_space(it, context),
    }
    return judge_each(agent, seen, rules)


if __name__ == "__main__":
    main(perform, SCHEMA, SUDO, ACTIONS)
