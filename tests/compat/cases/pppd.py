# SPDX-License-Identifier: GPL-2.0-or-later
"""How pppd is started: its command line in every combination of settings, and the state of the
process it finds itself in."""

import itertools

from cases import POOL, case, up, vector

OPTION = "/etc/ppp/pptpd-options"

PROCESS = [
    "stdin tty", "stdout tty", "stdin and stdout the same", "stderr %s", "cwd %s", "umask 022",
    "uid 0 euid 0", "environment kept", "controlling terminal no", "other descriptors none",
    "echo off", "canonical %s", "blocked signals 0", "ignored signals %s", "session of the manager",
    "group of the manager",
]


def poptop(stderr, cwd, ignored):
    return ("\n".join(PROCESS) % (stderr, cwd, "on", ignored)).split("\n")


def ours(cwd):
    return ("\n".join(["~ " * (line == "stderr %s") + line for line in PROCESS])
            % (r"pipe:.*", cwd, "off", "none")).split("\n")


def combination(option, noipparam, delegate, logwtmp, speed):
    words = []
    words += ["option " + OPTION] if option else []
    words += ["noipparam"] if noipparam else []
    words += ["delegate"] if delegate else []
    words += ["logwtmp"] if logwtmp else []
    words += ["speed 57600"] if speed else []
    expected = vector("" if delegate else "10.1.0.1:10.2.0.1", option=OPTION if option else "",
                      ipparam=not noipparam, wtmp=logwtmp, speed="57600" if speed else "115200")
    return case("pppd: " + (", ".join(words) or "defaults"),
                conf="".join(w + "\n" for w in words) + POOL,
                steps=up("a"), same=dict(pppd=[expected]))


CASES = [combination(*settings) for settings in itertools.product((False, True), repeat=5)] + [
    case("pppd: started in the foreground", steps=up("a"), row="pppd-process",
         distro=dict(process=poptop("/run/compat/stderr", "/run", "SIGCHLD")),
         ours=dict(process=ours("/run"))),
    case("pppd: started in the background", argv="", steps=up("a"), row="pppd-process",
         same=dict(start=["exit 0", "running in the background"]),
         distro=dict(process=poptop("/dev/null", "/", "SIGCHLD")), ours=dict(process=ours("/"))),
    case("pppd: SIGPIPE has its default action", steps=up("a"), row="pppd-process",
         binds={"/usr/sbin/pppd": "pppd-signals"},
         distro=dict(process=poptop("/run/compat/stderr", "/run", "none")),
         ours=dict(process=ours("/run"))),
    case("pppd: Debian's own configuration", steps=up("a"),
         conf="option %s\nlogwtmp\n" % OPTION,
         same=dict(pppd=[vector("192.168.0.1:192.168.1.1", option=OPTION, wtmp=True)])),
    case("pppd: each call has the address of its own client", steps=up("a", "b", "c"),
         same=dict(pppd=[vector("10.1.0.1:10.2.0.%d" % n, n + 1) for n in (1, 2, 3)])),
]
