"""Real faults on this machine, each seeded, found by the real agent, and taken away again.

They live in a mount and a network namespace of this process: nothing outside sees them, and what is left over
goes with the process. That takes root; without it, or where the kernel refuses, they are skipped and say why.
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from typing import ClassVar

import testing
from collect_disks import parse_mountinfo
from faults import LIBC, Score, own_view, sh
from test_certs import OPENSSL, make
from test_given import DAY, DEFAULTS, HERE

SECTIONS = (
    "disks load services ports auth sshd certs time updates reboot network thermal storage keys".split()
)
ANY, LOCAL = "0.0.0.0", "127.0.0.1"
SCORE = Score("system-health")


def setUpModule():
    own_view(needed=True, network=True)
    # What others try at the same time is none of ours.
    for mount in [row["mount"] for row in mounts() if row["source"].startswith("/dev/loop")]:
        sh("umount", "-l", mount)
    sh("mount", "-t", "tmpfs", "none", "/mnt")
    # /sys shows the interfaces of the namespace it was mounted in; the groups below it are still wanted.
    os.mkdir("/mnt/groups")
    sh("mount", "--rbind", "/sys/fs/cgroup", "/mnt/groups")
    sh("mount", "-t", "sysfs", "none", "/sys")
    sh("mount", "--rbind", "/mnt/groups", "/sys/fs/cgroup")
    sh("umount", "-l", "/mnt/groups")
    if shutil.which("ip"):
        sh("ip", "link", "set", "lo", "up")


def tearDownModule():
    SCORE.judge()


def mounts():
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return parse_mountinfo(file.read())


def source_of(mount):
    return next(row["source"] for row in reversed(mounts()) if row["mount"] == mount)


def needs(*programs):
    missing = [name for name in programs if not shutil.which(name)]
    return unittest.skipIf(missing, "not installed here: %s" % ", ".join(missing))


class Fault(unittest.TestCase):
    def setUp(self):
        # Not in the usual place: an ordinary user must get there, too.
        self.folder = "/mnt/" + self.id().rpartition(".")[2]
        os.mkdir(self.folder)
        self.addCleanup(shutil.rmtree, self.folder)

    def perform(
        self,
        *sections,
        history=None,
        run=None,
        prefix=(),
        folder=HERE,
        python=sys.executable,
        env=None,
        **options,
    ):
        skip = [name for name in SECTIONS if name not in sections]
        past = {key: [[time.time() - 3600, value]] for key, value in (history or {}).items()}
        given = {"skip": skip, "sample_s": 0.3, **options}
        config = testing.config_for(folder, options=given, history=past, run=run or {})
        if isinstance((history or {}).get("disk"), list):
            config["history"]["disk"] = history["disk"]
        outcome = testing.run_agent(folder, config, prefix=prefix, python=python, env=env)
        assert outcome.code == 0, outcome.err
        self.assertEqual(outcome.err, "")
        return outcome

    def found(self, outcome):
        rows = [
            (it["id"], it["severity"], it["subject"]) for it in outcome.findings if it["severity"] != "info"
        ]
        return sorted(rows)

    def only(self, outcome, *expected, besides=()):
        """Exactly these findings; `besides` are those that this machine has without our fault."""
        known = set(self.found(besides) if besides else []) - set(expected)
        told, due = {it for it in self.found(outcome) if it not in known}, set(expected)
        SCORE.count(told, due)
        self.assertEqual(sorted(told), sorted(expected))
        return [it for it in outcome.findings if it["id"] in {rule for rule, _, _ in expected}]

    def write(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def mount(self, *argv):
        sh("mount", *argv)
        self.addCleanup(subprocess.run, ["umount", "-l", argv[-1]], stderr=subprocess.DEVNULL)

    def instead_of(self, path, text):
        """A file with another content for as long as the test runs."""
        if not os.path.exists(path):
            self.skipTest("%s is not here" % path)
        self.mount("--bind", self.write(self.folder + "/instead" + path, text), os.path.realpath(path))

    def empty(self, path):
        """A folder with nothing in it for as long as the test runs."""
        if not os.path.isdir(path):
            self.skipTest("%s is not here" % path)
        self.mount("-t", "tmpfs", "-o", "mode=755", "none", path)

    def start(self, *argv, **given):
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True, **given
        )
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(os.killpg, child.pid, signal.SIGKILL)
        return child

    def listen(self, port, address=ANY, kind=socket.SOCK_STREAM):
        listener = socket.socket(socket.AF_INET, kind)
        self.addCleanup(listener.close)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        if kind == socket.SOCK_STREAM:
            listener.listen(5)
        return listener


class DiskFaults(Fault):
    def setUp(self):
        super().setUp()
        self.usual = self.perform("disks")

    def tmpfs(self, name, options):
        mount = "/mnt/" + name
        os.makedirs(mount, exist_ok=True)
        self.mount("-t", "tmpfs", "-o", options, "none", mount)
        return mount

    def loop(self, name, *options, mb=40, mounted_with="loop"):
        image, mount = "%s/%s.img" % (self.folder, name), "/mnt/" + name
        with open(image, "wb") as file:
            file.truncate(mb << 20)
        sh("mkfs.ext4", "-q", "-F", *options, image)
        os.makedirs(mount, exist_ok=True)
        self.mount("-o", mounted_with, image, mount)
        return mount

    def fill(self, mount, share):
        it = os.statvfs(mount)
        with open(mount + "/fill", "wb") as file:
            file.write(b"x" * int(it.f_bavail * it.f_frsize * share))
            file.flush()
            os.fsync(file.fileno())

    def use(self, mount):
        it = os.statvfs(mount)
        used = (it.f_blocks - it.f_bfree) * it.f_frsize
        return used, used + it.f_bavail * it.f_frsize

    def test_a_file_system_in_memory_that_is_97_percent_full(self):
        mount = self.tmpfs("memory", "size=4m")
        self.fill(mount, 0.97)
        self.only(self.perform("disks"), ("disk.full", "critical", mount), besides=self.usual)

    @needs("mkfs.ext4")
    def test_a_disk_that_is_nearly_full_is_told_once_though_mounted_twice(self):
        mount = self.loop("twice")
        os.makedirs("/mnt/twice-again", exist_ok=True)
        self.mount("--bind", mount, "/mnt/twice-again")
        self.fill(mount, 0.9)
        (found,) = self.only(self.perform("disks"), ("disk.full", "warning", mount), besides=self.usual)
        self.assertIn("% full", found["title"])

    @needs("mkfs.ext4")
    def test_inodes_that_are_used_up_while_there_is_space(self):
        mount = self.loop("inodes", "-N", "256")
        while os.statvfs(mount).f_ffree > 8:
            self.write("%s/%d" % (mount, os.statvfs(mount).f_ffree), "")
        self.only(self.perform("disks"), ("disk.inodes", "critical", mount), besides=self.usual)

    @needs("mkfs.ext4")
    def test_a_disk_that_grows_steadily_and_one_that_goes_up_and_down(self):
        mount = self.loop("grows")
        self.fill(mount, 0.78)
        used, capacity = self.use(mount)
        cases = [
            (lambda ago: used - 0.05 * capacity * ago, [("disk.fill_forecast", "warning", mount)]),
            (lambda ago: used - 0.1 * capacity + (ago % 7) / 7 * 0.15 * capacity, []),
        ]
        for level, expected in cases:
            moments = [half / 2 for half in range(24, 0, -1)]
            past = [[time.time() - ago * DAY, {mount: [level(ago), capacity, None, None]}] for ago in moments]
            with self.subTest(expected):
                self.only(self.perform("disks", history={"disk": past}), *expected, besides=self.usual)

    @needs("mkfs.ext4")
    def test_an_error_that_ext4_has_met(self):
        for behaviour, also in (("continue", []), ("remount-ro", [("disk.readonly", "critical")])):
            with self.subTest(behaviour):
                mount = self.loop("hurt-" + behaviour, "-e", behaviour)
                device = os.path.basename(source_of(mount))
                trigger = "/sys/fs/ext4/%s/trigger_fs_error" % device
                if not os.path.exists(trigger):
                    self.skipTest("this kernel cannot be asked for an error of ext4")
                with open(trigger, "w") as file:
                    file.write("seeded")
                expected = [("disk.fs_errors", "high", device), *((*rule, mount) for rule in also)]
                self.only(self.perform("disks"), *expected, besides=self.usual)
                sh("umount", mount)

    def test_a_mount_that_fstab_promises_and_one_that_was_always_there(self):
        self.instead_of(
            "/etc/fstab", "UUID=1 /srv/promised ext4 defaults 0 2\nUUID=2 /srv/may-be ext4 nofail 0 2\n"
        )
        outcome = self.perform("disks", history={"mounts": {"/mnt/always": [3, 0], "/mnt/once": [1, 0]}})
        missing = [("disk.mount_missing", "high", mount) for mount in ("/srv/promised", "/mnt/always")]
        self.only(outcome, *missing, besides=self.usual)

    def test_a_mount_that_never_answers_hides_none_of_the_others(self):
        if not os.path.exists("/dev/fuse"):
            self.skipTest("there is no /dev/fuse here")
        os.makedirs("/mnt/dead", exist_ok=True)
        handle = os.open("/dev/fuse", os.O_RDWR)
        self.addCleanup(os.close, handle)
        options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % handle
        if LIBC.mount(b"nas:/export", b"/mnt/dead", b"fuse", 0, options) != 0:
            self.skipTest("fuse: %s" % os.strerror(ctypes.get_errno()))
        self.addCleanup(LIBC.umount2, b"/mnt/dead", 2)
        mount = self.tmpfs("beside", "size=4m")
        self.fill(mount, 0.97)
        outcome = self.perform("disks")
        self.only(
            outcome,
            ("disk.mount_hung", "high", "/mnt/dead"),
            ("disk.full", "critical", mount),
            besides=self.usual,
        )
        self.assertEqual([gap["what"] for gap in outcome.gaps], ["disks: /mnt/dead"])
        self.assertLess(outcome.seconds, 20)


class LoadFaults(Fault):
    ZOMBIES = """
