# SPDX-License-Identifier: GPL-2.0-or-later
"""All ways from a client to the service, side by side on one kernel, measured in turns.

Each path is a laboratory of its own, whose call stays up and idle while others have their turn;
so what else the machine does hits all alike.
"""

import json
import os
import re
import time

from lab import enrolment, measure, network, tunnel
from lab.checks import check_call
from lab.events import Failure, check
from lab.lab import Lab
from lab.server import options_for
from lab.story import OURS, story

ECHOES_IDLE = 60
ECHO_EVERY_IDLE = 0.02
ECHO_EVERY_LOADED = 0.1

# Seconds that strace watches.
TRACED = 3

WAYS = ("up", "down")


class Path:
    """One row of the table. how: "bare", "direct", "plain" or "tls", the latter two through an
    LRP; kind: whose pptpd, or None."""

    def __init__(self, name, how, kind=None, mppe=False, before=False):
        self.name = name
        self.how = how
        self.kind = kind
        self.mppe = mppe
        self.before = before
        self.results = []
        self.calls = {}

    def open(self, lab):
        """Bring the path up in a laboratory of its own."""
        self._lab = lab
        self._where = lab.client1
        client = None
        if self.how == "bare":
            lab.router.ip(f"route add {network.SERVICE_NET} via {network.WAN_SERVER}")
            check(lab.client1.ping(network.SERVICE), "the bare path does not work")
        else:
            client = self._dial(lab)
        self._interface = client.ifname if client else "lan0"
        self._iperf = measure.Iperf(lab.service)
        self._pinger = measure.Pinger(self._where, network.SERVICE)

    def _dial(self, lab):
        options = options_for("mschapv2", self.mppe)
        if self.how == "direct":
            lab.pptpd(options=options)
            client = lab.pptp_client(lab.client1, mppe=self.mppe).wait_up()
        else:
            if self.how == "tls":
                enrolment.start_both(lab, options=options)
            else:
                pptpd = tunnel.start_server(lab, options=options)
                lab.lrp(*tunnel.lrp_conf())
                tunnel.wait_tunnel(pptpd, address=network.LAN["lrp"])
            client = tunnel.dial(lab, lab.client1, mppe=self.mppe).wait_up()
        check_call(client, self.mppe)
        return client

    def measure(self, seconds):
        """One turn: idle round trips, then each way with round trips under its load."""
        idle = []
        for _ in range(ECHOES_IDLE):
            self._pinger.every(ECHO_EVERY_IDLE, idle)
        result = {"idle": idle}
        for way in WAYS:
            echoes = []
            shares = measure.Shares(self._lab.hosts)
            speed = self._load(way, seconds, echoes)
            result[way] = {"speed": speed, "echoes": echoes, "shares": shares.read()}
        self.results.append(result)

    def _load(self, way, seconds, echoes):
        return self._iperf.run(self._where, seconds, way == "down",
                               lambda: self._pinger.every(ECHO_EVERY_LOADED, echoes))

    def count_calls(self):
        """System calls of our processes per packet of the call, each way."""
        for role, pids in measure.Shares(self._lab.hosts).pids().items():
            if role == "client" or self.kind is None:
                continue
            where = self._lab.lrp_host if role == "lrp" else self._lab.server
            for way in WAYS:
                before = measure.packets(self._where, self._interface)
                calls = measure.system_calls(where, pids, lambda: self._load(way, TRACED, []))
                count = measure.packets(self._where, self._interface) - before
                self.calls[f"{role}, {way}"] = {"packets": count, "calls": calls}

    def close(self):
        self._pinger.close()
        self._iperf.stop()


def paths(before):
    found = [Path("bare path, no PPP", "bare")]
    for mppe in (False, True):
        end = ", MPPE" if mppe else ""
        found.append(Path(f"distro pptpd direct{end}", "direct", "distro", mppe))
        for old in (True, False) if before else (False,):
            start = "ours before" if old else "ours"
            found.append(Path(f"{start} direct{end}", "direct", "ours", mppe, old))
            found.append(Path(f"{start} through LRP, plain{end}", "plain", "ours", mppe, old))
            found.append(Path(f"{start} through LRP, TLS{end}", "tls", "ours", mppe, old))
    return found


def say(text):
    """For whoever waits; the command shows it."""
    print(f"bench: {text}", flush=True)


def open_paths(lab, chosen, labs):
    """Adds a laboratory for each path to `labs`."""
    for number, path in enumerate(chosen):
        stage = lab.more["before"] if path.before else lab.stage
        labs.append(Lab(path.kind or "distro", stage, "routed", lab.megabytes,
                        os.path.join(lab.directory, str(number))))
        path.open(labs[-1])
        say(f"{path.name}: up")


def measure_all(chosen, more):
    for turn in range(more["rounds"]):
        for path in chosen:
            path.measure(more["seconds"])
            last = path.results[-1]
            say(f"round {turn + 1}, {path.name}: "
                f"up {last['up']['speed']:.1f}, down {last['down']['speed']:.1f} Mbit/s")
    if more["calls"]:
        for path in chosen:
            path.count_calls()


@story("throughput and round trips of all paths, side by side", servers=OURS,
       why="it measures both itself")
def bench_paths(lab):
    chosen = [path for path in paths(lab.more["before"]) if re.search(lab.more["only"], path.name)]
    check(chosen, f"no path matches {lab.more['only']}")
    began = time.monotonic()
    labs = []
    try:
        open_paths(lab, chosen, labs)
        measure_all(chosen, lab.more)
        for path, one in zip(chosen, labs):
            path.close()
            one.stop_all()
    except Failure as problem:
        logs = "\n".join(f"=== {path.name}\n{one.logs()}" for path, one in zip(chosen, labs))
        raise Failure(f"{problem}\n{logs}") from problem
    finally:
        for one in labs:
            one.close()
    lab.note(json.dumps({
        "rows": [{"name": path.name, "kind": path.kind, "how": path.how, "mppe": path.mppe,
                  "results": path.results, "calls": path.calls} for path in chosen],
        "seconds": lab.more["seconds"], "rounds": lab.more["rounds"],
        "kernel": " ".join(os.uname()[0:1] + os.uname()[2:3]), "processors": os.cpu_count(),
        "took": time.monotonic() - began}))
