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
from lab.events import Failure, check, wait_for
from lab.lab import Lab
from lab.server import PPTPD_CONF, options_for
from lab.story import OURS, story

ECHOES_IDLE = 60
ECHO_EVERY_IDLE = 0.02
ECHO_EVERY_LOADED = 0.1

# Seconds.
TUNNEL_UP = 20

# Seconds that strace watches.
TRACED = 3

WAYS = ("up", "down")

# Of the path that reorders: each way of the WAN leg.
JITTER = "delay 3ms 1ms"
# What the server says when a call goes over such a path, and how many runs it has to say so.
REORDERED = r"come out of order"
REORDERED_RUNS = 3

# The least segment that Linux makes: 76 bytes of data beside TCP's timestamps.
SMALL = ("-M", "88")
# Datagrams of 64 bytes, as many as the client can send.
DATAGRAMS = ("-u", "-l", "64", "-b", "0")


class Path:
    """One row of the table. how: "bare", "direct", "plain" or "tls", the latter two through an
    LRP; kind: whose pptpd, or None; channel: what `ppp-channel` is set to, or None."""

    def __init__(self, name, how, kind=None, mppe=False, before=False, channel=None):
        self.name = name
        self.how = how
        self.kind = kind
        self.mppe = mppe
        self.before = before
        self.channel = channel
        self.used = None
        self.results = []
        self.jitter = []
        self.calls = {}
        self.remarks = []

    def open(self, lab, more):
        """Bring the path up in a laboratory of its own."""
        self._lab = lab
        self._more = more
        self._where = lab.client1
        self._client = None
        if self.how == "bare":
            lab.router.ip(f"route add {network.SERVICE_NET} via {network.WAN_SERVER}")
            check(lab.client1.ping(network.SERVICE), "the bare path does not work")
        else:
            self._serve()
            self._dial()
        self._iperf = measure.Iperf(lab.service)
        self._pinger = measure.Pinger(self._where, network.SERVICE)

    def _serve(self):
        lab = self._lab
        options = options_for("mschapv2", self.mppe)
        conf = PPTPD_CONF + (f"ppp-channel {self.channel}\n" if self.channel else "")
        if self.how == "direct":
            self._pptpd = lab.pptpd(options=options, conf=conf)
        elif self.how == "tls":
            self._pptpd, lrp = enrolment.start_both(lab, options=options, conf=conf)
        else:
            self._pptpd = tunnel.start_server(lab, options=options, conf=conf)
            lrp = lab.lrp(*tunnel.lrp_conf())
            tunnel.wait_tunnel(self._pptpd, address=network.LAN["lrp"])
        if self.how != "direct":
            # The server is a moment earlier; our client is quick enough to be refused.
            wait_for(lambda: lrp.log(r"SERVER .*: up\b"), TUNNEL_UP, "the LRP says so too")

    def _dial(self):
        address = network.WAN_SERVER if self.how == "direct" else network.LAN["lrp"]
        if self._more["client"] == "kernel":
            client = self._lab.kernel_client(self._where, address, mppe=self.mppe,
                                             stage=self._more["stage"])
        else:
            client = self._lab.pptp_client(self._where, address, mppe=self.mppe)
        check_call(client.wait_up(), self.mppe)
        self._client = client
        self.used = self._channel_used()
        check(self.channel in (None, self.used), f"the server took {self.used}")

    def _channel_used(self):
        """How the server's pppd gets its frames, by what is there to be seen."""
        if any(name.startswith("rrp-") for name in self._lab.server.interfaces()):
            return "pppoe"
        lines = [line for _, line in self._lab.server.processes().values() if "/pppd " in line]
        return "kernel" if any("pptpd-channel" in line for line in lines) else "pty"

    def measure(self, seconds, kinds):
        """One turn: idle round trips, then each way with round trips under its load, then what
        else is asked for."""
        idle = []
        for _ in range(ECHOES_IDLE):
            self._pinger.every(ECHO_EVERY_IDLE, idle)
        result = {"idle": idle}
        for way in WAYS:
            echoes = []
            shares = measure.Shares(self._lab.hosts)
            speed = measure.received(self._load(way, seconds, echoes))
            result[way] = {"speed": speed, "echoes": echoes, "shares": shares.read()}
        if "small" in kinds:
            result["small"] = self._each_way(seconds, SMALL, measure.received)
        if "datagrams" in kinds:
            result["datagrams"] = {way: self._datagrams(way, seconds) for way in WAYS}
        if "both" in kinds:
            end = self._run(seconds, ["--bidir"], [])
            result["both"] = dict(zip(WAYS, measure.received_both(end)))
        self.results.append(result)

    def _each_way(self, seconds, words, read):
        return {way: read(self._load(way, seconds, [], words)) for way in WAYS}

    def _datagrams(self, way, seconds):
        """Packets that the path delivers each second of what is sent as fast as goes."""
        where, interface = ((self._lab.service, "svc0") if way == "up" else
                            (self._where, self._interface()))
        arrivals = measure.Arrivals(where, interface)
        end = self._load(way, seconds, [], DATAGRAMS)
        return arrivals.each_second(end["sum"]["seconds"])

    def _interface(self):
        """Where the client gets what the service sends."""
        return self._client.ifname if self._client else "lan0"

    def _load(self, way, seconds, echoes, words=()):
        return self._run(seconds, [*words, *(["-R"] if way == "down" else [])], echoes)

    def _run(self, seconds, words, echoes):
        return self._iperf.run(self._where, seconds, words,
                               lambda: self._pinger.every(ECHO_EVERY_LOADED, echoes))

    def measure_jitter(self, seconds):
        """A turn on a path that reorders. Where the server chooses the channel, its first call
        there is the one by which it notices; what is measured is the next."""
        self._lab.wan(JITTER)
        if self.kind == "ours" and self.how == "direct" and not self.channel and not self.jitter:
            self._redial_after_notice(seconds)
        self.jitter.append(self._each_way(seconds, (), measure.received))
        self._lab.wan()

    def _redial_after_notice(self, seconds):
        """The server looks at a call's first packets, so the call that is to be noticed is a fresh
        one."""
        first = self.used
        if first != "kernel":
            return
        self._redial()
        for run in range(REORDERED_RUNS):
            self._load(WAYS[run % 2], seconds, [])
            said = self._pptpd.log(REORDERED)
            if said:
                self._redial()
                self.remarks.append(f"on the path that reorders: first call {first}, "
                                    f"\"{said[0].text}\", next call {self.used}")
                self.used = first
                return
        self.remarks.append("reordering was not noticed, the call stayed as it was")

    def _redial(self):
        """While the path is calm: a client that puts nothing in order drops the CHAP Success that
        IPCP has overtaken, and its pppd then waits for ever, whoever the server is."""
        self._lab.wan()
        self._client.stop()
        self._pptpd.wait_idle()
        self._dial()
        self._lab.wan(JITTER)
        # Its socket has kept the address of the call before.
        self._pinger.close()
        self._pinger = measure.Pinger(self._where, network.SERVICE)

    def count_calls(self):
        """System calls of our processes per packet of the call, each way."""
        interface = self._interface()
        for role, pids in measure.Shares(self._lab.hosts).pids().items():
            if role == "client" or self.kind is None:
                continue
            where = self._lab.lrp_host if role == "lrp" else self._lab.server
            for way in WAYS:
                before = measure.packets(self._where, interface)
                calls = measure.system_calls(where, pids, lambda: self._load(way, TRACED, []))
                count = measure.packets(self._where, interface) - before
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
            if not old:
                for channel in ("pppoe", "pty"):
                    found.append(Path(f"{start} direct, {channel}{end}", "direct", "ours", mppe,
                                      channel=channel))
            found.append(Path(f"{start} through LRP, plain{end}", "plain", "ours", mppe, old))
            found.append(Path(f"{start} through LRP, TLS{end}", "tls", "ours", mppe, old))
    return found


