# SPDX-License-Identifier: GPL-2.0-or-later
"""The tunnel's TLS: what is seen of it between the two sites, and whom LRP takes for its server."""

import os
import re
import socket
import ssl
import time

from lab import authority, capture, enrolment, network, other_tls, records, server, tunnel, wire
from lab.checks import check_call
from lab.enrolment import change_conf, enrol_well, invite
from lab.events import check, check_equal, wait_for
from lab.server import options_for
from lab.story import OURS, story
from lab.tunnel import WHY, assert_no_call_without_us, dial, end_both, wait_calls, wait_tunnel

# Sent through a call whose PPP is not encrypted, both ways; and what PPP says before: the heads of
# LCP's and IPCP's first Configure-Requests, the user's name in CHAP. Long enough to be in encrypted
# bytes by chance once in a million megabytes.
MARKER = b"nobody between us shall read this. " * 10
IN_CLEAR = {"data": MARKER[:35], "LCP": b"\xc0\x21\x01\x01\0", "IPCP": b"\x80\x21\x01\x01\0",
            "the user's name": b"alice"}
MARKER_PORT = 7003

# How long a refusal may take until both sides say so; LRP waits longer from attempt to attempt.
SAID = 60

# A node ID that nobody has.
NOBODY = "a" * 52


def send_marker(lab, client):
    """One datagram each way through the call."""
    service = lab.service.socket(kind=socket.SOCK_DGRAM)
    service.bind((network.SERVICE, MARKER_PORT))
    service.settimeout(SAID)
    near = lab.client1.socket(kind=socket.SOCK_DGRAM)
    near.settimeout(SAID)
    with service, near:
        near.sendto(MARKER, (network.SERVICE, MARKER_PORT))
        content, source = service.recvfrom(4096)
        check_equal((content, source[0]), (MARKER, client.ip), "datagram at the service")
        service.sendto(content[::-1] + MARKER, source)
        check_equal(near.recv(4096), MARKER[::-1] + MARKER, "datagram at the client")


def one_call(lab, seen):
    """A call without MPPE that carries the marker; returns what was on the WAN."""
    client = dial(lab, lab.client1, mppe=False).wait_up()
    check_call(client, mppe=False)
    send_marker(lab, client)
    client.stop()
    wait_calls(lab, 0)
    packets = seen.stop().packets()
    check_equal(seen.dropped, 0, "packets missing in the capture")
    return packets


@story("on the WAN there is TLS 1.3 and nothing else: no byte of PPP, of the data or of names, of "
       "which all are seen when the tunnel is plain", path="nat", servers=OURS, why=WHY,
       deadline=400)
def tls_nothing_in_clear(lab):
    options = options_for("mschapv2", False)
    assert_no_call_without_us(lab, mppe=False)
    seen = lab.capture(lab.router, "wan0")
    pptpd, lrp = tunnel.start_both(lab, options=options)
    plain = b"".join(wire.streams(one_call(lab, seen), wire.RRP_PORT).values())
    end_both(pptpd, lrp)
    pptpd.stop()
    lab.lrp_host.call(os.unlink, server.LRP_CONF)
    missed = [what for what, content in IN_CLEAR.items() if content not in plain]
    check_equal(missed, [], "what was not found although the tunnel was plain")

    seen = lab.capture(lab.router, "wan0")
    pptpd, lrp = enrolment.start_both(lab, options=options)
    packets = one_call(lab, seen)
    check_equal({packet.protocol for packet in packets}, {capture.TCP}, "protocols on the WAN")
    streams = wire.streams(packets, wire.RRP_PORT)
    # Two connections, the enrolment's and the tunnel's.
    check_equal(len(streams), 4, "directions of connections")
    for (source, *_), content in streams.items():
        down = source == network.WAN_SERVER
        count = records.check_tls13(content, records.SERVER_HELLO if down else
                                    records.CLIENT_HELLO)
        check(count >= 3, f"only {count} encrypted records from {source}")
        check_equal([what for what, clear in IN_CLEAR.items() if clear in content], [],
                    f"in clear from {source}")
    end_both(pptpd, lrp)


