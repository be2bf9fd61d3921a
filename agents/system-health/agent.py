"""System Health: looks over a node and says what needs a person.

The story: collect facts, judge them with what earlier runs remember, report, and remember for the next
run. Facts are
collected by `collect_*`, judged by `rules_*`, which know nothing of the node but what they are given.
"""

from __future__ import annotations

from typing import Any, Callable, Dict

from agent_kit import Agent, NotSeen, main
from agent_kit_files import Files
from agent_kit_lvm import LVS
from agent_kit_rules import Finding, in_order, judge_each
from collect_auth import JOURNAL, collect_auth
from collect_certs import collect_certs
from collect_disks import collect_disks
from collect_host import collect_host
from collect_keys import collect_keys
from collect_load import collect_load, read_kills
from collect_network import collect_network
from collect_ports import collect_ports
from collect_reboot import collect_reboot
from collect_services import collect_services
from collect_sshd import ASK as SSHD
from collect_sshd import collect_sshd
from collect_storage import collect_storage
from collect_thermal import collect_thermal, collect_throttling
from collect_time import collect_time
from collect_updates import collect_updates
from context import Context
from remember import remember
from report import report
from rules_access import judge_auth, judge_keys, judge_sshd
from rules_certs import judge_certs
from rules_disks import judge_disks
from rules_hardware import judge_storage, judge_thermal
from rules_load import judge_kills, judge_load, kills_to_explain
from rules_network import judge_network
from rules_ports import judge_ports
from rules_services import judge_services
from rules_time import judge_time
from rules_updates import judge_reboot, judge_updates

SCHEMA = "system-health/1"
# The commands of the manifest that may go through sudo.
SUDO = [["dmesg"], SSHD, JOURNAL, LVS]
DAY = 86400.0

Seen = Dict[str, Any]


def perform(agent: Agent, root: str = "") -> None:
    """`root` stands for `/` in tests."""
    files = Files(root)
    with agent.section("host", 2):
        agent.data["host"] = collect_host(files)
    if "host" not in agent.data:
        raise RuntimeError("the node does not even say what it is")
    context = Context(agent.started, agent.data["host"], agent.options, agent.history)
    seen = collect(agent, files, context)
    findings = in_order(judge(agent, seen, context))
    report(agent, findings, seen)
    remember(agent.history, seen, findings, context)


def collect(agent: Agent, files: Files, context: Context) -> Seen:
    """What could be seen, by section. They run side by side: the slowest (updates, or two seconds of
    sampling) says
    how long it takes."""
    host, now = context.host, context.now
    seen: Seen = {}
    if "ports" not in agent.options["skip"]:
        # First, because others hang on what listens; it takes a moment only.
        with agent.section("ports", 10):
            seen["ports"] = collect_ports(files)
    listeners = seen["ports"]["listeners"] if "ports" in seen else None
    parts: dict[str, tuple[float, Callable[[], Any]]] = {
        "disks": (20, lambda: collect_disks(agent, files)),
        "load": (15, lambda: look_at_load(agent, files, context)),
        "services": (30, lambda: collect_services(agent, files, host)),
        "auth": (25, lambda: collect_auth(agent, files, host, now, last_look(context))),
        "sshd": (8, lambda: collect_sshd(agent, files, listeners)),
        "certs": (15, lambda: collect_certs(agent, files, listeners or [])),
        "time": (5, lambda: collect_time(now, agent.sent_at)),
        "updates": (60, lambda: collect_updates(agent, files, host, now)),
        "reboot": (25, lambda: collect_reboot(agent, files, host, now)),
        "network": (20, lambda: collect_network(agent, files)),
        "thermal": (10, lambda: (collect_thermal(files), collect_throttling(files))),
        "storage": (30, lambda: collect_storage(agent, files, host)),
        "keys": (10, lambda: look_at_keys(agent, files)),
    }
    wanted = {name: part for name, part in parts.items() if name not in agent.options["skip"]}
    # None is a section that this node has nothing for.
    seen.update({name: found for name, found in agent.together(wanted).items() if found is not None})
    return seen


def last_look(context: Context) -> float:
    """Since when password logins are news: the last run, at least a day and at most a week ago."""
    past = context.history.past("auth")
    last = past[-1][0] if past else context.now - DAY
    return min(context.now - DAY, max(context.now - 7 * DAY, last))


def look_at_load(agent: Agent, files: Files, context: Context) -> dict[str, Any]:
    load = collect_load(agent, files, context.host, agent.options["sample_s"])
    if load["psi"] is None and not context.in_container:
        agent.gap(
            "psi",
            "this kernel does not measure pressure",
            "Add psi=1 to the kernel's command line and restart.",
        )
    new = kills_to_explain(load, context)
    load["kills"] = []
    if new or (new is None and load["oom_kill"]):
        try:
            load["kills"] = read_kills(agent, context.host["uptime_s"])
        except NotSeen as blind:
            agent.gap("oom", blind, blind.remedy)
    return load


def look_at_keys(agent: Agent, files: Files) -> dict[str, Any]:
    keys = collect_keys(agent, files)
    if not keys["complete"]:
        agent.gap(
            "keys",
            "only root may read the keys of all users",
            "Run as root to be told when login keys change.",
        )
    return keys


def judge(agent: Agent, seen: Seen, context: Context) -> list[Finding]:
    rules: dict[str, Callable[[Any], list[Finding]]] = {
        "disks": lambda it: judge_disks(it.rows, it.mounted, context),
        "load": lambda it: judge_load(it, context) + judge_kills(kills_to_explain(it, context), it["kills"]),
        "services": lambda it: judge_services(it, context),
        "ports": lambda it: judge_ports(it, context),
        "auth": lambda it: judge_auth(it, context),
        "sshd": lambda it: judge_sshd(it, seen.get("keys"), context),
        "keys": lambda it: judge_keys(it, context),
        "certs": lambda it: judge_certs(it, context),
        "time": lambda it: judge_time(it, context),
        "updates": lambda it: judge_updates(it, context),
        "reboot": lambda it: judge_reboot(it, context),
        "network": lambda it: judge_network(it, context),
        "thermal": lambda it: judge_thermal(it[0], it[1], context),
        "storage": lambda it: judge_storage(it),
    }
    return judge_each(agent, seen, rules)


if __name__ == "__main__":
    main(perform, SCHEMA, SUDO)
