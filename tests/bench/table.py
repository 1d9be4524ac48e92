# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints what the benchmark measured, as aligned text."""

import os
import statistics

WAYS = ("up", "down")
TUNNELS = ("plain", "tls")
ROLES = (("client", "pptp-linux"), ("server", "pptpd+pptpctrl"), ("lrp", "lrp"))

# What can be measured beside the speed of full-size packets, and its title.
KINDS = {
    "small": "TCP in segments of 76 bytes, Mbit/s as received",
    "datagrams": "UDP of 64 bytes, as many as can be sent: packets/s that get to the other end's "
                 "interface",
    "both": "both ways at once, full-size packets, Mbit/s as received",
    "jitter": "WAN leg with 3 ms +- 1 ms each way, which reorders; Mbit/s as received",
}
CLIENTS = {
    "kernel": "All but the bare path: the client's data path is in its kernel (pppd on a PPTP "
              "socket).",
    "pptp-linux": "All but the bare path go through stock pptp-linux, whose data path in user "
                  "space limits them alike.",
}


def show(measured):
    rows = [Row(one) for one in measured["rows"]]
    print(f"Guest: {measured['kernel']}, {measured['processors']} processor(s). Machine: "
          f"{os.uname().release}, {os.cpu_count()} processors, load "
          f"{' '.join(f'{one:.1f}' for one in os.getloadavg())} at the end.")
    print(f"Median of {measured['rounds']} rounds in turns; iperf3 TCP, {measured['seconds']} s "
          f"each way, one call; took {measured['took']:.0f} s.")
    print(CLIENTS[measured["client"]] + "\n")
    print_aligned(_speed(rows))
    print("\nbest: fastest round. x: times distro's pptpd direct with the same encryption, median "
          "of the rounds. bare: times\nthe bare path. rtt: median echo in ms from the client's "
          "interface to it, idle, and while iperf3 sends up or down;\nabove: what is above the "
          "bare path's, x of that. lost: echoes, of all. channel: what the server took.\n")
    _tls(rows)
    for kind, title in KINDS.items():
        _kind(rows, kind, title)
    for row in rows:
        for remark in row.remarks:
            print(f"{row.name}: {remark}")
    for name, why in measured["skipped"]:
        print(f"not measured: {name}: {why}")
    print()
    print_aligned(_shares(rows, measured["client"]))
    print("\nPart of the guest's processor while iperf3 sends; the rest are kernel threads, "
          "interrupts, iperf3, pings.")
    _calls(measured["rows"])


class Row:
    def __init__(self, one):
        self.name = one["name"]
        self.kind = one["kind"]
        self.how = one["how"]
        self.mppe = one["mppe"]
        self.before = one["before"]
        self.channel = one["channel"]
        self.used = one["used"]
        self.results = one["results"]
        self.jitter = one["jitter"]
        self.remarks = one["remarks"]

    def speeds(self, way, kind=None):
        """What was measured each round: with full-size packets, or of another kind."""
        if kind == "jitter":
            return [result[way] for result in self.jitter]
        if kind:
            return [result[kind][way] for result in self.results if kind in result]
        return [result[way]["speed"] for result in self.results]

    def speed(self, way):
        return statistics.median(self.speeds(way))

    def echoes(self, when):
        return [echo for result in self.results
                for echo in (result["idle"] if when == "idle" else result[when]["echoes"])]

    def round_trip(self, when):
        """Milliseconds, or None when every echo was lost."""
        return _median(self.echoes(when))

    def idle_by_round(self):
        return [_median(result["idle"]) for result in self.results]

    def idle_above(self, bare):
        """The same without the bare path's of that round: what the call adds."""
        return [mine - floor if mine and floor else None for mine, floor in
                zip(self.idle_by_round(), bare.idle_by_round())] if bare and bare != self else []

    def lost(self):
        all_echoes = [echo for when in ("idle", *WAYS) for echo in self.echoes(when)]
        return f"{all_echoes.count(None)}/{len(all_echoes)}"

    def share(self, way, role):
        return statistics.median(result[way]["shares"].get(role, 0) for result in self.results)


