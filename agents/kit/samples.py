"""Runs an agent on what a sample recorded: files below a folder that stands for `/`, and answers of commands.
Nothing of this machine is read and no command is started.

    python3 agents/kit/samples.py FOLDER < run.json

Standard input is `{"config": …, "files": {path: text or {"bytes": n}}, "commands": [{argv, rc, out, err,
note}]}`. Says on standard output what the run said: `{"events": […], "code": n, "err": "…"}`.

Stays here: nothing of this file is carried to a node.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

import testing


def lay_out(root: str, files: dict[str, Any]) -> None:
    """Makes the files of a sample below a folder. One with a size alone takes no room."""
    for path, content in files.items():
        place = os.path.normpath(root + os.sep + path)
        if not place.startswith(root + os.sep):
            raise ValueError("a file of a sample lies outside: %s" % path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            if isinstance(content, str):
                file.write(content.encode("utf-8", "surrogateescape"))
            else:
                file.truncate(int(content["bytes"]))


def run_sample(folder: str, sample: dict[str, Any]) -> testing.Outcome:
    config = {**sample["config"], "recorded": sample["commands"]}
    with tempfile.TemporaryDirectory(prefix="carl-sample-") as root:
        root = os.path.realpath(root)
        lay_out(root, sample["files"])
        return testing.run_agent(folder, config, root=root)


if __name__ == "__main__":
    ran = run_sample(os.path.abspath(sys.argv[1]), json.loads(sys.stdin.buffer.read()))
    sys.stdout.write(json.dumps({"events": ran.events, "code": ran.code, "err": ran.err}))
