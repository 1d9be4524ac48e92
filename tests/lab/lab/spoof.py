# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets with whatever source address: enhanced GRE and ICMP, right and wrong."""

import random
import socket
import struct

from . import capture

PROTOCOL_GRE_PPP = 0x880B
KEY, SEQUENCE, ACK, VERSION = 0x2000, 0x1000, 0x0080, 0x0001
MORE_FRAGMENTS = 0x2000

# LCP Terminate-Request: whoever believes the packet hangs up.
TERMINATE = bytes.fromhex("ff03c02105010004")

MANY = 200


def gre(call_id, payload=TERMINATE, sequence=None, ack=None, flags=KEY | VERSION,
        protocol=PROTOCOL_GRE_PPP, length=None):
    """RFC 2637 4.1; length: of the payload, as the header says it."""
    numbers = b""
    if sequence is not None:
        flags |= SEQUENCE
        numbers += struct.pack("!I", sequence)
    if ack is not None:
        flags |= ACK
        numbers += struct.pack("!I", ack)
    length = len(payload) if length is None else length
    return struct.pack("!HHHH", flags, protocol, length, call_id) + numbers + payload


class Spoofer:
    """Sends as `source` to `target`."""

    def __init__(self, host, source, target):
        self._socket = host.socket(kind=socket.SOCK_RAW, protocol=socket.IPPROTO_RAW)
        self._source = source
        self._target = target
        self._random = random.Random(5)

    def send(self, payload, protocol=capture.GRE, fragment=0, identifier=0):
        """fragment: the field of flags and offset. The kernel fills in length and checksum."""
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, identifier, fragment, 64, protocol, 0,
                           socket.inet_aton(self._source), socket.inet_aton(self._target))
        self._socket.sendto(head + payload, (self._target, 0))

    def close(self):
        self._socket.close()

    def far_sequences(self, call_id):
        """Numbers that nothing but a guess explains, never three in a row."""
        for _ in range(MANY):
            self.send(gre(call_id, sequence=self._random.randrange(1 << 20, 1 << 32)))

    def wrong_acknowledgements(self, call_id):
        for _ in range(MANY):
            self.send(gre(call_id, b"", ack=self._random.randrange(1 << 20, 1 << 32)))

    def truncated(self, call_id):
        whole = gre(call_id, sequence=0, ack=0)
        for length in range(len(whole)):
            self.send(whole[:length])
        self.send(gre(call_id, sequence=0, length=1000))
        self.send(gre(call_id, sequence=0, length=0xFFFF))

    def foreign_calls(self, call_id):
        for other in range(1, MANY):
            self.send(gre(call_id ^ other, sequence=0))

    def other_kinds(self, call_id):
        """Plain GRE, other versions, other protocols, bits that enhanced GRE must not have."""
        for flags in (0, KEY, KEY | 2, KEY | 7, VERSION, *(KEY | VERSION | 1 << bit for bit in
                                                            (3, 4, 5, 6, 8, 9, 10, 11, 14, 15))):
            self.send(gre(call_id, sequence=0, flags=flags))
        self.send(gre(call_id, sequence=0, protocol=0x0800))

    def endless_fragments(self, call_id):
        """First, middle, and last parts that never become a packet, and one beyond all lengths."""
        part = gre(call_id, bytes(800), sequence=0)[:800]
        for number in range(1, MANY):
            self.send(part, fragment=MORE_FRAGMENTS, identifier=number)
            self.send(part, fragment=MORE_FRAGMENTS | 50, identifier=number)
        for number in range(MANY, MANY + 20):
            self.send(part, fragment=8191, identifier=number)

    def unreachable(self, call_id):
        """ICMP protocol unreachable about the target's own GRE packets."""
        quoted = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 100, 1, 0, 64, capture.GRE, 0,
                             socket.inet_aton(self._target), socket.inet_aton(self._source))
        message = struct.pack("!BBHI", 3, 2, 0, 0) + quoted + gre(call_id)[:8]
        words = struct.unpack(f"!{len(message) // 2}H", message)
        total = sum(words)
        total = (total & 0xFFFF) + (total >> 16)
        message = message[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + message[4:]
        for _ in range(MANY):
            self.send(message, capture.ICMP)


GARBAGE = {
    "sequence numbers from far away": Spoofer.far_sequences,
    "acknowledgements of what was never sent": Spoofer.wrong_acknowledgements,
    "truncated packets": Spoofer.truncated,
    "packets of other calls": Spoofer.foreign_calls,
    "other kinds of GRE": Spoofer.other_kinds,
    "fragments that never complete": Spoofer.endless_fragments,
    "ICMP protocol unreachable": Spoofer.unreachable,
}
