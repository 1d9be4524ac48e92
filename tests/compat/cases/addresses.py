# SPDX-License-Identifier: GPL-2.0-or-later
"""localip and remoteip: what may be written there, how addresses are paired, and what happens when
there are more calls than addresses."""

import pptp
from cases import MAXIMUM, MAYBE_REDUCED, NO_SLOT, REACHED, REDUCED, STARTED
from cases import case, log_calls, log_start, refuses, up, vector

CLIENTS = "abcdef"


def gives(name, conf, pairs, log=None, **keys):
    """As many clients as PAIRS ("local:remote"), each with one call, in this order."""
    count = len(pairs)
    same = dict(pppd=[vector(pair, client) for client, pair in enumerate(pairs, 2)])
    if log is not None:
        same["log"] = log + log_calls(count)
    return case("addresses: " + name, conf=conf, steps=up(*CLIENTS[:count]), same=same, **keys)


def remote(spec, addresses, count=None, limit=100):
    """remoteip SPEC, one shared localip."""
    total = count or len(addresses)
    changes = [REACHED % limit] if total > limit else [REDUCED % (limit, total)]
    return gives("remoteip " + spec, "localip 10.1.0.1\nremoteip %s\n" % spec,
                 ["10.1.0.1:" + address for address in addresses],
                 log_start(min(total, limit), *changes))


def local(spec, addresses, count):
    """localip SPEC against nine remote addresses."""
    if count == 1:
        log = log_start(9, REDUCED % (100, 9))
    elif count < 9:
        log = log_start(count, REDUCED % (100, 9), REDUCED % (9, count))
    else:
        log = log_start(9, REDUCED % (100, 9), REACHED % 9)
    pairs = ["%s:10.9.0.%d" % (address, n) for n, address in enumerate(addresses, 1)]
    return gives("localip " + spec, "localip %s\nremoteip 10.9.0.1-9\n" % spec, pairs, log)


def bad(spec, text="Bad IP address (%s) in config file!", which=("remote", "local"), shown=None):
    """SPEC in either directive keeps the daemon from starting."""
    for name in which:
        message = text.replace("KIND", name) % (spec if shown is None else shown)
        conf = ("localip 10.1.0.1\nremoteip %s\n" if name == "remote"
                else "localip %s\nremoteip 10.9.0.1-9\n") % spec
        yield case("addresses: %sip '%s'" % (name, spec), conf=conf,
                   same=refuses(MAYBE_REDUCED, "M err MGR: " + message))


def odd(name, conf, message, row, distro):
    """Something Poptop takes by accident and ours refuses."""
    return case("addresses: " + name, conf=conf, steps=up("a"), row=row, distro=distro,
                ours=refuses(MAYBE_REDUCED, "M err MGR: " + message))


RANGE = "Bad KIND IP range: %s"
REUSE = [("send", "a", pptp.stop_ccrq()), ("until_end", "a"), ("log", "finished"), ("one_ctrl",),
         ("open", "c", "127.0.0.4"), ("hello", "c"), ("call", "c")]
OTHER_START = [("open", "b", "127.0.0.3"), ("send", "b", pptp.sccrq())]
BUSY = "~ b: OCRP call=\\d+ peer=7 result=4 error=0"

