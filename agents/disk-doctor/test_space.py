"""What takes the room: large files and folders, many small ones, and what was deleted and is still open."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from collect_space import read_deleted, walk
from given import rules
from rules_space import judge_space
from test_given import context

MB = 1_000_000
MIB = 1 << 20
HOLD = """
import os, sys
file = open(sys.argv[1], "wb")
file.write(b"x" * 3000000)
file.flush()
os.unlink(sys.argv[1])
print(flush=True)
sys.stdin.read()
"""


def row(**changes):
    return {
        "mount": "/srv",
        "fstype": "ext4",
        "device": 7,
        "used": 90 * MB,
        "capacity": 100 * MB,
        "pct": 90.0,
        "inodes_pct": 10.0,
        "deleted": [],
        **changes,
    }


def walked(**changes):
    looked = {"walked": True, "files": [], "folders": [], "crowds": []}
    return row(**{**looked, **changes})


class FolderTest(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="space-")
        self.addCleanup(shutil.rmtree, self.top)
        self.device = os.stat(self.top).st_dev

    def put(self, path, octets):
        whole = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as file:
            file.write(b"x" * octets)
        return whole

    def test_the_largest_files_and_folders_are_found(self):
        self.put("log/app/deep/down/it's \x1b[2Jbig.log", 2 * MIB)
        os.link(self.put("log/app/twice", MIB), os.path.join(self.top, "log/app/second name"))
        for number in range(40):
            self.put("mail/new/%d" % number, 100)
        os.symlink("/", os.path.join(self.top, "round"))
        found = walk(self.top, self.device, time.monotonic() + 10)
        self.assertTrue(found["walked"])
        self.assertEqual(len(found["files"]), 20)
        self.assertEqual((found["files"][0]["bytes"], found["files"][0]["path"][-8:]), (2 * MIB, " big.log"))
        self.assertEqual(found["folders"][0], {"path": self.top + "/log/app", "bytes": 3 * MIB})
        self.assertEqual(found["crowds"][0], {"path": self.top + "/mail/new", "entries": 40})

    def test_it_never_leaves_the_device_and_never_its_time(self):
        self.put("a/file", 100)
        self.assertEqual(walk(self.top, self.device + 1, time.monotonic() + 10)["files"], [])
        self.assertFalse(walk(self.top, self.device, time.monotonic() - 1)["walked"])

    def test_a_deleted_file_that_a_program_has_open(self):
        path = os.path.join(self.top, "gone.log")
        child = subprocess.Popen(
            [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            child.stdout.readline()
            one = row(device=self.device)
            read_deleted({self.device: one})
            mine = [it for it in one["deleted"] if it["path"] == path]
            self.assertEqual(len(mine), 1)
            self.assertGreaterEqual(mine[0]["bytes"], 3 * MB)
            self.assertEqual([it["pid"] for it in mine[0]["by"]], [child.pid])
        finally:
            child.stdin.close()
            child.wait(10)
            child.stdout.close()


class RuleTest(unittest.TestCase):
    def file(self, path, octets, pid=7, name="nginx"):
        return {"path": path, "bytes": octets, "by": [{"pid": pid, "name": name}]}

    def test_deleted_files_are_told_by_program_from_a_tenth_of_the_disk(self):
        files = [
            self.file("/srv/a", 6 * MB),
            self.file("/srv/b", 5 * MB),
            self.file("/srv/c", 9 * MB, 8, "mysqld"),
        ]
        (found,) = judge_space([row(deleted=files)], context())
        self.assertEqual(
            (found.rule, found.severity, found.subject), ("space.deleted_open", "warning", "/srv: nginx")
        )
        self.assertEqual(found.evidence["bytes"], 11 * MB)
        large = row(capacity=10**12, deleted=[self.file("/srv/a", 2 << 30)])
        self.assertEqual(rules(judge_space([large], context())), [("space.deleted_open", "warning")])
        self.assertEqual(judge_space([large], context(deleted_mib=4096)), [])
        self.assertEqual(judge_space([row()], context()), [])

    def test_a_file_that_grows(self):
        for before, expected in ((30 * MB, 0), (26 * MB, 0), (24 * MB, 1), (None, 0)):
            past = {"files": {"/srv": {"/srv/x.log": before} if before else {}}}
            found = judge_space([walked(files=[{"path": "/srv/x.log", "bytes": 30 * MB}])], context(past))
            self.assertEqual(rules(found), [("space.growing_file", "warning")] * expected, before)

    def test_what_fills_is_good_to_know_and_no_alarm(self):
        folders = [{"path": "/srv/mail", "bytes": 80 * MB}]
        crowds = [{"path": "/srv/mail/new", "entries": 900}]
        full = walked(folders=folders, crowds=crowds, inodes_pct=99.0)
        self.assertEqual(
            rules(judge_space([full], context())), [("space.biggest", "info"), ("space.many_files", "info")]
        )
        few = walked(folders=folders, crowds=crowds, pct=50.0, inodes_pct=99.0)
        self.assertEqual(rules(judge_space([few], context())), [("space.many_files", "info")])
