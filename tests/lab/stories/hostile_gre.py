# SPDX-License-Identifier: GPL-2.0-or-later
"""GRE that nobody should believe, and a network that refuses to send: calls go on."""

import re

from lab import hostile, network, spoof
from lab.checks import assert_nothing_without_us
from lab.company import Company
from lab.events import check, check_equal, wait_for
from lab.story import OURS, story
from lab.tunnel import WHY

GROWN_KILOBYTES = 2048

# The engine that is shown here gets no packet of a call that the kernel moves; and the kernel believes
# any sequence number that is ahead of the last one.
NOT_BY_KERNEL = ("ppp-channel pppoe",)

# What the kernel's PPTP can be sent all the same.
BELIEVED_BY_KERNEL = "sequence numbers from far away"

# Malformed packets, and packets of no call, that the garbage has at least.
LEAST_ON_LRP = (30, 190)


def call_id_on_server(company, member):
    """What the member's GRE to the server carries: the second number of the process's title."""
    line = company.pptpd.tree()[member.control_process()]
    return int(re.search(r":[0-9A-F]{4} - ([0-9A-F]{4})", line)[1], 16)


def call_id_on_lrp(company, member):
    return int(company.lrp.log(rf"CLIENT {member.lan}: call \d+: call ID (\d+) here")[-1])


@story("GRE garbage towards the server and LRP: spoofed, truncated, foreign, fragments that never "
       "complete, ICMP protocol unreachable: the calls go on", servers=OURS, why=WHY,
       deadline=400)
def hostile_gre(lab):
    assert_nothing_without_us(lab)
    all_three = Company(lab, lines=NOT_BY_KERNEL)
    all_three.start_server()
    all_three.start_lrp("--debug")
    all_three.wait_tunnel()
    members = (all_three.direct, all_three.second)
    all_three.dial(members)
    for victim, target, call_id, pid in (
            (all_three.direct, network.WAN_SERVER, call_id_on_server, lambda:
             all_three.direct.control_process()),
            (all_three.second, network.LAN["lrp"], call_id_on_lrp, lambda: all_three.lrp.pid)):
        number = call_id(all_three, victim)
        before = hostile.resident_kilobytes(pid())
        spoofer = spoof.Spoofer(lab.router, victim.lan, target)
        for name, send in spoof.GARBAGE.items():
            send(spoofer, number)
            for one in members:
                one.check_untouched(f"during {name} to {target}")
        spoofer.close()
        now = hostile.resident_kilobytes(pid())
        check(now <= before + GROWN_KILOBYTES, f"from {before} to {now} kB by garbage")
    check_equal([line.text for line in all_three.pptpd.log() if "GRE" in line.text.split()[0]], [],
                "log lines about GRE")
    for one in members:
        one.hang_up()
    all_three.lrp.stop()
    said = all_three.lrp.log(r"of these (\d+) malformed and (\d+) of no call")[-1]
    check(all(int(count) >= least for count, least in zip(said, LEAST_ON_LRP)),
          f"LRP saw only {said} malformed and foreign packets: the garbage did not get there")
    all_three.pptpd.wait_idle()


@story("the same garbage, but for sequence numbers that are guessed, towards a call that the kernel "
       "moves: it goes on", servers=OURS, why=WHY, deadline=300)
def hostile_gre_kernel(lab):
    assert_nothing_without_us(lab)
    all_three = Company(lab, lines=("ppp-channel kernel",))
    all_three.start_server()
    direct = all_three.direct
    all_three.dial([direct])
    check(not any(name.startswith("rrp-") for name in lab.server.interfaces()),
          "the kernel does not move the call")
    number = call_id_on_server(all_three, direct)
    spoofer = spoof.Spoofer(lab.router, direct.lan, network.WAN_SERVER)
    for name, send in spoof.GARBAGE.items():
        if name != BELIEVED_BY_KERNEL:
            send(spoofer, number)
            direct.check_untouched(f"during {name}")
    spoofer.close()
    direct.hang_up()
    all_three.pptpd.wait_idle()


@story("the kernel refuses to send GRE for a while, on the server and on LRP's host: the calls "
       "survive it", servers=OURS, why=WHY, deadline=300)
def hostile_send_refused(lab):
    assert_nothing_without_us(lab)
    all_three = Company(lab, lines=NOT_BY_KERNEL)
    all_three.start_server()
    all_three.start_lrp()
    all_three.wait_tunnel()
    members = (all_three.direct, all_three.second)
    all_three.dial(members)
    for host, other in ((lab.server, all_three.second), (lab.lrp_host, all_three.direct)):
        # A packet that a filter drops on its way out makes sendmsg() fail with EPERM.
        host.run(["iptables-legacy", "-A", "OUTPUT", "-p", "47", "-j", "DROP"])
        wait_for(lambda: dropped(host) >= 3, 60, f"{host.name} refuses to send GRE")
        other.check_untouched(f"while {host.name} cannot send GRE")
        host.run(["iptables-legacy", "-F", "OUTPUT"])
        for one in members:
            one.check_untouched(f"after {host.name} could not send GRE")
    for one in members:
        one.hang_up()
    all_three.lrp.stop()
    all_three.pptpd.wait_idle()


def dropped(host):
    """Packets that the rule has dropped."""
    table = host.run(["iptables-legacy", "-nvxL", "OUTPUT"])
    return int(re.search(r"^\s*(\d+)\s+\d+\s+DROP", table, re.M)[1])
