"""Real faults on this machine, each seeded, found by the real agent, and taken away again: packages of a
local repository that wait, are held or broke off, a library that was replaced under a program, an old system.

They live in a mount namespace of this process: nothing outside sees them, and what is left over goes with the
process. That takes root and Debian's tools; without them they are skipped and say why. At the end: how many
of the faults were found, and how much of what was found was a fault.
"""

from __future__ import annotations

import glob
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

import testing
from faults import Score, own_view, sh
from test_given import DAY, HERE
from test_lab import Lab

DAYS = 86400
SCORE = Score("update-advisor")
PACKAGE = (
    "Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Carl <carl@example.org>\n"
    "Description: of a test\n"
)
RELEASE = (
    "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: stable-security\n"
    "Date: %s UTC\n"
)


def setUpModule():
    missing = [name for name in ("apt-get", "dpkg-deb", "apt-mark", "mount") if not shutil.which(name)]
    if missing:
        raise unittest.SkipTest("not installed here: %s" % ", ".join(missing))
    own_view(needed=True)
    sh("mount", "-t", "tmpfs", "none", "/mnt")


def tearDownModule():
    SCORE.judge()


class Scenario(unittest.TestCase):
    def setUp(self):
        self.folder = "/mnt/" + self.id().rpartition(".")[2]
        os.mkdir(self.folder)
        self.addCleanup(shutil.rmtree, self.folder)
        self.seeded, self.told = set(), set()
        self.has_looked = False
        self.addCleanup(self.count)

    def count(self):
        if self.has_looked:
            SCORE.count(self.told, self.seeded)

    def look(self, *expected, only, **options):
        """Runs the parts `only` and holds what they say above `info` against what was seeded: (rule,
        severity, subject) each."""
        parts = ("packages", "reboot", "services", "images")
        given = {"skip": [part for part in parts if part not in only.split()], **options}
        outcome = testing.run_agent(HERE, testing.config_for(HERE, options=given))
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        self.has_looked = True
        rows = {(it["id"], it["severity"], it["subject"]) for it in outcome.findings}
        # What is only worth knowing counts where it was seeded.
        told = {it for it in rows if it[1] != "info"} | (rows & set(expected))
        self.seeded |= set(expected)
        self.told |= told
        self.assertEqual(told, set(expected))
        return outcome

    # --- What a scenario changes, for as long as it lasts -----------------------------------------------

    def write(self, path, text, days=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if days is not None:
            os.utime(path, (time.time() - days * DAYS, time.time() - days * DAYS))
        return path

    def mount(self, *argv):
        sh("mount", *argv)
        self.addCleanup(subprocess.run, ["umount", "-l", argv[-1]], stderr=subprocess.DEVNULL)

    def empty(self, path):
        os.makedirs(path, exist_ok=True)
        self.mount("-t", "tmpfs", "-o", "mode=755", "none", path)

    def instead_of(self, path, text):
        self.mount("--bind", self.write(self.folder + "/instead" + path, text), os.path.realpath(path))


class SystemTest(Scenario):
    def test_u05_a_release_that_is_over_and_one_that_is_not(self):
        for os_id, version, expected in (
            ("debian", "10", [("os.eol", "high", "debian 10")]),
            ("debian", "13", []),
            ("arch", "", []),
        ):
            with self.subTest(os_id + version):
                self.instead_of("/etc/os-release", "ID=%s\nVERSION_ID=%s\n" % (os_id, version))
                self.look(*expected, only="")

    def test_a_release_that_ends_next_month(self):
        end = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * DAY))
        self.instead_of("/etc/os-release", "ID=x\nVERSION_ID=1\nSUPPORT_END=%s\n" % end)
        self.look(("os.eol_soon", "warning", "x 1"), only="")

    def test_a_restart_that_is_due(self):
        self.instead_of("/etc/os-release", "ID=debian\nVERSION_ID=13\n")
        self.empty("/run")
        self.write("/run/reboot-required.pkgs", "linux-image-amd64\n")
        for days, severity in ((3, "warning"), (40, "high")):
            self.write("/run/reboot-required", "", days)
            outcome = self.look(("upd.reboot", severity, "kernel"), only="reboot")
        (found,) = outcome.found("upd.reboot")
        self.assertIn("for linux-image-amd64, since 40 days", found["title"])

    def test_u04_a_library_that_was_replaced_under_a_program(self):
        self.instead_of("/etc/os-release", "ID=debian\nVERSION_ID=13\n")
        self.empty("/usr/local/lib")
        (real,) = (
            glob.glob("/lib/*/libz.so.1")[:1] or glob.glob("/usr/lib/*/libz.so.1")[:1] or self.skip_libz()
        )
        for name in ("replaced.so", "kept.so"):
            shutil.copy(os.path.realpath(real), "/usr/local/lib/" + name)
            load = "import ctypes; ctypes.CDLL('/usr/local/lib/%s'); print(flush=True); input()" % name
            child = subprocess.Popen(
                [sys.executable, "-c", load],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
            self.addCleanup(child.stdin.close)
            self.addCleanup(child.stdout.close)
            self.addCleanup(child.wait)
            self.addCleanup(os.killpg, child.pid, signal.SIGKILL)
            child.stdout.readline()
        self.look(only="services")
        os.unlink("/usr/local/lib/replaced.so")
        outcome = self.look(("upd.restart_services", "warning", "services"), only="services")
        (found,) = outcome.found("upd.restart_services")
        (files,) = found["evidence"]["units"].values()
        self.assertEqual(files, ["/usr/local/lib/replaced.so"])

    def skip_libz(self):
        self.skipTest("there is no libz to copy")


class PackagesTest(Scenario):
    """A repository on this machine, and packages of it. What dpkg knows is a copy."""

    def setUp(self):
        super().setUp()
        self.instead_of("/etc/os-release", "ID=debian\nVERSION_ID=13\n")
        shutil.copytree("/var/lib/dpkg", self.folder + "/dpkg", symlinks=True)
        self.mount("--bind", self.folder + "/dpkg", "/var/lib/dpkg")
        self.repository = self.folder + "/repository"
        os.mkdir(self.repository)
        self.empty("/etc/apt/sources.list.d")
        self.write("/etc/apt/sources.list.d/lab.list", "deb [trusted=yes] file:%s ./\n" % self.repository)
        if os.path.exists("/etc/apt/sources.list"):
            self.instead_of("/etc/apt/sources.list", "")
        for path in ("/var/lib/apt/lists", "/var/lib/apt/periodic", "/var/cache/apt"):
            self.empty(path)
        self.publish()

    def build(self, name, version, into, postinst="", **fields):
        """Makes a package with nothing in it."""
        tree = self.folder + "/tree"
        text = PACKAGE % (name, version) + "".join("%s: %s\n" % field for field in fields.items())
        self.write(tree + "/DEBIAN/control", text)
        if postinst:
            os.chmod(self.write(tree + "/DEBIAN/postinst", "#!/bin/sh\n%s\n" % postinst), 0o755)
        os.chmod(tree + "/DEBIAN", 0o755)
        path = "%s/%s_%s_all.deb" % (into, name, version)
        sh("dpkg-deb", "--root-owner-group", "-b", tree, path)
        shutil.rmtree(tree)
        return path, text

    def publish(self, *packages):
        """Puts packages, (name, version) each, into the repository, and lets apt fetch its list."""
        entries = []
        for name, version in packages:
            path, text = self.build(name, version, self.repository)
            entries.append("%sFilename: %s\nSize: %d\n" % (text, path, os.path.getsize(path)))
        self.write(self.repository + "/Packages", "\n".join(entries))
        # Newer than the one before, or apt keeps what it has.
        self.published = getattr(self, "published", 0) + 1
        date = time.strftime("%a, %d %b %Y %H:%M:%S", time.gmtime(946684800 + self.published))
        self.write(self.repository + "/Release", RELEASE % date)
        sh("apt-get", "-q", "update", "-o", "APT::Sandbox::User=root")

    def install(self, name, version="1.0", force=False, **given):
        path, _ = self.build(name, version, self.folder, **given)
        sh("dpkg", *(["--force-all"] if force else []), "-i", path, may_fail=bool(given))

    def test_in_order_nothing_is_told(self):
        self.install("lab-thing")
        outcome = self.look(only="packages reboot services")
        self.assertEqual(outcome.data["packages"]["pending"], [])

    def test_a_security_update_and_one_that_may_not_wait(self):
        self.install("lab-thing")
        self.publish(("lab-thing", "2.0"))
        outcome = self.look(("upd.security", "warning", "apt"), only="packages")
        (waiting,) = outcome.data["packages"]["pending"]
        self.assertEqual((waiting["name"], waiting["from"], waiting["to"]), ("lab-thing", "1.0", "2.0"))
        self.install("openssh-lab")
        self.publish(("lab-thing", "2.0"), ("openssh-lab", "2.0"))
        self.look(("upd.security", "high", "apt"), only="packages")

    def test_u06_a_package_that_is_held(self):
        self.install("lab-thing")
        self.publish(("lab-thing", "2.0"))
        sh("apt-mark", "hold", "lab-thing")
        outcome = self.look(("upd.held", "info", "apt"), only="packages")
        self.assertEqual(outcome.found("upd.held")[0]["evidence"]["packages"], ["lab-thing"])

    def test_an_installation_that_broke_off(self):
        self.install("lab-broken", postinst="exit 1")
        outcome = self.look(("upd.dpkg_broken", "high", "dpkg"), only="packages")
        self.assertEqual(outcome.found("upd.dpkg_broken")[0]["evidence"]["packages"], ["lab-broken"])

    def test_packages_that_do_not_fit_together(self):
        self.install("lab-needy", force=True, Depends="lab-nowhere (>= 3)")
        outcome = self.look(("upd.broken", "high", "apt"), only="packages")
        self.assertIn("nmet dependencies", outcome.found("upd.broken")[0]["evidence"]["error"])

    def test_lists_that_are_old_or_were_never_fetched(self):
        for path in (
            "/var/lib/apt/lists",
            "/var/lib/apt/lists/partial",
            *glob.glob("/var/lib/apt/lists/*Release"),
        ):
            if os.path.exists(path):
                os.utime(path, (time.time() - 30 * DAYS, time.time() - 30 * DAYS))
        self.look(("upd.lists_stale", "warning", "apt"), only="packages")
        self.empty("/var/lib/apt/lists")
        self.look(("upd.lists_stale", "warning", "apt"), only="packages")

    def test_security_updates_that_do_not_install_themselves(self):
        if os.path.exists("/usr/bin/unattended-upgrade"):
            self.skipTest("here they do")
        # In a container of Docker nobody expects them; in one of LXC everybody does.
        self.empty("/run")
        self.write("/run/systemd/container", "lxc")
        self.look(("upd.unattended_off", "info", "apt"), only="packages")


class EngineTest(Scenario):
    """With a real Docker engine: a private one of the testbed."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()

    @classmethod
    def tearDownClass(cls):
        cls.lab.close()

    def test_u02_a_newer_image_is_here_and_the_container_runs_the_old_one(self):
        self.instead_of("/etc/os-release", "ID=debian\nVERSION_ID=13\n")
        self.lab.build("lab/app:1")
        self.lab.start("behind", "lab/app:1")
        self.lab.build("lab/app:1")
        self.lab.start("new", "lab/app:1")
        # Of the engine of a distribution, its own maker says until when.
        version = self.lab.version.partition(".")[0]
        old = (
            [("engine.old", "warning", "docker")]
            if int(version) < 28 and "dfsg" not in self.lab.version
            else []
        )
        expected = ("img.pulled_not_recreated", "warning", "lab/app:1")
        outcome = self.look(expected, *old, only="images", socket=self.lab.socket)
        (found,) = outcome.found("img.pulled_not_recreated")
        self.assertEqual(found["evidence"]["containers"], ["behind"])
        (row,) = outcome.data["images"]
        self.assertEqual((row["state"], row["digests"]), ("local-build", []))


if __name__ == "__main__":
    unittest.main()
