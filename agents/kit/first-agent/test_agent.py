"""Large files are told, small ones are not. `carl agent test` runs this beside the samples."""

from __future__ import annotations

import os
import tempfile
import unittest

import testing

HERE = os.path.dirname(os.path.abspath(__file__))


class FirstAgentTest(unittest.TestCase):
    def test_only_what_is_larger_than_the_limit_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, size in (("small.log", 1_000_000), ("it's big.log", 1_000_001)):
                with open(os.path.join(folder, name), "wb") as file:
                    file.truncate(size)
            options = {"folder": folder, "limit_mb": 1}
            outcome = testing.run_agent(HERE, testing.config_for(HERE, options=options))
        self.assertEqual((outcome.code, outcome.result["status"]), (0, "ok"))
        (found,) = outcome.found("files.large", severity="warning")
        self.assertEqual(found["subject"], os.path.join(folder, "it's big.log"))
        self.assertEqual(len(outcome.data["files"]), 2)

    def test_a_folder_that_is_not_there_is_a_gap(self):
        config = testing.config_for(HERE, options={"folder": "/nowhere"})
        outcome = testing.run_agent(HERE, config)
        self.assertIn("files", [gap["what"] for gap in outcome.gaps])
