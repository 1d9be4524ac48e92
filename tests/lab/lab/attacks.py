# SPDX-License-Identifier: GPL-2.0-or-later
"""What hostile or broken peers do, one function each: it gets a function that opens a connection
to the victim, does its worst, and returns the connections that are to stay open while others are
served. Where the victim has to answer or to close, it waits for that."""

import random

from . import hostile
from .events import check, check_equal
from .hostile import (ACK, call_open, call_request, control, echo_request, frame, hello,
                      start_request)
from .wire import CALL_OPENED, CALL_REFUSED, OUTGOING_REPLY, PING, PPP_DATA

SILENT = 50
AT_ONCE = 200
CALLS = 2000


def _each(open_one, *contents):
    peers = []
    for content in contents:
        peer = open_one()
        peer.send(content)
        peers.append(peer)
    return peers


def _closed(open_one, *contents):
    """The victim closes each of these."""
    for peer in _each(open_one, *contents):
        peer.wait_closed()
    return []


def _answered(open_one, *contents):
    """The same for victims that wait until the other has closed too, which spares us their wait."""
    for peer in _each(open_one, *contents):
        peer.await_frame(hostile.ERROR)
        peer.half_close()
        peer.wait_closed()
    return []


def silent(open_one):
    return _each(open_one, *[b""] * SILENT)


def truncated(open_one):
    message = start_request()
    return _each(open_one, message[:1], message[:11], message[:12], message[:155])


def oversized(open_one):
    return _closed(open_one, start_request(length=0xFFFF) + bytes(70000),
                   start_request(length=4), start_request(length=157) + b"x")


def wrong_magic(open_one):
    return _closed(open_one, start_request(magic=0x4D3C2B1A))


def wrong_order(open_one):
    """Before the start everything else closes; after it, what does not fit is passed over."""
    _closed(open_one, call_request(1), echo_request(1), control(hostile.STOP_REQUEST, bytes(4)))
    peer = open_one()
    peer.send(start_request() + start_request() + control(99, bytes(20)) +
              control(OUTGOING_REPLY, bytes(20)) + control(12, bytes(4)) +
              control(13, bytes(136)) + control(15, bytes(12)) + control(6, bytes(8)) +
              echo_request(7))
    peer.await_control(hostile.ECHO_REPLY)
    return [peer]


def byte_by_byte(open_one):
    good = open_one()
    good.send_slowly(start_request() + echo_request(3))
    check_equal(good.await_control(hostile.ECHO_REPLY)[12:16], b"\0\0\0\3", "echo's identifier")
    bad = open_one()
    bad.send_slowly(start_request(magic=0)[:40])
    bad.wait_closed()
    return [good]


def glued(open_one):
    peer = open_one()
    peer.send(start_request() + b"".join(map(echo_request, range(40))) + call_request(9) +
              echo_request(99))
    for _ in range(40):
        peer.await_control(hostile.ECHO_REPLY)
    check_equal(peer.await_control(OUTGOING_REPLY)[16], hostile.CONNECTED, "the glued call")
    return [peer]


def random_bytes(open_one):
    source = random.Random(4)
    return _closed(open_one, *(source.randbytes(2000) for _ in range(8)))


def many_calls(open_one):
    """All on one connection; the first few get a call, the others are told no."""
    peer = open_one()
    peer.send(start_request())
    peer.await_control(hostile.START_REPLY)
    for first in range(1, CALLS, 50):
        peer.send(b"".join(map(call_request, range(first, first + 50))))
    results = [peer.await_control(OUTGOING_REPLY)[16] for _ in range(CALLS)]
    connected = results.count(hostile.CONNECTED)
    check(1 <= connected <= 8, f"{connected} calls of {CALLS} were connected")
    return [peer]


def half_closed(open_one):
    peers = _each(open_one, b"", start_request()[:100], start_request())
    for peer in peers:
        peer.half_close()
        peer.wait_closed()
    return []


