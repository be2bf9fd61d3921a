"""A private Docker engine for tests, and what they set up in it. They speak to its API, as the agent does."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import http.server
import io
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
import unittest
import urllib.parse
from typing import Any, Callable

from test_given import HERE

ENGINE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "testbed", "docker_engine.py")
BUSYBOX = "/bin/busybox"
APPLETS = "sh sleep echo true false head yes cat tr ls touch mkdir rm env".split()


class Registry(http.server.BaseHTTPRequestHandler):
    """A registry with one image, to pull only."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    @classmethod
    def content(cls) -> dict[str, tuple[str, bytes]]:
        """Answers by the end of their path."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as files:
            member = tarfile.TarInfo("hello")
            member.size = 5
            files.addfile(member, io.BytesIO(b"hello"))
        plain = packed.getvalue()
        layer = gzip.compress(plain, mtime=0)
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": ["true"]},
                "rootfs": {"type": "layers", "diff_ids": [digest(plain)]},
                "history": [{"created": "2020-01-01T00:00:00Z", "created_by": "COPY hello / # buildkit"}],
                "created": "2020-01-01T00:00:00Z",
            }
        ).encode()
        kind = "application/vnd.docker."
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": kind + "distribution.manifest.v2+json",
                "config": described(kind + "container.image.v1+json", config),
                "layers": [described(kind + "image.rootfs.diff.tar.gzip", layer)],
            }
        ).encode()
        answers = {"/v2/": ("application/json", b"{}")}
        for reference in ("1", digest(manifest)):
            answers["/v2/team/app/manifests/" + reference] = (
                kind + "distribution.manifest.v2+json",
                manifest,
            )
        for blob in (config, layer):
            answers["/v2/team/app/blobs/" + digest(blob)] = ("application/octet-stream", blob)
        return answers

    def do_GET(self) -> None:
        kind, content = self.content().get(self.path, ("", b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(content)))
        if "/manifests/" in self.path:
            self.send_header("Docker-Content-Digest", digest(content))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def described(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(content), "digest": digest(content)}


class Between:
    """Stands between an agent and an engine, and does something at the moment of one change, once."""

    def __init__(self, path: str, engine: str) -> None:
        self.path, self.engine = path, engine
        self.place, self.is_before, self.happens = b"", True, lambda: None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()

    def at(self, place: str, is_before: bool, happens: Callable[[], Any] = lambda: None) -> None:
        """`place` is of the path that something is deleted at. Either the engine never hears of it, or it has
        done it; whoever asked gets no answer in both cases."""
        self.is_before, self.happens, self.place = is_before, happens, place.encode()

    def close(self) -> None:
        self.listener.close()
        os.unlink(self.path)

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as engine, contextlib.suppress(OSError):
            engine.connect(self.engine)
            while True:
                for source in select.select([client, engine], [], [])[0]:
                    octets = source.recv(65536)
                    if not octets:
                        return
                    if source is client and self.place and self.is_meant(octets.split(b"\r\n")[0]):
                        self.place = b""
                        if not self.is_before:
                            engine.sendall(octets)
                            engine.recv(65536)
                        self.happens()
                        return
                    (engine if source is client else client).sendall(octets)

    def is_meant(self, line: bytes) -> bool:
        return line.startswith(b"DELETE ") and self.place in line


class Lab:
    """Raises SkipTest where there can be no engine; the reason is said by name."""

    def __init__(self, *arguments: str) -> None:
        if not os.path.exists(ENGINE):
            raise unittest.SkipTest("the testbed is not here")
        busybox = shutil.which("busybox", path="/bin:/usr/bin")
        if busybox is None:
            raise unittest.SkipTest("busybox-static is not installed")
        self.busybox = busybox
        self.child = subprocess.Popen(
            [sys.executable, "-B", ENGINE, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        told = json.loads(self.child.stdout.readline() or b'{"absent": "the engine ended at once"}')
        if "absent" in told:
            self.close()
            raise unittest.SkipTest("no Docker engine: %s" % told["absent"])
        self.socket, self.version, self.root = told["socket"], told["version"], told["root"]
        self.driver, self.limits_memory = told["driver"], told["limits_memory"]
        self.base = self.import_base()

    def close(self) -> None:
        self.child.stdin.close()
        self.child.wait(120)
        self.child.stdout.close()

    # --- The API -------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **query: Any) -> Any:
        connection = http.client.HTTPConnection("docker", timeout=120)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(120)
        connection.sock.connect(self.socket)
        url = path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Content-Type": "application/json" if raw is None else "application/x-tar"}
        content = raw if raw is not None else None if body is None else json.dumps(body)
        connection.request(method, url, body=content, headers=headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        connection.close()
        if response.status >= 400:
            raise RuntimeError("%s %s: %d %s" % (method, url, response.status, text[:500]))
        if not text.strip():
            return None
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        for line in lines:
            if isinstance(line, dict) and line.get("error"):
                raise RuntimeError(line["error"])
        return lines[0] if len(lines) == 1 else lines

    # --- Images --------------------------------------------------------------------------------------

    def import_base(self) -> str:
        """Two megabytes: a shell and a few programs, of this machine. No registry is asked."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as files:
            for folder in ("bin", "tmp", "etc", "proc", "sys", "dev"):
                member = tarfile.TarInfo(folder)
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                files.addfile(member)
            files.add(os.path.realpath(self.busybox), "bin/busybox")
            for name in APPLETS:
                member = tarfile.TarInfo("bin/" + name)
                member.type, member.linkname = tarfile.SYMTYPE, "busybox"
                files.addfile(member)
        self.call("POST", "/images/create", raw=packed.getvalue(), fromSrc="-", repo="lab/base", tag="1")
        return self.id_of("lab/base:1")

    def id_of(self, reference: str) -> str:
        return self.call("GET", "/images/%s/json" % reference)["Id"]

    def build(self, tag: str, octets: int = 1_000_000, shared: int = 0) -> str:
        """Builds an image as `docker build` without BuildKit does: on the base, a layer that is shared by
        all that ask for it with the same size, and one of its own. Its id."""
        context = io.BytesIO()
        lines = ["FROM lab/base:1"]
        with tarfile.open(fileobj=context, mode="w") as files:
            if shared:
                lines.append("COPY shared.bin /shared.bin")
                self.add(files, "shared.bin", b"s" * shared)
            lines += ["COPY own.bin /own.bin", 'CMD ["sleep", "1000000"]']
            self.add(files, "own.bin", os.urandom(octets))
            self.add(files, "Dockerfile", "\n".join(lines).encode())
        self.call("POST", "/build", raw=context.getvalue(), t=tag, version="1", rm="1")
        return self.id_of(tag)

    def add(self, files: tarfile.TarFile, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        # Always the same time, so that the same content is the same layer.
        member.size, member.mtime = len(content), 1_600_000_000
        files.addfile(member, io.BytesIO(content))

    def images(self) -> set[str]:
        return {row["Id"] for row in self.call("GET", "/images/json", all=1)}

    def used(self) -> int:
        """What its layers take on disk, as `du` says. The containerd store keeps them packed as well."""
        place = "containerd" if self.driver == "overlayfs" else self.driver
        told = subprocess.run(
            ["du", "-sxB1", os.path.join(self.root, place)], stdout=subprocess.PIPE, check=True
        )
        return int(told.stdout.split()[0])

    def pull(self, reference: str) -> str:
        self.call("POST", "/images/create", fromImage=reference)
        return self.id_of(reference)

    # --- Containers and volumes ----------------------------------------------------------------------

    def create(self, name: str, *command: str, image: str = "lab/base:1", **given: Any) -> str:
        host = {"NetworkMode": "none", **given.pop("host", {})}
        body = {"Image": image, "HostConfig": host, **given}
        if command:
            body["Cmd"] = list(command)
        return self.call("POST", "/containers/create", body, name=name)["Id"]

    def start(self, name: str, *command: str, **given: Any) -> str:
        key = self.create(name, *command, **given)
        self.call("POST", "/containers/%s/start" % key)
        return key

    def inspect(self, name: str) -> dict[str, Any]:
        return self.call("GET", "/containers/%s/json" % name)

    def until(self, name: str, seen: Any) -> dict[str, Any]:
        """Waits until a container is as it should be."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            told = self.inspect(name)
            if seen(told):
                return told
            time.sleep(0.1)
        raise AssertionError("%s never came that far: %s" % (name, json.dumps(told["State"])[:500]))

    def until_ended(self, *names: str) -> None:
        for name in names:
            self.until(name, lambda told: told["State"]["Status"] == "exited")

    def volume(self, name: str, **given: Any) -> str:
        return self.call("POST", "/volumes/create", {"Name": name, **given})["Name"]

    def volumes(self) -> set[str]:
        return {row["Name"] for row in self.call("GET", "/volumes")["Volumes"] or []}

    def wipe(self) -> None:
        """Back to the base image alone."""
        for row in self.call("GET", "/containers/json", all=1):
            self.call("DELETE", "/containers/%s" % row["Id"], force=1, v=1)
        for row in self.call("GET", "/images/json"):
            for tag in [tag for tag in row["RepoTags"] or [] if tag not in ("lab/base:1", "<none>:<none>")]:
                self.call("DELETE", "/images/%s" % tag, force=1)
        self.call("POST", "/images/prune", filters='{"dangling":["true"]}')
        for name in self.volumes():
            self.call("DELETE", "/volumes/%s" % name)
        self.call("POST", "/build/prune", all=1)
