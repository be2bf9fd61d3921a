"""Starting what a person approved: a self-test, a scrub, a check. Each reads its object again and believes
nothing of the plan; none of them changes data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_kit import NotSeen, clean
from agent_kit_actions import Done, Skip
from agent_kit_files import Files
from collect_arrays import collect_arrays
from collect_smart import ask, scan
from collect_zfs import LIST, STATUS, parse_pools
from orders import check_shape
from rules_pools import is_scanning

if TYPE_CHECKING:
    from agent_kit import Agent
    from agent_kit_actions import Action


class Start:
    """One kind of work to start. `look` reads the object again and skips what is not as planned."""

    def __init__(self, agent: Agent, root: str = "") -> None:
        self.agent, self.files = agent, Files(root)

    def check(self, action: Action) -> None:
        check_shape(action)
        if not self.agent.is_root:
            raise Skip("not-possible", "only root may start it")
        self.look(action)

    def look(self, action: Action) -> Any:
        raise NotImplementedError

    def run(self, *argv: str) -> None:
        ran = self.agent.run(argv, timeout=30)
        if not ran.ok:
            raise RuntimeError(clean((ran.err or ran.out).strip(), 300) or ran.note or "it was refused")


class StartSelfTest(Start):
    def look(self, action: Action) -> dict[str, Any]:
        """The drive with this serial number, wherever it is now: names of devices change with every start."""
        try:
            devices = scan(self.agent)
        except NotSeen as blind:
            raise Skip("not-possible", str(blind)) from blind
        drives = [ask(self.agent, device) for device in devices]
        drive = next((it for it in drives if it.get("serial") == action.target["serial"]), None)
        if drive is None:
            asleep = any(it["state"] == "standby" for it in drives)
            raise (
                Skip("changed", "it sleeps now")
                if asleep
                else Skip("gone", "no drive has that serial number")
            )
        if drive["dev"] != action.target["device"]:
            raise Skip("changed", "it is %s now" % drive["dev"])
        if drive["selftest_runs"]:
            raise Skip("in-use", "a self-test is running")
        if not drive["can_selftest"]:
            raise Skip("not-possible", "it cannot test itself")
        return drive

    def act(self, action: Action) -> Done:
        drive = self.look(action)
        kind = [] if drive["type"] in ("ata", "sat", "scsi", "nvme") else ["-d", drive["type"]]
        self.run("smartctl", "-t", action.args["kind"], *kind, drive["dev"])
        return Done()


class StartScrub(Start):
    def look(self, action: Action) -> dict[str, Any]:
        listed, status = self.agent.run(LIST, timeout=15), self.agent.run(STATUS, timeout=20)
        if not listed.ok or not status.ok:
            raise Skip("not-possible", "zpool does not answer")
        pools = parse_pools(listed.out, status.out)
        pool = next((it for it in pools if it["guid"] == action.target["guid"]), None)
        if pool is None:
            raise Skip("gone", "there is no such pool any more")
        if pool["name"] != action.target["pool"]:
            raise Skip("changed", "it has another name now")
        if pool["health"] != "ONLINE":
            raise Skip("changed", "it is %s now" % pool["health"])
        if is_scanning(pool):
            raise Skip("in-use", "a scrub or resilver is running")
        return pool

    def act(self, action: Action) -> Done:
        pool = self.look(action)
        self.run("zpool", "scrub", pool["name"])
        return Done()


class StartCheck(Start):
    def look(self, action: Action) -> dict[str, Any]:
        name, planned = action.target["array"], action.precondition
        array = next((it for it in collect_arrays(self.files) if it["name"] == name), None)
        if array is None:
            raise Skip("gone", "there is no such array any more")
        if array["level"] != planned["level"] or array["want"] != planned["members"]:
            raise Skip("changed", "it is another array than in the plan")
        if array["state"] != "active" or array["have"] != array["want"]:
            raise Skip("changed", "it has lost a disk")
        if array["op"] or array["action"] != "idle":
            raise Skip("in-use", "something is under way on it")
        return array

    def act(self, action: Action) -> Done:
        array = self.look(action)
        with open(
            self.files.at("/sys/block/%s/md/sync_action" % array["name"]), "w", encoding="ascii"
        ) as file:
            file.write("check\n")
        return Done()
