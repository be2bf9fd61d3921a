"""Docker's API over its unix socket, to read only: needs no docker program, and works with Podman's."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import time
import urllib.parse
from typing import TYPE_CHECKING, Any, Mapping

from agent_kit import NotSeen, clean

if TYPE_CHECKING:
    from agent_kit import Agent

# At 1.45 answers have the shape this agent knows; Docker 29 still speaks it, and asks for 1.44 at least.
NEWEST = (1, 45)
MOST_BYTES = 16 << 20
ANSWERS_IN_S = 10.0


class NoAnswer(Exception):
    """Nobody answered in time, or not in a way that could be read."""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("docker", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    """One Docker on one socket. What is read is on record, questions of the same kind together."""

    def __init__(self, agent: Agent, path: str) -> None:
        self.agent, self.path, self.prefix = agent, path, ""
        self._readings: dict[tuple[str, int], list[int]] = {}

    def agree(self) -> dict[str, Any]:
        """Agrees on the version of the API. Gives what `/version` says. Raises `NoAnswer` and
        `PermissionError`."""
        version = self.find("/version")
        newest = version_of(version.get("ApiVersion")) if isinstance(version, dict) else None
        if newest is None:
            raise NoAnswer("it is no Docker that answers there")
        oldest = version_of(version.get("MinAPIVersion")) or (1, 24)
        self.prefix = "/v%d.%d" % max(min(NEWEST, newest), oldest)
        return version

    def find(self, path: str, **query: Any) -> Any:
        """What Docker says, as JSON; None for what is not there."""
        url = self.prefix + path + ("?" + urllib.parse.urlencode(query) if query else "")
        begin = time.monotonic()
        connection = UnixConnection(self.path, max(0.1, min(ANSWERS_IN_S, self.agent.seconds_left())))
        try:
            connection.request("GET", url)
            response = connection.getresponse()
            content = read_whole(response, begin + ANSWERS_IN_S)
        except PermissionError:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(words_of(error)) from error
        finally:
            connection.close()
        self._note(path, response.status, begin, len(content))
        if response.status == 404:
            return None
        if response.status >= 400:
            raise NoAnswer("it said %d: %s" % (response.status, clean(content, 200)))
        try:
            return json.loads(content.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise NoAnswer("its answer cannot be read") from error

    def put_on_record(self) -> None:
        readings, self._readings = self._readings, {}
        for (pattern, status), (times, ms, octets) in sorted(readings.items()):
            note = None if times == 1 else "%d times" % times
            self.agent.record(["docker-api", "GET", pattern], rc=status, ms=ms, out=octets, note=note)

    def _note(self, path: str, status: int, begin: float, octets: int) -> None:
        # The path without the name of the one thing it is about: `/images/{}/json`.
        pattern = self.prefix + re.sub(r"^/(containers|images)/.+(?=/json$)", r"/\1/{}", path)
        reading = self._readings.setdefault((pattern, status), [0, 0, 0])
        for place, more in enumerate((1, int((time.monotonic() - begin) * 1000), octets)):
            reading[place] += more


def read_whole(response: http.client.HTTPResponse, deadline: float) -> bytes:
    content = bytearray()
    while True:
        # In pieces: http.client before Python 3.10 sets aside all the room that it is asked to fill.
        piece = response.read(65536)
        if not piece:
            return bytes(content)
        content += piece
        if len(content) > MOST_BYTES:
            raise NoAnswer("its answer is too long")
        if time.monotonic() > deadline:
            raise NoAnswer("its answer took too long")


def words_of(error: BaseException) -> str:
    if isinstance(error, socket.timeout):
        return "it did not answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def version_of(text: Any) -> tuple[int, int] | None:
    found = re.match(r"^(\d{1,3})\.(\d{1,4})$", text) if isinstance(text, str) else None
    return (int(found.group(1)), int(found.group(2))) if found else None


def image_path(reference: str) -> str:
    """The name of an image in a path; Docker takes its slashes as they are."""
    return "/images/%s/json" % urllib.parse.quote(reference, safe="/:@")


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


def open_engine(agent: Agent) -> tuple[Engine, dict[str, Any]] | None:
    """The Docker of this node with what it says about itself; None where there is none. Raises `NotSeen`
    where it lets nobody in."""
    home = os.path.expanduser("~")
    every = places(agent.options["socket"], os.environ, os.getuid(), home)
    path = next((it for it in every if os.path.exists(it)), None)
    if path is None:
        if agent.options["socket"]:
            raise NotSeen("there is no socket at %s" % path_of(agent), "See the option socket.")
        return None
    engine = Engine(agent, path)
    try:
        return engine, engine.agree()
    except PermissionError as closed:
        remedy = "Add it to the group docker, which equals root on the node, or run as root."
        raise NotSeen("this user may not use Docker", remedy) from closed
    except NoAnswer as silent:
        raise NotSeen("Docker does not answer: %s" % silent, "See how the docker service is.") from silent


def path_of(agent: Agent) -> str:
    return clean(agent.options["socket"], 120)
