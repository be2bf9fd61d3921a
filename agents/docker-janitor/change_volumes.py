"""Removing a volume after its content was set aside, and bringing it back.

The content goes through Docker itself: through a container that is made for it and never started. So whoever
may use Docker needs no other right, and the files stay as they are, with their owners.
"""

from __future__ import annotations

import errno
import gzip
import os
import tarfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from agent_kit_actions import Done, Skip, Undo
from agent_kit_docker import NoAnswer, Refusal, quoted_path
from aside import Aside, aside_name
from change import HELPER, gone, names_of, refused
from change_containers import SetAside
from collect_volumes import is_anonymous
from moments import to_moment

if TYPE_CHECKING:
    from agent_kit import Agent
    from agent_kit_actions import Action

INSIDE = "/carl-aside"
PIECE = 1 << 20
GZIP = 31
# However long it takes to copy: the time limit of the run ends it.
COPY_S = 3600.0


class Content(NamedTuple):
    """What a copy of a volume holds."""

    octets: int
    files: int
    newest: float
    newest_name: str


class VolumeChange(SetAside):
    def __init__(self, agent: Agent) -> None:
        super().__init__(agent)
        self.is_swept = False

    def volume(self, name: str) -> dict[str, Any] | None:
        return self.engine.find("/volumes/%s" % quoted_path(name))

    def sweep(self) -> None:
        """Takes away what a run that was killed left behind: containers that only look, and half a copy."""
        if self.is_swept:
            return
        self.is_swept = True
        for row in self.engine.get("/containers/json", all=1):
            if HELPER in (row.get("Labels") or {}) and row.get("State") in ("created", "exited"):
                self.engine.change("DELETE", "/containers/%s" % row["Id"], v=0, force=0)
        for name, recipe in list(self.aside.entries()):
            volume = self.volume(str(recipe.get("volume"))) if recipe.get("what") == "volume" else None
            # It was copied, and then not removed: the copy is one too many.
            if volume is not None and volume.get("CreatedAt") == recipe.get("createdAt"):
                self.aside.forget(name)

    def helper(self, volume: str, mode: str) -> str:
        """A container with the volume in it, never started. Its id."""
        images = self.engine.get("/images/json")
        if not images:
            raise Skip("not-possible", "there is no image to look into it with")
        smallest = min(images, key=lambda image: image.get("Size") or 0)
        body = {
            "Image": smallest["Id"],
            "Entrypoint": ["/carl-looks-and-never-runs"],
            "Cmd": [],
            "Labels": {HELPER: "1"},
            "NetworkDisabled": True,
            "HostConfig": {
                # Nothing of the image shall get into an empty volume.
                "Binds": ["%s:%s:%s,nocopy" % (volume, INSIDE, mode)],
                "NetworkMode": "none",
            },
        }
        return str(self.engine.change("POST", "/containers/create", body)["Id"])

    def remove_helper(self, key: str) -> None:
        try:
            self.engine.change("DELETE", "/containers/%s" % key, v=0, force=0)
        except (Refusal, NoAnswer) as problem:
            # The next run takes it away.
            self.agent.log("a container that looked into a volume stays for now: %s" % problem, "warn")


