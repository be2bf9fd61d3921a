"""Reads an archive or a dump to its end: what is cut short or damaged does not get there."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Callable

from agent_kit import NotSeen, clean
from work import PIECE, said

if TYPE_CHECKING:
    from work import Work

TAR = re.compile(r"\.(tar|tgz|tbz2?|txz)(\.|$)", re.IGNORECASE)
SQL = re.compile(r"\.sql(\.|$)", re.IGNORECASE)
# What mysqldump, pg_dump and pg_dumpall write last.
SQL_ENDS = (
    b"Dump completed",
    b"PostgreSQL database dump complete",
    b"PostgreSQL database cluster dump complete",
)
TAIL = 4096
BROKEN = (
    OSError,
    EOFError,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    zipfile.BadZipFile,
    ValueError,
    struct.error,
)
OPENERS: tuple[tuple[bytes, Callable[[str], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\0", lzma.open),
)
ZSTD, ZIP, LZO = b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\x89LZO"


def read_to_the_end(path: str, work: Work) -> str | None:
    """What is wrong with it, or None. Raises NotSeen where nobody here can say."""
    with open(path, "rb") as file:
        magic = file.read(6)
    for start, program, package in ((ZSTD, "zstd", "zstd"), (LZO, "lzop", "lzop")):
        if magic.startswith(start):
            return test_with(program, package, path, work)
    try:
        if magic.startswith(ZIP):
            return read_zip(path, work)
        opener = next((it for start, it in OPENERS if magic.startswith(start)), open)
        with opener(path, "rb") as content:  # type: ignore[operator]
            if TAR.search(os.path.basename(path)):
                return read_tar(content, work)
            return read_stream(content, work, bool(SQL.search(os.path.basename(path))))
    except BROKEN as error:
        return clean("%s: %s" % (type(error).__name__, error), 200)


def test_with(program: str, package: str, path: str, work: Work) -> str | None:
    work.need(program, package)
    ran = work.agent.run([program, "-t", "-q", "--", path], timeout=work.seconds_left())
    if ran.note not in (None, "pipe-held"):
        raise NotSeen("%s did not end: %s" % (program, ran.note), "Allow the run more time.")
    return None if ran.rc == 0 else said(ran, 200)


def read_zip(path: str, work: Work) -> str | None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.flag_bits & 1:
                continue  # encrypted: nobody can look inside
            with archive.open(member) as content:
                drain(content, work)
    return None


def read_tar(content: Any, work: Work) -> str | None:
    with tarfile.open(fileobj=content, mode="r|") as archive:
        for _ in archive:
            work.pause()
    # Behind the last member, the stream ends with its checksum.
    drain(content, work)
    return None


def read_stream(content: Any, work: Work, is_sql: bool) -> str | None:
    tail = drain(content, work)
    if is_sql and not any(end in tail for end in SQL_ENDS) and b"COMMIT;" not in tail[-200:]:
        return "the dump has no end: its last line is missing"
    return None


def drain(content: Any, work: Work) -> bytes:
    """Reads the rest, and gives the last of it."""
    tail, count = b"", 0
    while True:
        piece = content.read(PIECE)
        if not piece:
            return tail
        tail, count = (tail + piece)[-TAIL:], count + 1
        if count % 64 == 0:
            work.pause()
