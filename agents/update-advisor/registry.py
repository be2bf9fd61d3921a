"""Asks registries from the node, for those that only it can reach. Nobody signs in: what is not public to
this node stays unknown. The answers go into the facts; the server judges them like its own.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import ssl
import time
import urllib.parse
from typing import Any, Mapping, NamedTuple

from agent_kit import Agent, clean
from agent_kit_docker import DockerReader, NoAnswer, read_whole

# Without the first two, a tag for several kinds of machines would yield the digest of one: a false update.
ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
    )
)
DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
REFERENCE = re.compile(
    r"^(?:(?P<host>[A-Za-z0-9.-]+\.[A-Za-z0-9.-]+(?::\d{1,5})?|[A-Za-z0-9-]+:\d{1,5}|localhost)/)?"
    r"(?P<path>[a-z0-9._/-]{1,200})(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?$"
)
TIMEOUT_S = 8.0
MOST_BYTES = 16 << 20


class Place(NamedTuple):
    host: str
    path: str
    tag: str


def look_up(agent: Agent, engine: DockerReader, images: list[dict[str, Any]]) -> None:
    """Writes `answer` into each row whose state is `unchecked`: `{digest}` or `{error}`."""
    plain = insecure_hosts(engine.find("/info") or {})
    silent: dict[str, str] = {}
    asked = [row for row in images if row["state"] == "unchecked"][: agent.options["max_images"]]
    for number, row in enumerate(asked):
        place = parse(row["name"])
        if place is None:
            row["answer"] = {"error": "its name cannot be read"}
        elif place.host in silent:
            row["answer"] = {"error": silent[place.host]}
        elif agent.seconds_left() < 2 * TIMEOUT_S:
            row["answer"] = {"error": "no time was left for it"}
        else:
            row["answer"] = ask(agent, place, plain)
            # One that says no more, or nothing, is not asked the same for every image.
            if row["answer"].get("is_final"):
                silent[place.host] = row["answer"]["error"]
        row["answer"].pop("is_final", None)
        agent.progress("registry", "start", done=number + 1, total=len(asked))


def parse(name: str) -> Place | None:
    found = REFERENCE.match(name)
    if not found:
        return None
    host, path, tag = found.group("host"), found.group("path"), found.group("tag") or "latest"
    if host in (None, "docker.io", "index.docker.io"):
        return Place("registry-1.docker.io", path if "/" in path else "library/" + path, tag)
    return Place(host, path, tag)


def insecure_hosts(info: Mapping[str, Any]) -> Any:
    """Says of a host whether this node's Docker speaks to it without a certificate."""
    config = info.get("RegistryConfig") or {}
    named = {name for name, it in (config.get("IndexConfigs") or {}).items() if it.get("Secure") is False}
    networks = [ipaddress.ip_network(it) for it in config.get("InsecureRegistryCIDRs") or []]

    def is_insecure(host: str) -> bool:
        bare = host.rpartition(":")[0] or host
        try:
            return host in named or any(ipaddress.ip_address(bare) in network for network in networks)
        except ValueError:
            return host in named or bare == "localhost"

    return is_insecure


def ask(agent: Agent, place: Place, is_insecure: Any) -> dict[str, Any]:
    """One question to one registry, with a token where it wants one that is given to everybody."""
    url = "/v2/%s/manifests/%s" % (place.path, place.tag)
    headers = {"Accept": ACCEPT, "User-Agent": "carl-update-advisor"}
    scheme = "http" if is_insecure(place.host) else "https"
    try:
        status, told, _ = send(agent, scheme, place.host, "HEAD", url, headers)
        if status == 401:
            token = fetch_token(agent, scheme, place, told.get("www-authenticate") or "")
            if token is None:
                return {"error": "it wants a sign-in"}
            headers["Authorization"] = "Bearer " + token
            status, told, _ = send(agent, scheme, place.host, "HEAD", url, headers)
    except (OSError, http.client.HTTPException, NoAnswer, ValueError) as error:
        return {"error": "it does not answer: %s" % clean(error, 100), "is_final": True}
    digest = told.get("docker-content-digest") or ""
    if status == 200 and DIGEST.match(digest):
        return {"digest": digest}
    if status == 429:
        return {"error": "it wants to be asked less often", "is_final": True}
    if status == 404:
        return {"gone": True}
    return {"error": "it wants a sign-in" if status in (401, 403) else "it answered %d" % status}


def fetch_token(agent: Agent, scheme: str, place: Place, challenge: str) -> str | None:
    told = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = urllib.parse.urlsplit(told.get("realm", ""))
    # Whoever may be listened to on the way is not asked, but where the registry itself is.
    if (
        not challenge.lower().startswith("bearer")
        or not realm.netloc
        or realm.scheme not in ("https", scheme)
    ):
        return None
    query = {"service": told.get("service", ""), "scope": "repository:%s:pull" % place.path}
    url = (realm.path or "/") + "?" + urllib.parse.urlencode(query)
    status, _, content = send(agent, realm.scheme, realm.netloc, "GET", url, {"Accept": "application/json"})
    said = json.loads(content.decode("utf-8", "replace")) if status == 200 else {}
    token = (said.get("token") or said.get("access_token")) if isinstance(said, dict) else None
    return token if isinstance(token, str) and re.match(r"^[\x21-\x7e]{1,8192}$", token) else None


def send(
    agent: Agent, scheme: str, host: str, method: str, url: str, headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    kind = http.client.HTTPConnection if scheme == "http" else http.client.HTTPSConnection
    more = {} if scheme == "http" else {"context": ssl.create_default_context()}
    begin, status, content = time.monotonic(), None, b""
    connection = kind(host, timeout=TIMEOUT_S, **more)
    try:
        connection.request(method, url, headers=headers)
        response = connection.getresponse()
        status = response.status
        content = read_whole(response, begin + TIMEOUT_S, MOST_BYTES)
        return status, {name.lower(): value for name, value in response.getheaders()}, content
    finally:
        connection.close()
        ms = int((time.monotonic() - begin) * 1000)
        path = url.partition("?")[0]
        agent.record(
            ["registry", method, "%s://%s%s" % (scheme, host, path)], rc=status, ms=ms, out=len(content)
        )
