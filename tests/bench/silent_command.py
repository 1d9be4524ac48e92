# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast a good client is answered on each port without and with a crowd of silent connections
there, in turns, and what the crowd costs.

Runs in network namespaces of the running kernel, which needs no PPP: nobody calls. Asserts nothing
about speed; fails when somebody is not answered.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time

import table
from lab import (confined, crowd, enrolment, events, host, hostile, kernel, network, other_tls,
                 server, syslog, tunnel, wire)
from lab.crowd import Cost, Crowd, add_sources

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# The client's host has a cable to each of the others.
CLIENT = "192.168.77.11"
LRP = "192.168.77.20"
CLIENT_WAN, SERVER = "10.77.0.1", "10.77.0.2"
LRP_UP, SERVER_UP = "10.78.0.1", "10.78.0.2"

# The good client comes from another address each time: no limit for one address slows it.
GOOD = [f"192.168.77.{last}" for last in range(150, 250)]

# No silent connection shall be dropped for its silence while it is measured.
PATIENT = ("--stimeout", "600")

TOOLS = ("ip", "certtool")
PROGRAMS = ("pptpd", "pptpctrl", "pptpctrl-tunnel", "pptpd-ctl", "rrp-signer", "lrp")
MISSING = 77


def main():
    options = _parse()
    missing = _missing(options)
    if missing:
        print("tests/bench: cannot run here, missing: " + "; ".join(missing), file=sys.stderr)
        return MISSING
    directory = tempfile.mkdtemp(prefix="silent-")
    kernel.become_subreaper()
    world = None
    try:
        world = World(directory, os.path.abspath(options.stage))
        show(measure(world, options), options)
    except events.Failure as problem:
        print(f"tests/bench: {problem}", file=sys.stderr)
        print(world.logs() if world else "", file=sys.stderr)
        return 1
    finally:
        if world:
            world.close()
        shutil.rmtree(directory)
    return 0


def _parse():
    parser = argparse.ArgumentParser(prog="tests/bench/silent", description="Measures answers to "
                                     "good clients beside silent connections, and prints them.")
    parser.add_argument("--stage", default=os.path.join(TOP, "stage"), metavar="DIR",
                        help="where `make install DESTDIR=DIR` put ours (default: stage)")
    parser.add_argument("--count", type=int, default=1000, metavar="N",
                        help="silent connections (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N",
                        help="without and with them in turns (default: %(default)s)")
    parser.add_argument("--asked", type=int, default=60, metavar="N",
                        help="questions in each turn (default: %(default)s)")
    parser.add_argument("--setup", action="store_true", help="first install what is needed, "
                        "build and stage ours")
    return parser.parse_args()


def _missing(options):
    found = [] if os.geteuid() == 0 else ["root"]
    found += [tool for tool in TOOLS if not shutil.which(tool, path=os.environ["PATH"])]
    return found + [path for path in (f"{options.stage}/usr/sbin/{name}" for name in PROGRAMS)
                    if not os.access(path, os.X_OK)]


class World:
    """Three hosts on the running kernel, a server with its RRP, and an LRP that has its tunnel."""

    def __init__(self, directory, stage):
        self._collector = syslog.Collector()
        self._started = []
        self.hosts = {name: host.Host(name, directory, self._collector,
                                      stage if name != "client" else None)
                      for name in ("client", "lrp", "server")}
        self.client, self.server = self.hosts["client"], self.hosts["server"]
        self.lrp_host = self.hosts["lrp"]
        self._cable()
        self.pptpd = self._later(server.Pptpd(
            self.server, "ours", {}, conf=server.PPTPD_CONF + enrolment.RRP, flags=PATIENT))
        enrolment.enrol_well(self, enrolment.invite(self, address=SERVER_UP), "--interface", "lan0")
        self.lrp = self._later(server.Lrp(self.lrp_host, ()))
        tunnel.wait_tunnel(self.pptpd, address=LRP_UP)
        self.node = self._make_known()

    def _make_known(self):
        """One more LRP on the server's list, which this program plays itself."""
        node = other_tls.Node(self.client)
        listed = self.server.read(enrolment.LIST)
        self.server.write(enrolment.LIST, f"{listed}{node.id} good\n")
        enrolment.control(self, "lrp", "enable", "good")
        return node

    def paying(self):
        """Processes of the LRP that has the silent connections: {name: pid}."""
        unprivileged = [pid for pid in self.lrp_host.processes()
                        if "0" not in confined.status(pid).uids]
        return {"lrp's worker": max(unprivileged, key=crowd.descriptors)}

    def _cable(self):
        client, lrp, serves = (self.hosts[name] for name in ("client", "lrp", "server"))
        client.ip(f"link add name lan0 type veth peer name lan0 netns {lrp.task}",
                  f"link add name wan0 type veth peer name wan0 netns {serves.task}",
                  f"addr add {CLIENT}/24 dev lan0", f"addr add {CLIENT_WAN}/24 dev wan0",
                  "link set lo up", "link set lan0 up", "link set wan0 up",
                  *(f"addr add {one}/32 dev lan0" for one in GOOD))
        lrp.ip(f"link add name wan0 type veth peer name up0 netns {serves.task}",
               f"addr add {LRP}/24 dev lan0", f"addr add {LRP_UP}/24 dev wan0",
               "link set lo up", "link set lan0 up", "link set wan0 up")
        serves.ip(f"addr add {SERVER}/24 dev wan0", f"addr add {SERVER_UP}/24 dev up0",
                  "link set lo up", "link set wan0 up", "link set up0 up",
                  f"route add {network.LAN_NET} via {CLIENT_WAN}")

    def _later(self, what):
        self._started.append(what)
        return what

    def logs(self):
        lines = [f"{line.tag}: {line.text}" for one in self.hosts.values()
                 for line in one.journal.lines[-40:]]
        return "\n".join(lines + self.lrp.process.text().splitlines()[-40:])

    def close(self):
        for what in reversed(self._started):
            if what.running:
                what.stop()
        for one in self.hosts.values():
            one.close()
        self._collector.close()


