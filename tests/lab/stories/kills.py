# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that can be killed is killed in turn: what belonged to it ends on every host, and the
other calls do not notice."""

import signal

from lab.checks import assert_nothing_without_us
from lab.company import ADDRESSES, NOTICED, Company
from lab.events import check, check_equal, wait_for
from lab.server import PID_FILE
from lab.story import OURS, story
from lab.tunnel import WHY

# What LRP tells its clients when it loses the server's side.
LOST_CARRIER = "1 'Lost Carrier'"


@story("a tunnelled client, its pppd, each pptpctrl, and LRP killed in turn: what hung on it ends, "
       "the address is free again, the other calls go on", servers=OURS, why=WHY, deadline=400)
def kills_in_turn(lab):
    assert_nothing_without_us(lab)
    all_three = Company(lab).start()
    direct, third = all_three.direct, all_three.third

    third.kill()
    all_three.wait_only(all_three.others(third), "after a client was killed")
    all_three.dial([third])

    lab.kill(third.server_pppd())
    third.wait_ended()
    lab.forget_pid_files(lab.server)  # What is killed leaves its own behind.
    all_three.wait_only(all_three.others(third), "after a pppd was killed")
    all_three.dial([third])

    lab.kill(direct.control_process())
    direct.wait_ended()
    all_three.wait_only(all_three.tunnelled, "after a client's pptpctrl was killed")
    all_three.dial([direct])

    lab.kill(all_three.tunnel_process())
    for one in all_three.tunnelled:
        one.wait_ended()
        wait_for(lambda one=one: one.told() == [LOST_CARRIER], NOTICED,
                 f"{one.where.name} is told that its carrier is lost")
    all_three.wait_tunnel()
    all_three.wait_only([direct], "after the tunnel's pptpctrl was killed")
    all_three.dial(all_three.tunnelled)

    lab.kill(all_three.lrp.pid)
    all_three.lrp.process.wait()
    for one in all_three.tunnelled:
        one.wait_ended()
    all_three.wait_only([direct], "after LRP was killed")
    check_equal(lab.lrp_host.processes(), {}, "what LRP left on its host")
    all_three.start_lrp()
    all_three.wait_tunnel()
    all_three.dial(all_three.tunnelled)

    check_equal({one.client.ip for one in all_three.everybody}, ADDRESSES, "addresses in the end")
    for one in all_three.everybody:
        one.hang_up()
    all_three.lrp.stop()
    all_three.pptpd.wait_idle()
    crashed = [line.text for line in all_three.pptpd.log("was killed by signal (?!9)")]
    check_equal(crashed, [], "processes that crashed")


@story("pptpd stopped, LRP stopped, the manager killed, with calls of both kinds up: all end, "
       "nothing is left, and what is started again serves", servers=OURS, why=WHY, deadline=400)
def kills_whole_service(lab):
    assert_nothing_without_us(lab)
    all_three = Company(lab).start()
    direct, second = all_three.direct, all_three.second

    all_three.pptpd.stop()
    check_equal(all_three.pptpd.process.status, 0, "pptpd's exit status")
    for one in all_three.everybody:
        one.wait_ended()
    wait_nothing_on_server(lab)
    check(all_three.lrp.running, "LRP ended with the server")
    all_three.start_server()
    all_three.wait_tunnel()
    all_three.dial(all_three.everybody)

    all_three.lrp.stop()
    check_equal(all_three.lrp.process.status, 0, "LRP's exit status")
    for one in all_three.tunnelled:
        one.wait_ended()
    all_three.wait_only([direct], "after LRP was stopped")
    all_three.start_lrp()
    all_three.wait_tunnel()
    all_three.dial([second])

    lab.kill(all_three.pptpd.pid)
    for one in (direct, second):
        one.wait_ended()
    wait_nothing_on_server(lab, {"pptpd.pid"})
    all_three.start_server()
    wait_for(lambda: int(lab.server.read(PID_FILE)) == all_three.pptpd.pid, NOTICED,
             "the new manager writes its pid file over the old one")
    all_three.wait_tunnel()
    all_three.dial(all_three.everybody)
    for one in all_three.everybody:
        one.hang_up()
    all_three.lrp.stop()
    all_three.pptpd.wait_idle()


def wait_nothing_on_server(lab, but=frozenset()):
    """No process, no interface, no pid file, but for those named."""
    def left():
        files = {name for name in lab.server.list("/run") if name.endswith(".pid")} - but
        return [*lab.server.processes().values(), *lab.server.ppp_interfaces(), *files]

    wait_for(lambda: not left(), NOTICED, "nothing is left on the server")


@story("a pppd that does not hear the hang-up holds up nobody, and ends with the service at last",
       servers=OURS, why="Poptop leaves such a pppd to whoever stops the service", deadline=300)
def kills_deaf_pppd(lab):
    assert_nothing_without_us(lab)
    all_three = Company(lab)
    all_three.start_server()
    direct = all_three.direct
    all_three.dial([direct])
    deaf = direct.server_pppd()
    lab.kill(deaf, signal.SIGSTOP)
    direct.kill()
    again = lab.pptp_client(lab.client1).wait_up()
    check(again.ip in ADDRESSES - {"10.98.0.10"}, f"{again.ip} is not free yet")
    check(deaf in lab.server.processes(), "the stopped pppd ended by itself: nothing was shown")
    all_three.pptpd.stop()
    wait_nothing_on_server(lab, {"ppp0.pid"})
    lab.forget_pid_files(lab.server)
    again.wait_end()
