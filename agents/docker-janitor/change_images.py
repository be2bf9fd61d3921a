"""Removing an image, and pulling it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_kit_actions import Done, Skip, Undo
from agent_kit_docker import Refusal, reference_path
from change import Change, gone, names_of, refused
from collect_images import names_of as references_of
from collect_images import repository_of
from moments import to_moment

if TYPE_CHECKING:
    from agent_kit_actions import Action


class RemoveImage(Change):
    def look(self, action: Action) -> list[str]:
        """The references that hold it, if all is as planned."""
        key, planned = action.target["id"], action.precondition
        told = self.engine.find("/images/%s/json" % key)
        if told is None:
            raise gone()
        if told.get("Id") != key:
            raise Skip("changed", "Docker knows another image by that id")
        tags, digests = references_of(told.get("RepoTags")), references_of(told.get("RepoDigests"))
        if tags != sorted(planned["tags"]):
            raise Skip("changed", "its tags have changed: %s" % (", ".join(tags) or "none"))
        tagged = to_moment((told.get("Metadata") or {}).get("LastTagTime"))
        if tagged is not None and tagged > action.read_at:
            raise Skip("changed", "it was tagged since the plan")
        users = [row for row in self.containers() if row.get("ImageID") == key]
        if users:
            raise Skip("in-use", "container %s uses it" % names_of(users))
        labels = (told.get("Config") or {}).get("Labels") or {}
        names = [*tags, *digests]
        self.refuse_protected([*names, *(repository_of(name) for name in names)], labels)
        return [*tags, *digests_alone(tags, digests)]

    def act(self, action: Action) -> Done:
        key, planned = action.target["id"], action.precondition
        references = self.look(action)
        self.engine.has_changed = True
        try:
            if len(references) <= 1:
                self.engine.change("DELETE", "/images/%s" % key)
            else:
                # Docker takes one name at a time, and what that name means is asked again each time.
                for reference in references:
                    self.remove_reference(reference, key)
        except Refusal as refusal:
            raise refused(refusal) from refusal
        finally:
            self.engine.put_on_record()
        if not planned["digests"]:
            return Done()
        target = {"id": key, "digests": planned["digests"]}
        return Done(undo=Undo("docker.image.restore", target, {"tags": planned["tags"]}))

    def remove_reference(self, reference: str, key: str) -> None:
        path = "/images/%s" % reference_path(reference)
        told = self.engine.find(path + "/json")
        if told is None or told.get("Id") != key:
            raise Skip("changed", "%s means another image now" % reference)
        self.engine.change("DELETE", path)


def digests_alone(tags: list[str], digests: list[str]) -> list[str]:
    """Those that do not go by themselves with the last tag of their repository."""
    repositories = {repository_of(tag) for tag in tags}
    alone = [one for one in digests if repository_of(one) not in repositories]
    # With no tag at all, one repository goes as a whole by the id.
    if not tags and len({repository_of(one) for one in alone}) == 1:
        return alone[:1]
    return alone


class RestoreImage(Change):
    """Undo of `RemoveImage`: pulls it by digest, so that it can be no other."""

    def look(self, action: Action) -> None:
        told = self.engine.find("/images/%s/json" % action.target["id"])
        if told is not None:
            missing = set(action.args["tags"]) - set(references_of(told.get("RepoTags")))
            if not missing:
                raise Skip("changed", "it is here already")

    def act(self, action: Action) -> Done:
        key = action.target["id"]
        try:
            if self.engine.find("/images/%s/json" % key) is None:
                self.pull(action)
            for tag in action.args["tags"]:
                self.tag(key, tag)
        finally:
            self.engine.put_on_record()
        return Done()

    def pull(self, action: Action) -> None:
        problems = []
        for digest in action.target["digests"]:
            try:
                said = self.engine.change("POST", "/images/create", timeout=1800, fromImage=digest)
            except Refusal as refusal:
                problems.append(str(refusal))
                continue
            error = error_in(said)
            if error is None and self.engine.find("/images/%s/json" % action.target["id"]) is not None:
                return
            problems.append(error or "its registry gave another image")
        raise Skip("not-possible", "it could not be pulled: %s" % problems[-1])

    def tag(self, key: str, reference: str) -> None:
        """Gives it a tag again, unless that means another image by now."""
        told = self.engine.find("/images/%s/json" % reference_path(reference))
        if told is None:
            repository = repository_of(reference)
            tag = reference[len(repository) + 1 :]
            self.engine.change("POST", "/images/%s/tag" % key, repo=repository, tag=tag)
        elif told.get("Id") != key:
            self.agent.log("%s means another image by now and was left as it is" % reference, "warn")


def error_in(said: Any) -> str | None:
    """Docker answers 200 and tells in the stream what went wrong."""
    for line in said if isinstance(said, list) else [said]:
        if isinstance(line, dict) and line.get("error"):
            return str(line["error"])[:300]
    return None
