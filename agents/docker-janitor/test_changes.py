"""What must be impossible, what happens when something changed since the plan, and how it is taken back.

The engine is a stand-in, so that each moment can be chosen; `test_seeded_faults` does the same on a real one.
"""

from __future__ import annotations

import os
import time

import testing
from given import results
from test_given import DAY, HERE, Docker, told_until_killed, undone
from test_stand_in_docker import hex_id, iso

ANONYMOUS = "f" * 64


class Cleaning(Docker):
    """A node with one of everything that may go."""

    def setUp(self):
        super().setUp()
        world = self.world
        self.kept = world.image("kept", "app:2", created=time.time() - 80 * DAY)
        self.old = world.image("old", "app:1", digests=["app@sha256:" + hex_id("digest")])
        self.dangling = world.image("dangling")
        self.running = world.container("web", self.kept)
        self.stopped = world.container("old-job", self.kept, "exited", finished=time.time() - 40 * DAY)
        world.volume(ANONYMOUS)
        world.volume("data")
        world.cache += [
            {"ID": "parent1", "Size": 70, "LastUsedAt": iso(time.time() - 40 * DAY)},
            {"ID": "child1", "Parent": "parent1", "Size": 30, "LastUsedAt": iso(time.time() - 40 * DAY)},
            {"ID": "fresh1", "Size": 30, "LastUsedAt": iso(time.time())},
        ]

    def plan(self, *kinds, **options):
        actions = super().plan(**{"keep_last": 1, **options})
        return [it for it in actions if not kinds or it["order"]["type"] in kinds]

    def image(self):
        (found,) = [it for it in self.plan() if it["order"]["target"].get("id") == self.old]
        return found

    def apply(self, actions, **given):
        outcome = super().apply(actions, **given)
        # Never, whatever happens.
        for line in self.world.changes():
            self.assertNotRegex(line, r"force=(1|true)|noprune|v=(1|true)|/(images|volumes|containers)/prune")
            if "/build/prune" in line:
                self.assertRegex(line, r"filters=%7B%22id%22%3A\+%5B%22[a-z0-9]+%22%5D%7D$")
        return outcome


class PlanTest(Cleaning):
    def test_what_is_proposed_and_what_never(self):
        orders = [it["order"] for it in self.plan()]
        self.assertEqual(
            [(it["type"], next(iter(it["target"].values()))) for it in orders],
            [
                ("docker.image.remove", self.dangling),
                ("docker.image.remove", self.old),
                ("docker.buildcache.prune", ["child1", "parent1"]),
                ("docker.container.remove", self.stopped),
                ("docker.volume.remove", ANONYMOUS),
            ],
        )
        # Named volumes only where they were asked for.
        (named,) = [
            it
            for it in self.plan("docker.volume.remove", include_named_volumes=True)
            if it["order"]["target"]["name"] == "data"
        ]
        self.assertFalse(named["order"]["precondition"]["isAnonymous"])

    def test_looking_changes_nothing(self):
        self.plan()
        self.perform()
        self.assertEqual(self.world.changes(), [])
        self.assertFalse(os.path.exists(self.folder + "/aside"))

    def test_a_volume_that_is_too_large_to_keep_goes_for_good_and_the_plan_says_so(self):
        self.world.volumes[ANONYMOUS]["Size"] = 6 << 30
        (volume,) = self.plan("docker.volume.remove")
        self.assertFalse(volume["order"]["args"]["aside"])
        self.assertIn("for good", volume["title"])

    def test_containers_of_a_stack_or_that_start_by_themselves_are_not_proposed(self):
        old = {"finished": time.time() - 40 * DAY}
        labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
        self.world.container("of-a-stack", self.kept, "exited", labels=labels, **old)
        self.world.container("always", self.kept, "exited", policy="unless-stopped", **old)
        self.world.container("protected", self.kept, "exited", labels={"carl.keep": "1"}, **old)
        found = self.plan("docker.container.remove")
        self.assertEqual([it["order"]["target"]["name"] for it in found], ["old-job"])

    def test_names_that_are_none_are_not_proposed(self):
        for name in ("a/../b", "x y", "a\nb", "$(reboot)", "-rf"):
            self.world.volume(name, labels={"com.docker.volume.anonymous": ""})
            self.world.container(name, self.kept, "exited", finished=time.time() - 40 * DAY)
        self.assertEqual(len(self.plan("docker.volume.remove")), 1)
        self.assertEqual(len(self.plan("docker.container.remove")), 1)


