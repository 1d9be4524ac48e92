# SPDX-License-Identifier: GPL-2.0-or-later
"""LRP's interface on the LAN goes and comes back while it is served."""

from lab import enrolment, flow, network
from lab.checks import check_call
from lab.events import check, check_equal, wait_for
from lab.story import OURS, story
from lab.tunnel import WHY, assert_no_call_without_us, dial, end_both, wait_calls

# Nobody shall be given up as silent meanwhile: this is about the interface.
PATIENT_LRP = r"\1\nkeepalive 60"
PATIENT_RRP = "rrp-keepalive 60"


@story("LRP's LAN interface is deleted and made again, with a call up: LRP serves again by itself, "
       "the call and a new one", path="nat", servers=OURS, why=WHY, deadline=300)
def lan_interface_again(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab, PATIENT_RRP)
    enrolment.enrol_well(lab, enrolment.invite(lab))
    enrolment.change_conf(lab, r"^(interface .*)$", PATIENT_LRP)
    lrp = lab.lrp()
    enrolment.wait_tunnel(pptpd)
    before = lab.lrp_host.processes()
    lab.stop_later(flow.EchoService(lab.service))
    client = dial(lab, lab.client1).wait_up()
    passing = flow.Flow(lab.client1)
    passing.goes_on("before anything happens")

    network.pull_out(lab.hosts, "lrp")
    wait_for(lambda: lrp.log(r"(?i)lan0.*(gone|down|no longer)"), 60, "LRP says that lan0 is gone")
    check("lan0" not in lab.lrp_host.interfaces(), "the interface is still there")
    network.plug_in(lab.hosts, "lrp")
    wait_for(lambda: lrp.log(r"(?i)lan0.*(again|back)"), 60, "LRP says that lan0 is back")

    passing.goes_on("after the interface came back")
    check_call(client)
    second = dial(lab, lab.client2, user="bob").wait_up()
    check_call(second)
    check_equal(lab.lrp_host.processes(), before, "LRP's processes")
    passing.finish()
    second.stop()
    client.stop()
    wait_calls(lab, 0)
    end_both(pptpd, lrp)
