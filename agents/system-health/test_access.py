"""Logins, the settings of the SSH server, and keys. User names are whatever an attacker typed."""

from __future__ import annotations

import os
import time
import unittest
import unittest.mock

from agent_kit import NotSeen
from agent_kit_commands import Ran
from collect_auth import collect_auth, parse_logins, parse_said, summarise, to_time
from collect_keys import collect_keys, hash_of
from collect_sshd import collect_sshd, first_values
from given import rules
from rules_access import judge_auth, judge_keys, judge_sshd
from test_given import DAY, HOST, NOW, Scripted, answer, context
from test_load import Node


def line(said, ago=100.0, program="sshd"):
    return "%.3f nas %s[7]: %s" % (NOW - ago, program, said)


def failures(count, ip="203.0.113.9", ago=900.0, user="root"):
    return [
        line("Failed password for %s from %s port %d ssh2" % (user, ip, 40000 + n), ago - n / 1000)
        for n in range(count)
    ]


def accepted(ip="203.0.113.9", ago=100.0, method="password", user="root"):
    return line("Accepted %s for %s from %s port 5 ssh2" % (method, user, ip), ago)


def judged(lines, **options):
    return judge_auth(summarise(parse_logins(lines, NOW), "journal", NOW, NOW - DAY), context(**options))


class ParseTest(unittest.TestCase):
    def test_each_kind_of_line_of_a_log_as_it_is_written_today_and_was_before(self):
        logins = parse_logins(answer("auth.log").splitlines(), NOW)
        found = [(it.kind, it.user, it.ip, it.times) for it in logins]
        attacker, other = "203.0.113.9", "198.51.100.1"
        self.assertEqual(
            found,
            [
                ("failed", "root", attacker, 1),
                ("failed", "admin", attacker, 1),
                ("invalid", "admin", attacker, 1),
                ("failed", "root from %s port 22 ssh2" % other, attacker, 1),
                ("failed", "root", "2001:db8::7", 2),
                ("closed", "root", attacker, 1),
                ("accepted", "ann", "192.168.1.5", 1),
                ("accepted", "bob", "192.168.1.6", 1),
                ("failed", "Accepted password for root from 6.6.6.6 port 1 ssh2", attacker, 1),
                ("failed", "x", "203.0.113.10", 1),
                ("failed", "pi", "203.0.113.11", 1),
            ],
        )

    def test_a_user_name_cannot_forge_a_login_or_another_address(self):
        cases = [
            (
                "Failed password for invalid user Accepted password for root from 6.6.6.6 port 1 ssh2"
                " from 1.2.3.4 port 5 ssh2",
                "failed",
            ),
            (
                "Invalid user Accepted password for root from 6.6.6.6 port 1 ssh2 from 1.2.3.4 port 5",
                "invalid",
            ),
            (
                "Connection closed by invalid user a 6.6.6.6 port 2 [preauth] 1.2.3.4 port 5 [preauth]",
                "closed",
            ),
            ("Failed password for invalid user \x1b[2J\u202e from 1.2.3.4 port 5 ssh2", "failed"),
        ]
        for said, kind in cases:
            with self.subTest(said):
                login = parse_said(said, NOW)
                self.assertEqual((login.kind, login.ip), (kind, "1.2.3.4"))
                self.assertNotIn("\x1b", login.user)

    def test_lines_that_are_no_logins_are_passed_over(self):
        for said in (
            "",
            "Server listening on 0.0.0.0 port 22.",
            "Accepted password for a b from 1.2.3.4 port 5 ssh2",
        ):
            self.assertIsNone(parse_said(said, NOW))
        self.assertEqual(parse_logins(["", "no stamp", line("Failed password for " + "1" * 5000)], NOW), [])

    def test_time_stamps(self):
        with unittest.mock.patch.dict(os.environ, TZ="UTC"):
            time.tzset()
            self.check_time_stamps()
        time.tzset()

    def check_time_stamps(self):
        cases = [
            ("1799913614.250000", 1799913614.25),
            ("2027-01-14T08:00:00.5+01:00", 1799910000.0),
            ("2027-01-14T08:00:00-0530", 1799933400.0),
            ("2027-01-14T08:00:00Z", 1799913600.0),
            ("Jan 14 08:00:00", 1799913600.0),
            ("Nov  4 08:00:00", 1793779200.0),  # of the year before: this one is not there yet
            ("Foo 14 08:00:00", None),
            ("yesterday", None),
        ]
        for stamp, at in cases:
            self.assertEqual(to_time(stamp, NOW), at, stamp)

    def test_one_attempt_that_is_logged_three_ways_counts_once(self):
        lines = [
            line("Invalid user pi from 203.0.113.9 port 1"),
            line("Failed password for invalid user pi from 203.0.113.9 port 1 ssh2"),
            line("Connection closed by invalid user pi 203.0.113.9 port 1 [preauth]"),
        ]
        found = summarise(parse_logins(lines, NOW), "journal", NOW, NOW - DAY)
        self.assertEqual((found["failed"], found["addresses"]), (1, 1))


