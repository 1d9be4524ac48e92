# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions in which nothing happens, and peers that fall silent."""

from lab import network, wire
from lab.checks import assert_nothing_without_us, check_call
from lab.events import check, check_equal, wait_for
from lab.server import PPTPD_CONF, PPTPD_OPTIONS
from lab.story import OURS, story
from lab.tunnel import (WHY, assert_no_call_without_us, dial, end_both, start_both, wait_calls,
                        wait_tunnel)

# The server's pppd asks every second and logs that, but never hangs up by itself. So its LCP
# echoes are both a clock whose ticks are events, and GRE that flows.
LCP_ECHO = PPTPD_OPTIONS + "debug\nlcp-echo-interval 1\n"

# Seconds within which a peer that has gone is noticed, with what the stories configure: some 10.
# Without that configuration it would take more than 45.
NOTICED = 40

# All of it short: control connections at either side of the LRP, and the tunnel. Not so short that
# a busy machine, which stands still for some seconds, looks like a peer that has gone.
SHORT_LRP = ("echo-interval 1", "echo-timeout 8", "keepalive 3")
SHORT_RRP = ("rrp-keepalive 3",)
SHORT_DIRECT = "pptp-echo-interval 1\npptp-echo-timeout 8\n"
SHORT_CLIENT = ("--idle-wait", "1", "--max-echo-wait", "8")

# LCP echoes, one a second or less, that take longer than that timeout.
LONGER_THAN_TIMEOUT = 12

WHY_ECHO = "Poptop does not ask over the control connection"


def lcp_echoes(pptpd):
    return len(pptpd.log("rcvd .LCP EchoRep", "pppd"))


def wait_lcp_echoes(pptpd, count):
    before = lcp_echoes(pptpd)
    wait_for(lambda: lcp_echoes(pptpd) >= before + count, 60, f"{count} more LCP echo replies")


def askers(seen):
    """Who sent how many Echo-Requests."""
    requests = [one.source for one in wire.controls(seen.packets())
                if one.type == wire.ECHO_REQUEST]
    return {source: requests.count(source) for source in requests}


def pings(seen):
    """How many PINGs went through the tunnel."""
    return sum(frame.type == wire.PING for way in wire.tunnel_frames(seen.packets())
               for frame in way)


@story("through LRP, an idle session outlives several intervals of LCP echo, control connection "
       "and tunnel", path="nat", servers=OURS, why=WHY)
def tunnel_idle(lab):
    assert_no_call_without_us(lab)
    lan = lab.capture(lab.lrp_host, "lan0", "tcp port 1723")
    wan = lab.capture(lab.router, "wan0")
    pptpd, lrp = start_both(lab, SHORT_RRP, SHORT_LRP)
    client = dial(lab, lab.client1, pptp_options=SHORT_CLIENT,
                  options=("debug", "lcp-echo-interval", "5")).wait_up()
    # Longer than a ping's interval, or the tunnel would never be idle.
    wait_for(lambda: len(client.pppd.text().split("rcvd [LCP EchoRep")) > 3, 120,
             "three LCP echo replies through the tunnel")
    # Both ends may ask, but a question of the other is a sign of life as good as an answer: how
    # the questions are shared between them is a matter of their timers' phases.
    wait_for(lambda: sum(askers(lan).values()) >= 3, 120, "three Echo-Requests on the LAN")
    wait_for(lambda: pings(wan) >= 3, 120, "three PINGs in the tunnel")
    lan.stop()
    wan.stop()
    check_call(client)
    client.stop()
    wait_calls(lab, 0)
    end_both(pptpd, lrp)


@story("a client, an LRP or a server that falls silent is noticed at all places and cleaned up",
       path="nat", servers=OURS, why=WHY)
def tunnel_silent_peers(lab):
    assert_no_call_without_us(lab)
    pptpd, lrp = start_both(lab, SHORT_RRP, SHORT_LRP)

    client = dial(lab, lab.client1).wait_up()
    other = dial(lab, lab.client2, user="bob").wait_up()
    lab.client1.ip("link set lan0 down")
    wait_calls(lab, 1, NOTICED)
    check_call(other)
    check(lrp.log(rf"CLIENT {network.LAN['client1']}: .*no Echo-Reply"), "LRP does not say why")
    lab.client1.ip("link set lan0 up", f"route add default via {network.LAN_ROUTER}")
    client.kill()

    lab.router.ip("link set wan0 down")
    check(other.wait_end(NOTICED) != 0, "the client ended well although the server was cut off")
    wait_calls(lab, 0, NOTICED)
    lab.router.ip("link set wan0 up")
    wait_tunnel(pptpd, 2)

    client = dial(lab, lab.client1, pptp_options=SHORT_CLIENT).wait_up()
    check_call(client)
    lab.lrp_host.ip("link set lan0 down")
    wait_calls(lab, 0, NOTICED)
    client.wait_end(NOTICED)
    lab.lrp_host.ip("link set lan0 up", f"route add default via {network.LAN_ROUTER}")
    wait_tunnel(pptpd, 3)
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    client.stop()
    wait_calls(lab, 0)
    end_both(pptpd, lrp)


@story("direct: idle is no fault, nor is a mute control connection while GRE flows; a client that "
       "is mute altogether is noticed", servers=OURS, why=WHY_ECHO)
def direct_control_echo(lab):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd(conf=PPTPD_CONF + SHORT_DIRECT, options=LCP_ECHO)
    seen = lab.capture(lab.server, "wan0", "tcp port 1723")
    client = lab.pptp_client(lab.client1).wait_up()
    wait_lcp_echoes(pptpd, 5)
    wait_for(lambda: askers(seen).get(network.WAN_SERVER, 0) >= 3, 60, "the server asks")
    seen.stop()
    check_call(client)

    # The client itself would give up after two minutes.
    lab.client1.run(["iptables-legacy", "-A", "OUTPUT", "-p", "tcp", "--dport", "1723", "-j",
                     "DROP"])
    wait_lcp_echoes(pptpd, LONGER_THAN_TIMEOUT)
    check_equal(len(lab.server.ppp_interfaces()), 1, "calls with a mute control connection")

    lab.client1.ip("link set lan0 down")
    pptpd.wait_idle(NOTICED)
    lab.client1.ip("link set lan0 up", f"route add default via {network.LAN_ROUTER}")
    client.kill()
