"""Proxmox Backup Server: its store as it lies on the disk. Each manifest says how it was last verified."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from agent_kit import clean
from integrity import PBS_PLAIN, SHA256, broken_chunk, check_files, files_below
from moments import parse_instant
from target import Backup

if TYPE_CHECKING:
    from context import Context
    from target import Look
    from work import Work

MANIFEST = "index.json.blob"
HEADER = 12


def look_at_proxmox(work: Work, look: Look, context: Context) -> None:
    location = look.target.location
    failed: list[dict[str, Any]] = []
    for folder in snapshot_folders(location):
        group, stamp = os.path.split(os.path.relpath(folder, location))
        at = parse_instant(stamp)
        if at is None:
            continue
        backup = Backup(clean(group, 200), at, clean("%s/%s" % (group, stamp), 300))
        look.series.append(backup)
        path = os.path.join(folder, MANIFEST)
        if not os.path.exists(path):
            look.incomplete.append(
                {"id": backup.id, "group": backup.group, "is_running": work.now - at < 86400}
            )
        elif verified_as(work, path) == "failed":
            failed.append({"what": backup.id, "why": "its last verification failed", "how": "verification"})
    look.damage += failed[:20]
    if context.options["check_integrity"]:
        files = [
            it for it in files_below(location, (".chunks",)) if SHA256.fullmatch(os.path.basename(it[0]))
        ]
        look.size = sum(size for _, size in files)
        check_files(work, look, context, files, "CRC-32 of each chunk", broken_chunk)


def snapshot_folders(location: str) -> list[str]:
    """`vm/100/2026-11-20T03:00:00Z`, in name spaces (`ns/NAME`) too."""
    found = []
    for parent, inner, _ in os.walk(location):
        inner[:] = sorted(name for name in inner if name != ".chunks")
        if os.path.relpath(parent, location).count("/") > 20:
            inner[:] = []
        stamps = [name for name in inner if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", name, re.ASCII)]
        found += [os.path.join(parent, name) for name in stamps]
        inner[:] = [name for name in inner if name not in stamps]
    return found


def verified_as(work: Work, path: str) -> str | None:
    """The state of its last verification; None when it never was, or nobody here can read it."""
    with open(path, "rb") as file:
        blob = file.read(1 << 20)
    content = blob[HEADER:]
    if blob[:8] == PBS_PLAIN[1]:
        packed = os.path.join(work.scratch, "manifest.zst")
        with open(packed, "wb") as file:
            file.write(content)
        ran = work.agent.run(["zstd", "-d", "-q", "-c", "--", packed], timeout=10)
        content = ran.out.encode("utf-8") if ran.ok else b""
    try:
        state = json.loads(content)["unprotected"]["verify_state"]["state"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return state if isinstance(state, str) else None
