# SPDX-License-Identifier: GPL-2.0-or-later
"""The client's half of RFC 2637 that the cases need: encode requests, decode what comes back into
named fields. It checks nothing beyond what decoding needs; judging is the cases' business.
"""

import collections
import struct

MAGIC = 0x1A2B3C4D

# Control message types (RFC 2637 2).
SCCRQ, SCCRP, STOP_CCRQ, STOP_CCRP, ECHO_RQ, ECHO_RP = 1, 2, 3, 4, 5, 6
OCRQ, OCRP, ICRQ, ICRP, ICCN = 7, 8, 9, 10, 11
CALL_CLEAR_RQ, CALL_DISCONNECT, WAN_ERROR, SET_LINK_INFO = 12, 13, 14, 15

# Body of each reply: the message's name, then (field, struct code); fields named "-" are reserved.
_REPLIES = {
    SCCRQ: ("SCCRQ", "version:H -:H framing:I bearer:I channels:H firmware:H host:64s vendor:64s"),
    SCCRP: (
        "SCCRP",
        "version:H result:B error:B framing:I bearer:I channels:H firmware:H host:64s vendor:64s",
    ),
    STOP_CCRQ: ("Stop-CCRQ", "reason:B -:B -:H"),
    STOP_CCRP: ("Stop-CCRP", "result:B error:B -:H"),
    ECHO_RQ: ("Echo-Request", "id:I"),
    ECHO_RP: ("Echo-Reply", "id:I result:B error:B -:H"),
    OCRP: (
        "OCRP",
        "call:H peer:H result:B error:B cause:H speed:I window:H delay:H channel:I",
    ),
    ICRP: ("ICRP", "call:H peer:H result:B error:B window:H delay:H -:H"),
    CALL_DISCONNECT: ("Call-Disconnect", "call:H result:B error:B cause:H -:H statistics:128s"),
    WAN_ERROR: ("WAN-Error",
                "peer:H -:H crc:I framing:I hardware:I buffer:I timeout:I alignment:I"),
    SET_LINK_INFO: ("Set-Link-Info", "peer:H -:H send:I receive:I"),
}

Message = collections.namedtuple("Message", "type name fields")


def message(kind, body=b"", magic=MAGIC, pptp_type=1, length=None):
    """One control message; the keyword arguments are there to make bad ones."""
    if length is None:
        length = 12 + len(body)
    return struct.pack("!HHIHH", length, pptp_type, magic, kind, 0) + body


def sccrq(**bad):
    body = struct.pack("!HHIIHH64s64s", 0x0100, 0, 3, 3, 0, 1, b"client", b"tests")
    return message(SCCRQ, body, **bad)


def ocrq(call_id, maximum=100000000, window=64):
    body = struct.pack("!HHIIIIHHHH64s64s", call_id, call_id, 2400, maximum, 3, 3, window, 0, 0, 0,
                       b"", b"")
    return message(OCRQ, body)


def stop_ccrq(reason=1):
    return message(STOP_CCRQ, struct.pack("!BBH", reason, 0, 0))


def echo_request(identifier):
    return message(ECHO_RQ, struct.pack("!I", identifier))


def call_clear(call_id):
    return message(CALL_CLEAR_RQ, struct.pack("!HH", call_id, 0))


def set_link_info(peer_call_id):
    return message(SET_LINK_INFO, struct.pack("!HHII", peer_call_id, 0, 0xFFFFFFFF, 0xFFFFFFFF))


def icrq(call_id):
    body = struct.pack("!HHIIHH64s64s64s", call_id, 1, 1, 0, 0, 0, b"", b"", b"")
    return message(ICRQ, body)


def icrp(call_id, peer_call_id):
    return message(ICRP, struct.pack("!HHBBHHH", call_id, peer_call_id, 1, 0, 64, 0, 0))


def iccn(peer_call_id):
    return message(ICCN, struct.pack("!HHIHHI", peer_call_id, 0, 64000, 64, 0, 1))


