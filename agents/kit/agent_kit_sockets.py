"""Where Docker or Podman listens on this node. Apart, so that a node without them loads no client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Mapping


def places(option: str, environment: Mapping[str, str], uid: int, home: str) -> list[str]:
    """Sockets worth a look, the best guess first. What was named leaves no choice."""
    if option:
        return [option]
    named = environment.get("DOCKER_HOST", "")
    found = [named[len("unix://") :]] if named.startswith("unix://") else []
    return [
        *found,
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/run/user/%d/docker.sock" % uid,
        os.path.join(home, ".docker/run/docker.sock"),
        "/run/podman/podman.sock",
        "/run/user/%d/podman/podman.sock" % uid,
    ]


def find_socket(option: str) -> str | None:
    """The first of them that is there, or None."""
    home = os.path.expanduser("~")
    return next((it for it in places(option, os.environ, os.getuid(), home) if os.path.exists(it)), None)
