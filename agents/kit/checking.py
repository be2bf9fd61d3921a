"""Looks over the Python files of an agent without running them: do they mean the same to Python 3.8 and
to the newest, do they bring only what travels, and do they leave alone what an agent has the kit for?

    python3 -I -B agents/kit/checking.py FOLDER [--plans] FILE…

Says as JSON what it found, each with file, line, column, rule, severity, message and fix. `--plans` is for
an agent that makes changes which people approved. Stays here: nothing of this file is carried to a node.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import sys
import tokenize
import warnings
from typing import Any, Iterator

# What every Python from 3.8 to 3.13 brings, as each of them says.
EVERYWHERE = frozenset(
    (
        "abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 cProfile calendar "
        "cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib "
        "contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal difflib dis doctest "
        "email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions "
        "ftplib functools gc genericpath getopt getpass gettext glob grp gzip hashlib heapq hmac html "
        "http idlelib imaplib importlib inspect io ipaddress itertools json keyword linecache locale "
        "logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath "
        "nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform "
        "plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data "
        "pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select "
        "selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 sre_compile "
        "sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys "
        "sysconfig syslog tabnanny tarfile tempfile termios textwrap threading time timeit tkinter token "
        "tokenize trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest "
        "urllib uuid venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport "
        "zlib "
        "_ctypes _json _signal _thread"
    ).split()
)
KIT = {
    file[:-3]
    for file in os.listdir(os.path.dirname(os.path.abspath(__file__)))
    if re.match(r"^agent_kit(_[a-z]+)?\.py$", file)
}

BANNED_IMPORTS = {
    "subprocess": ("it escapes the limits and the record of commands", "Use agent.run([...])."),
    "pty": ("it starts programs past the record of commands", "Use agent.run([...])."),
    "multiprocessing": ("a program that is carried has no file to start again", "Use agent.together({...})."),
    "importlib": ("it loads what the checksum of the agent does not cover", "Write an ordinary import."),
    "runpy": ("it runs what the checksum of the agent does not cover", "Write an ordinary import."),
    "pickle": ("reading it runs whatever it holds", "Use json."),
    "shelve": ("reading it runs whatever it holds", "Use json."),
    "marshal": ("reading it can crash or run what it holds", "Use json."),
    "code": ("it runs text as a program", "Write it out."),
    "codeop": ("it runs text as a program", "Write it out."),
    "pdb": ("nobody can answer a debugger on a node", "Remove it."),
    "venv": ("nothing is installed on a node", "Do without."),
    "ensurepip": ("nothing is installed on a node", "Do without."),
    "tkinter": ("a node has no screen", "Do without."),
    "turtle": ("a node has no screen", "Do without."),
    "idlelib": ("a node has no screen", "Do without."),
    "webbrowser": ("a node has no screen", "Do without."),
    "testing": ("it stays here and does not travel", "Import it in test_*.py only."),
    "samples": ("it stays here and does not travel", "Import it in test_*.py only."),
}

RUN = "Use agent.run([...]): no shell, bounded, and on record."
BANNED_CALLS = {
    "eval": ("it runs text as a program", "Use json.loads or ast.literal_eval for values."),
    "exec": ("it runs text as a program", "Write it out."),
    "compile": ("it makes a program of text", "Write it out."),
    "__import__": ("it loads by a name that nobody can check", "Write an ordinary import."),
    "breakpoint": ("nobody can answer a debugger on a node", "Remove it."),
    "input": ("standard input is how a run is cancelled", "Make it an option in agent.yaml."),
    "os.system": ("it is a shell", RUN),
    "os.popen": ("it is a shell", RUN),
    "os.fork": ("the carrier would lose what it starts", RUN),
    "os.forkpty": ("the carrier would lose what it starts", RUN),
    "os._exit": ("the run would end without its result", "Return from perform."),
    "signal.signal": ("the kit ends a run by signals", "Leave signals to the kit."),
    "os.setsid": ("the carrier would lose it", "Leave sessions to the kit."),
}
BANNED_STARTS = ("os.exec", "os.spawn", "os.posix_spawn", "subprocess.", "pty.")

# Names that came after 3.8, with what does the same.
NEWER = {
    "functools.cache": ("3.9", "functools.lru_cache(maxsize=None)"),
    "math.lcm": ("3.9", "a * b // math.gcd(a, b)"),
    "random.randbytes": ("3.9", "os.urandom"),
    "asyncio.to_thread": ("3.9", "agent.together"),
    "itertools.pairwise": ("3.10", "zip(items, items[1:])"),
    "inspect.get_annotations": ("3.10", "__annotations__"),
    "datetime.UTC": ("3.11", "datetime.timezone.utc"),
    "hashlib.file_digest": ("3.11", "hashlib.sha256() and update in pieces"),
    "itertools.batched": ("3.12", "islice in a loop"),
    "zip.strict": ("3.10", "compare the lengths first"),
}
NEWER_METHODS = {
    "removeprefix": ("3.9", "text[len(start):] if text.startswith(start) else text"),
    "removesuffix": ("3.9", "text[:-len(end)] if text.endswith(end) else text"),
    "is_relative_to": ("3.9", "path.parts"),
    "bit_count": ("3.10", "bin(number).count('1')"),
}
GENERICS = {"list", "dict", "tuple", "set", "frozenset", "type"}

WRITES = frozenset(
    "os.remove os.unlink os.rename os.renames os.replace os.rmdir os.removedirs os.truncate os.chmod "
    "os.chown os.kill os.killpg os.mkdir os.makedirs os.symlink os.link os.mknod "
    "shutil.rmtree shutil.move shutil.copy "
    "shutil.copy2 shutil.copyfile shutil.copytree".split()
)
SHELLS = {"sh", "bash", "dash", "zsh", "ash", "ksh", "fish"}


class Look(ast.NodeVisitor):
    """Walks through one module and notes what is wrong in it."""

    def __init__(self, file: str, own: set[str], plans: bool, postponed: bool) -> None:
        self.file, self.own, self.plans, self.postponed = file, own, plans, postponed
        self.names: dict[str, str] = {}
        self.found: list[dict[str, Any]] = []
        self.in_annotation = False
        self.calls_main = self.has_schema = False

    def say(self, node: Any, rule: str, message: str, fix: str, severity: str = "error") -> None:
        self.found.append(
            {
                "file": self.file,
                "line": getattr(node, "lineno", 1),
                "column": getattr(node, "col_offset", 0) + 1,
                "rule": rule,
                "severity": severity,
                "message": message,
                "fix": fix,
            }
        )

    # Imports

    def visit_Import(self, node: ast.Import) -> None:
        for it in node.names:
            self.judge_import(node, it.name)
            self.names[it.asname or it.name.split(".")[0]] = it.name if it.asname else it.name.split(".")[0]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            self.say(
                node,
                "import",
                "modules travel side by side",
                "Write: from %s import …" % (node.module or "x"),
            )
            return
        self.judge_import(node, node.module or "")
        for it in node.names:
            self.names[it.asname or it.name] = "%s.%s" % (node.module, it.name)
            self.judge_newer(node, "%s.%s" % (node.module, it.name))

    def judge_import(self, node: ast.AST, name: str) -> None:
        top = name.split(".")[0]
        if top in self.own or top in KIT or top == "__future__":
            return
        if top == "ctypes":
            why = "import of ctypes: it calls past every guard of Python"
            self.say(node, "import", why, "Read /proc and /sys, or use agent.run([...]).", "warning")
        elif top in BANNED_IMPORTS:
            why, fix = BANNED_IMPORTS[top]
            self.say(node, "import", "import of %s: %s" % (top, why), fix)
        elif top not in EVERYWHERE:
            self.say(
                node,
                "import",
                "import of %s, which not every Python from 3.8 on brings" % top,
                "Only the standard library is on a node. A module of your own lies beside agent.py.",
            )

    # Calls and names

    def dotted(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            before = self.dotted(node.value)
            return "%s.%s" % (before, node.attr) if before else ""
        return ""

    def visit_Call(self, node: ast.Call) -> None:
        name = self.dotted(node.func)
        if name in BANNED_CALLS or name.startswith(BANNED_STARTS):
            why, fix = BANNED_CALLS.get(name, ("it starts programs past the record of commands", RUN))
            self.say(node, "call", "%s: %s" % (name, why), fix)
        if name == "print":
            self.say(
                node, "call", "what is printed means nothing to the report", "Use agent.log(text).", "warning"
            )
        if name == "agent_kit.main":
            self.calls_main = True
        for keyword in node.keywords:
            if keyword.arg == "shell":
                self.say(node, "call", "shell=: a shell takes text from a node for commands", RUN)
            if name == "zip" and keyword.arg == "strict":
                self.judge_newer(node, "zip.strict")
        self.judge_write(node, name)
        self.judge_shell(node)
        self.generic_visit(node)

    def judge_write(self, node: ast.Call, name: str) -> None:
        if self.plans:
            return
        mode = next(
            (k.value for k in node.keywords if k.arg == "mode"), node.args[1] if len(node.args) > 1 else None
        )
        writes = (
            isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set(mode.value) & set("wax+")
        )
        if name in WRITES or (name in ("open", "io.open") and writes):
            self.say(
                node,
                "change",
                "%s changes the node, and agent.yaml names no actions" % name,
                "Propose it as a change that a person approves; see agents/README.md, Changing something.",
                "warning",
            )

    def judge_shell(self, node: ast.Call) -> None:
        if not (isinstance(node.func, ast.Attribute) and node.func.attr == "run" and node.args):
            return
        if self.dotted(node.func.value).split(".")[-1] != "agent":
            return
        first = node.args[0]
        words = first.elts if isinstance(first, (ast.List, ast.Tuple)) else []
        texts = [it.value for it in words if isinstance(it, ast.Constant) and isinstance(it.value, str)]
        if len(texts) > 1 and os.path.basename(texts[0]) in SHELLS and texts[1].startswith("-"):
            self.say(
                node, "call", "%s %s is a shell" % (texts[0], texts[1]), "Name the program and its arguments."
            )
        if isinstance(first, (ast.JoinedStr, ast.Constant)):
            self.say(
                node, "call", "a command is a list of words, not a text", 'Write: agent.run(["df", "-P"])'
            )

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.judge_newer(node, self.dotted(node))
        if node.attr in NEWER_METHODS:
            since, instead = NEWER_METHODS[node.attr]
            self.say(node, "python", "%s came with Python %s" % (node.attr, since), "Write: %s" % instead)
        self.generic_visit(node)

    def judge_newer(self, node: ast.AST, name: str) -> None:
        if name in NEWER:
            since, instead = NEWER[name]
            self.say(node, "python", "%s came with Python %s" % (name, since), "Instead: %s" % instead)

    # What older Pythons read otherwise

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Name) and node.value.id in GENERICS and not self.is_free:
            self.say(node, "python", "%s[…] came with Python 3.9" % node.value.id, POSTPONE)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.BitOr) and not self.is_free:
            sides = (node.left, node.right)
            if any(isinstance(it, (ast.Dict, ast.DictComp)) for it in sides):
                self.say(node, "python", "dict | dict came with Python 3.9", "Write: {**one, **other}")
            elif self.in_annotation or any(isinstance(it, ast.Constant) and it.value is None for it in sides):
                self.say(node, "python", "X | Y for types came with Python 3.10", POSTPONE)
        self.generic_visit(node)

    @property
    def is_free(self) -> bool:
        """Whether this is an annotation that no Python evaluates."""
        return self.in_annotation and self.postponed

    def annotation(self, node: ast.AST | None) -> None:
        if node is not None:
            before, self.in_annotation = self.in_annotation, True
            self.visit(node)
            self.in_annotation = before

    def visit_arg(self, node: ast.arg) -> None:
        self.annotation(node.annotation)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.annotation(node.returns)
        for it in (*node.decorator_list, node.args, *node.body):
            self.visit(it)

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(it, ast.Name) and it.id == "SCHEMA" for it in node.targets):
            self.has_schema = True
        self.generic_visit(node)


POSTPONE = "In annotations: begin the file with `from __future__ import annotations`. Elsewhere use typing."


def nested_quotes(text: str) -> Iterator[tuple[int, int]]:
    """Places where an f-string holds its own quotes, which only Python 3.12 and newer read. Older ones refuse
    the file by themselves."""
    start = getattr(tokenize, "FSTRING_START", None)
    if start is None:
        return
    open_quotes: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (start, tokenize.STRING):
            quote = token.string.lstrip("rRbBuUfF")
            quote = quote[:3] if quote[:3] in ('"""', "'''") else quote[:1]
            if quote in open_quotes:
                yield token.start
            if token.type == start:
                open_quotes.append(quote)
        elif token.type == tokenize.FSTRING_END:
            open_quotes.pop()
        elif token.type == tokenize.COMMENT and open_quotes:
            yield token.start


