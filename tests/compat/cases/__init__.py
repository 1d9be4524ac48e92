# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases, as data. Each module here has a list CASES made with case(); what the keys mean is
said there. Nothing here runs anything."""

import importlib
import os
import re
import shlex

MODULES = ("flags", "directives", "addresses", "pppd", "process", "call")

POOL = "localip 10.1.0.1\nremoteip 10.2.0.1-9\n"
REDUCED = "M info MGR: Maximum of %d connections reduced to %d, not enough IP addresses given"
REACHED = "M warning MGR: connections limit (%d) reached, extra IP addresses ignored"
MAYBE_REDUCED = "? " + REDUCED % (100, 9)
STARTED = "M info MGR: Manager process started"
MAXIMUM = "M info MGR: Maximum of %d connections available"
NO_SLOT = "M err MGR: No free connection slots or IPs - no more clients can connect!"
CLIENT_STARTED = "CTRL: Client 127.0.0.%d control connection started"
CALL_STARTED = "CTRL: Starting call (launching pppd, opening GRE)"
CLOSING = "CTRL: Request to close control connection when call is open, closing"
CLIENT_FINISHED = "CTRL: Client 127.0.0.%d control connection finished"


def case(name, argv="-f", conf=POOL, steps=(), **keys):
    """One case.

    name      told in the output; begins with its module's name
    argv      the command line after the program's name; None: do not start a daemon
    conf      text of /etc/pptpd.conf (None: there is none)
    before    steps before the daemon is started
    steps     what the clients do: tuples (method of World without step_, arguments)
    files     further files: path -> text, "DIRECTORY", or None to remove
    binds     path -> stand-in (or absolute path) that is put there
    hidden    directories that are made empty
    env       environment of the daemon
    listens   the listening socket that says "started", as /proc/net/tcp writes it
    always    the steps are run even if the daemon has ended
    same      section -> lines: what both sides must show
    distro, ours   the same for one side only, where ours differs on purpose
    row       the difference's name in docs/compatibility.md; needed when the sides differ
    skip      side -> reason
    """
    made = dict(
        name=name,
        argv=shlex.split(argv) if isinstance(argv, str) else argv,
        conf=conf,
        steps=list(steps),
        before=(),
        files={},
        binds={},
        hidden=(),
        same={},
        distro={},
        ours={},
        skip={},
        row=None,
    )
    unknown = set(keys) - set(made) - {"env", "listens", "always"}
    if unknown:
        raise ValueError("%s: unknown keys %s" % (name, unknown))
    made.update(keys)
    made["files"] = dict({"/etc/pptpd.conf": conf}, **made["files"])
    made["binds"] = dict({"/usr/sbin/pppd": "pppd"}, **made["binds"])
    return made


def up(*clients):
    """Steps that bring up one call for each client; the first has address 127.0.0.2."""
    steps = []
    for number, name in enumerate(clients, 2):
        steps += [("open", name, "127.0.0.%d" % number), ("hello", name), ("call", name)]
    return steps


def log_start(available=9, *changes):
    """What the manager logs at start; by default for POOL."""
    if not changes and available == 9:
        changes = (REDUCED % (100, 9),)
    return list(changes) + [STARTED, MAXIMUM % available]


def log_scans(complaint, available=9, *changes):
    """log_start() of Poptop with a complaint about one line: it reads the file 13 times, and knows
    the addresses after the twelfth."""
    if not changes and available == 9:
        changes = (REDUCED % (100, 9),)
    return [complaint] * 12 + list(changes) + [complaint, STARTED, MAXIMUM % available]


def log_calls(count=1):
    """What each of COUNT clients of up() logs until it has said goodbye."""
    lines = []
    for number in range(1, count + 1):
        who = "C" if number == 1 else "C%d" % number
        lines += [
            "%s info %s" % (who, CLIENT_STARTED % (number + 1)),
            "%s info %s" % (who, CALL_STARTED),
            "? %s warning %s" % (who, CLOSING),
            "%s debug CTRL: Reaping child PPP[pppd%d]" % (who, number),
            "%s info %s" % (who, CLIENT_FINISHED % (number + 1)),
        ]
    return lines


def log_call(*between, started=True):
    """What the first client logs from hello to the end with other lines BETWEEN."""
    lines = ["C info " + CLIENT_STARTED % 2]
    if started:
        lines.append("C info " + CALL_STARTED)
    reaped = "C debug CTRL: Reaping child PPP[pppd1]"
    if not started:  # Poptop reports that it has reaped process 0; see the row reaping-nobody
        reaped = "? C debug CTRL: Reaping child PPP[0]"
    return lines + list(between) + [reaped, "C info " + CLIENT_FINISHED % 2]


def vector(addresses="10.1.0.1:10.2.0.1", client=2, speed="115200", option="", program="",
           ipparam=True, wtmp=False):
    """pppd's command line as the section pppd shows it."""
    peer = "127.0.0.%d" % client
    words = [program or "/usr/sbin/pppd", "local"]
    words += ["file", option] if option else []
    words += [speed]
    words += [addresses] if addresses else []
    words += ["ipparam", peer] if ipparam else []
    words += ["plugin", "/usr/lib/pptpd/pptpd-logwtmp.so", "pptpd-original-ip",
              peer] if wtmp else []
    return shlex.join(words + ["remotenumber", peer])


def refuses(*log, code=1, **more):
    """The daemon does not start."""
    return dict({"start": ["exit %d" % code], "log": list(log), "pppd": []}, **more)


def load():
    every = []
    for name in MODULES:
        every += importlib.import_module("cases." + name).CASES
    names = [item["name"] for item in every]
    doubles = {name for name in names if names.count(name) > 1}
    if doubles:
        raise ValueError("cases with the same name: %s" % ", ".join(sorted(doubles)))
    return every


def problems(document):
    """Differences without a row in the document, and rows that no case shows."""
    found = []
    rows = set()
    if os.path.exists(document):
        with open(document, encoding="utf-8") as source:
            rows = set(re.findall(r"^\| `([a-z0-9-]+)` \|", source.read(), re.M))
    used = set()
    for item in load():
        if bool(item["distro"] or item["ours"]) != bool(item["row"]):
            found.append("%s: a difference needs a row, and only a difference" % item["name"])
        if item["row"]:
            used.update(item["row"].split())
    found += ["docs/compatibility.md has no row " + name for name in sorted(used - rows)]
    found += ["no case shows the row %s of docs/compatibility.md" % name
              for name in sorted(rows - used)]
    return found