class AppliedTest(Cleaning):
    def test_all_of_it_as_planned(self):
        actions = self.plan()
        outcome = self.apply(actions)
        self.assertEqual(outcome.code, 0, outcome.err)
        self.assertEqual(results(outcome), [("done", None)] * 5, outcome.events)
        world = self.world
        self.assertEqual(set(world.images), {self.kept})
        self.assertEqual([record["ID"] for record in world.cache], ["fresh1"])
        self.assertEqual(set(world.volumes), {"data"})
        # The container is there still, under another name; of what looked into the volume nothing is left.
        names = [one["Name"] for one in world.containers.values()]
        self.assertEqual(names, ["/web", "/carl-aside-old-job-" + self.stopped[:20]])
        # A second time nothing of it is done, and nothing breaks.
        again = results(self.apply(actions))
        self.assertEqual({state for state, _ in again}, {"skipped"})
        self.assertEqual([reason for _, reason in again], ["gone", "gone", "gone", "changed", "gone"])
        # And the next plan has nothing to propose.
        self.assertEqual(self.plan(), [])

    def test_a_dry_run_says_what_it_would_do_and_does_nothing(self):
        outcome = self.apply(self.plan(), dry_run=True)
        self.assertEqual(results(outcome), [("would-run", None)] * 5)
        self.assertEqual(self.world.changes(), [])
        self.assertFalse(os.path.exists(self.folder + "/aside"))

    def test_each_change_is_on_record_and_said_before_and_after(self):
        outcome = self.apply(self.plan("docker.image.remove"))
        kinds = [
            event["result"]["state"] if event["kind"] == "action_result" else event["argv"][1]
            for event in outcome.events
            if event["kind"] == "action_result" or (event["kind"] == "exec" and event["argv"][1] != "GET")
        ]
        self.assertEqual(kinds, ["started", "DELETE", "done"] * 2)

    def test_an_image_with_several_tags_goes_tag_by_tag(self):
        both = self.world.image("both", "lib:1", "mirror/lib:1")
        action = [it for it in self.plan(keep_last=0) if it["order"]["target"].get("id") == both]
        self.assertEqual(results(self.apply(action)), [("done", None)])
        self.assertEqual(
            [line.split("?")[0] for line in self.world.changes()],
            ["DELETE /images/lib:1", "DELETE /images/mirror/lib:1"],
        )
        self.assertNotIn(both, self.world.images)


