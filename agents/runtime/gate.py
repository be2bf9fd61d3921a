"""The gate: all that the key of the server can start on this node.

sshd runs it for every command of that key, whatever was asked for. What was asked must be one of the forms in
which the server starts things, and what then comes over standard input must be code whose SHA-256 stands in
the file `allowed` beside this one. Both files belong to root. Nothing else is started, read or answered.

Python 3.8 or newer, standard library only; without re and hashlib, which would take longer than the rest.
"""

import os
import sys
import zlib

FOLDER = os.path.dirname(os.path.abspath(__file__))
MOST_BYTES = 1 << 20


def refuse(what):
    sys.stderr.write("CARL-GATE %s\n" % what)
    sys.stderr.flush()
    os._exit(77)


def sha256(octets):
    for name in ("_sha2", "_sha256"):
        try:
            return __import__(name).sha256(octets).hexdigest()
        except ImportError:
            continue
    import hashlib

    return hashlib.sha256(octets).hexdigest()


def read_allowed():
    """`kind sha256 name` a line: what is allowed, by kind and sum."""
    allowed = {"form": {}, "program": {}, "bundle": {}}
    with open(FOLDER + "/allowed", encoding="utf-8") as file:
        for line in file:
            kind, _, rest = line.strip().partition(" ")
            if kind in allowed:
                octets, _, name = rest.partition(" ")
                allowed[kind][octets] = name
    return allowed


def without(text, before, behind):
    """A text without what stands between two marks, and what stood there."""
    head, mark, rest = text.partition(before)
    between, end, tail = rest.partition(behind)
    return head + mark + end + tail, between


def form_of(asked, forms):
    """Which of the server's ways to start something this is: two words may differ, an id and a path."""
    text, run = without(asked, "CARL_RUN_ID=", ";")
    text, _ = without(text, "for p in ", " python3 ")
    if run and not all(letter.isalnum() or letter in "_-" for letter in run):
        return None
    return forms.get(sha256(text.encode("utf-8", "surrogateescape")))


def become_root(asked):
    """Through the one line of sudoers that allows the gate, so that root starts nothing else either."""
    os.environ["SSH_ORIGINAL_COMMAND"] = asked
    for sudo in ("/usr/bin/sudo", "/usr/local/bin/sudo", "/bin/sudo"):
        if os.access(sudo, os.X_OK):
            os.execv(sudo, ["sudo", "-n", FOLDER + "/gate"])
    sys.stderr.write("sudo: not found\n")
    os._exit(127)


def look_around(mark, programs):
    """The questions of the connection doctor, by the shell script that asks them."""
    script = sys.stdin.buffer.read(MOST_BYTES)
    if programs.get(sha256(script)) != "look-around":
        refuse("program")
    reading, writing = os.pipe()
    os.write(writing, script)  # it is shorter than what a pipe holds
    os.close(writing)
    os.dup2(reading, 0)
    os.execv("/bin/sh", ["sh", "-s", mark])


def mark_of(asked):
    """The mark that the doctor's script puts before its answers, when it is what was asked for."""
    words = asked.split(" ")
    if len(words) == 4 and words[:3] == ["exec", "sh", "-s"] and words[3].isalnum():
        return words[3]
    return None


def start(allowed):
    """A program of the server, as its loader would start it; what that starts has to be allowed, too."""
    length = sys.stdin.buffer.readline(20)
    octets = sys.stdin.buffer.read(min(int(length), MOST_BYTES)) if length.strip().isdigit() else b""
    if sha256(octets) not in allowed["program"]:
        refuse("program")
    parts = zlib.decompress(octets).split(bytes(1))
    exec(parts[0], {"__name__": "__main__", "parts": parts, "ALLOWED": allowed["bundle"]})


def main():
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    allowed = read_allowed()
    mark = mark_of(asked)
    if mark:
        look_around(mark, allowed["program"])
    form = form_of(asked, allowed["form"])
    if form is None:
        refuse("command")
    if form != "start" and os.geteuid() != 0:
        become_root(asked)
    if form.endswith("-asked"):
        sys.stderr.write("CARL-READY\n")  # no password is needed here, and none is read
        sys.stderr.flush()
    if not form.startswith("root-check"):
        start(allowed)


main()
