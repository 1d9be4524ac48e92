# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls through LRP on paths that make it hard: GRE in fragments, packets lost and out of order."""

from lab import network
from lab.checks import check_call
from lab.events import check, check_equal
from lab.story import OURS, story
from lab.tunnel import (WHY, assert_no_call_without_us, dial, end_both, start_both, wait_calls)

# pppd's default of 1500, from which it takes 4 off for MPPE; and the data of the longest echo.
FULL_MTU = 1496
FULL_ECHO = FULL_MTU - 28


@story("through LRP, full-size packets with pppd's MTU left at 1500: GRE in fragments on the LAN",
       path="nat", servers=OURS, why=WHY, deadline=900)
def tunnel_full_size_fragments(lab):
    assert_no_call_without_us(lab, mtu=None)
    pptpd, lrp = start_both(lab)
    client = dial(lab, lab.client1, mtu=None).wait_up()
    check_call(client)
    check_equal(lab.client1.mtu(client.ifname), FULL_MTU, "MTU of the client's interface")
    check_equal(lab.server.mtu(lab.server.ppp_interfaces()[0]), FULL_MTU, "MTU of the server's")

    seen = lab.capture(lab.lrp_host, "lan0", "ip proto 47")
    # 4000 bytes make the inner packet itself come in parts.
    for size, fragment in ((FULL_ECHO, False), (FULL_ECHO, True), (4000, True)):
        check(lab.client1.ping(network.SERVICE, size, fragment), f"no echo of {size} bytes")
    check(not lab.client1.ping(network.SERVICE, FULL_ECHO + 1, fragment=False),
          "a longer echo passed although it must not be cut")
    parts = [packet for packet in seen.stop().packets() if packet.more or packet.offset]
    for side in ("client1", "lrp"):
        check(any(packet.source == network.LAN[side] for packet in parts),
              f"no GRE fragment from {side}")
    lab.transfer(lab.client1)
    client.stop()
    wait_calls(lab, 0)
    end_both(pptpd, lrp)


# netem lets some packets overtake those that wait 10 ms, duplicates some and loses some.
BAD = "delay 10ms reorder 75% 50% gap 4 duplicate 1% loss 1%"

# Without this, pptp-linux 1.10 falls into an endless loop when packets are both lost and
# duplicated, whatever the server is.
BAD_PPTP = ("--nobuffer",)


@story("through LRP, a LAN and a WAN that reorder, duplicate and lose 1 %, with GRE in fragments: "
       "right data, no stuck session", path="nat", servers=OURS, why=WHY, deadline=900)
def tunnel_bad_path(lab):
    assert_no_call_without_us(lab)
    pptpd, lrp = start_both(lab)
    client = dial(lab, lab.client1, mtu=None, pptp_options=BAD_PPTP).wait_up()
    check_call(client)
    lab.wan(BAD)
    lab.lan_leg("client1", BAD)
    lab.transfer(lab.client1, min(lab.megabytes, 1))
    lab.wan()
    lab.lan_leg("client1")
    check(lab.client1.ping(network.SERVICE), "the session is stuck")
    check(client.running, "the session ended")
    client.stop()
    wait_calls(lab, 0)
    end_both(pptpd, lrp)
