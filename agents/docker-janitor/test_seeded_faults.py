"""Real faults in a real Docker engine, each seeded, found by the real agent, and cleaned up by it.

The engine is a private one of the testbed: with another Docker of this machine it shares nothing. Where there
can be none the scenarios are skipped and say why. At the end: how many of the faults were found, and how much
of what was found was a fault.
"""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import testing
from faults import Score
from given import results
from test_faults import as_nobody
from test_given import HERE, told_until_killed, undone
from test_lab import Between, Lab, Registry
from test_stand_in_docker import hex_id

LAB = None
SCORE = Score("docker-janitor")
MIB = 1 << 20


def setUpModule():
    global LAB
    LAB = Lab()


def tearDownModule():
    if LAB is None:
        return
    LAB.close()
    SCORE.judge()


def stack(project, service, **labels):
    return {
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.container-number": "1",
        "com.docker.compose.oneoff": "False",
        **labels,
    }


class Scenario(unittest.TestCase):
    def setUp(self):
        LAB.wipe()
        folder = tempfile.TemporaryDirectory(prefix="carl-aside-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.seeded, self.told = set(), set()
        self.addCleanup(self.count)

    def count(self):
        SCORE.count(self.told, self.seeded)

    def config(self, mode, options, history=None, **given):
        standard = {
            "socket": LAB.socket,
            "aside_dir": self.folder + "/aside",
            "min_age_hours": 0,
            "stats": False,
            # How full the disk of this machine is, is none of ours.
            "disk_warn_pct": 100,
            "disk_crit_pct": 100,
        }
        run = {"mode": mode, "dryRun": given.pop("dry_run", False)}
        past = {key: [[time.time() - 3600, value]] for key, value in (history or {}).items()}
        return testing.config_for(HERE, options={**standard, **options}, history=past, run=run, **given)

    def look(self, *expected, mode="plan", history=None, prefix=(), python=sys.executable, **options):
        """Runs it and holds what it says above `info` against what was seeded: (rule, subject) each."""
        config = self.config(mode, options, history)
        outcome = testing.run_agent(HERE, config, prefix=prefix, python=python)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        told = {(it["id"], it["subject"]) for it in outcome.findings if it["severity"] != "info"}
        # What is only worth knowing counts where it was seeded.
        told |= {(it["id"], it["subject"]) for it in outcome.findings} & set(expected)
        self.seeded |= set(expected)
        self.told |= told
        self.assertEqual(told, set(expected))
        return outcome

    def plan(self, *kinds, **options):
        config = self.config("plan", options)
        actions = testing.run_agent(HERE, config).actions
        return [it for it in actions if not kinds or it["order"]["type"] in kinds]

    def apply(self, actions, dry_run=False, names=None, **options):
        approval = testing.approval_of(actions, names)
        outcome = testing.run_agent(HERE, self.config("apply", options, approval=approval, dry_run=dry_run))
        self.assertEqual(outcome.err, "")
        return outcome

    def volume(self, name, seconds=1.1):
        """One with a file in it, that nobody has."""
        LAB.volume(name)
        binds = {"Binds": ["%s:/data" % name]}
        LAB.start(
            "writer", "sh", "-c", "echo kept > '/data/a file' && mkdir /data/d && touch /data/d/x", host=binds
        )
        LAB.until_ended("writer")
        LAB.call("DELETE", "/containers/writer")
        time.sleep(seconds)  # times of volumes and files are in seconds
        return name

    def because(self, outcome):
        told = [event["result"] for event in outcome.of("action_result")]
        return [it["why"] for it in told if it["state"] != "started"]


class ImagesTest(Scenario):
    def test_d01_what_dangling_images_free_is_what_was_said(self):
        for _ in range(3):
            LAB.build("t/app:1", 6_000_000, shared=3_000_000)
        outcome = self.look(("docker.dangling_images", "images"))
        (found,) = outcome.found("docker.dangling_images")
        evidence = {key: found["evidence"][key] for key in ("count", "bytes_min", "bytes_max")}
        self.assertEqual(evidence, {"count": 2, "bytes_min": 12_000_000, "bytes_max": 12_000_000})
        self.assertTrue(outcome.data["engine"]["exact"], outcome.data["engine"])
        before = LAB.used()
        self.assertEqual(results(self.apply(outcome.actions)), [("done", None)] * 2)
        freed = before - LAB.used()
        self.assertAlmostEqual(freed, 12_000_000, delta=200_000)
        self.look()

    def test_d02_the_newest_stay_and_what_is_used(self):
        ids = []
        for number in range(1, 6):
            ids.append(LAB.build("t/app:%d" % number))
            time.sleep(1.1)  # Docker dates images to the second
        LAB.create("old", image="t/app:1")
        actions = self.plan("docker.image.remove", keep_last=2)
        self.assertEqual([it["order"]["target"]["id"] for it in actions], [ids[2], ids[1]])
        self.look(mode="report")

    def image_that_may_go(self):
        old = LAB.build("t/app:1")
        time.sleep(1.1)
        LAB.build("t/app:2")
        actions = [it for it in self.plan(keep_last=1) if it["order"]["target"].get("id") == old]
        self.assertEqual(len(actions), 1)
        return old, actions

    def test_d03_a_container_starts_from_it_after_the_plan(self):
        old, actions = self.image_that_may_go()
        LAB.start("late", image="t/app:1")
        outcome = self.apply(actions)
        self.assertEqual(results(outcome), [("skipped", "in-use")])
        self.assertIn("late", self.because(outcome)[0])
        self.assertIn(old, LAB.images())

    def test_d04_the_tag_moves_after_the_plan(self):
        _, actions = self.image_that_may_go()
        new = LAB.build("t/app:1")
        self.assertEqual(results(self.apply(actions)), [("skipped", "changed")])
        self.assertEqual(LAB.id_of("t/app:1"), new)

    def test_d16_a_dry_run_changes_nothing(self):
        for _ in range(2):
            LAB.build("t/app:1")
        before = LAB.images()
        self.assertEqual(results(self.apply(self.plan(), dry_run=True)), [("would-run", None)])
        self.assertEqual(LAB.images(), before)

    def test_d18_with_buildkit_the_cache_holds_the_layers(self):
        if subprocess.run(["docker", "--version"], stdout=subprocess.DEVNULL).returncode != 0:
            self.skipTest("the docker program is not installed, and only it speaks to BuildKit")
        for _ in range(2):
            self.build_with_buildkit("t/kit:1", 8_000_000)
        outcome = self.look(cache_unused_days=0)
        images = [it for it in outcome.actions if it["order"]["type"] == "docker.image.remove"]
        self.assertEqual([(it["bytesMin"], it["bytesMax"]) for it in images], [(0, 8_000_000)])
        before = LAB.used()
        self.assertEqual(results(self.apply(images)), [("done", None)])
        self.assertAlmostEqual(before - LAB.used(), 0, delta=200_000)
        cache = self.plan("docker.buildcache.prune", cache_unused_days=0)
        self.assertEqual(results(self.apply(cache)), [("done", None)])
        freed = before - LAB.used()
        self.assertGreaterEqual(freed, 7_900_000)
        self.assertLessEqual(freed, cache[0]["bytesMax"] + 200_000)

    def build_with_buildkit(self, tag, octets):
        with tempfile.TemporaryDirectory() as context:
            for name, content in (
                ("own.bin", os.urandom(octets)),
                ("Dockerfile", b"FROM lab/base:1\nCOPY own.bin /\n"),
            ):
                with open(os.path.join(context, name), "wb") as file:
                    file.write(content)
            env = {**os.environ, "DOCKER_BUILDKIT": "1", "DOCKER_HOST": "unix://" + LAB.socket}
            # The one of Debian first: it builds without further parts.
            program = "/usr/bin/docker" if os.path.exists("/usr/bin/docker") else "docker"
            done = subprocess.run(
                [program, "build", "-q", "-t", tag, context],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        if done.returncode != 0:
            self.skipTest("BuildKit does not build here: %s" % done.stdout.decode().strip()[-200:])

    def test_d20_the_same_plan_twice(self):
        for _ in range(2):
            LAB.build("t/app:1")
        actions = self.plan()
        self.assertEqual(results(self.apply(actions)), [("done", None)])
        self.assertEqual(results(self.apply(actions)), [("skipped", "gone")])

    def test_a_pulled_one_is_pulled_again_and_is_the_very_same(self):
        registry = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=registry.serve_forever, daemon=True).start()
        self.addCleanup(registry.server_close)
        self.addCleanup(registry.shutdown)
        tag = "127.0.0.1:%d/team/app:1" % registry.server_port
        key = LAB.pull(tag)
        actions = [it for it in self.plan(keep_last=0) if it["order"]["target"].get("id") == key]
        outcome = self.apply(actions)
        self.assertEqual(results(outcome), [("done", None)])
        self.assertNotIn(key, LAB.images())
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertEqual(LAB.id_of(tag), key)

    def test_an_image_with_two_tags_goes(self):
        old = LAB.build("t/app:1")
        LAB.call("POST", "/images/%s/tag" % old, repo="t/mirror", tag="9")
        actions = [it for it in self.plan(keep_last=0) if it["order"]["target"].get("id") == old]
        self.assertEqual(results(self.apply(actions)), [("done", None)])
        self.assertNotIn(old, LAB.images())


class VolumesTest(Scenario):
    def test_d05_made_anew_under_the_same_name(self):
        name = self.volume("data")
        actions = self.plan("docker.volume.remove", include_named_volumes=True)
        LAB.call("DELETE", "/volumes/" + name)
        LAB.volume(name)
        outcome = self.apply(actions, names={actions[0]["aid"]: name})
        self.assertEqual(results(outcome), [("skipped", "changed")])
        self.assertIn(name, LAB.volumes())

    def test_d06_a_named_volume(self):
        name = self.volume("db")
        self.look(("docker.unused_named_volumes", "volumes"))
        self.assertEqual(self.plan("docker.volume.remove"), [])
        actions = self.plan("docker.volume.remove", include_named_volumes=True)
        self.assertEqual(results(self.apply(actions)), [("skipped", "not-possible")])
        typed = {actions[0]["aid"]: name}
        LAB.create("holder", "true", host={"Binds": ["db:/d"]})
        self.assertEqual(results(self.apply(actions, names=typed)), [("skipped", "in-use")])
        self.assertIn(name, LAB.volumes())

    def test_it_comes_back_with_what_was_in_it(self):
        name = self.volume(hex_id("unnamed"))
        actions = self.plan("docker.volume.remove")
        outcome = self.apply(actions)
        self.assertEqual(results(outcome), [("done", None)])
        self.assertNotIn(name, LAB.volumes())
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        LAB.start(
            "reader", "sh", "-c", "cat '/data/a file' && ls /data/d", host={"Binds": ["%s:/data" % name]}
        )
        LAB.until_ended("reader")
        # `docker logs` gives eight bytes of its own before each line.
        with open(LAB.inspect("reader")["LogPath"], encoding="utf-8") as log:
            said = log.read()
        self.assertIn("kept", said)
        self.assertIn('"x\\n"', said)
        self.assertEqual(os.listdir(self.folder + "/aside"), [])

    def test_written_behind_dockers_back_since_the_plan(self):
        name = self.volume(hex_id("unnamed"))
        actions = self.plan("docker.volume.remove")
        with open(os.path.join(LAB.root, "volumes", name, "_data", "new"), "w", encoding="utf-8") as file:
            file.write("from the host")
        outcome = self.apply(actions)
        self.assertEqual(results(outcome), [("skipped", "changed")])
        self.assertIn(name, LAB.volumes())

    def test_the_disk_fills_while_it_is_set_aside(self):
        name = self.volume(hex_id("unnamed"))
        LAB.start(
            "writer",
            "sh",
            "-c",
            "head -c 12000000 /dev/urandom > /data/big",
            host={"Binds": ["%s:/data" % name]},
        )
        LAB.until_ended("writer")
        LAB.call("DELETE", "/containers/writer")
        time.sleep(1.1)
        os.mkdir(self.folder + "/aside", 0o700)
        mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "none", self.folder + "/aside"]
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("this user may not mount a small disk")
        try:
            outcome = self.apply(self.plan("docker.volume.remove"))
            self.assertEqual(results(outcome), [("skipped", "no-room")])
            self.assertEqual(os.listdir(self.folder + "/aside"), [])
        finally:
            subprocess.run(["umount", self.folder + "/aside"], check=True)
        self.assertIn(name, LAB.volumes())


