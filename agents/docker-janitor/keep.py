"""Which images may go. Everything else stays, and so does whatever is in doubt."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple

from collect_images import repository_of
from protection import Protection

HOUR = 3600.0
Images = dict  # id -> image, as `collect_images` gives it


class Sorted(NamedTuple):
    """Images by what becomes of them. Each is in `dangling`, `unused` or neither, and `removable` is part of
    both."""

    dangling: list[str]
    unused: list[str]
    # In the order in which they can go: what was built on another before that.
    removable: list[str]


def sort_images(
    images: Images, used: Iterable[str], now: float, keep_last: int, min_age_h: float, protected: Protection
) -> Sorted:
    """`used` are the images of containers in any state. What Docker itself says of their use counts, too."""
    in_use = set(used) | {key for key, image in images.items() if image["containers"] > 0}
    free = [key for key in images if key not in in_use]
    kept = newest_of_each(images, keep_last)
    removable = [
        key
        for key in free
        if key not in kept
        and now - youth_of(images[key]) >= min_age_h * HOUR
        and protected.of(names_of(images[key]), images[key]["labels"]) is None
    ]
    removable = without_parents_of_kept(images, removable)
    return Sorted(
        dangling=[key for key in free if not images[key]["tags"]],
        unused=[key for key in free if images[key]["tags"]],
        removable=sorted(removable, key=lambda key: (-(images[key]["created"] or 0), key)),
    )


def names_of(image: dict[str, Any]) -> list[str]:
    """All that somebody may know it by: with tag, and without."""
    references = [*image["tags"], *image["digests"]]
    return [*references, *sorted({repository_of(one) for one in references})]


def youth_of(image: dict[str, Any]) -> float:
    """When it came: built, or tagged here, whichever is later."""
    return max(image["created"] or 0.0, image["tagged"] or 0.0)


def newest_of_each(images: Images, keep_last: int) -> set[str]:
    """The newest few of every repository. One that is in several stays if any of them keeps it."""
    repositories: dict[str, set[str]] = {}
    for key, image in images.items():
        # One that lost its tag to a newer one is an older version all the same.
        for reference in [*image["tags"], *image["digests"]]:
            repositories.setdefault(repository_of(reference), set()).add(key)
    kept: set[str] = set()
    for keys in repositories.values():
        newest = sorted(
            keys,
            key=lambda key: (
                bool(images[key]["tags"]),
                images[key]["created"] or 0,
                images[key]["tagged"] or 0,
            ),
            reverse=True,
        )
        kept.update(newest[:keep_last])
    return kept


def without_parents_of_kept(images: Images, removable: list[str]) -> list[str]:
    """Docker refuses to remove what another image was built on, unless that goes before it."""
    going = set(removable)
    parents = {image["parent"] for key, image in images.items() if image["parent"] and key not in going}
    above = parents & going
    while above:
        going -= above
        above = {images[key]["parent"] for key in above if images[key]["parent"]} & going
    return [key for key in removable if key in going]
