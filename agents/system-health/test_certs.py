"""Certificates: read by our own reader, compared with OpenSSL, and judged by how long they are still good."""

from __future__ import annotations

import glob
import os
import shutil
import ssl
import subprocess
import tempfile
import unittest

from collect_certs import collect_certs, fold, local_endpoints
from der import read_certificate, read_pem, to_time
from given import rules
from rules_certs import judge_certs
from test_given import DAY, NOW, Scripted, context
from test_load import Node

OPENSSL = shutil.which("openssl")


def make(
    folder,
    name,
    subject="/CN=nas.home.lan",
    days=90,
    key="rsa:2048",
    san="DNS:nas.home.lan,DNS:b,IP:10.0.0.1",
):
    path = os.path.join(folder, name)
    argv = [
        OPENSSL,
        "req",
        "-x509",
        "-newkey",
        *key.split(" "),
        "-nodes",
        "-keyout",
        path + ".key",
        "-out",
        path,
    ]
    argv += ["-subj", subject, "-days", str(days), "-utf8", "-addext", "subjectAltName=" + san]
    subprocess.run(argv, check=True, capture_output=True)
    return path


@unittest.skipUnless(OPENSSL, "openssl is not installed here")
class ReaderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def told_by_openssl(self, path):
        argv = [OPENSSL, "x509", "-in", path, "-noout", "-dates", "-fingerprint", "-sha256"]
        text = subprocess.run(argv, check=True, capture_output=True).stdout.decode()
        return dict(line.split("=", 1) for line in text.splitlines())

    def test_it_reads_what_openssl_reads(self):
        cases = [
            ("rsa", {}),
            ("ec", {"key": "ec -pkeyopt ec_paramgen_curve:prime256v1"}),
            ("ed25519", {"key": "ed25519"}),
            ("after 2050", {"days": 10000}),
            ("a name of several parts", {"subject": "/C=DE/O=Home/CN=a.example/emailAddress=x@y.z"}),
            ("umlauts", {"subject": "/CN=größe.example"}),
        ]
        for name, given in cases:
            with self.subTest(name):
                path = make(self.folder, "c.pem", **given)
                with open(path) as file:
                    found = read_pem(file.read())
                told = self.told_by_openssl(path)
                self.assertEqual(found["not_before"], ssl.cert_time_to_seconds(told["notBefore"]))
                self.assertEqual(found["not_after"], ssl.cert_time_to_seconds(told["notAfter"]))
                self.assertEqual(found["sha256"], told["sha256 Fingerprint"].replace(":", "").lower())
                self.assertIn("CN=" + found["subject"], given.get("subject", "/CN=nas.home.lan"))
                self.assertEqual((found["san"], found["self_signed"]), (["nas.home.lan", "b"], True))

    def test_it_agrees_with_openssl_on_the_authorities_of_this_machine(self):
        paths = sorted(glob.glob("/etc/ssl/certs/*.pem"))[::8]
        if not paths:
            self.skipTest("there are no authorities on this machine")
        for path in paths:
            with open(path) as file:
                found = read_pem(file.read())
            told = self.told_by_openssl(path)
            self.assertEqual(found["not_after"], ssl.cert_time_to_seconds(told["notAfter"]), path)

    def test_what_is_damaged_is_refused_and_never_more_than_that(self):
        with open(make(self.folder, "c.pem", key="ed25519")) as file:
            octets = ssl.PEM_cert_to_DER_cert(file.read())
        for length in range(0, len(octets), 7):
            with self.assertRaises(ValueError):
                read_certificate(octets[:length])
        for place in range(len(octets)):
            changed = bytearray(octets)
            changed[place] ^= 0xFF
            try:
                read_certificate(bytes(changed))
            except ValueError:
                continue
        for text in (
            "",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
        ):
            with self.assertRaises(ValueError):
                read_pem(text)

    def test_both_ways_to_write_a_time(self):
        cases = [
            (0x17, b"270115080000Z", 1800000000),
            (0x18, b"20270115080000Z", 1800000000),
            (0x17, b"500101000000Z", -631152000),
            (0x17, b"2701150800Z", 1800000000),
        ]
        for tag, text, at in cases:
            self.assertEqual(to_time(tag, text), at)


class CollectTest(Node):
    def test_what_cannot_be_read_is_a_gap_of_its_own(self):
        node = self.node({"/etc/a.pem": "no certificate"})
        agent = Scripted({}, cert_paths=["/etc/*.pem", "/etc/missing.crt"])
        self.assertEqual(collect_certs(agent, node, []), [])
        self.assertEqual(agent.gaps, ["certs: /etc/a.pem", "certs: /etc/missing.crt"])

    def test_a_file_and_the_service_that_serves_it_are_one_certificate(self):
        rows = [{"where": "/etc/a.pem", "sha256": "1"}, {"where": "localhost:443", "sha256": "1"}]
        (kept, other) = fold([*rows, {"where": "localhost:8443", "sha256": "2"}])
        self.assertEqual((kept["also"], other["where"]), (["localhost:443"], "localhost:8443"))

    def test_local_services_that_may_speak_tls(self):
        def row(port, addr="0.0.0.0", scope="any", proto="tcp"):
            return {"proto": proto, "port": port, "addr": addr, "scope": scope}

        rows = [row(443), row(443, "::"), row(8006, "::"), row(80), row(8443, "127.0.0.1", "loopback")]
        rows += [row(9443, "fd00::5", "iface"), row(5001, proto="udp")]
        expected = ["127.0.0.1:443", "127.0.0.1:8443", "[::1]:8006", "[fd00::5]:9443"]
        self.assertEqual(local_endpoints(rows), expected)


def cert(left_d, lifetime_d=365.0, where="/etc/a.pem"):
    end = NOW + left_d * DAY
    return {
        "where": where,
        "subject": "nas",
        "issuer": "x",
        "san": [],
        "not_before": end - lifetime_d * DAY,
        "not_after": end,
    }


class RulesTest(unittest.TestCase):
    def test_how_long_it_is_still_good_decides(self):
        cases = [
            # days left, days of its life, rule
            (60, 365, None),
            (21, 365, None),
            (20.9, 365, ("cert.expiring", "warning")),
            (7, 365, ("cert.expiring", "warning")),
            (6.9, 365, ("cert.expiring", "high")),
            (0.1, 365, ("cert.expiring", "high")),
            (-0.1, 365, ("cert.expired", "critical")),
            (3, 6, None),  # renewed in its last third
            (1.9, 6, ("cert.expiring", "high")),
            (20, 47, None),
            (15, 47, ("cert.expiring", "warning")),
            (400, 365, ("cert.not_yet_valid", "high")),
            (365.02, 365, None),  # a clock may be off by less than an hour
        ]
        for left, lifetime, expected in cases:
            with self.subTest(left=left, lifetime=lifetime):
                self.assertEqual(
                    rules(judge_certs([cert(left, lifetime)], context())), [expected] if expected else []
                )

    def test_the_fix_fits_the_place(self):
        cases = [
            ("/etc/letsencrypt/live/x/cert.pem", "certbot renew"),
            ("/etc/pve/local/pve-ssl.pem", "pvecm updatecerts"),
            ("/srv/my certs/a.pem", "-in '/srv/my certs/a.pem'"),
            ("nas:443", "-connect nas:443"),
        ]
        for where, words in cases:
            (found,) = judge_certs([cert(1, where=where)], context())
            self.assertIn(words, found.fix)
