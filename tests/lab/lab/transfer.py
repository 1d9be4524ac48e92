# SPDX-License-Identifier: GPL-2.0-or-later
"""N megabytes each way through TCP, pseudo-random, with the checksum of both ends compared.

Both ends run as threads of the laboratory itself on sockets of the two hosts, so no process
has to be started for them.
"""

import hashlib
import random
import select
import socket
import struct
import threading
import time

from . import events, network

PORT = 7001
BLOCK = 1 << 16
MEGABYTE = 1 << 20
# One transfer starts with its size and the seed of the bytes that the service shall send.
ORDER = struct.Struct("!QQ")
# struct tcp_info: tcpi_bytes_acked, in the machine's own order.
BYTES_ACKED = struct.Struct("@Q")
BYTES_ACKED_OFFSET = 120


class Service:
    """The far end: takes N bytes, answers with their digest, then sends N bytes of its own."""

    def __init__(self, host):
        self._listener = host.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((network.SERVICE, PORT))
        self._listener.listen(16)
        self._open = set()
        threading.Thread(target=self._run, name="transfer", daemon=True).start()

    def _run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection:
                size, seed = ORDER.unpack(_receive_exactly(connection, ORDER.size))
                connection.sendall(_receive(connection, size))
                _send(connection, size, seed)
        except OSError:
            pass  # The near end tells what went wrong.
        self._open.discard(connection)

    def close(self):
        for one in (self._listener, *self._open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._listener.close()


class Transfer:
    """The near end. No progress for `stall` seconds fails, however long all of it takes."""

    def __init__(self, host, megabytes, stall=60, seed=1):
        self.host = host
        self.size = int(megabytes * MEGABYTE)
        self.seed = seed
        self.stall = stall
        self.seconds = {}

    def run(self):
        connection = self.host.connect(network.SERVICE, PORT, deadline=self.stall)
        events.check(connection, f"{self.host.name}: no TCP connection to the service")
        try:
            with connection:
                self._up(connection)
                self._down(connection)
        except OSError as problem:
            raise events.Failure(f"{self.host.name}: transfer of {self.size} bytes stopped: "
                                 f"{problem}") from problem
        return self

    def _up(self, connection):
        began = time.monotonic()
        connection.sendall(ORDER.pack(self.size, self.seed + 1))
        sent = _send(connection, self.size, self.seed)
        self._wait_taken(connection)
        got = _receive_exactly(connection, len(sent))
        self.seconds["up"] = time.monotonic() - began
        events.check(got == sent, f"{self.host.name}: checksum differs, client to service")

    def _wait_taken(self, connection):
        """What sendall() left in the socket's buffer can take long: while some of it arrives."""
        before = -1
        while not select.select([connection], [], [], self.stall)[0]:
            now = _bytes_acked(connection)
            if now == before:
                raise TimeoutError(f"nothing acknowledged for {self.stall} s")
            before = now

    def _down(self, connection):
        began = time.monotonic()
        got = _receive(connection, self.size)
        self.seconds["down"] = time.monotonic() - began
        expected = hashlib.sha256()
        for block in _blocks(self.size, self.seed + 1):
            expected.update(block)
        events.check(got == expected.digest(),
                     f"{self.host.name}: checksum differs, service to client")

    def __str__(self):
        return ", ".join(f"{way} {self.size * 8 / seconds / 1e6:.1f} Mbit/s"
                         for way, seconds in self.seconds.items())


def _bytes_acked(connection):
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return BYTES_ACKED.unpack_from(info, BYTES_ACKED_OFFSET)[0]


def _blocks(size, seed):
    source = random.Random(seed)
    while size > 0:
        block = source.randbytes(min(size, BLOCK))
        size -= len(block)
        yield block


def _send(connection, size, seed):
    digest = hashlib.sha256()
    for block in _blocks(size, seed):
        digest.update(block)
        connection.sendall(block)
    return digest.digest()


def _receive(connection, size):
    digest = hashlib.sha256()
    while size > 0:
        block = connection.recv(min(size, BLOCK))
        if not block:
            raise OSError(f"connection closed, {size} bytes missing")
        digest.update(block)
        size -= len(block)
    return digest.digest()


def _receive_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise OSError(f"connection closed, {size - len(data)} bytes missing")
        data += more
    return data