def reset(open_one):
    for content in (b"", start_request()[:50], start_request(), start_request() + call_request(5)):
        _each(open_one, content)[0].reset()
    return []


def many_at_once(open_one):
    return _each(open_one, *[start_request()[:100]] * AT_ONCE)


def never_reads(open_one):
    """Its questions would fill us with answers."""
    peer = open_one()
    peer.send(start_request())
    peer.flood(b"".join(map(echo_request, range(500))))
    return [peer]


def one_after_the_other(open_one):
    """Each is wrong and is closed before the next one comes."""
    for _ in range(40):
        _closed(open_one, start_request(magic=1))
    return []


# By name, and log lines of warning or worse that each may cause: at least, at most.
PPTP = {
    "50 silent connections": (silent, 0, 12),
    "truncated messages": (truncated, 0, 12),
    "impossible lengths": (oversized, 1, 4),
    "a wrong magic cookie": (wrong_magic, 1, 2),
    "messages in the wrong order": (wrong_order, 2, 12),
    "one byte at a time": (byte_by_byte, 1, 2),
    "many messages glued together": (glued, 0, 1),
    "random bytes": (random_bytes, 1, 10),
    "2,000 call requests": (many_calls, 1, 12),
    "half-closed connections": (half_closed, 0, 4),
    "resets in the middle": (reset, 0, 5),
    "200 connections at once": (many_at_once, 0, 12),
    "questions whose answers are not read": (never_reads, 0, 2),
    "bad connections one after the other": (one_after_the_other, 1, 25),
}


# The tunnel --------------------------------------------------------------------------------

def rrp_truncated(open_one):
    message = hello()
    return _each(open_one, message[:1], message[:7], message[:8], message[:40])


def rrp_oversized(open_one):
    return _closed(open_one, frame(hostile.HELLO, bytes(70000), length=0xFFFF),
                   frame(hostile.HELLO, length=4))


def rrp_wrong_protocol(open_one):
    return _answered(open_one, hello(magic=1), start_request(), b"GET / HTTP/1.1\r\n\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
                     b"SSH-2.0-OpenSSH_9.2\r\n")


def rrp_wrong_order(open_one):
    _answered(open_one, call_open(1, 1), frame(hostile.WELCOME, bytes(65)))
    for wrong in (hello(), frame(PPP_DATA, b"\0\x21x", call=5), call_open(1, 2),
                  frame(CALL_REFUSED, b"\2\0", call=1, sequence=1), frame(0xFE)):
        peer = open_one()
        peer.send(hello())
        peer.await_frame(hostile.WELCOME)
        peer.send(wrong)
        peer.await_frame(hostile.ERROR)
        peer.close()
    return []


def rrp_byte_by_byte(open_one):
    good = open_one()
    good.send_slowly(hello())
    good.await_frame(hostile.WELCOME)
    bad = open_one()
    bad.send_slowly(hello(magic=0))
    bad.await_frame(hostile.ERROR)
    bad.close()
    return [good]


def rrp_glued(open_one):
    peer = open_one()
    peer.send(hello())
    peer.await_frame(hostile.WELCOME)
    peer.send(b"".join(frame(PING, bytes([at] * 16)) for at in range(40)) + call_open(1, 1) +
              frame(PING, b"last" * 4))
    kind, _, _ = peer.await_frame(CALL_OPENED, CALL_REFUSED)
    check_equal(kind, CALL_OPENED, "the glued call")
    return [peer]


def rrp_many_calls(open_one):
    """2,000 calls asked for in one tunnel; returns the connection and the answers' types, in the
    order of the calls."""
    peer = open_one()
    peer.send(hello())
    peer.await_frame(hostile.WELCOME)
    answers = {}
    for first in range(1, CALLS, 50):
        peer.send(b"".join(call_open(call, call) for call in range(first, first + 50)))
    while len(answers) < CALLS:
        kind, call, payload = peer.await_frame(CALL_OPENED, CALL_REFUSED)
        answers[call] = (kind, payload)
        # The answers are events of the other side; unacknowledged ones hold up the rest.
        peer.send(frame(ACK, payload[:4]))
    return peer, answers


