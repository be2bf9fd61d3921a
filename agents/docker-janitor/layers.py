"""Which layers images share, and what is freed when some of them go.

A layer is shared by all that have the same layers below it, too: its chain. Sizes come from the history of
an image. With overlay2, btrfs and zfs the sum over all chains is what Docker says its layers take; where it
is not, sizes are bounds only.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any, Iterable, Sequence

# Steps of a build that change nothing on disk.
METADATA = frozenset(
    (
        "CMD ENV LABEL EXPOSE ENTRYPOINT USER VOLUME ARG STOPSIGNAL HEALTHCHECK MAINTAINER SHELL ONBUILD"
    ).split()
)


def chain_of(digests: Sequence[str]) -> list[str]:
    """The chain id of each layer, lowest first."""
    chain: list[str] = []
    for digest in digests:
        below = (chain[-1] + " " + digest).encode("utf-8", "replace") if chain else b""
        chain.append("sha256:" + hashlib.sha256(below).hexdigest() if chain else digest)
    return chain


def sizes_of(history: Sequence[dict[str, Any]], layers: int) -> list[int] | None:
    """Bytes of each layer, lowest first, from a history that begins with the newest step. None where it does
    not fit."""
    steps = [step for step in history[::-1] if isinstance(step.get("Size"), int)]
    for chosen in (
        [step["Size"] for step in steps if not is_metadata(step)],
        [step["Size"] for step in steps if step["Size"] > 0],
    ):
        if len(chosen) == layers:
            return chosen
    return None


def is_metadata(step: dict[str, Any]) -> bool:
    if step["Size"] > 0:
        return False
    words = str(step.get("CreatedBy") or "")
    is_classic = "#(nop)" in words
    if is_classic:
        words = words.split("#(nop)", 1)[1]
    first = (words.split() or [""])[0].upper()
    return first not in ("ADD", "COPY") if is_classic else first in METADATA


class Layers:
    """The layers of all images that are there."""

    def __init__(self, images: dict[str, dict[str, Any]], cache_shared: int, is_containerd: bool) -> None:
        self.images, self.cache_shared, self.is_containerd = images, cache_shared, is_containerd
        self.sizes: dict[str, int] = {}
        self.users: Counter[str] = Counter()
        # An image whose layers are not known may share all of them, or none.
        self.unknown = {key for key, image in images.items() if image["layer_sizes"] is None}
        for image in images.values():
            self.users.update(set(image["chain"]))
            for chain, size in zip(image["chain"], image["layer_sizes"] or ()):
                self.sizes[chain] = max(self.sizes.get(chain, 0), size)

    @property
    def total(self) -> int:
        """Bytes of all layers, each counted once."""
        return sum(self.sizes.values())

    def freed_by(self, removed: Iterable[str]) -> tuple[int, int]:
        """Bytes that are freed at least and at most when these images go and all others stay."""
        going = [key for key in removed if key in self.images]
        unknown = sum(self.images[key]["size"] for key in going if key in self.unknown)
        freed = sum(self.sizes.get(chain, 0) for chain in self.alone(going)) + unknown
        # What the build cache shares with an image stays when the image goes.
        least = 0 if unknown else max(0, freed - self.cache_shared)
        if self.is_containerd:
            # Besides what is unpacked, the store keeps what was pulled, compressed.
            freed += sum(self.compressed_share(key) for key in going)
            freed += freed // 20
        return least, freed

    def alone(self, going: Sequence[str]) -> list[str]:
        """Chains that nothing but these images uses."""
        lost = Counter(chain for key in going for chain in set(self.images[key]["chain"]))
        return [chain for chain, times in lost.items() if times == self.users[chain]]

    def compressed_share(self, key: str) -> int:
        image = self.images[key]
        own = sum(self.sizes.get(chain, 0) for chain in self.alone([key]))
        whole = sum(self.sizes.get(chain, 0) for chain in image["chain"])
        return int(image["content"] * own / whole) if whole else int(image["content"])
