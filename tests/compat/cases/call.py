# SPDX-License-Identifier: GPL-2.0-or-later
"""Control connections and calls: what is said on the wire and in the log, and how they end."""

import pptp
from cases import CALL_STARTED, CLIENT_FINISHED, CLIENT_STARTED, CLOSING
from cases import case, log_call, log_calls, log_start, up, vector

HELLO = [("open", "a"), ("hello", "a")]
UP = up("a")
MAYBE_CLOSING = "? C warning " + CLOSING  # only "call: normal" insists on it
FRAME = "ff03c02101010004"
EOF_LINE = "CTRL: EOF or bad error reading ctrl packet length."
AFTER_EOF = ["C err CTRL: couldn't read packet header (exit)", "C err CTRL: CTRL read failed"]
ENDED = r"~ a: (closed|reset)"
STOPPED = ["a: Stop-CCRP result=1 error=0", "a: closed"]
PTY_LINE = (r"~ C err GRE: read\(fd=\d+,buffer=[0-9a-f]+,len=\d+\) from PTY failed: status = -1 "
            r"error = Input/output error, usually caused by unexpected termination of pppd, check "
            r"option syntax and pppd logs")
AFTER_PTY = r"~ C err CTRL: PTY read or GRE write failed \(pty,gre\)=\(\d+,\d+\)"
NETWORK_LINE = (r"~ C err GRE: read\(fd=\d+,buffer=[0-9a-f]+,len=\d+\) from network failed: "
                r"status = -1 error = Protocol not available")
AFTER_NETWORK = r"~ C err CTRL: GRE read or PTY write failed \(gre,pty\)=\(\d+,\d+\)"
BAD_LENGTH = "CTRL: 11 < Control packet (length=%d) < PPTP_MAX_CTRL_PCKT_SIZE (220)"
SAYS = r"~ C %s CTRL: Client 127\.0\.0\.2: %s: .+"
SAYS_FIRST = r"~ * %s CTRL: Client 127\.0\.0\.2: %s: .+"
BAD_FIRST = SAYS_FIRST % ("warning", "bad first message, closing")
SLOW = "M err MGR: dropped slow initial connection"
IGNORED = ("warning", "ignored")
REAPED_NOBODY = "C debug CTRL: Reaping child PPP[0]"
REAPED = "C debug CTRL: Reaping child PPP[pppd%d]"


def answered(name, data, poptop, ours):
    """A message that changes nothing: the call goes on, and one line says what came."""
    return case("call: " + name, steps=UP + [("send", "a", data), ("fence", "a")],
                row="client-first", same=dict(pppd=[vector()]),
                distro=dict(wire=[], log=log_start() + log_call("C " + poptop, MAYBE_CLOSING)),
                ours=dict(log=log_start() + log_call(SAYS % ours, MAYBE_CLOSING)))


def fatal(name, data, line):
    """Bytes after which the control connection cannot go on."""
    return case("call: " + name, steps=UP + [("send", "a", data), ("until_end", "a"),
                                             ("pppd_end", 1)],
                row="client-first one-line-per-close",
                same=dict(wire=[ENDED], order=[PPPD_END], pppd=[vector()]),
                distro=dict(log=log_start() + log_call("C err " + line, *AFTER_EOF)),
                ours=dict(log=log_start() + log_call(SAYS % ("err", "bad message, closing"))))


def first(name, data, line, ours, row="client-first"):
    """A connection that does not begin with a Start-Control-Connection-Request: one line, and the
    next client is served."""
    steps = [("open", "a"), ("send", "a", data)] if data else [("open", "a")]
    return case("call: first message, " + name, row=row,
                steps=steps + [("half_close", "a"), ("until_end", "a")] + up("b"),
                same=dict(wire=[ENDED], pppd=[vector()]),
                distro=dict(log=log_start() + ["M " + line] + log_calls()),
                ours=dict(log=log_start() + ([ours] if ours else [])))


SCCRP = ("a: SCCRP version=256 result=1 error=0 framing=%d bearer=%d channels=%d firmware=1 "
         "host=local vendor=linux")
OCRP = ("a: OCRP call=#1 peer=43981 result=1 error=0 cause=0 speed=1234567 window=%d delay=0 "
        "channel=0")
PPPD_END = "~ pppd 1: (hangup|signal SIG(TERM|HUP))"
WHY = r"~ C notice CTRL: Client 127\.0\.0\.2 pppd\[\d+\] ended with status %d \(.+\)"
DENIED = (r"~ C warning CTRL: Client 127\.0\.0\.2 failed to authenticate, pppd\[\d+\] ended "
          r"with status 11 \(.+\)")
