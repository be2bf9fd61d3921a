"""Setting a container aside or removing it, and bringing it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_kit_actions import Done, Skip, Undo
from agent_kit_docker import Refusal, quoted_path
from aside import Aside, aside_name, folder_of
from change import Change, gone, refused

if TYPE_CHECKING:
    from agent_kit import Agent
    from agent_kit_actions import Action


class SetAside(Change):
    """A change that needs the folder of what was set aside."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(agent)
        options = agent.options
        self.aside = Aside(folder_of(options["aside_dir"], agent.is_root), options["aside_max_gb"])

    def prepare(self) -> None:
        try:
            self.aside.prepare()
        except OSError as error:
            raise Skip("not-possible", "nothing can be set aside: %s" % (error.strerror or error)) from error

    def container(self, name_or_id: str) -> dict[str, Any] | None:
        return self.engine.find("/containers/%s/json" % quoted_path(name_or_id))


class RemoveContainer(SetAside):
    def look(self, action: Action) -> dict[str, Any]:
        target, planned = action.target, action.precondition
        told = self.container(target["id"])
        if told is None:
            raise gone()
        state = told["State"]
        if told["Id"] != target["id"]:
            raise Skip("changed", "Docker knows another container by that id")
        if state.get("Running") or state.get("Restarting") or state.get("Paused"):
            raise Skip("in-use", "it runs")
        if told["Name"].lstrip("/") != target["name"]:
            raise Skip("changed", "it has another name by now")
        if state.get("Status") != planned["state"] or str(state.get("FinishedAt")) != planned["finishedAt"]:
            raise Skip("changed", "it ran since the plan")
        if told["Image"] != planned["image"]:
            raise Skip("changed", "it is of another image by now")
        labels = (told.get("Config") or {}).get("Labels") or {}
        project = labels.get("com.docker.compose.project")
        self.refuse_protected([target["name"], *([project] if project else [])], labels)
        return told

    def act(self, action: Action) -> Done:
        told = self.look(action)
        self.engine.has_changed = True
        try:
            if action.args["aside"]:
                return self.set_aside(action, told)
            self.engine.change("DELETE", "/containers/%s" % action.target["id"], v=0, force=0)
            return Done()
        except Refusal as refusal:
            raise refused(refusal) from refusal
        finally:
            self.engine.put_on_record()

    def set_aside(self, action: Action, told: dict[str, Any]) -> Done:
        key, name = action.target["id"], action.target["name"]
        aside = aside_name(name, key)
        keep_days = action.args["keepDays"]
        self.prepare()
        self.aside.write_recipe(
            aside, {"what": "container", "id": key, "name": name, "keepDays": keep_days, **to_recipe(told)}
        )
        policy = (told["HostConfig"].get("RestartPolicy") or {}).get("Name") or "no"
        if policy != "no":
            # Or Docker would start it with its next start, under a strange name.
            self.engine.change("POST", "/containers/%s/update" % key, {"RestartPolicy": {"Name": "no"}})
        self.engine.change("POST", "/containers/%s/rename" % key, name=aside)
        target = {"id": key, "name": name, "asideName": aside}
        return Done(bytes_freed=0, undo=Undo("docker.container.restore", target, keep_days=keep_days))


def to_recipe(told: dict[str, Any]) -> dict[str, Any]:
    """What makes such a container anew: its settings, and the volumes that only it knew."""
    config, host = dict(told["Config"]), dict(told["HostConfig"])
    if config.get("Hostname") == told["Id"][:12]:
        config.pop("Hostname")
    bound = [str(bind).split(":")[1] for bind in host.get("Binds") or [] if ":" in str(bind)]
    bound += [mount.get("Target") for mount in host.get("Mounts") or []]
    unnamed = [
        "%s:%s" % (mount["Name"], mount["Destination"])
        for mount in told.get("Mounts") or []
        if mount.get("Type") == "volume" and mount.get("Destination") not in bound
    ]
    host["Binds"] = [*(host.get("Binds") or []), *unnamed]
    networks = (told.get("NetworkSettings") or {}).get("Networks") or {}
    kept = ("Aliases", "IPAMConfig", "Links", "DriverOpts")
    endpoints = {
        name: {key: about[key] for key in kept if about.get(key)} for name, about in networks.items()
    }
    return {"config": config, "host": host, "endpoints": endpoints, "image": told["Image"]}


