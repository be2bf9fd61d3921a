"""Docker Janitor: says what is wrong with the containers of a node and what takes room, and cleans up what a
person chose.

The story: ask Docker, judge, report, propose, remember. Facts are collected by `collect_*` and judged by
`rules_*`, which know nothing of the node but what they are given; `plan` proposes. What was approved is done
by `change_*`, in another run: each reads its object again and believes nothing of the plan.
"""

from __future__ import annotations

import os
import pwd
from typing import Any, Callable, Dict

from agent_kit import Agent, NotSeen, main
from agent_kit_docker import NoAnswer, Refusal
from agent_kit_rules import Finding, in_order, judge_each
from agent_kit_sockets import find_socket
from aside import Aside, folder_of
from change import HELPER, free_bytes
from change_cache import PruneCache
from change_containers import DiscardAside, RemoveContainer, RestoreContainer
from change_images import RemoveImage, RestoreImage
from change_volumes import RemoveVolume, RestoreVolume
from collect_aside import collect_aside, is_aside
from collect_containers import collect_containers
from collect_engine import collect_disk_use, collect_engine, volumes_told
from collect_images import collect_images
from collect_kills import DMESG, collect_events, collect_kills, since_when
from collect_stats import collect_stats
from collect_volumes import to_cache, to_volumes
from context import Context
from engine import Engine
from keep import sort_images
from layers import Layers
from plan import propose_cache, propose_containers, propose_discards, propose_images, propose_volumes
from protection import protection
from remember import remember
from report import report
from rules_compose import judge_projects, projects_of
from rules_containers import judge_containers, judge_kills
from rules_engine import judge_disk, no_access, no_answer, no_engine
from rules_resources import judge_resources
from rules_space import judge_cache, judge_images, judge_volumes

SCHEMA = "docker-janitor/1"
# The command of the manifest that may go through sudo.
SUDO = [DMESG]
ACTIONS = {
    "docker.image.remove": RemoveImage,
    "docker.container.remove": RemoveContainer,
    "docker.volume.remove": RemoveVolume,
    "docker.buildcache.prune": PruneCache,
    "docker.image.restore": RestoreImage,
    "docker.container.restore": RestoreContainer,
    "docker.volume.restore": RestoreVolume,
    "docker.aside.discard": DiscardAside,
}

Seen = Dict[str, Any]


def perform(agent: Agent) -> None:
    context = Context(agent.started, agent.options, agent.history)
    seen: Seen = {}
    findings: list[Finding] = []
    engine = open_engine(agent, seen, findings)
    if engine is not None:
        collect(agent, engine, seen, context)
        findings += judge(agent, seen, context)
    report(agent, in_order(findings), seen)
    if agent.mode == "plan" and engine is not None:
        propose(agent, seen, context)
    remember(agent.history, seen, findings)


def open_engine(agent: Agent, seen: Seen, findings: list[Finding]) -> Engine | None:
    """The Docker of this node. None where there is none, or none that lets us in: a finding then."""
    path = find_socket(agent.options["socket"])
    if path is None:
        with agent.section("engine", 30):
            findings.append(no_engine())
        return None
    engine = Engine(agent, path)
    with agent.section("engine", 30):
        try:
            seen["engine"] = collect_engine(engine)
        except PermissionError as closed:
            user = pwd.getpwuid(os.geteuid()).pw_name
            findings.append(no_access(path, closed.strerror, user))
            raise NotSeen("this user may not use Docker", "Add it to the group docker.") from closed
        except (OSError, NoAnswer, Refusal) as silent:
            findings.append(no_answer(path, str(silent)))
            raise NotSeen("Docker does not answer: %s" % silent, "See how the docker service is.") from silent
        finally:
            engine.put_on_record()
    return engine if "engine" in seen else None


def collect(agent: Agent, engine: Engine, seen: Seen, context: Context) -> None:
    """What could be seen, by section. A section that fails takes none of the others with it."""
    look(agent, engine, "containers", 30, lambda: see_containers(agent, engine, seen))
    if "containers" not in seen:
        return  # without knowing what is in use nothing can be said of the rest
    with agent.section("logs", 5):
        if any(row["log_hidden"] for row in seen["containers"]):
            raise NotSeen("only root may see how large they are", "Run as root to be told of logs that grow.")
    look(agent, engine, "space", 70, lambda: see_disk_use(engine, seen))
    if "disk_use" in seen:
        look(agent, engine, "images", 60, lambda: see_images(engine, seen, context))
        look(agent, engine, "volumes", 70, lambda: see_volumes(engine, seen))
    look(agent, engine, "kernel", 15, lambda: see_kills(agent, engine, seen, context))
    if agent.options["stats"]:
        look(agent, engine, "stats", 30, lambda: see_stats(engine, seen))


def look(agent: Agent, engine: Engine, name: str, budget_s: float, part: Callable[[], None]) -> None:
    with agent.section(name, budget_s):
        try:
            part()
        except (NoAnswer, Refusal) as problem:
            raise NotSeen("Docker said: %s" % problem, "Run again; if it stays, see its log.") from problem
        finally:
            engine.put_on_record()


