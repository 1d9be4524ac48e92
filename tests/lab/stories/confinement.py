# SPDX-License-Identifier: GPL-2.0-or-later
"""No process that reads a peer's bytes, or has a key, has any privilege; and one that was taken
over gets nowhere."""

import os
import re
import socket

from lab import confined, enrolment, flow, honesty, network, tunnel
from lab.checks import check_call
from lab.confined import check_confined
from lab.enrolment import enrol_well, invite
from lab.events import check, check_equal, wait_for
from lab.story import OURS, story
from lab.tunnel import WHY, assert_no_call_without_us, dial, end_both

NOBODY = 65534


def confined_on_server(pptpd):
    """Everything of pptpd but itself and pppd: {pid: title}."""
    return {pid: line for pid, line in pptpd.tree().items()
            if line.startswith("pptpd [") or "rrp-signer" in line}


def confined_on_lrp(lab, lrp):
    """Everything of LRP but its parent."""
    return {pid: line for pid, (_, line) in lab.lrp_host.processes().items() if pid != lrp.pid}


def check_all_confined(lab, pptpd, lrp, server_uid, lrp_uid):
    on_server, on_lrp = confined_on_server(pptpd), confined_on_lrp(lab, lrp)
    for what in (r"\[\d", r"\[LRP", "rrp-signer"):
        check(any(re.search(what, line) for line in on_server.values()),
              f"no {what} among {on_server}")
    check(len(on_lrp) >= 2, f"no worker and signer among {on_lrp}")
    for pid, line in on_server.items():
        check_confined(pid, line, server_uid)
    for pid, line in on_lrp.items():
        check_confined(pid, line, lrp_uid)
    for pid in (pptpd.pid, lrp.pid):
        check(confined.status(pid).uids == {"0"}, "parents that are not root: nothing is shown")


def with_calls(lab, server_uid, lrp_uid):
    """A direct call and one through a tunnel; then look at everybody."""
    pptpd, lrp = enrolment.start_both(lab)
    direct = lab.pptp_client(lab.client2, user="bob").wait_up()
    tunnelled = dial(lab, lab.client1).wait_up()
    check_call(direct)
    check_call(tunnelled)
    check_all_confined(lab, pptpd, lrp, server_uid, lrp_uid)
    tunnelled.stop()
    direct.stop()
    end_both(pptpd, lrp)
    return pptpd


@story("every pptpctrl, both signers, and LRP's worker run as a user of their own, without "
       "capabilities, with NoNewPrivs and a system call filter", servers=OURS, why=WHY)
def confined_users(lab):
    assert_no_call_without_us(lab)
    server_ids = lab.server.add_users("pptpd")
    lrp_ids = lab.lrp_host.add_users("lrp")
    with_calls(lab, server_ids["pptpd"], lrp_ids["lrp"])


@story("the same as nobody, where these users do not exist, which is said at start", servers=OURS,
       why=WHY)
def confined_nobody(lab):
    assert_no_call_without_us(lab)
    pptpd = with_calls(lab, NOBODY, NOBODY)
    check_equal(len(pptpd.log("nobody")), 1, "lines that say so")


def compromised(lab, host, program):
    """Put the test build that turns bad in place of the program."""
    bad = os.path.join(lab.stage, "compromised", program)
    check(os.access(bad, os.X_OK), f"no {bad}: tests/stage makes it")
    host.replace_program(f"/usr/sbin/{program}", bad)


# Of a direct client, and of a tunnel.
PROGRAMS = ("pptpctrl", "pptpctrl-tunnel")


# What is tried, at least, by a pptpctrl of either kind, and by one that has a GRE socket.
TRIED = {"open", "execve", "socket inet", "socket raw", "socket packet", "socket unix",
         "socket netlink", "ptrace", "process_vm_readv", "ioctl of a socket", "kill another",
         "setuid", "mount", "unshare", "bpf", "keyctl", "io_uring_setup", "mmap executable"}
TRIED_WITH_GRE = TRIED | {"IP_HDRINCL", "sendto elsewhere", "sendmsg elsewhere"}

