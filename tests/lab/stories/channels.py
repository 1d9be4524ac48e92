# SPDX-License-Identifier: GPL-2.0-or-later
"""tmp"""
from lab import network
from lab.checks import check_call, assert_nothing_without_us
from lab.events import check, check_equal, wait_for
from lab.server import PPTPD_CONF
from lab.story import OURS, story


@story("tmp", servers=OURS, why="x")
def channel_tmp(lab):
    pptpd = lab.pptpd(conf=PPTPD_CONF + "ppp-channel pppoe\n")
    client = lab.pptp_client(lab.client1).wait_up()
    out = lab.server.run(["sh", "-c", "tcpdump -lnXXe -i rrp-0 -c 12 >/run/lab/td 2>&1 & sleep 1; exec true"])
    lab.client1.ping(network.SERVICE)
    out = lab.server.run(["sh", "-c", "cat /run/lab/td; ip -s link; nstat -az | grep -v ' 0 '; cat /proc/net/pppoe; sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.ppp0.rp_filter net.ipv4.conf.ppp0.forwarding net.ipv4.ip_forward net.ipv4.conf.all.forwarding"])
    raise AssertionError(str(getattr(out,'stdout',out)))
