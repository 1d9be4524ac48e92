# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may come in: the server's list and its invitations, changed while tunnels run. What is
refused is told on both sides."""

import os
import re
import signal

from lab import enrolment, flow, network, server
from lab.checks import check_call
from lab.enrolment import control, enrol, enrol_well, invite, members
from lab.events import check, check_equal, wait_for
from lab.story import OURS, story
from lab.tunnel import LRP_NAME, WHY, assert_no_call_without_us, dial, end_both, wait_tunnel

# How long a refusal may take until both sides say so; LRP waits longer from attempt to attempt.
SAID = 60

# Well formed: the last letter of so many has three bits only.
WRONG_SECRET = "b" * 25 + "a"

ADDRESS = re.escape(network.WAN_ROUTER)


def wait_said(pptpd, lrp, on_server, on_lrp):
    """One line on either side with these words."""
    wait_for(lambda: pptpd.log(rf"RRP: .*{ADDRESS}.*{on_server}"), SAID, f"pptpd says {on_server}")
    wait_for(lambda: lrp.log(rf"down: .*{on_lrp}"), SAID, f"LRP says {on_lrp}")


def set_list(lab, pptpd, *lines):
    """Write the server's list by hand and have it read."""
    lab.server.write(enrolment.LIST, "\n".join([*lines, ""]))
    lab.kill(pptpd.pid, signal.SIGHUP)


@story("an LRP that is disabled, removed, or not allowed to come from its address: its running "
       "tunnel ends at once, its attempts are refused, and it comes back by itself when it may",
       path="nat", servers=OURS, why=WHY, deadline=400)
def tls_members_changed(lab):
    assert_no_call_without_us(lab)
    pptpd, lrp = enrolment.start_both(lab)
    node = members(lab)[LRP_NAME]
    lab.stop_later(flow.EchoService(lab.service))
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    listed = control(lab, "lrp", "list")
    check(re.search(rf"^{LRP_NAME}\s+up from {ADDRESS} since .*1 call.*{node}", listed, re.M),
          f"list:\n{listed}")

    control(lab, "lrp", "disable", LRP_NAME)
    client.wait_end()
    wait_said(pptpd, lrp, "refused: .*disabled", "disabled")
    check(re.search(rf"{LRP_NAME}.*disabled", control(lab, "lrp", "list")), "the list after that")
    control(lab, "lrp", "enable", LRP_NAME)
    wait_tunnel(pptpd, 2)

    client = dial(lab, lab.client1).wait_up()
    set_list(lab, pptpd, f"{node} {LRP_NAME} from 198.51.100.0/24,2001:db8::/32")
    client.wait_end()
    wait_said(pptpd, lrp, "refused: .*(allowed|from)", "address|allowed|from where")
    set_list(lab, pptpd, f"{node} {LRP_NAME} from 198.51.100.0/24,{network.WAN_ROUTER}")
    wait_tunnel(pptpd, 3)

    client = dial(lab, lab.client1).wait_up()
    control(lab, "lrp", "remove", LRP_NAME)
    client.wait_end()
    wait_said(pptpd, lrp, f"refused: .*{node}", "not enrolled|not on|unknown|does not know")
    check_equal(members(lab), {}, "the list after that")
    end_both(pptpd, lrp)


@story("an LRP that the server never heard of is refused", path="nat", servers=OURS, why=WHY)
def tls_unknown_lrp(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)
    pin = enrolment.LINE.fullmatch(invite(lab, name="other") + "\n")["pin"]
    lrp = lab.lrp("interface lan0", f"server {network.WAN_SERVER} pin {pin}", "name branch")
    wait_said(pptpd, lrp, "refused: ", "not enrolled|not on|unknown|does not know")
    check_equal(pptpd.log("tunnel up"), [], "tunnels")
    lrp.stop()


@story("limits of one LRP: its calls and its part of the addresses", path="nat", servers=OURS,
       why=WHY)
def tls_member_limits(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)
    enrol_well(lab, invite(lab, "--calls", "1", "--addresses", "10.98.0.15-16"))
    lrp = lab.lrp()
    wait_tunnel(pptpd)
    first = dial(lab, lab.client1).wait_up()
    check_equal(first.ip, "10.98.0.15", "address of the LRP's first call")
    second = dial(lab, lab.client2, user="bob")
    check(second.wait_end() != 0 and not second.ip, "a second call came up")
    first.stop()
    end_both(pptpd, lrp)


def expire(lab):
    """Have every invitation expired since long ago."""
    text = lab.server.read(enrolment.INVITATIONS)
    lab.server.write(enrolment.INVITATIONS, re.sub(r"^([0-9a-f]{64}) \d+", r"\1 1000000000", text,
                                                   flags=re.M))


def forget_key(lab):
    """As if it were another box."""
    lab.lrp_host.call(os.unlink, enrolment.LRP_KEY)


@story("an enrolment line works once and in time: a wrong, an expired, and a used one are refused "
       "with one line on both sides; a configuration is not overwritten unasked", path="nat",
       servers=OURS, why=WHY, deadline=300)
def tls_enrolment_lines(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)

    def refused(line, words):
        status, output, complaints = enrol(lab, line)
        check(status != 0, f"{line} was taken: {output}")
        check(re.search(words, complaints), f"LRP's box does not say {words}: {complaints}")
        wait_for(lambda: pptpd.log(rf"RRP: {ADDRESS}: enrolment refused: .*({words})"), SAID,
                 f"pptpd says {words}")
        check(not lab.lrp_host.read(server.LRP_CONF), "a configuration was written")

    line = invite(lab)
    found = enrolment.LINE.fullmatch(line + "\n")
    refused(line.replace(found["secret"], WRONG_SECRET), "no such enrolment line|no invitation")
    expire(lab)
    refused(line, "expired")

    line = invite(lab)
    enrol_well(lab, line)
    before = lab.lrp_host.read(server.LRP_CONF)
    again = invite(lab)
    status, _, complaints = enrol(lab, again)
    check(status != 0 and "--replace" in complaints, f"enrolled over it: {complaints}")
    check_equal(lab.lrp_host.read(server.LRP_CONF), before, "lrp.conf")
    # Its secret was not used up by that; and it takes the place of the box that was lost.
    lost = members(lab)[LRP_NAME]
    forget_key(lab)
    enrol_well(lab, again, "--replace")
    check(members(lab)[LRP_NAME] != lost, "the lost box is still on the list")

    forget_key(lab)
    lab.lrp_host.call(os.unlink, server.LRP_CONF)
    refused(again, "used")
    check_equal(list(members(lab)), [LRP_NAME], "names on the list")
