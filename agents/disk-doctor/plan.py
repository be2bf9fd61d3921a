"""What is proposed: to let drives, pools and arrays read themselves where they have not for too long."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent
from agent_kit_rules import Finding
from orders import fits
from rules_smart import label_of

SLOWER = "While it runs the disks are slower; it ends by itself and changes no data."


def propose(agent: Agent, seen: dict[str, Any], findings: list[Finding]) -> None:
    told = {(it.rule, it.subject) for it in findings}
    wanted = agent.options["start"]
    if "self-tests" in wanted:
        for drive in seen.get("smart", []):
            if drive["state"] == "ok" and ("smart.selftest_old", label_of(drive)) in told:
                propose_selftest(agent, drive)
    if "scrubs" in wanted:
        for pool in seen.get("zfs", []):
            if ("zfs.scrub_old", pool["name"]) in told and pool["health"] == "ONLINE":
                propose_scrub(agent, pool)
    if "checks" in wanted:
        for array in seen.get("arrays", []):
            if ("raid.check_old", array["name"]) in told and array["want"] == array["have"]:
                propose_check(agent, array)


def offer(agent: Agent, kind: str, target: dict[str, Any], title: str, finding: str, **given: Any) -> None:
    """Proposes what the catalogue can say; a name that it cannot (a pool with a space) stays with the
    finding."""
    parts = {
        "target": target,
        "args": given.get("args") or {},
        "precondition": given.get("precondition") or {},
    }
    if all(fits(kind, name, value) for name, value in parts.items()):
        agent.propose(kind, target=target, title=title, why=SLOWER, finding=finding, **given)


def propose_selftest(agent: Agent, drive: dict[str, Any]) -> None:
    kind, label = agent.options["selftest_kind"], label_of(drive)
    offer(
        agent,
        "smart.selftest.start",
        {"device": drive["dev"], "serial": drive["serial"]},
        "Start a %s self-test of %s" % (kind, label),
        "smart.selftest_old:%s" % label,
        args={"kind": kind},
    )


def propose_scrub(agent: Agent, pool: dict[str, Any]) -> None:
    offer(
        agent,
        "zfs.scrub.start",
        {"pool": pool["name"], "guid": pool["guid"]},
        "Start a scrub of %s" % pool["name"],
        "zfs.scrub_old:%s" % pool["name"],
    )


def propose_check(agent: Agent, array: dict[str, Any]) -> None:
    offer(
        agent,
        "md.check.start",
        {"array": array["name"]},
        "Start a check of %s" % array["name"],
        "raid.check_old:%s" % array["name"],
        precondition={"level": array["level"], "members": array["want"]},
    )