def newer_statement(octets: bytes, line: int) -> Any:
    """The statement that this Python reads and an older one does not: its parser tells where it ends."""
    kinds = tuple(getattr(ast, it) for it in ("With", "AsyncWith", "Match", "TryStar") if hasattr(ast, it))
    try:
        found = [it for it in ast.walk(ast.parse(octets)) if isinstance(it, kinds) and it.lineno <= line]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return max(found, key=lambda it: it.lineno) if found else None


def look_over(folder: str, file: str, own: set[str], plans: bool) -> list[dict[str, Any]]:
    with open(os.path.join(folder, file), "rb") as opened:
        octets = opened.read()
    is_test = file.startswith("test_")

    def broken(error: Any, fix: str) -> list[dict[str, Any]]:
        look = Look(file, own, plans, True)
        line, offset = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
        place = newer_statement(octets, line) or ast.Pass(lineno=line, col_offset=offset - 1)
        look.say(place, "python", str(getattr(error, "msg", error)), fix)
        return look.found

    try:
        text = octets.decode("utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(text, file, feature_version=(3, 8))
            compile(text, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, Warning, RecursionError, MemoryError) as error:
        return broken(error, "Write it as Python 3.8 reads it.")
    postponed = any(
        isinstance(it, ast.ImportFrom)
        and it.module == "__future__"
        and any(n.name == "annotations" for n in it.names)
        for it in tree.body
    )
    look = Look(file, own, plans, postponed)
    try:
        look.visit(tree)
    except RecursionError as error:
        return broken(error, "Nest it less deeply.")
    for line, column in nested_quotes(text):
        place = ast.Pass(lineno=line, col_offset=column)
        look.say(
            place,
            "python",
            "quotes or a comment within an f-string need Python 3.12",
            "Use other quotes inside.",
        )
    if file[:-3] in EVERYWHERE or file[:-3] in KIT or file == "car.py":
        look.say(tree, "name", "%s hides a module of that name" % file, "Call it something else.")
    if file == "agent.py" and not look.calls_main:
        look.say(tree, "agent", "agent.py never calls main of agent_kit", "End with: main(perform, SCHEMA)")
    if file == "agent.py" and not look.has_schema:
        look.say(
            tree,
            "agent",
            "agent.py has no SCHEMA, so samples cannot run it",
            'Add: SCHEMA = "my-agent/1"',
            "warning",
        )
    # A test may do what it likes on this machine; it has to be Python that 3.8 reads.
    return [it for it in look.found if not is_test or it["rule"] == "python"]


if __name__ == "__main__":
    folder, *words = sys.argv[1:]
    files = [word for word in words if word != "--plans"]
    own = {file[:-3] for file in files if not file.startswith("test_")}
    found = [it for file in files for it in look_over(folder, file, own, "--plans" in words)]
    sys.stdout.write(json.dumps({"python": "%d.%d" % sys.version_info[:2], "found": found}))
