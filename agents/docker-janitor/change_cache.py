"""Removing records of the build cache, each by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_kit_actions import Done, Skip
from agent_kit_docker import Refusal
from change import Change, refused
from collect_volumes import to_cache
from engine import filters

if TYPE_CHECKING:
    from agent_kit_actions import Action

# A record goes only after those that were made from it.
PASSES = 8


class PruneCache(Change):
    def look(self, action: Action) -> list[str]:
        """Those that are still there and were not used since the plan."""
        asked = {"type": "build-cache"} if self.engine.api >= (1, 42) else {}
        told = self.engine.get("/system/df", timeout=60, **asked) or {}
        records = {record["id"]: record for record in to_cache(told.get("BuildCache"))}
        there = [key for key in action.target["ids"] if key in records]
        if not there:
            raise Skip("gone", "all of it is gone already")
        stale = [
            key
            for key in there
            if not records[key]["in_use"] and (records[key]["used"] or 0) <= action.read_at
        ]
        if not stale:
            raise Skip("changed", "all of it was used since the plan")
        return stale

    def act(self, action: Action) -> Done:
        waiting, freed = self.look(action), 0
        self.engine.has_changed = True
        try:
            for _ in range(PASSES):
                left = []
                for key in waiting:
                    said = self.engine.change("POST", "/build/prune", all=1, filters=filters(id=[key])) or {}
                    if key in (said.get("CachesDeleted") or []):
                        freed += said.get("SpaceReclaimed") or 0
                    else:
                        left.append(key)
                if not left or len(left) == len(waiting):
                    break
                waiting = left
        except Refusal as refusal:
            raise refused(refusal) from refusal
        finally:
            self.engine.put_on_record()
        if left:
            self.agent.log("%d records of the build cache stay: others are made from them" % len(left))
        return Done(bytes_freed=freed)
