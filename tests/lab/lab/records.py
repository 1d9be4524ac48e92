# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS in a capture, as far as it can be seen from outside: records, and the version that a
handshake agrees on (RFC 8446 4.1 and 5.1)."""

import struct
from collections import namedtuple

from .events import check, check_equal

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO = 1, 2
SUPPORTED_VERSIONS = 43
TLS13 = 0x0304
# What a record of TLS 1.3 says of itself, and a client's first one may.
LEGACY, LEGACY_FIRST = 0x0303, 0x0301
# RFC 8446 5.2: plain text and what encryption may add.
RECORD_MAX = (1 << 14) + 256

Record = namedtuple("Record", "type version body")


def records(stream):
    """All whole records of one direction, from its first byte. What is left over at the end is
    the beginning of one that was still on its way."""
    found = []
    at = 0
    while at + 5 <= len(stream):
        kind, version, length = struct.unpack_from("!BHH", stream, at)
        check(kind in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA) and
              version in (LEGACY, LEGACY_FIRST) and length <= RECORD_MAX,
              f"no TLS record at {at}: {stream[at:at + 16].hex()}")
        if at + 5 + length > len(stream):
            break
        found.append(Record(kind, version, stream[at + 5:at + 5 + length]))
        at += 5 + length
    return found


def check_tls13(stream, hello):
    """One direction of a connection is TLS 1.3 and nothing else: it begins with that hello, which
    says so; whatever follows is encrypted, but for the empty gesture for old middleboxes. Returns
    the number of encrypted records."""
    first, *rest = records(stream)
    check_equal((first.type, first.body[0]), (HANDSHAKE, hello), "first message")
    check_equal(versions(first.body), [TLS13], "TLS versions of the first message")
    encrypted = 0
    for one in rest:
        if one.type == CHANGE_CIPHER_SPEC:
            check_equal((one.body, encrypted), (b"\1", 0), "a change of cipher spec")
            continue
        check_equal((one.type, one.version), (APPLICATION_DATA, LEGACY), "a later record")
        encrypted += 1
    return encrypted


def versions(message):
    """What the extension supported_versions of a hello offers or chooses."""
    body = message[4:4 + int.from_bytes(message[1:4], "big")]
    at = 2 + 32
    at += 1 + body[at]
    if message[0] == CLIENT_HELLO:
        at += 2 + int.from_bytes(body[at:at + 2], "big")
        at += 1 + body[at]
    else:
        at += 2 + 1
    at += 2
    while at + 4 <= len(body):
        kind, length = struct.unpack_from("!HH", body, at)
        content = body[at + 4:at + 4 + length]
        if kind == SUPPORTED_VERSIONS:
            listed = content[1:] if message[0] == CLIENT_HELLO else content
            return [number for number, in struct.iter_unpack("!H", listed)]
        at += 4 + length
    return []
