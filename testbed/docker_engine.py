"""A Docker engine of its own, for as long as whoever started it keeps its standard input open.

    python3 testbed/docker_engine.py [--containerd-store]

Prints one line: `{"socket": …, "version": …, "root": …}`, or `{"absent": why}` where there can be none. It
shares nothing with a Docker of this machine: other folders, another socket, no network, no rules of the
firewall. With the end of standard input it ends, and what it kept goes with it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

STARTS_IN_S = 60.0
ENDS_IN_S = 30.0


def why_not() -> str | None:
    """Why there can be no engine here, or None."""
    if not sys.platform.startswith("linux"):
        return "a Docker engine needs Linux"
    if os.environ.get("CARL_WITHOUT_DOCKER"):
        return "CARL_WITHOUT_DOCKER is set"
    if shutil.which("dockerd", path=path()) is None:
        return "dockerd is not installed"
    if os.geteuid() != 0:
        return "only root may start a Docker engine"
    return None


def path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin"


def start(folder: str, is_containerd_store: bool) -> subprocess.Popen:
    settings = {"features": {"containerd-snapshotter": True}} if is_containerd_store else {}
    config = os.path.join(folder, "daemon.json")
    with open(config, "w", encoding="utf-8") as file:
        json.dump(settings, file)
    argv = [
        "dockerd",
        f"--config-file={config}",
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        f"--host=unix://{folder}/docker.sock",
        "--bridge=none",
        "--iptables=false",
        "--ip-masq=false",
        "--shutdown-timeout=5",
    ]
    with open(os.path.join(folder, "log"), "wb") as log:
        env = {**os.environ, "PATH": path()}
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True
        )


def ask(place: str, what: str) -> dict | None:
    connection = http.client.HTTPConnection("docker", timeout=5)
    try:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(5)
        connection.sock.connect(place)
        connection.request("GET", what)
        return json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def until_it_answers(child: subprocess.Popen, place: str) -> dict | None:
    deadline = time.monotonic() + STARTS_IN_S
    while child.poll() is None and time.monotonic() < deadline:
        version = ask(place, "/version")
        if version:
            return version
        time.sleep(0.1)
    return None


def end(child: subprocess.Popen, folder: str) -> None:
    child.terminate()
    try:
        child.wait(ENDS_IN_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    unmount(folder)
    shutil.rmtree(folder, ignore_errors=True)


def unmount(folder: str) -> None:
    """What an engine that was killed leaves mounted."""
    with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as mounts:
        places = [line.split()[1] for line in mounts if line.split()[1].startswith(folder + "/")]
    for place in sorted(places, reverse=True):
        subprocess.run(["umount", "-l", place], env={"PATH": path()}, stderr=subprocess.DEVNULL)


def last_words(folder: str) -> str:
    with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
        lines = log.read().strip().splitlines()
    return lines[-1][-300:] if lines else "it said nothing"


def say(told: dict) -> None:
    print(json.dumps(told), flush=True)


def main() -> None:
    why = why_not()
    if why:
        return say({"absent": why})
    # Asked to end like with the end of standard input: in order.
    signal.signal(signal.SIGTERM, lambda *_: os.close(0))
    folder = tempfile.mkdtemp(prefix="carl-engine-")
    child = start(folder, "--containerd-store" in sys.argv[1:])
    try:
        place = os.path.join(folder, "docker.sock")
        version = until_it_answers(child, place)
        info = ask(place, "/info") if version else None
        if not version or not info:
            return say({"absent": f"dockerd does not start here: {last_words(folder)}"})
        say(
            {
                "socket": place,
                "version": version["Version"],
                "root": info["DockerRootDir"],
                "driver": info["Driver"],
                "limits_memory": bool(info.get("MemoryLimit")),
            }
        )
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
    finally:
        end(child, folder)


if __name__ == "__main__":
    main()
