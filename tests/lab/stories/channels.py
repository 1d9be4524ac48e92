# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways that PPP frames take to pppd: each one asked for, what is taken instead of one that
this machine has not, and a path that reorders."""

import re
import signal

from lab import network
from lab.checks import assert_nothing_without_us, check_call
from lab.events import check, check_equal, wait_for
from lab.server import OPTIONS, PPTPD_CONF, PPTPD_OPTIONS
from lab.story import OURS, story
from lab.tunnel import assert_no_call_without_us, dial, end_both, start_both, wait_calls

WHY = "Poptop has one way only"

# How often pptpctrl may wake up during a transfer whose frames it does not carry: for a sample of
# some hundred packets, for the control connection, for keepalives.
WOKEN_AT_MOST = 1200

# Enough for several times as many packets.
MEGABYTES = 6

# Reorders (netem lets some packets overtake those that wait 10 ms), but loses nothing.
REORDERING_WAN = "delay 10ms reorder 75% 50% gap 4"


def channel_in_use(lab):
    """That of the only call: of its devices each way has its own."""
    host = lab.server
    connected = host.journal.find(r"Connect: ppp\d+ <--> ", "pppd")
    if connected[-1].text.split()[-1].startswith("/dev/"):
        return "pty"
    return "pppoe" if any(name.startswith("rrp-") for name in host.interfaces()) else "kernel"


def wakings(lab, pptpd):
    """How often the pptpctrl that has calls went to sleep so far."""
    total = 0
    for pid, line in pptpd.tree().items():
        if line.startswith("pptpd ["):
            status = lab.server.read(f"/proc/{pid}/status")
            total += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.M)[1])
    return total


def packets(lab):
    """Of the only call, in both directions."""
    name = lab.server.ppp_interfaces()[0]
    lines = lab.server.run(["cat", "/proc/net/dev"])
    fields = re.search(rf"^\s*{name}:(.*)$", lines, re.M)[1].split()
    return int(fields[1]) + int(fields[9])


def direct(lab, channel, hang_up):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd(conf=PPTPD_CONF + f"ppp-channel {channel}\n")
    client = lab.pptp_client(lab.client1).wait_up()
    check_call(client)
    check_equal(channel_in_use(lab), channel, "the call's PPP channel")
    before, carried = wakings(lab, pptpd), packets(lab)
    lab.transfer(lab.client1, MEGABYTES)
    woken, carried = wakings(lab, pptpd) - before, packets(lab) - carried
    check(carried > 3 * WOKEN_AT_MOST, f"the transfer took only {carried} packets")
    if channel == "kernel":
        check(woken <= WOKEN_AT_MOST, f"pptpctrl woke {woken} times for {carried} packets")
    hang_up(pptpd, client)
    pptpd.wait_idle()
    check(not lab.client1.reaches(network.SERVICE), "the service is reachable after hanging up")


def only(pptpd, beginning):
    """Process ID of the only one of pptpd's processes whose command line begins so."""
    pid, = [pid for pid, line in pptpd.tree().items() if line.startswith(beginning)]
    return pid


def ends_for_all_reasons(lab, channel):
    """Calls of a direct client, each over the channel and each ended by somebody else: the client,
    the server's pppd in order, both of the server's processes by SIGKILL, and silence. Last somebody
    who cannot log in, of whom the log has the line that fail2ban reads."""
    pptpds = []

    def client_ends(pptpd, client):
        pptpds.append(pptpd)
        client.stop()

    direct(lab, channel, client_ends)
    pptpd, = pptpds
    for program, number in (("/usr/sbin/pppd", signal.SIGTERM), ("/usr/sbin/pppd", signal.SIGKILL),
                            ("pptpd [", signal.SIGKILL)):
        client = lab.pptp_client(lab.client1).wait_up()
        check_equal(channel_in_use(lab), channel, "the call's PPP channel")
        lab.kill(only(pptpd, program), number)
        client.wait_end()
        pptpd.wait_idle()
    # A killed pppd cannot remove its own pid file.
    lab.forget_pid_files(lab.server)

    lab.server.write(OPTIONS, PPTPD_OPTIONS + "lcp-echo-interval 1\nlcp-echo-failure 2\n")
    client = lab.pptp_client(lab.client1).wait_up()
    lab.lan_leg("client1", "loss 100%")
    wait_for(lambda: not lab.server.ppp_interfaces(), 60, "the server notices the silence")
    client.kill()
    lab.lan_leg("client1")

    stranger = lab.pptp_client(lab.client1, password="not alice's secret")
    check(stranger.wait_end() != 0, "the client with the wrong password ended well")
    line = rf"^CTRL: Client {network.LAN['client1']} failed to authenticate, pppd\[\d+\] ended"
    wait_for(lambda: pptpd.log(line), 30, "the log line of the wrong password")
    pptpd.wait_idle()
    check_equal(len(pptpd.log("failed to authenticate")), 1, "log lines of failed logins")
    check_equal(pptpd.log("PPP channel"), [], "log lines about channels")


