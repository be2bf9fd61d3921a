"""Runs the tests of the kit and of the agents, with the Python that runs this.

python3 agents/run_tests.py                              all of them
python3 agents/run_tests.py system-health                those of one folder
python3 agents/run_tests.py system-health test_disks     one file of it
"""

from __future__ import annotations

import os
import subprocess
import sys

AGENTS = os.path.dirname(os.path.abspath(__file__))


def run_folder(name: str, words: list[str]) -> int:
    """Each folder in a process of its own: two agents may well have a module of the same name."""
    folder = os.path.join(AGENTS, name)
    places = [folder, os.path.join(AGENTS, "kit"), os.path.join(AGENTS, "kit", "stand_in")]
    argv = [sys.executable, "-B", "-W", "error::SyntaxWarning", "-m", "unittest"]
    if not any(word.startswith("test_") for word in words):
        argv += ["discover", "-s", folder, "-t", folder]
    argv += words
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    return subprocess.run(argv, env=env, cwd=folder).returncode


def folders_with_tests() -> list[str]:
    return [
        name
        for name in sorted(os.listdir(AGENTS))
        if os.path.isdir(os.path.join(AGENTS, name))
        and any(file.startswith("test_") for file in os.listdir(os.path.join(AGENTS, name)))
    ]


if __name__ == "__main__":
    names = sys.argv[1:2] or folders_with_tests()
    sys.exit(max(run_folder(name, sys.argv[2:]) for name in names))
