"""The node's clock: against the server's, and whether anything keeps it right."""

from __future__ import annotations

from typing import Any

from agent_kit import NotSeen

TIME_ERROR = 5  # what adjtimex gives for a clock that nothing synchronises


def collect_time(started: float, sent_at: float | None) -> dict[str, Any]:
    found: dict[str, Any] = {"skew_s": None, "synced": None, "via": None}
    if sent_at is not None:
        found["skew_s"] = round(started - sent_at, 2)
    state = ask_kernel()
    if state is not None:
        found.update(synced=state != TIME_ERROR, via="adjtimex")
    elif sent_at is None:
        raise NotSeen("neither the kernel nor the server could be compared with", None)
    return found


def ask_kernel() -> int | None:
    """The kernel's own opinion of its clock; asking with nothing to change needs no rights."""
    try:
        import ctypes

        # struct timex is 208 bytes on 64 bits, and its first word, the changes asked for, is 0: none.
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (ImportError, OSError, AttributeError):
        return None
    return state if state >= 0 else None
