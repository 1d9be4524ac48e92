# SPDX-License-Identifier: GPL-2.0-or-later
"""What stories about calls through an LRP say in the same words."""

import re

from . import network, server
from .checks import assert_nothing_without_us, check_call
from .events import check, check_equal, wait_for
from .server import PPTPD_CONF

WHY = "Poptop has no tunnel listener"

# The WAN stands for the Internet, whose addresses a plain tunnel does not take unasked.
RRP = "rrp-listen :4723\nrrp-security plain\nrrp-plain-anywhere\n"
LRP_NAME = "branch"

# Seconds for a tunnel to come (again): the waits between LRP's attempts double up to 30 s.
RECONNECTED = 60


def lrp_conf(address=network.WAN_SERVER, *lines):
    return ("interface lan0", f"server {address}", "security plain", "plain-anywhere",
            f"name {LRP_NAME}", *lines)


def start_server(lab, *lines, conf=PPTPD_CONF, **settings):
    """pptpd with its RRP; lines are added to its configuration."""
    return lab.pptpd(conf="\n".join([conf + RRP, *lines, ""]), **settings)


def wait_tunnel(pptpd, count=1, address=network.WAN_ROUTER):
    """Wait until so many tunnels came up since the story began."""
    line = rf"RRP: LRP {LRP_NAME} \({re.escape(address)}\): tunnel up$"
    wait_for(lambda: len(pptpd.log(line)) >= count, RECONNECTED, f"tunnel {count} is up")


def start_both(lab, server_lines=(), lrp_lines=(), **settings):
    """The server with its RRP, the LRP, and the tunnel between them."""
    pptpd = start_server(lab, *server_lines, **settings)
    lrp = lab.lrp(*lrp_conf(network.WAN_SERVER, *lrp_lines))
    wait_tunnel(pptpd)
    return pptpd, lrp


def dial(lab, where, **settings):
    """Dial the LRP with the stock client."""
    return lab.pptp_client(where, network.LAN["lrp"], **settings)


def assert_no_call_without_us(lab, **settings):
    assert_nothing_without_us(lab, address=network.LAN["lrp"], **settings)


def use_and_hang_up(lab, pptpd, method, mppe, megabytes=None):
    """One whole call through the tunnel, which is up."""
    server.set_login(lab.server, method, mppe)
    client = dial(lab, lab.client1, method=method, mppe=mppe).wait_up()
    check_call(client, mppe)
    lab.transfer(lab.client1, megabytes)
    client.stop()
    wait_calls(lab, 0)
    check(not lab.client1.reaches(network.SERVICE), "the service is reachable after hanging up")
    check_equal(pptpd.log("CTRL: Client"), [], "log lines that are for direct clients only")


def wait_calls(lab, count, deadline=30):
    wait_for(lambda: len(lab.server.ppp_interfaces()) == count, deadline,
             f"{count} calls on the server")


def end_both(pptpd, lrp):
    """Stop the LRP and see the server clean up; the tunnel's own process too."""
    lrp.stop()
    pptpd.wait_idle()