class RemoveVolume(VolumeChange):
    def look(self, action: Action) -> dict[str, Any]:
        name, planned = action.target["name"], action.precondition
        told = self.volume(name)
        if told is None:
            raise gone()
        if told.get("Driver") != "local":
            raise Skip("not-possible", "its files are elsewhere, kept by %s" % told.get("Driver"))
        if str(told.get("CreatedAt") or "") != planned["createdAt"]:
            raise Skip("changed", "it was made anew since the plan")
        created = to_moment(told.get("CreatedAt"))
        if created is None or created > action.read_at:
            raise Skip("changed", "it was made since the plan")
        labels = told.get("Labels") or {}
        is_unnamed = is_anonymous(name, labels)
        if is_unnamed != planned["isAnonymous"]:
            raise Skip("changed", "it is not of the kind that was planned")
        if not is_unnamed and action.confirmed_name != name:
            raise Skip("not-possible", "a volume with a name goes only when its name was typed")
        users = [
            row
            for row in self.containers()
            if any(mount.get("Name") == name for mount in row.get("Mounts") or [])
        ]
        if users:
            raise Skip("in-use", "container %s has it" % names_of(users))
        project = labels.get("com.docker.compose.project")
        self.refuse_protected([name, *([project] if project else [])], labels)
        refuse_written(*newest_in(told.get("Mountpoint")), action.read_at)
        return told

    def act(self, action: Action) -> Done:
        name = action.target["name"]
        self.engine.has_changed = True
        try:
            self.sweep()
            told = self.look(action)
            if not action.args["aside"]:
                self.engine.change("DELETE", "/volumes/%s" % quoted_path(name))
                return Done()
            return self.set_aside(action, told)
        except Refusal as refusal:
            raise refused(refusal) from refusal
        finally:
            self.engine.put_on_record()

    def set_aside(self, action: Action, told: dict[str, Any]) -> Done:
        name, created_at = action.target["name"], action.precondition["createdAt"]
        aside, keep_days = aside_name(name, created_at), action.args["keepDays"]
        self.prepare()
        try:
            content = self.copy(name, aside, created_at)
            refuse_written(content.newest, content.newest_name, action.read_at)
            self.aside.write_recipe(
                aside,
                {
                    "what": "volume",
                    "volume": name,
                    "createdAt": created_at,
                    "keepDays": keep_days,
                    "labels": told.get("Labels") or {},
                    "options": told.get("Options") or {},
                    "octets": content.octets,
                    "files": content.files,
                },
            )
        except (Skip, Refusal, NoAnswer):
            self.aside.forget(aside)
            raise
        try:
            # No force: if somebody has it by now, Docker says so and it stays.
            self.engine.change("DELETE", "/volumes/%s" % quoted_path(name))
        except Refusal:
            self.aside.forget(aside)
            raise
        except NoAnswer:
            # It may have happened all the same. The copy stays as long as nobody knows; should it be one too
            # many, the next change takes it away.
            if self.volume(name) is not None:
                raise
        kept = self.aside.bytes_of(aside)
        undo = Undo(
            "docker.volume.restore", {"name": name, "asideName": aside}, bytes=kept, keep_days=keep_days
        )
        return Done(bytes_freed=max(0, content.octets - kept), undo=undo)

    def copy(self, name: str, aside: str, created_at: str) -> Content:
        helper = self.helper(name, "ro")
        try:
            now = self.volume(name)
            if now is None or now.get("CreatedAt") != created_at:
                raise Skip("changed", "it was made anew since the plan")
            # The dot: what is in the folder, not the folder.
            with self.engine.open(
                "/containers/%s/archive" % helper, timeout=60, path=INSIDE + "/."
            ) as archive:
                return keep(archive, self.aside, aside)
        except tarfile.TarError as error:
            raise NoAnswer("its content broke off: %s" % error) from error
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise Skip("no-room", "the disk is full") from error
        finally:
            self.remove_helper(helper)


class Tee:
    """Reads an archive and writes it away at the same time, as far as there is room."""

    def __init__(self, source: Any, file: BinaryIO, aside: Aside) -> None:
        self.source, self.file, self.aside = source, file, aside
        # Not `gzip.GzipFile`: that writes on when it is thrown away, also to a disk that is full.
        self.packer = zlib.compressobj(1, zlib.DEFLATED, GZIP)
        self.unchecked = PIECE

    def read(self, size: int) -> bytes:
        octets = self.source.read(min(size, 65536)) if size > 0 else b""
        self.file.write(self.packer.compress(octets))
        self.unchecked += len(octets)
        if self.unchecked >= PIECE:
            self.unchecked = 0
            # Of the room that is left, this file has its part already.
            if self.aside.room() < 2 * PIECE:
                raise Skip("no-room", "there is no room to set it aside: see aside_max_gb, and the disk")
        return octets

    def end(self) -> None:
        while self.read(65536):
            pass
        self.file.write(self.packer.flush())
        self.file.flush()
        os.fsync(self.file.fileno())


