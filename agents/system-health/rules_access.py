"""Who gets in, who tries to, and what the doors look like."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, quoted, some
from context import Context

SETTINGS = "/etc/ssh/sshd_config.d/00-local.conf"
APPLY = "then: sudo sshd -t && sudo systemctl reload ssh (or sshd)."


def judge_auth(auth: dict[str, Any], context: Context) -> list[Finding]:
    found = []
    if auth["failed"] >= context.options["bruteforce_failures"]:
        places = count(auth["addresses"], "address").replace("addresss", "addresses")
        title = "%s failed SSH logins in 24 hours, from %s" % (auth["failed"], places)
        evidence = {"total": auth["failed"], "sources": auth["top"], "log": auth["source"]}
        fix = (
            "If nobody needs to reach it from the internet, take its port 22 off the router. Otherwise "
            "allow keys only "
            "(PasswordAuthentication no in %s), and let fail2ban or CrowdSec block them." % SETTINGS
        )
        found.append(Finding("auth.bruteforce", "warning", "ssh", title, evidence, fix))
    broken: dict[str, list[dict[str, Any]]] = {}
    for login in auth["logins"]:
        if login["failures_before"] >= context.options["breakin_failures"]:
            broken.setdefault("%s@%s" % (login["user"], login["ip"]), []).append(login)
    for who, logins in broken.items():
        last = logins[-1]
        title = "%s logged in with a password from %s after %d failures" % (
            *(last["user"], last["ip"], last["failures_before"]),
        )
        evidence = {**last, "successes": len(logins), "log": auth["source"]}
        fix = (
            "If this was not you, it is a break-in: take the node off the network, change the password, "
            "look at "
            "last -i %s, the user's .ssh/authorized_keys and crontab -l, and think of setting it up anew."
            % quoted(last["user"])
        )
        found.append(Finding("auth.success_after_failures", "critical", who, title, evidence, fix, "likely"))
    return found


def judge_sshd(sshd: dict[str, Any], keys: dict[str, Any] | None, context: Context) -> list[Finding]:
    if sshd["running"] is False:
        return []
    by_password = sshd["passwordauthentication"] == "yes"
    if sshd["permitemptypasswords"] == "yes":
        users = (keys or {}).get("empty_passwords", [])
        title = "SSH lets users without a password in" + (": %s" % some(users) if users else "")
        fix = "Put PermitEmptyPasswords no into %s, %s" % (SETTINGS, APPLY)
        evidence = {**sshd, "empty_passwords": users}
        return [Finding("ssh.empty_passwords", "critical", "sshd", title, evidence, fix)]
    if sshd["permitrootlogin"] == "yes" and by_password:
        fix = "Make sure your key works for root, then put PermitRootLogin prohibit-password into %s, %s" % (
            *(SETTINGS, APPLY),
        )
        return [
            Finding(
                "ssh.root_password", "high", "sshd", "root may log in over SSH with a password", sshd, fix
            )
        ]
    if by_password:
        fix = "When all who log in have keys: put PasswordAuthentication no into %s, %s" % (SETTINGS, APPLY)
        return [Finding("ssh.password_auth", "info", "sshd", "SSH accepts passwords", sshd, fix)]
    return []


def judge_keys(keys: dict[str, Any], context: Context) -> list[Finding]:
    found = []
    others = [name for name in keys["uid0"] if name != "root"]
    # Some systems bring a second name for root; only one that is not there from the start is a finding.
    if others and not set(others) <= {"toor"}:
        title = "%s has the rights of root under another name" % some(others)
        fix = "If you did not make this user, treat it as a break-in. Look: getent passwd %s; last %s." % (
            *(quoted(others[0]), quoted(others[0])),
        )
        found.append(Finding("sec.uid0", "critical", some(others, 10), title, {"users": keys["uid0"]}, fix))
    before = context.history.last("keys")
    if isinstance(before, dict) and keys["complete"]:
        for path in sorted(set(before) | set(keys["keys"])):
            was, now = before.get(path), keys["keys"].get(path)
            if was == now:
                continue
            how = "appeared" if was is None else "were removed" if now is None else "changed"
            title = "Login keys %s in %s" % (how, path)
            fix = (
                "If this was not you (or Carl, renewing its own key): read the file and remove "
                "what you do not know."
            )
            evidence = {"path": path, "before": was, "after": now}
            found.append(Finding("sec.authorized_keys_changed", "warning", path, title, evidence, fix))
    return found