# With a link of PPPoE sessions; what it sends there to the service comes from this address.
TRIED_WITH_LINK = TRIED_WITH_GRE | {"ioctl of the link", "TUNSETPERSIST", "TUNSETIFF",
                                    "bind of the link", "sendto elsewhere on the link",
                                    "another ring of the link", "all frames of the link",
                                    "SO_MARK of the link", "mmap of the link, executable",
                                    "mmap of the link, private"}
FORGED = "10.99.0.77"
FORGED_FRAMES = 10

# What no check of a source stops: broadcasts to this port, and other protocols than the
# Internet's. PPPoE's discovery ends sessions.
FORGED_PORT = 9
ETHERTYPES = {"LLDP": 0x88cc, "PPPoE discovery": 0x8863}


class Victims:
    """Sockets on the server that a link's frames could reach."""

    def __init__(self, host):
        self._host = host
        self._sockets = {name: host.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
                         for name, ethertype in ETHERTYPES.items()}
        self._sockets["UDP"] = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sockets["UDP"].bind(("", FORGED_PORT))
        self._fails = self._reassembly_fails()

    def check_untouched(self):
        """Nothing came, and no fragment waits for others, or did so in vain."""
        for name, victim in self._sockets.items():
            with victim:
                victim.setblocking(False)
                try:
                    check(False, f"{name} came: {victim.recv(256)}")
                except BlockingIOError:
                    pass
        check("FRAG: inuse 0 " in self._host.run(["cat", "/proc/net/sockstat"]),
              "a forged fragment is kept")
        check_equal(self._reassembly_fails(), self._fails, "fragments that were given up")

    def _reassembly_fails(self):
        names, values = [line.split() for line in
                         self._host.run(["cat", "/proc/net/snmp"]).splitlines()
                         if line.startswith("Ip:")]
        return values[names.index("ReasmFails")]


# Requests that the manager refuses: with other clients' calls and addresses, of other kinds of
# process, more than once, with other contents than there can be.
DIRECT_REFUSED = ("IPC_CALL_START", "IPC_GRE_OPEN", "IPC_ADOPT", "IPC_CHECKPOINT", "IPC_PEER_NAME",
                  "IPC_PEER ", "IPC_ENROL", "severity out of range", "text without end",
                  "IPC_CALL_STOP refused: another process's call",
                  "IPC_CALL_PROVEN refused: another process's call")
TUNNEL_REFUSED = DIRECT_REFUSED[:-2]


# The bystander's pptpctrl and its pppd.
BYSTANDERS = 2


def check_stopped(words, tried):
    """Everything that was tried was stopped; words: lines of a log."""
    check_equal([text for text in words if "SUCCEEDED" in text], [], "what succeeded")
    ends = [text for text in words if re.search(r"compromised: .*\d+ attempts, ", text)]
    check(ends and all(text.endswith(" 0 succeeded") for text in ends), f"what it counted: {ends}")
    stopped = {re.sub(r"^.*compromised: (.*): stopped \(.*$", r"\1", text) for text in words
               if ": stopped (" in text}
    check_equal(tried - stopped, set(), "what was not tried, or not stopped")


@story("a pptpctrl that was taken over, of a direct client and of a tunnel: every attempt at the "
       "system fails, requests out of policy are refused and logged, nobody is spoofed, and the "
       "next client is served", servers=OURS, why=WHY, deadline=600)
