"""Looking images up from the node itself, at a registry that stands in for a real one."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
import unittest

from registry import insecure_hosts, parse
from test_images import Docker
from test_stand_in_docker import digest, image


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        server = self.server
        server.asked.append((self.command, self.path, self.headers.get("Accept", "")))
        status, digest_, more = server.answers.get(self.path, (404, None, {}))
        if server.word and self.headers.get("Authorization") != "Bearer " + server.word:
            realm = 'Bearer realm="http://%s/token",service="here",scope="x"' % server.host
            status, digest_, more = 401, None, {"WWW-Authenticate": server.challenge or realm}
        self.send_response(status)
        if digest_:
            self.send_header("Docker-Content-Digest", digest_)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.server.asked.append((self.command, self.path, ""))
        content = json.dumps({"token": self.server.word}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Registry)
        self.host = "127.0.0.1:%d" % self.server_address[1]
        self.asked, self.answers, self.word, self.challenge = [], {}, "", ""


class NodeTest(Docker):
    def setUp(self):
        super().setUp()
        self.registry = Server()
        threading.Thread(target=self.registry.serve_forever, daemon=True).start()
        self.addCleanup(self.registry.server_close)
        self.addCleanup(self.registry.shutdown)

    def answers(self, *names, insecure=True):
        host = self.registry.host
        containers = [("c%d" % n, "%s/%s" % (host, name), n) for n, name in enumerate(names)]
        images = [image(n, "%s/%s" % (host, name), digests=[digest(n)]) for n, name in enumerate(names)]
        insecure = [host] if insecure else []
        self.outcome = self.perform(containers, images, insecure=insecure, options={"registry": "node"})
        rows = {row["name"][len(host) + 1 :]: row for row in self.outcome.data["images"]}
        return [rows[name]["answer"] for name in names]

    def test_the_digest_of_what_is_out(self):
        self.registry.answers["/v2/team/app/manifests/1"] = (200, digest(9), {})
        self.assertEqual(self.answers("team/app:1"), [{"digest": digest(9)}])
        ((method, _, accept),) = self.registry.asked
        self.assertEqual(method, "HEAD")
        self.assertIn("application/vnd.oci.image.index.v1+json", accept)
        self.assertIn(
            ["registry", "HEAD", "http://%s/v2/team/app/manifests/1" % self.registry.host],
            [event["argv"] for event in self.outcome.of("exec")],
        )

    def test_a_token_that_everybody_gets(self):
        self.registry.word = "for-everybody"
        self.registry.answers["/v2/app/manifests/1"] = (200, digest(9), {})
        self.assertEqual(self.answers("app:1"), [{"digest": digest(9)}])
        self.assertIn(
            "/token?service=here&scope=repository%3Aapp%3Apull", [path for _, path, _ in self.registry.asked]
        )

    def test_a_sign_in_that_nobody_gives(self):
        self.registry.word = "secret"
        for challenge in (
            "Basic realm=x",
            'Bearer realm="file:///etc/passwd"',
            "Bearer",
            'Bearer realm="//x"',
        ):
            self.registry.challenge = challenge
            self.assertEqual(self.answers("app:1"), [{"error": "it wants a sign-in"}], challenge)

    def test_what_does_not_answer_is_never_outdated(self):
        busy = (429, None, {"Retry-After": "60"})
        self.registry.answers = {"/v2/a/manifests/1": busy, "/v2/c/manifests/1": (200, "sha256:short", {})}
        # After the first 429 it is left alone.
        self.assertEqual(self.answers("a:1", "b:1"), [{"error": "it wants to be asked less often"}] * 2)
        self.assertEqual(len(self.registry.asked), 1)
        self.assertEqual(self.answers("gone:1", "c:1"), [{"gone": True}, {"error": "it answered 200"}])

    def test_without_a_certificate_only_what_docker_here_takes_without_one(self):
        (answer,) = self.answers("a:1", insecure=False)
        self.assertRegex(answer["error"], "^it does not answer: ")
        self.assertEqual(self.registry.asked, [])


class NamesTest(unittest.TestCase):
    def test_what_names_mean(self):
        hub = "registry-1.docker.io"
        cases = [
            ("nginx", (hub, "library/nginx", "latest")),
            ("me/app:1", (hub, "me/app", "1")),
            ("docker.io/library/nginx:1", (hub, "library/nginx", "1")),
            ("ghcr.io/a/b/c:v1.2", ("ghcr.io", "a/b/c", "v1.2")),
            ("nas:5000/app", ("nas:5000", "app", "latest")),
            ("localhost/app:1", ("localhost", "app", "1")),
            ("a b:1", None),
            ("x/../../y:1 HTTP/1.1", None),
            ("UPPER/case", None),
            ("", None),
        ]
        for name, expected in cases:
            with self.subTest(name):
                self.assertEqual(parse(name), expected and tuple(expected))

    def test_which_hosts_docker_speaks_to_without_a_certificate(self):
        info = {
            "RegistryConfig": {
                "IndexConfigs": {"docker.io": {"Secure": True}, "nas:5000": {"Secure": False}},
                "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            }
        }
        is_insecure = insecure_hosts(info)
        hosts = ("nas:5000", "127.0.0.1:5000", "docker.io", "nas", "10.0.0.1:5000")
        self.assertEqual([is_insecure(host) for host in hosts], [True, True, False, False, False])
