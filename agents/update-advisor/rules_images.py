"""What is wrong with the images of running containers that the node itself can see. Whether a newer one is
out is for the server to say, which asks each registry once for all nodes."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import some
from context import Context


def judge_images(images: list[dict[str, Any]], context: Context) -> list[Finding]:
    return [found for image in images for found in judge_recreated(image)]


def judge_recreated(image: dict[str, Any]) -> list[Finding]:
    behind = image["behind"]
    if not behind:
        return []
    # Somebody may have gone back to an older one on purpose, and forgotten the container.
    is_newer = (image["created"] or 0) > (image["behind_created"] or 0)
    title = "%s %s is here, but %s still %s the one from before" % (
        "A newer" if is_newer else "Another",
        image["name"],
        some(behind),
        "runs" if len(behind) == 1 else "run",
    )
    evidence = {"containers": behind, "running": image["ids"], "here": image["tag_id"]}
    fix = (
        "Make them anew from it, in the folder of their project: docker compose up -d. One that was started "
        "by hand is removed and started again with the same settings."
    )
    return [Finding("img.pulled_not_recreated", "warning", image["name"], title, evidence, fix)]