OLD_SCCRP, NEW_SCCRP = SCCRP % (0, 0, 1), SCCRP % (3, 3, 0)
GOODBYE = [("send", "a", pptp.stop_ccrq()), ("until_end", "a")]
GRE_OUT = "a: GRE from=127.0.0.1 call=1 sequence=0 ack=None " + FRAME
RANDOM = r"~ [1-9]\d*"
REPLIES = [("brief", "a")] * 3
ECHOES = b"".join(pptp.echo_request(n) for n in (1, 2, 3))

CASES = [
    case("call: normal", steps=UP + GOODBYE + [("pppd_end", 1)],
         same=dict(wire=STOPPED, pppd=[vector()], order=[PPPD_END],
                   log=log_start() + log_call("C warning " + CLOSING))),
    case("call: control connection without a call", steps=HELLO + GOODBYE, row="reaping-nobody",
         same=dict(wire=STOPPED, pppd=[]),
         distro=dict(log=log_start() + ["C info " + CLIENT_STARTED % 2, REAPED_NOBODY,
                                        "C info " + CLIENT_FINISHED % 2]),
         ours=dict(log=log_start() + ["C info " + CLIENT_STARTED % 2,
                                      "C info " + CLIENT_FINISHED % 2])),
    *[case("call: stop with reason %d" % reason,
           steps=HELLO + [("send", "a", pptp.stop_ccrq(reason)), ("until_end", "a")],
           same=dict(wire=STOPPED))
      for reason in (2, 3)],
    # Fields.
    case("call: fields of the start reply", row="sccrp-fields",
         steps=[("open", "a"), ("send", "a", pptp.sccrq()), ("recv", "a")],
         distro=dict(wire=[OLD_SCCRP]), ours=dict(wire=[NEW_SCCRP])),
    case("call: a second start request", row="second-start",
         steps=HELLO + [("send", "a", pptp.sccrq()), ("brief", "a"), ("fence", "a")],
         distro=dict(wire=["a: SCCRP result=1 error=0"]),
         ours=dict(wire=["a: SCCRP result=3 error=0"])),
    case("call: fields of the call reply", row="ocrp-window",
         steps=HELLO + [("send", "a", pptp.ocrq(0xABCD, 1234567, 17)), ("recv", "a")],
         distro=dict(wire=[OCRP % 17]), ours=dict(wire=[OCRP % 64])),
    case("call: echo", steps=HELLO + [("send", "a", pptp.echo_request(0xDEADBEEF)), ("recv", "a")],
         same=dict(wire=["a: Echo-Reply id=3735928559 result=1 error=0"])),
    case("call: echo during a call",
         steps=UP + [("send", "a", pptp.echo_request(1)), ("recv", "a")],
         same=dict(wire=["a: Echo-Reply id=1 result=1 error=0"])),
    case("call: call ids", row="call-ids", steps=up(*"abcdef"),
         distro={"ids": ["0", "128", "256", "384", "512", "640"],
                 "id faults": ["zero", "predictable"]},
         ours={"ids": [RANDOM] * 6, "id faults": []}),
    # Ends.
    case("call: cleared by the client", row="call-clear",
         steps=UP + [("clear", "a"), ("pppd_end", 1), ("fence", "a"), ("fence", "a")],
         same=dict(pppd=[vector()], order=[PPPD_END], log=log_start() + log_call()),
         distro=dict(wire=["a: closed"]),
         ours=dict(wire=["a: Call-Disconnect call=#1 result=4 error=0"])),
    case("call: another call after clearing one", row="call-clear",
         steps=UP + [("clear", "a"), ("pppd_end", 1), ("fence", "a"), ("call", "a", 2)],
         distro=dict(wire=["a: closed", "a: call: closed"], pppd=[vector()]),
         ours=dict(wire=["a: Call-Disconnect call=#1 result=4 error=0"], ids=[RANDOM] * 2)),
    case("call: TCP closed by the client", row="one-line-per-close",
         steps=UP + [("close", "a"), ("pppd_end", 1), ("no_ctrl",)],
         same=dict(pppd=[vector()], order=[PPPD_END]),
         distro=dict(log=log_start() + log_call("C err " + EOF_LINE, *AFTER_EOF)),
         ours=dict(log=log_start() + log_call())),
    case("call: TCP closed by the client before a call", row="one-line-per-close",
         steps=HELLO + [("close", "a"), ("no_ctrl",)],
         distro=dict(log=log_start() + log_call("C err " + EOF_LINE, *AFTER_EOF, started=False)),
         ours=dict(log=log_start() + log_call(started=False))),
    *[case("call: pppd ends with status %d" % status, row="pppd-ended",
           steps=UP + [("pppd_exit", 1, status), ("brief", "a")],
           distro=dict(wire=["a: closed"], log=log_start() + log_call(PTY_LINE, AFTER_PTY)),
           ours=dict(wire=["a: Call-Disconnect call=#1 result=1 error=0"],
                     log=log_start() + log_call(*lines)))
      for status, lines in ((0, []), (16, []), (2, [PTY_LINE, WHY % 2]),
                            (11, [PTY_LINE, DENIED]))],
    # Two calls on one control connection.
    case("call: a second call on the same connection", row="second-call",
         steps=UP + [("call", "a", 2), ("fence", "a")],
         distro=dict(
             pppd=[vector(), vector()],
             log=log_start() + [
                 "C info " + CLIENT_STARTED % 2,
                 "C info " + CALL_STARTED,
                 "C err CTRL: Asked to allocate call id when call open, not handled well",
                 "C warning CTRL: Request to open call when call is already open, closing",
                 "C info " + CALL_STARTED,
                 MAYBE_CLOSING,
                 REAPED % 2,
                 "C info " + CLIENT_FINISHED % 2,
             ]),
         ours=dict(
             pppd=[vector(), vector("10.1.0.1:10.2.0.2")],
             wire=[],
             log=log_start() + [
                 "C info " + CLIENT_STARTED % 2,
                 "C info " + CALL_STARTED,
                 "C info " + CALL_STARTED,
                 "C info " + CLIENT_FINISHED % 2,
             ])),
    case("call: the first of two calls goes on", row="second-call",
         steps=UP + [("call", "a", 2), ("pppd_exit", 2, 0), ("pppd_end", 2), ("fences", "a"),
                     ("clear", "a", 1), ("fence", "a")],
         distro=dict(wire=["a: closed"]),
         ours=dict(wire=["a: Call-Disconnect call=#2 result=1 error=0",
                         "a: Call-Disconnect call=#1 result=4 error=0"])),
    # Messages that a call survives.
    case("call: set-link-info", steps=UP + [("send", "a", pptp.set_link_info(0)), ("fence", "a")],
         same=dict(wire=[], pppd=[vector()], log=log_start() + log_call(MAYBE_CLOSING))),
    answered("echo reply that nobody asked for", pptp.message(pptp.ECHO_RP, b"\0\0\0\1\1\0\0\0"),
             "warning CTRL: Unexpected ECHO REPLY packet", IGNORED),
    answered("stop reply that nobody asked for", pptp.message(pptp.STOP_CCRP, b"\1\0\0\0"),
             "warning CTRL: Got a reply to a packet we didn't send", IGNORED),
    answered("disconnect notify from the client", pptp.message(pptp.CALL_DISCONNECT, b"\0" * 136),
             "warning CTRL: Got a reply to a packet we didn't send", IGNORED),
    *[answered(name, data, "err CTRL: PPTP Control Message type %d not supported." % kind, ours)
      for name, kind, data, ours in (
          ("start reply from the client", 2, pptp.message(pptp.SCCRP, b"\0" * 144), IGNORED),
          ("call reply from the client", 8, pptp.message(pptp.OCRP, b"\0" * 20), IGNORED),
          ("incoming call request", 9, pptp.icrq(5), ("warning", "not supported")),
          ("incoming call reply", 10, pptp.icrp(5, 0), IGNORED),
          ("incoming call connected", 11, pptp.iccn(0), IGNORED),
          ("wan error notify", 14, pptp.wan_error(0), ("info", "reports errors")),
          ("unknown message type", 99, pptp.message(99), IGNORED))],
    # Bytes that it does not.
    fatal("bad magic cookie", pptp.message(5, b"\0\0\0\1", magic=7),
          "CTRL: Bad magic cookie - lost synchronization, closing control connection."),
    *[fatal("message of %d bytes" % length, pptp.message(5, b"\0\0\0\1", length=length),
            BAD_LENGTH % length)
      for length in (0, 10, 221)],
    case("call: message of 11 bytes", row="short-message",
         steps=UP + [("send", "a", pptp.message(5, b"\0\0\0\1", length=11)), ("until_end", "a")],
         distro=dict(wire=[r"~ a: Echo-Reply id=\d+ .*", ENDED]),
         ours=dict(wire=[ENDED],
                   log=log_start() + log_call(SAYS % ("err", "bad message, closing")))),
    # First messages.
    first("bad magic cookie", pptp.sccrq(magic=1), "warning MGR: initial packet bad magic",
          SAYS_FIRST % ("err", "bad message, closing")),
    first("too long", pptp.sccrq(length=221),
          "warning MGR: initial packet length 221 outside (0 - 220)",
          SAYS_FIRST % ("err", "bad message, closing")),
    first("not a control message", pptp.sccrq(pptp_type=2),
          "warning MGR: initial packet has bad type", BAD_FIRST),
    first("echo request", pptp.echo_request(1),
          "warning MGR: initial packet has bad ctrl type 0x5", BAD_FIRST),
    first("call request", pptp.ocrq(1),
          "warning MGR: initial packet has bad ctrl type 0x7", BAD_FIRST),
    first("cut off", pptp.sccrq()[:5], "err MGR: dropped small initial connection",
          "M err MGR: dropped small initial connection from 127.0.0.2", "address-in-refusals"),
    first("closed without a byte", b"", "err MGR: dropped small initial connection", None,
          "wordless-connection"),
    case("call: first message, none in time", argv="-f -t 1", row="address-in-refusals",
         steps=[("open", "a"), ("until_end", "a")],
         same=dict(wire=[ENDED]),
         distro=dict(log=log_start() + [SLOW]),
         ours=dict(log=log_start() + [SLOW + " from 127.0.0.2"])),
    case("call: first message byte by byte", row="split-first-message",
         steps=[("open", "a"), ("send", "a", pptp.sccrq()[:1]), ("pause", 1.0)]
         + [("send", "a", pptp.sccrq()[n : n + 1]) for n in range(1, 156)] + [("brief", "a")],
         distro=dict(wire=[ENDED]), ours=dict(wire=["a: SCCRP result=1 error=0"])),
    case("call: messages split and glued",
         steps=HELLO + [("send", "a", ECHOES[:7]), ("pause",), ("send", "a", ECHOES[7:45]),
                        ("pause",), ("send", "a", ECHOES[45:])] + REPLIES,
         same=dict(wire=["a: Echo-Reply id=%d result=1 error=0" % n for n in (1, 2, 3)])),
    case("call: silent client before a good one", argv="-f -t 4", row="silent-client",
         steps=[("open", "silent", "127.0.0.3"), ("open", "a"), ("send", "a", pptp.sccrq()),
                ("brief", "a"), ("still_open", "silent")],
         same=dict(wire=["a: SCCRP result=1 error=0"]),
         distro=dict(order=["silent: ended"]), ours=dict(order=["silent: open"])),
    # GRE.
    case("call: GRE both ways",
         steps=UP + [("pppd_writes", 1, FRAME), ("gre_recv", "a"), ("gre_send", "a", FRAME, 0),
                     ("pppd_reads", 1)],
         same=dict(wire=[GRE_OUT, "pppd 1 read " + FRAME],
                   log=log_start() + log_call(MAYBE_CLOSING))),
    case("call: bad checksum from pppd", row="damaged-packets",
         steps=UP + [("pppd_raw", 1, "7eff03c0210101000400007e"), ("pppd_writes", 1, FRAME),
                     ("gre_recv", "a")],
         same=dict(wire=[GRE_OUT]),
         distro=dict(log=log_start() + log_call("C err GRE: Bad checksum from pppd.",
                                                MAYBE_CLOSING)),
         ours=dict(log=log_start() + log_call(MAYBE_CLOSING))),
    case("call: GRE packet with a bad header", row="damaged-packets",
         steps=UP + [("pppd_writes", 1, FRAME), ("gre_recv", "a"),
                     ("gre_raw", "a", "b001880b00000000"), ("gre_send", "a", FRAME, 0),
                     ("pppd_reads", 1)],
         same=dict(wire=[GRE_OUT, "pppd 1 read " + FRAME]),
         distro=dict(log=log_start() + log_call("C err GRE: Discarding packet by header check",
                                                MAYBE_CLOSING)),
         ours=dict(log=log_start() + log_call(MAYBE_CLOSING))),
    case("call: the client's host answers GRE with ICMP", row="icmp",
         steps=UP + [("gre_close", "a"), ("pppd_writes", 1, FRAME), ("icmp",), ("fences", "a"),
                     ("fence", "a")],
         distro=dict(wire=["a: closed"],
                     log=log_start() + log_call(NETWORK_LINE, AFTER_NETWORK)),
         ours=dict(wire=[], log=log_start() + log_call(MAYBE_CLOSING))),
]
