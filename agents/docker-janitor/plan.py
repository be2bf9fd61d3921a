"""Which changes are proposed. Each is about one thing, named by what it is and not by what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_kit_wording import count, size, span
from context import Context
from keep import Sorted
from layers import Layers
from orders import CONTAINER, IMAGE, MOMENT, NAME, RECORD, REFERENCE
from protection import protection
from rules_containers import ON, is_long_stopped
from rules_space import stale_records

if TYPE_CHECKING:
    from agent_kit import Agent

# So that a plan stays one that a person reads.
MOST_OF_A_KIND = 100
RECORDS = 500


def propose_images(
    agent: Agent, images: dict[str, dict[str, Any]], chosen: Sorted, layers: Layers, read_at: float
) -> None:
    keep_last = agent.options["keep_last"]
    for key in chosen.removable[:MOST_OF_A_KIND]:
        image = images[key]
        if not IMAGE(key) or not all(map(REFERENCE, [*image["tags"], *image["digests"]])):
            continue
        is_named = bool(image["tags"])
        agent.propose(
            "docker.image.remove",
            target={"id": key},
            precondition={"tags": image["tags"], "digests": image["digests"]},
            title="Remove the image %s" % (", ".join(image["tags"][:3]) or name_of(image)),
            why="%s, no container uses it, and it came %s ago."
            % (
                "It is older than the newest %d of its repository" % keep_last
                if is_named
                else "It has no name",
                span(agent.started - max(image["created"] or 0.0, image["tagged"] or 0.0))
                if image["created"] or image["tagged"]
                else "long",
            ),
            finding="docker.unused_images:images" if is_named else "docker.dangling_images:images",
            frees=layers.freed_by([key]),
            read_at=read_at,
        )


def name_of(image: dict[str, Any]) -> str:
    return image["digests"][0].split("@")[0] + " (old)" if image["digests"] else image["id"][7:19]


def propose_containers(agent: Agent, rows: list[dict[str, Any]], context: Context, read_at: float) -> None:
    protected = protection(agent.options)
    chosen = [
        row
        for row in rows
        # What restarts by itself, or belongs to a stack, is stopped for a while and not forgotten.
        if is_long_stopped(row, context) and row["state"] != "dead" and row["policy"] not in ON
        if not row["project"] and protected.of([row["name"]], row["labels"]) is None
        if CONTAINER(row["id"])
        and NAME(row["name"])
        and IMAGE(row["image_id"])
        and MOMENT(row["finished_at"])
    ]
    for row in chosen[:MOST_OF_A_KIND]:
        agent.propose(
            "docker.container.remove",
            target={"id": row["id"], "name": row["name"]},
            args={"aside": True, "keepDays": agent.options["keep_days"]},
            precondition={
                "state": row["state"],
                "finishedAt": row["finished_at"],
                "image": row["image_id"],
            },
            title="Set the container %s aside" % row["name"],
            why="It was stopped %s ago and does not start by itself. It keeps its files, under another name."
            % span(context.now - (row["finished"] or row["created"])),
            finding="docker.stopped_containers:containers",
            frees=(0, 0),
            read_at=read_at,
        )


def propose_volumes(agent: Agent, volumes: list[dict[str, Any]], read_at: float) -> None:
    protected = protection(agent.options)
    budget = agent.options["aside_max_gb"] * (1 << 30)
    for volume in [it for it in volumes if it["refs"] == 0 and it["driver"] == "local"][:MOST_OF_A_KIND]:
        if not volume["anonymous"] and not agent.options["include_named_volumes"]:
            continue
        names = [volume["name"], *([volume["project"]] if volume["project"] else [])]
        if protected.of(names, volume["labels"]) is not None:
            continue
        if not NAME(volume["name"]) or not MOMENT(volume["created_at"]):
            continue
        octets = max(0, volume["size"])
        # What was not measured, or is too much to keep a copy of, goes for good: the plan says so.
        fits = 0 <= volume["size"] <= budget
        agent.propose(
            "docker.volume.remove",
            target={"name": volume["name"]},
            args={"aside": fits, "keepDays": agent.options["keep_days"]},
            precondition={
                "createdAt": volume["created_at"],
                "driver": "local",
                "isAnonymous": volume["anonymous"],
            },
            title="%s the volume %s (%s)"
            % ("Set aside" if fits else "Remove for good", short(volume), size(octets)),
            why="No container has it%s."
            % (", and it has no name but a made-up one" if volume["anonymous"] else ""),
            finding="docker.orphan_volumes:volumes"
            if volume["anonymous"]
            else "docker.unused_named_volumes:volumes",
            frees=(0, octets) if fits else (octets, octets),
            read_at=read_at,
        )


def short(volume: dict[str, Any]) -> str:
    return volume["name"][:12] if volume["anonymous"] else volume["name"]


def propose_cache(agent: Agent, cache: list[dict[str, Any]], context: Context, read_at: float) -> None:
    stale = [record for record in stale_records(cache, context) if RECORD(record["id"])][:RECORDS]
    if not stale:
        return
    own = sum(record["size"] for record in stale if not record["shared"])
    whole = sum(record["size"] for record in stale)
    agent.propose(
        "docker.buildcache.prune",
        target={"ids": sorted(record["id"] for record in stale)},
        title="Remove %s of the build cache" % count(len(stale), "part"),
        why="No build used them for %s. The next build may take longer."
        % count(agent.options["cache_unused_days"], "day"),
        finding="docker.build_cache:build cache",
        # Of what lies below others in use, nothing goes.
        frees=(0, whole) if whole != own else (0, own),
        read_at=read_at,
    )


def propose_discards(agent: Agent, entries: list[dict[str, Any]], context: Context, read_at: float) -> None:
    """The end of what was kept as long as it was meant to be."""
    over = [
        entry for entry in entries if entry["until"] <= context.now and isinstance(entry["identity"], str)
    ]
    for entry in over[:MOST_OF_A_KIND]:
        agent.propose(
            "docker.aside.discard",
            target={"what": entry["what"], "asideName": entry["name"]},
            precondition={"identity": entry["identity"]},
            title="Empty the trash: %s %s" % (entry["what"], entry["was"] or entry["name"]),
            why="It was set aside %s ago, and its time is over." % span(context.now - entry["since"]),
            frees=(entry["bytes"], entry["bytes"]),
            read_at=read_at,
        )
