# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of calls on the running kernel, whose pppd only plays along: whether they come up, what
they cost when idle, and what a packet costs in time and processor.

Asserts nothing about speed; fails when a call does not come up or is lost.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

import scale_flow
import scale_rows
import scale_world
from lab import events, kernel

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = ("load", "pppd-stub")
NEEDED = ("ip", "certtool", "make")
PROGRAMS = ("pptpd", "pptpctrl", "pptpd-ctl", "rrp-signer", "lrp")
MISSING = 77

PARTS = {
    "storm": scale_rows.storm,
    "idle": scale_rows.idle,
    "many": scale_flow.many,
    "cost": scale_flow.cost,
    "latency": scale_flow.latency,
}


def main():
    options = _parse()
    tools = os.path.join(options.build, "tests/bench/load")
    missing = _missing(options)
    if missing:
        print("tests/bench: cannot run here, missing: " + "; ".join(missing), file=sys.stderr)
        return MISSING
    if subprocess.run(["make", "-s", "-C", options.build,
                       *(f"tests/bench/load/{name}" for name in TOOLS)],
                      stdout=subprocess.DEVNULL, check=False).returncode:
        return 1
    kernel.become_subreaper()
    bench = Bench(options, tools)
    began = time.monotonic()
    try:
        for part in options.parts or PARTS:
            PARTS[part](bench)
    except events.Failure as problem:
        print(f"tests/bench: {problem}", file=sys.stderr)
        return 1
    finally:
        bench.close()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"Machine: {os.uname().release}, {os.cpu_count()} processors, load {load} at the end; "
          f"took {time.monotonic() - began:.0f} s.")
    return 1 if bench.lost else 0


def _parse():
    parser = argparse.ArgumentParser(prog="tests/bench/scale", description="Measures with many "
                                     "calls and a pppd that plays along, and prints tables.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS) +
                        " (default: all)")
    parser.add_argument("--stage", default=os.path.join(TOP, "stage"), metavar="DIR",
                        help="where `make install DESTDIR=DIR` put ours (default: stage)")
    parser.add_argument("--build", default=os.path.join(TOP, "build-stage"), metavar="DIR",
                        help="where ours was built (default: build-stage)")
    parser.add_argument("--quick", action="store_true",
                        help="few calls: whether all come up, in some seconds")
    parser.add_argument("--clients", type=int, metavar="N",
                        help="of storm and idle (default: 1000 and 4000; with --quick 60)")
    parser.add_argument("--seconds", type=int, default=4, metavar="N",
                        help="of each measurement with data (default: %(default)s)")
    parser.add_argument("--setup", action="store_true", help="first install what is needed, "
                        "build and stage ours")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {unknown[0]}")
    return options


def _missing(options):
    found = [] if os.geteuid() == 0 else ["root"]
    found += [tool for tool in NEEDED if not shutil.which(tool, path=os.environ["PATH"])]
    return found + [path for path in (*(f"{options.stage}/usr/sbin/{name}" for name in PROGRAMS),
                                      f"{options.build}/Makefile") if not os.path.exists(path)]


class Bench:
    """What all parts need; a world at a time."""

    def __init__(self, options, tools):
        self.options = options
        self.lost = 0
        self._tools = os.path.abspath(tools)
        self._ptys = scale_world.Ptys(options.clients or 4000)
        self.directory = tempfile.mkdtemp(prefix="scale-")
        self._worlds = 0

    def world(self, calls, security=None, **settings):
        self._worlds += 1
        return _Open(os.path.join(self.directory, str(self._worlds)), self._tools,
                     os.path.abspath(self.options.stage), calls, security, settings)

    def settle(self, world, load):
        """The load tool's word on how the dialling went; remembers whether somebody failed."""
        said = load.settled()
        if said["up"] != said["calls"]:
            self.lost += said["calls"] - said["up"]
            print(f"NOT UP: {said['causes']}\n{world.logs()}", file=sys.stderr)
        return said

    def close(self):
        self._ptys.close()
        shutil.rmtree(self.directory)


class _Open:
    """A world that is closed at the end of a with, its logs shown after a failure."""

    def __init__(self, directory, tools, stage, calls, security, settings):
        os.makedirs(directory)
        self._arguments = (directory, tools, stage, calls, security)
        self._settings = settings

    def __enter__(self):
        self._world = scale_world.World(*self._arguments, **self._settings)
        return self._world

    def __exit__(self, kind, problem, trace):
        if problem:
            print(self._world.logs(), file=sys.stderr)
        self._world.close()
