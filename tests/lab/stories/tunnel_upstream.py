# SPDX-License-Identifier: GPL-2.0-or-later
"""The server is away, comes back, or has no room: what the LRP's clients are told."""

from lab import network, wire
from lab.checks import check_call
from lab.events import check, check_equal, wait_for
from lab.server import PPTPD_CONF
from lab.story import OURS, story
from lab.tunnel import (WHY, assert_no_call_without_us, dial, end_both, lrp_conf, start_server,
                        wait_calls, wait_tunnel)

ONE_ADDRESS = PPTPD_CONF.replace(network.PPP_POOL, network.PPP_ADDRESSES[0])

# Result and error code of Outgoing-Call-Reply, RFC 2637 2.8 and 2.16.
CONNECTED = ("1", "0")
NO_RESOURCE = ("2", "4")
BUSY = ("4", "0")


def refused(lab, where, user, words):
    """Dial without success; the stock client must log why."""
    client = dial(lab, where, user=user)
    check(client.wait_end() != 0 and not client.ip, "the call came up")
    wait_for(lambda: where.journal.find(words, "pptp"), 30, f"pptp-linux says {words}")


@story("a client is refused with the reason while the server is away or has no address left; LRP "
       "connects again by itself", path="nat", servers=OURS, why=WHY)
def tunnel_server_away_and_busy(lab):
    assert_no_call_without_us(lab)
    lan = lab.capture(lab.lrp_host, "lan0", "tcp port 1723")
    lrp = lab.lrp(*lrp_conf())
    wait_for(lambda: lrp.log("down: cannot connect to .*: Connection refused; next try"), 20,
             "LRP says that it cannot connect")
    refused(lab, lab.client1, "alice", "Insufficient resources to handle this command now")

    pptpd = start_server(lab, conf=ONE_ADDRESS)
    wait_tunnel(pptpd)
    first = dial(lab, lab.client1).wait_up()
    check_call(first)
    refused(lab, lab.client2, "bob", "Result code is 4 'Busy Signal'")
    check(lab.client1.ping(network.SERVICE), "a refused call disturbed the other")

    pptpd.stop()
    first.wait_end()
    again = start_server(lab, conf=ONE_ADDRESS)
    wait_tunnel(again, 2)
    second = dial(lab, lab.client2, user="bob").wait_up()
    check_call(second)
    second.stop()
    wait_calls(lab, 0)
    end_both(again, lrp)
    replies = lan.stop().fields(f"pptp.control_message_type == {wire.OUTGOING_REPLY}",
                                "pptp.out_result", "pptp.error")
    check_equal(replies, [NO_RESOURCE, CONNECTED, BUSY, CONNECTED],
                "result and error codes of Outgoing-Call-Reply")
