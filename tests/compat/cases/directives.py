# SPDX-License-Identifier: GPL-2.0-or-later
"""pptpd.conf: each directive, the command line against the file, and the rules of the parser."""

import re

from cases import MAXIMUM, MAYBE_REDUCED, POOL, REACHED, REDUCED, STARTED
from cases import case, log_calls, log_scans, log_start, refuses, up, vector

FILES = {"/etc/ppp/mine": "", "/run/pptpd-options": ""}
BINDS = {"/run/my-pppd": "pppd", "/usr/sbin/bcrelay": "bcrelay"}
CR_WARNING = "M warning MGR: /etc/pptpd.conf:1: carriage return at the end of the line ignored"
VRF = "* warning MGR: vrf 'blue' has no effect in this build"


def show(text):
    for what, name in (("\t", "<TAB>"), ("\r", "<CR>"), ("\n", "<NL>"), ("  ", " _")):
        text = text.replace(what, name)
    return text


def line(text, expected, row=None, distro=None, ours=None, conf=None, log=(), **more):
    """The line before the usual pool, one call, and pppd's command line."""
    same = dict({"pppd": [expected]} if expected else {}, **more)
    if not row:
        same["log"] = list(log) + log_start() + log_calls()
    return case("directives: " + show(text), conf=conf or text + "\n" + POOL, steps=up("a"),
                files=FILES, binds=BINDS, row=row, same=same, distro=distro or {}, ours=ours or {})


def ignored(text, number=1):
    """A line that Poptop does not notice and ours warns about."""
    word = text.split()[0]
    warning = "M warning MGR: /etc/pptpd.conf:%d: unknown directive '%s' ignored" % (number, word)
    return line(text, vector(), row="unknown-directive",
                distro=dict(log=log_start() + log_calls()),
                ours=dict(log=[warning] + log_start() + log_calls()))


def complains(text, complaint):
    # Ours shows control characters of what it quotes as question marks.
    shown = "~ M err %s.*" % re.escape(complaint).replace("\\\t", ".")
    return line(text, vector(), row="one-line-per-bad-line",
                distro=dict(log=log_scans("M err " + complaint) + log_calls()),
                ours=dict(log=[shown] + log_start() + log_calls()))


def carriage_return(text, poptop, ours):
    """A line with CR LF: Poptop keeps the CR, ours drops it and says so."""
    return case("directives: " + show(text), conf=text + "\n" + POOL, steps=up("a"), files=FILES,
                row="carriage-return", distro=poptop,
                ours=dict(pppd=[ours], debug=None,
                          log=[CR_WARNING] + log_start() + log_calls()))


def bad(text, *log):
    return case("directives: " + show(text), conf=text + "\n" + POOL, files=FILES,
                same=refuses(MAYBE_REDUCED, *log))


def bad_connections(text, slots=9):
    changes = (REDUCED % (100, 9),) if slots == 9 else (REACHED % slots,)
    return case("directives: " + show(text), conf=text + "\n" + POOL,
                same=dict(log=log_start(slots, *changes)))


def flag_wins(name, directive, words, row=None, **expected):
    return case("directives: flag beats directive, " + name, argv="-f " + words,
                conf=directive + "\n" + POOL, files=FILES, binds=BINDS, row=row, **expected)


def race(name, directive, words, same=None, **sides):
    """Who ends a silent connection first: the daemon in question, or one told '-t 4'."""
    return case(
        "directives: " + name,
        argv="-f -l 127.0.0.1 " + words,
        conf=POOL + directive,
        listens="0100007F:06BB",
        steps=[("daemon", "other", "-f -l 127.0.0.5 -p /run/other.pid -t 4".split(),
                "0500007F:06BB"),
               ("open", "this", "127.0.0.2", "127.0.0.1"),
               ("open", "other", "127.0.0.2", "127.0.0.5"),
               ("first_event", "this", "other")],
        same={} if same is None else dict(order=[same]),
        **sides
    )


def padded(length, text):
    """TEXT as one line of so many characters, blanks between keyword and value."""
    word, value = text.split(" ")
    return word + " " * (length - len(word) - len(value)) + value


