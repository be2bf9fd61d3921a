"""The agent's side of the fork: what a forked supervisor becomes to run the agent.

Travels with the supervisor and is compiled in the forked process alone. Python 3.8 or newer, standard library
only. Nothing is imported here that the agent does not need: every run pays for it.
"""

import os
import sys
import time

WATCHED = frozenset(
    ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"),
)


def make_car(config, digest, pipe, to_json):
    """The module `car`: what an agent has of its carrier."""
    car = type(sys)("car")
    car.config = config
    car.digest = digest  # SHA-256 of the modules, compared on arrival
    car.quiet = False  # the kit sets it while it runs a command that it reports itself

    def event(kind, **fields):
        fields["kind"] = kind
        line = to_json(fields, str).encode("utf-8", "replace") + b"\n"
        while line:
            line = line[os.write(pipe, line) :]

    car.event = event
    return car


def watch_commands(car):
    """Reports every command, also from code that goes around the kit. A record, not a sandbox."""
    busy = []

    def text(value):
        if isinstance(value, (list, tuple)):
            return [text(item)[:4096] for item in value]
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def hook(name, args):
        if name not in WATCHED or busy or car.quiet:
            return
        busy.append(name)
        try:
            argv = text(args[1]) if len(args) > 1 and name != "os.system" else text(args[0])
            argv = argv if isinstance(argv, list) else [argv]
            cwd = text(args[2]) if name == "subprocess.Popen" and args[2] is not None else None
            car.event("cmd", via=name, argv=argv[:200], cwd=cwd)
        finally:
            busy.pop()
            # Popen goes on to posix_spawn or exec: one command, one report.
            if name == "subprocess.Popen":
                last[0] = time.monotonic()

    last = [0.0]

    def once(name, args):
        if name in ("os.posix_spawn", "os.exec", "os.spawn") and time.monotonic() - last[0] < 0.05:
            return
        hook(name, args)

    sys.addaudithook(once)


def offer_modules(modules):
    """Makes the modules of the bundle importable by name, with real tracebacks."""
    # Not by importlib.abc: it brings typing and re along, and takes longer than most agents.
    spec_of = type(sys.__spec__)

    class Bundle:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name in modules:
                return spec_of(name, Bundle, origin=name + ".py")
            return find_linecache(path) if name == "linecache" else None

        @staticmethod
        def create_module(spec):
            return None

        @staticmethod
        def exec_module(module):
            name = module.__spec__.name
            module.__file__ = name + ".py"
            run_source(name, modules[name], module.__dict__)

    class LoadsLinecache:
        """Tracebacks ask linecache for lines, and it looks in the folder of the login: an `agent.py` there is
        not ours. So it is told ours, as soon as anybody imports it."""

        def __init__(self, loader):
            self.loader = loader

        def create_module(self, spec):
            return self.loader.create_module(spec)

        def exec_module(self, module):
            self.loader.exec_module(module)
            tell_lines(module)

    def find_linecache(path):
        for finder in sys.meta_path:
            spec = None if finder is Bundle else finder.find_spec("linecache", path)
            if spec:
                spec.loader = LoadsLinecache(spec.loader)
                return spec
        return None

    def tell_lines(linecache):
        for name, source in modules.items():
            text = source.decode("utf-8", "replace")
            linecache.cache[name + ".py"] = (len(text), None, text.splitlines(True), name + ".py")

    def run_source(name, source, namespace):
        exec(compile(source, name + ".py", "exec"), namespace)  # running the agent is what we are here for

    if "linecache" in sys.modules:  # Python 3.13 needs it to start
        tell_lines(sys.modules["linecache"])
    sys.meta_path.insert(0, Bundle)
    return run_source


def be_the_agent(header, modules, pipe, to_json):
    """Runs the agent in this forked process and leaves with its exit status."""
    sys.stdin = open(os.devnull)
    for name, fd in (("stdout", 1), ("stderr", 2)):
        setattr(
            sys, name, open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
        )
    sys.argv = ["agent.py"]
    import builtins

    # Python was started without `site`, which is quicker but forgets these two.
    builtins.exit = builtins.quit = sys.exit
    car = make_car(header.get("config") or {}, header["sha256"], pipe, to_json)
    sys.modules["car"] = car
    run_source = offer_modules(modules)
    watch_commands(car)
    main = type(sys)("__main__")
    main.__file__ = "agent.py"
    sys.modules["__main__"] = main
    code = 0
    try:
        run_source("agent", modules["agent"], main.__dict__)
    except SystemExit as leaving:
        code = leaving.code
        if code is None:
            code = 0
        elif not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:  # an agent may fail in any way; the traceback starts at its own first line
        import traceback

        kind, error, trace = sys.exc_info()
        while trace is not None and not trace.tb_frame.f_code.co_filename.endswith("agent.py"):
            trace = trace.tb_next
        code = 1
        try:
            traceback.print_exception(kind, error, trace)
        except OSError:  # the agent closed its own standard error
            pass
    try:
        import atexit

        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
    except BaseException:
        pass
    for file in (sys.stdout, sys.stderr):
        try:
            file.flush()
        except (OSError, ValueError):
            pass
    os._exit(code & 255)
