"""Proves content whole without a password and without a lock: by what repositories say of themselves."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import time
import zlib
from typing import TYPE_CHECKING, Callable, Iterator

from window import choose_window
from work import PIECE

if TYPE_CHECKING:
    from context import Context
    from target import Look
    from work import Work

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
MOST_NAMED = 20  # damaged files that are named
# A file this fresh may still be written.
FRESH_S = 600.0

Judge = Callable[[str, "Work"], "str | None"]


def check_files(
    work: Work,
    look: Look,
    context: Context,
    files: list[tuple[str, int]],
    how: str,
    judge: Judge,
    always: Callable[[str], bool] = lambda name: False,
) -> None:
    """Reads a window of files, given by path below the location and size, and those that are `always` read.

    `judge` gives what is wrong with one, or None; it raises OSError where it cannot read.
    """
    total = sum(size for _, size in files)
    before = context.before(look.target.location)
    window = choose_window(before, total, work.to_read, context.options["coverage_runs"])
    chosen = [(name, size) for name, size in files if always(name) or window.has(name)]
    read, count, whole = 0, 0, True
    for name, size in chosen:
        if work.to_read - read < size and read > 0:
            whole = False
            break
        work.pause()
        try:
            wrong = judge(os.path.join(look.target.location, name), work)
        except FileNotFoundError:
            continue  # it was cleaned up meanwhile
        except OSError as error:
            wrong = "it cannot be read: %s" % error.strerror
        count, read = count + 1, read + size
        if wrong:
            look.damage.append({"what": name, "why": wrong, "how": how})
    work.to_read = max(0, work.to_read - read)
    look.checks.append(
        {
            "how": how,
            "ok": not any(it["how"] == how for it in look.damage),
            "files": count,
            "files_total": len(files),
            "bytes": read,
            "bytes_total": total,
            "window": window.label,
            "whole": whole,
        }
    )


def files_below(location: str, folders: tuple[str, ...]) -> list[tuple[str, int]]:
    """Files of some folders by path below the location, with their size. Every run gives the same order."""
    found = []
    for folder in folders:
        for parent, inner, names in os.walk(os.path.join(location, folder)):
            inner.sort()
            for name in sorted(names):
                path = os.path.join(parent, name)
                try:
                    found.append((os.path.relpath(path, location), os.lstat(path).st_size))
                except OSError:
                    continue
    return found


def pieces(path: str, work: Work) -> Iterator[bytes]:
    """64 KiB at a time: older Pythons set aside whatever is asked for."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        for count in range(1 << 62):
            if count % 64 == 0:
                work.pause()
            piece = os.read(fd, PIECE)
            if not piece:
                return
            yield piece
    finally:
        os.close(fd)


def differs_from_name(path: str, work: Work) -> str | None:
    """restic calls each file by the SHA-256 of its content."""
    digest = hashlib.sha256()
    for piece in pieces(path, work):
        digest.update(piece)
    return None if digest.hexdigest() == os.path.basename(path) else "its content is not what its name says"


MAGIC = b"BORG_SEG"
HEADER = struct.Struct("<IIB")
MOST_ENTRY = 20 * 1024 * 1024 + 4096


def broken_segment(path: str, work: Work) -> str | None:
    """Each entry of a Borg segment carries a CRC-32: size and tag are part of what it covers."""
    with open(path, "rb") as file:
        if file.read(8) != MAGIC:
            return "it does not begin like a segment"
        offset = 8
        while True:
            work.pause()
            head = file.read(HEADER.size)
            if not head:
                return None
            wrong = broken_entry(file, head)
            if wrong:
                is_fresh = time.time() - os.fstat(file.fileno()).st_mtime < FRESH_S
                # It is being written, or the backup was interrupted: Borg itself drops such an end.
                if is_fresh and not file.read(1):
                    return None
                return "%s at offset %d" % (wrong, offset)
            offset = file.tell()


def broken_entry(file: object, head: bytes) -> str | None:
    if len(head) < HEADER.size:
        return "an entry breaks off"
    crc, size, _ = HEADER.unpack(head)
    if not HEADER.size <= size <= MOST_ENTRY:
        return "an entry says that it has %d bytes" % size
    found, left = zlib.crc32(head[4:]), size - HEADER.size
    while left:
        piece = file.read(min(left, PIECE))  # type: ignore[attr-defined]
        if not piece:
            return "an entry breaks off"
        found, left = zlib.crc32(piece, found), left - len(piece)
    return None if found & 0xFFFFFFFF == crc else "a checksum does not match"


# Proxmox Backup Server: 8 bytes of magic, CRC-32 of what follows the header, which is longer when encrypted.
PBS_PLAIN = (bytes((66, 171, 56, 7, 190, 131, 112, 161)), bytes((49, 185, 88, 66, 111, 182, 163, 127)))
PBS_SEALED = (bytes((123, 103, 133, 190, 34, 45, 76, 240)), bytes((230, 89, 27, 191, 11, 191, 216, 11)))


def broken_chunk(path: str, work: Work) -> str | None:
    head, found, skip = b"", 0, 0
    for piece in pieces(path, work):
        if not head:
            head = piece[:44]
            if head[:8] not in PBS_PLAIN + PBS_SEALED:
                return "it does not begin like a chunk"
            skip = 12 if head[:8] in PBS_PLAIN else 44
            piece = piece[skip:]
        found = zlib.crc32(piece, found)
    if len(head) < 12 or len(head) < skip:
        return "it breaks off"
    (crc,) = struct.unpack("<I", head[8:12])
    return None if found & 0xFFFFFFFF == crc else "a checksum does not match"


def lock_ages(paths: list[str], now: float) -> list[float]:
    """Hours since each lock was made, the oldest first; those that are gone meanwhile are left out."""
    ages = []
    for path in paths:
        try:
            ages.append(round((now - os.lstat(path).st_mtime) / 3600, 1))
        except OSError:
            continue
    return sorted(ages, reverse=True)
