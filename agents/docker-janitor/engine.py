"""Docker as this agent needs it: many readings side by side, long answers, and changes."""

from __future__ import annotations

import http.client
import json
import threading
import time
from typing import TYPE_CHECKING, Any, Iterable, Sequence

from agent_kit_docker import DockerReader, NoAnswer, UnixConnection, parse, to_refusal, words_of

if TYPE_CHECKING:
    from agent_kit import Agent

READERS = 4


class Engine(DockerReader):
    """One Docker on one socket. Changes are on record one by one, and sent once."""

    def __init__(self, agent: Agent, path: str) -> None:
        super().__init__(agent, path)
        # What `collect_engine` found.
        self.about: dict[str, Any] = {}
        self.has_changed = False

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
        return parse(self.perform(method, path, query, body, timeout))

    def open(self, path: str, /, timeout: float = 60, **query: Any) -> http.client.HTTPResponse:
        """A long answer, to be read piece by piece and closed."""
        url, begin = self.url(path, query), time.monotonic()
        response = self.ask(UnixConnection(self.path, timeout), "GET", url, None, {"Connection": "close"})
        self.note("GET", path, url, response.status, begin, 0)
        if response.status >= 400:
            with response:
                raise to_refusal(response.status, response.read(4096))
        return response

    def send(self, path: str, content: Any, /, timeout: float = 60, **query: Any) -> None:
        """Hands a file over as the body of a PUT: an archive to unpack."""
        url, begin = self.url(path, query), time.monotonic()
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
        self.note("PUT", path, url, response.status, begin, 0)
        if response.status >= 400:
            raise to_refusal(response.status, said)


def filters(**given: Iterable[str]) -> str:
    return json.dumps({name: list(values) for name, values in given.items()})
