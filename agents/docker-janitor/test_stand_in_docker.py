"""A stand-in for Docker on a unix socket, with the faults that a real one shows on demand only.

It keeps containers, images, volumes and build cache as a few dictionaries and answers as Docker does; what
the real engine does with them is tried in `test_seeded_faults`. Also a program of its own, for the benchmarks
and the tests of other rooms:

    python3 test_stand_in_docker.py SOCKET IMAGES CONTAINERS
"""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import os
import re
import socketserver
import sys
import tarfile
import threading
import time
import urllib.parse
from typing import Any

HEX = "0123456789abcdef"


def hex_id(seed: str) -> str:
    return hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()


def iso(moment: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return "%s.%09dZ" % (whole, int(moment % 1 * 1e9))


class World:
    """What this Docker has, and how it behaves."""

    def __init__(self, api: str = "1.45", lowest: str = "1.24") -> None:
        self.api, self.lowest = api, lowest
        self.containers: dict[str, dict[str, Any]] = {}
        self.images: dict[str, dict[str, Any]] = {}
        self.volumes: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, tuple[bytes, float]]] = {}
        self.cache: list[dict[str, Any]] = []
        self.info: dict[str, Any] = {"Driver": "overlay2", "DriverStatus": [], "DockerRootDir": "/nowhere"}
        self.components: list[dict[str, Any]] = [{"Name": "Engine"}]
        self.asked: list[str] = []
        self.hangs_at: str | None = None
        self.answers: dict[str, tuple[int, Any]] = {}
        self.before: dict[str, Any] = {}
        self.gone = threading.Event()
        self.lock = threading.RLock()

    def image(self, seed: str, *tags: str, **given: Any) -> str:
        key = "sha256:" + hex_id(seed)
        own = "sha256:" + hex_id("layer of " + seed)
        layers = given.get("layers", [own])
        sizes = given.get("sizes", [10_000_000] * len(layers))
        created = given.get("created", time.time() - 90 * 86400)
        self.images[key] = {
            "row": {
                "Id": key,
                "ParentId": given.get("parent", ""),
                "RepoTags": list(tags),
                "RepoDigests": list(given.get("digests", ())),
                "Created": int(created),
                "Size": sum(sizes),
            },
            "told": {
                "Id": key,
                "RepoTags": list(tags),
                "RepoDigests": list(given.get("digests", ())),
                "Size": sum(sizes),
                "RootFS": {"Type": "layers", "Layers": layers},
                "Config": {"Labels": given.get("labels")},
                "Metadata": {"LastTagTime": iso(given["tagged"]) if "tagged" in given else iso(created)},
            },
            "history": [
                {"CreatedBy": "COPY x /x # buildkit", "Size": size, "Created": int(created)}
                for size in sizes[::-1]
            ],
        }
        return key

    def container(self, name: str, image: str, state: str = "running", **given: Any) -> str:
        key = hex_id("container " + name)
        running = state in ("running", "restarting")
        now = time.time()
        self.containers[key] = {
            "Id": key,
            "Name": "/" + name,
            "Created": iso(given.get("created", now - 100 * 86400)),
            "Image": image,
            "RestartCount": given.get("restarts", 0),
            "LogPath": given.get("log_path", ""),
            "State": {
                "Status": state,
                "Running": running,
                "Restarting": state == "restarting",
                "Paused": False,
                "OOMKilled": given.get("oom", False),
                "ExitCode": given.get("exit", 0),
                "Error": given.get("error", ""),
                "StartedAt": iso(given.get("started", now - 86400)),
                "FinishedAt": "0001-01-01T00:00:00Z" if running else iso(given.get("finished", now - 60)),
                **({"Health": given["health"]} if "health" in given else {}),
            },
            "HostConfig": {
                "RestartPolicy": {"Name": given.get("policy", "no")},
                "LogConfig": {"Type": "json-file", "Config": given.get("log", {"max-size": "10m"})},
                "Memory": given.get("memory", 64 << 20),
                "NanoCpus": given.get("cpus", 0),
                "Privileged": given.get("privileged", False),
                "PortBindings": given.get("ports", {}),
                "Binds": ["%s:%s" % pair for pair in given.get("volumes", {}).items()],
            },
            "Config": {
                "Image": given.get("image_name", "app:1"),
                "Labels": given.get("labels", {}),
                "Env": [],
            },
            "Mounts": [
                *(
                    {"Type": "volume", "Name": volume, "Destination": place}
                    for volume, place in given.get("volumes", {}).items()
                ),
                *({"Type": "bind", "Source": path, "Destination": path} for path in given.get("binds", ())),
            ],
            "NetworkSettings": {"Networks": {}},
        }
        return key

    def volume(self, name: str, size: int = 1000, **given: Any) -> dict[str, Any]:
        self.volumes[name] = {
            "Name": name,
            "Driver": given.get("driver", "local"),
            "CreatedAt": given.get("created", "2026-01-02T03:04:05Z"),
            "Labels": given.get("labels"),
            "Options": None,
            "Mountpoint": "/nowhere/%s" % name,
            "Size": size,
        }
        self.files[name] = given.get("files", {"a.txt": (b"a" * 100, 1_700_000_000.0)})
        return self.volumes[name]

    def users_of(self, volume: str) -> list[dict[str, Any]]:
        return [
            one
            for one in self.containers.values()
            if any(mount.get("Name") == volume for mount in one["Mounts"])
        ]

    def changes(self) -> list[str]:
        return [line for line in self.asked if not line.startswith("GET ")]


