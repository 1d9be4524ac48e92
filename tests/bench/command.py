# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of the benchmark: lets one guest of the laboratory measure, prints tables.

It asserts nothing about speed; it fails when a path does not work.
"""

import argparse
import json
import os
import sys
import time

import goals
import table
from lab import runner, story

BENCH = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(BENCH))

# Seconds for a path to be set up, and for what one iperf3 takes beside its own time.
PATH_SETUP = 120
RUN_SLACK = 60

# What is measured beside throughput and round trips of full-size packets, and its runs of iperf3.
KINDS = {"small": 2, "datagrams": 2, "both": 1, "jitter": 3}


class Run(runner.Run):
    """Shows what is being measured while it is, and the tables at the end. A path that does not get
    on fails: what it may take counts from the last line it said."""

    def __init__(self, stories, names, options, out):
        super().__init__(dict(stories), names, options, out)
        self._shown = 0
        self._began = time.monotonic()
        runs = 2 + sum(KINDS[kind] for kind in options.more["measure"])
        self._step = PATH_SETUP + runs * (options.seconds + RUN_SLACK)
        self._allow_step()

    def _allow_step(self):
        deadline = time.monotonic() - self._began + self._step
        for name, one in self.stories.items():
            self.stories[name] = one._replace(deadline=deadline)

    def _watch(self):
        super()._watch()
        path = os.path.join(self.out, "guest-1.log")
        if not os.path.exists(path):
            return
        with open(path, "rb") as log:
            log.seek(self._shown)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._shown += len(line)
                if line.startswith(b"bench: "):
                    print(line.decode(errors="replace").strip(), file=sys.stderr)
                    self._allow_step()

    def report(self, result):
        if not result["ok"]:
            super().report(result)
            return
        self.counts["passed"] += 1
        measured = json.loads(result["notes"][0])
        if self.options.json:
            json.dump(measured, sys.stdout)
            print()
            return
        table.show(measured)
        goals.show(measured)

    def report_counts(self):
        pass


def main():
    options = _parse()
    stories = story.load(options.folder)
    return runner.tell_all(stories, ["bench-paths"], options, Run)


def _kinds(text):
    kinds = list(KINDS) if text == "all" else text.split(",")
    for kind in kinds:
        if kind not in KINDS:
            raise argparse.ArgumentTypeError(f"{kind} is none of {', '.join(KINDS)}")
    return kinds


def _parse():
    parser = argparse.ArgumentParser(prog="tests/bench/paths", description="Measures throughput "
                                     "and round trips of all paths side by side and prints them.")
    parser.add_argument("--stage", default=os.path.join(TOP, "stage"), metavar="DIR",
                        help="where `make install DESTDIR=DIR` put ours (default: stage)")
    parser.add_argument("--before", metavar="DIR", help="another such tree, to compare with")
    parser.add_argument("--seconds", type=int, default=8, metavar="N",
                        help="of each iperf3 (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N",
                        help="how often each path gets its turn (default: %(default)s)")
    parser.add_argument("--only", default="", metavar="REGEX", help="only paths whose name matches")
    parser.add_argument("--calls", action="store_true", help="at the end also count the system "
                        "calls of ours under load, with strace")
    parser.add_argument("--measure", type=_kinds, default=(), metavar="LIST",
                        help=f"what else: words of {', '.join(KINDS)}, with commas, or all")
    parser.add_argument("--client", choices=("kernel", "pptp-linux"), default="kernel",
                        help="where the client's data path is: in its kernel, or in pptp-linux "
                        "(default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print all that was measured as JSON")
    parser.add_argument("--kernel", choices=runner.KERNELS, default="auto",
                        help=runner.KERNEL_HELP)
    parser.add_argument("--keep", metavar="DIR", help="keep all logs here")
    parser.add_argument("--setup", action="store_true", help="first install what is needed, "
                        "build and stage ours")
    options = parser.parse_args()
    options.more = {"seconds": options.seconds, "rounds": options.rounds, "only": options.only,
                    "calls": options.calls, "measure": options.measure, "client": options.client,
                    "emulated": options.kernel == "qemu",
                    "before": options.before and os.path.abspath(options.before)}
    options.kind = "ours"
    options.jobs = 1
    options.megabytes = 1
    options.again = False
    options.folder = os.path.join(BENCH, "stories")
    return options