class AsideTest(Scenario):
    """The end of what was set aside."""

    def set_aside(self, *kinds):
        """Sets aside what there is of these kinds and a stopped container, eight days ago; gives its id."""
        key = LAB.start("old-job", "sleep", "1000")
        LAB.call("POST", "/containers/old-job/stop", t=0)
        time.sleep(0.1)
        actions = self.plan("docker.container.remove", *kinds, stopped_days=0)
        self.assertEqual(results(self.apply(actions)), [("done", None)] * (1 + len(kinds)))
        for name in os.listdir(self.folder + "/aside"):
            if name.endswith(".json"):
                path = self.folder + "/aside/" + name
                with open(path, encoding="utf-8") as file:
                    recipe = json.load(file)
                with open(path, "w", encoding="utf-8") as file:
                    json.dump({**recipe, "at": recipe["at"] - 8 * 86400}, file)
        return key

    def test_it_goes_when_its_days_are_over_and_once(self):
        self.volume(hex_id("unnamed"))
        key = self.set_aside("docker.volume.remove")
        actions = self.plan("docker.aside.discard")
        self.assertEqual(sorted(it["order"]["target"]["what"] for it in actions), ["container", "volume"])
        self.assertEqual(results(self.apply(actions, dry_run=True)), [("would-run", None)] * 2)
        self.assertEqual(LAB.inspect(key)["Id"], key)
        self.assertEqual(results(self.apply(actions)), [("done", None)] * 2)
        with self.assertRaisesRegex(RuntimeError, "404"):
            LAB.inspect(key)
        self.assertEqual(os.listdir(self.folder + "/aside"), [])
        self.assertEqual(results(self.apply(actions)), [("skipped", "gone")] * 2)

    def test_what_runs_again_or_is_another_stays(self):
        key = self.set_aside()
        (action,) = self.plan("docker.aside.discard")
        name = action["order"]["target"]["asideName"]
        LAB.call("POST", "/containers/%s/start" % key)
        self.assertEqual(results(self.apply([action])), [("skipped", "in-use")])
        LAB.call("POST", "/containers/%s/stop" % key, t=0)
        LAB.call("POST", "/containers/%s/rename" % key, name="mine")
        other = LAB.create(name, "true")
        self.assertEqual(results(self.apply([action])), [("skipped", "changed")])
        self.assertEqual((LAB.inspect("mine")["Id"], LAB.inspect(name)["Id"]), (key, other))