class RestoreContainer(SetAside):
    """Undo of `RemoveContainer`: its old name again, or made anew from its recipe."""

    def look(self, action: Action) -> dict[str, Any] | None:
        """What was set aside, or None where only the recipe is left."""
        target = action.target
        there = self.container(target["id"])
        if there is not None and there["Name"].lstrip("/") == target["name"]:
            raise Skip("changed", "it is back already")
        if self.container(target["name"]) is not None:
            raise Skip("in-use", "there is a container %s again" % target["name"])
        if there is not None and there["Name"].lstrip("/") == target["asideName"]:
            return there
        recipe = self.aside.recipe(target["asideName"])
        if recipe is None or recipe.get("id") != target["id"]:
            raise gone()
        if self.engine.find("/images/%s/json" % recipe["image"]) is None:
            raise Skip("not-possible", "its image is gone: bring that back first")
        return None

    def act(self, action: Action) -> Done:
        target = action.target
        there = self.look(action)
        recipe = self.aside.recipe(target["asideName"])
        self.engine.has_changed = True
        try:
            if there is None:
                self.make_anew(target["name"], recipe or {})
            else:
                self.rename_back(target, recipe)
        except Refusal as refusal:
            raise refused(refusal) from refusal
        finally:
            self.engine.put_on_record()
        self.aside.forget(target["asideName"])
        return Done()

    def rename_back(self, target: dict[str, Any], recipe: dict[str, Any] | None) -> None:
        self.engine.change("POST", "/containers/%s/rename" % target["id"], name=target["name"])
        policy = ((recipe or {}).get("host") or {}).get("RestartPolicy") or {}
        if policy.get("Name") not in (None, "", "no"):
            self.engine.change("POST", "/containers/%s/update" % target["id"], {"RestartPolicy": policy})

    def make_anew(self, name: str, recipe: dict[str, Any]) -> None:
        body = {
            **recipe["config"],
            "Image": recipe["image"],
            "HostConfig": recipe["host"],
            "NetworkingConfig": {"EndpointsConfig": recipe["endpoints"]},
        }
        self.engine.change("POST", "/containers/create", body, name=name)


class DiscardAside(SetAside):
    """The end of what was set aside."""

    def look(self, action: Action) -> dict[str, Any] | None:
        """The container, or None for a volume."""
        name, identity = action.target["asideName"], action.precondition["identity"]
        recipe = self.aside.recipe(name)
        if action.target["what"] == "volume":
            if recipe is None or recipe.get("what") != "volume":
                raise gone()
            if recipe.get("createdAt") != identity:
                raise Skip("changed", "another volume was set aside under that name")
            return None
        told = self.container(name)
        if told is None:
            if recipe is None:
                raise gone()
            return None  # somebody removed it; the recipe is left to forget
        if told["Id"] != identity or told["Name"].lstrip("/") != name:
            raise Skip("changed", "another container has that name")
        if told["State"].get("Running") or told["State"].get("Restarting"):
            raise Skip("in-use", "it runs")
        return told

    def act(self, action: Action) -> Done:
        told, name = self.look(action), action.target["asideName"]
        self.engine.has_changed = True
        octets = self.aside.bytes_of(name)
        try:
            if told is not None:
                self.engine.change("DELETE", "/containers/%s" % told["Id"], v=0, force=0)
        except Refusal as refusal:
            raise refused(refusal) from refusal
        finally:
            self.engine.put_on_record()
        self.aside.forget(name)
        return Done(bytes_freed=octets)
