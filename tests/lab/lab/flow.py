# SPDX-License-Identifier: GPL-2.0-or-later
"""A slow transfer that never ends by itself: one TCP connection from a host through its call to
the service and back, compared block by block. While it goes on, the call is untouched."""

import random
import socket
import threading

from . import events, network

PORT = 7002
BLOCK = 2048
# Between two blocks, so that many flows leave the guest's processor to those whom it is about.
PAUSE = 0.02
# No progress for so long is the end; TCP's retransmissions need some seconds after an outage.
STALL = 60
# Blocks that have to pass until a flow counts as going on.
BLOCKS = 4


class EchoService:
    """The far end, on the service host: sends back what comes."""

    def __init__(self, host):
        self._listener = host.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((network.SERVICE, PORT))
        self._listener.listen(16)
        threading.Thread(target=self._run, name="echo", daemon=True).start()

    def _run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=_echo, args=(connection,), daemon=True).start()

    def stop(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()


def _echo(connection):
    with connection:
        try:
            while data := connection.recv(BLOCK):
                connection.sendall(data)
        except OSError:
            pass  # The near end tells what went wrong.


class Flow:
    """The near end; it begins at once."""

    def __init__(self, host):
        self.host = host
        self.blocks = 0
        self._problem = None
        self._stopping = threading.Event()
        self._connection = host.connect(network.SERVICE, PORT, deadline=STALL)
        events.check(self._connection, f"{host.name}: no TCP connection to the service")
        self._thread = threading.Thread(target=self._run, name=f"flow of {host.name}", daemon=True)
        self._thread.start()

    def _run(self):
        source = random.Random(1)
        try:
            with self._connection as connection:
                while not self._stopping.wait(PAUSE):
                    self._exchange(connection, source.randbytes(BLOCK))
        except (OSError, events.Failure) as problem:
            self._problem = problem

    def _exchange(self, connection, block):
        connection.sendall(block)
        got = b""
        while len(got) < len(block):
            more = connection.recv(len(block) - len(got))
            if not more:
                raise OSError("connection closed")
            got += more
        events.check(got == block, "other bytes came back")
        self.blocks += 1
        events.announce()

    def goes_on(self, while_what):
        """Wait until it has moved on from where it is now; the connection is the same."""
        before = self.blocks
        events.wait_for(lambda: self._problem or self.blocks >= before + BLOCKS, STALL,
                        f"the transfer of {self.host.name} goes on {while_what}")
        events.check(not self._problem,
                     f"{self.host.name}: its transfer ended {while_what}: {self._problem}")

    def finish(self):
        """End it; what was sent has all come back."""
        self._stopping.set()
        self._thread.join(STALL)
        events.check(not self._problem, f"{self.host.name}: its transfer ended: {self._problem}")

    def abandon(self):
        """Its call has ended: nobody expects anything of it any more."""
        self._stopping.set()
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(STALL)
