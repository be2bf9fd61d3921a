from __future__ import annotations

import os
import time

from agent_kit import Agent, main
from agent_kit_actions import Action, Done, Skip, Undo

ASIDE = ".carl-aside"


def identity(path: str) -> dict:
    found = os.lstat(path)
    return {
        "device": found.st_dev,
        "inode": found.st_ino,
        "bytes": found.st_size,
        "mtimeNs": str(found.st_mtime_ns),
    }


def perform(agent: Agent) -> None:
    with agent.section("files"):
        folder = agent.options["folder"]
        names = sorted(name for name in os.listdir(folder) if not name.endswith((ASIDE, ".go")))
        agent.data["files"] = {"count": len(names)}
        for name in names:
            path = os.path.join(folder, name)
            seen = identity(path)
            key = f"files.old:{path}"
            agent.finding("files.old", "info", path, f"{name} is old", {"bytes": seen["bytes"]}, "Remove it.")
            agent.propose(
                "file.remove",
                target={"path": path},
                precondition=seen,
                args={"aside": agent.options["aside"], "keepDays": 7},
                title=f"Remove {name}",
                why="Nobody has written to it for long.",
                finding=key,
                frees=(0, seen["bytes"]),
            )


def wait_at(path: str, name: str) -> None:
    """Waits beside the file of this name until a file with the ending `.go` lies beside it."""
    while name and os.path.basename(path) == name and not os.path.exists(path + ".go"):
        time.sleep(0.02)


class Remove:
    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    def check(self, action: Action) -> None:
        path = action.target["path"]
        wait_at(path, self.agent.options["pauseBefore"])
        try:
            now = identity(path)
        except FileNotFoundError:
            raise Skip("gone", "it is not there any more") from None
        if now != action.precondition:
            raise Skip("changed", "it was written since the plan")

    def act(self, action: Action) -> Done:
        path = action.target["path"]
        freed = action.precondition["bytes"]
        if not action.args["aside"]:
            os.unlink(path)
            wait_at(path, self.agent.options["pauseWithin"])
            return Done(bytes_freed=freed)
        os.rename(path, path + ASIDE)
        wait_at(path, self.agent.options["pauseWithin"])
        target = {"path": path, "asidePath": path + ASIDE}
        undo = Undo(
            "file.restore",
            target,
            precondition=identity(path + ASIDE),
            bytes=freed,
            keep_days=action.args["keepDays"],
        )
        return Done(bytes_freed=0, undo=undo)


class Restore:
    def __init__(self, agent: Agent) -> None:
        pass

    def check(self, action: Action) -> None:
        try:
            now = identity(action.target["asidePath"])
        except FileNotFoundError:
            raise Skip("gone", "what was set aside is not there any more") from None
        if now != action.precondition:
            raise Skip("changed", "what was set aside has changed")
        if os.path.lexists(action.target["path"]):
            raise Skip("in-use", "there is another file of this name")

    def act(self, action: Action) -> None:
        # A link fails where there is a file by now; a rename would write over it.
        os.link(action.target["asidePath"], action.target["path"])
        os.unlink(action.target["asidePath"])


if __name__ == "__main__":
    main(perform, schema="tidies/1", actions={"file.remove": Remove, "file.restore": Restore})
