# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: each flag short and long, its errors, and what getopt_long makes of others."""

from cases import MAXIMUM, MAYBE_REDUCED, REACHED, REDUCED, STARTED
from cases import case, log_calls, log_start, refuses, up, vector

VRF = "* warning MGR: vrf 'blue' has no effect in this build"
OPTIONS = (
    "bcrelay conf connections debug delegate fg help listen logwtmp noipparam option pidfile ppp "
    "speed stimeout version"
).split()

FILES = {
    "/etc/other.conf": "localip 10.3.0.1\nremoteip 10.4.0.1\n",
    "/run/other.conf": "localip 10.5.0.1\nremoteip 10.6.0.1\n",
    "/etc/ppp/mine": "",
    "/run/not-executable": "",
}
BINDS = {"/run/my-pppd": "pppd"}
NO_FILE = "? M err MGR: /etc/none.conf: No such file or directory"
USAGE = dict(start=["exit 1"], stdout=None, stderr=None, options=OPTIONS, log=[])


def calls(words, expected, row=None, **more):
    """One call with these words on the command line, and pppd's command line."""
    return case("flags: " + (words or "none"), argv="-f " + words, steps=up("a"), files=FILES,
                binds=BINDS, same=dict({"pppd": [expected]}, **more))


def spellings(short, value, long, value_expected):
    """A flag with a value in every way that getopt_long knows."""
    for words in ("-%s %s" % (short, value), "-%s%s" % (short, value),
                  "--%s %s" % (long, value), "--%s=%s" % (long, value)):
        yield calls(words, value_expected)


def wrong(name, words, **expected):
    return case("flags: " + name, argv=words, files=FILES, same=expected)


def listens(words):
    return case(
        "flags: " + words,
        argv="-f " + words,
        listens="0500007F:06BB",
        steps=[("refused", "z"), ("open", "a", "127.0.0.2", "127.0.0.5"), ("hello", "a"),
               ("call", "a")],
        same=dict(wire=["z: connection refused"], pppd=[vector()], log=log_start() + log_calls()),
    )


def relay(words, argv):
    return case(
        "flags: " + words,
        argv="-f " + words,
        binds={"/usr/sbin/bcrelay": "bcrelay"},
        steps=[("bcrelay",), ("signal", "SIGTERM"), ("ended",), ("bcrelay_end",)],
        same=dict(bcrelay=[argv, "ended"], debug=None),
    )


def limits(words, count):
    return case(
        "flags: " + words,
        argv="-f " + words,
        same=dict(log=[REACHED % count, STARTED, MAXIMUM % count]),
    )


def bad_number(words, value, poptop):
    """A number of connections that Poptop takes for something, and ours refuses."""
    return case(
        "flags: %s" % words,
        argv="-f " + words,
        row="connections-checked",
        distro=poptop,
        ours=dict(refuses(), stderr=["~ .*'%s'.*" % value]),
    )


NOBODY = dict(log=None, start=["running"])