def listed(length):
    """A remoteip line of LENGTH characters: (line, number of addresses)."""
    text, count = "remoteip 10.2.0.100", 1
    while len(text) < length:
        octets = (2 + (count // 150), 100 + count % 150)
        item = ",10.2.%d.%d" % octets
        if len(text) + len(item) > length:
            # Not room for one more: blanks at the end are trimmed, but count for the length.
            return text.replace(" ", " " * (length - len(text) + 1), 1), count
        text += item
        count += 1
    return text, count


LONG = "M err Long config file line ignored."
LIST, ADDRESSES = listed(700)
LONG_PATH = "/etc/ppp/" + "d" * 150 + "/" + "f" * 150

CASES = [
    # Directives with a value.
    line("speed 9600", vector(speed="9600")),
    line("option /etc/ppp/mine", vector(option="/etc/ppp/mine")),
    line("ppp /run/my-pppd", vector(program="/run/my-pppd")),
    bad("option /etc/ppp/none", "M err MGR: PPP options file /etc/ppp/none not readable"),
    bad("option", "M err MGR: PPP options file  not readable"),
    bad("ppp /run/none", "M err MGR: PPP binary /run/none not executable"),
    bad("ppp", "M err MGR: PPP binary  not executable"),
    bad("listen 300.1.1.1", "M err MGR: Invalid listening address: 300.1.1.1!"),
    bad("listen", "M err MGR: Invalid listening address: !"),
    case("directives: listen 127.0.0.5", conf="listen 127.0.0.5\n" + POOL, listens="0500007F:06BB",
         steps=[("refused", "z"), ("open", "a", "127.0.0.2", "127.0.0.5"), ("hello", "a"),
                ("call", "a")],
         same=dict(wire=["z: connection refused"], pppd=[vector()], log=log_start() + log_calls())),
    case("directives: pidfile /run/x.pid", conf="pidfile /run/x.pid\n" + POOL,
         steps=[("pidfile", "/run/x.pid"), ("no_pidfile",)],
         same=dict(pidfile=["/run/x.pid 644 'PID\\n'", "/run/pptpd.pid: none"], log=log_start())),
    case("directives: bcrelay eth1", conf="bcrelay eth1\n" + POOL, binds=BINDS,
         steps=[("bcrelay",), ("signal", "SIGTERM"), ("ended",), ("bcrelay_end",)],
         same=dict(bcrelay=["-i eth1 -o ppp[0-9].* -n", "ended"])),
    case("directives: bcrelay without the program", conf="bcrelay eth1\n" + POOL,
         binds={"/usr/sbin/bcrelay": "/dev/null"},
         same=refuses(MAYBE_REDUCED, "M err MGR: bcrelay binary /usr/sbin/bcrelay not executable")),
    line("vrf blue", vector(), row="vrf",
         distro=dict(log=log_start() + log_calls()),
         ours=dict(log=[VRF]
                   + log_start() + log_calls())),
    case("directives: connections 2", conf="connections 2\n" + POOL,
         same=dict(log=log_start(2, REACHED % 2))),
    case("directives: connections 9", conf="connections 9\n" + POOL,
         same=dict(log=[STARTED, MAXIMUM % 9])),
    case("directives: connections 1000", conf="connections 1000\n" + POOL,
         same=dict(log=log_start(9, REDUCED % (1000, 9)))),
    bad_connections("connections 0"),
    bad_connections("connections -1"),
    bad_connections("connections abc"),
    bad_connections("connections"),
    bad_connections("connections 3x", 3),
    # How long a silent client may stay: only the order counts.
    race("stimeout has no effect in Poptop", "stimeout 1\n", "", row="stimeout-directive",
         distro=dict(order=["first: other"]), ours=dict(order=["first: this"])),
    race("stimeout, flag beats directive", "stimeout 60\n", "-t 1", same="first: this"),
    race("stimeout, long flag beats directive", "stimeout 60\n", "--stimeout=1",
         same="first: this"),
    # Directives without a value: whatever follows does not matter.
    *[case("directives: " + text, conf=text + "\n" + POOL, steps=up("a"),
           same=dict(pppd=[vector()], debug=["on"])) for text in ("debug", "debug 0")],
    line("noipparam", vector(ipparam=False)),
    line("noipparam 0", vector(ipparam=False)),
    line("logwtmp", vector(wtmp=True)),
    line("logwtmp off", vector(wtmp=True)),
    case("directives: delegate", conf="delegate\n" + POOL, steps=up("a"),
         same=dict(pppd=[vector("")], log=[STARTED] + log_calls())),
    case("directives: delegate 0", conf="delegate 0\n" + POOL, steps=up("a"),
         same=dict(pppd=[vector("")], log=[STARTED] + log_calls())),
    case("directives: delegate leaves the addresses unread", steps=up("a"),
         conf="delegate\nlocalip junk\nremoteip junk\n",
         same=dict(pppd=[vector("")], log=[STARTED] + log_calls())),
    # The command line first.
    flag_wins("speed", "speed 9600", "-s 7", steps=up("a"), same=dict(pppd=[vector(speed="7")])),
    flag_wins("option", "option /etc/ppp/none", "-o /etc/ppp/mine", steps=up("a"),
              same=dict(pppd=[vector(option="/etc/ppp/mine")])),
    flag_wins("ppp", "ppp /run/none", "-e /run/my-pppd", steps=up("a"),
              same=dict(pppd=[vector(program="/run/my-pppd")])),
    flag_wins("listen", "listen 300.1.1.1", "-l 127.0.0.5", listens="0500007F:06BB",
              same=dict(log=log_start())),
    flag_wins("pidfile", "pidfile /run/x.pid", "-p /run/y.pid",
              steps=[("pidfile", "/run/y.pid"), ("no_pidfile", "/run/x.pid")],
              same=dict(pidfile=["/run/y.pid 644 'PID\\n'", "/run/x.pid: none"])),
    flag_wins("bcrelay", "bcrelay eth5", "-b eth3", steps=[("bcrelay",)],
              same=dict(bcrelay=["-i eth3 -o ppp[0-9].* -n"])),
    flag_wins("connections", "connections 5", "-C 3", row="connections-flag",
              distro=dict(log=[REACHED % 5, STARTED, MAXIMUM % 5]),
              ours=dict(log=[REACHED % 3, STARTED, MAXIMUM % 3])),
    flag_wins("connections, larger", "connections 3", "-C 5", row="connections-flag",
              distro=dict(log=[REACHED % 3, STARTED, MAXIMUM % 3]),
              ours=dict(log=[REACHED % 5, STARTED, MAXIMUM % 5])),
    # The parser.
    line("speed\t9600", vector(speed="9600")),
    line("speed  \t 9600", vector(speed="9600")),
    line("speed 9600 \t ", vector(speed="9600")),
    line("speed", vector()),
    line("speed ", vector()),
    line("speed 9600 7", vector(speed="9600 7")),
    line("speed 9600 # comment", vector(speed="9600 # comment")),
    line('speed "9600"', vector(speed='"9600"')),
    line("speed 1\nspeed 2", vector(speed="1")),
    line("#speed 9600", vector()),
    line("# speed 9600", vector()),
    line("", vector()),
    line("   ", vector()),
    ignored("Speed 9600"),
    ignored("SPEED 9600"),
    ignored("speed=9600"),
    ignored("speedy 9600"),
    ignored("debugging"),
    ignored("frobnicate 7"),
    ignored("frobnicate"),
    ignored("fg"),
    ignored("include /etc/other.conf"),
    line("# comment\n\nfrobnicate", vector(), row="unknown-directive",
         distro=dict(log=log_start() + log_calls()),
         ours=dict(log=["M warning MGR: /etc/pptpd.conf:3: unknown directive 'frobnicate' ignored"]
                   + log_start() + log_calls())),
    line("continued \\\nspeed 9600", vector(speed="9600"), row="unknown-directive",
         distro=dict(log=log_start() + log_calls()),
         ours=dict(log=["M warning MGR: /etc/pptpd.conf:1: unknown directive 'continued' ignored"]
                   + log_start() + log_calls())),
    case("directives: unknown directive in the file of -c", argv="-f -c /etc/other.conf",
         files={"/etc/other.conf": POOL + "unknown\n"}, row="unknown-directive",
         distro=dict(log=log_start()),
         ours=dict(log=["M warning MGR: /etc/other.conf:3: unknown directive 'unknown' ignored"]
                   + log_start())),
    complains(" speed 9600", "Config file line starts with a space:  speed 9600"),
    complains("\tspeed 9600", "Config file line starts with a space: \tspeed 9600"),
    complains(" # comment", "Config file line starts with a space:  # comment"),
    case("directives: last line without newline", conf=POOL + "speed 9600", steps=up("a"),
         same=dict(pppd=[vector(speed="9600")], log=log_start() + log_calls())),
    case("directives: empty file", conf="", steps=up("a"),
         same=dict(pppd=[vector("192.168.0.1:192.168.1.1")],
                   log=[STARTED, MAXIMUM % 100] + log_calls())),
    # CR LF.
    carriage_return("speed 9600\r", dict(pppd=[vector(speed="9600\r")]), vector(speed="9600")),
    carriage_return("option /etc/ppp/mine\r",
                    refuses(MAYBE_REDUCED,
                            "M err MGR: PPP options file /etc/ppp/mine\r not readable"),
                    vector(option="/etc/ppp/mine")),
    carriage_return("debug\r", dict(pppd=[vector()], debug=[]), vector()),
    carriage_return("noipparam\r", dict(pppd=[vector()]), vector(ipparam=False)),
    case("directives: file with CR LF", conf=POOL.replace("\n", "\r\n"), steps=up("a"),
         row="carriage-return",
         distro=refuses("M err MGR: Bad IP address (10.2.0.1-9\r) in config file!"),
         ours=dict(pppd=[vector()],
                   log=[CR_WARNING] + log_start() + log_calls())),
    # Length.
    case("directives: line of 509 characters", conf=padded(509, "speed 9600") + "\n" + POOL,
         steps=up("a"),
         same=dict(pppd=[vector(speed="9600")], log=log_start() + log_calls())),
    case("directives: line of 510 characters", conf=padded(510, "speed 9600") + "\n" + POOL,
         steps=up("a"), row="long-line",
         distro=dict(pppd=[vector()], log=log_scans(LONG) + log_calls()),
         ours=dict(pppd=[vector(speed="9600")], log=log_start() + log_calls())),
    case("directives: line of 65,536 characters", conf=padded(65536, "speed 9600") + "\n" + POOL,
         steps=up("a"), row="long-line",
         distro=dict(pppd=[vector()], log=log_scans(LONG) + log_calls()),
         ours=dict(pppd=[vector(speed="9600")], log=log_start() + log_calls())),
    case("directives: line of 65,537 characters", conf=padded(65537, "speed 9600") + "\n" + POOL,
         steps=up("a"), row="long-line",
         distro=dict(pppd=[vector()], log=log_scans(LONG) + log_calls()),
         ours=dict(pppd=[vector()], log=[LONG] + log_start() + log_calls())),
    case("directives: remoteip of 700 characters", conf="localip 10.1.0.1\n" + LIST + "\n",
         steps=up("a"),
         row="long-line",
         distro=dict(pppd=[vector("10.1.0.1:192.168.1.1")]),
         ours=dict(pppd=[vector("10.1.0.1:10.2.0.100")],
                   log=log_start(ADDRESSES, REDUCED % (100, ADDRESSES)) + log_calls())),
    case("directives: option with 300 characters", conf="option %s\n" % LONG_PATH + POOL,
         steps=up("a"),
         files={LONG_PATH: ""}, row="no-truncation",
         distro=dict(pppd=[vector(option=LONG_PATH[:255])]),
         ours=dict(pppd=[vector(option=LONG_PATH)])),
    case("directives: speed with 40 characters", conf="speed " + "7" * 40 + "\n" + POOL,
         steps=up("a"),
         row="no-truncation",
         distro=dict(pppd=[vector(speed="7" * 31)]), ours=dict(pppd=[vector(speed="7" * 40)])),
]
