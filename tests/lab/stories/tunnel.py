# SPDX-License-Identifier: GPL-2.0-or-later
"""Stock PPTP clients dial the LRP on their LAN; its tunnel crosses a NAT that knows no PPTP."""

from lab import network
from lab.checks import assert_nothing_without_us, check_call
from lab.events import check, wait_for
from lab.server import PPTPD_CONF, options_for
from lab.story import OURS, story

WHY = "Poptop has no tunnel listener"

RRP_CONF = PPTPD_CONF + "rrp-listen :4723\nrrp-security plain\n"

LRP_CONF = ("interface lan0", f"server {network.WAN_SERVER}", "security plain", "name branch")


def start_both(lab, **settings):
    """The server with its RRP and the LRP, and the tunnel between them."""
    pptpd = lab.pptpd(conf=RRP_CONF, **settings)
    lrp = lab.lrp(*LRP_CONF)
    wait_for(lambda: pptpd.log(r"RRP: LRP branch \(.*\): tunnel up"), 20, "the tunnel is up")
    return pptpd, lrp


def dial_through(lab, method, mppe):
    assert_nothing_without_us(lab, address=network.LAN["lrp"], method=method, mppe=mppe)
    pptpd, lrp = start_both(lab, options=options_for(method, mppe))
    client = lab.pptp_client(lab.client1, network.LAN["lrp"], method=method, mppe=mppe).wait_up()
    check_call(client, mppe)
    lab.transfer(lab.client1)
    client.stop()
    wait_for(lambda: not lab.server.ppp_interfaces(), 30, "the call ends on the server")
    check(not lab.client1.reaches(network.SERVICE), "the service is reachable after hanging up")
    lrp.stop()
    pptpd.wait_idle()


@story("through LRP and NAT, MS-CHAP-v2 and MPPE-128 required", path="nat", servers=OURS, why=WHY,
       deadline=900)
def tunnel_mschapv2_mppe(lab):
    dial_through(lab, "mschapv2", True)
