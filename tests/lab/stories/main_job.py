# SPDX-License-Identifier: GPL-2.0-or-later
"""The one story to show to somebody who asks what this is for."""

from lab.story import OURS, story
from lab.tunnel import WHY, assert_no_call_without_us, end_both, start_both, use_and_hang_up


@story("main job: a stock client (MS-CHAP-v2, MPPE-128 required) reaches a service behind the "
       "server through LRP, NAT and RRP", path="nat", servers=OURS, why=WHY, deadline=900)
def main_job(lab):
    assert_no_call_without_us(lab)
    pptpd, lrp = start_both(lab)
    use_and_hang_up(lab, pptpd, "mschapv2", True)
    end_both(pptpd, lrp)
