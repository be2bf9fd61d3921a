"""A private Docker engine for tests. Nothing is pulled: images are made of this machine's busybox."""

from __future__ import annotations

import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import unittest
import urllib.parse
from typing import Any

from test_given import HERE

ENGINE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "testbed", "docker_engine.py")


class Lab:
    """Raises SkipTest where there can be no engine; the reason is said by name."""

    def __init__(self) -> None:
        busybox = shutil.which("busybox", path="/bin:/usr/bin")
        if busybox is None or not os.path.exists(ENGINE):
            raise unittest.SkipTest("no Docker engine: busybox or the testbed is not here")
        self.busybox, self.built = busybox, 0
        self.child = subprocess.Popen(
            [sys.executable, "-B", ENGINE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        told = json.loads(self.child.stdout.readline() or b'{"absent": "the engine ended at once"}')
        if "absent" in told:
            self.close()
            raise unittest.SkipTest("no Docker engine: %s" % told["absent"])
        self.socket, self.version = told["socket"], told["version"]

    def close(self) -> None:
        self.child.stdin.close()
        self.child.wait(120)
        self.child.stdout.close()

    def call(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **query: Any) -> Any:
        connection = http.client.HTTPConnection("docker", timeout=120)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(120)
        connection.sock.connect(self.socket)
        url = path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Content-Type": "application/json" if raw is None else "application/x-tar"}
        connection.request(method, url, body=raw if raw is not None else json.dumps(body), headers=headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        connection.close()
        if response.status >= 400:
            raise RuntimeError("%s %s: %d %s" % (method, url, response.status, text[:500]))
        return json.loads(text.splitlines()[0]) if text.strip() else None

    def build(self, tag: str) -> None:
        """A shell, and something that makes each of them another image."""
        packed = io.BytesIO()
        self.built += 1
        with tarfile.open(fileobj=packed, mode="w") as files:
            files.add(os.path.realpath(self.busybox), "bin/busybox")
            member = tarfile.TarInfo("number")
            member.size = 8
            files.addfile(member, io.BytesIO(b"%08d" % self.built))
        name, _, version = tag.partition(":")
        self.call("POST", "/images/create", raw=packed.getvalue(), fromSrc="-", repo=name, tag=version)

    def start(self, name: str, image: str) -> None:
        body = {
            "Image": image,
            "Cmd": ["/bin/busybox", "sleep", "1000"],
            "HostConfig": {"NetworkMode": "none"},
        }
        key = self.call("POST", "/containers/create", body, name=name)["Id"]
        self.call("POST", "/containers/%s/start" % key)
