# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile and broken peers: little is written into the log, nothing grows, nothing crashes, and
whoever is good is answered in the middle of it."""

import re
import signal
import socket
import time

from lab import attacks, enrolment, flow, hostile, network, other_tls, server, tunnel, wire
from lab.checks import assert_nothing_without_us, check_call
from lab.events import check, check_equal, wait_for
from lab.story import OURS, story

WORSE_THAN_NOTICE = ("emerg", "alert", "crit", "err", "warning")

# By so much a process may have grown at the height of an attack, and the manager over all of them.
GROWN_KILOBYTES = 2048

# Plenty: a good client shall never be refused because hostile ones have every address.
MANY = f"""\
option {server.OPTIONS}
localip {network.PPP_LOCAL}
remoteip 10.98.0.10-59
"""


# LRP's own measure for each address, with some more.
LRP_BURST = 30

# Lines a second that the most generous limit refills: a slow machine gets more of them.
REFILLED = 1
# The same for the line that says that everything is taken.
FULL_REFILLED = 0.1

# Of the client LAN, and nobody's: each attack has an address of its own.
SOURCES = "192.168.77.{}"
FIRST_SOURCE = 100


class Siege:
    """A victim under attack. where, tag: whose log lines; pids(): all its processes, the main one
    first; attacker: the host where attacks come from; table: the attacks; burst: log lines that an
    address may cause at once, where that is more than an attack's own limit."""

    def __init__(self, where, tag, pids, attacker, table, burst=0):
        self.where = where
        self.tag = tag
        self.pids = pids
        self.attacker = attacker
        self.table = table
        self.burst = burst
        self._sources = [SOURCES.format(FIRST_SOURCE + at) for at in range(len(table))]
        attacker.ip(*(f"addr add {source}/32 dev lan0" for source in self._sources))
        self._kilobytes = {pid: hostile.resident_kilobytes(pid) for pid in pids()}
        self._usual = max(self._kilobytes.values())

    def lines(self, source):
        """Bad lines about that address."""
        return [line.text for line in self.where.journal.find(re.escape(source) + r"\b", self.tag)
                if line.severity in WORSE_THAN_NOTICE]

    def bear_all(self, target, good):
        """One attack after the other; good(source, when) is called while its connections are open,
        source being where the attack comes from."""
        for name, (does, least, most) in self.table.items():
            self._bear(name, does, least, max(most, self.burst), target, good)
        for pid in self._kilobytes:
            check(hostile.resident_kilobytes(pid), f"process {pid} did not survive")
        check_equal(self.where.journal.find("killed by signal|bug:"), [], "crashes")

    def _bear(self, name, does, least, most, target, good):
        source = self._sources.pop()
        began = time.monotonic()
        peers = does(lambda: hostile.Peer(self.attacker, *target, source=source))
        good(source, f"during {name}")
        self._check_memory(name)
        for peer in peers:
            peer.close()
        wait_for(lambda: len(self.lines(source)) >= least, hostile.ANSWERED,
                 f"{least} log lines about {name}")
        said = self.lines(source)
        most += REFILLED * (time.monotonic() - began)
        check(len(said) <= most, f"{name}: {len(said)} log lines: {said}")

    def _check_memory(self, name):
        for pid in self.pids():
            now = hostile.resident_kilobytes(pid) or 0
            most = self._kilobytes.get(pid, self._usual) + GROWN_KILOBYTES
            check(now <= most, f"{name}: process {pid} has {now} kB, not at most {most}")


@story("fifty silent connections: the distro's pptpd answers nobody else, ours does")
def hostile_fifty_silent(lab):
    assert_nothing_without_us(lab)
    # Long enough that no silent connection is dropped meanwhile; and short for who waits for that.
    pptpd = lab.pptpd(flags=("--stimeout", "600" if lab.kind == "ours" else "2"))
    crowd = []
    for _ in range(attacks.SILENT):
        one = lab.client2.socket()
        one.setblocking(False)
        one.connect_ex((network.WAN_SERVER, network.PPTP_PORT))
        crowd.append(one)
    if lab.kind == "distro":
        wait_for(lambda: pptpd.log("dropped slow initial"), 30, "the first silent one is dropped")
        good = lab.client1.socket()
        good.setblocking(False)
        good.connect_ex((network.WAN_SERVER, network.PPTP_PORT))
        seen = len(pptpd.log("dropped slow initial"))
        wait_for(lambda: len(pptpd.log("dropped slow initial")) >= seen + 2, 30, "two more dropped")
        check(not pptpd.log(f"Client {network.LAN['client1']} control connection started"),
              "the good client is served: there is nothing to show")
        good.close()
    else:
        client = lab.pptp_client(lab.client1).wait_up()
        check_call(client)
        check_equal(pptpd.log("dropped"), [], "silent connections that were dropped before")
        client.stop()
    for one in crowd:
        one.close()
    pptpd.wait_idle(200)