import os, time
open("/proc/self/comm", "w").write("lazy\\x1b[2J")
for _ in range(12):
    if os.fork() == 0:
        os._exit(0)
print(flush=True)
time.sleep(60)
"""
    HOG = """
import os, sys
open(sys.argv[1], "w").write(str(os.getpid()))
open("/proc/self/comm", "w").write("hog")
much = "a" * (80 << 20)
"""

    # Reads a file round and round that its group has no room to keep: every page is waited for.
    THRASH = """
import mmap, os, sys
open(sys.argv[1], "w").write(str(os.getpid()))
with open(sys.argv[2], "rb") as file:
    pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
print(flush=True)
while True:
    for place in range(0, len(pages), 4096):
        pages[place]
"""

    def setUp(self):
        super().setUp()
        self.usual = self.perform("load")

    def found(self, outcome):
        """Others on this machine have processes, too, which come and go."""
        return [it for it in super().found(outcome) if not it[0].startswith("proc.")]

    def test_dead_processes_that_their_parent_does_not_collect(self):
        parent = self.start(sys.executable, "-c", self.ZOMBIES)
        parent.stdout.readline()
        (found,) = self.perform("load").found("proc.zombies", severity="warning")
        self.assertIn({"name": "lazy", "pid": parent.pid, "count": 12}, found["evidence"]["parents"])

    @needs("gcc")
    def test_a_process_that_is_stuck_in_the_kernel(self):
        source = (
            '#include <unistd.h>\nint main(){write(1,"\\n",1);if(!vfork()){sleep(60);_exit(0);}return 0;}\n'
        )
        sh("gcc", "-w", "-o", self.folder + "/stuck-here", self.write(self.folder + "/stuck.c", source))
        child = self.start(self.folder + "/stuck-here")
        child.stdout.readline()
        for _ in range(1000):
            with open("/proc/%d/stat" % child.pid) as file:
                if file.read().rpartition(")")[2].split()[0] == "D":
                    break
        (found,) = self.perform("load").found("proc.dstate", severity="high")
        self.assertIn(child.pid, [it["pid"] for it in found["evidence"]["procs"]])

    def test_a_process_that_was_killed_for_lack_of_memory_since_the_last_run(self):
        group, limit = self.group()
        with open("/proc/vmstat") as file:
            count = next(int(line.split()[1]) for line in file if line.startswith("oom_kill "))
        with open("/proc/sys/kernel/random/boot_id") as file:
            past = {"oom": {"count": count, "boot_id": file.read().strip()}}
        self.only(self.perform("load", history=past), besides=self.usual)
        with open(group + limit, "w") as file:
            file.write(str(20 << 20))
        ended = subprocess.run([sys.executable, "-c", self.HOG, group + "/cgroup.procs"]).returncode
        if ended != -signal.SIGKILL:
            self.skipTest("this kernel did not kill what took too much")
        outcome = self.perform("load", history=past)
        (found,) = self.only(outcome, ("mem.oom_kill", "high", "kernel"), besides=self.usual)
        self.assertEqual([it["name"] for it in found["evidence"]["victims"]], ["hog"])

    def test_a_group_that_has_too_little_memory_to_go_on(self):
        if not os.path.exists("/proc/pressure/memory"):
            self.skipTest("this kernel does not measure pressure")
        group, limit = self.group()
        with open(group + limit, "w") as file:
            file.write(str(16 << 20))
        # Not in memory, where it would be free to read.
        with open(os.path.join(tempfile.gettempdir(), "carl-thrash-%d" % os.getpid()), "wb") as file:
            self.addCleanup(os.unlink, file.name)
            file.write(os.urandom(64 << 20))
            file.flush()
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        hogs = [
            subprocess.Popen(
                [sys.executable, "-c", self.THRASH, group + "/cgroup.procs", file.name],
                stdout=subprocess.PIPE,
            )
            for _ in range(2)
        ]
        try:
            for hog in hogs:
                hog.stdout.readline()
            # It takes five minutes to fill the window: here a part of it has to do.
            if not self.pressed_within(60, 0.2) or any(hog.poll() is not None for hog in hogs):
                self.skipTest("this kernel waits for no memory of a group")
            told = self.perform("load", pressure_memory_warn_pct=0.1)
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
                hog.stdout.close()
        (found,) = self.only(told, ("pressure.memory", "warning", "memory"), besides=self.usual)
        self.assertEqual(found["evidence"]["line"], "full")
        self.only(self.perform("load"), besides=self.usual)

    def pressed_within(self, seconds, share):
        """Waits until all work stood still for want of memory in so much of five minutes."""
        until, (_, begin_us) = time.monotonic() + seconds, self.full_pressure()
        while time.monotonic() < until:
            average, total_us = self.full_pressure()
            # What was there before is none of ours.
            if average >= share and total_us - begin_us >= 500_000:
                return True
            time.sleep(0.5)
        return False

    def full_pressure(self):
        with open("/proc/pressure/memory") as file:
            full = dict(word.split("=") for word in file.read().split("full ")[1].split())
        return float(full["avg300"]), int(full["total"])

    def group(self):
        """A group of our own with a limit of memory, of the older or the newer kind."""
        for parent, limit in (
            ("/sys/fs/cgroup/memory", "/memory.limit_in_bytes"),
            ("/sys/fs/cgroup", "/memory.max"),
        ):
            group = "%s/carl-fault-%d" % (parent, os.getpid())
            with contextlib.suppress(OSError):
                os.mkdir(group)
                self.addCleanup(os.rmdir, group)
                if os.path.exists(group + limit):
                    return group, limit
        return self.skipTest("no group with a limit of memory can be made here")

    def test_memory_that_is_short_and_full_swap(self):
        short = "MemTotal: 16000000 kB\nMemAvailable: 100000 kB\nSwapTotal: 1000000 kB\nSwapFree: 50000 kB\n"
        self.instead_of("/proc/meminfo", short)
        expected = [("mem.low", "critical", "memory"), ("mem.swap_full", "warning", "swap")]
        if os.path.exists("/proc/pressure/memory"):
            pressed = "some avg10=9 avg60=9 avg300=25 total=9\nfull avg10=9 avg60=9 avg300=21 total=9\n"
            self.instead_of("/proc/pressure/memory", pressed)
            expected.append(("pressure.memory", "high", "memory"))
        self.only(self.perform("load"), *expected, besides=self.usual)

    def test_a_sensor_that_is_hot_beside_one_that_is_not_there(self):
        self.empty("/sys/class")
        chip = "/sys/class/hwmon/hwmon0/"
        for name, value in (("name", "coretemp"), ("temp1_input", 99000), ("temp1_crit", 100000)):
            self.write(chip + name, "%s\n" % value)
        self.write(chip + "temp2_input", "-128000\n")
        self.write(chip + "temp3_input", "41000\n")
        self.only(self.perform("thermal"), ("hw.temp_critical", "critical", "coretemp/temp1"))


class DoorFaults(Fault):
    """Ports, logins, keys and certificates."""

    def test_a_port_that_is_new(self):
        before = self.perform("ports").data["ports"]["external"]
        self.listen(4444)
        self.listen(4445, LOCAL)
        outcome = self.perform("ports", history={"ports": before})
        (found,) = self.only(outcome, ("net.port_new", "warning", "tcp/4444"))
        self.assertIn(
            found["evidence"]["listeners"][0]["proc"], ("python3", "python%d.%d" % sys.version_info[:2])
        )
        self.only(self.perform("ports", history={"ports": outcome.history()["ports"]}))

    def test_a_service_without_a_password_that_strangers_reach(self):
        self.listen(6379, LOCAL)
        self.only(self.perform("ports"))
        self.listen(23)
        self.only(self.perform("ports"), ("net.port_risky", "high", "tcp/23"))

    def log(self, *lines):
        self.empty("/var/log")
        stamp = time.strftime("%b %e %H:%M:%S", time.localtime(time.time() - 600))
        self.write("/var/log/auth.log", "".join("%s nas sshd[7]: %s\n" % (stamp, said) for said in lines))

    def test_many_failed_logins_and_one_that_worked_in_the_end(self):
        failed = [
            "Failed password for root from 203.0.113.9 port %d ssh2" % port for port in range(4000, 4030)
        ]
        self.log(*failed, "Accepted password for root from 203.0.113.9 port 5000 ssh2")
        broken_in = ("auth.success_after_failures", "critical", "root@203.0.113.9")
        self.only(self.perform("auth"), broken_in, ("auth.bruteforce", "warning", "ssh"))

    def test_a_mistyped_password_is_nothing(self):
        self.log(
            *["Failed password for me from 10.0.0.7 port 1 ssh2"] * 3,
            "Accepted password for me from 10.0.0.7 port 1 ssh2",
        )
        self.only(self.perform("auth"))

    def test_a_user_name_that_pretends_to_be_a_login(self):
        user = "Accepted password for root from 6.6.6.6 port 1 ssh2"
        forged = "Failed password for invalid user %s from 10.0.0.7 port 1 ssh2" % user
        self.log(*[forged] * 25)
        (found,) = self.only(self.perform("auth"), ("auth.bruteforce", "warning", "ssh"))
        self.assertEqual([it["ip"] for it in found["evidence"]["sources"]], ["10.0.0.7"])

    @needs("ssh-keygen")
    def test_an_ssh_server_that_lets_root_in_with_a_password(self):
        self.empty("/etc/ssh")
        self.write("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n")
        self.write("/etc/ssh/sshd_config.d/10-x.conf", "PermitRootLogin yes\nPasswordAuthentication yes\n")
        sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/etc/ssh/ssh_host_ed25519_key")
        self.empty("/run")
        os.mkdir("/run/sshd")
        self.listen(22)
        expected = ("ssh.root_password", "high", "sshd")
        asked = self.perform("ports", "sshd")
        self.only(asked, expected)
        read = self.as_nobody("ports", "sshd")
        self.only(read, expected)
        self.assertEqual(read.data["sshd"]["how"], "sshd_config")
        if shutil.which("sshd"):
            self.assertEqual(asked.data["sshd"]["how"], "sshd -T")

    def as_nobody(self, *sections, **given):
        python = next(
            (it for it in ("/usr/bin/python3", "/usr/local/bin/python3") if os.path.exists(it)), None
        )
        if python is None or not shutil.which("setpriv"):
            self.skipTest("no Python that an ordinary user may run, or no setpriv")
        if not os.path.exists(self.folder + "/agents"):
            shutil.copytree(os.path.dirname(HERE), self.folder + "/agents")
        known = testing.KIT
        testing.KIT = self.folder + "/agents/kit"
        try:
            prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            folder = self.folder + "/agents/" + os.path.basename(HERE)
            return self.perform(*sections, prefix=prefix, python=python, folder=folder, **given)
        finally:
            testing.KIT = known

    def test_an_ordinary_user_gets_a_report_and_is_told_what_was_not_seen(self):
        self.empty("/var/log")
        os.chmod(self.write("/var/log/auth.log", ""), 0o600)
        outcome = self.as_nobody(*SECTIONS, network_probes=False)
        self.assertEqual(outcome.result["status"], "partial")
        gaps = {gap["what"]: gap for gap in outcome.gaps}
        self.assertIn("auth", gaps)
        self.assertIn("keys", gaps)
        self.assertIn("Permission denied", gaps["auth"]["why"])
        self.assertTrue(all(gap["remedy"] for gap in outcome.gaps), outcome.gaps)

    def test_a_second_name_for_root_and_login_keys_that_changed(self):
        home = self.folder + "/home"
        keys = self.write(home + "/.ssh/authorized_keys", "ssh-ed25519 AAAA me\n")
        self.instead_of("/etc/passwd", "root:x:0:0::/nowhere:/bin/sh\nann:x:1000:1000::%s:/bin/sh\n" % home)
        first = self.perform("keys")
        self.only(first)
        past = {"keys": first.history()["keys"]}
        self.write(keys, "# a comment\nssh-ed25519 AAAA me, renamed\n".replace("me, renamed", "me"))
        self.only(self.perform("keys", history=past))
        with open(keys, "a") as file:
            file.write("ssh-ed25519 BBBB eve\n")
        with open("/etc/passwd", "a") as file:
            file.write("eve:x:0:0::/nowhere:/bin/sh\n")
        changed = ("sec.authorized_keys_changed", "warning", keys)
        outcome = self.perform("keys", history=past)
        self.only(outcome, changed, ("sec.uid0", "critical", "eve"))
        self.assertNotIn("BBBB", str(outcome.events))

    def certificate(self, name, days, lifetime=90):
        """One that has so many days left: a fresh one with other dates, which only its signature shows."""
        path = make(self.folder, name, days=lifetime, key="ed25519")
        with open(path) as file:
            octets = ssl.PEM_cert_to_DER_cert(file.read())
        place = octets.index(b"\x17\x0d") + 2
        for at, day in ((place, days - lifetime), (place + 15, days)):
            moment = time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() + day * DAY)).encode()
            octets = octets[:at] + moment + octets[at + len(moment) :]
        return self.write(path, ssl.DER_cert_to_PEM_cert(octets))

    @unittest.skipUnless(OPENSSL, "openssl is not installed here")
    def test_certificates_in_files(self):
        old, fine = self.certificate("old.pem", -3), self.certificate("fine.pem", 60)
        early = self.certificate("early.pem", 100)
        self.only(
            self.perform("certs", cert_paths=[old, fine, early]),
            ("cert.expired", "critical", old),
            ("cert.not_yet_valid", "high", early),
        )

    @unittest.skipUnless(OPENSSL, "openssl is not installed here")
    def test_a_certificate_that_a_local_service_serves(self):
        path = self.certificate("five.pem", 5)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, path + ".key")
        listener = self.listen(8443)
        threading.Thread(target=self.serve, args=(listener, context), daemon=True).start()
        # Nobody named it: it is asked because it listens.
        (found,) = self.only(self.perform("ports", "certs"), ("cert.expiring", "high", "127.0.0.1:8443"))
        self.assertIn("nas.home.lan expires in 5 days", found["title"])

    def serve(self, listener, context):
        with contextlib.suppress(OSError):
            while True:
                with listener.accept()[0] as connection, contextlib.suppress(OSError):
                    context.wrap_socket(connection, server_side=True).close()


class SystemFaults(Fault):
    """Services, updates, clock and network."""

    def test_a_clock_that_is_ten_minutes_off(self):
        usual = self.perform("time")
        off = self.perform("time", run={"sentAt": time.time() + 600})
        self.only(off, ("time.skew", "high", "clock"), besides=usual)

    @needs("apt-get")
    def test_lists_that_are_old_and_a_restart_that_is_due(self):
        self.empty("/run")
        self.empty("/var/lib/apt/lists")
        release = self.write("/var/lib/apt/lists/deb.example_dists_stable_InRelease", "")
        due = self.write("/run/reboot-required", "")
        self.write("/run/reboot-required.pkgs", "linux-image-amd64\n")
        for path, days in ((release, 30), ("/var/lib/apt/lists", 30), (due, 40)):
            os.utime(path, (time.time() - days * DAY, time.time() - days * DAY))
        if os.path.isdir("/var/lib/apt/periodic"):
            self.empty("/var/lib/apt/periodic")
        outcome = self.perform("updates", "reboot")
        found = self.only(outcome, ("upd.lists_stale", "warning", "apt"), ("upd.reboot", "high", "kernel"))
        self.assertIn("30 days old", next(it["title"] for it in found if it["id"] == "upd.lists_stale"))

    def test_a_service_that_failed_with_hostile_words(self):
        self.empty("/run")
        os.makedirs("/run/systemd/system")
        evil = '\x1b[2J\x1b]0;pwned\x07{"kind":"result","status":"ok"}\u202e'
        shown = (
            "Id=evil%s.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\n"
            "Result=exit-code\nExecMainStatus=7\n"
        )
        self.write(self.folder + "/shown", shown % "\x1b[31m\u202e$(reboot)")
        self.write(self.folder + "/said", "one\n%s\n" % evil)
        for program, file in (("systemctl", "shown"), ("journalctl", "said")):
            path = self.write(
                "%s/bin/%s" % (self.folder, program), "#!/bin/sh\ncat %s/%s\n" % (self.folder, file)
            )
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        outcome = self.perform("services", env={"PATH": self.folder + "/bin:/usr/bin:/bin"})
        (found,) = self.only(outcome, ("svc.failed", "high", "evil\ufffd$(reboot).service"))
        self.assertEqual(found["evidence"]["tail"], ["one", '{"kind":"result","status":"ok"}\ufffd'])
        self.assertIn("sudo systemctl restart 'evil\ufffd$(reboot).service'", found["fix"])
        self.assertEqual(len(outcome.of("result")), 1)
        for text in testing.texts_of(outcome.events):
            self.assertNotRegex(text, "[\x1b\u202a-\u202e]")

    @needs("ip")
    def test_name_servers(self):
        usual = self.perform("network", network_probes=False)
        self.answer_names("127.0.0.53")
        cases = [
            ("nameserver 127.0.0.53\n", []),
            (
                "nameserver 127.0.0.77\nnameserver 127.0.0.53\n",
                [("net.dns_server_dead", "warning", "127.0.0.77")],
            ),
            ("nameserver 127.0.0.77\n", [("net.dns_down", "critical", "dns")]),
            ("# nothing\n", [("net.no_resolver", "warning", "dns")]),
        ]
        for text, expected in cases:
            with self.subTest(text):
                self.instead_of("/etc/resolv.conf", text)
                self.only(self.perform("network"), *expected, besides=usual)
                sh("umount", "-l", os.path.realpath("/etc/resolv.conf"))

    @needs("ip", "ping")
    def test_a_gateway_that_answers_and_a_host_that_does_not(self):
        self.way_out()
        self.answer_names("127.0.0.53")
        self.instead_of("/etc/resolv.conf", "nameserver 127.0.0.53\n")
        outcome = self.perform("network", ping_targets=["198.18.0.99"])
        self.only(outcome, ("net.unreachable", "high", "198.18.0.99"))
        self.assertEqual(outcome.data["network"]["ping"][0]["loss_pct"], 0)

    @needs("ip", "ping", "iptables")
    def test_every_second_answer_is_lost(self):
        self.way_out()
        self.answer_names("127.0.0.53")
        self.instead_of("/etc/resolv.conf", "nameserver 127.0.0.53\n")
        every_second = "-m statistic --mode nth --every 2 --packet 0 -j DROP".split()
        sh("iptables", "-A", "INPUT", "-p", "icmp", "--icmp-type", "echo-reply", *every_second)
        self.addCleanup(sh, "iptables", "-F", "INPUT", may_fail=True)
        (found,) = self.only(self.perform("network"), ("net.packet_loss", "warning", "198.18.0.1"))
        self.assertEqual(found["evidence"]["loss_pct"], 50)

    @needs("ip")
    def test_no_way_out(self):
        outcome = self.perform("network", network_probes=False)
        self.only(outcome, ("net.no_default_route", "warning", "route"))
        self.way_out()
        self.only(self.perform("network", network_probes=False))

    def way_out(self):
        """A default route to a neighbour that is there."""
        sh("ip", "link", "add", "carl0", "type", "veth", "peer", "name", "carl1")
        self.addCleanup(subprocess.run, ["ip", "link", "del", "carl0"])
        for device, address in (("carl0", "198.18.0.2/24"), ("carl1", "198.18.0.1/24")):
            sh("ip", "address", "add", address, "dev", device)
            sh("ip", "link", "set", device, "up")
        sh("ip", "route", "add", "default", "via", "198.18.0.1", "dev", "carl0")

    def answer_names(self, address):
        """A name server that knows one address for everything."""
        listener = self.listen(53, address, socket.SOCK_DGRAM)
        record = b"\xc0\x0c\0\1\0\1\0\0\0<\0\4\x7f\0\0\1"

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    asked, who = listener.recvfrom(512)
                    listener.sendto(
                        asked[:2] + b"\x81\x80" + asked[4:6] + b"\0\1\0\0\0\0" + asked[12:] + record, who
                    )

        threading.Thread(target=answer, daemon=True).start()


class SystemdFaults(Fault):
    """A real systemd with a real journal, as the first process of a namespace, on a copy of this root that is
    gone with it. It starts nothing but our units."""

    UNITS: ClassVar[dict] = {
        "fails": "Type=oneshot\nExecStart=/bin/sh -c 'echo the disk is not there; exit 7'",
        "loops": "Restart=always\nRestartSec=1\nExecStart=/bin/false",
        "evil": "Type=oneshot\nExecStart=/bin/sh -c 'cat /evil; exit 1'",
        "logins": "Type=oneshot\nSyslogIdentifier=sshd\nExecStart=/bin/cat /logins",
        "good": "ExecStart=/bin/sleep 1000",
    }
    BEGIN = """
