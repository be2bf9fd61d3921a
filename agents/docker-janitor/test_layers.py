"""What images share, and which of them may go."""

from __future__ import annotations

import unittest

from collect_images import repository_of
from keep import sort_images
from layers import Layers, chain_of, sizes_of
from protection import Protection
from rules_space import judge_age
from test_given import DAY, NOW, context

NOTHING = Protection([], [])


def image(key, layers, sizes, tags=(), **given):
    return {
        "id": key,
        "tags": sorted(tags),
        "digests": list(given.get("digests", ())),
        "chain": chain_of(layers),
        "layer_sizes": sizes,
        "size": sum(sizes or [500]),
        "content": given.get("content", 0),
        "created": NOW - given.get("days", 30) * DAY,
        "tagged": NOW - given["tagged_days"] * DAY if "tagged_days" in given else None,
        "labels": given.get("labels", {}),
        "parent": given.get("parent", ""),
        "containers": given.get("containers", 0),
    }


def by_id(*images):
    return {it["id"]: it for it in images}


class LayersTest(unittest.TestCase):
    def test_the_same_layer_on_another_one_is_another_chain(self):
        self.assertEqual(chain_of(["a", "b"])[1], chain_of(["a", "b", "c"])[1])
        self.assertNotEqual(chain_of(["a", "b"])[1], chain_of(["x", "b"])[1])

    def test_sizes_of_layers_come_from_the_history(self):
        def step(size, words):
            return {"Size": size, "CreatedBy": words}

        cases = [
            # newest first, as Docker says it
            ([step(0, 'CMD ["sh"]'), step(7, "COPY x /x # buildkit"), step(5, "ADD file")], 2, [5, 7]),
            (
                [step(0, "/bin/sh -c #(nop)  ENV A=1"), step(7, "/bin/sh -c #(nop) COPY f"), step(5, "")],
                2,
                [5, 7],
            ),
            # A step that wrote nothing has a layer all the same.
            ([step(0, "/bin/sh -c #(nop) COPY empty"), step(5, "")], 2, [5, 0]),
            ([step(0, "RUN true"), step(5, "")], 2, [5, 0]),
            # An imported one has a layer and no words.
            ([step(0, "odd"), step(5, "")], 1, [5]),
            ([step(3, "a"), step(5, "b")], 3, None),
            ([], 0, []),
        ]
        for history, layers, expected in cases:
            with self.subTest(history=history):
                self.assertEqual(sizes_of(history, layers), expected)

    def test_only_what_nothing_else_uses_is_freed(self):
        images = by_id(
            image("one", ["base", "a"], [20, 6]),
            image("two", ["base", "b"], [20, 8]),
            image("same", ["base", "b"], [20, 8]),
            image("alone", ["c"], [4]),
        )
        layers = Layers(images, cache_shared=0, is_containerd=False)
        self.assertEqual(layers.total, 38)
        cases = [
            (["one"], 6),
            (["two"], 0),
            (["two", "same"], 8),
            (["one", "two", "same"], 34),
            (list(images), 38),
            (["unheard of"], 0),
        ]
        for going, freed in cases:
            with self.subTest(going=going):
                self.assertEqual(layers.freed_by(going), (freed, freed))

    def test_what_the_build_cache_shares_may_stay(self):
        images = by_id(image("one", ["a"], [10]), image("two", ["b"], [30]))
        layers = Layers(images, cache_shared=25, is_containerd=False)
        self.assertEqual([layers.freed_by([key]) for key in images], [(0, 10), (5, 30)])

    def test_with_unknown_layers_all_or_nothing_may_be_freed(self):
        layers = Layers(by_id(image("odd", ["a", "b"], None)), cache_shared=0, is_containerd=False)
        self.assertEqual(layers.freed_by(["odd"]), (0, 500))

    def test_the_containerd_store_keeps_the_compressed_parts_too(self):
        # As measured there: 20.03 MB of a layer of 10 MB, whose compressed part is as large again.
        images = by_id(
            image("one", ["base", "a"], [20_000_000, 10_000_000], content=29_100_000),
            image("two", ["base", "b"], [20_000_000, 10_000_000], content=29_100_000),
        )
        least, most = Layers(images, cache_shared=0, is_containerd=True).freed_by(["one"])
        self.assertEqual(least, 10_000_000)
        self.assertTrue(20_030_000 <= most <= 1.06 * 20_030_000, most)


