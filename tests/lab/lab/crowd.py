# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that never say a word, from many addresses, and what they cost whoever accepted
them: memory and descriptors of its processes."""

import os
import resource
import socket

from . import hostile
from .events import check, wait_for

# Many addresses, because nobody needs a thousand connections of one to be rid of all but a few.
SOURCES = 40
SOURCE = "192.168.77.{}"
FIRST_SOURCE = 100

# Seconds to connect; generous, because the whole crowd comes at once.
CONNECTED = 30
# Seconds until what a crowd cost is given back.
GIVEN_BACK = 60


def add_sources(host, interface="lan0"):
    """Give a host of the LAN the addresses from which crowds come; returns them."""
    sources = [SOURCE.format(FIRST_SOURCE + at) for at in range(SOURCES)]
    host.ip(*(f"addr add {source}/32 dev {interface}" for source in sources))
    return sources


class Crowd:
    """`count` silent TCP connections from a host, of each of its sources in turn."""

    def __init__(self, host, sources, target, port, count):
        # This process has its hosts' sockets and logs besides.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._connections = []
        for at in range(count):
            one = host.socket()
            self._connections.append(one)
            one.settimeout(CONNECTED)
            one.bind((sources[at % len(sources)], 0))
            one.connect((target, port))

    def still_open(self):
        """Those that the other end has not closed."""
        count = 0
        for one in self._connections:
            one.setblocking(False)
            try:
                one.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                count += 1
            except OSError:
                pass  # Reset.
        return count

    def close(self):
        for one in self._connections:
            one.close()


def descriptors(pid):
    """Open descriptors of a process, or 0 when it has ended."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except FileNotFoundError:
        return 0


class Cost:
    """What some processes, {name: pid}, have more than when this was made."""

    def __init__(self, processes):
        self.processes = processes
        self.before = self.now()

    def now(self):
        """{name: (kilobytes resident, descriptors)}."""
        return {name: (hostile.resident_kilobytes(pid) or 0, descriptors(pid))
                for name, pid in self.processes.items()}

    def check_bounded(self, kilobytes, more_descriptors, when):
        for name, now in self.now().items():
            for what, had, has, most in zip(("kB", "descriptors"), self.before[name], now,
                                            (kilobytes, more_descriptors)):
                check(has, f"{name} did not survive {when}")
                check(has <= had + most, f"{name} {when}: from {had} to {has} {what}")

    def wait_given_back(self, kilobytes, when):
        """All descriptors are closed, and no more than so much memory is kept."""
        def is_back():
            return all(0 < now[0] <= self.before[name][0] + kilobytes and
                       now[1] <= self.before[name][1] for name, now in self.now().items())

        wait_for(is_back, GIVEN_BACK, f"what was had before ({self.before}) is had again {when} "
                 f"({self.now()})")
