# SPDX-License-Identifier: GPL-2.0-or-later
"""Each host's /dev/log, collected into memory and into one file per host."""

import re
import selectors
import threading
import time
from collections import namedtuple

from . import events

FACILITIES = ("kern user mail daemon auth syslog lpr news uucp cron authpriv ftp "
              "12 13 14 15 local0 local1 local2 local3 local4 local5 local6 local7").split()
SEVERITIES = "emerg alert crit err warning notice info debug".split()

# The longest message that is taken whole; glibc's syslog() has no limit of its own.
MESSAGE_MAX = 16384

_HEAD = re.compile(r"<(\d+)>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?(.*)", re.S)
_TAG = re.compile(r"([^\s:\[]+)(?:\[(\d+)\])?: ?(.*)", re.S)

Line = namedtuple("Line", "when facility severity tag pid text")


def parse(raw, when):
    """One datagram of syslog(3) as a Line; what cannot be understood is kept as text."""
    text = raw.decode(errors="replace").rstrip("\n\0")
    head = _HEAD.match(text)
    if not head:
        return Line(when, "?", "?", "?", 0, text)
    priority = int(head[1])
    facility = FACILITIES[(priority >> 3) % len(FACILITIES)]
    severity = SEVERITIES[priority & 7]
    tag = _TAG.match(head[2])
    if not tag:
        return Line(when, facility, severity, "?", 0, head[2])
    return Line(when, facility, severity, tag[1], int(tag[2] or 0), tag[3])


class Collector:
    """One thread that reads the sockets of all hosts."""

    def __init__(self):
        self.started = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._running = True
        self._thread = threading.Thread(target=self._run, name="syslog", daemon=True)
        self._thread.start()

    def add(self, listener, journal):
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, journal)

    def _run(self):
        while self._running:
            for key, _ in self._selector.select(0.2):
                self._drain(key.fileobj, key.data)

    def _drain(self, listener, journal):
        while True:
            try:
                raw = listener.recv(MESSAGE_MAX)
            except BlockingIOError:
                break
            journal.append(parse(raw, time.monotonic() - self.started))
        events.announce()

    def close(self):
        self._running = False
        self._thread.join()
        self._selector.close()


class Journal:
    """The log lines of one host."""

    def __init__(self, path):
        self.lines = []
        self._file = open(path, "w", encoding="utf-8", buffering=1)

    def append(self, line):
        self.lines.append(line)
        self._file.write(f"{line.when:8.2f} {line.facility}.{line.severity} "
                         f"{line.tag}[{line.pid}]: {line.text}\n")

    def find(self, pattern, tag=None):
        """All lines whose text matches the regular expression (and whose tag is `tag`)."""
        wanted = re.compile(pattern)
        return [line for line in self.lines
                if wanted.search(line.text) and (tag is None or line.tag == tag)]

    def close(self):
        self._file.close()