class ChangedSinceTest(Cleaning):
    """Between plan and apply the world goes on."""

    def skipped(self, action, reason, **given):
        before = list(self.world.changes())
        outcome = self.apply([action], **given)
        self.assertEqual(results(outcome), [("skipped", reason)])
        self.assertEqual(outcome.code, 0)
        return [line for line in self.world.changes() if line not in before]

    def test_the_image_is_used_again(self):
        action = self.image()
        for state in ("running", "exited", "created"):
            with self.subTest(state=state):
                key = self.world.container("late", self.old, state)
                self.assertEqual(self.skipped(action, "in-use"), [])
                del self.world.containers[key]

    def test_the_image_comes_into_use_in_the_last_moment_and_docker_refuses(self):
        action = self.image()
        line = "DELETE /images/%s" % self.old
        self.world.before[line] = lambda: self.world.container("late", self.old)
        self.assertEqual(len(self.skipped(action, "in-use")), 1)
        self.assertIn(self.old, self.world.images)

    def test_the_tags_of_the_image_have_changed(self):
        action = self.image()
        told = self.world.images[self.old]["told"]
        for tags in (["app:1", "app:stable"], [], ["app:3"]):
            with self.subTest(tags=tags):
                told["RepoTags"] = tags
                self.assertEqual(self.skipped(action, "changed"), [])

    def test_the_image_was_tagged_again_with_the_same_name(self):
        action = self.image()
        self.world.images[self.old]["told"]["Metadata"] = {"LastTagTime": iso(time.time() + 1)}
        self.assertEqual(self.skipped(action, "changed"), [])

    def test_a_tag_moves_while_one_after_the_other_is_removed(self):
        both = self.world.image("both", "lib:1", "mirror/lib:1")
        (action,) = [it for it in self.plan(keep_last=0) if it["order"]["target"].get("id") == both]

        def move():
            self.world.images[both]["row"]["RepoTags"].remove("mirror/lib:1")
            self.world.image("newer", "mirror/lib:1")

        self.world.before["GET /images/mirror/lib:1/json"] = move
        self.skipped(action, "changed")
        self.assertIn("sha256:" + hex_id("newer"), self.world.images)

    def test_it_is_protected_by_now(self):
        action = self.image()
        self.assertEqual(self.skipped(action, "protected", protect=["app:*"]), [])
        self.world.images[self.old]["told"]["Config"] = {"Labels": {"carl.keep": ""}}
        self.assertEqual(self.skipped(action, "protected"), [])

    def test_the_container_runs_ran_again_or_is_another(self):
        (action,) = self.plan("docker.container.remove")
        one = self.world.containers[self.stopped]
        state = dict(one["State"])
        cases = [
            ({"Running": True, "Status": "running"}, "in-use"),
            ({"Restarting": True}, "in-use"),
            ({"FinishedAt": iso(time.time())}, "changed"),
            ({"Status": "dead"}, "changed"),
        ]
        for now, reason in cases:
            with self.subTest(now=now):
                one["State"] = {**state, **now}
                self.assertEqual(self.skipped(action, reason), [])
        one["State"] = state
        one["Name"] = "/renamed"
        self.assertEqual(self.skipped(action, "changed"), [])
        # A new one under the old name is not touched.
        del self.world.containers[self.stopped]
        other = self.world.container("old-job", self.kept, "exited")
        self.world.containers["9" * 64] = {**self.world.containers.pop(other), "Id": "9" * 64}
        self.assertEqual(self.skipped(action, "gone"), [])

    def test_the_volume_is_held_again_or_was_made_anew(self):
        (action,) = self.plan("docker.volume.remove")
        for state in ("running", "exited", "created"):
            with self.subTest(state=state):
                key = self.world.container("late", self.kept, state, volumes={ANONYMOUS: "/data"})
                self.assertEqual(self.skipped(action, "in-use"), [])
                del self.world.containers[key]
        self.world.volumes[ANONYMOUS]["CreatedAt"] = "2026-01-02T03:04:06Z"
        self.assertEqual(self.skipped(action, "changed"), [])

    def test_the_volume_was_written_since_the_plan(self):
        (action,) = self.plan("docker.volume.remove")
        self.world.files[ANONYMOUS]["b.txt"] = (b"new", time.time() + 5)
        self.skipped(action, "changed")
        self.assertIn(ANONYMOUS, self.world.volumes)
        self.assertEqual(self.left_over(), [])

    def test_the_volume_comes_into_use_in_the_last_moment_and_docker_refuses(self):
        (action,) = self.plan("docker.volume.remove")
        self.world.before["DELETE /volumes/%s" % ANONYMOUS] = lambda: self.world.container(
            "late", self.kept, volumes={ANONYMOUS: "/data"}
        )
        self.skipped(action, "in-use")
        self.assertEqual(self.left_over(), [])

    def test_the_cache_was_used_since_the_plan(self):
        (action,) = self.plan("docker.buildcache.prune")
        for record in self.world.cache:
            record["LastUsedAt"] = iso(time.time() + 1)
        self.assertEqual(self.skipped(action, "changed"), [])
        for record in self.world.cache:
            record.update(LastUsedAt=iso(time.time() - 99), InUse=True)
        self.assertEqual(self.skipped(action, "changed"), [])

    def left_over(self):
        folder = self.folder + "/aside"
        helpers = [
            one for one in self.world.containers.values() if "carl.aside.helper" in one["Config"]["Labels"]
        ]
        return [*(os.listdir(folder) if os.path.exists(folder) else []), *helpers]