class KilledTest(Scenario):
    """The run ends, or Docker's answer is lost, at the very moment of a change."""

    def setUp(self):
        super().setUp()
        self.between = Between(self.folder + "/between.sock", LAB.socket)
        self.addCleanup(self.between.close)

    def killed_at(self, place, actions, is_before):
        config = self.config("apply", {"socket": self.between.path}, approval=testing.approval_of(actions))
        return told_until_killed(config, lambda kill: self.between.at(place, is_before, kill))

    def two_images(self):
        for _ in range(3):
            LAB.build("t/app:1")
        actions = self.plan("docker.image.remove")
        (one, two) = [it["order"]["target"]["id"] for it in actions]
        began = [(actions[0]["aid"], "started"), (actions[0]["aid"], "done"), (actions[1]["aid"], "started")]
        return actions, one, two, began

    def test_before_the_second_of_two_images_the_first_alone_is_gone(self):
        actions, one, two, began = self.two_images()
        self.assertEqual(self.killed_at("/images/" + two, actions, is_before=True), began)
        self.assertEqual(LAB.images() & {one, two}, {two})
        self.assertEqual(results(self.apply(actions)), [("skipped", "gone"), ("done", None)])

    def test_behind_the_second_of_two_images_nobody_heard_that_it_is_gone(self):
        actions, one, two, began = self.two_images()
        self.assertEqual(self.killed_at("/images/" + two, actions, is_before=False), began)
        self.assertEqual(LAB.images() & {one, two}, set())
        self.assertEqual(results(self.apply(actions)), [("skipped", "gone")] * 2)

    def test_between_the_copy_of_a_volume_and_its_removal_it_stays_and_is_copied_anew(self):
        name = self.volume(hex_id("unnamed"))
        actions = self.plan("docker.volume.remove")
        self.killed_at("/volumes/" + name, actions, is_before=True)
        self.assertIn(name, LAB.volumes())
        self.assertEqual(len(os.listdir(self.folder + "/aside")), 2)
        self.assertEqual(results(self.apply(actions)), [("done", None)])
        self.assertNotIn(name, LAB.volumes())
        self.assertEqual(len(os.listdir(self.folder + "/aside")), 2)

    def test_a_volume_whose_removal_nobody_answered_is_there_or_comes_back(self):
        name = self.volume(hex_id("unnamed"))
        actions = self.plan("docker.volume.remove")
        self.between.at("/volumes/" + name, is_before=True)
        self.assertEqual(results(self.apply(actions, socket=self.between.path))[0][0], "failed")
        self.assertIn(name, LAB.volumes())
        self.between.at("/volumes/" + name, is_before=False)
        outcome = self.apply(actions, socket=self.between.path)
        self.assertEqual(results(outcome), [("done", None)])
        self.assertNotIn(name, LAB.volumes())
        self.assertEqual(len(os.listdir(self.folder + "/aside")), 2)
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertIn("a file", os.listdir(os.path.join(LAB.root, "volumes", name, "_data")))


