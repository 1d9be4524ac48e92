# SPDX-License-Identifier: GPL-2.0-or-later
"""A PPTP client whose data path is in its kernel: stock pppd on a PPTP socket of the kernel, as some
routers do it. The control connection is spoken by a thread of the laboratory, no process is started
for it. Unlike pptp-linux it is never what limits a path.
"""

import errno
import glob
import os
import select
import signal
import socket
import struct
import threading

from . import events, kernel, network, peers
from .wire import (CALL_CLEAR, CALL_DISCONNECT, ECHO_REQUEST, OUTGOING_REPLY, OUTGOING_REQUEST,
                   PPTP_MAGIC)

AF_PPPOX = 24
PX_PROTO_PPTP = 2
# struct sockaddr_pppox of linux/if_pppox.h: packed, as long as its longest member.
ADDRESS = struct.Struct("=HIH2x4s16x")

START_REQUEST, START_REPLY, STOP_REQUEST, ECHO_REPLY, SET_LINK_INFO = 1, 2, 3, 6, 15
HEAD = struct.Struct("!HHIHH")
CONNECTED = 1

# Seconds for an answer on the control connection, on a busy machine.
ANSWERED = 30
# A server whose Call ID is another's of the same address, in another laboratory, is asked again.
DIALS_MAX = 30
# The plugin that gives pppd a socket instead of a terminal: ours, which servers use too.
PLUGIN = "usr/lib/**/pptpd-channel.so"


def plugin(stage):
    """Where the plugin is in an installed tree, or None."""
    found = glob.glob(os.path.join(stage, PLUGIN), recursive=True) if stage else []
    return found[0] if found else None


class KernelPptpClient(peers.PppdClient):
    """One call. It is dialled by the constructor; see Lab.kernel_client. Call IDs of all hosts of a
    kernel are one table, so the kernel chooses."""

    def __init__(self, host, server, user, password, plugin_path, **settings):
        super().__init__(host, server)
        self.disconnected = threading.Event()
        for _ in range(DIALS_MAX):
            self._connection = host.dial(server, network.PPTP_PORT, ANSWERED)
            self._pending = b""
            self._channel = host.socket(AF_PPPOX, socket.SOCK_STREAM, PX_PROTO_PPTP)
            self.call_id, self.peer_call_id = self._open_call()
            if self._connect_channel():
                break
            self._close()
        else:
            raise events.Failure(f"{server} gave {DIALS_MAX} Call IDs that are in use elsewhere")
        self._start_pppd(["plugin", plugin_path, "pptpd-channel", str(self._channel.fileno())],
                         user, password, descriptors=(self._channel.fileno(),), **settings)
        threading.Thread(target=self._serve, name="pptp", daemon=True).start()

    # The control connection, RFC 2637 2 ----------------------------------------------------

    def _open_call(self):
        """Our Call ID and the server's."""
        local = socket.inet_aton(self._connection.getsockname()[0])
        kernel.bind(self._channel.fileno(), ADDRESS.pack(AF_PPPOX, PX_PROTO_PPTP, 0, local))
        bound = kernel.socket_address(self._channel.fileno(), ADDRESS.size)
        call_id = ADDRESS.unpack(bound)[2]
        self._send(START_REQUEST, "HHIIHH64s64s", 0x0100, 0, 3, 3, 0, 1, b"lab", b"kernel")
        events.check(self._expect(START_REPLY)[2] == CONNECTED, "the server refused to start")
        self._send(OUTGOING_REQUEST, "HHIIIIHHHH64s64s", call_id, 1, 300, 100000000, 3, 3, 64, 0, 0,
                   0, b"", b"")
        reply = self._expect(OUTGOING_REPLY)
        peer_call_id, own, result = struct.unpack_from("!HHB", reply)
        events.check(own == call_id and result == CONNECTED, f"no call: result {result}")
        self._send(SET_LINK_INFO, "HHII", peer_call_id, 0, 0xFFFFFFFF, 0xFFFFFFFF)
        return call_id, peer_call_id

    def _connect_channel(self):
        """False when this kernel has a channel to this address and Call ID, on whatever host."""
        address = ADDRESS.pack(AF_PPPOX, PX_PROTO_PPTP, self.peer_call_id,
                               socket.inet_aton(self.server))
        try:
            # Where it is connected, not where it was made, is where pppd finds the channel.
            self.host.call(kernel.connect, self._channel.fileno(), address)
        except OSError as problem:
            if problem.errno != errno.EALREADY:
                raise
            return False
        return True

    def _send(self, kind, layout, *fields):
        body = struct.pack("!" + layout, *fields)
        head = HEAD.pack(HEAD.size + len(body), 1, PPTP_MAGIC, kind, 0)
        self._connection.sendall(head + body)

    def _receive(self):
        """(type, body) of the next message; None at the end of the connection."""
        while True:
            if len(self._pending) >= HEAD.size:
                length, _, magic, kind, _ = HEAD.unpack_from(self._pending)
                events.check(magic == PPTP_MAGIC and length >= HEAD.size, "not a PPTP message")
                if len(self._pending) >= length:
                    body = self._pending[HEAD.size:length]
                    self._pending = self._pending[length:]
                    return kind, body
            more = self._connection.recv(65536)
            if not more:
                return None
            self._pending += more

    def _expect(self, wanted):
        self._connection.settimeout(ANSWERED)
        while True:
            message = self._receive()
            events.check(message, f"the server closed instead of sending message {wanted}")
            if message[0] == wanted:
                self._connection.settimeout(None)
                return message[1]

    def _serve(self):
        """Answer echo requests until the end; a call that the server ends takes pppd with it."""
        try:
            while message := self._receive():
                kind, body = message
                if kind == ECHO_REQUEST:
                    self._send(ECHO_REPLY, "4sBBH", body[:4], 1, 0, 0)
                elif kind == CALL_DISCONNECT:
                    break
        except (OSError, events.Failure):
            pass
        self.disconnected.set()
        self._channel.close()
        self.pppd.send(signal.SIGTERM)
        events.announce()

    # Its end -------------------------------------------------------------------------------

    def stop(self):
        """Hang up: PPP first, then the call, then the connection."""
        self.pppd.stop(signal.SIGTERM)
        try:
            self._send(CALL_CLEAR, "HH", self.call_id, 0)
            self.disconnected.wait(ANSWERED)
            self._send(STOP_REQUEST, "BBH", 1, 0, 0)
        except OSError:
            pass  # The server was quicker.
        self._close()

    def kill(self):
        self.pppd.kill()
        self._close()

    def _close(self):
        self._channel.close()
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._connection.close()
