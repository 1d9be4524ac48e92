# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers that the laboratory plays itself: the bytes of PPTP and of the tunnel, written by hand so
that they can be wrong, and small good clients that are answered or not. No process is started: all
are sockets of a host."""

import select
import socket
import struct
import time

from . import network
from .events import Failure, check, check_equal, wait_for
from .wire import (CALL_OPEN, CALL_OPENED, CALL_REFUSED, ECHO_REQUEST, OUTGOING_REPLY,
                   OUTGOING_REQUEST, PPTP_MAGIC, RRP_HEADER, RRP_PORT)

# Generous: it only decides how long a failure takes.
ANSWERED = 30

START_REQUEST, START_REPLY, STOP_REQUEST, ECHO_REPLY = 1, 2, 3, 6
CONNECTED = 1

HELLO, WELCOME, GOAWAY, ERROR = 0x01, 0x02, 0x08, 0x0A
ACK = 0x61
RRP_MAGIC = 0x525250B1
IPV4 = 4


def control(kind, body=b"", magic=PPTP_MAGIC, length=None):
    """One PPTP control message, RFC 2637 2.1; its true length unless told otherwise."""
    length = 12 + len(body) if length is None else length
    return struct.pack("!HHIHH", length, 1, magic, kind, 0) + body


def start_request(version=0x0100, **wrong):
    return control(START_REQUEST, struct.pack("!HHIIHH64s64s", version, 0, 3, 3, 0, 1, b"lab",
                                              b"lab"), **wrong)


def call_request(call_id, **wrong):
    return control(OUTGOING_REQUEST, struct.pack("!HHIIIIHHHH64s64s", call_id, 1, 300, 10000000,
                                                 3, 3, 64, 0, 0, 0, b"", b""), **wrong)


def echo_request(identifier):
    return control(ECHO_REQUEST, struct.pack("!I", identifier))


def frame(kind, payload=b"", call=0, sequence=None, flags=0, length=None):
    """One frame of the tunnel, docs/protocol.md 2."""
    if sequence is not None:
        flags |= 2
        payload = struct.pack("!I", sequence) + payload
    length = len(payload) if length is None else length
    return struct.pack("!BBHI", kind, flags, length, call) + payload


def hello(name=b"lab", magic=RRP_MAGIC):
    return frame(HELLO, struct.pack("!IHHI32sB", magic, 1, 1, 0, b"n" * 32, len(name)) + name)


def call_open(call, sequence, client="192.168.77.99"):
    return frame(CALL_OPEN, struct.pack("!BxH16sHBBIIII", IPV4, call & 0xFFFF,
                                        socket.inet_aton(client), 1, 0, 0, 300, 10000000, 3, 3),
                 call, sequence)


class Peer:
    """One TCP connection of ours to whatever is tested. source: one of the host's addresses."""

    def __init__(self, host, address, port=network.PPTP_PORT, source=""):
        self.socket = host.socket()
        self.socket.settimeout(ANSWERED)
        self._got = b""
        try:
            self.socket.bind((source, 0))
            self.socket.connect((address, port))
        except OSError as problem:
            raise Failure(f"{host.name}: no TCP connection to {address} port {port}: "
                          f"{problem}") from None

    def send(self, data):
        """Send what is still taken; the other end may close in the middle. True if all was."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def send_slowly(self, data):
        """Each byte a segment of its own, as far as it depends on us."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return all(self.send(data[at:at + 1]) for at in range(len(data)))

    def flood(self, data):
        """Send data again and again and never read, until the other end closes or takes no more
        for two seconds. Fails when it takes and takes."""
        self.socket.setblocking(False)
        end = time.monotonic() + ANSWERED
        rest = data
        while select.select([], [self.socket], [], 2)[1]:
            check(time.monotonic() < end, "questions are taken for ever, and no answer is read")
            try:
                rest = rest[self.socket.send(rest):] or data
            except BlockingIOError:
                pass
            except OSError:
                break
        self.socket.settimeout(ANSWERED)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Close with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def wait_closed(self):
        """Read until the other end closes; what it still said is lost."""
        end = time.monotonic() + ANSWERED
        try:
            while self.socket.recv(65536):
                check(time.monotonic() < end, "the connection goes on instead of being closed")
        except ConnectionError:
            pass
        except TimeoutError:
            raise Failure(f"the connection was not closed within {ANSWERED} s") from None
        self.socket.close()

    def _exactly(self, size):
        while len(self._got) < size:
            try:
                more = self.socket.recv(65536)
            except OSError as problem:
                raise Failure(f"no answer: {problem}") from None
            check(more, "closed instead of answered")
            self._got += more
        taken, self._got = self._got[:size], self._got[size:]
        return taken

    def control(self):
        """The next control message: (type, all its bytes)."""
        head = self._exactly(12)
        length, _, magic, kind = struct.unpack_from("!HHIH", head)
        check(magic == PPTP_MAGIC and length >= 12, f"no control message: {head.hex()}")
        return kind, head + self._exactly(length - 12)

    def frame(self):
        """The next frame of a tunnel: (type, call, payload)."""
        kind, _, length, call = struct.unpack("!BBHI", self._exactly(RRP_HEADER))
        return kind, call, self._exactly(length)

    def await_control(self, wanted):
        """Skip control messages up to one of that type."""
        while True:
            kind, message = self.control()
            if kind == wanted:
                return message

    def await_frame(self, *wanted):
        while True:
            kind, call, payload = self.frame()
            if kind in wanted:
                return kind, call, payload

    def close(self):
        self.socket.close()


def good_call(host, address, source=""):
    """A good client's first two questions, answered: the connection with its call."""
    peer = Peer(host, address, source=source)
    peer.send(start_request())
    message = peer.await_control(START_REPLY)
    check_equal(message[14], CONNECTED, "result of Start-Control-Connection-Reply")
    peer.send(call_request(7))
    message = peer.await_control(OUTGOING_REPLY)
    check_equal(tuple(message[16:18]), (CONNECTED, 0), "result and error of Outgoing-Call-Reply")
    return peer


def good_call_again(host, address, source):
    """The same from an address that may have used up how often it may connect: a stock client
    tries again, and is served within seconds."""
    def served():
        try:
            return good_call(host, address, source)
        except Failure:
            return None

    return wait_for(served, ANSWERED, f"a good client from {source}, too, is served by {address}")


def good_tunnel_call(host, address=network.WAN_SERVER, source="", secure=None):
    """A tunnel with one call in it, accepted; secure(peer) puts TLS below it."""
    peer = Peer(host, address, RRP_PORT, source)
    if secure:
        secure(peer)
    peer.send(hello(b"good"))
    peer.await_frame(WELCOME)
    peer.send(call_open(1, 1))
    kind, _, payload = peer.await_frame(CALL_OPENED, CALL_REFUSED)
    check_equal(kind, CALL_OPENED, f"answer to CALL_OPEN ({payload.hex()})")
    return peer


def leave_tunnel(peer):
    """End a good tunnel in order."""
    peer.send(frame(GOAWAY, b"\1" + bytes(11)))
    peer.wait_closed()


def resident_kilobytes(pid):
    """VmRSS of a process, or None when it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
    except FileNotFoundError:
        pass
    return None