CASES = [
    # Without the directives.
    gives("no directives", "", ["192.168.0.%d:192.168.1.%d" % (n, n) for n in (1, 2, 3)],
          [STARTED, MAXIMUM % 100]),
    gives("only remoteip", "remoteip 10.2.0.1-9\n",
          ["192.168.0.1:10.2.0.1", "192.168.0.2:10.2.0.2"],
          log_start(9, REDUCED % (100, 9), REACHED % 9)),
    gives("only localip", "localip 10.1.0.1\n", ["10.1.0.1:192.168.1.1", "10.1.0.1:192.168.1.2"],
          [STARTED, MAXIMUM % 100]),
    # What an item may be.
    remote("10.2.0.1", ["10.2.0.1"]),
    remote("10.2.0.1,10.2.0.7", ["10.2.0.1", "10.2.0.7"]),
    remote("10.2.0.1-3", ["10.2.0.1", "10.2.0.2", "10.2.0.3"]),
    remote("10.2.5-7.1", ["10.2.5.1", "10.2.6.1", "10.2.7.1"]),
    remote("10.4-6.0.1", ["10.4.0.1", "10.5.0.1", "10.6.0.1"]),
    remote("10-12.0.0.1", ["10.0.0.1", "11.0.0.1", "12.0.0.1"]),
    remote("10.2.0.5-5", ["10.2.0.5"]),
    remote("10.2.0.254-255", ["10.2.0.254", "10.2.0.255"]),
    remote("10.2.0.0-255", ["10.2.0.0", "10.2.0.1"], 256),
    remote("10.2.0.1,10.3.0.4-5", ["10.2.0.1", "10.3.0.4", "10.3.0.5"]),
    remote("10.2.0.1-2,nine.example,10.2.0.9", ["10.2.0.1", "10.2.0.2", "127.0.0.9", "10.2.0.9"]),
    remote("192.168.0.234-238,192.168.0.245",
           ["192.168.0.%d" % n for n in (234, 235, 236, 237, 238, 245)]),
    local("10.1.0.1", ["10.1.0.1", "10.1.0.1"], 1),
    local("10.1.0.1,10.1.0.7", ["10.1.0.1", "10.1.0.7"], 2),
    local("10.1.0.1-3", ["10.1.0.1", "10.1.0.2", "10.1.0.3"], 3),
    local("10.1.5-7.1", ["10.1.5.1", "10.1.6.1"], 3),
    local("10.4-6.0.1", ["10.4.0.1", "10.5.0.1"], 3),
    local("10-12.0.0.1", ["10.0.0.1", "11.0.0.1"], 3),
    local("10.1.0.5-5", ["10.1.0.5", "10.1.0.5"], 1),
    local("nine.example", ["127.0.0.9", "127.0.0.9"], 1),
    local("10.1.0.1,nine.example", ["10.1.0.1", "127.0.0.9"], 2),
    local("10.1.0.0-255", ["10.1.0.0", "10.1.0.1"], 256),
    local("10.1.0.1,10.1.0.1", ["10.1.0.1", "10.1.0.1"], 2),
    # What it may not be.
    *[item for spec in ("10.2.0.1-10.2.0.9", "10.2.0.0/24", "10.2-3.0.1-2", "10.2.0.256",
                        "10.2.0.1.2", "no.such.example", "no-such.example", "junk", "-",
                        "10.2.0.1;10.2.0.2", "234-8", "fd00::1", "10.2.0.1-2-3", "10.2.0.a-b")
      for item in bad(spec)],
    *bad("10.2.0.1,", shown=""),
    *bad("", shown=""),
    *bad("10.2.0.1, 10.2.0.2", shown=" 10.2.0.2"),
    *bad(",10.2.0.1", shown=""),
    *bad("10.2.0.9-3", RANGE),
    *bad("10.2.0.234-8", RANGE),
    *bad("10.2.0.-3", RANGE, which=("remote",)),
    *bad("10.2.0.3-", RANGE, which=("remote",)),
    case("addresses: both wrong: remoteip is read first", conf="localip junk1\nremoteip junk2\n",
         same=refuses("M err MGR: Bad IP address (junk2) in config file!")),
    # Where Poptop's reader of ranges goes wrong, or shows something else than the item.
    *[case("addresses: %sip '%s'" % (name, spec),
           conf="localip %s\nremoteip %s\n" % ((spec, "10.9.0.1-9") if name == "local"
                                               else ("10.1.0.1", spec)),
           row="address-typos",
           distro=refuses(MAYBE_REDUCED, "M err MGR: " + poptop.replace("KIND", name)),
           ours=refuses(MAYBE_REDUCED, "M err MGR: Bad IP address (%s) in config file!" % spec))
      for spec, poptop in (("10.2.0.300-301", "Bad IP address (10.2.0.300) in config file!"),
                           ("1000-1001.0.0.1", "Bad KIND IP range: 1000-1001.0.0.1"))
      for name in ("remote", "local")],
    odd("remoteip '10.2.0.-'", "localip 10.1.0.1\nremoteip 10.2.0.-\n",
        "Bad remote IP range: 10.2.0.-", "address-typos", dict(pppd=[vector("10.1.0.1:10.2.0.0")])),
    odd("localip '10.2.0.-3'", "localip 10.2.0.-3\nremoteip 10.9.0.1-9\n",
        "Bad local IP range: 10.2.0.-3", "address-typos", dict(pppd=[vector("10.2.0.3:10.9.0.1")])),
    odd("localip '10.2.0.3-'", "localip 10.2.0.3-\nremoteip 10.9.0.1-9\n",
        "Bad local IP range: 10.2.0.3-", "address-typos", dict(pppd=[vector("10.2.0.3:10.9.0.1")])),
    case("addresses: remoteip '10.2.0.1 ,10.2.0.2'",
         conf="localip 10.1.0.1\nremoteip 10.2.0.1 ,10.2.0.2\n",
         steps=up("a"), row="address-typos",
         distro=dict(pppd=[vector("10.1.0.1:10.2.0.1 ")]),
         ours=refuses("M err MGR: Bad IP address (10.2.0.1 ) in config file!")),
    # Duplicates.
    case("addresses: duplicate in remoteip",
         conf="localip 10.1.0.1\nremoteip 10.2.0.1-3,10.2.0.2\n",
         same=refuses("M err MGR: Remote IP address 10.2.0.2 in config is a duplicate!")),
    gives("duplicate in localip", "localip 10.1.0.1,10.1.0.1,10.1.0.2\nremoteip 10.2.0.1-3\n",
          ["10.1.0.1:10.2.0.1", "10.1.0.1:10.2.0.2", "10.1.0.2:10.2.0.3"],
          log_start(3, REDUCED % (100, 3))),
    gives("the local address among the remote ones", "localip 10.1.0.1\nremoteip 10.1.0.1-2\n",
          ["10.1.0.1:10.1.0.1", "10.1.0.1:10.1.0.2"], log_start(2, REDUCED % (100, 2))),
    # Pairing and limits.
    gives("lists of the same length are paired by position",
          "localip 10.1.0.1-3\nremoteip 10.2.0.1-3\n",
          ["10.1.0.%d:10.2.0.%d" % (n, n) for n in (1, 2, 3)], log_start(3, REDUCED % (100, 3))),
    gives("fewer local than remote", "localip 10.1.0.1-3\nremoteip 10.2.0.1-5\n",
          ["10.1.0.%d:10.2.0.%d" % (n, n) for n in (1, 2)],
          log_start(3, REDUCED % (100, 5), REDUCED % (5, 3))),
    gives("more local than remote", "localip 10.1.0.1-9\nremoteip 10.2.0.1-3\n",
          ["10.1.0.%d:10.2.0.%d" % (n, n) for n in (1, 2)],
          log_start(3, REDUCED % (100, 3), REACHED % 3)),
    gives("more than connections", "connections 3\nlocalip 10.1.0.1-9\nremoteip 10.2.0.1-9\n",
          ["10.1.0.1:10.2.0.1"], log_start(3, REACHED % 3, REACHED % 3)),
    gives("exactly connections", "connections 3\nlocalip 10.1.0.1-3\nremoteip 10.2.0.1-3\n",
          ["10.1.0.1:10.2.0.1"], [STARTED, MAXIMUM % 3]),
    gives("a duplicate beyond connections is not seen",
          "connections 2\nlocalip 10.1.0.1\nremoteip 10.2.0.1-3,10.2.0.2\n",
          ["10.1.0.1:10.2.0.1"], log_start(2, REACHED % 2)),
    gives("a bad address beyond connections is not seen",
          "connections 2\nlocalip 10.1.0.1\nremoteip 10.2.0.1-3,junk\n",
          ["10.1.0.1:10.2.0.1"], log_start(2, REACHED % 2)),
    gives("the end of a range beyond connections is not seen",
          "localip 10.1.0.1\nremoteip 10.2.0.1-256\n", ["10.1.0.1:10.2.0.1"],
          log_start(100, REACHED % 100)),
    gives("more than a hundred",
          "connections 1000\nlocalip 10.1.0.1\nremoteip 10.2.0.0-255,10.3.0.0-255\n",
          ["10.1.0.1:10.2.0.0", "10.1.0.1:10.2.0.1"], log_start(512, REDUCED % (1000, 512))),
    case("addresses: an address comes free with its call",
         conf="localip 10.1.0.1\nremoteip 10.2.0.1-2\n",
         steps=up("a", "b") + REUSE,
         same=dict(wire=["a: Stop-CCRP result=1 error=0", "a: closed"],
                   pppd=[vector(), vector("10.1.0.1:10.2.0.2", 3),
                         vector("10.1.0.1:10.2.0.1", 4)])),
    # More calls than addresses.
    case("addresses: fewer remote addresses than connections",
         conf="localip 10.1.0.1\nremoteip 10.2.0.1\n", row="pool-exhausted",
         steps=up("a") + OTHER_START + [("brief", "b"), ("send", "b", pptp.ocrq(7)), ("brief", "b"),
                                        ("fence", "a")],
         distro=dict(wire=["b: reset", "b: reset"],
                     stderr=["pptpctrl: insufficient arguments, see man pptpctrl"],
                     pppd=[vector()], log=log_start(1, REDUCED % (100, 1)) + log_calls()),
         ours=dict(wire=["b: SCCRP result=1 error=0", BUSY], pppd=[vector()],
                   log=log_start(1, REDUCED % (100, 1)) + ["* err " + NO_SLOT.split(" ", 2)[2]])),
    case("addresses: all connections in use",
         conf="connections 1\nlocalip 10.1.0.1\nremoteip 10.2.0.1\n", row="pool-exhausted",
         steps=up("a") + OTHER_START + [("send", "b", pptp.ocrq(7)), ("busy", "b"), ("fence", "a")],
         distro=dict(wire=["b: no answer"], log=None),
         ours=dict(wire=["b: SCCRP result=1 error=0", BUSY], pppd=[vector()],
                   log=[STARTED, MAXIMUM % 1, "* err " + NO_SLOT.split(" ", 2)[2]])),
    case("addresses: delegate leaves connections without effect", conf="connections 1\ndelegate\n",
         row="delegate-limit", steps=up("a", "b"),
         distro=dict(pppd=[vector(""), vector("", 3)], log=[STARTED] + log_calls(2)),
         ours=dict(pppd=[vector("")], wire=["~ b: call: OCRP call=\\d+ peer=1 result=4 error=0"],
                   log=[STARTED, "* err " + NO_SLOT.split(" ", 2)[2]])),
    case("addresses: a refused client is served when a call has ended",
         conf="localip 10.1.0.1\nremoteip 10.2.0.1\n", row="pool-exhausted",
         steps=up("a") + OTHER_START + [("brief", "b"), ("send", "b", pptp.ocrq(7)), ("brief", "b"),
                                        ("send", "a", pptp.stop_ccrq()), ("until_end", "a"),
                                        ("log", "finished"), ("call", "b", 8)],
         distro=dict(wire=["b: reset", "b: reset", "a: Stop-CCRP result=1 error=0", "a: closed",
                           "b: call: reset"], stderr=None, pppd=[vector()]),
         ours=dict(wire=["b: SCCRP result=1 error=0", BUSY, "a: Stop-CCRP result=1 error=0",
                         "a: closed"],
                   pppd=[vector(), vector(client=3)])),
]