def see_containers(agent: Agent, engine: Engine, seen: Seen) -> None:
    every = collect_containers(engine)
    # What a run that was killed left behind holds nothing: the next change takes it away.
    seen["left_behind"] = [name for row in every if HELPER in row["labels"] for name in row["volumes"]]
    rows = [row for row in every if HELPER not in row["labels"]]
    # What was set aside is in use as long as it may come back, and needs no person.
    seen["in_use"] = {row["image_id"] for row in rows}
    seen["held"] = {name for row in rows for name in row["volumes"]}
    aside = Aside(folder_of(agent.options["aside_dir"], agent.is_root), agent.options["aside_max_gb"])
    seen["aside"] = collect_aside(aside, rows, agent.started)
    seen["containers"] = [row for row in rows if not is_aside(row)]


def see_disk_use(engine: Engine, seen: Seen) -> None:
    seen["disk_use"] = collect_disk_use(engine)
    seen["cache"] = to_cache(seen["disk_use"].get("BuildCache"))


def see_images(engine: Engine, seen: Seen, context: Context) -> None:
    images = collect_images(engine, seen["disk_use"])
    options, about = context.options, seen["engine"]
    shared = sum(record["size"] for record in seen["cache"] if record["shared"])
    own = sum(record["size"] for record in seen["cache"] if not record["shared"])
    layers = Layers(images, shared, about["containerd"])
    chosen = sort_images(
        images,
        seen["in_use"],
        context.now,
        options["keep_last"],
        options["min_age_hours"],
        protection(options),
    )
    told = seen["disk_use"].get("LayersSize")
    about.update(
        layers_size=told,
        model_size=layers.total,
        exact=not about["containerd"] and not layers.unknown and told == layers.total,
        cache_private=own,
        cache_shared=shared,
        total=(told or 0) + own,
    )
    seen.update(images=images, layers=layers, chosen=chosen)
    seen["reclaimable"] = {
        "dangling": layers.freed_by(chosen.dangling),
        "unused": layers.freed_by([*chosen.dangling, *chosen.unused]),
        "candidates": layers.freed_by(chosen.removable),
        "cache_private": own,
    }


def see_volumes(engine: Engine, seen: Seen) -> None:
    volumes = to_volumes(volumes_told(engine, seen["disk_use"]))
    for volume in volumes:
        volume["refs"] -= seen["left_behind"].count(volume["name"])
        if volume["name"] in seen["held"]:
            volume["refs"] = max(1, volume["refs"])
    seen["volumes"] = volumes


def see_kills(agent: Agent, engine: Engine, seen: Seen, context: Context) -> None:
    since = since_when(context.now, context.last_run())
    seen["events"] = collect_events(engine, context.now, since)
    seen["kills"] = None
    seen["kills"] = collect_kills(agent, context.now, since)


def see_stats(engine: Engine, seen: Seen) -> None:
    running = [row["id"] for row in seen["containers"] if row["running"]]
    if running:
        seen["stats"] = collect_stats(engine, running)


def judge(agent: Agent, seen: Seen, context: Context) -> list[Finding]:
    rows = seen.get("containers", [])
    rules: dict[str, Callable[[Any], list[Finding]]] = {
        # First: who was killed for lack of memory did not fail by itself.
        "kernel": lambda it: judge_kills(rows, seen.get("kills"), it),
        "containers": lambda it: judge_containers(it, context),
        "compose": lambda it: judge_projects(projects_of(it), context, agent.is_root),
        "images": lambda it: judge_images(it, seen["chosen"], seen["layers"], seen["in_use"], context),
        "volumes": lambda it: judge_volumes(it),
        "cache": lambda it: judge_cache(it, context),
        "stats": lambda it: judge_resources(rows, it, context),
        "engine": lambda it: judge_disk(it, reclaimable_of(seen), context),
    }
    # What goes by another name than that of its section.
    named = {"kernel": "events", "compose": "containers"}
    also = {name: seen[section] for name, section in named.items() if section in seen}
    return judge_each(agent, {**seen, **also}, rules)


def reclaimable_of(seen: Seen) -> tuple[int, int] | None:
    if "reclaimable" not in seen:
        return None
    least, most = seen["reclaimable"]["candidates"]
    return least, most + seen["reclaimable"]["cache_private"]


def propose(agent: Agent, seen: Seen, context: Context) -> None:
    wanted, read_at = agent.options["clean"], context.now
    if "images" in seen and "images" in wanted:
        propose_images(agent, seen["images"], seen["chosen"], seen["layers"], read_at)
    if "cache" in seen and "build-cache" in wanted:
        propose_cache(agent, seen["cache"], context, read_at)
    if "containers" in seen and "containers" in wanted:
        propose_containers(agent, seen["containers"], context, read_at)
    if "volumes" in seen and "volumes" in wanted:
        propose_volumes(agent, seen["volumes"], read_at)
    if "aside" in seen:
        propose_discards(agent, seen["aside"], context, read_at)


if __name__ == "__main__":
    main(perform, SCHEMA, SUDO, ACTIONS, free_bytes)
