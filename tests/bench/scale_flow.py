# SPDX-License-Identifier: GPL-2.0-or-later
"""What a packet costs: with many calls against one, through each program, and in time."""

import json

import scale_world
import table
from scale_rows import WAYS

# Calls of one client address, packets per second of all together, bytes.
MANY, MANY_RATE, MANY_SIZE = 200, 4000, 400

FULL = 1400
COST_RATE = 5000

PING_SIZE, PING_RATE = 84, 500


def many(bench):
    """One call against 200 of the same client address: processor per packet."""
    lines = [["many", "1 call, us", "200 calls, us", "x", "arrived"]]
    for name, kind in (("ours direct", "ours"), ("distro's pptpd", "distro")):
        cells, arrived = [], []
        for calls in (1, MANY):
            cost, part = _many_once(bench, kind, calls)
            cells.append(cost)
            arrived.append(f"{part:.3f}")
        lines.append([name, *(f"{cost:.2f}" for cost in cells), f"{cells[1] / cells[0]:.2f}",
                      " ".join(arrived)])
    table.print_aligned(lines)
    print(f"\nProcessor time of all pptpctrl for a packet of {MANY_SIZE} bytes that goes to pppd "
          f"and back, {MANY_RATE} a second in all,\nspread evenly over the calls of one client "
          "address; counted twice, once each way.\n")


def _many_once(bench, kind, calls):
    with bench.world(2 * MANY, kind=kind) as world:
        load = world.load(calls, within=calls / 50, sources=scale_world.CLIENT_WAN)
        bench.settle(world, load)
        load.data("echo", MANY_SIZE, MANY_RATE, 1, calls)  # what happens only once
        pids = world.processes()["pptpctrl"]
        before = scale_world.Cpu(pids)
        said = load.data("echo", MANY_SIZE, MANY_RATE, bench.options.seconds, calls)
        took, _ = scale_world.Cpu(pids).since(before)
        return took / max(1, said["sent"] + said["received"]), said["received"] / said["sent"]


def cost(bench):
    """Full frames through one call: processor per frame of each program."""
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
    table.print_aligned(lines)
    print(f"\nIP packets of {FULL} bytes. With * as fast as a window of 256 allows, else "
          f"{COST_RATE} a second. us: processor time for each\npacket that arrived, and how much of "
          "it in the kernel (by clock ticks).\n")


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
