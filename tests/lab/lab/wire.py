# SPDX-License-Identifier: GPL-2.0-or-later
"""What a capture says of PPTP control connections and of tunnels, read in Python.

The tunnel's layouts are those of docs/protocol.md, written down here a second time and not taken
from the code under test. For PPTP there is tshark too; this is quicker, and knows four messages.
"""

import struct
from collections import namedtuple

from . import capture, network
from .events import check, check_equal

RRP_PORT = 4723
RRP_HEADER = 8
RRP_SEQUENCE_FLAG = 0x02
CALL_OPEN, CALL_OPENED, CALL_REFUSED, CALL_CLOSE = 0x20, 0x21, 0x22, 0x25
PPP_CTL, PPP_DATA, PING = 0x40, 0x41, 0x62
CALL_OPEN_HEAD = struct.Struct("!BxH4s12xH")

PPTP_MAGIC = 0x1A2B3C4D
OUTGOING_REQUEST, OUTGOING_REPLY, CALL_CLEAR, CALL_DISCONNECT = 7, 8, 12, 13
ECHO_REQUEST = 5

# One message of a control connection. ids: Call ID and Peer Call ID as far as the message has
# them; codes: result and error code of a reply.
Control = namedtuple("Control", "source target type ids codes")
# One frame of a tunnel; sequence is None where the frame has none.
Frame = namedtuple("Frame", "type flags call sequence payload")
Opened = namedtuple("Opened", "family call_id address serial")


def streams(packets, port):
    """{(source, its port, target, its port): bytes} of each direction of each TCP connection with
    that port at one end, in the order of their first packets, as far as it is complete."""
    parts = {}
    for packet in packets:
        if packet.protocol != capture.TCP or packet.offset or packet.more:
            continue
        source, target, number = struct.unpack_from("!HHI", packet.payload)
        if port not in (source, target):
            continue
        key = (packet.source, source, packet.target, target)
        data = packet.payload[(packet.payload[12] >> 4) * 4:]
        if packet.payload[13] & 2:  # SYN
            parts[key] = {"next": number + 1, "segments": {}}
        elif data and key in parts:
            parts[key]["segments"].setdefault(number, data)
    return {key: _joined(one["next"], one["segments"]) for key, one in parts.items()}


def _joined(number, segments):
    stream = b""
    for at in sorted(segments, key=lambda start: (start - number) & 0xFFFFFFFF):
        skip = (number - at) & 0xFFFFFFFF
        if skip >= len(segments[at]):
            if skip < 1 << 31:
                continue  # All of it came before.
            break  # Something is missing.
        stream += segments[at][skip:]
        number = (at + len(segments[at])) & 0xFFFFFFFF
    return stream


def controls(packets):
    """All messages of the control connections in the capture, connection by connection."""
    found = []
    for (source, _, target, _), stream in streams(packets, network.PPTP_PORT).items():
        while len(stream) >= 12:
            length, _, magic, kind = struct.unpack_from("!HHIH", stream)
            check_equal(magic, PPTP_MAGIC, "magic cookie of a control message")
            check(length >= 12, f"control message of {length} bytes")
            found.append(_control(source, target, kind, stream[:length]))
            stream = stream[length:]
    return found


def _control(source, target, kind, message):
    ids, codes = (), ()
    if kind in (OUTGOING_REQUEST, CALL_CLEAR, CALL_DISCONNECT):
        ids = struct.unpack_from("!H", message, 12)
    elif kind == OUTGOING_REPLY:
        ids = struct.unpack_from("!HH", message, 12)
        codes = tuple(message[16:18])
    return Control(source, target, kind, ids, codes)


def frames(stream):
    """The frames of one direction of a tunnel; the last one may be incomplete and is left out."""
    found = []
    while len(stream) >= RRP_HEADER:
        kind, flags, length, call = struct.unpack_from("!BBHI", stream)
        if len(stream) < RRP_HEADER + length:
            break
        payload = stream[RRP_HEADER:RRP_HEADER + length]
        sequence = None
        if flags & RRP_SEQUENCE_FLAG:
            sequence = struct.unpack_from("!I", payload)[0]
            payload = payload[4:]
        found.append(Frame(kind, flags, call, sequence, payload))
        stream = stream[RRP_HEADER + length:]
    return found


def tunnel_frames(packets, server=network.WAN_SERVER, port=RRP_PORT):
    """What went up and what came down in all tunnels of the capture: two lists of frames."""
    up, down = [], []
    for (source, *_), stream in streams(packets, port).items():
        (down if source == server else up).extend(frames(stream))
    return up, down


def opened(frame):
    """What a CALL_OPEN says of its PPTP client."""
    family, call_id, address, serial = CALL_OPEN_HEAD.unpack_from(frame.payload)
    return Opened(family, call_id, ".".join(map(str, address)), serial)