def pptpd_and_children(pptpd):
    return [pptpd.pid] + [pid for pid, line in pptpd.tree().items() if line.startswith("pptpd [")]


@story("hostile bytes on 1723: a good client from elsewhere and one from the same address are "
       "answered in the middle of it", servers=OURS, why="Poptop serves one after the other",
       deadline=400)
def hostile_pptp(lab):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd(conf=MANY)
    lab.stop_later(flow.EchoService(lab.service))
    client = lab.pptp_client(lab.client1).wait_up()
    passing = flow.Flow(lab.client1)
    siege = Siege(lab.server, "pptpd", lambda: pptpd_and_children(pptpd), lab.client2,
                  attacks.PPTP)

    def good(source, when):
        for host, address in ((lab.client2, source), (lab.client1, "")):
            hostile.good_call(host, network.WAN_SERVER, address).close()
        passing.goes_on(when)

    siege.bear_all((network.WAN_SERVER,), good)
    passing.finish()
    client.stop()
    pptpd.wait_idle(60)


@story("hostile bytes on the tunnel's port: good tunnels from elsewhere and from the same address "
       "are answered in the middle of it", servers=OURS, why=tunnel.WHY, deadline=400)
def hostile_rrp(lab):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd(conf=MANY + tunnel.RRP)
    lab.lrp(*tunnel.lrp_conf())
    tunnel.wait_tunnel(pptpd, 1, network.LAN["lrp"])
    lab.stop_later(flow.EchoService(lab.service))
    client = tunnel.dial(lab, lab.client1).wait_up()
    passing = flow.Flow(lab.client1)
    siege = Siege(lab.server, "pptpd", lambda: pptpd_and_children(pptpd), lab.client2,
                  attacks.RRP)

    def good(source, when):
        for host, address in ((lab.client2, source), (lab.client1, "")):
            hostile.leave_tunnel(hostile.good_tunnel_call(host, source=address))
        passing.goes_on(when)

    siege.bear_all((network.WAN_SERVER, wire.RRP_PORT), good)
    passing.finish()
    client.stop()


@story("hostile bytes on the tunnel's port with TLS: LRPs are served in the middle of it",
       servers=OURS, why=tunnel.WHY, deadline=400)
def hostile_tls(lab):
    assert_nothing_without_us(lab)
    pptpd, lrp = enrolment.start_both(lab, conf=MANY)
    node = other_tls.Node(lab.client1)
    lab.server.write(enrolment.LIST, f"{lab.server.read(enrolment.LIST)}{node.id} good\n")
    enrolment.control(lab, "lrp", "enable", "good")
    lab.stop_later(flow.EchoService(lab.service))
    client = tunnel.dial(lab, lab.client1).wait_up()
    passing = flow.Flow(lab.client1)
    siege = Siege(lab.server, "pptpd", lambda: pptpd_and_children(pptpd), lab.client2,
                  attacks.TLS)

    def good(_, when):
        hostile.leave_tunnel(hostile.good_tunnel_call(lab.client1, secure=node.secure))
        passing.goes_on(when)

    siege.bear_all((network.WAN_SERVER, wire.RRP_PORT), good)
    passing.finish()
    client.stop()
    tunnel.end_both(pptpd, lrp)


@story("hostile bytes on LRP's 1723: a good client from elsewhere and one from the same address "
       "are answered in the middle of it", servers=OURS, why=tunnel.WHY, deadline=400)
def hostile_lrp(lab):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd(conf=MANY + tunnel.RRP)
    lrp = lab.lrp(*tunnel.lrp_conf(), flags=("--log", "syslog"))
    tunnel.wait_tunnel(pptpd, 1, network.LAN["lrp"])
    lab.stop_later(flow.EchoService(lab.service))
    client = tunnel.dial(lab, lab.client1).wait_up()
    passing = flow.Flow(lab.client1)
    siege = Siege(lab.lrp_host, "lrp", lambda: [lrp.pid], lab.client2, attacks.PPTP,
                  LRP_BURST)

    def good(source, when):
        hostile.good_call(lab.client1, network.LAN["lrp"]).close()
        hostile.good_call_again(lab.client2, network.LAN["lrp"], source).close()
        passing.goes_on(when)

    siege.bear_all((network.LAN["lrp"],), good)
    passing.finish()
    client.stop()


