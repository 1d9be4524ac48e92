# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures that this project wants to reach on these paths, and whether one run reached them."""

import statistics

from table import KINDS, WAYS, Row, bare_of, distro_of, plain_of, print_aligned, ratio, ratios

# Times as fast as, up and down: on User-Mode Linux or the running kernel, and in full emulation.
DIRECT = ((40, 30), (6, 5))
THROUGH_LRP = ((10, 5), (4, 3))
TLS = ((0.7, 0.7), None)
ROUND_TRIP = 0.5

# Rounds of one path differ by more than this: with rounds on both sides of the distro's, from here
# on a row is level with it.
LEVEL = 0.95


def show(measured):
    rows = [Row(one) for one in measured["rows"]]
    where = int(measured["emulated"])
    lines = [["goal", "wanted", "measured", ""]]
    lines += _speed(rows, "direct", "direct, by distro direct", DIRECT[where], distro_of)
    lines += _speed(rows, "plain", "through LRP, by distro direct", THROUGH_LRP[where], distro_of)
    lines += _speed(rows, "tls", "TLS, by plain", TLS[where], plain_of)
    for mppe in (False, True):
        for kind in (None, *KINDS):
            lines += _no_row_loses([row for row in rows if row.mppe == mppe], kind, mppe)
    lines += _round_trip(rows)
    print()
    print_aligned(lines)


def _line(what, wanted, measured, most=False, limit=None):
    """limit: what the bare path measured, beyond which no call can be, or None."""
    if measured is None:
        verdict = "not measured"
    elif measured <= wanted if most else measured >= wanted:
        verdict = "reached"
    elif limit is not None and (limit > wanted if most else limit < wanted):
        verdict = f"cannot be reached in this run: the bare path is {limit:.2f}"
    else:
        verdict = "NOT REACHED"
    return [what, f"{'at most' if most else 'at least'} {wanted:g}",
            "-" if measured is None else f"{measured:.2f}", verdict]


def _find(rows, how):
    """The path as people get it: nothing is forced, no encryption in the call."""
    return next((row for row in rows if row.kind == "ours" and row.how == how and not row.mppe and
                 not row.before and not row.channel), None)


def _speed(rows, how, what, wanted, base_of):
    if not wanted:
        return []
    row = _find(rows, how)
    base = row and base_of(rows, row)
    bare = bare_of(rows)
    return [_line(f"{what}, {way}", least, ratio(row.speeds(way), base.speeds(way))
                  if base else None,
                  limit=ratio(bare.speeds(way), base.speeds(way)) if base and bare else None)
            for way, least in zip(WAYS, wanted)]


def _no_row_loses(rows, kind, mppe):
    """One line: the row that is worst off beside the distro's pptpd; or each that loses."""
    found = []
    for row in rows:
        distro = distro_of(rows, row)
        if row.kind != "ours" or row.before or not distro:
            continue
        for way in WAYS:
            rounds = ratios(row.speeds(way, kind), distro.speeds(way, kind))
            if rounds:
                found.append((statistics.median(rounds), f"{row.name}, {way}", rounds))
    name = f"no row loses to the distro's: {kind or 'full-size'}{', MPPE' if mppe else ''}"
    if not found:
        return [_line(name, 1, None)]
    found.sort()
    losers = [_lost(f"{name} ({who})", value, rounds) for value, who, rounds in found if value < 1]
    return losers or [_line(f"{name} (worst: {found[0][1]})", 1, found[0][0])]


def _lost(name, value, rounds):
    """Whether it is a loss is for more rounds to say when these lie on both sides of 1."""
    line = _line(name, 1, value)
    if value >= LEVEL and max(rounds) >= 1:
        line[-1] = "level"
    line[-1] += f" (rounds: {', '.join(f'{one:.2f}' for one in rounds)})"
    return line


def _round_trip(rows):
    """As it is asked for, all of the round trip; and what the call adds to the bare path's."""
    row = _find(rows, "direct")
    base = row and distro_of(rows, row)
    bare = bare_of(rows)
    whole = above = limit = None
    if base:
        whole = ratio(row.idle_by_round(), base.idle_by_round())
    if base and bare:
        limit = ratio(bare.idle_by_round(), base.idle_by_round())
        above = ratio(row.idle_above(bare), base.idle_above(bare))
    return [_line("round trip idle, direct, by distro direct", ROUND_TRIP, whole, most=True,
                  limit=limit),
            _line("the same, what is above the bare path", ROUND_TRIP, above, most=True)]
