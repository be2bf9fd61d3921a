"""Backup Validator: finds backups, and says whether they are there, new enough, whole, and can be restored.

The story: find the targets, look at one after the other, judge them with what earlier runs remember,
report, and remember. The collectors (a module for each kind) read; `rules_*` judge and know nothing but what
they are given.
"""

from __future__ import annotations

import os
from typing import Any, Callable

from agent_kit import Agent, NotSeen, main
from agent_kit_rules import Finding, in_order
from archives import look_at_archives
from borg import look_at_borg
from context import Context
from discover import discover
from duplicity import look_at_duplicity
from folders import look_at_btrfs, look_at_folder, look_at_rsnapshot, look_at_zfs
from kopia import look_at_kopia
from mounts import answers, file_systems, promised_mounts, why_missing
from proxmox import look_at_proxmox
from remember import remember
from report import report
from restic import look_at_restic
from rules_age import judge_age, no_targets
from rules_drill import judge_drill
from rules_health import judge_health
from scratch import choose_place, free_in, remove_left_overs, scratch_folder
from target import Look, Target, parse_policies, parse_target
from work import Work

SCHEMA = "backup-validator/1"
# The commands of the manifest that may go through sudo: none.
SUDO: list[list[str]] = []
# A target is seldom done sooner; when less is left, it is not begun.
LEAST_S = 5.0

COLLECTORS: dict[str, Callable[[Work, Look, Context], None]] = {
    "restic": look_at_restic,
    "borg": look_at_borg,
    "kopia": look_at_kopia,
    "pbs": look_at_proxmox,
    "duplicity": look_at_duplicity,
    "rsnapshot": look_at_rsnapshot,
    "zfs": look_at_zfs,
    "btrfs": look_at_btrfs,
    "vzdump": look_at_archives,
    "archives": look_at_archives,
    "dir": look_at_folder,
}


def perform(agent: Agent) -> None:
    give_way(agent)
    context = Context(agent.started, agent.options, kept_of(agent))
    mounted = file_systems()
    targets = find_targets(agent, mounted)
    place = choose_place(agent.options["scratch_folder"], mounted)
    remove_left_overs(place)
    work = Work(agent, place)
    looks: list[Look] = []
    findings: list[Finding] = []
    for target in targets:
        look = Look(target)
        looks.append(look)
        with agent.section(target.step, max(LEAST_S, agent.seconds_left())):
            look_at(work, look, context, mounted)
        findings += judge(agent, look, context)
    if not targets:
        findings.append(no_targets())
    report(agent, in_order(findings), looks)
    remember(agent.history, looks, context)


def give_way(agent: Agent) -> None:
    """Whoever else wants the disk goes first, as far as the kernel can tell; before the tools, too."""
    agent.run(["ionice", "-c", "3", "-p", str(os.getpid())], timeout=5)


def kept_of(agent: Agent) -> dict[str, Any]:
    kept = agent.history.last("targets")
    return kept if isinstance(kept, dict) else {}


def find_targets(agent: Agent, mounted: dict[str, str]) -> list[Target]:
    """Those that are named, those whose secrets the server lends, and those that are found."""
    policies = parse_policies(agent.options["policies"])
    targets = [parse_target(text, policies) for text in agent.options["targets"]]
    if agent.options["discover"]:
        targets += [parse_target(key, policies) for key in agent.secrets if "\n" not in key]
        with agent.section("discover", agent.options["discover_s"] + 30):
            found = discover(agent, agent.options["search_roots"], agent.options["discover_s"], mounted)
            targets += [target._replace(policy=policies.get(target.key, {})) for target in found]
    # The first counts: what a person named is judged as they said. By name alone: a link could lead to a
    # share that does not answer.
    by_place: dict[str, Target] = {}
    for target in targets:
        by_place.setdefault(target.location, target)
    return list(by_place.values())


def look_at(work: Work, look: Look, context: Context, mounted: dict[str, str]) -> None:
    target = look.target
    if work.seconds_left() <= LEAST_S:
        raise NotSeen("no time was left for it", "Allow the run more time, or let it read less.")
    if target.is_local:
        if not answers(work.agent, target.location):
            look.missing = "it does not answer"
            return
        look.missing = why_missing(target.location, mounted, promised_mounts())
        if look.missing:
            return
        if not os.path.isdir(target.location):
            look.refused = {"why": "no-repository", "said": "it is no folder"}
            return
        if not os.access(target.location, os.R_OK | os.X_OK):
            raise NotSeen("it may not be read", "Run as root, or as the user that makes the backups.")
        look.free = free_in(target.location)
    with scratch_folder(work.agent, work.place) as work.scratch:
        COLLECTORS[target.kind](work, look, context)


def judge(agent: Agent, look: Look, context: Context) -> list[Finding]:
    """A rule that breaks takes only its own target with it."""
    try:
        return judge_health(look, context) + judge_age(look, context) + judge_drill(look)
    except Exception as error:
        agent.failed("%s: judging" % look.target.step, error)
        return []


if __name__ == "__main__":
    main(perform, SCHEMA, SUDO)
