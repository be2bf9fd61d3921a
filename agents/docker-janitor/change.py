"""What all changes share: the Docker they are made in, and the questions they ask again before they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable

from agent_kit_actions import Skip
from agent_kit_docker import NoAnswer, Refusal
from agent_kit_sockets import find_socket
from agent_kit_wording import some
from collect_engine import collect_engine, disk_of
from engine import Engine
from orders import check_shape
from protection import protection

if TYPE_CHECKING:
    from agent_kit import Agent
    from agent_kit_actions import Action

# Containers of ours that only look into a volume carry it.
HELPER = "carl.aside.helper"


class NotReached(Exception):
    """There is no Docker to change anything in."""


def reach(agent: Agent) -> Engine:
    """The Docker of this node, agreed with. Raises `NotReached`."""
    path = find_socket(agent.options["socket"])
    if path is None:
        raise NotReached("there is no Docker here")
    engine = Engine(agent, path)
    try:
        engine.about = collect_engine(engine)
    except (OSError, NoAnswer, Refusal) as problem:
        raise NotReached("Docker cannot be reached: %s" % problem) from problem
    return engine


def engine_of(agent: Agent) -> Engine:
    """The same one for all changes of a run."""
    if not hasattr(agent, "engine"):
        agent.engine = reach(agent)
    return agent.engine


def free_bytes(agent: Agent) -> int | None:
    """Free room on the disk of Docker; measured before the first change, and after the last."""
    engine = engine_of(agent)
    engine.put_on_record()
    if engine.about["containerd"] and engine.has_changed:
        # That store deletes by and by.
        wait(agent, 6)
    disk = disk_of(engine.about["root"])
    return disk["avail"] if disk else None


def wait(agent: Agent, seconds: float) -> None:
    import time

    time.sleep(max(0.0, min(seconds, agent.seconds_left() - 5)))


class Change:
    """One kind of change. `look` reads the object again and skips what is not as planned."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.engine = engine_of(agent)
        self.protection = protection(agent.options)

    def check(self, action: Action) -> None:
        check_shape(action)
        try:
            self.look(action)
        finally:
            self.engine.put_on_record()

    def look(self, action: Action) -> Any:
        raise NotImplementedError

    def refuse_protected(self, names: Iterable[str], labels: dict[str, Any]) -> None:
        by = self.protection.of(names, labels)
        if by is not None:
            raise Skip("protected", "%s protects it" % by)

    def containers(self) -> list[dict[str, Any]]:
        """All of them, in whatever state, without those of ours that only look into a volume."""
        listed = self.engine.get("/containers/json", all=1)
        return [row for row in listed if HELPER not in (row.get("Labels") or {})]


def names_of(rows: list[dict[str, Any]]) -> str:
    return some([(row.get("Names") or ["?"])[0].lstrip("/") for row in rows])


def gone() -> Skip:
    return Skip("gone", "it is gone already")


def refused(refusal: Refusal) -> Exception:
    """Docker is the last guard: what it says is in use stays. Never asked again with force."""
    if refusal.status == 404:
        return gone()
    if refusal.status == 409:
        return Skip("in-use", str(refusal))
    return refusal
