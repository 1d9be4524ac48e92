# SPDX-License-Identifier: GPL-2.0-or-later
"""Three hosts on the running kernel: clients by the thousand, an LRP, and a server whose pppd only
plays along. What the benchmarks of scale have in common: how they are set up, the load tool, and
what the system says of the processes."""

import json
import os

from lab import enrolment, events, host, network, server, syslog, tunnel

# The host of the clients has a cable to each of the others. Their many addresses are routed to it,
# not on the cable, so that the kernel's table of neighbours is no limit.
CLIENT, LRP = "192.168.77.11", "192.168.77.20"
CLIENT_WAN, SERVER = "10.77.0.1", "10.77.0.2"
LRP_UP, SERVER_UP = "10.78.0.1", "10.78.0.2"
SOURCES = "10.64.0.0/16"

# Host, interface and address at each end.
CABLES = (("client", "lan0", CLIENT, "lrp", "lan0", LRP),
          ("client", "wan0", CLIENT_WAN, "server", "wan0", SERVER),
          ("lrp", "wan0", LRP_UP, "server", "up0", SERVER_UP))

# So many addresses in each item of remoteip.
POOL_ITEM = 250

# Words for pppd that the one of the load tool understands.
OPTIONS = "require-chap\nuser load\npassword secret\n"

# RFC 2637 3.1.4 says 60; a benchmark that looks for other reasons to wake up says more.
SELDOM = 3600

# The most that lrp.conf takes.
LRP_CALLS_MAX = 4096

# Of direct clients, and of tunnels.
PPTPCTRL = ("pptpctrl", "pptpctrl-tunnel")

PTY_MAX = "/proc/sys/kernel/pty/max"


def mac_of(address):
    """One that says whose it is."""
    return "02:00:" + ":".join(f"{int(octet):02x}" for octet in address.split("."))


def pool(calls):
    items = (calls + POOL_ITEM - 1) // POOL_ITEM
    return ",".join(f"10.96.{item}.1-{POOL_ITEM}" for item in range(items))


class World:
    """security: of the tunnel, "plain" or "tls", or None without one; kind: whose pptpd."""

    def __init__(self, directory, tools, stage, calls, security=None, kind="ours", lrp_lines=()):
        self._tools = tools
        self.load_tool = f"{tools}/load"
        self._started = []
        self._collector = syslog.Collector()
        self.hosts = {name: host.Host(name, directory, self._collector,
                                      stage if name != "client" and kind == "ours" else None)
                      for name in ("client", "lrp", "server")}
        self.client, self.server = self.hosts["client"], self.hosts["server"]
        self.lrp_host = self.hosts["lrp"]
        self.lrp = None
        try:
            self._cable()
            self._start_server(calls, security, kind)
            if security:
                self._start_lrp(security, [f"connections {min(calls, LRP_CALLS_MAX)}", *lrp_lines])
        except BaseException:
            self.close()
            raise
        self.address = LRP if security else SERVER

    def _cable(self):
        for one, own, address, other, theirs, their_address in CABLES:
            one, other = self.hosts[one], self.hosts[other]
            mac, their_mac = mac_of(address), mac_of(their_address)
            one.ip(f"link add name {own} address {mac} type veth peer name {theirs} address "
                   f"{their_mac} netns {other.task}")
            for host_, name, mine, peer, peer_mac in ((one, own, address, their_address, their_mac),
                                                      (other, theirs, their_address, address, mac)):
                # For good: the kernel's table of neighbours is one for all hosts, and may be full.
                host_.ip(f"addr add {mine}/24 dev {name}", f"link set {name} up",
                         f"neigh add {peer} lladdr {peer_mac} dev {name} nud permanent")
        for one in self.hosts.values():
            one.ip("link set lo up")
        self.client.ip(f"route add local {SOURCES} dev lo")
        self.lrp_host.ip(f"route add {SOURCES} via {CLIENT}")
        self.server.ip(f"route add {SOURCES} via {CLIENT_WAN}",
                       f"route add {network.LAN_NET} via {CLIENT_WAN}")

    def _start_server(self, calls, security, kind):
        conf = [f"option {server.OPTIONS}", f"ppp {self._tools}/pppd-stub",
                f"connections {calls}", "localip 10.98.0.1", f"remoteip {pool(calls)}"]
        if security:
            conf += ["rrp-listen :4723", f"rrp-calls {calls}"]
        if security == "plain":
            conf += ["rrp-security plain"]
        self.pptpd = self._later(server.Pptpd(self.server, kind, {}, "\n".join(conf) + "\n",
                                              OPTIONS))

    def _start_lrp(self, security, lines):
        if security == "tls":
            enrolment.enrol_well(self, enrolment.invite(self, address=SERVER_UP), "--interface",
                                 "lan0")
            conf = self.lrp_host.read(server.LRP_CONF)
            self.lrp_host.write(server.LRP_CONF, "\n".join([conf.rstrip("\n"), *lines, ""]))
            lines = ()
        else:
            lines = ["interface lan0", f"server {SERVER_UP}", "security plain",
                     f"name {tunnel.LRP_NAME}", *lines]
        self.lrp = self._later(server.Lrp(self.lrp_host, lines))
        tunnel.wait_tunnel(self.pptpd, address=LRP_UP)

    def load(self, calls, **options):
        """The load tool, which dials at once."""
        return self._later(Load(self, self._tools, calls, **options))

    def processes(self):
        """Of the programs under test: {role: [pid]}."""
        found = {"pptpd": [self.pptpd.pid], "pptpctrl": [], "lrp worker": [], "lrp parent": []}
        found["pptpctrl"] = [pid for pid in self.pptpd.tree() if name_of(pid) in PPTPCTRL]
        if self.lrp:
            for pid in self.lrp_host.processes():
                if pid == self.lrp.pid:
                    found["lrp parent"].append(pid)
                elif has_ring(pid):
                    found["lrp worker"].append(pid)
        return {role: pids for role, pids in found.items() if pids}

    def pppds(self):
        return [pid for pid in self.pptpd.tree() if name_of(pid) == "pppd-stub"]

    def _later(self, what):
        self._started.append(what)
        return what

    def logs(self):
        lines = [f"{line.tag}: {line.text}" for one in self.hosts.values()
                 for line in one.journal.lines[-30:]]
        return "\n".join(lines + (self.lrp.process.text().splitlines()[-30:] if self.lrp else []))

    def close(self):
        for what in reversed(self._started):
            if what.running:
                what.stop()
        for pid in [pid for one in self.hosts.values() for pid in one.processes()]:
            try:
                os.kill(pid, 9)  # Of the distro's pptpd, whose calls are systemd's affair.
            except ProcessLookupError:
                pass
        for one in self.hosts.values():
            one.close()
        self._collector.close()