class ForgedTest(Scenario):
    def test_d07_orders_that_no_plan_holds(self):
        running = LAB.start("web", "sleep", "1000")
        image = LAB.base
        before = (LAB.images(), LAB.inspect("web")["State"]["StartedAt"])
        tags = {"tags": ["lab/base:1"], "digests": []}
        state = {"state": "exited", "finishedAt": "0001-01-01T00:00:00Z", "image": image}
        volume = {"createdAt": "2026-01-01T00:00:00Z", "driver": "local", "isAnonymous": True}
        aside = {"aside": False, "keepDays": 7}
        orders = [
            ("docker.image.remove", {"id": image[7:19]}, tags, {}),
            ("docker.image.remove", {"id": "../containers/web?force=1"}, tags, {}),
            ("docker.container.remove", {"id": running, "name": "web"}, state, aside),
            ("docker.volume.remove", {"name": "../../etc"}, volume, aside),
            ("docker.image.remove", {"id": image}, tags, {}),
        ]
        actions = [
            {
                "aid": "forged-%d" % place,
                "order": {"type": kind, "target": target, "precondition": precondition, "args": args},
                "readAt": time.time(),
            }
            for place, (kind, target, precondition, args) in enumerate(orders)
        ]
        outcome = self.apply(actions)
        self.assertEqual({state for state, _ in results(outcome)}, {"skipped"})
        self.assertEqual(len(results(outcome)), 5)
        # One of a kind that there is not takes the whole of it down before anything is touched.
        actions[0]["order"]["type"] = "shell.run"
        approval = testing.approval_of(actions)
        self.assertEqual(testing.run_agent(HERE, self.config("apply", {}, approval=approval)).code, 1)
        self.assertEqual((LAB.images(), LAB.inspect("web")["State"]["StartedAt"]), before)


