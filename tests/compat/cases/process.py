# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon as a process: pid file, background, failures at start, signals, TCP wrappers,
titles."""

import pptp
from cases import MAXIMUM, MAYBE_REDUCED, STARTED
from cases import case, log_call, log_calls, log_start, up, vector

BACKGROUND = ["exit 0", "running in the background"]
NO_PIDFILE = "* err PPTPD: failed to open(/none/x.pid), errno=2"
NO_SOCKET = "M err MGR: Couldn't create host socket"


def pidfile(name, argv, path, start=("running",), **keys):
    """Written with the daemon's own PID, and what is left of it afterwards."""
    shown = "%s 644 'PID\\n'" % path
    return case("process: pid file, " + name, argv=argv, row="pid-file-removed",
                steps=[("pidfile", path), ("signal", "SIGTERM"), ("ended",), ("no_pidfile", path)],
                same=dict(start=list(start)),
                distro=dict(pidfile=[shown, path + ": left behind"]),
                ours=dict(pidfile=[shown, path + ": none"]), **keys)


def bind_fails(name, argv, distro, reason, **keys):
    complaint = ["? " + STARTED, "? " + MAXIMUM % 9, MAYBE_REDUCED, NO_SOCKET,
                 "M err createHostSocket: " + reason]
    return case("process: no listening socket, " + name, argv=argv, row="bind-before-background",
                steps=[("no_pidfile",)], always=True,
                distro=dict(start=distro, log=complaint, pidfile=["/run/pptpd.pid: left behind"]),
                ours=dict(start=["exit 1"], log=complaint, pidfile=["/run/pptpd.pid: none"]),
                **keys)


def wrappers(name, files, refused=True):
    steps = [("open", "x", "127.0.0.9"), ("until_end", "x")] if refused else []
    return case("process: TCP wrappers, " + name, files=files, steps=steps + up("a"),
                same=dict(wire=["x: closed"] if refused else [], pppd=[vector()],
                          log=log_start() + log_calls()))


def ctrl(words):
    return case("process: pptpctrl by hand, '%s'" % words, argv=None,
                steps=[("ctrl", words.split())],
                same=dict(start=["exit 2"], stderr=["~ pptpctrl: .+"]))


