# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures: tcpdump on an interface of a host, read back in Python or by tshark.

tshark needs seconds only to start under User-Mode Linux; where counting IPv4 packets is enough,
use packets().
"""

import os
import re
import signal
import socket
import struct
import subprocess
import time
from collections import namedtuple

from . import events

GRE = 47
TCP = 6
ICMP = 1
SOCK_RAW = socket.SOCK_RAW

LINKTYPE_ETHERNET = 1
LINKTYPE_RAW = 101
LINKTYPE_SLL = 113
LINKTYPE_SLL2 = 276

# Where the IPv4 header starts, and where the two bytes of protocol type are, by link type.
LINK_LAYERS = {LINKTYPE_ETHERNET: (14, 12), LINKTYPE_SLL: (16, 14), LINKTYPE_SLL2: (20, 0),
               LINKTYPE_RAW: (0, None)}
ETHERTYPE_IPV4 = 0x0800

# The longest packet, and KiB of buffer; in immediate mode each packet takes the room of the longest.
SNAPLEN = "65535"
BUFFER = "16384"

# Seconds for tcpdump to write down what it has not read yet.
DRAIN = 20
# Seconds without a further packet after which there is none.
SETTLED = 5
_COUNTS = re.compile(r"(\d+) packets? captured, (\d+) packets? received by filter, "
                     r"(\d+) packets? dropped by kernel")

Packet = namedtuple("Packet", "source target protocol offset more payload")
# One frame of an Ethernet; addresses as text.
Frame = namedtuple("Frame", "source target type payload")


# libpcap drops these itself, but they were counted: without this, drain() would wait for ever.
# The loopback interface is the first one of each network namespace.
NOT_TWICE = "not (outbound and ifindex 1)"


class Capture:
    """interface: a name, or "any". expression: a tcpdump filter."""

    def __init__(self, host, interface, expression=""):
        if interface == "any":
            expression = f"({expression}) and {NOT_TWICE}" if expression else NOT_TWICE
        number = len(host.processes_started)
        self.path = os.path.join(host.directory, f"{number:02d}-{interface}.pcap")
        # Without immediate mode tcpdump would learn of packets a second late.
        argv = ["tcpdump", "-i", interface, "-n", "--immediate-mode", "-U", "-s", SNAPLEN,
                "-B", BUFFER, "-Z", "root", "-w", self.path]
        self._process = host.start(argv + expression.split(), name="tcpdump")
        events.wait_for(lambda: self._process.find("listening on") or not self._process.running,
                        20, f"tcpdump listens on {interface} of {host.name}")
        events.check(self._process.running, f"tcpdump on {interface} of {host.name} ended")

    @property
    def running(self):
        return self._process.running

    def drain(self):
        """Wait until everything that the kernel has counted until now is in the file: a busy
        machine lets tcpdump wait, and at the end it does not read what is still queued."""
        before = len(self._statistics())
        self._process.send(signal.SIGUSR1)
        first = events.wait_for(lambda: self._statistics()[before:], DRAIN, "tcpdump's counts")[0]

        # What came before the filter was set is counted too, but never written: a tcpdump that
        # has written nothing more for a while has caught up.
        progress = [0, time.monotonic()]

        def caught_up():
            self._process.send(signal.SIGUSR1)
            written, _, dropped = self._statistics()[-1]
            if written > progress[0]:
                progress[:] = [written, time.monotonic()]
            return written + dropped >= first[1] or time.monotonic() - progress[1] > SETTLED

        events.wait_for(caught_up, DRAIN, f"tcpdump writes {first[1]} packets")
        return self

    def _statistics(self):
        """What tcpdump said so far of packets: (written, counted by the kernel, dropped)."""
        return [tuple(map(int, found)) for found in _COUNTS.findall(self._process.text())]

    @property
    def dropped(self):
        """Packets that tcpdump was too slow for, as of the last drain() or stop()."""
        return self._statistics()[-1][2]

    def stop(self):
        """End the capture; what was seen until now is in the file."""
        if self.running:
            self.drain()
            self._process.stop(signal.SIGINT)
        return self

    def packets(self):
        """The IPv4 packets seen so far; with "any", one may come twice (in and out)."""
        return [packet for packet in (_ipv4(frame, *LINK_LAYERS[link]) for link, frame in
                                      self._read()) if packet]

    def frames(self):
        """All frames seen so far on one interface of an Ethernet."""
        found = []
        for link, frame in self._read():
            events.check(link == LINKTYPE_ETHERNET, "no capture of an Ethernet")
            found.append(Frame(frame[6:12].hex(":"), frame[:6].hex(":"),
                               int.from_bytes(frame[12:14], "big"), frame[14:]))
        return found

    def _read(self):
        if self.running:
            self.drain()
        with open(self.path, "rb") as file:
            return list(_read_pcap(file.read()))

    def fields(self, expression, *names, options=()):
        """tshark's dissection: one tuple of strings per packet that the display filter takes."""
        if self.running:
            self.drain()
        argv = ["tshark", "-n", "-r", self.path, "-Y", expression, "-T", "fields", *options]
        for name in names:
            argv += ["-e", name]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=120, check=False)
        events.check(done.returncode == 0, f"tshark: {done.stderr.strip()}")
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def _read_pcap(data):
    """(link type, bytes) of each packet."""
    if len(data) < 24:
        return
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack_from(order + "I", data, 20)[0] & 0x0FFFFFFF
    events.check(link in LINK_LAYERS, f"capture of unknown link type {link}")
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        yield link, frame


def _ipv4(frame, start, type_at):
    if len(frame) < start + 20:
        return None
    if type_at is not None and struct.unpack_from("!H", frame, type_at)[0] != ETHERTYPE_IPV4:
        return None
    head = frame[start:]
    if head[0] >> 4 != 4:
        return None
    total, flags = struct.unpack_from("!H2xH", head, 2)
    return Packet(".".join(map(str, head[12:16])), ".".join(map(str, head[16:20])), head[9],
                  (flags & 0x1FFF) * 8, bool(flags & 0x2000), head[(head[0] & 15) * 4:total])