class ImpossibleTest(Cleaning):
    """Orders that no plan holds, as if the server had been taken over."""

    forged = 0

    def order(self, kind, target, precondition=None, args=None):
        order = {"type": kind, "target": target, "precondition": precondition or {}, "args": args or {}}
        self.forged += 1
        return {"aid": "forged-%d" % self.forged, "order": order, "readAt": time.time()}

    def test_shapes_that_are_none(self):
        tags = {"tags": ["app:1"], "digests": []}
        aside = {"aside": True, "keepDays": 7}
        state = {"state": "exited", "finishedAt": "2026-01-01T00:00:00Z", "image": self.kept}
        volume = {"createdAt": "2026-01-02T03:04:05Z", "driver": "local", "isAnonymous": False}
        remove = "docker.container.remove"
        cases = [
            ("docker.image.remove", {"id": self.old[:19]}, tags, {}),
            ("docker.image.remove", {"id": "app:1"}, tags, {}),
            ("docker.image.remove", {"id": "app:*"}, tags, {}),
            ("docker.image.remove", {"id": "../containers/%s?force=1" % self.running}, tags, {}),
            ("docker.image.remove", {"id": self.old + "?force=1"}, tags, {}),
            ("docker.image.remove", {"id": self.old, "force": True}, tags, {}),
            ("docker.image.remove", {"id": self.old}, {**tags, "force": True}, {}),
            ("docker.image.remove", {"id": self.old}, tags, {"force": True}),
            ("docker.image.remove", {"id": [self.old]}, tags, {}),
            (remove, {"id": self.stopped[:12], "name": "old-job"}, state, aside),
            (remove, {"id": self.stopped, "name": "old-job; reboot"}, state, aside),
            (remove, {"id": self.stopped, "name": "old-job"}, {**state, "state": "running"}, aside),
            (remove, {"id": self.stopped, "name": "old-job"}, state, {**aside, "keepDays": 0}),
            (remove, {"id": self.stopped, "name": "old-job"}, state, {**aside, "keepDays": True}),
            (remove, {"id": self.stopped, "name": "old-job"}, state, {"aside": 1, "keepDays": 7}),
            ("docker.volume.remove", {"name": "../../etc"}, volume, aside),
            ("docker.volume.remove", {"name": "data/../../etc"}, volume, aside),
            ("docker.volume.remove", {"name": ""}, volume, aside),
            ("docker.volume.remove", {"name": "data"}, {**volume, "driver": "nfs"}, aside),
            ("docker.buildcache.prune", {"ids": []}, {}, {}),
            ("docker.buildcache.prune", {"ids": ["parent1", "*"]}, {}, {}),
            ("docker.buildcache.prune", {"all": True}, {}, {}),
            ("docker.image.restore", {"id": self.old, "digests": ["x/../../y"]}, {}, {"tags": []}),
            ("docker.container.restore", {"id": self.stopped, "name": "x", "asideName": "web"}, {}, {}),
            ("docker.volume.restore", {"name": "data", "asideName": "carl-aside-../../x"}, {}, {}),
            (
                "docker.aside.discard",
                {"what": "container", "asideName": "web"},
                {"identity": self.running},
                {},
            ),
            ("docker.aside.discard", {"what": "container", "asideName": self.running}, {"identity": "1"}, {}),
        ]
        orders = [self.order(kind, target, precondition, args) for kind, target, precondition, args in cases]
        outcome = self.apply(orders, names={it["aid"]: "data" for it in orders})
        for order, became in zip(orders, results(outcome)):
            with self.subTest(order=order["order"]):
                self.assertEqual(became, ("skipped", "not-possible"))
        self.assertEqual(len(results(outcome)), len(orders))
        self.assertEqual(self.world.changes(), [])

    def test_well_formed_orders_for_what_is_in_use(self):
        state = {"state": "exited", "finishedAt": "0001-01-01T00:00:00Z", "image": self.kept}
        aside = {"aside": False, "keepDays": 7}
        orders = [
            self.order("docker.image.remove", {"id": self.kept}, {"tags": ["app:2"], "digests": []}),
            self.order("docker.container.remove", {"id": self.running, "name": "web"}, state, aside),
        ]
        outcome = self.apply(orders)
        self.assertEqual(results(outcome), [("skipped", "in-use")] * 2)
        self.assertEqual(self.world.changes(), [])

    def test_a_named_volume_goes_only_with_its_name_typed(self):
        (action,) = [
            it
            for it in self.plan("docker.volume.remove", include_named_volumes=True)
            if it["order"]["target"]["name"] == "data"
        ]
        # Also for one that calls it unnamed.
        lie = {**action, "order": {**action["order"], "precondition": {**action["order"]["precondition"]}}}
        lie["order"]["precondition"]["isAnonymous"] = True
        cases = [
            (action, None, ("skipped", "not-possible")),
            (action, "Data", ("skipped", "not-possible")),
            (action, "data ", ("skipped", "not-possible")),
            (lie, None, ("skipped", "changed")),
            (action, "data", ("done", None)),
        ]
        for order, typed, became in cases:
            with self.subTest(typed=typed):
                names = {order["aid"]: typed} if typed else {}
                self.assertEqual(results(self.apply([order], names=names)), [became])

    def test_nothing_happens_where_it_was_not_approved_for_this_run(self):
        actions = self.plan()
        cases = [
            {"nodeId": "another"},
            {"bundleSha256": "1" * 64},
            {"expiresAt": time.time() - 1},
            {"v": 2},
            {"kind": "shell.run"},
        ]
        for wrong in cases:
            with self.subTest(**wrong):
                approval = approval_with(actions, **wrong)
                outcome = testing.run_agent(HERE, self.config("apply", None, {}, approval=approval))
                self.assertEqual((outcome.code, results(outcome)), (1, []))
        # And where it is not the text that was approved.
        approval = testing.approval_of(actions)
        approval["text"] = approval["text"].replace(self.old, self.kept)
        outcome = testing.run_agent(HERE, self.config("apply", None, {}, approval=approval))
        self.assertEqual((outcome.code, results(outcome)), (1, []))
        self.assertEqual(self.world.changes(), [])


