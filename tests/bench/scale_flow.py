# SPDX-License-Identifier: GPL-2.0-or-later
"""What a packet costs: with many calls against one, through each program, and in time."""

import json
import os
import statistics

import scale_profile
import scale_world
import table
from scale_rows import WAYS

# Calls of one client address, packets per second of all together, bytes.
MANY, MANY_RATE, MANY_SIZE = 200, 4000, 400
ROUNDS = 3

FULL = 1400
COST_RATE = 5000

PING_SIZE, PING_RATE = 84, 500

# The system calls on pppd's terminal: GRE and the tunnel are never read or written by these.
TERMINAL = ("read", "write")

# So many places are named of where time goes.
WHERE_MAX = 7


def many(bench):
    """One call against 200 of the same client address: processor per packet."""
    places = []
    lines = [["many", "1 call, us", "200 calls, us", "x", "least", "most", "arrived", "arrived"]]
    for name, kind in (("ours direct", "ours"), ("distro's pptpd", "distro")):
        with bench.world(2 * MANY, kind=kind) as few, bench.world(2 * MANY, kind=kind) as full:
            sides = [_Side(bench, few, 1), _Side(bench, full, MANY)]
            for _ in range(ROUNDS):
                for side in sides:
                    side.measure(bench.options.seconds)
            if kind == "ours" and scale_profile.available():
                places += _many_places(bench, sides)
        ratios = [two / one for one, two in zip(*(side.costs for side in sides))]
        lines.append([name, *(f"{statistics.median(side.costs):.2f}" for side in sides),
                      *(f"{pick(ratios):.2f}" for pick in (statistics.median, min, max)),
                      *(f"{side.arrived / side.sent:.4f}" for side in sides)])
    table.print_aligned(lines)
    print(f"\nProcessor time of all pptpctrl for each packet of {MANY_SIZE} bytes, to pppd and "
          f"back, that arrived; {MANY_RATE} a second\nin all, in turns over the calls of one "
          f"client address. x: median of {ROUNDS} rounds in turns. arrived: part of the\npackets, "
          "with 1 and 200.\n")
    if not places:
        return
    table.print_aligned([["us a packet", "all", "terminals", "rest", "where"]] + places)
    print(f"\nOurs in {ROUNDS} more rounds, by perf's samples. terminals: read and write, which one "
          "call makes for several packets at once\nand each of many for its own.\n")


def _many_places(bench, sides):
    """The cost with one call and with many, in turns, by where it arises."""
    found = [[side.profile(bench) for side in sides] for _ in range(ROUNDS)]
    lines = []
    for one, name in enumerate(("1 call", f"{MANY} calls")):
        places = {place: statistics.median(turn[one].get(place, 0) for turn in found)
                  for turn in found for place in turn[one]}
        lines.append([name, *_split(places, TERMINAL)])
    ratios = [[sum(turn[1].values()) / sum(turn[0].values()),
               *(_part(turn[1], which) / _part(turn[0], which) for which in (True, False))]
              for turn in found]
    lines.append(["x", *(f"{statistics.median(column):.2f}" for column in zip(*ratios)), ""])
    return lines


def _part(places, terminal):
    return sum(us for place, us in places.items() if (place in TERMINAL) == terminal)



def _split(places, channel):
    """Cells: all, channel, rest, and the largest of the rest."""
    apart = sum(places.get(call, 0) for call in channel)
    rest = sorted(((us, place) for place, us in places.items() if place not in channel),
                  reverse=True)
    whole = sum(places.values())
    return [f"{whole:.2f}", f"{apart:.2f}", f"{whole - apart:.2f}",
            ", ".join(f"{place} {us:.2f}" for us, place in rest[:WHERE_MAX])]


class _Side:
    """A server with so many calls, and what it took in each round."""

    def __init__(self, bench, world, calls):
        self.costs, self.sent, self.arrived = [], 0, 0
        self._calls = calls
        self._load = world.load(calls, within=calls / 50, sources=scale_world.CLIENT_WAN)
        bench.settle(world, self._load)
        self._pids = world.processes()["pptpctrl"]
        self._load.data("echo", MANY_SIZE, MANY_RATE, 1, calls)  # what happens only once

    def measure(self, seconds):
        before = scale_world.Cpu(self._pids)
        said = self._load.data("echo", MANY_SIZE, MANY_RATE, seconds, self._calls)
        took, _ = scale_world.Cpu(self._pids).since(before)
        self.costs.append(took / max(1, 2 * said["received"]))
        self.sent += said["sent"]
        self.arrived += said["received"]

    def profile(self, bench):
        """{place: microseconds a packet}"""
        seconds = bench.options.seconds
        profile = scale_profile.Profile(self._pids[0], os.path.join(bench.directory, "perf"),
                                        seconds)
        before = scale_world.Cpu(self._pids)
        said = self._load.data("echo", MANY_SIZE, MANY_RATE, seconds, self._calls)
        took, _ = scale_world.Cpu(self._pids).since(before)
        packets = max(1, 2 * said["received"])
        return {place: took / packets * share for place, share in profile.shares().items()}


