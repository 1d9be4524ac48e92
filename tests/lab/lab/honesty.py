# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a host sends as itself only: what was seen of it on an Ethernet, frame by frame."""

from .events import check, check_equal

IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
ICMPV6 = 58
ROUTER_ADVERTISEMENT = 134


def hardware_address(host, interface):
    return host.read(f"/sys/class/net/{interface}/address").strip()


def neighbours(lab, interface):
    """Hardware addresses of those who may be heard on that interface of the router: its own and
    its neighbours'."""
    found = {hardware_address(lab.router, interface)}
    for name, one in lab.hosts.items():
        if interface == "wan0" and name == "server":
            found.add(hardware_address(one, "wan0"))
        elif interface == "lan0" and name not in ("server", "service", "router"):
            found |= {hardware_address(one, "lan0"), hardware_address(lab.router, f"p-{name}")}
    return found


def check_honest(frames, hardware, addresses, known):
    """No frame of the host with that hardware address claims to be somebody else's, by IPv4 or
    ARP, none advertises a router; and nobody is heard but the known. Returns how many frames were
    its."""
    strangers = {frame.source for frame in frames} - known
    check_equal(strangers, set(), "hardware addresses of nobody")
    count = 0
    for frame in frames:
        if frame.source != hardware:
            continue
        count += 1
        what = frame.payload[:60].hex()
        if frame.type == IPV4:
            source = ".".join(map(str, frame.payload[12:16]))
            check(source in addresses, f"IPv4 from {source}: {what}")
        elif frame.type == ARP:
            sender = ".".join(map(str, frame.payload[14:18]))
            check(sender in addresses and frame.payload[8:14].hex(":") == hardware,
                  f"ARP of {sender}: {what}")
        elif frame.type == IPV6:
            check(frame.payload[:1] != b"" and not _advertises(frame.payload),
                  f"a router advertisement: {what}")
        else:
            check(False, f"a frame of type {frame.type:#06x}: {what}")
    return count


def _advertises(packet):
    """Whether an IPv6 packet is a router advertisement, also behind a hop-by-hop header."""
    following, at = packet[6], 40
    if following == 0 and len(packet) > at + 2:
        following, at = packet[at], at + 8 * (packet[at + 1] + 1)
    return following == ICMPV6 and packet[at:at + 1] == bytes([ROUTER_ADVERTISEMENT])


class Watch:
    """Captures on both sides of the router, until it is asked what was seen."""

    def __init__(self, lab):
        self._lab = lab
        self._seen = {interface: lab.capture(lab.router, interface)
                      for interface in ("lan0", "wan0")}

    def check(self, interface, host, device, addresses):
        """See check_honest(); device: the host's interface there."""
        seen = self._seen[interface].stop()
        count = check_honest(seen.frames(), hardware_address(host, device), addresses,
                             neighbours(self._lab, interface))
        check(count > 0, f"nothing was heard of {host.name}: nothing is shown")