def approval_with(actions, kind=None, **wrong):
    """An approval with something wrong; `kind` is what the first action is said to be."""
    if kind:
        first = actions[0]
        actions = [{**first, "order": {**first["order"], "type": kind}}, *actions[1:]]
    return testing.approval_of(actions, **wrong)


class BackAgainTest(Cleaning):
    """What was set aside comes back."""

    def test_a_container_has_its_name_again(self):
        before = dict(self.world.containers[self.stopped])
        outcome = self.apply(self.plan("docker.container.remove"))
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertEqual(self.world.containers[self.stopped], before)
        self.assertEqual(os.listdir(self.folder + "/aside"), [])
        self.assertEqual(results(self.apply(undone(outcome))), [("skipped", "changed")])

    def test_a_container_that_somebody_removed_is_made_anew_from_its_recipe(self):
        self.world.containers[self.stopped]["Config"]["Env"] = ["SECRET=x"]
        outcome = self.apply(self.plan("docker.container.remove"))
        del self.world.containers[self.stopped]
        # The recipe may hold secrets: it is for its owner alone, and nothing of it was told.
        (file,) = os.listdir(self.folder + "/aside")
        for path in (self.folder + "/aside", self.folder + "/aside/" + file):
            self.assertEqual(os.stat(path).st_mode & 0o077, 0)
        self.assertNotIn("SECRET", str(outcome.events))
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertIn("/old-job", [one["Name"] for one in self.world.containers.values()])

    def test_a_container_whose_name_is_taken_stays_aside(self):
        outcome = self.apply(self.plan("docker.container.remove"))
        self.world.containers["8" * 64] = {
            **self.world.containers[self.running],
            "Name": "/old-job",
            "Id": "8" * 64,
        }
        self.assertEqual(results(self.apply(undone(outcome))), [("skipped", "in-use")])

    def test_a_volume_comes_back_with_all_that_was_in_it(self):
        files = {
            "a.txt": (b"a" * 5000, 1_700_000_000.0),
            "odd \u202e name\n": (os.urandom(70_000), 1_600_000_000.0),
        }
        self.world.files[ANONYMOUS] = dict(files)
        outcome = self.apply(self.plan("docker.volume.remove"))
        (told,) = [event["result"] for event in outcome.of("action_result") if event["result"]["undo"]]
        self.assertGreater(told["undo"]["bytes"], 70_000)
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertEqual(self.world.files[ANONYMOUS], files)
        self.assertEqual(os.listdir(self.folder + "/aside"), [])
        self.assertEqual(len(self.world.containers), 2)

    def test_a_volume_whose_name_is_taken_stays_aside(self):
        outcome = self.apply(self.plan("docker.volume.remove"))
        self.world.volume(ANONYMOUS, created=iso(time.time()))
        self.assertEqual(results(self.apply(undone(outcome))), [("skipped", "in-use")])

    def test_an_image_is_pulled_by_its_digest_and_gets_its_tags(self):
        outcome = self.apply([self.image()])
        self.assertNotIn(self.old, self.world.images)
        pulled = self.world.answers
        line = "POST /images/create"
        pulled[line] = (200, [{"status": "Pulling"}, {"error": "toomanyrequests"}])
        self.assertEqual(results(self.apply(undone(outcome))), [("skipped", "not-possible")])
        pulled[line] = (200, {"status": "Pulled"})
        self.world.before[line] = lambda: self.world.image("old", digests=["app@sha256:" + hex_id("digest")])
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertEqual(self.world.images[self.old]["row"]["RepoTags"], ["app:1"])
        asked = [it for it in self.world.asked if line in it]
        self.assertIn("fromImage=app%%40sha256%%3A%s" % hex_id("digest"), asked[-1])

    def test_the_trash_is_emptied_when_its_time_is_over(self):
        self.apply(self.plan("docker.container.remove", "docker.volume.remove"))
        entries = self.perform().data["aside"]
        self.assertEqual(
            [(it["what"], it["was"]) for it in entries], [("volume", ANONYMOUS), ("container", "old-job")]
        )
        self.assertEqual(self.plan("docker.aside.discard"), [])
        for name in os.listdir(self.folder + "/aside"):
            if name.endswith(".json"):
                self.age(self.folder + "/aside/" + name)
        actions = self.plan("docker.aside.discard")
        self.assertEqual(results(self.apply(actions)), [("done", None)] * 2)
        self.assertEqual(os.listdir(self.folder + "/aside"), [])
        self.assertNotIn(self.stopped, self.world.containers)

    def age(self, path):
        import json

        with open(path, encoding="utf-8") as file:
            recipe = json.load(file)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**recipe, "at": recipe["at"] - 8 * DAY}, file)

    def test_another_container_under_the_name_of_one_set_aside_is_not_discarded(self):
        outcome = self.apply(self.plan("docker.container.remove"))
        (undo,) = undone(outcome)
        name = undo["order"]["target"]["asideName"]
        self.world.containers["7" * 64] = {**self.world.containers.pop(self.stopped), "Id": "7" * 64}
        order = {
            "type": "docker.aside.discard",
            "target": {"what": "container", "asideName": name},
            "args": {},
            "precondition": {"identity": self.stopped},
        }
        discard = {"aid": "discard", "order": order, "readAt": time.time()}
        self.assertEqual(results(self.apply([discard])), [("skipped", "changed")])