CASES = [
    calls("", vector(), log=log_start() + log_calls()),
    # Which file.
    *spellings("c", "/etc/other.conf", "conf", vector("10.3.0.1:10.4.0.1")),
    calls("-c other.conf", vector("10.5.0.1:10.6.0.1")),
    calls("-c /etc/pptpd.conf -c /etc/other.conf", vector("10.3.0.1:10.4.0.1")),
    case("flags: -c is relative to where it was started, in the background too",
         argv="-c other.conf", files=FILES, steps=up("a"),
         same=dict(start=["exit 0", "running in the background"],
                   pppd=[vector("10.5.0.1:10.6.0.1")])),
    wrong("-c without the file", "-f -c /etc/none.conf",
          **refuses("M err MGR: Config file not found!", NO_FILE)),
    wrong("-c without the file, background", "-c /etc/none.conf",
          **refuses("M err MGR: Config file not found!", NO_FILE)),
    case("flags: no -c and no /etc/pptpd.conf", conf=None, steps=up("a"),
         same=dict(stderr=["/etc/pptpd.conf: No such file or directory"],
                   log=[STARTED, MAXIMUM % 100] + log_calls(),
                   pppd=[vector("192.168.0.1:192.168.1.1")])),
    # Without values.
    calls("-d", vector(), debug=["on"]),
    calls("--debug", vector(), debug=["on"]),
    calls("-i", vector(ipparam=False)),
    calls("--noipparam", vector(ipparam=False)),
    calls("-w", vector(wtmp=True)),
    calls("--logwtmp", vector(wtmp=True)),
    calls("-D", vector(""), log=[STARTED] + log_calls()),
    calls("--delegate", vector(""), log=[STARTED] + log_calls()),
    case("flags: --fg", argv="--fg", steps=up("a"), same=dict(pppd=[vector()])),
    case("flags: without -f it goes to the background", argv="", steps=up("a"),
         same=dict(start=["exit 0", "running in the background"], pppd=[vector()],
                   log=log_start() + log_calls())),
    calls("-iwD", vector("", ipparam=False, wtmp=True)),
    # The program for each call.
    *spellings("e", "/run/my-pppd", "ppp", vector(program="/run/my-pppd")),
    wrong("-e without the right to execute", "-f -e /run/not-executable",
          **refuses(MAYBE_REDUCED, "M err MGR: PPP binary /run/not-executable not executable")),
    wrong("-e without the file", "-e /run/none",
          **refuses(MAYBE_REDUCED, "M err MGR: PPP binary /run/none not executable")),
    # Its options and speed.
    *spellings("o", "/etc/ppp/mine", "option", vector(option="/etc/ppp/mine")),
    wrong("-o without the file", "-f -o /etc/ppp/none",
          **refuses(MAYBE_REDUCED, "M err MGR: PPP options file /etc/ppp/none not readable")),
    wrong("-o without the file, background", "-o /etc/ppp/none",
          **refuses(MAYBE_REDUCED, "M err MGR: PPP options file /etc/ppp/none not readable")),
    *spellings("s", "9600", "speed", vector(speed="9600")),
    calls("-s fast", vector(speed="fast")),
    calls("-s 0", vector(speed="0")),
    calls("-s ''", vector()),
    calls("-s 1 -s 2", vector(speed="2")),
    case("flags: -s with 40 characters", argv="-f -s " + "1" * 40, steps=up("a"),
         row="no-truncation",
         distro=dict(pppd=[vector(speed="1" * 31)]), ours=dict(pppd=[vector(speed="1" * 40)])),
    # Where it listens.
    listens("-l 127.0.0.5"),
    listens("-l127.0.0.5"),
    listens("--listen 127.0.0.5"),
    listens("--listen=127.0.0.5"),
    calls("-l 0.0.0.0", vector()),
    case("flags: -l with a host name", argv="-f -l nine.example", listens="0900007F:06BB",
         same=dict(log=log_start())),
    *[wrong("-l %s" % bad, "-l %s" % bad,
            **refuses("M err MGR: Invalid listening address: %s!" % bad))
      for bad in ("300.1.1.1", "no.such.example", "127.0.0.1:1724", "::1", "127.0.0.1,127.0.0.2")],
    # How many.
    limits("-C 2", 2),
    limits("-C2", 2),
    limits("--connections 2", 2),
    limits("--connections=2", 2),
    case("flags: -C above the pool", argv="-f -C 1000",
         same=dict(log=log_start(9, REDUCED % (1000, 9)))),
    bad_number("-C 0", "0", NOBODY),
    bad_number("-C abc", "abc", NOBODY),
    bad_number("-C ''", "", NOBODY),
    bad_number("-C -1", "-1", dict(start=["killed by SIGSEGV"], log=None)),
    bad_number("-C 2x", "2x", dict(log=[REACHED % 2, STARTED, MAXIMUM % 2])),
    case("flags: --connections takes a bad number", argv="--connections=many",
         row="connections-checked",
         distro=dict(NOBODY, start=["exit 0", "running in the background"]),
         ours=dict(refuses(), stderr=["~ .*'many'.*"])),
    # The relay.
    relay("-b eth1", "-i eth1 -o ppp[0-9].* -n"),
    relay("--bcrelay eth1", "-i eth1 -o ppp[0-9].* -n"),
    relay("--bcrelay=eth1", "-i eth1 -o ppp[0-9].* -n"),
    relay("-d -b eth1", "-i eth1 -o ppp[0-9].*"),
    case("flags: -b without bcrelay", argv="-f -b eth1", binds={"/usr/sbin/bcrelay": "/dev/null"},
         same=refuses(MAYBE_REDUCED, "M err MGR: bcrelay binary /usr/sbin/bcrelay not executable")),
    # VRF.
    *[case("flags: " + words, argv="-f " + words, row="vrf", steps=up("a"),
           distro=dict(USAGE),
           ours=dict(pppd=[vector()],
                     log=[VRF]
                     + log_start() + log_calls()))
      for words in ("-V blue", "--vrf blue", "--vrf=blue")],
    # What it says about itself.
    wrong("-h", "-h", start=["exit 0"], stdout=None, options=OPTIONS, log=[]),
    wrong("--help", "--help", start=["exit 0"], stdout=None, options=OPTIONS, log=[]),
    *[case("flags: " + words, argv=words, row="version",
           distro=dict(start=["exit 0"], stdout=["pptpd v1.4.0"]),
           ours=dict(start=["exit 0"], stdout=["pptpd v2.0.0"]))
      for words in ("-v", "--version", "--ver", "-v -h")],
    wrong("-h before -v", "-h -v", start=["exit 0"], stdout=None, options=OPTIONS, log=[]),
    # What is wrong, and what is not.
    wrong("unknown short", "-Z", **dict(USAGE, stderr=["PPTPD: invalid option -- 'Z'"])),
    wrong("unknown long", "--frobnicate",
          **dict(USAGE, stderr=["PPTPD: unrecognized option '--frobnicate'"])),
    wrong("short without its value", "-c",
          **dict(USAGE, stderr=["PPTPD: option requires an argument -- 'c'"])),
    wrong("long without its value", "-f --conf",
          **dict(USAGE, stderr=["PPTPD: option '--conf' requires an argument"])),
    wrong("long with a value that it does not take", "--fg=1",
          **dict(USAGE, stderr=["PPTPD: option '--fg' doesn't allow an argument"])),
    wrong("abbreviation of two with different kinds", "-f --l x", **dict(USAGE, stderr=None)),
    *[case("flags: abbreviation of two, " + words, argv="-f " + words, row="ambiguous-abbreviation",
           distro=distro,
           ours=dict(USAGE, stderr=[r"~ PPTPD: option '%s' is ambiguous.*" % words.split()[0]]))
      for words, distro in (("--d", dict(debug=None)),
                            ("--con /etc/none", refuses("M err MGR: Config file not found!")))],
    case("flags: abbreviation of one, --conn", argv="-f --conn 3",
         same=dict(log=[REACHED % 3, STARTED, MAXIMUM % 3])),
    calls("--opt /etc/ppp/mine", vector(option="/etc/ppp/mine")),
    calls("--noip --logw", vector(ipparam=False, wtmp=True)),
    calls("stray words", vector()),
    calls("-", vector()),
    calls("-- -v --nonsense", vector()),
    case("flags: stray word before a flag", argv="stray -f", steps=up("a"),
         same=dict(pppd=[vector()])),
]
