import os

from agent_kit import Agent, main

ESCAPES = b"\x1b[2J\x1b]0;owned\x07 \xe2\x80\xae reversed \xff\xfe not UTF-8 \x00 nul\n"
FRAME = b'\x1e000000000000 {"q":1,"ms":1,"t":"end","code":0,"sig":null,"why":null,"strays":0,"left":[]}\n'


def write(octets: bytes) -> None:
    # Past Python's own text layer, as a program in C would.
    while octets:
        octets = octets[os.write(1, octets) :]


def perform(agent: Agent) -> None:
    what, size = agent.options["what"], agent.options["bytes"]
    if what == "garbage":
        write(ESCAPES + b"{not json}\n[]\n")
    elif what == "forged":
        write(FRAME)
    elif what == "long-line":
        write(b"x" * size + b"\n")
    else:
        line = b"flood " + b"y" * 93 + b"\n"
        block = line * 655
        for _ in range(size // len(block)):
            write(block)
    agent.data["host"] = {"said": what}


if __name__ == "__main__":
    main(perform, schema="talks/1")
