"""Whether Docker can be asked at all, and whether its disk is filling up."""

from __future__ import annotations

from typing import Any

from agent_kit_forecast import forecast_fill
from agent_kit_levels import level_of, levels_of
from agent_kit_rules import Finding
from agent_kit_wording import quoted, size
from context import Context

GIB = 1 << 30


def no_engine() -> Finding:
    return Finding(
        "docker.absent",
        "info",
        "docker",
        "There is no Docker here",
        {},
        "If there is one, name its socket in the option of that name.",
    )


def no_access(path: str, why: str, user: str) -> Finding:
    return Finding(
        "docker.no_access",
        "warning",
        path,
        "Docker is here, but this user may not use it",
        {"socket": path, "why": why},
        "Add the user to the group docker: sudo usermod -aG docker %s. That equals root on this node. Or let "
        "the agent run as root." % quoted(user),
    )


def no_answer(path: str, why: str) -> Finding:
    return Finding(
        "docker.not_answering",
        "high",
        path,
        "Docker does not answer",
        {"socket": path, "why": why},
        "See what it says: journalctl -u docker -n 50. Restarting it restarts the containers, unless "
        "live-restore is on: sudo systemctl restart docker.",
    )


def judge_disk(
    engine: dict[str, Any], reclaimable: tuple[int, int] | None, context: Context
) -> list[Finding]:
    """The disk that images and volumes lie on: full, or soon to be."""
    disk, root, options = engine["disk"], engine["root"], context.options
    if not disk or not root:
        return []
    now = (context.now, disk["used"], disk["used"] + disk["avail"])
    forecast = forecast_fill([*uses(context), now])
    engine["forecast"] = forecast
    evidence = {**disk, "forecast": forecast, "cleaning_frees": reclaimable}
    gain = ""
    if reclaimable and reclaimable[1] > 0:
        gain = "Cleaning up would free %s. " % interval(*reclaimable)
    fix = gain + "See what Docker holds: docker system df -v."
    level = disk_level(disk, options, levels_of(context.history).get("docker.root_disk:" + root))
    if level:
        title = "The disk of Docker is %.0f %% full (%s left)" % (disk["pct"], size(disk["avail"]))
        return [Finding("docker.root_disk", level, root, title, evidence, fix)]
    days = forecast.get("days")
    if days is None or forecast.get("confidence") not in ("high", "medium"):
        return []
    if days > options["fill_days_warn"]:
        return []
    severity = "critical" if days <= options["fill_days_crit"] else "warning"
    title = "The disk of Docker will be full in about %.0f days" % max(1.0, days)
    confidence = forecast["confidence"]
    return [Finding("docker.root_disk", severity, root, title, evidence, fix, confidence)]


def disk_level(disk: dict[str, Any], options: dict[str, Any], before: str | None) -> str | None:
    """How grave it is, with some slack on the way down from what it was `before`."""
    level = level_of(before, disk["pct"], options["disk_warn_pct"], options["disk_crit_pct"])
    # 5 % of 20 TB is 1 TB and no emergency.
    if level == "critical" and disk["avail"] < options["disk_crit_free_gib"] * GIB:
        return "critical"
    if level is not None and disk["avail"] < options["disk_warn_free_gib"] * GIB:
        return "warning"
    return None


def uses(context: Context) -> list[tuple[float, float, float]]:
    """What earlier runs saw: when, used, and what there is."""
    found = []
    for at, kept in context.history.past("disk"):
        if isinstance(kept, list) and len(kept) == 2 and all(isinstance(it, (int, float)) for it in kept):
            found.append((at, float(kept[0]), float(kept[1])))
    return found


def interval(least: int, most: int) -> str:
    """`12 MB`, `up to 3 GB`, `1 to 3 GB`: what is known of it, and no more."""
    if least == most:
        return size(most)
    if least == 0:
        return "up to %s" % size(most)
    return "%s to %s" % (size(least), size(most))
