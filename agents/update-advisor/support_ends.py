"""Until when makers look after what they made. The server carries this table along with every run.

The last day with security updates for everybody, without a contract. Beside each table stands where its days
come from; all were compared in November 2026. Where a maker names only a month, its last day stands here.
What is not listed is not judged: its maker has named no day, or nobody has looked it up.
"""

from __future__ import annotations

SYSTEMS = {
    # Those of long-term support: `eol-lts` in debian.csv of Debian's package distro-info-data.
    "debian": {
        "8": "2020-06-30",
        "9": "2022-06-30",
        "10": "2024-06-30",
        "11": "2026-08-31",
        "12": "2028-06-30",
        "13": "2030-06-30",
    },
    # By the release of Debian below it: "Proxmox EOL" in pve-faq.adoc of pve-docs, which is
    # pve.proxmox.com/wiki/FAQ. Of Proxmox VE 9 (Debian 13) it says "tba".
    "proxmox": {"10": "2022-09-30", "11": "2024-07-31", "12": "2026-08-31"},
    # `eol` in ubuntu.csv of the package distro-info-data, which Ubuntu itself goes by.
    "ubuntu": {
        "16.04": "2021-04-30",
        "18.04": "2023-05-31",
        "20.04": "2025-05-29",
        "22.04": "2027-06-01",
        "23.04": "2024-01-25",
        "23.10": "2024-07-11",
        "24.04": "2029-05-31",
        "24.10": "2025-07-10",
        "25.04": "2026-01-15",
        "25.10": "2026-07-09",
        "26.04": "2031-05-29",
    },
    # alpinelinux.org/releases; 3.24 as github.com/aquasecurity/trivy has it from there.
    "alpine": {
        "3.12": "2022-05-01",
        "3.13": "2022-11-01",
        "3.14": "2023-05-01",
        "3.15": "2023-11-01",
        "3.16": "2024-05-23",
        "3.17": "2024-11-22",
        "3.18": "2025-05-09",
        "3.19": "2025-11-01",
        "3.20": "2026-04-01",
        "3.21": "2026-11-01",
        "3.22": "2027-05-01",
        "3.23": "2027-11-01",
        "3.24": "2028-06-01",
    },
    # Four weeks after the release but one has come out, so the last of these are plans:
    # docs.fedoraproject.org/en-US/releases/lifecycle, with the days of fedorapeople.org/groups/schedule as
    # github.com/endoflife-date/endoflife.date has them. Fedora's own os-release says its day, and goes first.
    "fedora": {
        "36": "2023-05-16",
        "37": "2023-12-05",
        "38": "2024-05-21",
        "39": "2024-11-26",
        "40": "2025-05-13",
        "41": "2025-12-15",
        "42": "2026-05-27",
        "43": "2026-12-09",
        "44": "2027-06-02",
    },
    # The end of maintenance support: access.redhat.com/support/policy/updates/errata.
    "rhel": {"7": "2024-06-30", "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"},
    # wiki.almalinux.org/release-notes and wiki.rockylinux.org/rocky/version, as endoflife.date has them.
    "almalinux": {"8": "2029-03-01", "9": "2032-05-31", "10": "2035-05-31"},
    "rocky": {"8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"},
    # 8 is CentOS Linux or Stream; both are over. From 9 on it is Stream: centos.org/cl-vs-cs.
    "centos": {"7": "2024-06-30", "8": "2024-05-31", "9": "2027-05-31", "10": "2030-01-01"},
    # en.opensuse.org/Lifetime; 15.6 and 16.0 as endoflife.date has them from there.
    "opensuse-leap": {
        "15.3": "2022-12-31",
        "15.4": "2023-12-07",
        "15.5": "2024-12-31",
        "15.6": "2026-04-30",
        "16.0": "2027-10-31",
    },
}
ALSO_KNOWN_AS = {"raspbian": "debian"}
# With a subscription to Ubuntu's extended support: `eol-esm` in the same file. What is sold beyond it is not
# for everybody who has one.
EXTENDED = {
    "16.04": "2026-04-23",
    "18.04": "2028-04-26",
    "20.04": "2030-04-23",
    "22.04": "2032-04-21",
    "24.04": "2034-04-25",
    "26.04": "2036-04-23",
}

# Docker Engine, by the beginning of its version: project/BRANCHES-AND-TAGS.md of github.com/moby/moby, which
# has a day for 23 and 25, none for 28 and 29, and calls the others over; since when says endoflife.date.
DOCKER = {
    "17": "2018-02-10",
    "18": "2019-08-22",
    "19": "2021-01-08",
    "20": "2023-12-10",
    "23": "2025-05-19",
    "24": "2024-06-08",
    "25": "2026-12-04",
    "26": "2025-02-17",
    "27": "2025-05-03",
}


def end_of_system(host: dict[str, str | None]) -> str | None:
    """`2028-06-30`, or None for a release that nobody promised an end of, or that is not known here."""
    if host.get("support_end"):
        return host["support_end"]
    name, version = host.get("os_id") or "", host.get("os_version") or ""
    if host.get("platform") == "proxmox":
        # Never Debian's own day: its long-term support does not reach what Proxmox adds.
        return SYSTEMS["proxmox"].get(version)
    table = SYSTEMS.get(ALSO_KNOWN_AS.get(name, name), {})
    # Alpine says 3.20.1, Rocky 9.4, Debian 12: as much of it as the table has.
    parts = version.split(".")
    end = next(
        (table[key] for key in (".".join(parts[:length]) for length in (3, 2, 1)) if key in table), None
    )
    return EXTENDED.get(version, end) if name == "ubuntu" and host.get("extended") else end


def end_of_docker(version: str) -> str | None:
    """None where it is not over, and where a distribution looks after it: `20.10.24+dfsg1` is Debian's."""
    return None if "dfsg" in version or "ubuntu" in version else DOCKER.get(version.partition(".")[0])