class Answer(Exception):
    def __init__(self, status: int, content: Any = None) -> None:
        super().__init__(status)
        self.status, self.content = status, content


def no_such(what: str) -> Answer:
    return Answer(404, {"message": "No such %s" % what})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self) -> str:
        return "socket"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.respond()

    do_POST = do_PUT = do_DELETE = do_GET

    def respond(self) -> None:
        world: World = self.server.world
        parts = urllib.parse.urlsplit(self.path)
        path = re.sub(r"^/v[\d.]+", "", urllib.parse.unquote(parts.path))
        query = {name: values[-1] for name, values in urllib.parse.parse_qs(parts.query).items()}
        body = self.read_body()
        line = "%s %s" % (self.command, path)
        with world.lock:
            world.asked.append(line + ("?" + parts.query if parts.query else ""))
            prepare = world.before.pop(line, None)
        if prepare:
            prepare()
        if world.hangs_at is not None and path.startswith(world.hangs_at):
            world.gone.wait(60)
            return
        try:
            if line in world.answers:
                raise Answer(*world.answers[line])
            with world.lock:
                status, content = 200, route(world, self.command, path, query, body)
        except Answer as answer:
            status, content = answer.status, answer.content
        octets = content if isinstance(content, bytes) else b"" if content is None else dumped(content)
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            whole = b""
            while True:
                size = int(self.rfile.readline(), 16)
                whole += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    return whole
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))


def dumped(content: Any) -> bytes:
    return json.dumps(content).encode("utf-8", "surrogatepass")


def route(world: World, method: str, path: str, query: dict[str, str], body: bytes) -> Any:
    for (wanted, pattern), handler in ROUTES.items():
        found = re.fullmatch(pattern, path, re.DOTALL)
        if wanted == method and found:
            return handler(world, query, body, *found.groups())
    raise Answer(404, {"message": "page not found"})


def version(world: World, *_: Any) -> Any:
    return {
        "Version": "26.1.5",
        "ApiVersion": world.api,
        "MinAPIVersion": world.lowest,
        "Components": world.components,
    }


def find_container(world: World, name: str) -> dict[str, Any]:
    for one in world.containers.values():
        if name in (one["Id"], one["Name"].lstrip("/")):
            return one
    raise no_such("container")


def list_containers(world: World, *_: Any) -> Any:
    return [
        {
            "Id": one["Id"],
            "Names": [one["Name"]],
            "ImageID": one["Image"],
            "State": one["State"]["Status"],
            "Labels": one["Config"].get("Labels"),
            "Mounts": one["Mounts"],
        }
        for one in world.containers.values()
    ]