def rrp_half_closed(open_one):
    peers = _each(open_one, b"", hello()[:20], hello())
    for peer in peers:
        peer.half_close()
        peer.wait_closed()
    return []


def rrp_reset(open_one):
    for content in (b"", hello()[:20], hello(), hello() + call_open(1, 1)):
        _each(open_one, content)[0].reset()
    return []


def rrp_many_at_once(open_one):
    return _each(open_one, *[hello()[:5]] * AT_ONCE)


def rrp_never_reads(open_one):
    peer = open_one()
    peer.send(hello())
    peer.flood(frame(PING, bytes(16)) * 500)
    return [peer]


RRP = {
    "50 silent connections": (silent, 0, 12),
    "truncated frames": (rrp_truncated, 0, 12),
    "impossible lengths": (rrp_oversized, 1, 4),
    "other protocols": (rrp_wrong_protocol, 2, 6),
    "frames in the wrong order": (rrp_wrong_order, 3, 10),
    "one byte at a time": (rrp_byte_by_byte, 1, 2),
    "many frames glued together": (rrp_glued, 0, 1),
    "random bytes": (random_bytes, 1, 10),
    "half-closed connections": (rrp_half_closed, 0, 6),
    "resets in the middle": (rrp_reset, 0, 6),
    "200 connections at once": (rrp_many_at_once, 0, 12),
    "questions whose answers are not read": (rrp_never_reads, 0, 2),
}


# The tunnel's port with TLS ----------------------------------------------------------------

# The beginning of a ClientHello of 508 bytes.
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32) + b"\x20"


def tls_truncated(open_one):
    return _each(open_one, CLIENT_HELLO[:1], CLIENT_HELLO[:5], CLIENT_HELLO[:8], CLIENT_HELLO)


def tls_oversized(open_one):
    return _closed(open_one, b"\x16\x03\x01\xff\xff" + bytes(70000),
                   b"\x16\x03\x01\x00\x04\x01\xff\xff\xff" + CLIENT_HELLO * 4000)


def tls_wrong_protocol(open_one):
    return _closed(open_one, hello(), start_request(), b"GET / HTTP/1.1\r\n\r\n",
                   b"SSH-2.0-OpenSSH_9.2\r\n")


def tls_wrong_records(open_one):
    """Alerts, data and nonsense where a ClientHello belongs."""
    return _closed(open_one, b"\x15\x03\x03\x00\x02\x02\x28" + bytes(8),
                   b"\x17\x03\x03\x00\x20" + bytes(32), b"\x16\x03\x01\x00\x08" + bytes(8))


def tls_half_closed(open_one):
    peers = _each(open_one, b"", CLIENT_HELLO[:8], CLIENT_HELLO)
    for peer in peers:
        peer.half_close()
        peer.wait_closed()
    return []


def tls_reset(open_one):
    for content in (b"", CLIENT_HELLO[:8], CLIENT_HELLO):
        _each(open_one, content)[0].reset()
    return []


def tls_many_at_once(open_one):
    return _each(open_one, *[CLIENT_HELLO] * AT_ONCE)


TLS = {
    "50 silent connections": (silent, 0, 12),
    "truncated handshakes": (tls_truncated, 0, 12),
    "impossible lengths": (tls_oversized, 1, 6),
    "other protocols": (tls_wrong_protocol, 2, 6),
    "records in the wrong order": (tls_wrong_records, 2, 6),
    "random bytes": (random_bytes, 1, 10),
    "half-closed connections": (tls_half_closed, 0, 6),
    "resets in the middle": (tls_reset, 0, 6),
    # Two kinds of lines, each with a measure of its own.
    "200 handshakes at once": (tls_many_at_once, 1, 40),
}