# RFC 2637 2.8: what is answered when all addresses are taken.
BUSY = 4

FEW = 6
FEW_ADDRESSES = f"""\
option {server.OPTIONS}
localip {network.PPP_LOCAL}
remoteip 10.98.0.10-{9 + FEW}
"""


# What the server allows one tunnel: less than it has addresses.
TUNNEL_CALLS = 2


@story("2,000 calls asked for in one tunnel: as many as rrp-calls allows, the others are told that it "
       "is busy; who has a call keeps it, and a good LRP is served in the middle of it",
       servers=OURS, why=tunnel.WHY)
def hostile_tunnel_calls(lab):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd(conf=FEW_ADDRESSES + tunnel.RRP + f"rrp-calls {TUNNEL_CALLS}\n")
    lab.stop_later(flow.EchoService(lab.service))
    client = lab.pptp_client(lab.client1).wait_up()
    passing = flow.Flow(lab.client1)
    before = hostile.resident_kilobytes(pptpd.pid)
    began = time.monotonic()
    peer, answers = attacks.rrp_many_calls(
        lambda: hostile.Peer(lab.client2, network.WAN_SERVER, wire.RRP_PORT))
    opened = [call for call, (kind, _) in answers.items() if kind == wire.CALL_OPENED]
    check_equal(sorted(opened), list(range(1, TUNNEL_CALLS + 1)),
                "calls that were opened")
    # Behind the event's number: result and error.
    check_equal({payload[4] for kind, payload in answers.values() if kind == wire.CALL_REFUSED},
                {BUSY}, "results of the others")
    passing.goes_on("while a tunnel asks for 2,000 calls")
    for pid in pptpd_and_children(pptpd):
        now = hostile.resident_kilobytes(pid)
        check(now <= before + GROWN_KILOBYTES, f"process {pid} has {now} kB, the first {before}")
    check(len(pptpd.log("refused|No free")) <= 3 + FULL_REFILLED * (time.monotonic() - began),
          "a log line for each refused call")
    lab.lrp(*tunnel.lrp_conf())
    tunnel.wait_tunnel(pptpd, 1, network.LAN["lrp"])
    good = tunnel.dial(lab, lab.client2, user="bob").wait_up()
    good.stop()
    peer.close()
    tunnel.wait_calls(lab, 1)
    passing.finish()
    client.stop()


# Datagrams that the service sends into a call, 2.5 MB; the server may keep 128 KiB of them. Not
# more: MPPE counts packets with 12 bits, and after 3,500 lost in a row Linux never found its keys
# again.
FLOOD = 1800
DATAGRAM = 1360
STALLED_KILOBYTES = 1024

# Seconds of silence on a tunnel until it is probed; three times that and it is given up, which is
# not what the story is about.
PATIENT = "rrp-keepalive 60\n"


@story("an LRP that stops reading: what is sent into its calls does not pile up on the server, and "
       "the call goes on when it reads again", servers=OURS, why=tunnel.WHY)
def hostile_tunnel_not_read(lab):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd(conf=MANY + tunnel.RRP + PATIENT)
    lrp = lab.lrp(*tunnel.lrp_conf())
    tunnel.wait_tunnel(pptpd, 1, network.LAN["lrp"])
    lab.stop_later(flow.EchoService(lab.service))
    direct = lab.pptp_client(lab.client1).wait_up()
    tunnelled = tunnel.dial(lab, lab.client2, user="bob").wait_up()
    passing, stuck = flow.Flow(lab.client1), flow.Flow(lab.client2)
    before = {pid: hostile.resident_kilobytes(pid) for pid in pptpd_and_children(pptpd)}
    lab.kill(lrp.pid, signal.SIGSTOP)
    sender = lab.service.socket(kind=socket.SOCK_DGRAM)
    for _ in range(FLOOD):
        sender.sendto(bytes(DATAGRAM), (tunnelled.ip, 9))
    sender.close()
    passing.goes_on("while LRP does not read")
    for pid, kilobytes in before.items():
        now = hostile.resident_kilobytes(pid)
        check(now, f"process {pid} ended while LRP did not read")
        check(now <= kilobytes + STALLED_KILOBYTES, f"process {pid}: from {kilobytes} to {now} kB")
    lab.kill(lrp.pid, signal.SIGCONT)
    for one in (stuck, passing):
        one.goes_on("when LRP reads again")
        one.finish()
    tunnelled.stop()
    direct.stop()
