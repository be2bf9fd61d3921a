"""Heat, arrays and pools."""

from __future__ import annotations

import json

from agent_kit_commands import Ran
from agent_kit_lvm import parse_thin_pools
from collect_storage import collect_storage, parse_mdstat, parse_pools
from collect_thermal import collect_thermal, collect_throttling
from given import rules
from rules_hardware import judge_storage, judge_thermal
from test_given import HOST, Scripted, answer, context
from test_load import Node

QUIET = {"count": None, "pi": None}


def sensor(c, chip="coretemp", crit=None):
    return {"chip": chip, "label": "Core 0", "c": c, "crit": crit, "max": None}


class ThermalTest(Node):
    def test_sensors_that_are_not_there_are_left_out(self):
        chip = "/sys/class/hwmon/hwmon0/"
        files = {
            chip + "name": "coretemp\n",
            chip + "temp1_input": "99000\n",
            chip + "temp1_crit": "100000\n",
        }
        files.update({chip + "temp1_label": "Package id 0\n", chip + "temp2_input": "-128000\n"})
        files.update(
            {chip + "temp3_input": "41000\n", chip + "temp4_input": "255000\n", chip + "temp5_input": "x\n"}
        )
        zone = "/sys/class/thermal/thermal_zone%d/%s"
        files.update({zone % (0, "type"): "acpitz\n", zone % (0, "temp"): "27800\n"})
        files.update({zone % (1, "type"): "iwlwifi\n", zone % (1, "temp"): "0\n"})
        rows = collect_thermal(self.node(files))
        found = [(row["chip"], row["label"], row["c"], row["crit"]) for row in rows]
        package = ("coretemp", "Package id 0", 99.0, 100.0)
        self.assertEqual(
            found, [package, ("coretemp", "temp3", 41.0, None), ("acpitz", "thermal_zone0", 27.8, None)]
        )

    def test_temperatures_against_the_limit_of_the_sensor_or_the_usual_one(self):
        cases = [
            # sensor, rule in the last run, rule
            (sensor(89.9, crit=100.0), "", None),
            (sensor(90, crit=100.0), "", "hw.temp_high"),
            (sensor(96.9, crit=100.0), "", "hw.temp_high"),
            (sensor(97, crit=100.0), "", "hw.temp_critical"),
            (sensor(94, crit=100.0), "hw.temp_critical", "hw.temp_critical"),
            (sensor(93.9, crit=100.0), "hw.temp_critical", "hw.temp_high"),
            (sensor(87, crit=100.0), "hw.temp_high", "hw.temp_high"),
            (sensor(86.9, crit=100.0), "hw.temp_high", None),
            (sensor(84.9), "", None),
            (sensor(85), "", "hw.temp_high"),
            (sensor(95), "", "hw.temp_critical"),
            (sensor(69.9, "nvme"), "", None),
            (sensor(70, "nvme"), "", "hw.temp_high"),
            (sensor(80, "nvme (nvme1)"), "", "hw.temp_critical"),
            (sensor(50, "drivetemp"), "", "hw.temp_high"),
            (sensor(60, "drivetemp"), "", "hw.temp_critical"),
            (sensor(120, "acpitz"), "", None),  # nothing is known of it
            (sensor(85, crit=5.0), "", "hw.temp_high"),  # no limit that could be meant
        ]
        for it, before, rule in cases:
            with self.subTest(c=it["c"], chip=it["chip"], before=before):
                levels = {"%s:%s/Core 0" % (before, it["chip"]): "critical"}
                found = [one.rule for one in judge_thermal([it], QUIET, context(before=levels))]
                self.assertEqual(found, [rule] if rule else [])

    def test_slowed_down_by_heat_since_the_last_run(self):
        cases = [(9, "this-boot", False), (10, "this-boot", True), (500, "before", False)]
        for grown, boot, told in cases:
            with self.subTest(grown=grown, boot=boot):
                given = context(past={"throttled": {"count": 100, "pi": None, "boot_id": boot}})
                found = rules(judge_thermal([], {"count": 100 + grown, "pi": None}, given))
                self.assertEqual(found, [("hw.throttled", "warning")] if told else [])

    def test_the_word_of_a_raspberry_pi(self):
        cases = [
            # word now, word before, reasons
            (0x0, None, []),
            (0x1, None, ["too little voltage"]),
            (0x50005, 0x0, ["too little voltage", "throttling"]),
            (0x10000, None, []),  # some time since the start, and the first run only learns
            (0x10000, 0x0, ["too little voltage"]),
            (0x10000, 0x10000, []),
            (0x80000, 0x10000, ["the soft temperature limit"]),
        ]
        for word, before, reasons in cases:
            with self.subTest(word=hex(word), before=before):
                past = (
                    {}
                    if before is None
                    else {"throttled": {"count": None, "pi": before, "boot_id": "this-boot"}}
                )
                found = judge_thermal([], {"count": None, "pi": word}, context(past=past))
                self.assertEqual([it.evidence["reasons"] for it in found], [reasons] if reasons else [])

    def test_counters_are_read_where_they_are(self):
        cpu = "/sys/devices/system/cpu/cpu%d/thermal_throttle/core_throttle_count"
        pi = "/sys/devices/platform/soc/soc:firmware/get_throttled"
        self.assertEqual(
            collect_throttling(self.node({cpu % 0: "3\n", cpu % 1: "4\n"})), {"count": 7, "pi": None}
        )
        self.assertEqual(collect_throttling(self.node({pi: "50005\n"})), {"count": None, "pi": 0x50005})

    def test_in_a_container_sensors_are_those_of_the_machine_around_it(self):
        self.assertEqual(
            judge_thermal([sensor(120, crit=100.0)], QUIET, context(host={"container": "lxc"})), []
        )


