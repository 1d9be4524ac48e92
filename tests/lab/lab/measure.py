# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast a path is: throughput by iperf3, round trips by ICMP echo, who used the processor.

Only for benchmarks, which print; a story never asserts on what this returns.
"""

import json
import os
import re
import select
import signal
import socket
import struct
import time

from . import events, host, network, server

IPERF_PORT = 5201

# Seconds that iperf3 takes to start and to exchange results, on a busy machine.
IPERF_SLACK = 60

# Seconds after which an echo counts as lost, and data bytes of one, as with ping(8).
ECHO_LOST = 2.0
ECHO_SIZE = 56

# linux/net_tstamp.h: the socket option, which is also the type of its messages, and what it is
# asked for: RX_SOFTWARE, SOFTWARE, TX_SCHED (when a packet gets to its interface's queue), and
# OPT_TSONLY (no copy of the packet comes back with it).
SO_TIMESTAMPING = 37
STAMPS_WANTED = 1 << 3 | 1 << 4 | 1 << 8 | 1 << 11
STAMP_ROOM = 512

# Who works for a call, by host and by the name of the program (pptp-linux renames itself). The
# rest are kernel threads and interrupts, iperf3, the laboratory.
ROLES = {
    ("server", "pptpd"): "server", ("server", "pptpctrl"): "server",
    ("server", "pptpctrl-tunnel"): "server",
    ("lrp", "lrp"): "lrp",
    ("client1", "pptpgw"): "client", ("client1", "pptpcm"): "client",
}


class Iperf:
    """An iperf3 server on the service host, and runs against it."""

    def __init__(self, service):
        self._process = service.start(["iperf3", "-s"], name="iperf3-server")
        events.wait_for(lambda: server.listens(service, IPERF_PORT), 20, "iperf3 listens")

    def run(self, where, seconds, words, meanwhile):
        """What iperf3 says at its end, with these words added to its command line; meanwhile() is
        called again and again until the run is over."""
        argv = ["iperf3", "-c", network.SERVICE, "-t", str(seconds), "-J", *words]
        client = where.start(argv, name="iperf3")
        end = time.monotonic() + seconds + IPERF_SLACK
        while client.running and time.monotonic() < end:
            meanwhile()
        if client.running:
            client.kill()
        result = json.loads(client.text() or "{}")
        events.check(client.status == 0 and result.get("end"),
                     f"{client.name}: status {client.status}: {result.get('error', 'no result')}")
        return result["end"]

    def stop(self):
        self._process.stop(signal.SIGINT)


def received(end):
    """Mbit/s of TCP as received, from what Iperf.run() returned."""
    return end["sum_received"]["bits_per_second"] / 1e6


def received_both(end):
    """The same of --bidir: (up, down)."""
    return received(end), end["sum_received_bidir_reverse"]["bits_per_second"] / 1e6


class Arrivals:
    """Packets that get to a host's interface from now on, whether or not a program there finds the
    time to read them."""

    def __init__(self, where, interface):
        self._path = f"/sys/class/net/{interface}/statistics/rx_packets"
        self._where = where
        self._before = int(where.read(self._path))

    def each_second(self, seconds):
        """seconds: for how long it was sent to them."""
        return (int(self._where.read(self._path)) - self._before) / seconds


class Pinger:
    """Echo requests from a host to an address, one at a time.

    Its own time is not in what it measures: the kernel notes when a request gets to the interface
    that the route names, and when the echo comes out of it. Between them is the path, all of it.
    """

    def __init__(self, where, address):
        self._raw = where.socket(kind=socket.SOCK_RAW, protocol=socket.IPPROTO_ICMP)
        self._raw.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, STAMPS_WANTED)
        self._raw.connect((address, 0))
        self._identifier = self._raw.fileno() & 0xFFFF
        self._sequence = 0

    def once(self):
        """The round trip in milliseconds, or None when no echo came."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        label = struct.pack("!HH", self._identifier, self._sequence)
        self._sent()  # What an earlier request left behind.
        self._raw.send(host.echo_request(self._identifier, self._sequence, bytes(ECHO_SIZE)))
        sent = self._sent()
        end = time.monotonic() + ECHO_LOST
        while sent and select.select([self._raw], [], [], max(0, end - time.monotonic()))[0]:
            packet, came = self._receive(0)
            if not packet:
                self._sent()
                continue
            echo = packet[(packet[0] & 15) * 4:]
            if echo[0] == 0 and echo[4:8] == label:
                return (came - sent) / 1e6
        return None

    def _sent(self):
        """When the request got to its interface, ns. An interface that packs it into another packet
        may let its stamp be taken again further on: the first counts."""
        first = None
        while (message := self._receive(socket.MSG_ERRQUEUE))[0] is not None:
            first = first or message[1]
        return first

    def _receive(self, flags):
        """(packet, its stamp in ns or None), or (None, None) when none is there."""
        try:
            packet, more, _, _ = self._raw.recvmsg(65535, STAMP_ROOM, flags | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None, None
        for level, kind, data in more:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPING):
                seconds, nanoseconds = struct.unpack_from("qq", data)
                return packet, seconds * 1000000000 + nanoseconds
        return packet, None

    def every(self, seconds, into):
        """One echo, whose result goes to the list `into`, and the rest of so many seconds."""
        began = time.monotonic()
        into.append(self.once())
        time.sleep(max(0, began + seconds - time.monotonic()))

    def close(self):
        self._raw.close()


class Shares:
    """Parts of the processor that the roles had since this was made."""

    def __init__(self, hosts):
        self._hosts = hosts
        self._began = time.monotonic()
        self._before = self._ticks()

    def _ticks(self):
        found = {}
        for one in self._hosts.values():
            for pid in one.processes():
                try:
                    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                        head, _, tail = file.read().rpartition(")")
                except OSError:
                    continue
                role = ROLES.get((one.name, head.partition("(")[2]))
                if role:
                    found[pid] = (role, sum(int(field) for field in tail.split()[11:13]))
        return found

    def read(self):
        """{role: part of one processor}."""
        seconds = time.monotonic() - self._began
        found = {}
        for pid, (role, ticks) in self._ticks().items():
            used = ticks - self._before.get(pid, (role, 0))[1]
            found[role] = found.get(role, 0) + used / os.sysconf("SC_CLK_TCK") / seconds
        return found

    def pids(self):
        """{role: its processes}."""
        found = {}
        for pid, (role, _) in self._before.items():
            found.setdefault(role, []).append(pid)
        return found


def system_calls(where, pids, during):
    """Which system calls processes of a host make while during() runs: {name: (calls, errors)}.
    strace stops the process at each of them, so nothing else measured meanwhile is worth much."""
    path = f"/run/lab/strace-{pids[0]}"
    argv = ["strace", "-f", "-c", "-o", path]
    strace = where.start(argv + [word for pid in pids for word in ("-p", str(pid))], name="strace")
    events.wait_for(lambda: strace.text().count("attached") >= len(pids), 20, "strace attached")
    during()
    strace.stop(signal.SIGINT)
    found = {}
    for line in (where.read(path) or "").splitlines():
        match = re.match(r" *[\d.]+ +[\d.]+ +\d+ +(\d+) +(\d*) *(\w+)$", line)
        if match and match[3] != "total":
            found[match[3]] = (int(match[1]), int(match[2] or 0))
    return found


def packets(where, interface):
    """Packets that an interface has sent and received."""
    return sum(int(where.read(f"/sys/class/net/{interface}/statistics/{way}_packets"))
               for way in ("rx", "tx"))
