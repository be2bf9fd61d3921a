"""What takes room and nobody needs: images, volumes and the build cache."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, size, some
from collect_images import repository_of
from context import Context
from keep import Sorted
from layers import Layers
from rules_engine import interval

GIB = 1 << 30
DAY = 86400.0
# Registries that clean up by themselves or that belong to somebody else.
PUBLIC = ("docker.io", "ghcr.io", "quay.io", "lscr.io", "gcr.io", "registry.gitlab.com", "mcr.microsoft.com")
PLAN = "See the plan of this run: it names what may go, and nothing goes before you approve it."


def judge_images(
    images: dict[str, dict[str, Any]], chosen: Sorted, layers: Layers, used: set[str], context: Context
) -> list[Finding]:
    found = []
    if chosen.dangling:
        least, most = layers.freed_by(chosen.dangling)
        evidence = {"count": len(chosen.dangling), "bytes_min": least, "bytes_max": most}
        title = "%s without a name: %s" % (count(len(chosen.dangling), "image"), interval(least, most))
        severity = "warning" if most >= GIB else "info"
        found.append(Finding("docker.dangling_images", severity, "images", title, evidence, PLAN))
    if chosen.unused:
        # Those that would free nothing are what others were built on.
        freeing = [key for key in chosen.unused if layers.freed_by([key])[1] > 0]
        least, most = layers.freed_by(chosen.unused)
        tags = sorted(tag for key in chosen.unused for tag in images[key]["tags"])
        evidence = {
            "count": len(chosen.unused),
            "freeing_nothing_alone": len(chosen.unused) - len(freeing),
            "bytes_min": least,
            "bytes_max": most,
            "tags": tags,
        }
        title = "%s that no container uses: %s" % (
            *(count(len(chosen.unused), "image"),),
            interval(least, most),
        )
        found.append(Finding("docker.unused_images", "info", "images", title, evidence, PLAN))
    return found + judge_age(images, used, context) + judge_registries(images, context)


def judge_age(images: dict[str, dict[str, Any]], used: set[str], context: Context) -> list[Finding]:
    limit = context.options["image_age_days"] * DAY
    old = {
        (image["tags"] or image["digests"] or [key[:19]])[0]: round((context.now - image["created"]) / DAY)
        for key, image in images.items()
        if key in used and image["created"] is not None and context.now - image["created"] > limit
    }
    if not old:
        return []
    title = "%s in use older than %s: %s" % (
        *(count(len(old), "image"), count(context.options["image_age_days"], "day")),
        some(sorted(old)),
    )
    fix = "They lack what was mended since. Look for newer ones: docker compose pull."
    return [Finding("img.age", "info", "images", title, {"days": old}, fix)]


def judge_registries(images: dict[str, dict[str, Any]], context: Context) -> list[Finding]:
    """Many versions of one thing here mean as many in the registry. That is its owner's to clean."""
    limit = context.options["registry_tags"]
    tags: dict[str, list[str]] = {}
    for image in images.values():
        for tag in image["tags"]:
            tags.setdefault(repository_of(tag), []).append(tag)
    found = []
    for repository, named in sorted(tags.items()):
        if len(named) <= limit:
            continue
        registry = registry_of(repository)
        title = "%s of %s are here" % (count(len(named), "version"), repository)
        fix = "The plan of this run keeps the newest %d." % context.options["keep_last"]
        if registry and registry not in PUBLIC:
            name = repository[len(registry) + 1 :]
            fix += (
                " Its registry holds as many: curl https://%s/v2/%s/tags/list shows them. Remove the old "
                "ones there by a retention rule, then let the registry collect its garbage."
                % (registry, name)
            )
        evidence = {"tags": sorted(named), "registry": registry}
        found.append(Finding("docker.many_versions", "info", repository, title, evidence, fix))
    return found


def registry_of(repository: str) -> str | None:
    """The first part, if it is a host: `nas:5000/app`. None for Docker Hub and what was built here."""
    first, slash, _ = repository.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else None


def judge_volumes(volumes: list[dict[str, Any]]) -> list[Finding]:
    found = []
    unused = [one for one in volumes if one["refs"] == 0]
    orphans = [one for one in unused if one["anonymous"]]
    if orphans:
        octets = sum(max(0, one["size"]) for one in orphans)
        title = "%s without a name that no container uses: %s" % (count(len(orphans), "volume"), size(octets))
        evidence = {"count": len(orphans), "bytes": octets}
        found.append(Finding("docker.orphan_volumes", "info", "volumes", title, evidence, PLAN))
    named = sorted((one for one in unused if not one["anonymous"]), key=lambda one: -one["size"])
    if named:
        octets = sum(max(0, one["size"]) for one in named)
        names = [one["name"] for one in named]
        title = "%s that no container uses: %s (%s)" % (
            *(count(len(named), "named volume"), some(names)),
            size(octets),
        )
        evidence = {
            "bytes": octets,
            "volumes": [
                {"name": one["name"], "bytes": one["size"], "project": one["project"]} for one in named
            ],
        }
        fix = (
            "Somebody gave them names, so somebody may want them. Look into one: docker run --rm -v "
            "NAME:/v:ro busybox ls -la /v. No plan holds them unless you ask for it with "
            "include_named_volumes."
        )
        found.append(Finding("docker.unused_named_volumes", "info", "volumes", title, evidence, fix))
    return found


def judge_cache(cache: list[dict[str, Any]], context: Context) -> list[Finding]:
    own = sum(record["size"] for record in cache if not record["shared"])
    stale = stale_records(cache, context)
    if not stale and own < GIB:
        return []
    days = context.options["cache_unused_days"]
    title = "The build cache takes %s; %s unused for %s" % (
        *(size(own), count(len(stale), "part")),
        count(days, "day"),
    )
    evidence = {
        "bytes": own,
        "shared_with_images": sum(record["size"] for record in cache if record["shared"]),
        "records": len(cache),
        "stale": len(stale),
    }
    severity = "warning" if own >= 10 * GIB else "info"
    fix = "See the plan of this run for what is stale, or: docker builder prune --filter until=%dh." % (
        24 * days
    )
    return [Finding("docker.build_cache", severity, "build cache", title, evidence, fix)]


def stale_records(cache: list[dict[str, Any]], context: Context) -> list[dict[str, Any]]:
    limit = context.options["cache_unused_days"] * DAY
    return [
        record
        for record in cache
        if not record["in_use"] and record["used"] is not None and context.now - record["used"] >= limit
    ]
