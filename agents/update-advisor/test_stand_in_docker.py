"""Stands in for Docker on a socket: which containers run, from which images, and what it says about itself.

    python3 test_stand_in_docker.py SOCKET WORLD.json

The world is read again with every question, so that it may change in between:
`{"version": "29.0.1", "insecure": ["host:port"], "images": [{id, tags, digests, created}], "containers": [
{name, image, id}]}`. Ends with the end of its standard input.
"""

from __future__ import annotations

import http.server
import json
import os
import re
import socketserver
import sys
import threading
import urllib.parse
from typing import Any


def image(
    number: int, *tags: str, digests: Any = (), created: str = "2026-01-01T00:00:00Z"
) -> dict[str, Any]:
    return {"id": image_id(number), "tags": list(tags), "digests": list(digests), "created": created}


def image_id(number: int) -> str:
    return "sha256:%064x" % number


def digest(number: int) -> str:
    return "sha256:%064x" % (number + (1 << 200))


class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def address_string(self) -> str:
        return "a socket"

    def do_GET(self) -> None:
        path = urllib.parse.unquote(re.sub(r"^/v[\d.]+", "", self.path.partition("?")[0]))
        status, said = answer(self.server.world(), path)
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def answer(world: dict[str, Any], path: str) -> tuple[int, Any]:
    containers, images = world.get("containers", []), world.get("images", [])
    if path == "/version":
        if world.get("silent"):
            return 500, {"message": "no"}
        parts = [{"Name": world.get("engine", "Engine")}]
        return 200, {
            "Version": world.get("version", "29.0.1"),
            "ApiVersion": "1.52",
            "MinAPIVersion": "1.44",
            "Components": parts,
        }
    if path == "/info":
        indexes = {host: {"Secure": False} for host in world.get("insecure", [])}
        return 200, {"RegistryConfig": {"IndexConfigs": indexes, "InsecureRegistryCIDRs": []}}
    if path == "/containers/json":
        return 200, [{"Id": "%064x" % place, "Image": it["image"]} for place, it in enumerate(containers)]
    found = re.match(r"^/containers/([0-9a-f]{64})/json$", path)
    if found and int(found.group(1), 16) < len(containers):
        it = containers[int(found.group(1), 16)]
        return 200, {"Name": "/" + it["name"], "Image": it["id"], "Config": {"Image": it["image"]}}
    found = re.match(r"^/images/(.+)/json$", path)
    for it in images:
        if found and found.group(1) in (
            it["id"],
            *it["tags"],
            *(tag.partition(":latest")[0] for tag in it["tags"]),
        ):
            names = [
                "%s@%s" % (it["tags"][0].rpartition(":")[0] if it["tags"] else "x", one)
                for one in it["digests"]
            ]
            return 200, {
                "Id": it["id"],
                "RepoTags": it["tags"],
                "RepoDigests": names,
                "Created": it["created"],
            }
    return 404, {"message": "no such thing"}


class Server(socketserver.ThreadingUnixStreamServer):
    """`world` is a mapping, or the path of a file that holds it as JSON."""

    daemon_threads = True

    def __init__(self, path: str, world: Any) -> None:
        super().__init__(path, Answer)
        self._world = world

    def world(self) -> dict[str, Any]:
        if isinstance(self._world, dict):
            return self._world
        with open(self._world, encoding="utf-8") as file:
            return json.load(file)

    def serve(self) -> None:
        threading.Thread(target=self.serve_forever, daemon=True).start()


if __name__ == "__main__":
    with Server(sys.argv[1], sys.argv[2]) as server:
        server.serve()
        print("listening", flush=True)
        sys.stdin.read()
        server.shutdown()
    os.unlink(sys.argv[1])
