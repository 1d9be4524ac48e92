# SPDX-License-Identifier: GPL-2.0-or-later
"""What is on the wire, on both sides of the LRP, while a call runs through it."""

from lab import capture, network, peers, wire
from lab.checks import check_call
from lab.events import check, check_equal
from lab.story import OURS, story
from lab.tunnel import WHY, assert_no_call_without_us, dial, end_both, start_both, wait_calls

CLIENT, LRP = network.LAN["client1"], network.LAN["lrp"]

# As enhanced GRE of no call; first shows that what is asserted to be absent would be seen.
STRAY = b"\x20\x01\x88\x0b" + bytes(4)

FIELDS = ("ip.src", "pptp.control_message_type", "pptp.call_id", "pptp.peer_call_id",
          "gre.key.call_id")


def unreachable(packets):
    """How many times LRP's host said by ICMP destination unreachable, protocol unreachable. (A
    client whose call is over says it of what was still on its way.)"""
    return sum(packet.protocol == capture.ICMP and packet.source == LRP and
               packet.payload[:2] == b"\x03\x02" for packet in packets)


def stray_gre(where, target):
    with where.socket(kind=capture.SOCK_RAW, protocol=capture.GRE) as raw:
        raw.sendto(STRAY, (target, 0))


def check_without_us(lab, lan, server):
    """The captures see what they are for: without us the LRP's host answers GRE by ICMP (unless
    its kernel has the module gre), and a GRE packet on the server's loopback is found. Returns
    what they have seen of that."""
    assert_no_call_without_us(lab)
    stray_gre(lab.client1, LRP)
    stray_gre(lab.server, "127.0.0.1")
    before = unreachable(lan.packets()), len(server.packets())
    if not before[0]:
        lab.note("this kernel never answers GRE by ICMP, with or without LRP")
    check(before[1] >= 1, "GRE on the server's loopback is not seen")
    return before


def check_call_ids(lan, chosen):
    """The three identifiers on the LAN in tshark's dissection."""
    # Stray packets are of call 0; what comes back in ICMP is dissected there once more.
    dissected = lan.fields("pptp or (gre and !icmp and gre.key.call_id != 0) or _ws.malformed",
                           *FIELDS, "_ws.malformed")
    check_equal([line for line in dissected if line[5]], [], "malformed packets on the LAN")
    message = {(line[0], int(line[1])): line[2:4] for line in dissected if line[1].isdigit()}
    request = message[CLIENT, wire.OUTGOING_REQUEST]
    reply = message[LRP, wire.OUTGOING_REPLY]
    check_equal(request[0], str(chosen), "Call ID of the client's Outgoing-Call-Request")
    check_equal(reply[1], request[0], "Peer Call ID of LRP's Outgoing-Call-Reply")
    check(reply[0] not in ("", "0", request[0]), f"Call ID {reply[0]} of Outgoing-Call-Reply")
    check_equal(message[CLIENT, wire.CALL_CLEAR][0], request[0], "Call ID of Call-Clear-Request")
    check_equal(message[LRP, wire.CALL_DISCONNECT][0], reply[0],
                "Call ID of Call-Disconnect-Notify")
    check_equal({(line[0], line[4]) for line in dissected if line[4]},
                {(CLIENT, reply[0]), (LRP, request[0])}, "sources of GRE and its call IDs")


def gre_frames(packets, source):
    """The PPP frames in the order in which that host sent them."""
    return [packet.payload[8 + 4 * bool(packet.payload[0] & 0x10)
                           + 4 * bool(packet.payload[1] & 0x80):]
            for packet in packets if packet.protocol == capture.GRE and packet.source == source
            and packet.payload[6:8] != b"\0\0" and packet.payload[0] & 0x10]


def is_control(frame):
    """Whether it is of a PPP protocol from 0x8000; an odd first byte is a compressed protocol."""
    first = frame[2 * frame.startswith(b"\xff\x03")]
    return first >= 0x80 and first % 2 == 0


# Frames that are on their way when the call ends: LCP's good-bye and its answer.
LAST_FRAMES = 3


def same_until_the_end(some, others):
    """The same frames in the same order; at the call's end, the last ones may find it gone."""
    count = min(len(some), len(others))
    return some[:count] == others[:count] and max(len(some), len(others)) - count <= LAST_FRAMES


def check_tunnel(wan, lan, chosen):
    """The frames of the tunnel, and that they are what was on the LAN."""
    up, down = wire.tunnel_frames(wan)
    numbers = [[frame.sequence for frame in way if frame.sequence is not None]
               for way in (up, down)]
    for way in numbers:
        check_equal(way, list(range(1, len(way) + 1)), "numbers of the tunnel's events")
    calls = [frame for frame in up if frame.type == wire.CALL_OPEN]
    check_equal(len(calls), 1, "CALL_OPEN frames")
    asked = wire.opened(calls[0])
    check_equal((asked.family, asked.call_id, asked.address), (4, chosen, CLIENT),
                "client of CALL_OPEN")
    check_equal([frame.call for frame in down if frame.type == wire.CALL_OPENED],
                [calls[0].call], "call of CALL_OPENED")
    check_equal([frame.call for frame in up + down if frame.type == wire.CALL_CLOSE],
                [calls[0].call], "call of CALL_CLOSE")
    for way, source in ((up, CLIENT), (down, LRP)):
        frames = [frame for frame in way if frame.type in (wire.PPP_CTL, wire.PPP_DATA)]
        check_equal({frame.call for frame in frames}, {calls[0].call}, "calls of PPP frames")
        check(same_until_the_end([frame.payload for frame in frames], gre_frames(lan, source)),
              f"PPP frames in the tunnel are not those in the GRE of {source}")
        for frame in frames:
            check_equal(frame.type == wire.PPP_CTL, is_control(frame.payload),
                        f"PPP_CTL for {frame.payload[:6].hex()}")


@story("Call ID, Peer Call ID and GRE call ID correspond on the LAN and in the tunnel; nothing "
       "malformed, no GRE on the server, no ICMP protocol-unreachable", path="nat", servers=OURS,
       why=WHY)
def tunnel_identifiers(lab):
    lan = lab.capture(lab.lrp_host, "lan0", "tcp port 1723 or ip proto 47 or icmp")
    wan = lab.capture(lab.router, "wan0")
    server = lab.capture(lab.server, "any", "ip proto 47")
    icmp, gre = check_without_us(lab, lan, server)
    chosen = peers.choose_call_id(lab.client1, "ID")
    pptpd, lrp = start_both(lab)
    stray_gre(lab.client1, LRP)
    client = dial(lab, lab.client1).wait_up()
    check_call(client)
    lab.transfer(lab.client1, 0.1)
    check_equal(len(server.stop().packets()), gre, "GRE packets on the server")
    client.stop()
    wait_calls(lab, 0)
    stray_gre(lab.client1, LRP)
    lan_packets, wan_packets = lan.stop().packets(), wan.stop().packets()
    check_equal((lan.dropped, wan.dropped), (0, 0), "packets missing in the captures")
    check_call_ids(lan, chosen)
    check_tunnel(wan_packets, lan_packets, chosen)
    check_equal(unreachable(lan_packets), icmp, "ICMP protocol-unreachable on the LAN")
    check_equal({packet.protocol for packet in wan_packets}, {capture.TCP}, "protocols on the WAN")
    check_equal(wan.fields("_ws.malformed", "frame.number"), [], "malformed on the WAN")
    end_both(pptpd, lrp)