def cost(bench):
    """Full frames through one call: processor per frame of each program."""
    places = []
    lines = [["cost", "way", "frames/s", "Mbit/s", "lost", "pptpctrl us", "in kernel", "lrp us",
              "in kernel"]]
    for name, security in WAYS:
        with bench.world(4, security) as world:
            load = world.load(1, sources=scale_world.CLIENT if security else
                              scale_world.CLIENT_WAN)
            bench.settle(world, load)
            for rate in (0, COST_RATE):
                for way in ("up", "down"):
                    lines.append(_cost_row(bench, world, load, name, way, rate))
            if scale_profile.available():
                for way in ("up", "down"):
                    places += _profile(bench, world, load, name, way)
    table.print_aligned(lines)
    print(f"\nIP packets of {FULL} bytes. With * as fast as a window of 256 allows, else "
          f"{COST_RATE} a second. us: processor time for each\npacket that arrived, and how much "
          "of it in the kernel (by clock ticks).\n")
    if not places:
        return
    table.print_aligned([["us a frame", "way", "program", "all", "channel", "rest", "no HDLC",
                          "where"]] + places)
    print("\nA run of its own as fast as a window of 256 allows, by perf's samples. channel: the "
          "system calls, entry and exit included,\non pppd's terminal, in lrp those that send GRE, "
          "for direct calls both. rest: all other. no HDLC: the rest without\nbyte stuffing and "
          "FCS, which belong to the terminal. where: the rest by system call, or by library "
          "outside of any.\n")


def _cost_row(bench, world, load, name, way, rate):
    roles = world.processes()
    load.data(way, FULL, rate, 0.5)
    before = {role: scale_world.Cpu(pids) for role, pids in roles.items()}
    said = load.data(way, FULL, rate, bench.options.seconds)
    after = {role: scale_world.Cpu(pids) for role, pids in roles.items()}
    frames = said["arrived"] if way == "up" else said["received"]
    lost = said["sent"] - said["arrived"] if way == "up" else said["missing"]
    cells = []
    for role in ("pptpctrl", "lrp worker"):
        if role in roles:
            cells += [f"{one / max(1, frames):.2f}" for one in after[role].since(before[role])]
        else:
            cells += ["-", "-"]
    rate_seen = frames / said["seconds"]
    return [name, way + ("" if rate else " *"), f"{rate_seen:.0f}",
            f"{rate_seen * FULL * 8 / 1e6:.0f}", str(lost), *cells]


# The system calls that are the channel's: what the kernel does with a frame on its way to and from
# pppd, or as GRE on the LAN. What it does for the capture is not done in the process at all. A
# direct client's GRE is the other channel of its pptpctrl.
GRE = ("writev", "sendmsg", "sendmmsg", "recvmsg", "recvmmsg")
CHANNEL = {("pptpctrl", True): TERMINAL + GRE, ("pptpctrl", False): TERMINAL,
           ("lrp worker", False): ("sendmsg", "sendmmsg")}


def _profile(bench, world, load, name, way):
    seconds = bench.options.seconds
    direct = not world.lrp
    roles = {role: pids[0] for role, pids in world.processes().items()
             if (role, direct) in CHANNEL}
    load.data(way, FULL, 0, 0.5)
    profiles = {role: scale_profile.Profile(pid, os.path.join(bench.directory, f"perf{pid}"),
                                            seconds) for role, pid in roles.items()}
    before = {role: scale_world.Cpu([pid]) for role, pid in roles.items()}
    said = load.data(way, FULL, 0, seconds)
    frames = max(1, said["arrived" if way == "up" else "received"])
    lines = []
    for role, pid in roles.items():
        took = scale_world.Cpu([pid]).since(before[role])[0] / frames
        places = {place: took * share for place, share in profiles[role].shares().items()}
        cells = _split(places, CHANNEL[role, direct])
        rest = float(cells[2]) - places.get("HDLC", 0)
        lines.append([name, way, role, *cells[:3], f"{rest:.2f}", cells[3]])
    return lines


def latency(bench):
    """The round trip of a small packet, when nothing else happens."""
    trips = {}
    for name, security in WAYS:
        with bench.world(4, security) as world:
            load = world.load(1, sources=scale_world.CLIENT if security else
                              scale_world.CLIENT_WAN)
            bench.settle(world, load)
            if not security:
                trips["UDP, bare"] = _udp(bench, world)
            trips[name] = load.data("ping", PING_SIZE, PING_RATE, bench.options.seconds)["us"]
    bare, direct = trips["UDP, bare"], trips["direct"]
    lines = [["latency, us", "median", "p99", "over bare", "p99", "LRP alone", "p99"]]
    for name, one in trips.items():
        line = [name, str(one["median"]), str(one["p99"])]
        line += [str(one[what] - bare[what]) for what in ("median", "p99")]
        line += [str(one[what] - direct[what]) if "LRP" in name else "-"
                 for what in ("median", "p99")]
        lines.append(line)
    table.print_aligned(lines)
    print(f"\nRound trips of {PING_SIZE} bytes of IP, {PING_RATE} a second, one at a time. Over "
          "bare: what both sides and pppd-stub with\nits terminal add to a round trip between two "
          "processes on the same hosts. LRP alone: over direct.\n")


def _udp(bench, world):
    tool = world.load_tool
    answers = world.server.start([tool, "--udp-echo", scale_world.SERVER])
    said = world.client.run([tool, "--udp-ping", scale_world.SERVER, str(PING_SIZE - 28),
                             str(PING_RATE), str(bench.options.seconds)])
    answers.stop()
    return json.loads(said)["us"]
