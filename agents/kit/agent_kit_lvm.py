"""Thin pools of LVM, asked for only where the kernel has some: the program is slow, and wants root."""

from __future__ import annotations

import json
from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files

LVS = [
    *("lvs", "--reportformat", "json", "--units", "b", "--nosuffix", "-S", "segtype=thin-pool"),
    *("-o", "vg_name,lv_name,lv_size,data_percent,metadata_percent"),
]


def read_thin_pools(agent: Agent, files: Files) -> list[dict[str, Any]]:
    uuids = [files.text(path) for path in files.glob("/sys/block/dm-*/dm/uuid")]
    if not any(uuid.startswith("LVM-") and uuid.endswith("-tpool") for uuid in uuids):
        return []
    ran = agent.run(LVS, timeout=15, sudo=True)
    if not ran.ok:
        why = clean(ran.err.strip(), 200) or ran.note
        agent.gap("lvm", "lvs did not answer: %s" % why, "Allow lvs through sudo, or run as root.")
        return []
    return parse_thin_pools(ran.out)


def parse_thin_pools(text: str) -> list[dict[str, Any]]:
    try:
        return [
            {
                "name": clean("%s/%s" % (row["vg_name"], row["lv_name"]), 200),
                "size": int(row["lv_size"]),
                "data_pct": float(row["data_percent"] or 0),
                "meta_pct": float(row["metadata_percent"] or 0),
            }
            for row in json.loads(text)["report"][0]["lv"]
        ]
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError("lvs gave an answer that cannot be read") from error