def keep(archive: Any, aside: Aside, name: str) -> Content:
    """Writes the archive away whole, or raises and leaves half of it to `Aside.forget`."""
    part = aside.path(name, ".tar.gz.part")
    octets, files, newest, newest_name = 0, 0, 0.0, ""
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as file:
        tee = Tee(archive, file, aside)
        # As a stream: what it says of paths and links is read, and nothing is unpacked here.
        with tarfile.open(fileobj=tee, mode="r|") as members:
            for member in members:
                octets += member.size
                files += 1
                if member.mtime > newest:
                    newest, newest_name = float(member.mtime), member.name
                members.members = []  # it would remember all of them
        tee.end()
    os.replace(part, aside.path(name, ".tar.gz"))
    return Content(octets, files, newest, newest_name)


def newest_in(folder: Any) -> tuple[float, str]:
    """When something in there was written last, as far as this user may look; 0 where it may not."""
    newest, name = 0.0, ""
    if not isinstance(folder, str) or not os.path.isabs(folder):
        return newest, name
    for parent, _, files in os.walk(folder):
        for path in [parent, *(os.path.join(parent, file) for file in files)]:
            try:
                at = os.lstat(path).st_mtime
            except OSError:
                continue
            if at > newest:
                newest, name = at, os.path.relpath(path, folder)
    return newest, name


def refuse_written(newest: float, name: str, read_at: float) -> None:
    if newest > read_at:
        raise Skip("changed", "it was written since the plan: %s" % name)


class RestoreVolume(VolumeChange):
    """Undo of `RemoveVolume`."""

    def look(self, action: Action) -> dict[str, Any]:
        target = action.target
        recipe = self.aside.recipe(target["asideName"])
        if recipe is None or recipe.get("volume") != target["name"]:
            raise gone()
        if not os.path.exists(self.aside.path(target["asideName"], ".tar.gz")):
            raise gone()
        there = self.volume(target["name"])
        if there is not None and not is_half_restored(there, recipe):
            raise Skip("in-use", "there is a volume %s again" % target["name"])
        return recipe

    def act(self, action: Action) -> Done:
        name, aside = action.target["name"], action.target["asideName"]
        self.engine.has_changed = True
        try:
            self.sweep()
            recipe = self.look(action)
            if self.volume(name) is not None:
                self.engine.change("DELETE", "/volumes/%s" % quoted_path(name))
            self.fill(name, aside, recipe)
        except Refusal as refusal:
            raise refused(refusal) from refusal
        finally:
            self.engine.put_on_record()
        self.aside.forget(aside)
        return Done()

    def fill(self, name: str, aside: str, recipe: dict[str, Any]) -> None:
        body = {
            "Name": name,
            "Driver": "local",
            "Labels": recipe["labels"],
            "DriverOpts": recipe["options"],
        }
        made = self.engine.change("POST", "/volumes/create", body)
        # Should this run be killed before all is in it, the next one knows that volume for a half.
        self.aside.write_recipe(aside, {**recipe, "restoringInto": made.get("CreatedAt")})
        helper = self.helper(name, "rw")
        try:
            with gzip.open(self.aside.path(aside, ".tar.gz"), "rb") as content:
                self.engine.send("/containers/%s/archive" % helper, content, timeout=COPY_S, path=INSIDE)
        except (Refusal, NoAnswer, OSError, EOFError):
            self.remove_helper(helper)
            self.engine.change("DELETE", "/volumes/%s" % quoted_path(name))
            raise
        self.remove_helper(helper)


def is_half_restored(volume: dict[str, Any], recipe: dict[str, Any]) -> bool:
    made = recipe.get("restoringInto")
    return made is not None and volume.get("CreatedAt") == made
