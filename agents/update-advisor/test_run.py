"""Whole runs of the agent, on a node that is a folder."""

from __future__ import annotations

import testing
from test_given import HERE, Node


class RunTest(Node):
    def perform(self, files, **options):
        node = self.node(files)
        config = testing.config_for(HERE, options={"socket": node.at("/none.sock"), **options})
        outcome = testing.run_agent(HERE, config, root=node.root)
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        return outcome

    def test_a_node_that_is_in_order_or_cannot_be_looked_into_gives_a_report_all_the_same(self):
        skip = ["packages"]
        outcome = self.perform({"/etc/os-release": "ID=debian\nVERSION_ID=13\n"}, skip=skip)
        self.assertEqual(outcome.findings, [])
        self.assertEqual([gap["what"] for gap in outcome.gaps if gap["what"] != "services"], ["images"])
        self.assertEqual(outcome.data["support_end"], "2030-06-30")
        outcome = self.perform({"/nothing": ""}, skip=skip)
        self.assertIsNone(outcome.data["support_end"])

    def test_what_is_left_out_is_not_looked_at(self):
        skip = ["packages", "reboot", "services", "images"]
        outcome = self.perform({"/etc/os-release": "ID=debian\nVERSION_ID=8\n"}, skip=skip)
        self.assertEqual([it["id"] for it in outcome.findings], ["os.eol"])
        self.assertEqual(sorted(outcome.data), ["host", "support_end"])
        self.assertEqual((outcome.of("exec"), outcome.gaps), ([], []))

    def test_hostile_words_of_a_release_become_harmless(self):
        text = 'ID="deb\x1b[2Jian"\nVERSION_ID=12\nPRETTY_NAME="x\u202ey\nSUPPORT_END=2020-01-01\n'
        skip = ["packages", "reboot", "services", "images"]
        (found,) = self.perform({"/etc/os-release": text}, skip=skip).findings
        self.assertEqual(found["subject"], "debian 12")
        self.assertNotIn("\u202e", found["title"])