def refused(lab, lines, what, server_says, lrp_says):
    """An LRP with this configuration (none: as it is) gets no tunnel, and each attempt is one line
    on either side that says why. server_says: None when the server is not pptpd."""
    about = rf"RRP: .*{re.escape(network.WAN_ROUTER)}"
    before = len(lab.server.journal.find(about, "pptpd"))

    def on_server():
        return [line.text for line in lab.server.journal.find(about, "pptpd")[before:]]

    lrp = lab.lrp(*lines)
    wait_for(lambda: lrp.log(r"^.*down: .*"), SAID, f"LRP says something of {what}")
    if server_says:
        wait_for(on_server, SAID, f"pptpd says something of {what}")
    lrp.stop()
    attempts = lrp.log(r"^.*down: .*")
    check_equal([text for text in attempts if not re.search(lrp_says, text)], [],
                f"LRP says anything but {lrp_says} of {what}")
    if not server_says:
        return
    wait_for(lambda: len(on_server()) >= len(attempts), SAID,
             f"pptpd says something of each of {len(attempts)} attempts with {what}")
    said = on_server()
    check_equal([text for text in said if not re.search(server_says, text)], [],
                f"pptpd says anything but {server_says} of {what}")
    # LRP may have been stopped in its next attempt, after the server had its say.
    check(len(said) <= len(attempts) + 1,
          f"{len(attempts)} attempts with {what} gave {said}")


@story("a wrong pin: LRP does not talk to that server, and tells both IDs", path="nat",
       servers=OURS, why=WHY)
def tls_wrong_pin(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)
    line = invite(lab)
    enrol_well(lab, line)
    pin = enrolment.LINE.fullmatch(line + "\n")["pin"]
    change_conf(lab, pin, NOBODY)
    refused(lab, (), "a wrong pin", f"it expects another server than this one: .*{pin}",
            f"{pin}.*{NOBODY}|{NOBODY}.*{pin}")
    check_equal(pptpd.log("tunnel up"), [], "tunnels")
    change_conf(lab, NOBODY, pin)
    lrp = lab.lrp()
    wait_tunnel(pptpd)
    end_both(pptpd, lrp)


@story("TLS 1.2 is refused by the server and by LRP, and so is a client without certificate or for "
       "another purpose", path="nat", servers=OURS, why=WHY)
def tls_versions(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)

    def attempt(says, **settings):
        before = len(pptpd.log("RRP: "))
        check(other_tls.dial(lab.client2, network.WAN_SERVER, wire.RRP_PORT, **settings),
              f"the server took a client of whom it should say {says}")
        said = re.compile(rf"RRP: {network.WAN_ROUTER}\S*: .*{says}")
        wait_for(lambda: [line for line in pptpd.log("RRP: ")[before:] if said.search(line.text)],
                 SAID, f"pptpd says {says}")

    attempt("TLS 1.3", newest=ssl.TLSVersion.TLSv1_2)
    attempt("certificate")
    attempt("ALPN|protocol", protocols=("h2", "http/1.1"))
    check_equal(pptpd.log("tunnel up"), [], "tunnels")

    line = invite(lab)
    enrol_well(lab, line)
    pptpd.stop()
    ours = authority.Authority(lab.server)
    old = lab.stop_later(other_tls.Server(lab.server, wire.RRP_PORT, *ours.issue("old"),
                                          newest=ssl.TLSVersion.TLSv1_2))
    refused(lab, (), "a server with TLS 1.2", None, "TLS 1.3")
    old.stop()


def trusting(anchor, *words):
    """lrp.conf of an LRP that knows its server by an authority."""
    return ("interface lan0", f"server {network.WAN_SERVER} ca {anchor} {' '.join(words)}".strip(),
            f"name {tunnel.LRP_NAME}")


def pptpd_with(lab, key, certificate):
    return enrolment.start_server(lab, f"rrp-key {key}", f"rrp-certificate {certificate}")


@story("a certificate of an authority for the server's name: good, expired, for another name, of "
       "another authority; with a pin the date does not matter", path="nat", servers=OURS, why=WHY,
       deadline=300)