class StorageTest(Node):
    def test_arrays(self):
        arrays = {it["name"]: it for it in parse_mdstat(answer("mdstat.txt"))}
        self.assertEqual(sorted(arrays), ["md127", "md2", "md3", "md4", "md5"])
        self.assertEqual(
            (arrays["md2"]["want"], arrays["md2"]["have"], arrays["md2"]["failed"]), (2, 1, ["sda1"])
        )
        self.assertEqual(arrays["md3"]["op"], {"what": "recovery", "pct": 17.4, "left_s": 10950})
        self.assertEqual((arrays["md4"]["state"], arrays["md4"]["level"]), ("active", "raid1"))
        self.assertEqual(parse_mdstat(answer("mdstat-unraid.txt")), [])
        found = judge_storage({"md": list(arrays.values()), "zfs": [], "thin": []})
        expected = [
            ("raid.degraded", "critical", "md2"),
            ("raid.degraded", "high", "md3"),
            ("raid.inactive", "critical", "md127"),
        ]
        self.assertEqual([(it.rule, it.severity, it.subject) for it in found], expected)
        self.assertIn("about 3 hours to go", found[1].title)

    def test_a_pool_may_be_online_and_have_lost_data(self):
        pools = parse_pools(answer("zpool-list.txt"), answer("zpool-status.txt"))
        self.assertEqual(
            [(it["name"], it["health"], it["cap"]) for it in pools],
            [("tank", "ONLINE", 75), ("fast", "DEGRADED", 0)],
        )
        found = judge_storage({"md": [], "zfs": pools, "thin": []})
        self.assertEqual(rules(found), [("zfs.data_errors", "critical"), ("zfs.pool_unhealthy", "critical")])
        self.assertEqual(found[0].evidence["data_errors"], 485)

    def test_pools_that_cannot_be_asked_are_a_gap(self):
        node = self.node({"/dev/zfs": ""})
        refused = Ran(1, "", "Permission denied the ZFS utilities must be run as root.\n", None)
        cases = [
            ({"zpool": refused}, ["zfs"], []),
            ({"zpool list": answer("zpool-list.txt"), "zpool status": refused}, ["zfs"], ["tank", "fast"]),
            ({}, [], []),
        ]
        for answers, gaps, names in cases:
            agent = Scripted(answers)
            found = collect_storage(agent, node, HOST)
            self.assertEqual((agent.gaps, [it["name"] for it in found["zfs"]]), (gaps, names))

    def test_thin_pools(self):
        def told(data, meta):
            row = {
                "vg_name": "vg",
                "lv_name": "thin",
                "lv_size": "1000",
                "data_percent": data,
                "metadata_percent": meta,
            }
            return json.dumps({"report": [{"lv": [row]}]})

        cases = [
            ("79.9", "74.9", None),
            ("80", "0", "warning"),
            ("0", "75", "warning"),
            ("95", "0", "critical"),
            ("0", "90", "critical"),
        ]
        for data, meta, severity in cases:
            with self.subTest(data=data, meta=meta):
                found = judge_storage({"md": [], "zfs": [], "thin": parse_thin_pools(told(data, meta))})
                self.assertEqual(rules(found), [("lvm.thin_full", severity)] if severity else [])
        for damaged in ("", "{}", '{"report": [{"lv": [{"vg_name": "x"}]}]}'):
            with self.assertRaises(ValueError):
                parse_thin_pools(damaged)

    def test_lvm_is_asked_only_where_there_are_thin_pools(self):
        for uuid, asked in (("LVM-abc-tpool\n", True), ("CRYPT-LUKS2-x\n", False)):
            agent = Scripted({"lvs": Ran(5, "", "need root\n", None)})
            collect_storage(agent, self.node({"/sys/block/dm-0/dm/uuid": uuid}), HOST)
            self.assertEqual((bool(agent.asked), agent.gaps), (asked, ["lvm"] if asked else []))