class CollectAuthTest(Node):
    def test_the_journal_comes_first_then_the_files(self):
        node = self.node({"/var/log/auth.log": "\n".join(failures(3))})
        cases = [
            ({"journalctl": "\n".join(failures(2))}, "systemd", ("journal", 2)),
            ({"journalctl": ""}, "systemd", ("/var/log/auth.log", 3)),
            ({"journalctl": Ran(1, "", "no", None)}, "systemd", ("/var/log/auth.log", 3)),
            ({}, "init", ("/var/log/auth.log", 3)),
        ]
        for answers, init, expected in cases:
            with self.subTest(answers=answers, init=init):
                found = collect_auth(Scripted(answers), node, {**HOST, "init": init}, NOW, NOW - DAY)
                self.assertEqual((found["source"], found["failed"]), expected)

    def test_right_after_a_rotation_the_file_before_counts_too(self):
        files = {
            "/var/log/auth.log": "\n".join(failures(1)),
            "/var/log/auth.log.1": "\n".join(failures(4)) + "\n",
        }
        node = self.node(files)
        now = time.time()
        for age, failed in ((100, 5), (2 * DAY, 1)):
            os.utime(node.at("/var/log/auth.log.1"), (now - age, now - age))
            found = collect_auth(Scripted({}), node, {**HOST, "init": "init"}, NOW, now - DAY)
            self.assertEqual(found["failed"], failed)

    def test_without_a_log_it_is_a_gap_that_says_what_to_do(self):
        with self.assertRaises(NotSeen) as caught:
            collect_auth(Scripted({}), self.node({"/etc/x": ""}), {**HOST, "init": "init"}, NOW, NOW)
        self.assertIn("rsyslog", caught.exception.remedy)