class Door:
    """A port and who is behind it. ask(source): a good client's first question, answered;
    processes: who pays for a crowd there."""

    def __init__(self, name, address, port, ask, processes):
        self.name = name
        self.address = address
        self.port = port
        self.ask = ask
        self.processes = processes
        self.seconds = {False: [], True: []}
        self.costs = []
        self.kept = []


def doors(world):
    def start(address):
        def ask(source):
            peer = hostile.Peer(world.client, address, source=source)
            peer.send(hostile.start_request())
            peer.await_control(hostile.START_REPLY)
            return peer
        return ask

    def tunnel_start(source):
        peer = hostile.Peer(world.client, SERVER, wire.RRP_PORT, source)
        world.node.secure(peer)
        peer.send(hostile.hello(b"good"))
        peer.await_frame(hostile.WELCOME)
        return peer

    return [Door("pptpd 1723", SERVER, network.PPTP_PORT, start(SERVER),
                 {"pptpd": world.pptpd.pid}),
            Door("pptpd RRP", SERVER, wire.RRP_PORT, tunnel_start,
                 {"pptpd": world.pptpd.pid}),
            Door("LRP 1723", LRP, network.PPTP_PORT, start(LRP), world.paying())]


def measure(world, options):
    sources = add_sources(world.client)
    found = doors(world)
    for turn in range(options.rounds):
        for door in found:
            ask_many(door, False, options)
            with_crowd(world, door, sources, options)
            print(f"bench: round {turn + 1}, {door.name}", file=sys.stderr)
    return found


def with_crowd(world, door, sources, options):
    cost = Cost(door.processes)
    silent = Crowd(world.client, sources, door.address, door.port, options.count)
    ask_many(door, True, options)
    door.kept.append(silent.still_open())
    during = cost.now()
    silent.close()
    events.wait_for(lambda: all(now[1] <= had[1] for now, had in
                                zip(cost.now().values(), cost.before.values())),
                    60, f"{door.name}: the crowd's descriptors are closed")
    door.costs.append((cost.before, during, cost.now()))


def ask_many(door, crowded, options):
    taken = []
    for at in range(options.asked):
        began = time.perf_counter()
        peer = door.ask(GOOD[at % len(GOOD)])
        taken.append(time.perf_counter() - began)
        peer.close()
    door.seconds[crowded].append(taken)


def show(found, options):
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"Machine: {os.uname().release}, {os.cpu_count()} processors, load {load} at the end. "
          f"{options.rounds} rounds\nwithout and with {options.count} silent connections, "
          f"{options.asked} good clients each,\n"
          "from connect() to the answer to their first message (RRP: with TLS 1.3 and HELLO).\n")
    lines = [["answer, ms", "alone", "slowest", "crowded", "slowest", "x", "still hanging"]]
    for door in found:
        line = [door.name]
        for crowded in (False, True):
            every = [one for taken in door.seconds[crowded] for one in taken]
            line += [f"{1000 * value:.2f}" for value in (statistics.median(every), max(every))]
        ratios = [statistics.median(full) / statistics.median(empty) for empty, full in
                  zip(door.seconds[False], door.seconds[True])]
        lines.append(line + [f"{statistics.median(ratios):.2f}", str(min(door.kept))])
    table.print_aligned(lines)
    print("\nMedian and slowest of all. x: crowded by alone, median of the rounds. still hanging: "
          "silent ones not\nclosed by the other end at the end of a turn, at least.\n")
    lines = [["resident kB (descriptors)", "before", "during", "after", "last after"]]
    for door in found:
        for name in door.processes:
            lines.append([f"{name}, crowd on {door.name}"] +
                         ["{} ({})".format(*one[name]) for one in
                          (*door.costs[0], door.costs[-1][2])])
    table.print_aligned(lines)
    print("\nOf the first round, and after the last one.")
