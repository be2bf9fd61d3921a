"""The Docker of this node, to read only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_kit import NotSeen
from agent_kit_docker import DockerReader, NoAnswer, Refusal

if TYPE_CHECKING:
    from agent_kit import Agent

REMEDY = "See how the docker service is."


def open_engine(agent: Agent, path: str) -> DockerReader:
    """What answers on the socket, agreed with. Raises `NotSeen` where it lets nobody in."""
    engine = DockerReader(agent, path)
    try:
        engine.agree()
    except PermissionError as closed:
        remedy = "Add it to the group docker, which equals root on the node, or run as root."
        raise NotSeen("this user may not use Docker", remedy) from closed
    except (OSError, NoAnswer, Refusal) as silent:
        raise NotSeen("Docker does not answer: %s" % silent, REMEDY) from silent
    return engine
