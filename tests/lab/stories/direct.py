# SPDX-License-Identifier: GPL-2.0-or-later
"""A stock PPTP client dials the server directly, on a path that carries GRE."""

from lab import network
from lab.events import check, check_equal, wait_for
from lab.server import options_for
from lab.story import story


def dial_and_use(lab, method, mppe):
    """The whole life of one call: refused without us, up, used, hung up, cleaned up."""
    check(not lab.client1.reaches(network.SERVICE), "the service is reachable without a call")
    dead = lab.pptp_client(lab.client1, method=method, mppe=mppe)
    check(dead.wait_end() != 0, "the client found a server although none runs")

    pptpd = lab.pptpd(options=options_for(method, mppe))
    client = lab.pptp_client(lab.client1, method=method, mppe=mppe).wait_up()
    check(client.ip in network.PPP_ADDRESSES, f"{client.ip} is not from the pool")
    check_equal(client.peer_ip, network.PPP_LOCAL, "server's end of the call")
    check_equal(client.dns[:1], [network.SERVICE], "DNS server pushed")
    check_equal(bool(client.mppe and "128-bit" in client.mppe), mppe, "MPPE with 128 bits")
    check(lab.client1.ping(network.SERVICE), "the service does not answer through the call")
    lab.transfer(lab.client1)
    client.stop()
    pptpd.wait_idle()


@story("direct client, MS-CHAP-v2 and MPPE-128 required")
def direct_mschapv2_mppe(lab):
    dial_and_use(lab, "mschapv2", True)