class AuthRulesTest(unittest.TestCase):
    def test_failures_of_a_day(self):
        cases = [
            (failures(19), []),
            (failures(20), [("auth.bruteforce", "warning")]),
            (failures(60, ago=DAY + 100), []),
        ]
        for lines, expected in cases:
            self.assertEqual(rules(judged(lines)), expected)
        self.assertEqual(rules(judged(failures(5), bruteforce_failures=5)), [("auth.bruteforce", "warning")])

    def test_the_finding_counts_by_address_and_names_what_was_tried(self):
        lines = (
            failures(30) + failures(20, "203.0.113.10", user="invalid user pi") + failures(10, "203.0.113.11")
        )
        (found,) = judged(lines)
        self.assertEqual(found.title, "60 failed SSH logins in 24 hours, from 3 addresses")
        self.assertEqual([it["failed"] for it in found.evidence["sources"]], [30, 20, 10])
        self.assertEqual(found.evidence["sources"][1]["users"], ["pi"])

    def test_a_password_login_after_many_failures_of_the_same_address(self):
        cases = [
            # failures before it, its address, method, told
            (10, "203.0.113.9", "password", True),
            (9, "203.0.113.9", "password", False),
            (10, "192.168.1.5", "password", False),
            (10, "203.0.113.9", "publickey", False),
            (10, "203.0.113.9", "keyboard-interactive/pam", True),
        ]
        for count, ip, method, told in cases:
            with self.subTest(count=count, ip=ip, method=method):
                found = rules(judged([*failures(count), accepted(ip, method=method)]))
                self.assertEqual(found, [("auth.success_after_failures", "critical")] if told else [])

    def test_failures_after_the_login_prove_nothing(self):
        self.assertEqual(judged([accepted(ago=950), *failures(15)]), [])

    def test_thousands_of_addresses_end_as_a_count_and_the_ten_worst(self):
        lines = [text for n in range(3000) for text in failures(4, "10.%d.%d.7" % (n // 250, n % 250))]
        (found,) = judged(lines)
        self.assertEqual((found.evidence["total"], len(found.evidence["sources"])), (12000, 10))


class SshdTest(Node):
    def test_the_first_value_wins_and_match_ends_what_holds_for_all(self):
        node = self.node(
            {
                "/etc/ssh/sshd_config": "# x\nInclude /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n"
                'PasswordAuthentication="no"\nMatch User guest\nPermitEmptyPasswords yes\n',
                "/etc/ssh/sshd_config.d/10-a.conf": "permitrootlogin   yes\n"
                "Match Address 10.0.0.0/8\nX11Forwarding yes\n",
                "/etc/ssh/sshd_config.d/20-b.conf": "PermitRootLogin no\nPort 2222\n",
            }
        )
        found = collect_sshd(Scripted({}), node, [{"proc": None, "port": 2222}])
        self.assertEqual((found["permitrootlogin"], found["passwordauthentication"]), ("yes", "no"))
        self.assertEqual((found["permitemptypasswords"], found["x11forwarding"]), ("no", "no"))
        self.assertEqual((found["running"], found["how"]), (True, "sshd_config"))

    def test_older_names_and_an_equals_sign(self):
        values = first_values(["ChallengeResponseAuthentication=no", "UsePAM = yes"])
        self.assertEqual((values["kbdinteractiveauthentication"], values["usepam"]), ("no", "yes"))

    def test_a_file_that_only_root_may_read_is_a_gap_and_no_server_is_nothing(self):
        node = self.node({"/etc/ssh/sshd_config": "Include secret.conf\n"})
        os.mkdir(node.at("/etc/ssh/secret.conf"))  # cannot be read as a file, not even by root
        with self.assertRaises(NotSeen):
            collect_sshd(Scripted({}), node, [])
        self.assertIsNone(collect_sshd(Scripted({}), self.node({"/etc/x": ""}), []))

    def test_rules(self):
        cases = [
            # root, passwords, empty passwords, running, rule
            ("yes", "yes", "no", True, ("ssh.root_password", "high")),
            ("yes", "no", "no", True, None),
            ("prohibit-password", "yes", "no", True, ("ssh.password_auth", "info")),
            ("no", "yes", "no", None, ("ssh.password_auth", "info")),
            ("no", "no", "no", True, None),
            ("no", "yes", "yes", True, ("ssh.empty_passwords", "critical")),
            ("yes", "yes", "yes", False, None),  # nobody listens
        ]
        for root, passwords, empty, running, expected in cases:
            with self.subTest(root=root, passwords=passwords, empty=empty, running=running):
                facts = {"permitrootlogin": root, "passwordauthentication": passwords, "how": "sshd -T"}
                facts.update(permitemptypasswords=empty, running=running)
                self.assertEqual(rules(judge_sshd(facts, None, context())), [expected] if expected else [])


class KeysTest(Node):
    USERS = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n"

    def collect(self, files, is_root=True):
        agent = Scripted({})
        agent.is_root = is_root
        return collect_keys(agent, self.node(files))

    def test_comments_and_the_order_of_keys_let_nobody_in(self):
        self.assertEqual(
            hash_of("ssh-ed25519 A\nssh-ed25519 B\n"), hash_of("# mine\n\nssh-ed25519 B\n ssh-ed25519 A")
        )
        self.assertNotEqual(hash_of("ssh-ed25519 A"), hash_of("ssh-ed25519 C"))

    def test_only_hashes_leave_the_node(self):
        files = {"/etc/passwd": self.USERS, "/home/ann/.ssh/authorized_keys": "ssh-ed25519 AAAA ann\n"}
        found = self.collect({**files, "/etc/shadow": "root:*:1:\nann::1:\n"})
        self.assertEqual(found["keys"], {"/home/ann/.ssh/authorized_keys": hash_of("ssh-ed25519 AAAA ann")})
        self.assertEqual((found["empty_passwords"], found["complete"]), (["ann"], True))

    def test_an_ordinary_user_sees_who_has_the_rights_of_root_and_no_keys(self):
        found = self.collect({"/etc/passwd": self.USERS + "eve:x:0:0::/root:/bin/sh\n"}, is_root=False)
        self.assertEqual((found["uid0"], found["keys"], found["complete"]), (["root", "eve"], {}, False))

    def test_rules(self):
        cases = [
            # users with uid 0, keys before, keys now, complete, rules
            (["root"], None, {"a": "1"}, True, []),
            (["root"], {"a": "1"}, {"a": "1"}, True, []),
            (["root"], {"a": "1"}, {"a": "2"}, True, [("sec.authorized_keys_changed", "warning")]),
            (["root"], {}, {"a": "2"}, True, [("sec.authorized_keys_changed", "warning")]),
            (["root"], {"a": "1"}, {}, True, [("sec.authorized_keys_changed", "warning")]),
            (["root"], {"a": "1"}, {}, False, []),
            (["root", "toor"], None, {}, True, []),
            (["root", "eve"], None, {}, True, [("sec.uid0", "critical")]),
        ]
        for uid0, before, now, complete, expected in cases:
            with self.subTest(uid0=uid0, before=before, now=now):
                given = context(past={} if before is None else {"keys": before})
                found = judge_keys({"uid0": uid0, "keys": now, "complete": complete}, given)
                self.assertEqual(rules(found), expected)
