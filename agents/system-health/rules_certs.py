"""Which certificates end soon."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import quoted, span
from context import Context

DAY = 86400.0


def judge_certs(certs: list[dict[str, Any]], context: Context) -> list[Finding]:
    return [finding for cert in certs for finding in judge_cert(cert, context)]


def judge_cert(cert: dict[str, Any], context: Context) -> list[Finding]:
    days, options, where = (cert["not_after"] - context.now) / DAY, context.options, cert["where"]
    lifetime = (cert["not_after"] - cert["not_before"]) / DAY
    cert["days_left"] = round(days, 1)
    name = cert["subject"] or (cert["san"] or [where])[0]
    evidence = {
        key: cert.get(key) for key in ("where", "subject", "issuer", "san", "not_after", "days_left", "also")
    }
    fix = fix_for(where)
    if cert["not_before"] > context.now + 3600:
        title = "The certificate of %s is not valid before %s from now" % (
            name,
            span(cert["not_before"] - context.now),
        )
        evidence["not_before"] = cert["not_before"]
        fix = "Check the clock of this node first (timedatectl), then that of the one that issued it."
        return [Finding("cert.not_yet_valid", "high", where, title, evidence, fix)]
    if days < 0:
        title = "The certificate of %s expired %s ago" % (name, span(days * DAY))
        return [Finding("cert.expired", "critical", where, title, evidence, fix)]
    # A certificate that lives for six days is renewed in its last third, and nothing is wrong until then.
    if days >= lifetime / 3:
        return []
    if days < options["cert_high_days"]:
        severity = "high"
    elif days < options["cert_warn_days"]:
        severity = "warning"
    else:
        return []
    title = "The certificate of %s expires in %s" % (name, span(days * DAY))
    return [Finding("cert.expiring", severity, where, title, evidence, fix)]


def fix_for(where: str) -> str:
    if where.startswith("/etc/letsencrypt/"):
        return (
            "Renew it and see why that did not happen by itself: sudo certbot renew; systemctl "
            "list-timers certbot*."
        )
    if where.startswith("/etc/pve/"):
        return "Renew it on Proxmox: sudo pvecm updatecerts --force && sudo systemctl restart pveproxy."
    if where.startswith("/"):
        return (
            "Renew it, then reload what serves it. Look: openssl x509 -noout -dates -subject -in %s."
            % quoted(where)
        )
    return (
        "Renew it and reload the service: it may serve an old file. Look: "
        "openssl s_client -connect %s </dev/null | openssl x509 -noout -dates -subject." % quoted(where)
    )
