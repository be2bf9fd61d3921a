"""What the seeded faults of agents share: a view of the mounts that nobody else sees, programs that prepare a
fault, and the count of what was found against what was due.

Stays here: nothing of this file is carried to a node.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import unittest
from typing import Iterable

NEW_MOUNTS, NEW_NETWORK = 0x00020000, 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def own_view(*, needed: bool, network: bool = False) -> None:
    """What is mounted from here on is seen by nobody else, and goes with this process. Where that cannot be,
    all tests of the file are skipped if it is needed."""
    if os.geteuid() != 0:
        if needed:
            raise unittest.SkipTest("only root may mount, and make namespaces for it")
        return
    if LIBC.unshare(NEW_MOUNTS | (NEW_NETWORK if network else 0)) != 0:
        if needed:
            raise unittest.SkipTest("no namespaces of our own: %s" % os.strerror(ctypes.get_errno()))
        return
    subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL)


def sh(*argv: str, may_fail: bool = False) -> str:
    """Runs what prepares a fault. Where that is impossible the test is skipped, and says why."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0 and not may_fail:
        raise unittest.SkipTest("%s: %s" % (" ".join(argv[:4]), said[-300:]))
    return said


class Score:
    """Findings that were due and told, told and not due, due and not told."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self.scenarios = self.right = self.wrong = self.missed = 0

    def count(self, told: Iterable[object], due: Iterable[object]) -> None:
        told, due = set(told), set(due)
        self.scenarios += 1
        self.right += len(told & due)
        self.wrong += len(told - due)
        self.missed += len(due - told)

    def judge(self) -> None:
        """Prints precision and recall, and raises where one of them is below 0.98."""
        if self.scenarios == 0:
            return
        told, due = self.right + self.wrong, self.right + self.missed
        precision, recall = (self.right / number if number else 1.0 for number in (told, due))
        print(
            "\n%s: %d scenarios, %d findings due, precision %.3f, recall %.3f"
            % (self.agent, self.scenarios, due, precision, recall),
            file=sys.stderr,
        )
        if precision < 0.98 or recall < 0.98:
            raise AssertionError("precision and recall shall be at least 0.98")