class NoRoomTest(Cleaning):
    def test_what_does_not_fit_into_the_budget_stays(self):
        self.world.files[ANONYMOUS] = {"big": (os.urandom(4 << 20), 1_700_000_000.0)}
        actions = self.plan("docker.volume.remove")
        outcome = self.apply(actions, aside_max_gb=0.001)
        self.assertEqual(results(outcome), [("skipped", "no-room")])
        self.assertIn(ANONYMOUS, self.world.volumes)
        self.assertEqual(os.listdir(self.folder + "/aside"), [])
        self.assertEqual(len(self.world.containers), 2)

    def test_a_folder_that_others_may_enter_is_not_used(self):
        os.mkdir(self.folder + "/aside", 0o755)
        os.chmod(self.folder + "/aside", 0o755)
        outcome = self.apply(self.plan("docker.volume.remove", "docker.container.remove"))
        self.assertEqual(results(outcome), [("skipped", "not-possible")] * 2)

    def test_a_copy_that_breaks_off_is_none(self):
        actions = self.plan("docker.volume.remove")
        world = self.world

        def cut(*_):
            import test_stand_in_docker as stand_in

            (helper,) = [one for one in world.containers.values() if one["Name"].startswith("/made-")]
            whole = stand_in.archive(world, {}, b"", helper["Id"])
            world.answers["GET /containers/%s/archive" % helper["Id"]] = (200, whole[:700])

        helper = hex_id("container made-%d" % len(world.containers))
        world.before["GET /containers/%s/archive" % helper] = cut
        outcome = self.apply(actions)
        self.assertEqual(results(outcome)[0][0], "failed")
        self.assertIn(ANONYMOUS, world.volumes)
        self.assertEqual(os.listdir(self.folder + "/aside"), [])


