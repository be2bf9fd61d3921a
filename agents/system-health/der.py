"""Reads what matters of an X.509 certificate, without OpenSSL's program: names, dates, and whether it
signed itself."""

from __future__ import annotations

import base64
import binascii
import calendar
import hashlib
from typing import Any, Iterator, NamedTuple

COMMON_NAME = b"\x55\x04\x03"
ALTERNATIVE_NAMES = b"\x55\x1d\x11"
VERSION, DNS_NAME, EXTENSIONS = 0xA0, 0x82, 0xA3
UTC_TIME = 0x17


class Element(NamedTuple):
    tag: int
    start: int  # of its content
    end: int


def read_element(octets: bytes, at: int) -> Element:
    tag, length = octets[at], octets[at + 1]
    at += 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise ValueError("a length that DER does not have")
        length = int.from_bytes(octets[at : at + size], "big")
        at += size
    if at + length > len(octets):
        raise ValueError("the certificate is cut off")
    return Element(tag, at, at + length)


def elements(octets: bytes, parent: Element) -> Iterator[Element]:
    at = parent.start
    while at < parent.end:
        element = read_element(octets, at)
        yield element
        at = element.end


def content(octets: bytes, element: Element) -> bytes:
    return octets[element.start : element.end]


def read_certificate(octets: bytes) -> dict[str, Any]:
    """Times in Unix seconds. Raises ValueError for what is no certificate."""
    try:
        return read_parts(octets)
    except (IndexError, StopIteration, UnicodeDecodeError) as error:
        raise ValueError("this is no certificate") from error


def read_parts(octets: bytes) -> dict[str, Any]:
    body = next(elements(octets, read_element(octets, 0)))
    parts = list(elements(octets, body))
    if parts[0].tag == VERSION:
        parts = parts[1:]
    _serial, _algorithm, issuer, validity, subject = parts[:5]
    begin, end = list(elements(octets, validity))[:2]
    return {
        "subject": common_name(octets, subject),
        "issuer": common_name(octets, issuer),
        "san": alternative_names(octets, parts[5:]),
        "not_before": to_time(begin.tag, content(octets, begin)),
        "not_after": to_time(end.tag, content(octets, end)),
        "self_signed": content(octets, subject) == content(octets, issuer),
        "sha256": hashlib.sha256(octets).hexdigest(),
    }


def common_name(octets: bytes, name: Element) -> str | None:
    for relative in elements(octets, name):
        for pair in elements(octets, relative):
            kind, value = list(elements(octets, pair))[:2]
            if content(octets, kind) == COMMON_NAME:
                return content(octets, value).decode("utf-8", "replace")
    return None


def alternative_names(octets: bytes, rest: list[Element]) -> list[str]:
    holder = next((part for part in rest if part.tag == EXTENSIONS), None)
    if holder is None:
        return []
    for extension in elements(octets, next(elements(octets, holder))):
        parts = list(elements(octets, extension))
        if content(octets, parts[0]) == ALTERNATIVE_NAMES:
            names = elements(octets, read_element(octets, parts[-1].start))
            return [content(octets, it).decode("ascii", "replace") for it in names if it.tag == DNS_NAME][:50]
    return []


def to_time(tag: int, octets: bytes) -> int:
    text = octets.decode("ascii").rstrip("Z")
    if tag == UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    seconds = int(text[12:14] or 0)
    return calendar.timegm(
        (int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]), seconds)
    )


def read_pem(text: str) -> dict[str, Any]:
    """The first certificate of a file: in a chain, the one that is served. Raises ValueError."""
    _, begin, rest = text.partition("-----BEGIN CERTIFICATE-----")
    body, end, _ = rest.partition("-----END CERTIFICATE-----")
    if not begin or not end:
        raise ValueError("there is no certificate in it")
    try:
        return read_certificate(base64.b64decode(body))
    except binascii.Error as error:
        raise ValueError("the certificate in it is damaged") from error
