# SPDX-License-Identifier: GPL-2.0-or-later
"""A normal call: what is said on the wire, to pppd and in the log."""

import pptp
from cases import case

UP = [("open", "a"), ("hello", "a"), ("call", "a")]

CASES = [
    case(
        "call: normal",
        steps=[("open", "a"), ("titles",), ("hello", "a"), ("titles",), ("call", "a", 4660), ("titles",)],
    ),
    case("call: sccrp", steps=[("open", "a"), ("send", "a", pptp.sccrq()), ("recv", "a")]),
    case("call: sccrq twice", steps=[("open", "a"), ("hello", "a"), ("send", "a", pptp.sccrq()), ("recv", "a")]),
    case("call: ocrp", steps=[("open", "a"), ("hello", "a"), ("send", "a", pptp.ocrq(0xabcd, 1234567, 17)), ("recv", "a"), ("pppd_writes", 1, "7e"),]),
    case("call: stop without call", steps=[("open", "a"), ("hello", "a"), ("send", "a", pptp.stop_ccrq()), ("until_end", "a")]),
    case("call: stop with call", steps=UP+[("send", "a", pptp.stop_ccrq()), ("until_end", "a"), ("pppd_end", 1)]),
    case("call: clear", steps=UP+[("clear", "a"), ("until_end", "a"), ("pppd_end", 1)]),
    case("call: tcp closed", steps=UP+[("close", "a"), ("pppd_end", 1), ("no_ctrl",)]),
    case("call: tcp closed before hello ends", steps=[("open", "a"), ("hello", "a"), ("close", "a"), ("no_ctrl",)]),
    case("call: pppd exits", steps=UP+[("pppd_exit", 1, 11), ("until_end", "a")]),
    case("call: two", steps=UP+[("call", "a", 2), ("fence", "a"), ("titles",)]),
    case("call: echo", steps=[("open", "a"), ("hello", "a"), ("send", "a", pptp.echo_request(0xdeadbeef)), ("recv", "a")]),
    case("call: set-link-info", steps=UP+[("send", "a", pptp.set_link_info(0)), ("fence", "a")]),
    case("call: wan-error", steps=UP+[("send", "a", pptp.wan_error(0)), ("fence", "a")]),
    case("call: icrq", steps=UP+[("send", "a", pptp.icrq(5)), ("fence", "a")]),
    case("call: icrp", steps=UP+[("send", "a", pptp.icrp(5, 0)), ("fence", "a")]),
    case("call: iccn", steps=UP+[("send", "a", pptp.iccn(0)), ("fence", "a")]),
    case("call: unknown type", steps=UP+[("send", "a", pptp.message(99)), ("fence", "a")]),
    case("call: echo reply unasked", steps=UP+[("send", "a", pptp.message(6, b"\0\0\0\1\1\0\0\0")), ("fence", "a")]),
    case("call: sccrp from client", steps=UP+[("send", "a", pptp.message(2, b"\0"*144)), ("fence", "a")]),
    case("call: stop reply unasked", steps=UP+[("send", "a", pptp.message(4, b"\1\0\0\0")), ("fence", "a")]),
    case("call: ocrp from client", steps=UP+[("send", "a", pptp.message(8, b"\0"*20)), ("fence", "a")]),
    case("call: disconnect notify from client", steps=UP+[("send", "a", pptp.message(13, b"\0"*136)), ("fence", "a")]),
    case("call: bad magic later", steps=UP+[("send", "a", pptp.message(5, b"\0\0\0\1", magic=7)), ("until_end", "a")]),
    case("call: length 221 later", steps=UP+[("send", "a", pptp.message(5, b"\0\0\0\1", length=221)), ("until_end", "a")]),
    case("call: length 10 later", steps=UP+[("send", "a", pptp.message(5, b"\0\0\0\1", length=10)), ("until_end", "a")]),
    case("call: length 11 later", steps=UP+[("send", "a", pptp.message(5, b"\0\0\0\1", length=11)), ("until_end", "a")]),
    case("call: pptp type 2 later", steps=UP+[("send", "a", pptp.message(5, b"\0\0\0\1", pptp_type=2)), ("fence", "a")]),
    case("call: first bad magic", steps=[("open", "a"), ("send", "a", pptp.sccrq(magic=1)), ("until_end", "a")]),
    case("call: first length 11", steps=[("open", "a"), ("send", "a", pptp.sccrq(length=11)), ("until_end", "a")]),
    case("call: first length 221", steps=[("open", "a"), ("send", "a", pptp.sccrq(length=221)), ("until_end", "a")]),
    case("call: first bad type", steps=[("open", "a"), ("send", "a", pptp.sccrq(pptp_type=2)), ("until_end", "a")]),
    case("call: first not sccrq", steps=[("open", "a"), ("send", "a", pptp.echo_request(1)), ("until_end", "a")]),
    case("call: first too small", argv="-f -t 1", steps=[("open", "a"), ("send", "a", pptp.sccrq()[:5]), ("half_close", "a"), ("until_end", "a")]),
    case("call: first silent", argv="-f -t 1", steps=[("open", "a"), ("until_end", "a")]),
    case("call: first closed", argv="-f -t 1", steps=[("open", "a"), ("close", "a"), ("log", "dropped")]),
    case("call: gre both ways", steps=UP+[("pppd_writes", 1, "7eff7d23c0217d217d217d207d247c907e"), ("gre_recv", "a"), ("gre_send", "a", "ff03c02102010004", 0), ("pppd_got", 1, "7eff")]),
    case("call: ctrl term", steps=UP+[("signal_ctrl", "SIGTERM"), ("brief", "a"), ("brief", "a"), ("send", "a", pptp.message(4, b"\1\0\0\0")), ("until_end", "a")]),
    case("call: manager term", steps=UP+[("signal", "SIGTERM"), ("ended",)]),
    case("call: byte by byte", steps=[("open", "a")] + [("send", "a", pptp.sccrq()[i:i+1]) for i in range(156)] + [("brief", "a"), ("send", "a", pptp.echo_request(1)+pptp.echo_request(2)), ("brief", "a"), ("brief", "a")]),
    case("call: signals", binds={"/usr/sbin/pppd": "pppd-signals"}, steps=UP),
]
