# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS by somebody else's library (Python's, which is OpenSSL): peers of the wrong version, and a
small good LRP."""

import base64
import hashlib
import socket
import ssl
import threading

from .events import Failure
from .hostile import ANSWERED


def _context(side, newest):
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = newest
    return context


def dial(host, address, port, newest=ssl.TLSVersion.TLSv1_3, protocols=("rrp/1",)):
    """A handshake, without a certificate of ours; returns the reason for which it failed, or None
    when it did not."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, newest)
    context.set_alpn_protocols(list(protocols))
    try:
        connection = host.dial(address, port, ANSWERED)
    except OSError as problem:
        raise Failure(f"{host.name}: no TCP connection to {address} port {port}: "
                      f"{problem}") from None
    try:
        with context.wrap_socket(connection) as secured:
            # In TLS 1.3 the server judges the client's certificate after the client is done.
            secured.recv(1)
            return None
    except ssl.SSLError as problem:
        return problem.reason or str(problem)
    except OSError as problem:
        return str(problem)


class Node:
    """A key pair with its certificate, on a host, by certtool. id: its node ID."""

    def __init__(self, host, folder="/run/lab"):
        key, certificate, template = (f"{folder}/node.{end}" for end in ("key", "pem", "cfg"))
        host.write(template, 'cn = "node"\nexpiration_days = -1\n')
        host.run(["certtool", "--generate-privkey", "--key-type", "ed25519", "--outfile", key])
        host.run(["certtool", "--generate-self-signed", "--load-privkey", key, "--template",
                  template, "--outfile", certificate])
        host.run(["certtool", "--load-privkey", key, "--pubkey-info", "--outder", "--outfile",
                  f"{folder}/node.pub"])
        public = host.call(_content, f"{folder}/node.pub")
        self.id = base64.b32encode(hashlib.sha256(public).digest()).decode().rstrip("=").lower()
        self._context = _context(ssl.PROTOCOL_TLS_CLIENT, ssl.TLSVersion.TLSv1_3)
        self._context.set_alpn_protocols(["rrp/1"])
        host.call(self._context.load_cert_chain, certificate, key)

    def secure(self, peer):
        """Put TLS below a hostile.Peer that has just connected."""
        # As every LRP does: else its small messages wait for each other's acknowledgements.
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            peer.socket = self._context.wrap_socket(peer.socket)
        except OSError as problem:
            raise Failure(f"no TLS: {problem}") from None


def _content(path):
    with open(path, "rb") as file:
        return file.read()


class Server:
    """Answers TLS handshakes on a port of a host until it is stopped; never gets far."""

    def __init__(self, host, port, key, certificate, newest=ssl.TLSVersion.TLSv1_3):
        self._context = _context(ssl.PROTOCOL_TLS_SERVER, newest)
        host.call(self._context.load_cert_chain, certificate, key)
        self._listener = host.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("", port))
        self._listener.listen(8)
        threading.Thread(target=self._run, name="other TLS", daemon=True).start()

    def _run(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            try:
                connection.settimeout(ANSWERED)
                self._context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    def stop(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