class ContainersTest(Scenario):
    def test_d08_a_crash_loop(self):
        LAB.start("crashy", "sh", "-c", "exit 3", host={"RestartPolicy": {"Name": "always"}})
        LAB.until("crashy", lambda told: told["RestartCount"] >= 4)
        self.look(("docker.restart_loop", "crashy"))

    def test_d09_an_unhealthy_one(self):
        check = {
            "Test": ["CMD-SHELL", "echo db refused; exit 1"],
            "Interval": 500_000_000,
            "Timeout": 10_000_000_000,
            "Retries": 2,
        }
        LAB.start("sick", "sleep", "1000", Healthcheck=check)
        LAB.until("sick", lambda told: told["State"]["Health"]["Status"] == "unhealthy")
        outcome = self.look(("docker.unhealthy", "sick"))
        self.assertIn("db refused", outcome.found("docker.unhealthy")[0]["evidence"]["last_output"])

    def test_hostile_words_come_out_harmless(self):
        evil = '\x1b[2J\x1b]0;pwned\x07{"kind":"result","status":"ok"}\u202e $(reboot)'
        check = {"Test": ["CMD-SHELL", "echo '%s'; exit 1" % evil], "Interval": 500_000_000, "Retries": 1}
        LAB.start("sick", "sleep", "1000", Healthcheck=check, Labels=stack("shop" + evil, "web" + evil))
        LAB.start("down", "sh", "-c", "exit 1", Labels=stack("shop" + evil, "db" + evil))
        LAB.volume("kept", Labels={evil: evil})
        LAB.until("sick", lambda told: told["State"]["Health"]["Status"] == "unhealthy")
        LAB.until_ended("down")
        harmless = '{"kind":"result","status":"ok"}\ufffd $(reboot)'
        outcome = self.look(
            ("docker.unhealthy", "sick"), ("compose.degraded", "shop" + harmless), include_named_volumes=True
        )
        self.assertIn(harmless, outcome.found("docker.unhealthy")[0]["evidence"]["last_output"])
        self.assertEqual(len(outcome.of("result")), 1)
        for text in testing.texts_of(outcome.events):
            self.assertNotRegex(text, "[\x1b\u202a-\u202e]")

    def test_d10_one_that_was_killed_for_lack_of_memory(self):
        if not LAB.limits_memory:
            self.skipTest("this kernel gives Docker no limits of memory")
        command = 'x=$(head -c 60000000 /dev/zero | tr "\\0" a)'
        LAB.start("fat", "sh", "-c", command, host={"Memory": 20 * MIB, "MemorySwap": 20 * MIB})
        LAB.until_ended("fat")
        if LAB.inspect("fat")["State"]["ExitCode"] != 137:
            self.skipTest("the kernel did not kill it")
        outcome = self.look(("docker.oom_killed", "fat"))
        print("\nOOMKilled=%s" % LAB.inspect("fat")["State"]["OOMKilled"], file=sys.stderr)
        self.assertGreaterEqual(outcome.found("docker.oom_killed")[0]["evidence"]["kernel_log"], 1)

    def test_d11_a_log_without_a_bound(self):
        line = "a line of a log that is long enough to grow quickly and that nobody ever rotates away"
        command = 'yes "%s" | head -n 40000' % line
        LAB.start("chatty", "sh", "-c", command)
        bounded = {"LogConfig": {"Type": "json-file", "Config": {"max-size": "60m"}}}
        LAB.start("bounded", "sh", "-c", command, host=bounded)
        LAB.until_ended("chatty", "bounded")
        self.look(("docker.log_growth", "chatty"), log_warn_mib=5)

    def test_d12_a_stack_without_its_database(self):
        LAB.start(
            "shop-web-1",
            "sleep",
            "1000",
            Labels=stack(
                "shop",
                "web",
                **{
                    "com.docker.compose.depends_on": "db:service_started:false",
                },
            ),
        )
        LAB.start("shop-db-1", "sh", "-c", "exit 1", Labels=stack("shop", "db"))
        LAB.start("shop-migrate-1", "true", Labels=stack("shop", "migrate"))
        oneoff = {**stack("shop", "tool"), "com.docker.compose.oneoff": "True"}
        LAB.start("shop-tool-run", "sh", "-c", "exit 9", Labels=oneoff)
        LAB.until_ended("shop-db-1", "shop-migrate-1", "shop-tool-run")
        outcome = self.look(("compose.degraded", "shop"))
        evidence = outcome.found("compose.degraded")[0]["evidence"]
        self.assertEqual([it["service"] for it in evidence["down"]], ["db"])
        self.assertEqual(evidence["needed_by"], {"db": ["web"]})

    def test_d13_a_service_of_the_last_run_is_gone_and_then_all_is_stopped(self):
        LAB.start("blog-web-1", "sleep", "1000", Labels=stack("blog", "web"))
        known = {"projects": {"blog": {"services": ["web", "redis"], "replicas": {"web": 1, "redis": 1}}}}
        outcome = self.look(("compose.degraded", "blog"), history=known)
        self.assertEqual(outcome.found("compose.degraded")[0]["evidence"]["missing"], ["redis"])
        LAB.call("POST", "/containers/blog-web-1/stop", t=0)
        config = self.config("report", {}, known)
        self.assertEqual(
            [it["id"] for it in testing.run_agent(HERE, config).findings if it["severity"] != "info"], []
        )

    def test_d14_all_is_in_order(self):
        LAB.build("t/ok:1")
        check = {"Test": ["CMD-SHELL", "true"], "Interval": 500_000_000, "Timeout": 10_000_000_000}
        host = {
            "Memory": 64 * MIB,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "5m"}},
            "RestartPolicy": {"Name": "unless-stopped"},
        }
        LAB.start("ok", image="t/ok:1", host=host, Healthcheck=check)
        LAB.until("ok", lambda told: told["State"]["Health"]["Status"] == "healthy")
        outcome = self.look(stats=True)
        self.assertEqual(outcome.actions, [])
        self.assertEqual(outcome.gaps, [])
        (row,) = outcome.data["containers"]
        self.assertGreater(row["stats"]["memory"], 0)

    def test_d15_a_user_who_may_not(self):
        os.chmod(os.path.dirname(LAB.socket), 0o755)
        self.look(("docker.no_access", LAB.socket), **as_nobody())

    def test_d17_one_that_somebody_stopped(self):
        LAB.start("stopped", "sleep", "1000", host={"RestartPolicy": {"Name": "unless-stopped"}})
        LAB.call("POST", "/containers/stopped/stop", t=0)
        self.look()

    def test_a_stopped_one_is_set_aside_and_comes_back_also_when_it_was_removed(self):
        LAB.volume("state")
        key = LAB.create("old-job", "echo", "hello", host={"Binds": ["state:/s"]}, Env=["A=1"])
        LAB.call("POST", "/containers/%s/start" % key)
        LAB.until_ended("old-job")
        time.sleep(0.1)
        actions = self.plan("docker.container.remove", stopped_days=0)
        outcome = self.apply(actions)
        self.assertEqual(results(outcome), [("done", None)])
        self.look(mode="report", stopped_days=0)
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        self.assertEqual(LAB.inspect("old-job")["Id"], key)
        outcome = self.apply(self.plan("docker.container.remove", stopped_days=0))
        LAB.call("POST", "/containers/prune")
        self.assertEqual(results(self.apply(undone(outcome))), [("done", None)])
        again = LAB.inspect("old-job")
        self.assertEqual((again["Config"]["Env"][0], again["HostConfig"]["Binds"]), ("A=1", ["state:/s"]))
        LAB.call("POST", "/containers/old-job/start")
        LAB.until_ended("old-job")