class Load:
    """tests/bench/load/load, which takes commands."""

    def __init__(self, world, tools, calls, within=1, wait=60, sources=SOURCES, per_source=0):
        reader, self._commands = os.pipe()
        self._seen = 0
        argv = [f"{tools}/load", "--server", world.address, "--sources", sources, "--calls",
                str(calls), "--within", str(within), "--wait", str(wait), "--commands", "--json"]
        if per_source:
            argv += ["--calls-per-source", str(per_source)]
        self.process = world.client.start(argv, name="load", stdin=reader)
        os.close(reader)
        self.wait_s = wait

    @property
    def running(self):
        return self.process.running

    def _events(self):
        return [json.loads(line) for line in self.process.text().splitlines(True)
                if line.startswith("{") and line.endswith("}\n")]

    def next(self, deadline):
        """The next thing that it says."""
        def there():
            return len(self._events()) > self._seen or not self.running

        events.wait_for(there, deadline, "the load tool's next line")
        said = self._events()
        events.check(len(said) > self._seen, f"the load tool ended: {self.process.text()}")
        self._seen += 1
        return said[self._seen - 1]

    def settled(self):
        return self.next(self.wait_s + 20)

    def command(self, text, deadline):
        os.write(self._commands, text.encode() + b"\n")
        said = self.next(deadline)
        events.check(said["event"] != "error", f"the load tool refuses: {text}")
        return said

    def data(self, kind, size, rate, seconds, calls=1, window=256):
        return self.command(f"data {kind} {size} {rate} {seconds} {calls} {window}", seconds + 20)

    def state(self):
        return self.command("state", 20)

    def stop(self):
        os.close(self._commands)
        self.process.wait(60)


def _read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def name_of(pid):
    """The program's; some change their command line."""
    try:
        return _read(f"/proc/{pid}/comm").strip()
    except OSError:
        return None


def has_ring(pid):
    """Whether it has libpcap's mapped ring."""
    try:
        return "socket:" in _read(f"/proc/{pid}/maps")
    except OSError:
        return False


def memory(pids):
    """kB that are theirs: each page counts by its share (Pss)."""
    return sum(int(line.split()[1]) for pid in pids
               for line in _read(f"/proc/{pid}/smaps_rollup").splitlines()
               if line.startswith("Pss:"))


def wakeups(pids):
    """How often they have waited for something so far."""
    return sum(int(line.split()[1]) for pid in pids
               for line in _read(f"/proc/{pid}/status").splitlines()
               if line.startswith("voluntary_ctxt_switches:"))


class Cpu:
    """Seconds of a processor that some processes had so far: all (exact), in the kernel (by the
    clock's ticks)."""

    def __init__(self, pids):
        ticks = os.sysconf("SC_CLK_TCK")
        stats = [_read(f"/proc/{pid}/stat").rpartition(")")[2].split() for pid in pids]
        self.all = sum(int(_read(f"/proc/{pid}/schedstat").split()[0]) for pid in pids) / 1e9
        self.user = sum(int(one[11]) for one in stats) / ticks
        self.system = sum(int(one[12]) for one in stats) / ticks

    def since(self, before):
        """(microseconds, of these in the kernel)."""
        took = self.all - before.all
        user, system = self.user - before.user, self.system - before.system
        share = system / (user + system) if user + system else 0
        return took * 1e6, took * 1e6 * share


class Ptys:
    """The system's limit of pseudo-terminals, high enough while this is open."""

    def __init__(self, needed):
        self._former = int(_read(PTY_MAX))
        # A quarter of the usual limit is kept for the machine's own terminals.
        self._write(max(self._former, needed + 2048))

    @staticmethod
    def _write(value):
        with open(PTY_MAX, "w", encoding="ascii") as file:
            file.write(f"{value}\n")

    def close(self):
        self._write(self._former)