def confined_compromised_pptpctrl(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab, "ppp-channel pppoe")
    enrol_well(lab, invite(lab))
    lab.stop_later(flow.EchoService(lab.service))
    inside = lab.capture(lab.service, "svc0", f"host {FORGED}")
    bystander = lab.pptp_client(lab.client1).wait_up()
    passing = flow.Flow(lab.client1)
    watch = honesty.Watch(lab)
    victims = Victims(lab.server)
    for program in PROGRAMS:
        compromised(lab, lab.server, program)

    client = lab.pptp_client(lab.client2, user="bob")
    # All IDs of calls in both requests take a while.
    wait_for(lambda: pptpd.log("compromised: request of a wrong length"), 240,
             "a direct client's pptpctrl has tried everything")
    check_stopped([line.text for line in pptpd.log("compromised:")], TRIED_WITH_LINK)
    # Each by every process that the client gets while it dials again.
    sent = {re.sub(r"^.*compromised: (.*) on the link: sent$", r"\1", line.text)
            for line in pptpd.log("on the link: sent")}
    check_equal(len(sent), FORGED_FRAMES, f"forged frames that were sent: {sent}")
    victims.check_untouched()
    # It would dial again and again, each time for all of that.
    client.kill()
    check(not client.ip, "the client came up")
    check_refused(pptpd, network.LAN["client2"], DIRECT_REFUSED)
    wait_for(lambda: pptpd.log(r"MGR: pptpctrl\[\d+\] ended: (messages|it sent a message of a wrong)"),
             60, "the manager gives up who sends a message of a wrong length")

    lrp = lab.lrp()
    check_refused(pptpd, network.LAN["lrp"], TUNNEL_REFUSED)
    lrp.stop()
    check_stopped([line.text for line in pptpd.log("compromised:")], TRIED_WITH_GRE)
    check_equal([line.severity for line in pptpd.log("forged")
                 if line.severity in ("emerg", "alert", "crit")], [], "forged severities")
    watch.check("wan0", lab.server, "wan0", {network.WAN_SERVER})

    check_equal(inside.stop().packets(), [], "forged packets inside")
    check_equal(lab.server.run(["ip", "-6", "route", "show", "default"]), "", "IPv6 default route")
    check("02:00:00:00:00:09" not in lab.server.run(["ip", "neigh"]), "a forged neighbour")

    passing.goes_on("while others try to stop the call, and after that")
    # A client that dials again is served by its address's process, until that is given up.
    wait_for(lambda: len(pptpd.busy()) <= BYSTANDERS, 240, "nobody is left who was taken over")
    for program in PROGRAMS:
        lab.server.restore_program(f"/usr/sbin/{program}")
    client = lab.pptp_client(lab.client2, user="bob").wait_up()
    check_call(client)
    client.stop()
    passing.finish()
    bystander.stop()
    pptpd.wait_idle()


def check_refused(pptpd, address, wanted):
    """The manager said no to each of these, and whose request it was."""
    for what in wanted:
        wait_for(lambda what=what: pptpd.log(rf"MGR: pptpctrl\[\d+\] for {re.escape(address)}\b"
                                             rf".*{what}"), 240, f"the manager refuses {what}")


# What is tried by LRP's worker, at least; some of it in many ways.
TRIED_ON_LRP = {"openat", "open the LRP's key", "execve", "socket packet", "socket raw", "socket unix",
                "socket netlink", "ptrace the parent", "read the parent's memory",
                "kill the parent", "ioctl", "IP_HDRINCL", "filter off packet", "bind", "dup", "F_DUPFD",
                "ARP by write", "ARP by writev", "RA by write", "RA by writev", "setresuid",
                "unshare", "bpf", "io_uring_setup", "mmap executable", "mprotect executable"}


@story("an LRP's worker that was taken over: every attempt at the system fails, no ARP, no router "
       "advertisement and no packet of somebody else's leaves; LRP's parent lives, and the next "
       "worker serves", servers=OURS, why=WHY)
def confined_compromised_lrp(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)
    enrol_well(lab, invite(lab))
    watch = honesty.Watch(lab)
    compromised(lab, lab.lrp_host, "lrp")
    lrp = lab.lrp()
    wait_for(lambda: lrp.log(r"compromised: \d+ attempts, "), 60, "all was tried")
    # It serves, so that it can be looked at.
    wait_for(lambda: lrp.log(r"SERVER .*: up, "), 60, "it serves")
    for pid, line in confined_on_lrp(lab, lrp).items():
        check_confined(pid, line, NOBODY)
    check(lrp.running, "LRP's parent ended")
    lrp.stop()
    text = lrp.process.text()
    check_stopped(text.splitlines(), TRIED_ON_LRP)
    check("\033" not in text and "<0>kernel" not in text.replace("forged", ""),
          "a forged line in the log")
    watch.check("lan0", lab.lrp_host, "lan0", {network.LAN["lrp"]})

    lab.lrp_host.restore_program("/usr/sbin/lrp")
    lrp = lab.lrp()
    tunnel.wait_tunnel(pptpd, 1, network.LAN["lrp"])
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    client.stop()
    end_both(pptpd, lrp)