@story("a direct call whose frames the kernel moves: none passes pptpctrl", servers=OURS, why=WHY,
       deadline=900)
def channel_kernel(lab):
    ends_for_all_reasons(lab, "kernel")


@story("a direct call over a PPPoE session", servers=OURS, why=WHY, deadline=900)
def channel_pppoe(lab):
    ends_for_all_reasons(lab, "pppoe")


@story("a direct call over a pseudo-terminal, which was asked for", servers=OURS, why=WHY,
       deadline=900)
def channel_pty(lab):
    ends_for_all_reasons(lab, "pty")


@story("calls through LRP over PPPoE sessions, two on one link, and over pseudo-terminals",
       path="nat", servers=OURS, why=WHY, deadline=900)
def channel_tunnel(lab):
    assert_no_call_without_us(lab)
    for channel in ("pppoe", "pty"):
        pptpd, lrp = start_both(lab, (f"ppp-channel {channel}",))
        clients = [dial(lab, lab.client1, user="alice").wait_up()]
        check_equal(channel_in_use(lab), channel, "the call's PPP channel")
        clients.append(dial(lab, lab.client2, user="bob").wait_up())
        for client in clients:
            check_call(client)
        links = [name for name in lab.server.interfaces() if name.startswith("rrp-")]
        check_equal(len(links), 1 if channel == "pppoe" else 0, "number of links")
        lab.transfer_together([lab.client1, lab.client2])
        clients[0].stop()
        wait_calls(lab, 1)
        check_call(clients[1])
        pppd, = [pid for pid, line in pptpd.tree().items() if "/pppd" in line]
        lab.server.run(["kill", str(pppd)])
        clients[1].wait_end()
        wait_calls(lab, 0)
        end_both(pptpd, lrp)
        pptpd.stop()


@story("PPPoE is asked for where there is no TAP: one line says so, and calls come by "
       "pseudo-terminals", servers=OURS, why=WHY)
def channel_missing(lab):
    assert_nothing_without_us(lab)
    lab.server.run(["rm", "/dev/net/tun"])
    pptpd = lab.pptpd(conf=PPTPD_CONF + "ppp-channel pppoe\n")
    for _ in range(2):
        client = lab.pptp_client(lab.client1).wait_up()
        check_call(client)
        check_equal(channel_in_use(lab), "pty", "the call's PPP channel")
        client.stop()
        pptpd.wait_idle()
    check_equal(len(pptpd.log("PPP channel pppoe")), 1, "log lines about it")


@story("a WAN that reorders is noticed during a kernel call; the next call does without the "
       "kernel's PPTP", servers=OURS, why=WHY, deadline=900)
def channel_reordering(lab):
    assert_nothing_without_us(lab)
    pptpd = lab.pptpd()
    client = lab.pptp_client(lab.client1).wait_up()
    check_call(client)
    check_equal(channel_in_use(lab), "kernel", "the first call's PPP channel")
    lab.wan(REORDERING_WAN)
    lab.transfer(lab.client1, 0.25)
    line = rf"packets of client {network.LAN['client1']} come out of order"
    wait_for(lambda: pptpd.log(line), 30, "reordering is noticed")
    check(client.running, "the call ended")
    client.stop()
    pptpd.wait_idle()
    client = lab.pptp_client(lab.client1).wait_up()
    check_call(client)
    check_equal(channel_in_use(lab), "pppoe", "the next call's PPP channel")
    lab.transfer(lab.client1, 0.25)
    client.stop()
    pptpd.wait_idle()
    # What was noticed is of that client alone.
    lab.wan()
    other = lab.pptp_client(lab.client2, user="bob").wait_up()
    check_call(other)
    check_equal(channel_in_use(lab), "kernel", "another client's PPP channel")
    other.stop()
    pptpd.wait_idle()
    check_equal(len(pptpd.log(line)), 1, "log lines about it")