CASES = [
    pidfile("default, foreground", "-f", "/run/pptpd.pid"),
    pidfile("default, background", "", "/run/pptpd.pid", BACKGROUND),
    pidfile("-p", "-f -p /run/x.pid", "/run/x.pid"),
    pidfile("-p without blank", "-f -p/run/x.pid", "/run/x.pid"),
    pidfile("--pidfile", "-f --pidfile /run/x.pid", "/run/x.pid"),
    pidfile("--pidfile=", "--pidfile=/run/x.pid", "/run/x.pid", BACKGROUND),
    pidfile("relative, foreground", "-f -p x.pid", "/run/x.pid"),
    pidfile("relative, background: the directory is / then", "-p x.pid", "/x.pid", BACKGROUND),
    pidfile("an old one is replaced", "-f", "/run/pptpd.pid",
            files={"/run/pptpd.pid": "1234567890123 and more\n"}),
    case("process: pid file, of somebody else by now",
         steps=[("pidfile",), ("write_file", "/run/pptpd.pid", "1\n"), ("signal", "SIGTERM"),
                ("ended",), ("no_pidfile",)],
         same=dict(pidfile=["/run/pptpd.pid 644 'PID\\n'", "/run/pptpd.pid: left behind"])),
    *[case("process: pid file, cannot be written" + name, argv=argv, steps=up("a"),
           same=dict(start=start, pppd=[vector()],
                     log=[NO_PIDFILE] + log_start() + log_calls()))
      for name, argv, start in ((", foreground", "-f -p /none/x.pid", ["running"]),
                                (", background", "-p /none/x.pid", BACKGROUND))],
    bind_fails("port in use, foreground", "-f", ["exit 255"], "Address already in use",
               before=[("occupy", "0.0.0.0")]),
    bind_fails("port in use, background", "", ["exit 0", "later exit 255"],
               "Address already in use", before=[("occupy", "0.0.0.0")]),
    bind_fails("no such address here", "-l 10.77.0.1", ["exit 0", "later exit 255"],
               "Cannot assign requested address"),
    case("process: a second daemon ends, the first goes on", row="bind-before-background",
         steps=up("a") + [("second", ["-f", "-p", "/run/second.pid"]), ("fence", "a"),
                          ("no_pidfile", "/run/second.pid")],
         same=dict(pppd=[vector()], wire=[]),
         distro=dict(start=["running", "second: exit 255"],
                     pidfile=["/run/second.pid: left behind"]),
         ours=dict(start=["running", "second: exit 1"], pidfile=["/run/second.pid: none"])),
    case("process: the port of service pptp", files={"/etc/services": "pptp 1799/tcp\n"},
         listens="00000000:0707", same=dict(log=log_start())),
    case("process: ends on SIGTERM", steps=[("signal", "SIGTERM"), ("ended",)],
         same=dict(log=log_start())),
    case("process: SIGTERM with a call", row="stop-ends-calls",
         steps=up("a") + [("signal", "SIGTERM"), ("polite", "a")],
         distro=dict(wire=["a: still served"]),
         ours=dict(wire=["a: Call-Disconnect call=#1 result=3 error=0",
                         "~ a: Stop-CCRQ reason=[13]", "~ a: (closed|reset)"])),
    case("process: SIGTERM to pptpctrl ends its call",
         steps=up("a") + [("signal_ctrl", "SIGTERM"), ("brief", "a"), ("brief", "a"),
                          ("send", "a", pptp.message(4, b"\1\0\0\0")), ("until_end", "a"),
                          ("pppd_end", 1)],
         same=dict(wire=["a: Call-Disconnect call=#1 result=3 error=0",
                         "~ a: Stop-CCRQ reason=[13]", "~ a: (closed|reset)"],
                   order=["~ pppd 1: (hangup|signal SIG(TERM|HUP))"],
                   log=log_start() + log_call())),
    wrappers("pptpd: ALL denied, one allowed",
             {"/etc/hosts.deny": "pptpd: ALL\n", "/etc/hosts.allow": "pptpd: 127.0.0.2\n"}),
    wrappers("one denied", {"/etc/hosts.deny": "pptpd: 127.0.0.9\n"}),
    wrappers("one denied by name", {"/etc/hosts.deny": "pptpd: nine.example\n"}),
    wrappers("ALL: ALL denied, one allowed",
             {"/etc/hosts.deny": "ALL: ALL\n", "/etc/hosts.allow": "pptpd: 127.0.0.2\n"}),
    wrappers("another daemon's name denied", {"/etc/hosts.deny": "sshd pptpctrl: ALL\n"}, False),
    case("process: TCP wrappers, everybody denied, silently",
         files={"/etc/hosts.deny": "pptpd: ALL\n"},
         steps=[("open", "x"), ("until_end", "x")], same=dict(wire=["x: closed"], log=log_start())),
    case("process: title of pptpctrl",
         steps=[("open", "a"), ("hello", "a"), ("titles",), ("call", "a", 0xABCD), ("titles",)],
         same=dict(titles=["pptpd [127.0.0.2]", "pptpd [127.0.0.2:ABCD - #1]"], pppd=[vector()])),
    case("process: one pptpctrl for each client address", row="one-process-per-address",
         steps=up("a") + [("open", "b", "127.0.0.2"), ("hello", "b"), ("call", "b", 2), ("titles",),
                          ("fence", "a"), ("fence", "b")],
         same=dict(pppd=[vector(), vector("10.1.0.1:10.2.0.2")], wire=[]),
         distro=dict(titles=["pptpd [127.0.0.2:0001 - #1]", "pptpd [127.0.0.2:0002 - #2]"]),
         ours=dict(titles=[r"~ pptpd \[127\.0\.0\.2.*\]"])),
    ctrl(""), ctrl("-v"), ctrl("0 0 1"), ctrl("0 0 0 0 0"),
]