class KeepTest(unittest.TestCase):
    def chosen(self, *images, used=(), keep_last=2, min_age_h=24, protected=NOTHING):
        return sort_images(by_id(*images), used, NOW, keep_last, min_age_h, protected)

    def versions(self, count, **given):
        return [
            image("v%d" % n, ["l%d" % n], [1], ["app:%d" % n], days=100 - n, **given) for n in range(count)
        ]

    def test_the_newest_of_each_repository_stay_and_what_is_used_besides(self):
        chosen = self.chosen(*self.versions(5), used=["v0"])
        self.assertEqual(chosen.removable, ["v2", "v1"])
        self.assertEqual(
            self.chosen(*self.versions(5), keep_last=0).removable, ["v4", "v3", "v2", "v1", "v0"]
        )

    def test_what_docker_itself_calls_used_stays(self):
        self.assertEqual(self.chosen(*self.versions(3, containers=1), keep_last=0).removable, [])

    def test_an_image_in_two_repositories_stays_if_one_keeps_it(self):
        both = image("both", ["x"], [1], ["app:old", "other:1"], days=200)
        self.assertNotIn("both", self.chosen(*self.versions(4), both).removable)

    def test_distinct_images_count_not_tags(self):
        twice = image("twice", ["x"], [1], ["app:new", "app:newest"], days=1)
        self.assertEqual(self.chosen(*self.versions(2), twice, min_age_h=0).removable, ["v0"])

    def test_an_older_version_without_its_tag_counts_as_one_of_its_repository(self):
        old = image("old", ["x"], [1], digests=["app@sha256:" + "a" * 64], days=10)
        self.assertEqual(self.chosen(*self.versions(1), old).removable, [])
        self.assertEqual(self.chosen(*self.versions(1), old, keep_last=1).removable, ["old"])
        # It is never taken for newer than what has a tag.
        self.assertEqual(self.chosen(*self.versions(2), old).removable, ["old"])

    def test_the_young_stay(self):
        cases = [
            ({"days": 0.5}, []),
            ({"days": 2}, ["x"]),
            ({"days": 400, "tagged_days": 0.5}, []),  # an old one that was pulled just now
            ({"days": 400, "tagged_days": 2}, ["x"]),
        ]
        for given, expected in cases:
            with self.subTest(**given):
                self.assertEqual(self.chosen(image("x", ["l"], [1], **given)).removable, expected)

    def test_what_is_protected_stays(self):
        it = image("x", ["l"], [1], ["nas:5000/team/app:1"], labels={"carl.keep": "", "tier": "db"})
        cases = [
            (Protection([], []), True),
            (Protection(["nas:5000/*"], []), False),
            (Protection(["nas:5000/team/app"], []), False),
            (Protection(["*/app:1"], []), False),
            (Protection(["team/app"], []), True),
            (Protection(["nas.5000/*"], []), True),  # a dot is a dot
            (Protection([], ["carl.keep"]), False),
            (Protection([], ["tier=db"]), False),
            (Protection([], ["tier=web"]), True),
        ]
        for protected, may_go in cases:
            with self.subTest(protected=protected):
                removable = self.chosen(it, keep_last=0, protected=protected).removable
                self.assertEqual(removable, ["x"] if may_go else [])

    def test_what_another_image_was_built_on_stays_with_it(self):
        grandparent = image("a", ["l"], [1], ["base:1"], days=50)
        parent = image("b", ["l", "m"], [1, 1], ["middle:1"], days=40, parent="a")
        child = image("c", ["l", "m", "n"], [1, 1, 1], ["app:1"], days=30, parent="b")
        trio = (grandparent, parent, child)
        self.assertEqual(self.chosen(*trio, used=["c"], keep_last=0).removable, [])
        # Together they go, the child first.
        self.assertEqual(self.chosen(*trio, keep_last=0).removable, ["c", "b", "a"])

    def test_images_in_use_that_are_old(self):
        images = by_id(
            image("old", ["a"], [1], ["app:1"], days=400),
            image("young", ["b"], [1], ["db:1"], days=300),
            image("unused", ["c"], [1], ["tool:1"], days=900),
            {**image("reproducible", ["d"], [1], ["nix:1"]), "created": None},
        )
        (found,) = judge_age(images, {"old", "young", "reproducible"}, context())
        self.assertEqual((found.rule, found.severity), ("img.age", "info"))
        self.assertEqual(found.evidence, {"days": {"app:1": 400}})
        self.assertEqual(judge_age(images, {"young"}, context()), [])

    def test_repositories(self):
        cases = [
            ("app:1", "app"),
            ("app", "app"),
            ("nas:5000/app", "nas:5000/app"),
            ("nas:5000/team/app:1.2", "nas:5000/team/app"),
            ("ghcr.io/a/b@sha256:abc", "ghcr.io/a/b"),
        ]
        for reference, repository in cases:
            self.assertEqual(repository_of(reference), repository)
