# SPDX-License-Identifier: GPL-2.0-or-later
"""What many stories say in the same words about a call."""

from . import network
from .events import check, check_equal
from .server import options_for


def assert_nothing_without_us(lab, where=None, **settings):
    """Without a server the service is out of reach and dialling ends without a call."""
    where = where or lab.client1
    check(not where.reaches(network.SERVICE), "the service is reachable without a call")
    client = lab.pptp_client(where, **settings)
    check(client.wait_end() != 0 and not client.ip, "a client found a server although none runs")


def check_call(client, mppe=True):
    """What a call is good for: an address of the pool, DNS, the service behind the server."""
    check(client.ip in network.PPP_ADDRESSES, f"{client.ip} is not from the pool")
    check_equal(client.peer_ip, network.PPP_LOCAL, "server's end of the call")
    check_equal(client.dns[:1], [network.SERVICE], "DNS server pushed")
    check_equal(bool(client.mppe and "128-bit" in client.mppe), mppe, "MPPE with 128 bits")
    check(client.host.ping(network.SERVICE), "the service does not answer through the call")


def dial_use_hang_up(lab, method, mppe):
    """The whole life of one direct call: refused without us, up, used, hung up, cleaned up."""
    assert_nothing_without_us(lab, method=method, mppe=mppe)
    pptpd = lab.pptpd(options=options_for(method, mppe))
    client = lab.pptp_client(lab.client1, method=method, mppe=mppe).wait_up()
    check_call(client, mppe)
    lab.transfer(lab.client1)
    client.stop()
    pptpd.wait_idle()
    check(not lab.client1.reaches(network.SERVICE), "the service is reachable after hanging up")
    for what in ("started", "finished"):
        check(pptpd.log(rf"CTRL: Client {network.LAN['client1']} control connection {what}$"),
              f"no log line that the client's control connection {what}")
