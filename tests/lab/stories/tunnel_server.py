# SPDX-License-Identifier: GPL-2.0-or-later
"""What the people who run the server see of tunnelled calls, and where it listens."""

from lab import network
from lab.checks import check_call
from lab.events import check, check_equal, wait_for
from lab.story import OURS, story
from lab.tunnel import WHY, assert_no_call_without_us, dial, end_both, lrp_conf, wait_tunnel
from lab.server import PPTPD_CONF

LRP_V6, ROUTER_V6 = "2001:db8:77::20", "2001:db8:77::1"
SERVER_V6, WAN_ROUTER_V6 = "2001:db8:113::2", "2001:db8:113::1"
OTHER_PORT, WRONG_PORT = 4800, 4799

LISTENS = f"""\
rrp-listen [{SERVER_V6}]:4723
rrp-listen {network.WAN_SERVER}:{OTHER_PORT}
rrp-security plain
rrp-plain-anywhere
"""

# Arguments: interface, device, speed, our address, the client's PPP address, ipparam.
IP_UP = """\
#!/bin/sh
echo "$4 $6 ${RRP_PEER-none} ${RRP_ADDRESS-none}" >/run/lab/ip-up."$5"
"""


def add_ipv6(lab):
    lab.lrp_host.ip(f"addr add {LRP_V6}/64 dev lan0 nodad",
                    f"route add default via {ROUTER_V6}")
    lab.router.ip(f"addr add {ROUTER_V6}/64 dev lan0 nodad",
                  f"addr add {WAN_ROUTER_V6}/64 dev wan0 nodad")
    lab.router.sysctl("net.ipv6.conf.all.forwarding", 1)
    lab.server.ip(f"addr add {SERVER_V6}/64 dev wan0 nodad",
                  f"route add default via {WAN_ROUTER_V6}")


def check_seen_by_scripts(lab, client, *words):
    path = f"/run/lab/ip-up.{client.ip}"
    wait_for(lambda: lab.server.read(path), 30, "ip-up ran")
    check_equal(lab.server.read(path).split(), [network.PPP_LOCAL, *words], "what ip-up was told")


@story("several rrp-listen, IPv6 on the WAN, a wrong port; log lines and ip-up's environment",
       servers=OURS, why=WHY)
def tunnel_addresses(lab):
    add_ipv6(lab)
    assert_no_call_without_us(lab)
    lab.server.write("/etc/ppp/ip-up", IP_UP, 0o755)
    pptpd = lab.pptpd(conf=PPTPD_CONF + LISTENS)
    check(not lab.lrp_host.connect(network.WAN_SERVER, 4723), "4723 is open on IPv4 too")

    lrp = lab.lrp(*lrp_conf(f"{network.WAN_SERVER}:{WRONG_PORT}"))
    waits = wait_for(lambda: lrp.log(r"cannot connect .*; next try in ([\d.]+) s")[3:], 30,
                     "four attempts at a wrong port")
    check(float(waits[0]) > 1, f"the fourth attempt is to come in {waits[0]} s")
    lrp.stop()

    lrp = lab.lrp(*lrp_conf(f"[{SERVER_V6}]:4723"))
    wait_tunnel(pptpd, address=LRP_V6)
    client = dial(lab, lab.client1).wait_up()
    direct = lab.pptp_client(lab.client2, user="bob").wait_up()
    check_call(client)
    check_call(direct)
    address = network.LAN["client1"]
    check_seen_by_scripts(lab, client, address, "branch", LRP_V6)
    check_seen_by_scripts(lab, direct, network.LAN["client2"], "none", "none")
    check(pptpd.log(rf"^RRP: LRP branch \({LRP_V6}\): client {address} call \d+ started$"),
          "no line that the call started")
    client.stop()
    wait_for(lambda: pptpd.log(rf"^RRP: LRP branch \({LRP_V6}\): client {address} call finished"),
             20, "the line that the call finished")
    check_equal(pptpd.log(f"CTRL: Client {address}"), [], "lines for direct clients only")
    lrp.stop()

    lrp = lab.lrp(*lrp_conf(f"{network.WAN_SERVER}:{OTHER_PORT}"))
    wait_tunnel(pptpd, address=network.LAN["lrp"])
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    check_seen_by_scripts(lab, client, address, "branch", network.LAN["lrp"])
    check(lab.client2.ping(network.SERVICE), "the direct call ended")
    client.stop()
    direct.stop()
    end_both(pptpd, lrp)
