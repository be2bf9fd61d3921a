"""Images of running containers: what the node knows of them, and how it speaks to Docker."""

from __future__ import annotations

import os
import tempfile
import unittest

import testing
from given import rules
from rules_images import judge_images
from test_given import HERE, context
from test_stand_in_docker import Server, digest, image, image_id


class Docker(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="carl-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def perform(self, containers=(), images=(), root=False, **given):
        """Runs the agent on a stand-in. A container is (name, image, number of the image's id)."""
        options = given.pop("options", {})
        rows = [{"name": name, "image": ref, "id": image_id(number)} for name, ref, number in containers]
        socket = os.path.join(self.folder, "docker.sock")
        with Server(socket, {"containers": rows, "images": list(images), **given}) as server:
            server.serve()
            standard = {"socket": socket, "skip": ["packages", "reboot", "services"], "registry": "server"}
            config = testing.config_for(HERE, options={**standard, **options})
            outcome = testing.run_agent(HERE, config)
            server.shutdown()
        os.unlink(socket)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        return outcome

    def states(self, *args, **given):
        return {row["name"]: row["state"] for row in self.perform(*args, **given).data["images"]}


class ImagesTest(Docker):
    def test_where_a_look_at_the_registry_stands(self):
        containers = [
            ("web", "nginx:1.27", 1),
            ("db", "postgres:16@" + digest(2), 2),
            ("own", "shop/app", 3),
            ("gone", "old:1", 4),
            ("by-id", image_id(5), 5),
            ("nightly", "me/app:nightly", 6),
        ]
        images = [
            image(1, "nginx:1.27", digests=[digest(1)]),
            image(2, "postgres:16", digests=[digest(2)]),
            image(3, "shop/app:latest"),
            image(4),
            image(5, digests=[digest(5)]),
            image(6, "me/app:nightly", digests=[digest(6)]),
        ]
        self.assertEqual(
            self.states(containers, images, options={"ignore_images": ["*:nightly"]}),
            {
                "nginx:1.27": "unchecked",
                "postgres:16@" + digest(2): "pinned",
                "shop/app": "local-build",
                "old:1": "untagged",
                image_id(5): "pinned",
                "me/app:nightly": "ignored",
            },
        )

    def test_what_the_server_needs_to_judge(self):
        images = [image(1, "nginx:1.27", digests=[digest(1), digest(7)], created="2026-02-03T04:05:06.7Z")]
        outcome = self.perform([("b", "nginx:1.27", 1), ("a", "nginx:1.27", 1)], images)
        (row,) = outcome.data["images"]
        self.assertEqual(row["containers"], ["a", "b"])
        self.assertEqual(row["digests"], [digest(1), digest(7)])
        self.assertEqual(row["created"], 1770091506)
        self.assertEqual(outcome.data["lookup"]["registry"], "server")
        self.assertEqual(outcome.data["engine"], {"engine": "docker", "version": "29.0.1", "api": "1.52"})

    def test_a_build_that_carries_no_real_time_has_no_age(self):
        for created in ("1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2026-13-40T00:00:00Z", "x"):
            outcome = self.perform([("a", "x:1", 1)], [image(1, "x:1", digests=[digest(1)], created=created)])
            self.assertIsNone(outcome.data["images"][0]["created"], created)

    def test_a_newer_image_that_was_pulled_while_the_container_runs_the_old_one(self):
        images = [
            image(1, digests=[digest(1)], created="2026-01-01T00:00:00Z"),
            image(2, "nginx:1.27", digests=[digest(2)], created="2026-03-01T00:00:00Z"),
        ]
        outcome = self.perform([("web", "nginx:1.27", 1), ("api", "nginx:1.27", 2)], images)
        (found,) = outcome.findings
        self.assertEqual((found["id"], found["subject"]), ("img.pulled_not_recreated", "nginx:1.27"))
        self.assertEqual(found["evidence"]["containers"], ["web"])
        self.assertEqual(found["title"], "A newer nginx:1.27 is here, but web still runs the one from before")
        # The registry is asked about what is here.
        self.assertEqual(outcome.data["images"][0]["digests"], [digest(2)])

    def test_one_that_was_taken_back_to_an_older_image(self):
        row = {
            "name": "x:1",
            "behind": ["a", "b"],
            "created": 1,
            "behind_created": 2,
            "ids": [],
            "tag_id": "",
        }
        (found,) = judge_images([row], context())
        self.assertEqual(found.title, "Another x:1 is here, but a, b still run the one from before")
        self.assertEqual(judge_images([{**row, "behind": []}], context()), [])

    def test_hostile_names_become_harmless(self):
        outcome = self.perform([("\x1b[2Jx", "a\u202eb/../c:1", 1)], [image(1)])
        (row,) = outcome.data["images"]
        self.assertEqual((row["containers"], row["name"]), (["x"], "a\ufffdb/../c:1"))

    def test_no_docker_is_nothing_and_one_that_does_not_answer_a_gap(self):
        options = {"skip": ["packages", "reboot", "services"], "socket": self.folder + "/none.sock"}
        outcome = testing.run_agent(HERE, testing.config_for(HERE, options=options))
        self.assertEqual([gap["what"] for gap in outcome.gaps], ["images"])
        outcome = self.perform(silent=True)
        self.assertEqual([gap["why"] for gap in outcome.gaps], ["Docker does not answer: no"])

    def test_podman_is_told_apart(self):
        outcome = self.perform(engine="Podman Engine", version="4.3.1")
        self.assertEqual(outcome.data["engine"]["engine"], "podman")
        self.assertEqual(rules(judge_images(outcome.data["images"], context())), [])

    def test_what_is_asked_is_on_record_by_kind(self):
        containers = [("a", "x:1", 1), ("b", "y:1", 2)]
        images = [image(1, "x:1", digests=[digest(1)]), image(2, "y:1", digests=[digest(2)])]
        argvs = [event["argv"] for event in self.perform(containers, images).of("exec")]
        self.assertEqual(
            argvs,
            [
                ["docker-api", "GET", path]
                for path in (
                    "/v1.45/containers/json",
                    "/v1.45/containers/{}/json",
                    "/v1.45/images/{}/json",
                    "/version",
                )
            ],
        )
