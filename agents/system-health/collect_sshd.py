"""What the SSH server allows: as it says itself, or as its files say."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, NotSeen
from agent_kit_files import Files

ASK = ["sshd", "-T", "-C", "user=root,host=localhost,addr=127.0.0.1"]
CONFIG = "/etc/ssh/sshd_config"
DEFAULTS = {
    "permitrootlogin": "prohibit-password",
    "passwordauthentication": "yes",
    "permitemptypasswords": "no",
    "kbdinteractiveauthentication": "yes",
    "x11forwarding": "no",
    "port": "22",
}


def collect_sshd(agent: Agent, files: Files, listeners: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    if not files.root and agent.which("sshd"):
        ran = agent.run(ASK, timeout=5, sudo=True)
        if ran.ok:
            return describe(first_values(ran.out.splitlines()), "sshd -T", listeners)
    if not files.exists(CONFIG):
        return None  # there is no OpenSSH server
    unreadable: list[str] = []
    lines = read_config(files, CONFIG, unreadable)
    if unreadable:
        raise NotSeen(
            "%s cannot be read" % unreadable[0],
            "Allow `sshd -T` through sudo, or run as root.",
        )
    return describe(first_values(lines), "sshd_config", listeners)


def read_config(files: Files, path: str, unreadable: list[str], depth: int = 0) -> list[str]:
    """The lines that hold for everyone, with those of Include in their place, up to the first Match."""
    text = files.read(path)
    if text is None:
        unreadable.append(path)
        return []
    lines = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].lower() == "match":
            break
        if words[0].lower() == "include" and depth < 4:
            for pattern in words[1:]:
                for inner in files.glob(pattern if pattern.startswith("/") else "/etc/ssh/" + pattern):
                    lines += read_config(files, inner, unreadable, depth + 1)
        else:
            lines.append(line)
    return lines


def first_values(lines: list[str]) -> dict[str, str]:
    """For OpenSSH the first value of a setting wins."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = re.sub(r"\s*=\s*|\s+", " ", line.strip(), count=1).partition(" ")
        found.setdefault(name.lower(), value.strip().strip('"').lower())
    # Its older name.
    if "challengeresponseauthentication" in found:
        found.setdefault("kbdinteractiveauthentication", found["challengeresponseauthentication"])
    return found


def describe(values: dict[str, str], how: str, listeners: list[dict[str, Any]] | None) -> dict[str, Any]:
    found = {name: values.get(name, default) for name, default in DEFAULTS.items()}
    running = None
    if listeners is not None:
        port = int(found["port"]) if found["port"].isdigit() else 22
        running = any(row["proc"] in ("sshd", "sshd-session") or row["port"] == port for row in listeners)
    return {"how": how, "running": running, **found}