def _speed(rows):
    lines = [["", "channel", "up", "best", "x", "bare", "down", "best", "x", "bare", "rtt", "x",
              "above", "x", "rtt up", "rtt down", "lost"]]
    bare = bare_of(rows)
    for row in rows:
        distro = distro_of(rows, row)
        line = [row.name, row.used or "-"]
        for way in WAYS:
            line += [f"{row.speed(way):.1f}", f"{max(row.speeds(way)):.1f}",
                     _text(ratio(row.speeds(way), distro and distro.speeds(way))),
                     _text(ratio(row.speeds(way), bare and bare.speeds(way)), 3)]
        line += [_ms(row.round_trip("idle")),
                 _text(ratio(row.idle_by_round(), distro and distro.idle_by_round())),
                 _ms(_median(row.idle_above(bare))),
                 _text(ratio(row.idle_above(bare), distro and distro.idle_above(bare)))]
        line += [_ms(row.round_trip(way)) for way in WAYS]
        lines.append(line + [row.lost()])
    return lines


def distro_of(rows, row):
    """The distro's pptpd direct with the same encryption, or None."""
    return next((one for one in rows if one.kind == "distro" and one.mppe == row.mppe), None)


def bare_of(rows):
    """The path without PPP, or None."""
    return next((one for one in rows if one.how == "bare"), None)


def plain_of(rows, row):
    """The path through LRP that differs from this one by TLS only, or None."""
    return next((one for one in rows if row.how == "tls" and one.how == "plain" and
                 (one.mppe, one.before) == (row.mppe, row.before)), None)


def _tls(rows):
    """What TLS costs: each path through it as parts of the same one without."""
    lines = [["TLS by plain", "up", "down", "rtt"]]
    for row in rows:
        plain = plain_of(rows, row)
        if plain:
            lines.append([row.name,
                          *(_text(ratio(row.speeds(way), plain.speeds(way))) for way in WAYS),
                          _text(ratio(row.idle_by_round(), plain.idle_by_round()))])
    if len(lines) > 1:
        print_aligned(lines)
        print("\nMedians of the rounds.\n")


def _kind(rows, kind, title):
    lines = [[kind, "up", "x", "down", "x"]]
    for row in rows:
        if not row.speeds("up", kind):
            continue
        distro = distro_of(rows, row)
        line = [row.name]
        for way in WAYS:
            speeds = row.speeds(way, kind)
            line += [f"{statistics.median(speeds):.1f}",
                     _text(ratio(speeds, distro and distro.speeds(way, kind)))]
        lines.append(line)
    if len(lines) > 1:
        print_aligned(lines)
        print(f"\n{title}.\n")


def _shares(rows, client):
    roles = [role for role in ROLES if role[0] != "client" or client == "pptp-linux"]
    lines = [["processor, %"] + [f"{name} {way}" for _, name in roles for way in WAYS]]
    for row in rows:
        if row.how != "bare":
            lines.append([row.name] + [f"{100 * row.share(way, role):.0f}"
                                       if role != "lrp" or row.how in TUNNELS else "-"
                                       for role, _ in roles for way in WAYS])
    return lines


def _calls(rows):
    for row in rows:
        for who, counted in row["calls"].items():
            calls = sorted(counted["calls"].items(), key=lambda one: -one[1][0])
            per = [f"{name} {count / max(counted['packets'], 1):.2f}" +
                   (f" ({errors / max(counted['packets'], 1):.2f} failed)" if errors else "")
                   for name, (count, errors) in calls[:8]]
            print(f"\n{row['name']}, {who}: system calls for each of {counted['packets']} packets "
                  f"of the call, both ways counted:\n    {', '.join(per)}")


def _median(echoes):
    back = [echo for echo in echoes if echo is not None]
    return statistics.median(back) if back else None


def _ms(value):
    return "-" if value is None else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def ratios(values, bases):
    """Within each round: what slows the machine for a while hits both."""
    return [value / base for value, base in zip(values, bases or ()) if value and base]


def ratio(values, bases):
    """Their median, or None."""
    found = ratios(values, bases)
    return statistics.median(found) if found else None


def _text(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def print_aligned(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print(f"{line[0]:<{widths[0]}}" + "".join(f"  {cell:>{width}}" for cell, width in
                                                  zip(line[1:], widths[1:])))
