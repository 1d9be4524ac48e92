# SPDX-License-Identifier: GPL-2.0-or-later
"""Receives what programs send to /dev/log and keeps it as (facility, severity, tag, pid, text).
It neither filters nor interprets the text."""

import collections
import re
import socket
import threading

MARK = 1 << 30  # a PID that no process has
FACILITIES = (
    "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock "
    "local0 local1 local2 local3 local4 local5 local6 local7"
).split()
SEVERITIES = "emerg alert crit err warning notice info debug".split()

Line = collections.namedtuple("Line", "facility severity tag pid text")

# "<30>Nov 21 10:00:00 tag[123]: text"
_FORMAT = re.compile(
    r"<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d ([^\[:]*)(?:\[(\d+)\])?: ?(.*?)[\n\0]*\Z", re.S
)


def parse(data):
    text = data.decode("latin-1")
    match = _FORMAT.match(text)
    if not match:
        return Line("?", "?", "?", 0, text)
    priority = int(match.group(1))
    return Line(
        FACILITIES[priority >> 3],
        SEVERITIES[priority & 7],
        match.group(2),
        int(match.group(3) or 0),
        match.group(4),
    )


class Sink:
    def __init__(self, path="/dev/log"):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._path = path
        self._drained = threading.Event()
        self._lines = []
        self._lock = threading.Lock()
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self):
        while True:
            line = parse(self._socket.recv(65536))
            if line.pid == MARK:
                self._drained.set()
                continue
            with self._lock:
                self._lines.append(line)

    def lines(self):
        with self._lock:
            return list(self._lines)

    def drain(self):
        """Returns when everything that was sent before has been received."""
        mark = "<0>Jan  1 00:00:00 mark[%d]: " % (MARK)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(mark.encode(), self._path)
        self._drained.wait()