def knows_channels(stage):
    with open(os.path.join(stage, "usr/sbin/pptpd"), "rb") as file:
        return b"ppp-channel" in file.read()


def say(text):
    """For whoever waits; the command shows it."""
    print(f"bench: {text}", flush=True)


def open_paths(lab, chosen, labs):
    """Adds a laboratory for each path to `labs`."""
    more = {**lab.more, "stage": lab.stage}
    for number, path in enumerate(chosen):
        stage = lab.more["before"] if path.before else lab.stage
        labs.append(Lab(path.kind or "distro", stage, "routed", lab.megabytes,
                        os.path.join(lab.directory, str(number))))
        path.open(labs[-1], more)
        say(f"{path.name}: up" + (f", {path.used}" if path.used else ""))


def measure_all(chosen, more):
    for turn in range(more["rounds"]):
        for path in chosen:
            path.measure(more["seconds"], more["measure"])
            last = path.results[-1]
            say(f"round {turn + 1}, {path.name}: "
                f"up {last['up']['speed']:.1f}, down {last['down']['speed']:.1f} Mbit/s")
    if "jitter" in more["measure"]:
        for turn in range(more["rounds"]):
            for path in chosen:
                path.measure_jitter(more["seconds"])
                say(f"jitter {turn + 1}, {path.name}: up {path.jitter[-1]['up']:.1f}, "
                    f"down {path.jitter[-1]['down']:.1f} Mbit/s")
    if more["calls"]:
        for path in chosen:
            path.count_calls()
            say(f"system calls, {path.name}: counted")


@story("throughput and round trips of all paths, side by side", servers=OURS,
       why="it measures both itself")
def bench_paths(lab):
    chosen = [path for path in paths(lab.more["before"]) if re.search(lab.more["only"], path.name)]
    skipped = []
    if not knows_channels(lab.stage):
        skipped = [(path.name, "this pptpd has no ppp-channel") for path in chosen if path.channel]
        chosen = [path for path in chosen if not path.channel]
    check(chosen, f"no path matches {lab.more['only']}")
    # Also where no client uses it: all rows shall share one kernel, as far as can be.
    lab.kernel_pptp()
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
                  "before": path.before, "channel": path.channel, "used": path.used,
                  "results": path.results, "jitter": path.jitter, "calls": path.calls,
                  "remarks": path.remarks} for path in chosen],
        "skipped": skipped, "seconds": lab.more["seconds"], "rounds": lab.more["rounds"],
        "client": lab.more["client"], "emulated": lab.more["emulated"],
        "kernel": " ".join(os.uname()[0:1] + os.uname()[2:3]), "processors": os.cpu_count(),
        "took": time.monotonic() - began}))