class KilledTest(Cleaning):
    """Killed between two actions, or in the middle of one: what was said is what happened, nothing twice."""

    def killed_at(self, line, actions):
        """Runs until that line is asked, then kills the agent; gives what it had said."""
        config = self.config("apply", None, {}, approval=testing.approval_of(actions))

        def arm(kill):
            self.world.before[line] = kill

        return told_until_killed(config, arm)

    def test_between_two_the_first_is_done_and_the_second_was_begun(self):
        actions = self.plan("docker.image.remove")
        (one, two) = [it["aid"] for it in actions]
        told = self.killed_at("DELETE /images/%s" % self.old, actions)
        self.assertEqual(told, [(one, "started"), (one, "done"), (two, "started")])
        # The stand-in was asked for the second, as Docker would have been: so it may have happened, or not.
        self.assertEqual(results(self.apply(actions))[0][0], "skipped")
        self.assertEqual(len([it for it in self.world.changes() if self.dangling in it]), 1)

    def test_in_the_middle_of_a_copy_the_volume_is_there_and_the_next_run_cleans_up(self):
        actions = self.plan("docker.volume.remove")
        helper = hex_id("container made-%d" % len(self.world.containers))
        self.killed_at("GET /containers/%s/archive" % helper, actions)
        self.assertIn(ANONYMOUS, self.world.volumes)
        self.assertIn(helper, self.world.containers)
        # What is left over is told of nobody, and is in nobody's way.
        self.assertEqual(len(self.plan("docker.volume.remove")), 1)
        self.assertEqual(results(self.apply(actions)), [("done", None)])
        self.assertNotIn(helper, self.world.containers)

    def test_after_the_copy_and_before_the_removal(self):
        actions = self.plan("docker.volume.remove")
        # Killed as Docker is asked: it does not happen, the copy lies there.
        line = "DELETE /volumes/%s" % ANONYMOUS
        self.world.answers[line] = (500, {"message": "going down"})
        self.killed_at(line, actions)
        del self.world.answers[line]
        self.assertTrue(os.listdir(self.folder + "/aside"))
        self.assertEqual(results(self.apply(actions)), [("done", None)])
        self.assertEqual(len([it for it in os.listdir(self.folder + "/aside") if it.endswith(".json")]), 1)

    def test_in_the_middle_of_a_restore_the_next_one_begins_anew(self):
        outcome = self.apply(self.plan("docker.volume.remove"))
        helper = hex_id("container made-%d" % len(self.world.containers))
        line = "PUT /containers/%s/archive" % helper
        self.world.answers[line] = (500, {"message": "going down"})
        self.killed_at(line, undone(outcome))
        del self.world.answers[line]
        self.assertEqual(self.world.files[ANONYMOUS], {})
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertEqual(list(self.world.files[ANONYMOUS]), ["a.txt"])
