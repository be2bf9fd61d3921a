"""Who may log in: hashes of the keys of each user, and users with the rights of root."""

from __future__ import annotations

import hashlib
from typing import Any

from agent_kit import Agent, NotSeen, clean
from agent_kit_files import Files

KEY_FILES = (".ssh/authorized_keys", ".ssh/authorized_keys2")


def collect_keys(agent: Agent, files: Files) -> dict[str, Any]:
    """Only hashes of key files leave the node."""
    text = files.read("/etc/passwd")
    if text is None:
        raise NotSeen("/etc/passwd cannot be read", "Run as root.")
    users = [line.split(":") for line in text.splitlines() if line.count(":") == 6]
    found: dict[str, Any] = {"keys": {}, "uid0": [clean(user[0], 64) for user in users if user[2] == "0"]}
    if not agent.is_root:
        return {**found, "complete": False}
    for home in sorted({user[5].rstrip("/") for user in users if user[5].startswith("/")}):
        for name in KEY_FILES:
            keys = files.read("%s/%s" % (home, name))
            if keys:
                found["keys"][clean("%s/%s" % (home, name), 300)] = hash_of(keys)
    shadow = (files.read("/etc/shadow") or "").splitlines()
    empty = [line.split(":")[0] for line in shadow if line.count(":") >= 2 and line.split(":")[1] == ""]
    return {**found, "empty_passwords": [clean(name, 64) for name in empty], "complete": True}


def hash_of(keys: str) -> str:
    """Of the keys themselves: comments and the order of lines let nobody in."""
    lines = sorted(
        {line.strip() for line in keys.splitlines() if line.strip() and not line.strip().startswith("#")}
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