set -e
echo 0 > "$2/cgroup.procs"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o mode=755 tmpfs "$1/run"
exec env -i container=docker PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" "$3" --system --unit=carl.target
"""

    def boot(self, **files):
        """Its process, once our units have come so far."""
        places = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
        systemd = next((it for it in places if os.path.exists(it)), None)
        if systemd is None:
            self.skipTest("systemd is not installed here")
        # Not in our folder: below it lies this machine's own root.
        for name in ("upper", "work", "root"):
            os.makedirs("/mnt/booted/" + name)
        units = "/mnt/booted/upper/etc/systemd/system/"
        wanted = " ".join("%s.service" % name for name in self.UNITS)
        self.write(units + "carl.target", "[Unit]\nWants=systemd-journald.service %s\n" % wanted)
        for name, text in self.UNITS.items():
            head = "[Unit]\nDefaultDependencies=no\nAfter=systemd-journald.socket\nStartLimitIntervalSec=0\n"
            self.write("%s%s.service" % (units, name), "%s[Service]\n%s\n" % (head, text))
        for name, text in files.items():
            self.write("/mnt/booted/upper/" + name, text)
        shutil.copytree(os.path.dirname(HERE), "/mnt/booted/upper/agents")
        layers = "lowerdir=/,upperdir=/mnt/booted/upper,workdir=/mnt/booted/work"
        self.mount("-t", "overlay", "-o", layers, "overlay", "/mnt/booted/root")
        named = "/sys/fs/cgroup/systemd"
        group = "%s/carl-systemd-%d" % (named if os.path.isdir(named) else "/sys/fs/cgroup", os.getpid())
        os.mkdir(group)
        self.addCleanup(self.remove_groups, os.path.basename(group))
        alone = "--pid --fork --kill-child --mount --uts --ipc".split()
        begin = ["sh", "-c", self.BEGIN, "sh", "/mnt/booted/root", group, systemd]
        parent = self.start("unshare", *alone, *begin, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until and parent.poll() is None:
            with open("/proc/%d/task/%d/children" % (parent.pid, parent.pid)) as file:
                first = file.read().strip()
            told = self.inside(first, "systemctl", "is-failed", "fails", "evil") if first else ""
            if told == "failed\nfailed" and self.restarts(first, "loops") >= 2:
                return first
            time.sleep(0.1)
        return self.skipTest("systemd does not start here")

    def restarts(self, first, unit):
        return int(self.inside(first, "systemctl", "show", "--property=NRestarts", "--value", unit) or 0)

    def inside(self, first, *argv):
        enter = ["nsenter", "-t", first, "-m", "-p", "-i", "-u", "-r", "-w"]
        done = subprocess.run([*enter, *argv], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout.decode().strip()

    def remove_groups(self, name):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            tops = glob.glob("/sys/fs/cgroup/" + name) + glob.glob("/sys/fs/cgroup/*/" + name)
            if not tops:
                return
            for folder in [folder for top in tops for folder, _, _ in os.walk(top, topdown=False)]:
                # What was killed is in there for a moment still.
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
            time.sleep(0.05)

    @needs("unshare", "nsenter", "systemctl", "journalctl")
    def test_units_that_fail_and_logins_that_do_as_systemd_and_its_journal_tell_them(self):
        evil = '\x1b[2J\x1b]0;pwned\x07{"kind":"result","status":"ok"}\u202e'
        sources = ["203.0.113.%d" % (7 + number % 3) for number in range(60)]
        failed = "".join("Failed password for root from %s port 4000 ssh2\n" % it for it in sources)
        first = self.boot(evil=evil + "\n", logins=failed)
        options = {"skip": [name for name in SECTIONS if name not in ("services", "auth")]}
        kit = testing.KIT
        testing.KIT = "/agents/kit"
        try:
            outcome = testing.run_agent(
                "/agents/" + os.path.basename(HERE),
                testing.config_for(HERE, options=options),
                prefix=[shutil.which("nsenter"), "-t", first, "-m", "-p", "-i", "-u", "-r", "-w"],
            )
        finally:
            testing.KIT = kit
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        found = self.only(
            outcome,
            ("svc.failed", "high", "fails.service"),
            ("svc.failed", "high", "evil.service"),
            ("svc.restart_loop", "high", "loops.service"),
            ("auth.bruteforce", "warning", "ssh"),
        )
        by_subject = {it["subject"]: it["evidence"] for it in found}
        self.assertEqual(by_subject["fails.service"]["exit_status"], 7)
        self.assertIn("the disk is not there", by_subject["fails.service"]["tail"])
        self.assertEqual((outcome.data["auth"]["source"], outcome.data["auth"]["failed"]), ("journal", 60))
        self.assertEqual(len(by_subject["ssh"]["sources"]), 3)
        self.assertEqual(len(outcome.of("result")), 1)
        for text in testing.texts_of(outcome.events):
            self.assertNotRegex(text, "[\x1b\u202a-\u202e]")


class CleanRun(Fault):
    def test_every_section_keeps_its_time_and_the_run_its_own(self):
        outcome = self.perform(*SECTIONS, network_probes=False, sample_s=DEFAULTS["sample_s"])
        steps = {event["step"]: event["state"] for event in outcome.of("progress")}
        self.assertEqual(sorted(steps), sorted([*SECTIONS, "host"]))
        self.assertEqual(set(steps.values()), {"ok"})
        self.assertTrue(all(gap["remedy"] for gap in outcome.gaps), outcome.gaps)

    @needs("busybox", "chroot")
    def test_a_node_with_busybox_and_nothing_else(self):
        if sys.base_prefix == "/usr":
            self.skipTest("this Python is that of the system, which has all its programs beside it")
        options = {"sample_s": 0.3, "network_probes": False, "disk_warn_pct": 100, "disk_crit_pct": 100}
        usual = self.perform(*SECTIONS, **options)
        config = testing.config_for(HERE, options=options)
        root, kit = self.bare_root(), testing.KIT
        testing.KIT = "/agents/kit"
        try:
            folder = "/agents/" + os.path.basename(HERE)
            outcome = testing.run_agent(folder, config, prefix=[shutil.which("chroot"), root])
        finally:
            testing.KIT = kit
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        self.only(outcome, besides=usual)
        gaps = {gap["what"].partition(":")[0] for gap in outcome.gaps}
        self.assertLessEqual({"services", "updates"}, gaps)
        self.assertTrue(all(gap["remedy"] for gap in outcome.gaps), outcome.gaps)

    def found(self, outcome):
        """Others on this machine have processes, too, which come and go."""
        return [it for it in super().found(outcome) if not it[0].startswith("proc.")]

    def bare_root(self):
        """A root with a shell, a Python and its libraries. Not in our folder: what is mounted in there is
        the machine's, and is never to be removed with it."""
        root = "/mnt/bare"
        os.makedirs(root + "/bin")
        shutil.copy(shutil.which("busybox"), root + "/bin/busybox")
        for applet in "sh ps df ls cat ping dmesg mount hostname uname".split():
            os.symlink("busybox", "%s/bin/%s" % (root, applet))
        self.write(root + "/etc/os-release", "ID=alpine\nVERSION_ID=3.24.1\n")
        self.write(root + "/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        shutil.copytree(os.path.dirname(HERE), root + "/agents")
        for folder in ("/proc", "/sys", "/dev", "/lib", "/lib64", "/usr/lib", "/usr/lib64", sys.base_prefix):
            if os.path.islink(folder):
                os.symlink(os.readlink(folder), root + folder)
            elif os.path.isdir(folder):
                os.makedirs(root + folder)
                self.mount("--rbind", folder, root + folder)
        return root
