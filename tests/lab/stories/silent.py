# SPDX-License-Identifier: GPL-2.0-or-later
"""A thousand connections that never say a word, on each port: whoever does is served in the middle
of it, and what they cost is bounded and given back. How fast, is for tests/bench/silent."""

from lab import enrolment, network, tunnel, wire
from lab.checks import assert_nothing_without_us, check_call
from lab.crowd import Cost, Crowd, add_sources
from lab.events import check, check_equal
from lab.server import PPTPD_CONF
from lab.story import OURS, story

WHY = "Poptop serves one after the other"
CROWD = 1000

# Longer than the story: it is about connections that hang.
PATIENT = ("--stimeout", "600")

# A thousand must not cost more: a kilobyte or two each, and a descriptor.
MOST_KILOBYTES = 2048
MOST_DESCRIPTORS = CROWD + 100

# The allocator need not return the last page.
KEPT_KILOBYTES = 512


def crowd_at(lab, sources, target, port):
    return lab.stop_later(_Stoppable(Crowd(lab.client2, sources, target, port, CROWD)))


class _Stoppable:
    """A crowd that goes home with the story, if it has not before."""

    def __init__(self, crowd):
        self.still_open = crowd.still_open
        self.stop = crowd.close


@story("1,000 silent connections on the server's 1723, and on the tunnel's port: a direct client, "
       "and an LRP with its client, are served; memory and descriptors are bounded and given back",
       servers=OURS, why=WHY, deadline=400)
def silent_server(lab):
    assert_nothing_without_us(lab)
    pptpd = enrolment.start_server(lab, flags=PATIENT)
    enrolment.enrol_well(lab, enrolment.invite(lab))
    sources = add_sources(lab.client2)
    for port in (network.PPTP_PORT, wire.RRP_PORT):
        cost = Cost({"pptpd": pptpd.pid})
        crowd = crowd_at(lab, sources, network.WAN_SERVER, port)
        check(crowd.still_open() > CROWD // 2, "most of the silent ones were turned away at once")
        direct = lab.pptp_client(lab.client1).wait_up()
        check_call(direct)
        direct.stop()
        lrp = lab.lrp()
        tunnel.wait_tunnel(pptpd, 1 + (port == wire.RRP_PORT), network.LAN["lrp"])
        tunnelled = tunnel.dial(lab, lab.client1).wait_up()
        check_call(tunnelled)
        cost.check_bounded(MOST_KILOBYTES, MOST_DESCRIPTORS, f"with a crowd on port {port}")
        tunnelled.stop()
        tunnel.end_both(pptpd, lrp)
        lab.note(f"port {port}: {crowd.still_open()} still silent; before {cost.before['pptpd']}, "
                 f"with them {cost.now()['pptpd']} (kB, descriptors)")
        crowd.stop()
        cost.wait_given_back(KEPT_KILOBYTES, f"after the crowd on port {port} left")
    check_equal(pptpd.log("killed by signal|bug:"), [], "crashes")


@story("1,000 silent connections on LRP's 1723: a client is served; memory and descriptors are "
       "bounded and given back", servers=OURS, why=WHY, deadline=400)
def silent_lrp(lab):
    assert_nothing_without_us(lab)
    pptpd, lrp = enrolment.start_both(lab)
    sources = add_sources(lab.client2)
    cost = Cost({f"{line} [{pid}]": pid for pid, (_, line) in
                 lab.lrp_host.processes().items()})
    crowd = crowd_at(lab, sources, network.LAN["lrp"], network.PPTP_PORT)
    client = tunnel.dial(lab, lab.client1).wait_up()
    check_call(client)
    cost.check_bounded(MOST_KILOBYTES, MOST_DESCRIPTORS, "with a crowd on its port")
    client.stop()
    tunnel.wait_calls(lab, 0)
    lab.note(f"{crowd.still_open()} still silent; before {cost.before}, with them {cost.now()} "
             "(kB, descriptors)")
    crowd.stop()
    cost.wait_given_back(KEPT_KILOBYTES, "after the crowd left")
    tunnel.end_both(pptpd, lrp)
