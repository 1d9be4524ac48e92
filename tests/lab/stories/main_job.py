# SPDX-License-Identifier: GPL-2.0-or-later
"""The one story to show to somebody who asks what this is for, and the same on a network that is
trusted."""

from lab import enrolment, tunnel
from lab.enrolment import enrol_well, invite
from lab.story import OURS, story
from lab.tunnel import WHY, assert_no_call_without_us, end_both, use_and_hang_up, wait_tunnel


@story("main job: one command on the server, one on the LRP's box; then a stock client "
       "(MS-CHAP-v2, MPPE-128 required) reaches a service behind the server through LRP, NAT and "
       "RRP", path="nat", servers=OURS, why=WHY, deadline=900)
def main_job(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)
    enrol_well(lab, invite(lab))
    lrp = lab.lrp()
    wait_tunnel(pptpd)
    use_and_hang_up(lab, pptpd, "mschapv2", True)
    end_both(pptpd, lrp)


@story("the main job without TLS, which has to be asked for on both sides", path="nat",
       servers=OURS, why=WHY, deadline=900)
def main_job_plain(lab):
    assert_no_call_without_us(lab)
    pptpd, lrp = tunnel.start_both(lab)
    use_and_hang_up(lab, pptpd, "mschapv2", True)
    end_both(pptpd, lrp)
