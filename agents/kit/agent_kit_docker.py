"""Docker's API over its unix socket, to read: needs no docker program, no parsing of tables, and works with
Podman's. What is asked is on record like a command, questions of the same kind together.
"""

from __future__ import annotations

import _thread
import http.client
import json
import re
import socket
import time
import urllib.parse
from typing import TYPE_CHECKING, Any

from agent_kit import clean

if TYPE_CHECKING:
    from agent_kit import Agent

# At 1.45 answers have the shape that agents know; Docker 29 still speaks it, and asks for 1.44 at least.
NEWEST = (1, 45)
# Docker 19.03. Before it the build cache has no ids that could be named.
OLDEST = (1, 40)
# What one that does not say it takes at least: none so old is met any more.
FIRST = (1, 24)
MOST_BYTES = 64 << 20


class Refusal(Exception):
    """Docker answered, and said no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message or "it answered %d" % status)
        self.status = status


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


class DockerReader:
    """One Docker on one socket. Threads may share it: each has a connection of its own."""

    def __init__(self, agent: Agent, path: str) -> None:
        self.agent, self.path = agent, path
        self.version: dict[str, Any] = {}
        self.api: tuple[int, int] = OLDEST
        self.prefix = ""
        self._own = _thread._local()
        self._readings: dict[tuple[str, int], list[int]] = {}
        self._lock = _thread.allocate_lock()

    def agree(self) -> None:
        """Agrees on the version of the API. Raises `NoAnswer`, `Refusal`, or `OSError` where the socket is
        closed to us."""
        version = self.get("/version", timeout=8)
        if not isinstance(version, dict):
            raise NoAnswer("it is no Docker that answers there")
        newest, oldest = version_of(version.get("ApiVersion")), version_of(version.get("MinAPIVersion"))
        if newest is None:
            raise NoAnswer("it does not say which version of the API it speaks")
        self.version = version
        self.api = max(min(NEWEST, newest), oldest or FIRST)
        self.prefix = "/v%d.%d" % self.api

    @property
    def is_too_old(self) -> bool:
        return self.api < OLDEST

    def get(self, path: str, /, timeout: float = 12, **query: Any) -> Any:
        """What Docker says, as JSON. Raises `Refusal` and `NoAnswer`."""
        return parse(self.perform("GET", path, query, None, timeout))

    def find(self, path: str, /, timeout: float = 12, **query: Any) -> Any:
        """As `get`, but None for what is not there."""
        try:
            return self.get(path, timeout, **query)
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise

    def put_on_record(self) -> None:
        """Says what was read since the last time, one line for each kind of question."""
        with self._lock:
            readings, self._readings = self._readings, {}
        for (pattern, status), (times, ms, octets) in sorted(readings.items()):
            argv = ["docker-api", "GET", pattern]
            note = None if times == 1 else "%d times" % times
            self.agent.record(argv, rc=status, ms=ms, out=octets, note=note)

    def url(self, path: str, query: dict[str, Any]) -> str:
        asked = {name: value for name, value in query.items() if value is not None}
        return self.prefix + path + ("?" + urllib.parse.urlencode(asked, doseq=True) if asked else "")

    def perform(self, method: str, path: str, query: dict[str, Any], body: Any, timeout: float) -> bytes:
        url, begin = self.url(path, query), time.monotonic()
        timeout = max(0.1, min(timeout, self.agent.seconds_left()))
        if method != "GET":
            # Never over a connection that may have been closed meanwhile: a change is sent once.
            self._drop()
        for attempt in (1, 2):
            connection = self._connection(timeout)
            is_new = connection.sock is None
            try:
                response = self.ask(connection, method, url, body)
                content = read_whole(response, begin + timeout)
                break
            except NoAnswer as problem:
                self._drop()
                # A connection that was kept may have been closed meanwhile.
                is_stale = isinstance(problem.__cause__, (ConnectionError, http.client.BadStatusLine))
                if attempt == 1 and not is_new and is_stale:
                    continue
                self.note(method, path, url, 0, begin, 0)
                raise
        self.note(method, path, url, response.status, begin, len(content))
        if response.status >= 400:
            raise to_refusal(response.status, content)
        return content

    def ask(
        self, connection: UnixConnection, method: str, url: str, body: Any, headers: Any = None
    ) -> http.client.HTTPResponse:
        content = None if body is None else json.dumps(body)
        headers = dict(headers or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, url, body=content, headers=headers)
            return connection.getresponse()
        except (PermissionError, FileNotFoundError):
            raise
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(words_of(error)) from error

    def _connection(self, timeout: float) -> UnixConnection:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = UnixConnection(self.path, timeout)
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection

    def _drop(self) -> None:
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
            self._own.connection = None

    def note(self, method: str, path: str, url: str, status: int, begin: float, octets: int) -> None:
        ms = int((time.monotonic() - begin) * 1000)
        if method != "GET":
            self.agent.record(["docker-api", method, url], rc=status or None, ms=ms, out=octets)
            return
        with self._lock:
            reading = self._readings.setdefault((self.prefix + pattern_of(path), status), [0, 0, 0])
            for place, more in enumerate((1, ms, octets)):
                reading[place] += more


def read_whole(response: http.client.HTTPResponse, deadline: float, most: int = MOST_BYTES) -> bytes:
    content = bytearray()
    try:
        while True:
            # In pieces: http.client before Python 3.10 sets aside all the room that it is asked to fill.
            piece = response.read(65536)
            if not piece:
                return bytes(content)
            content += piece
            if len(content) > most:
                raise NoAnswer("its answer is too long")
            if time.monotonic() > deadline:
                raise NoAnswer("its answer took too long")
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(words_of(error)) from error


def parse(content: bytes) -> Any:
    """JSON; or, where an answer is a stream of objects, a list of them."""
    text = content.decode("utf-8", "replace").strip()
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError) as error:
            raise NoAnswer("its answer cannot be read") from error


def to_refusal(status: int, content: bytes) -> Refusal:
    text = content.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        text = said["message"] if isinstance(said, dict) and "message" in said else text
    except ValueError:
        pass
    return Refusal(status, clean(text, 300).strip())


def words_of(error: BaseException) -> str:
    if isinstance(error, socket.timeout):
        return "it did not answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def version_of(text: Any) -> tuple[int, int] | None:
    found = re.match(r"^(\d{1,3})\.(\d{1,4})$", text) if isinstance(text, str) else None
    return (int(found.group(1)), int(found.group(2))) if found else None


def pattern_of(path: str) -> str:
    """The path without the name of the one thing it is about: `/images/{}/json`."""
    return re.sub(r"^/(containers|images|volumes)/(?!json$)[^/]+", r"/\1/{}", path)


def quoted_path(name: str) -> str:
    """A name as one part of a path."""
    return urllib.parse.quote(name, safe="")


def reference_path(reference: str) -> str:
    """The name of an image, which Docker takes with its slashes."""
    return urllib.parse.quote(reference, safe="/:@")