class ContainerdStoreTest(unittest.TestCase):
    def test_d19_what_is_freed_lies_within_what_was_said(self):
        if int(LAB.version.split(".")[0]) < 24:
            self.skipTest("Docker %s has no containerd store" % LAB.version)
        lab = Lab("--containerd-store")
        self.addCleanup(lab.close)
        self.assertEqual(lab.driver, "overlayfs", "the engine does not keep images with containerd")
        try:
            for _ in range(3):
                lab.build("t/app:1", 6_000_000, shared=3_000_000)
        except RuntimeError as error:
            self.skipTest("this engine does not build into the containerd store: %s" % error)
        options = {"socket": lab.socket, "min_age_hours": 0, "stats": False}
        config = testing.config_for(HERE, options=options, run={"mode": "plan"})
        actions = testing.run_agent(HERE, config).actions
        self.assertEqual([it["order"]["type"] for it in actions], ["docker.image.remove"] * 2)
        least, most = (sum(it[key] for it in actions) for key in ("bytesMin", "bytesMax"))
        before = lab.used()
        approval = testing.approval_of(actions)
        run = {"mode": "apply", "dryRun": False}
        outcome = testing.run_agent(
            HERE, testing.config_for(HERE, options=options, run=run, approval=approval)
        )
        self.assertEqual(results(outcome), [("done", None)] * 2)
        freed = before - lab.used()
        print("containerd store: freed %d of [%d, %d]" % (freed, least, most), file=sys.stderr)
        self.assertGreaterEqual(freed, least)
        self.assertLessEqual(freed, most * 1.05)
