# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges what was seen against what a case expects. Only the sections that a case names are looked
at, except that nothing may be left running and nothing may be stuck."""

import difflib
import re


# Severities at which ours may say more than Poptop does.
HARMLESS = ("warning", "notice", "info", "debug")

# What a case expects of sections that it does not name.
USUALLY = {
    "left": [],
    "stuck": [],
    "stdout": [],
    "stderr": [],
    "debug": [],
    "start": ["running"],
}


def expectation(case, side):
    """Section -> expected lines for one side, or None if the case does not apply to it."""
    if side in case["skip"]:
        return None
    expected = dict(USUALLY)
    expected.update(case["same"])
    expected.update(case[side])
    if "end" not in expected:
        running = any(line.startswith("running") for line in expected["start"])
        expected["end"] = ["exit 0"] if running else []
    return expected


def fits(want, have):
    """An expected line that begins with ~ is a regular expression, any other is literal."""
    if want.startswith("~ "):
        return re.fullmatch(want[2:], have) is not None
    return want == have


def longer(want, have):
    """Ours may add to a line of Poptop's, at the end and recognisably."""
    if want.startswith("~ "):
        return False
    return have.startswith((want + " (", want + " from ", want + ": "))


def differences(expected, seen, side):
    found = []
    for section, want in expected.items():
        if want is None:  # the case says that it may be anything
            continue
        have = seen.get(section, [])
        if section == "stderr" and side == "ours":
            have = without_log(have, seen.get("log", []))
        if section == "log":
            found += log_differences(want, have, side)
        elif len(want) != len(have) or not all(map(fits, want, have)):
            found += diff(section, want, have)
    return found


def without_log(have, log):
    """Ours repeats on standard error what it logs as an error before it is running."""
    errors = [line.split(" ", 2)[2] for line in log if line.split(" ", 2)[1] in ("err", "crit")]
    return [line for line in have if line not in errors]


def diff(section, want, have):
    want = [next((line for line in have if fits(item, line)), item) for item in want]
    lines = difflib.ndiff(want, have)
    return ["%s: (- expected, + seen)" % section] + [
        "  " + line for line in lines if not line.startswith("?")
    ]


def origin(line):
    return line.removeprefix("~ ").split(" ", 1)[0]


def take_any(want, seen, fits):
    """Expected lines with origin * may come from anybody: (lines not found, what is left)."""
    missing = []
    rest = list(seen)
    for line in want:
        text = line.replace("* ", "", 1)
        found = [have for have in rest if fits(text, re.sub(r"^\S+ ", "", have))]
        if found:
            rest.remove(found[0])
        else:
            missing.append("log: missing: " + line)
    return missing, rest


def take_optional(want, seen):
    """Expected lines that begin with ? may be missing: what is left of both lists."""
    rest = list(seen)
    for line in want:
        if line.startswith("? ") and line[2:] in rest:
            rest.remove(line[2:])
    return [line for line in want if not line.startswith("? ")], rest


def log_differences(want, have, side):
    """Manager and pptpctrl write at the same time, so lines keep their order only per origin.
    Ours may say more than Poptop, but not as an error. Prefixes of expected lines: see fits(),
    take_any(), take_optional()."""
    want, have = take_optional(want, have)

    def matches(want, have):
        return fits(want, have) or side == "ours" and longer(want, have)

    found, have = take_any([line for line in want if origin(line) == "*"], have, matches)
    want = [line for line in want if origin(line) != "*"]
    for name in sorted(set(map(origin, want + have))):
        wanted = [line for line in want if origin(line) == name]
        seen = [line for line in have if origin(line) == name]
        extra = surplus(wanted, seen, matches)
        if extra is None:
            found += diff("log", wanted, seen)
            continue
        if side == "ours":
            extra = [line for line in extra if line.split(" ", 2)[1] not in HARMLESS]
        found += ["log: not expected: " + line for line in extra]
    return found


def surplus(wanted, seen, fits):
    """What SEEN has beyond WANTED when WANTED is a subsequence of it, else None."""
    extra = []
    rest = list(wanted)
    for line in seen:
        if rest and fits(rest[0], line):
            rest.pop(0)
        else:
            extra.append(line)
    return None if rest else extra


def show(seen):
    lines = []
    for section, have in seen.items():
        if have:
            lines.append("  %s=[" % section)
            lines += ["    %r," % line for line in have]
            lines.append("  ]")
    return "\n".join(lines)