def tls_authority(lab):
    assert_no_call_without_us(lab)
    ours = authority.Authority(lab.server)
    lab.lrp_host.write("/run/lab/ca.pem", lab.server.read(ours.anchor))
    others = authority.Authority(lab.lrp_host, "/run/lab/dev")
    good, expired = ours.issue("good"), ours.issue("expired", authority.EXPIRED)
    verified = trusting("/run/lab/ca.pem", "verify-host", authority.HOST)

    # Enrolled by pin; from then on the server knows it.
    pptpd = pptpd_with(lab, *good)
    enrol_well(lab, invite(lab))
    lrp = lab.lrp(*verified)
    wait_tunnel(pptpd)
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    client.stop()
    end_both(pptpd, lrp)

    # By the name in `server` itself.
    lab.lrp_host.cover("/etc/hosts", f"{network.WAN_SERVER} {authority.HOST}\n")
    named = tuple(line.replace(f"server {network.WAN_SERVER}", f"server {authority.HOST}")
                  for line in trusting("/run/lab/ca.pem"))
    lrp = lab.lrp(*named)
    wait_tunnel(pptpd, 2)
    end_both(pptpd, lrp)

    refused(lab, trusting("/run/lab/ca.pem", "verify-host", "other.example"), "another name",
            "it asked for another host name", "is not for the name other.example")
    refused(lab, trusting(others.anchor, "verify-host", authority.HOST), "another authority",
            "it does not trust the authority", "is of no authority that is trusted here")
    pptpd.stop()

    pptpd = pptpd_with(lab, *expired)
    refused(lab, verified, "an expired certificate", "it finds our certificate's dates wrong",
            "the server's certificate expired")
    pin = pptpd.log(r"node ID [a-z2-7]{52}")[-1].text.rpartition("node ID ")[2][:52]
    lrp = lab.lrp("interface lan0", f"server {network.WAN_SERVER} pin {pin}",
                  f"name {tunnel.LRP_NAME}")
    wait_tunnel(pptpd, 3)
    end_both(pptpd, lrp)


def is_guest():
    """Whether this kernel, with its clock, is the laboratory's own."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        return "User Mode Linux" in file.read()


@story("the LRP's clock stands at 1970: with a pin it connects; by an authority it does not, and "
       "says why", path="nat", servers=OURS, why=WHY)
def tls_clock_1970(lab):
    if not is_guest():
        lab.note("not shown here: it would set the clock of this machine")
        return
    assert_no_call_without_us(lab)
    ours = authority.Authority(lab.server)
    lab.lrp_host.write("/run/lab/ca.pem", lab.server.read(ours.anchor))
    pptpd = pptpd_with(lab, *ours.issue("good"))
    enrol_well(lab, invite(lab))
    offset = time.time() - time.monotonic()
    try:
        # The earliest that a kernel allows; one clock for all hosts.
        time.clock_settime(time.CLOCK_REALTIME, time.monotonic() + 60)
        check_equal(time.gmtime().tm_year, 1970, "year")
        lrp = lab.lrp()
        wait_tunnel(pptpd)
        client = dial(lab, lab.client1).wait_up()
        check_call(client)
        client.stop()
        end_both(pptpd, lrp)
        refused(lab, trusting("/run/lab/ca.pem", "verify-host", authority.HOST), "a clock at 1970",
                "it finds our certificate's dates wrong", "1970")
    finally:
        time.clock_settime(time.CLOCK_REALTIME, time.monotonic() + offset)


def mode(path):
    return f"{os.stat(path).st_mode & 0o7777:o}"


@story("keys and secrets: of the right modes, made once; the secret is nowhere in clear; a key "
       "that others may read is refused", path="nat", servers=OURS, why=WHY)
def tls_keys(lab):
    assert_no_call_without_us(lab)
    pptpd = enrolment.start_server(lab)
    line = invite(lab)
    secret = enrolment.LINE.fullmatch(line + "\n")["secret"]
    check_equal(lab.server.call(mode, enrolment.SERVER_KEY), "600", "mode of the server's key")
    check_equal(lab.server.call(mode, enrolment.INVITATIONS), "600", "mode of the invitations")
    enrol_well(lab, line)
    for path in (enrolment.INVITATIONS, enrolment.LIST):
        check(secret not in (lab.server.read(path) or ""), f"the secret is in {path}")
    check(secret not in lab.lrp_host.read(server.LRP_CONF), "the secret is in lrp.conf")
    check_equal(lab.lrp_host.call(mode, enrolment.LRP_KEY), "600", "mode of the LRP's key")
    key = lab.server.read(enrolment.SERVER_KEY)
    pptpd.stop()
    pptpd = enrolment.start_server(lab)
    check_equal(lab.server.read(enrolment.SERVER_KEY), key, "the server's key after a new start")
    pptpd.stop()
    lab.server.call(os.chmod, enrolment.SERVER_KEY, 0o644)
    pptpd = enrolment.start_server(lab, wait=False)
    check(pptpd.process.wait() != 0, "pptpd started with a key that others can read")
    check(pptpd.log(re.escape(enrolment.SERVER_KEY)) or
          pptpd.process.find(re.escape(enrolment.SERVER_KEY)), "pptpd does not name the key")
