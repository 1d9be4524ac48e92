# SPDX-License-Identifier: GPL-2.0-or-later
"""Stock PPTP clients dial the LRP on their LAN; its tunnel crosses a NAT that knows no PPTP.
The most common login is in main_job.py."""

from lab import network, peers, wire
from lab.checks import check_call
from lab.events import check, check_equal
from lab.story import OURS, story
from lab.tunnel import (WHY, assert_no_call_without_us, dial, end_both, start_both,
                        use_and_hang_up, wait_calls)


@story("through LRP and NAT: PAP, CHAP-MD5, and MS-CHAP-v2, all without MPPE", path="nat",
       servers=OURS, why=WHY)
def tunnel_plain_logins(lab):
    assert_no_call_without_us(lab, mppe=False)
    pptpd, lrp = start_both(lab)
    for method in ("pap", "chap-md5", "mschapv2"):
        use_and_hang_up(lab, pptpd, method, False, 1)
    end_both(pptpd, lrp)


@story("two clients behind one LRP with the same call ID work at the same time", path="nat",
       servers=OURS, why=WHY, deadline=900)
def tunnel_same_call_id(lab):
    assert_no_call_without_us(lab)
    pptpd, lrp = start_both(lab)
    seen = lab.capture(lab.lrp_host, "lan0", "tcp port 1723")
    chosen = [peers.choose_call_id(host, "ID") for host in (lab.client1, lab.client2)]
    clients = [dial(lab, lab.client1, user="alice"), dial(lab, lab.client2, user="bob")]
    for client in clients:
        client.wait_up()
    requests = [one for one in wire.controls(seen.stop().packets())
                if one.type == wire.OUTGOING_REQUEST]
    check_equal(sorted((one.source, one.ids[0]) for one in requests),
                [(network.LAN["client1"], chosen[0]), (network.LAN["client2"], chosen[0])],
                "clients and their call IDs on the LAN")
    for client in clients:
        check_call(client)
    check(clients[0].ip != clients[1].ip, f"both clients have {clients[0].ip}")
    lab.transfer_together([lab.client1, lab.client2])
    clients[0].stop()
    wait_calls(lab, 1)
    check_call(clients[1])
    lab.transfer(lab.client2, 1)
    clients[1].stop()
    wait_calls(lab, 0)
    end_both(pptpd, lrp)
