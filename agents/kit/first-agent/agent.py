"""Says which files below a folder have grown too large."""

from __future__ import annotations

import os
import shlex

from agent_kit import Agent, NotSeen, main

SCHEMA = "first-agent/1"


def perform(agent: Agent, root: str = "") -> None:
    """Collects, judges and reports. Samples have a folder that stands for `/`: that is `root`."""
    folder = agent.options["folder"]
    with agent.section("files", budget_s=20):
        sizes = measure(root, folder)
        agent.data["files"] = [{"path": path, "bytes": size} for path, size in largest(sizes, 20)]
        agent.metric("files.total", sum(sizes.values()), "bytes")
        judge(agent, sizes)
    with agent.section("room", budget_s=10):
        agent.data["room"] = room_at(agent, folder)


def measure(root: str, folder: str) -> dict[str, int]:
    """The size of every file below the folder, by path."""
    if not os.access(root + folder, os.R_OK | os.X_OK):
        raise NotSeen("%s may not be listed" % folder, "Run as root, or name another folder.")
    sizes: dict[str, int] = {}
    for parent, _, names in os.walk(root + folder):
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                sizes[path[len(root) :]] = os.lstat(path).st_size
    return sizes


def largest(sizes: dict[str, int], count: int) -> list[tuple[str, int]]:
    return sorted(sizes.items(), key=lambda item: -item[1])[:count]


def judge(agent: Agent, sizes: dict[str, int]) -> None:
    limit = agent.options["limit_mb"] * 1_000_000
    for path, size in largest(sizes, 20):
        if size > limit:
            agent.finding(
                rule="files.large",
                severity="warning",
                subject=path,
                title="%s has grown to %d MB" % (path, size / 1_000_000),
                evidence={"bytes": size, "limit": limit},
                fix="See what it is: ls -l %s" % shlex.quote(path),
            )


def room_at(agent: Agent, folder: str) -> dict[str, int]:
    """How much room is left where the folder lies. The answer of a command is text from a stranger."""
    ran = agent.run(["df", "-Pk", folder])
    fields = ran.out.splitlines()[-1].split() if ran.ok and ran.out else []
    if len(fields) < 6 or not (fields[1].isdigit() and fields[3].isdigit()):
        raise NotSeen("df did not say how full the disk is", "Try on the node: df -Pk %s" % folder)
    return {"bytes": int(fields[1]) * 1024, "free": int(fields[3]) * 1024}


if __name__ == "__main__":
    main(perform, SCHEMA)