def wan_error(peer_call_id):
    return message(WAN_ERROR, struct.pack("!HH6I", peer_call_id, 0, 0, 0, 0, 0, 0, 0))


def decode(data):
    """One whole message as a Message, fields in wire order, reserved ones left out."""
    _, pptp_type, magic, kind, _ = struct.unpack_from("!HHIHH", data)
    if kind not in _REPLIES or magic != MAGIC or pptp_type != 1:
        return Message(kind, "message %d" % kind, collections.OrderedDict(bytes=data.hex()))
    name, layout = _REPLIES[kind]
    entries = [entry.split(":") for entry in layout.split()]
    code = "!" + "".join(entry[1] for entry in entries)
    fields = collections.OrderedDict()
    if len(data) != 12 + struct.calcsize(code):
        fields["length"] = len(data)
        return Message(kind, name, fields)
    for (field, _), value in zip(entries, struct.unpack_from(code, data, 12)):
        if field == "-":
            continue
        if isinstance(value, bytes):
            value = value.split(b"\0")[0].decode("latin-1")
        fields[field] = value
    return Message(kind, name, fields)


class Splitter:
    """Cuts a TCP stream into messages by their length field."""

    def __init__(self):
        self._data = b""

    def feed(self, data):
        self._data += data

    def next(self):
        if len(self._data) < 12:
            return None
        length = struct.unpack_from("!H", self._data)[0]
        if length < 12 or len(self._data) < length:
            return None
        whole, self._data = self._data[:length], self._data[length:]
        return whole

    @property
    def left(self):
        return len(self._data)


def gre_encode(call_id, payload=b"", sequence=None, acknowledgement=None):
    """Enhanced GRE, RFC 2637 4.1."""
    flags = 0x2001
    rest = b""
    if sequence is not None:
        flags |= 0x1000
        rest += struct.pack("!I", sequence)
    if acknowledgement is not None:
        flags |= 0x0080
        rest += struct.pack("!I", acknowledgement)
    return struct.pack("!HHHH", flags, 0x880B, len(payload), call_id) + rest + payload


def gre_decode(packet):
    """An IPv4 packet from a raw socket: (source, call id, sequence, acknowledgement, payload)."""
    source = ".".join(str(octet) for octet in packet[12:16])
    data = packet[(packet[0] & 15) * 4 :]
    flags, _, length, call_id = struct.unpack_from("!HHHH", data)
    offset = 8
    sequence = acknowledgement = None
    if flags & 0x1000:
        sequence = struct.unpack_from("!I", data, offset)[0]
        offset += 4
    if flags & 0x0080:
        acknowledgement = struct.unpack_from("!I", data, offset)[0]
        offset += 4
    return source, call_id, sequence, acknowledgement, data[offset : offset + length]


def _fcs(data):
    """The 16-bit frame check of RFC 1662 appendix C."""
    value = 0xFFFF
    for octet in data:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return struct.pack("<H", value ^ 0xFFFF)


def hdlc_encode(frame):
    """A PPP frame as pppd writes it to an asynchronous line (RFC 1662 4.2)."""
    out = bytearray(b"\x7e")
    for octet in frame + _fcs(frame):
        if octet < 0x20 or octet in (0x7D, 0x7E):
            out += bytes((0x7D, octet ^ 0x20))
        else:
            out.append(octet)
    return bytes(out + b"\x7e")


def hdlc_decode(data):
    """The frames in what pppd would read from the line; those with a bad check are left out."""
    frames = []
    for part in data.split(b"\x7e"):
        frame = bytearray()
        escaped = False
        for octet in part:
            if octet == 0x7D:
                escaped = True
            else:
                frame.append(octet ^ 0x20 if escaped else octet)
                escaped = False
        if len(frame) > 2 and _fcs(bytes(frame[:-2])) == frame[-2:]:
            frames.append(bytes(frame[:-2]))
    return frames
