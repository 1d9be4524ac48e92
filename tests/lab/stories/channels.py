# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways that PPP frames take to pppd: each one asked for, what is taken instead of one that
this machine has not, and a path that reorders."""

import random
import re
import signal
import threading

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


# Network namespaces that may be made: links with rings need one each.
NAMESPACES_MAX = "user.max_net_namespaces"
NAMESPACES_USUAL = 1000


LOCAL_BYTES = 200_000


def links(lab):
    """What kind of device the server's links are."""
    shown = lab.server.run(["ip", "-d", "-o", "link", "show"])
    return [re.search(r" (veth|tun) ", line)[1] for line in shown.splitlines()
            if re.match(r"\d+: rrp-", line)]


def check_filtered(lab):
    """Nothing but PPPoE comes into the kernel from any link."""
    shown = lab.server.run(["tc", "qdisc", "show"])
    names = re.findall(r"qdisc ingress \S+ dev (rrp-\S+)", shown)
    check_equal(len(names), len(links(lab)), f"links with a filter in {shown}")
    for name in names:
        check("direct-action" in lab.server.run(["tc", "filter", "show", "dev", name, "ingress"]),
              f"no program on {name}")


def local_transfer(lab):
    """What the server itself sends: checksums that a device could finish must be finished."""
    content = random.Random(1).randbytes(LOCAL_BYTES)
    got = b""
    with lab.server.socket() as listener:
        listener.bind((network.PPP_LOCAL, 0))
        listener.listen(1)
        with lab.client1.dial(*listener.getsockname()) as near:
            far, _ = listener.accept()
            with far:
                sender = threading.Thread(target=far.sendall, args=(content,), daemon=True)
                sender.start()
                near.settimeout(30)
                while len(got) < len(content):
                    block = near.recv(1 << 16)
                    check(block, "the connection ended early")
                    got += block
                sender.join()
    check(got == content, "what the server sent came otherwise")


@story("links of PPPoE sessions have rings; where there are no network namespaces to be had, they "
       "are TAP devices, which one line says, and frames pass as well", servers=OURS, why=WHY)
def channel_link(lab):
    assert_nothing_without_us(lab)
    for namespaces, kind, lines in ((NAMESPACES_USUAL, "veth", 0), (0, "tun", 1)):
        lab.server.sysctl(NAMESPACES_MAX, namespaces)
        try:
            pptpd = lab.pptpd(conf=PPTPD_CONF + "ppp-channel pppoe\n")
            for _ in range(2):
                client = lab.pptp_client(lab.client1).wait_up()
                check_call(client)
                check_equal(channel_in_use(lab), "pppoe", "the call's PPP channel")
                check_equal(links(lab), [kind], "links")
                check_filtered(lab)
                lab.transfer(lab.client1, 0.25)
                local_transfer(lab)
                client.stop()
                pptpd.wait_idle()
        finally:
            lab.server.sysctl(NAMESPACES_MAX, NAMESPACES_USUAL)
        check_equal(len(pptpd.log("links of PPPoE sessions are TAP")), lines, "lines that say so")
        pptpd.stop()


@story("where the kernel has no filters, one line says so, and sessions use PPPoE as well",
       servers=OURS, why=WHY)
def channel_no_filter(lab):
    assert_nothing_without_us(lab)
    filters = ("sch_ingress", "cls_bpf")
    lab.server.sysctl("kernel.modprobe", "/bin/false")
    lab.server.run(["modprobe", "-r", *filters])
    try:
        pptpd = lab.pptpd(conf=PPTPD_CONF + "ppp-channel pppoe\n")
        client = lab.pptp_client(lab.client1).wait_up()
        check_call(client)
        check_equal(channel_in_use(lab), "pppoe", "the call's PPP channel")
        client.stop()
    finally:
        lab.server.run(["modprobe", "-a", *filters])
    check_equal(len(pptpd.log("links of PPPoE sessions are without a filter")), 1, "lines about it")
    pptpd.stop()


@story("a pptpctrl that is killed: its calls end, and nothing is left of its link", path="nat",
       servers=OURS, why=WHY)
def channel_killed(lab):
    assert_no_call_without_us(lab)
    pptpd, lrp = start_both(lab, ("ppp-channel pppoe",))
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    check_equal(links(lab), ["veth"], "links")
    pid, = [pid for pid, line in pptpd.tree().items() if line.startswith("pptpd [")]
    lab.server.run(["kill", "-9", str(pid)])
    client.wait_end()
    wait_for(lambda: not links(lab), 30, "the link is gone")
    check_equal(lab.server.ppp_interfaces(), [], "PPP interfaces")
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    client.stop()
    end_both(pptpd, lrp)


@story("PPPoE is asked for where neither rings nor a TAP can be had: one line says so, and calls "
       "come by pseudo-terminals", servers=OURS, why=WHY)
def channel_missing(lab):
    assert_nothing_without_us(lab)
    lab.server.run(["rm", "/dev/net/tun"])
    lab.server.sysctl(NAMESPACES_MAX, 0)
    try:
        pptpd = lab.pptpd(conf=PPTPD_CONF + "ppp-channel pppoe\n")
        for _ in range(2):
            client = lab.pptp_client(lab.client1).wait_up()
            check_call(client)
            check_equal(channel_in_use(lab), "pty", "the call's PPP channel")
            client.stop()
            pptpd.wait_idle()
    finally:
        lab.server.sysctl(NAMESPACES_MAX, NAMESPACES_USUAL)
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
    # Stock peers dial on a calm path: a CHAP Success that IPCP overtakes leaves a call down for ever.
    lab.wan()
    client = lab.pptp_client(lab.client1).wait_up()
    check_call(client)
    check_equal(channel_in_use(lab), "pppoe", "the next call's PPP channel")
    lab.wan(REORDERING_WAN)
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
