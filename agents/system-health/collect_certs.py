"""Certificates: in the files that are known, and as local services really serve them."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import warnings
from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files
from der import read_certificate, read_pem

KNOWN_FILES = (
    "/etc/letsencrypt/live/*/cert.pem",
    "/etc/pve/local/pve-ssl.pem",
    "/etc/pve/local/pveproxy-ssl.pem",
    "/usr/syno/etc/certificate/system/default/cert.pem",
    "/var/lib/caddy/.local/share/caddy/certificates/*/*/*.crt",
)
# Folders that only root may list: there is something, and we cannot tell what.
CLOSED_FOLDERS = ("/etc/letsencrypt/live", "/var/lib/caddy/.local")
TLS_PORTS = (443, 5001, 8006, 8007, 8443, 9443)
ANSWER_WITHIN_S = 4.0


def collect_certs(agent: Agent, files: Files, listeners: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each certificate once, with all the places where it was found."""
    wanted = [path for pattern in agent.options["cert_paths"] for path in files.glob(pattern) or [pattern]]
    known = [path for pattern in KNOWN_FILES for path in files.glob(pattern)]
    found = [row for path in (wanted + known)[:100] for row in read_file_cert(agent, files, path)]
    for folder in CLOSED_FOLDERS:
        if files.exists(folder) and not os.access(files.at(folder), os.R_OK):
            agent.gap(
                "certs: %s" % folder,
                "only root may look inside",
                "Run as root, or name the files as an option.",
            )
    named = list(agent.options["cert_endpoints"])
    guessed = [] if files.root else [place for place in local_endpoints(listeners) if place not in named]
    return fold(found + ask_all(agent, named, guessed))


def read_file_cert(agent: Agent, files: Files, path: str) -> list[dict[str, Any]]:
    text = files.read(path, 256 * 1024)
    try:
        if text is None:
            raise ValueError("it cannot be read")
        return [{"where": path, **read_pem(text)}]
    except ValueError as error:
        agent.gap(
            "certs: %s" % path, error, "Check the path, or let the user read it (certificates are no secret)."
        )
        return []


def local_endpoints(listeners: list[dict[str, Any]]) -> list[str]:
    places = {}
    for row in listeners:
        if row["proto"] == "tcp" and row["port"] in TLS_PORTS:
            address = row["addr"]
            if row["scope"] == "any":
                address = "::1" if ":" in address and row["port"] not in places else "127.0.0.1"
            places[row["port"]] = (
                "[%s]:%d" % (address, row["port"]) if ":" in address else "%s:%d" % (address, row["port"])
            )
    return sorted(places.values())


def ask_all(agent: Agent, named: list[str], guessed: list[str]) -> list[dict[str, Any]]:
    """Asks all places at once. One that was only guessed may well speak something else than TLS."""
    answers: dict[str, Any] = {}

    def ask(place: str) -> None:
        try:
            answers[place] = {"where": place, **read_certificate(served_at(place))}
        except (OSError, ValueError) as error:
            answers[place] = str(error) or type(error).__name__

    threads = [threading.Thread(target=ask, args=(place,), daemon=True) for place in (named + guessed)[:20]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * ANSWER_WITHIN_S)
    for place in named[:20]:
        if not isinstance(answers.get(place), dict):
            why = clean(answers.get(place, "no answer"), 200)
            agent.gap("certs: %s" % place, why, "Check that host and port are right and that it speaks TLS.")
    return [answer for answer in answers.values() if isinstance(answer, dict)]


def served_at(place: str) -> bytes:
    """The certificate that a host shows. It is looked at, not trusted: an expired one must come through
    too."""
    host, _, port = place.rpartition(":")
    host = host.strip("[]")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with socket.create_connection((host, int(port or 443)), ANSWER_WITHIN_S) as plain:
        name = None if host.replace(".", "").isdigit() or ":" in host else host
        with context.wrap_socket(plain, server_hostname=name) as secure:
            return secure.getpeercert(binary_form=True) or b""


def fold(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A file and the service that serves it are one certificate. A service that still serves the old one
    is not."""
    kept: dict[str, dict[str, Any]] = {}
    for row in rows:
        first = kept.setdefault(row["sha256"], row)
        if first is not row:
            first.setdefault("also", []).append(row["where"])
    return list(kept.values())
