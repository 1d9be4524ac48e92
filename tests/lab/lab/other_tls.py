# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS by somebody else's library (Python's, which is OpenSSL): peers of the wrong version."""

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
    connection = host.connect(address, port, ANSWERED)
    if not connection:
        raise Failure(f"{host.name}: no TCP connection to {address} port {port}")
    try:
        with context.wrap_socket(connection) as secured:
            # In TLS 1.3 the server judges the client's certificate after the client is done.
            secured.recv(1)
            return None
    except ssl.SSLError as problem:
        return problem.reason or str(problem)
    except OSError as problem:
        return str(problem)


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