def stats(world: World, _query: Any, _body: Any, name: str) -> Any:
    one = find_container(world, name)
    return one.get("stats") or {"memory_stats": {"usage": 30 << 20, "stats": {"inactive_file": 10 << 20}}}


def create_container(world: World, query: dict[str, str], body: bytes) -> Any:
    wanted = json.loads(body)
    if wanted["Image"] not in world.images:
        raise no_such("image")
    name = query.get("name") or "made-%d" % len(world.containers)
    if any(one["Name"] == "/" + name for one in world.containers.values()):
        raise Answer(409, {"message": "the name is taken"})
    volumes = dict(bind.split(":")[:2] for bind in wanted["HostConfig"].get("Binds") or [])
    for volume in volumes:
        if volume not in world.volumes:
            world.volume(volume, created=iso(time.time()), files={})
    key = world.container(
        name, wanted["Image"], "created", volumes=volumes, labels=wanted.get("Labels") or {}
    )
    return {"Id": key}


def delete_container(world: World, query: dict[str, str], _body: Any, name: str) -> None:
    one = find_container(world, name)
    if one["State"]["Running"] and query.get("force") not in ("1", "true"):
        raise Answer(409, {"message": "You cannot remove a running container"})
    del world.containers[one["Id"]]
    raise Answer(204)


def rename(world: World, query: dict[str, str], _body: Any, name: str) -> None:
    one = find_container(world, name)
    if any(other["Name"] == "/" + query["name"] for other in world.containers.values()):
        raise Answer(409, {"message": "the name is taken"})
    one["Name"] = "/" + query["name"]
    raise Answer(204)


def update(world: World, _query: Any, body: bytes, name: str) -> Any:
    find_container(world, name)["HostConfig"]["RestartPolicy"] = json.loads(body)["RestartPolicy"]
    return {"Warnings": None}


def archive(world: World, _query: Any, _body: Any, name: str) -> bytes:
    (volume,) = [mount["Name"] for mount in find_container(world, name)["Mounts"]]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as files:
        for path, (content, at) in world.files[volume].items():
            member = tarfile.TarInfo(path)
            member.size, member.mtime = len(content), int(at)
            files.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def unpack(world: World, _query: Any, body: bytes, name: str) -> None:
    (volume,) = [mount["Name"] for mount in find_container(world, name)["Mounts"]]
    with tarfile.open(fileobj=io.BytesIO(body)) as files:
        for member in files:
            file = files.extractfile(member)
            world.files[volume][member.name] = (file.read() if file else b"", float(member.mtime))


def find_image(world: World, name: str) -> dict[str, Any]:
    for key, one in world.images.items():
        if name == key or name in one["row"]["RepoTags"] or name in one["row"]["RepoDigests"]:
            return one
    raise no_such("image")


def delete_image(world: World, query: dict[str, str], _body: Any, name: str) -> Any:
    one = find_image(world, name)
    key = one["row"]["Id"]
    if any(container["Image"] == key for container in world.containers.values()) and "force" not in query:
        raise Answer(409, {"message": "conflict: unable to delete, image is being used"})
    if name != key and len(one["row"]["RepoTags"]) > 1:
        for part in ("row", "told"):
            one[part]["RepoTags"] = [tag for tag in one[part]["RepoTags"] if tag != name]
        return [{"Untagged": name}]
    del world.images[key]
    return [{"Deleted": key}]


def tag(world: World, query: dict[str, str], _body: Any, name: str) -> None:
    one = find_image(world, name)
    for part in ("row", "told"):
        one[part]["RepoTags"].append("%s:%s" % (query["repo"], query["tag"]))
    raise Answer(201)


def find_volume(world: World, name: str) -> dict[str, Any]:
    if name not in world.volumes:
        raise no_such("volume")
    return world.volumes[name]


def delete_volume(world: World, _query: Any, _body: Any, name: str) -> None:
    find_volume(world, name)
    if world.users_of(name):
        raise Answer(409, {"message": "volume is in use"})
    del world.volumes[name], world.files[name]
    raise Answer(204)


def create_volume(world: World, _query: Any, body: bytes) -> Any:
    wanted = json.loads(body)
    return world.volume(wanted["Name"], created=iso(time.time()), labels=wanted["Labels"], files={})


