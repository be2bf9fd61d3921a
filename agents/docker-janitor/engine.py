"""Docker's API over its unix socket: needs no docker program, no parsing of tables, and works with Podman's.

What is asked is on record like a command: changes one by one, readings of the same kind together.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
import urllib.parse
from typing import TYPE_CHECKING, Any, Iterable, Sequence

from agent_kit import clean

if TYPE_CHECKING:
    from agent_kit import Agent

# At 1.45 answers have the shape this agent knows; Docker 29 still speaks it, and asks for 1.44 at least.
NEWEST = (1, 45)
# Docker 19.03. Before it the build cache has no ids that could be named.
OLDEST = (1, 40)
READERS = 4
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


class Engine:
    """One Docker on one socket. Threads may share it: each has a connection of its own."""

    def __init__(self, agent: Agent, path: str) -> None:
        self.agent, self.path, self.version = agent, path, {}
        # What `collect_engine` found.
        self.about: dict[str, Any] = {}
        self.has_changed = False
        self.api: tuple[int, int] = OLDEST
        self._prefix = ""
        self._own = threading.local()
        self._readings: dict[tuple[str, int], list[int]] = {}
        self._lock = threading.Lock()

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
        self.api = max(min(NEWEST, newest), oldest or OLDEST)
        self._prefix = "/v%d.%d" % self.api

    @property
    def is_too_old(self) -> bool:
        return self.api < OLDEST

    def get(self, path: str, /, timeout: float = 12, **query: Any) -> Any:
        """What Docker says, as JSON. Raises `Refusal` and `NoAnswer`."""
        return parse(self._perform("GET", path, query, None, timeout))

    def find(self, path: str, /, timeout: float = 12, **query: Any) -> Any:
        """As `get`, but None for what is not there."""
        try:
            return self.get(path, timeout, **query)
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise

    def find_all(self, paths: Sequence[str]) -> list[Any]:
        """As `find` for many, some at a time, in their order."""
        found: list[Any] = [None] * len(paths)
        waiting = iter(enumerate(paths))
        problems: list[Exception] = []

        def read() -> None:
            while not problems:
                with self._lock:
                    place, path = next(waiting, (-1, ""))
                if place < 0:
                    return
                try:
                    found[place] = self.find(path)
                except Exception as problem:
                    problems.append(problem)

        readers = [threading.Thread(target=read, daemon=True) for _ in range(min(READERS, len(paths)))]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        if problems:
            raise problems[0]
        return found

    def change(self, method: str, path: str, /, body: Any = None, timeout: float = 120, **query: Any) -> Any:
        """Changes something: POST or DELETE. On record by itself."""
        return parse(self._perform(method, path, query, body, timeout))

    def open(self, path: str, /, timeout: float = 60, **query: Any) -> http.client.HTTPResponse:
        """A long answer, to be read piece by piece and closed."""
        url, begin = self._url(path, query), time.monotonic()
        response = self._ask(UnixConnection(self.path, timeout), "GET", url, None, {"Connection": "close"})
        self._note("GET", path, url, response.status, begin, 0)
        if response.status >= 400:
            with response:
                raise to_refusal(response.status, response.read(4096))
        return response

    def send(self, path: str, content: Any, /, timeout: float = 60, **query: Any) -> None:
        """Hands a file over as the body of a PUT: an archive to unpack."""
        url, begin = self._url(path, query), time.monotonic()
        connection = UnixConnection(self.path, timeout)
        try:
            # Chunked, as the length is not known before; http.client does it by itself.
            headers = {"Content-Type": "application/x-tar"}
            connection.request("PUT", url, body=content, headers=headers, encode_chunked=True)
            response = connection.getresponse()
            said = response.read(4096)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(words_of(error)) from error
        finally:
            connection.close()
        self._note("PUT", path, url, response.status, begin, 0)
        if response.status >= 400:
            raise to_refusal(response.status, said)

    def put_on_record(self) -> None:
        """Says what was read since the last time, one line for each kind of question."""
        with self._lock:
            readings, self._readings = self._readings, {}
        for (pattern, status), (times, ms, octets) in sorted(readings.items()):
            argv = ["docker-api", "GET", pattern]
            note = None if times == 1 else "%d times" % times
            self.agent.record(argv, rc=status, ms=ms, out=octets, note=note)

    def _url(self, path: str, query: dict[str, Any]) -> str:
        asked = {name: value for name, value in query.items() if value is not None}
        return self._prefix + path + ("?" + urllib.parse.urlencode(asked, doseq=True) if asked else "")

    def _perform(self, method: str, path: str, query: dict[str, Any], body: Any, timeout: float) -> bytes:
        url, begin = self._url(path, query), time.monotonic()
        timeout = max(0.1, min(timeout, self.agent.seconds_left()))
        if method != "GET":
            # Never over a connection that may have been closed meanwhile: a change is sent once.
            self._drop()
        for attempt in (1, 2):
            connection = self._connection(timeout)
            is_new = connection.sock is None
            try:
                response = self._ask(connection, method, url, body)
                content = read_whole(response, begin + timeout)
                break
            except NoAnswer as problem:
                self._drop()
                # A connection that was kept may have been closed meanwhile.
                is_stale = isinstance(problem.__cause__, (ConnectionError, http.client.BadStatusLine))
                if attempt == 1 and not is_new and is_stale:
                    continue
                self._note(method, path, url, 0, begin, 0)
                raise
        self._note(method, path, url, response.status, begin, len(content))
        if response.status >= 400:
            raise to_refusal(response.status, content)
        return content

    def _ask(
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

    def _note(self, method: str, path: str, url: str, status: int, begin: float, octets: int) -> None:
        ms = int((time.monotonic() - begin) * 1000)
        if method != "GET":
            self.agent.record(["docker-api", method, url], rc=status or None, ms=ms, out=octets)
            return
        with self._lock:
            reading = self._readings.setdefault((self._prefix + pattern_of(path), status), [0, 0, 0])
            for place, more in enumerate((1, ms, octets)):
                reading[place] += more


def read_whole(response: http.client.HTTPResponse, deadline: float) -> bytes:
    content = bytearray()
    try:
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


def filters(**given: Iterable[str]) -> str:
    return json.dumps({name: list(values) for name, values in given.items()})
