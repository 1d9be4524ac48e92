# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients whose data path is in their kernel, as many routers are."""

from lab.checks import check_call
from lab.events import check
from lab.server import options_for
from lab.story import OURS, story

WHY = "the plugin that gives the client's pppd its socket comes with ours"


def _call(lab, mppe):
    lab.kernel_pptp()
    pptpd = lab.pptpd(options=options_for("mschapv2", mppe))
    client = lab.kernel_client(lab.client1, mppe=mppe).wait_up()
    check_call(client, mppe)
    lab.transfer(lab.client1)
    client.stop()
    check(client.disconnected.is_set(), "the server did not confirm the end of the call")
    pptpd.wait_idle()


@story("a client whose data path is in its kernel: up, used, hung up", servers=OURS, why=WHY)
def kernel_client_plain(lab):
    _call(lab, False)


@story("the same with MPPE", servers=OURS, why=WHY)
def kernel_client_mppe(lab):
    _call(lab, True)