def disk_use(world: World, query: dict[str, str], *_: Any) -> Any:
    def users(key: str) -> int:
        return sum(one["Image"] == key for one in world.containers.values())

    layers = {
        (tuple(one["told"]["RootFS"]["Layers"][: place + 1])): step["Size"] or 0
        for one in world.images.values()
        for place, step in enumerate(one["history"][::-1])
    }
    return {
        "LayersSize": sum(layers.values()),
        "Images": [{**one["row"], "Containers": users(key)} for key, one in world.images.items()],
        "BuildCache": world.cache,
        "Volumes": [
            {**one, "UsageData": {"Size": one["Size"], "RefCount": len(world.users_of(name))}}
            for name, one in world.volumes.items()
        ],
    }


def prune(world: World, query: dict[str, str], *_: Any) -> Any:
    # Without ids it would take all: that must never be asked.
    (key,) = json.loads(query["filters"])["id"]
    for record in world.cache:
        if record["ID"] == key and not any(other.get("Parent") == key for other in world.cache):
            world.cache.remove(record)
            return {"CachesDeleted": [key], "SpaceReclaimed": record["Size"]}
    return {"CachesDeleted": None, "SpaceReclaimed": 0}


NAME = r"(.+)"
ROUTES: dict[tuple[str, str], Any] = {
    ("GET", "/version"): version,
    ("GET", "/info"): lambda world, *_: world.info,
    ("GET", "/events"): lambda *_: None,
    ("GET", "/system/df"): disk_use,
    ("GET", "/containers/json"): list_containers,
    ("POST", "/containers/create"): create_container,
    ("GET", "/containers/%s/stats" % NAME): stats,
    ("GET", "/containers/%s/json" % NAME): lambda world, _q, _b, name: find_container(world, name),
    ("GET", "/containers/%s/archive" % NAME): archive,
    ("PUT", "/containers/%s/archive" % NAME): unpack,
    ("POST", "/containers/%s/rename" % NAME): rename,
    ("POST", "/containers/%s/update" % NAME): update,
    ("DELETE", "/containers/%s" % NAME): delete_container,
    ("GET", "/images/json"): lambda world, *_: [one["row"] for one in world.images.values()],
    ("GET", "/images/%s/json" % NAME): lambda world, _q, _b, name: find_image(world, name)["told"],
    ("GET", "/images/%s/history" % NAME): lambda world, _q, _b, name: find_image(world, name)["history"],
    ("POST", "/images/%s/tag" % NAME): tag,
    ("DELETE", "/images/%s" % NAME): delete_image,
    ("GET", "/volumes/%s" % NAME): lambda world, _q, _b, name: find_volume(world, name),
    ("POST", "/volumes/create"): create_volume,
    ("DELETE", "/volumes/%s" % NAME): delete_volume,
    ("POST", "/build/prune"): prune,
}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, path: str, world: World) -> None:
        self.world = world
        super().__init__(path, Handler)

    def handle_error(self, *_: Any) -> None:
        pass  # whoever asked went away

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.world.gone.set()
        self.shutdown()
        self.server_close()


def large_world(images: int, containers: int) -> World:
    """A node that nobody cleaned for years: layers shared by ten, versions of fifty things."""
    world = World()
    bases = ["sha256:" + hex_id("base %d" % number) for number in range(10)]
    keys = []
    for number in range(images):
        layers = [bases[number % 10], *("sha256:" + hex_id("%d of %d" % (at, number)) for at in range(7))]
        name = "registry.example/app-%d:%d" % (number % 50, number // 50)
        keys.append(
            world.image("image %d" % number, name, layers=layers, sizes=[50_000_000, *[3_000_000] * 7])
        )
    for number in range(containers):
        world.container("app-%d" % number, keys[number % len(keys)])
    return world


if __name__ == "__main__":
    with Server(sys.argv[1], large_world(int(sys.argv[2]), int(sys.argv[3]))):
        print("ready", flush=True)
        sys.stdin.read()
    os.unlink(sys.argv[1])
