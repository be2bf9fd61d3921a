"""A Docker that is not there, is closed to us, hangs, is too old, or is Podman; and hostile names."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import unittest

import testing
from agent_kit_sockets import places
from test_given import HERE, Docker
from test_stand_in_docker import large_world


def told(outcome):
    return [(it["id"], it["severity"]) for it in outcome.findings]


class FaultsTest(Docker):
    def test_no_docker_here(self):
        outcome = self.perform("plan", socket=self.folder + "/nothing.sock")
        self.assertEqual((outcome.code, told(outcome)), (0, [("docker.absent", "info")]))
        self.assertEqual(outcome.actions, [])

    def test_nobody_listens_any_more(self):
        import socket

        path = self.folder + "/dead.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
        outcome = self.perform(socket=path)
        self.assertEqual((outcome.code, told(outcome)), (0, [("docker.not_answering", "high")]))

    def test_this_user_may_not_use_it(self):
        os.chmod(self.folder, 0o755)
        os.chmod(self.socket, 0o600)
        config = self.config("report", None, {})
        outcome = testing.run_agent(HERE, config, **as_nobody())
        self.assertEqual(told(outcome), [("docker.no_access", "warning")])
        self.assertEqual((outcome.code, [gap["what"] for gap in outcome.gaps]), (0, ["engine"]))

    def test_it_hangs(self):
        for place, gap in (("/version", "engine"), ("/images/json", "images")):
            with self.subTest(place=place):
                self.world.hangs_at = place
                begin = time.monotonic()
                config = self.config("report", None, {})
                config["run"]["timeoutS"] = 40
                outcome = testing.run_agent(HERE, config)
                self.assertLess(time.monotonic() - begin, 30)
                self.assertEqual(outcome.err, "")
                if place == "/version":
                    self.assertEqual(told(outcome), [("docker.not_answering", "high")])
                self.assertIn(gap, [it["what"] for it in outcome.gaps])

    def test_an_old_one_is_asked_in_its_own_words(self):
        self.world.api = "1.41"
        self.world.image("one")
        outcome = self.perform()
        self.assertEqual(outcome.code, 0)
        asked = [event["argv"][2] for event in outcome.of("exec") if event["argv"][0] == "docker-api"]
        self.assertEqual({path.split("/")[1] for path in asked}, {"version", "v1.41"})
        # It would not know the question, and measured volumes along the way.
        self.assertFalse([line for line in self.world.asked if "type=" in line])

    def test_one_that_is_too_old_is_a_gap(self):
        self.world.api = "1.39"
        (gap,) = self.perform().gaps
        self.assertEqual((gap["what"], gap["remedy"]), ("engine", "Update Docker to 19.03 or newer."))

    def test_one_that_is_newer_than_this_agent(self):
        cases = [("1.60", "1.44", "v1.45"), ("1.60", "1.52", "v1.52")]
        for newest, lowest, spoken in cases:
            with self.subTest(lowest=lowest):
                self.world.api, self.world.lowest = newest, lowest
                outcome = self.perform()
                asked = [event["argv"][2] for event in outcome.of("exec") if event["argv"][0] == "docker-api"]
                self.assertIn("/%s/info" % spoken, asked)

    def test_something_else_listens_there(self):
        cases = [
            (200, b"<html>hello</html>"),
            (200, {"ApiVersion": "soon"}),
            (200, b"[" * 5000),
            (500, {"message": "no"}),
        ]
        for answer in cases:
            with self.subTest(answer=answer):
                self.world.answers["GET /version"] = answer
                self.assertEqual(told(self.perform()), [("docker.not_answering", "high")])

    def test_podman(self):
        self.world.components = [{"Name": "Podman Engine"}]
        self.world.api = "1.41"
        self.world.info = {"Driver": "overlay", "DriverStatus": [["Backing Filesystem", "xfs"]]}
        image = self.world.image("one", "localhost/app:1")
        self.world.images[image]["history"] = [{"Size": None, "CreatedBy": ""}]
        self.world.container("web", image)
        free = self.world.image("two", "localhost/other:1")
        self.world.images[free]["history"] = []
        outcome = self.perform("plan", keep_last=0)
        self.assertEqual(outcome.code, 0)
        self.assertTrue(outcome.data["engine"]["podman"])
        self.assertFalse(outcome.data["engine"]["exact"])
        # Its layers are not known: what goes frees something between nothing and all of it.
        (action,) = outcome.actions
        self.assertEqual((action["bytesMin"], action["bytesMax"]), (0, 10_000_000))

    def test_things_that_go_while_it_looks(self):
        image = self.world.image("one", "app:1")
        key = self.world.container("web", image)
        going = self.world.container("brief", image)
        self.world.before["GET /containers/%s/json" % going] = lambda: self.world.containers.pop(going)
        outcome = self.perform()
        self.assertEqual([it["id"] for it in outcome.data["containers"]], [key])

    def test_one_section_that_fails_takes_no_other_with_it(self):
        self.world.image("one")
        self.world.container("web", self.world.image("two", "app:1"), "restarting", restarts=9)
        self.world.answers["GET /system/df"] = (500, {"message": "disk is odd"})
        outcome = self.perform("plan")
        self.assertIn(("docker.restart_loop", "high"), told(outcome))
        self.assertIn("space", [gap["what"] for gap in outcome.gaps])
        # Without knowing what is in use nothing is proposed.
        self.assertEqual([it["order"]["type"] for it in outcome.actions], [])

    def test_hostile_names_in_every_field(self):
        evil = '\x1b[2J\x1b]0;x\x07\u202e"}\n{"kind":"result"}; rm -rf ~ $(reboot) \ud800'
        labels = {
            evil: evil,
            "com.docker.compose.project": evil,
            "com.docker.compose.service": evil,
            "com.docker.compose.depends_on": evil,
            "com.docker.compose.project.working_dir": "/" + evil,
        }
        health = {"Status": "unhealthy", "FailingStreak": 1, "Log": [{"Output": evil}]}
        image = self.world.image("one", evil, digests=[evil], labels=labels)
        self.world.container(
            evil,
            image,
            error=evil,
            labels=labels,
            health=health,
            image_name=evil,
            log_path="/" + evil,
            memory=0,
            ports={evil: [{"HostIp": evil, "HostPort": evil}]},
            volumes={"v": evil},
        )
        self.world.container(evil + "2", image, "exited", exit=1, policy="always", error=evil, labels=labels)
        self.world.image("two", evil + "3")
        self.world.volume(evil, driver=evil, labels=labels)
        self.world.cache.append(
            {"ID": evil, "Size": 5, "Description": evil, "LastUsedAt": "2020-01-01T00:00:00Z"}
        )
        self.world.info.update(Driver=evil, DockerRootDir="/" + evil, LoggingDriver=evil)
        outcome = self.perform("plan", keep_last=0, include_named_volumes=True, cache_unused_days=0)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        self.assertEqual(len(outcome.of("result")), 1)
        # Nothing broke on them, and nothing that is no plain name is proposed.
        self.assertEqual([gap["what"] for gap in outcome.gaps if "bug" in str(gap["remedy"])], [])
        self.assertEqual(outcome.actions, [])
        self.assertIn("docker.unhealthy", [it["id"] for it in outcome.findings])
        for text in testing.texts_of(outcome.events):
            self.assertNotRegex(text, "[\x1b\u202e\ud800-\udfff]")

    def test_many_of_them(self):
        self.serve_large(120, 40)
        outcome = self.perform("plan", keep_last=1)
        self.assertEqual(len(outcome.data["images"]), 120)
        self.assertTrue(outcome.data["engine"]["exact"])
        # Readings of the same kind are one line on record.
        self.assertLess(len(outcome.of("exec")), 20)

    def serve_large(self, images, containers):
        self.socket = self.folder + "/large.sock"
        self.serve(large_world(images, containers))


class PlacesTest(unittest.TestCase):
    def test_where_it_looks(self):
        self.assertEqual(places("/x.sock", {"DOCKER_HOST": "unix:///y.sock"}, 1000, "/home/a"), ["/x.sock"])
        found = places("", {"DOCKER_HOST": "unix:///y.sock"}, 1000, "/home/a")
        self.assertEqual(found[:2], ["/y.sock", "/var/run/docker.sock"])
        self.assertIn("/run/user/1000/podman/podman.sock", found)
        # Another machine's is not this node's.
        self.assertEqual(places("", {"DOCKER_HOST": "tcp://nas:2375"}, 0, "/root")[0], "/var/run/docker.sock")


class RememberedTest(Docker):
    def test_the_next_run_knows_this_one(self):
        image = self.world.image("one", "app:1")
        labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
        self.world.container("shop-web-1", image, labels=labels)
        gone = self.world.container("shop-db-1", image, labels={**labels, "com.docker.compose.service": "db"})
        kept = self.perform(stats=True).history()
        self.assertEqual(kept["projects"]["shop"]["services"], ["db", "web"])
        self.assertEqual(kept["stats"]["shop-web-1"][2], 20 << 20)
        del self.world.containers[gone]
        past = {key: [[time.time() - 3600, value]] for key, value in kept.items()}
        (found,) = self.perform(history=past).found("compose.degraded", "shop", "high")
        self.assertEqual(found["evidence"]["missing"], ["db"])


def as_nobody():
    """For `run_agent`: as a user who may nothing, with a Python that everybody may run."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root can become somebody else")
    drop = [sys.executable, "-c", DROP]
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([*drop, python, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0:
            return {"prefix": drop, "python": python}
    raise unittest.SkipTest("there is no Python that everybody may run")


DROP = """
import os, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
os.execv(sys.argv[1], sys.argv[1:])
"""
