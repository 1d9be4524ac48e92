# SPDX-License-Identifier: GPL-2.0-or-later
"""A NAT without PPTP helper between the clients and the server."""

from lab import capture, network
from lab.events import check, wait_for
from lab.story import story

# pppd sends ten Config-Requests, one every three seconds, before it gives up.
LCP_GIVES_UP = 90


@story("behind a NAT without PPTP helper a direct client gets no call", path="nat")
def nat_direct_fails(lab):
    """The client's control connection and its GRE reach the server; the server's GRE does not
    come back. Enhanced GRE has no ports, and the call ID in a packet is the *receiver's*, so the
    two directions have nothing in common that the NAT could know without reading the control
    connection. It takes the server's packets for its own and drops them, and says so by ICMP unless
    its kernel has the module gre. The server answers each Config-Request, the client hears nothing,
    LCP never finishes; Poptop ends the call when it gets the ICMP."""
    pptpd = lab.pptpd()
    outside = lab.capture(lab.router, "wan0", "ip proto 47")
    inside = lab.capture(lab.router, "lan0", "ip proto 47")
    client = lab.pptp_client(lab.client1)
    wait_for(lambda: pptpd.log(f"CTRL: Client {network.WAN_ROUTER} control connection started"),
             30, "the control connection crosses the NAT")
    check(client.wait_end(LCP_GIVES_UP) != 0, "the call came up through a NAT without helper")
    check(not client.ip, "the client got an address through a NAT without helper")
    check(not client.pppd.find(r"rcvd \[LCP"), "the client heard LCP from the server")
    check(_sent_by(network.WAN_ROUTER, outside), "the client's GRE did not leave the NAT")
    check(_sent_by(network.WAN_SERVER, outside), "the server's GRE did not come to the NAT")
    check(not _sent_by(network.WAN_SERVER, inside), "the server's GRE came through to the LAN")
    pptpd.wait_idle(LCP_GIVES_UP)


def _sent_by(address, seen):
    return any(packet.protocol == capture.GRE and packet.source == address
               for packet in seen.stop().packets())
