# SPDX-License-Identifier: GPL-2.0-or-later
"""What a story gets: the hosts, the daemons it can start on them, and the checks afterwards."""

import os
import re
import signal
from concurrent import futures

from . import capture, events, host, kernel, kernel_client, network, peers, server, syslog, transfer

# Seconds within which everything has to be gone after a story.
GONE = 20

# Distro's pptpd never removes its pid file; ours has to.
LEFT_BY = {"distro": {"pptpd.pid"}, "ours": set()}

USERS = {"alice": "alice's secret", "bob": "bob's secret"}

# How much of each log is printed when a story fails.
LOG_TAIL = 150


class Lab:
    """kind: "distro" or "ours"; stage: the installed tree of ours; path: "routed" or "nat";
    megabytes: how much a transfer moves each way; directory: a fresh one, for the logs of this
    story."""

    def __init__(self, kind, stage, path, megabytes, directory):
        self.kind = kind
        self.path = path
        self.stage = stage
        self.megabytes = megabytes
        self.directory = directory
        self.more = {}
        self.notes = []
        self._kernel_lines = len(kernel.kernel_log())
        self._stoppable = []
        self._service = None
        self._collector = syslog.Collector()
        self.hosts = {}
        for name in network.HOSTS:
            tree = stage if kind == "ours" and name in ("server", "lrp") else None
            self.hosts[name] = host.Host(name, directory, self._collector, tree)
            setattr(self, "lrp_host" if name == "lrp" else name, self.hosts[name])
        network.build(self.hosts, path)

    # For stories ---------------------------------------------------------------------------

    def note(self, text):
        """A remark that is printed with the story's result."""
        self.notes.append(text)

    def wan(self, netem=""):
        """Shape the WAN leg, both directions, by netem's own words ("delay 20ms loss 1%")."""
        network.shape([(self.router, "wan0"), (self.server, "wan0")], netem)

    def lan_leg(self, name, netem=""):
        """The same on the client LAN, between one host and all others."""
        network.shape([(self.hosts[name], "lan0"), (self.router, f"p-{name}")], netem)

    def pptpd(self, **settings):
        """Start the pptpd under test on the server; see server.Pptpd."""
        settings.setdefault("users", USERS)
        return self._later(server.Pptpd(self.server, self.kind, **settings))

    def lrp(self, *lines, flags=()):
        """Start the LRP under test on its host, with these lines of configuration or, without
        any, with what it was enrolled with; see server.Lrp."""
        return self._later(server.Lrp(self.lrp_host, lines, flags))

    def pptp_client(self, where, address=network.WAN_SERVER, user="alice", password=None,
                    **settings):
        """Dial from a host with the stock client; see peers.PptpClient."""
        if password is None:
            password = USERS[user]
        return self._later(peers.PptpClient(where, address, user, password, **settings))

    def kernel_client(self, where, address=network.WAN_SERVER, user="alice", stage=None,
                      **settings):
        """Dial from a host with a client whose data path is in its kernel; see
        kernel_client.KernelPptpClient. stage: whose plugin its pppd uses, if another's."""
        plugin = kernel_client.plugin(stage or self.stage)
        events.check(plugin, f"no pppd plugin for the kernel's PPTP in {stage or self.stage}")
        return self._later(kernel_client.KernelPptpClient(where, address, user, USERS[user], plugin,
                                                          **settings))

    def kernel_pptp(self):
        """Have the kernel's PPTP for this story. Guests start without: beside it, a kernel no
        longer answers GRE by ICMP."""
        self._later(kernel.Module("pptp", "gre"))

    def capture(self, where, interface, expression=""):
        return self._later(capture.Capture(where, interface, expression))

    def transfer(self, where, megabytes=None, **settings):
        """Move megabytes each way between a host and the service and compare checksums."""
        self._start_service()
        moved = transfer.Transfer(where, megabytes or self.megabytes, **settings).run()
        self.note(f"{where.name}: {moved.size / transfer.MEGABYTE:g} MB each way, {moved}")
        return moved

    def transfer_together(self, hosts, megabytes=None):
        """The same from several hosts at the same time."""
        self._start_service()
        with futures.ThreadPoolExecutor(len(hosts)) as pool:
            for one in [pool.submit(self.transfer, where, megabytes, seed=10 * number)
                        for number, where in enumerate(hosts)]:
                one.result()

    def _start_service(self):
        if not self._service:
            self._service = transfer.Service(self.service)

    def add_host(self, name):
        """One more host, without cables, for this story only."""
        self.hosts[name] = host.Host(name, self.directory, self._collector)
        return self.hosts[name]

    def stop_later(self, what):
        """Have what.stop() called after the story, unless what.running says that it ended."""
        return self._later(what)

    def kill(self, pid, number=signal.SIGKILL):
        os.kill(pid, number)

    @staticmethod
    def forget_pid_files(where):
        """Remove the pid files of programs that the story itself killed with SIGKILL."""
        for name in where.list("/run"):
            if name.endswith(".pid"):
                where.call(os.unlink, f"/run/{name}")

    def _later(self, what):
        self._stoppable.append(what)
        return what

    # For the runner ------------------------------------------------------------------------

    def stop_all(self):
        """Stop what the story started, last first."""
        for what in reversed(self._stoppable):
            if getattr(what, "running", True):
                what.stop()
        if self._service:
            self._service.close()

    def leftovers(self):
        """What is still there, as lines of text; empty when the story left nothing."""
        found = []
        for name, one in self.hosts.items():
            found += [f"{name}: process {pid} {line}"
                      for pid, (_, line) in one.processes().items()]
            found += [f"{name}: interface {interface}" for interface in one.ppp_interfaces()]
            found += [f"{name}: /run/{file}" for file in one.list("/run")
                      if re.search(r"\.pid$", file) and file not in LEFT_BY[self.kind]]
        return found

    def check_nothing_left(self):
        try:
            events.wait_for(lambda: not self.leftovers(), GONE, "nothing is left")
        except events.Failure:
            left = self.leftovers()
            if left:
                raise events.Failure("left over: " + "; ".join(left)) from None

    def logs(self):
        """All daemons' logs of all hosts, for a person who wants to know why."""
        parts = []
        for name, one in self.hosts.items():
            if one.journal.lines:
                parts.append((f"{name}: syslog", _file_tail(os.path.join(one.directory, "syslog"))))
            for process in one.processes_started:
                parts.append((f"{process.name}: output", _file_tail(process.path)))
            running = [f"{pid} {line}" for pid, (_, line) in one.processes().items()]
            if running:
                parts.append((f"{name}: still running", running))
            parts.append((f"{name}: interfaces", [f"{interface} {address or '-'}" for
                                                  interface, address in one.interfaces().items()]))
        parts.append(("kernel", kernel.kernel_log()[self._kernel_lines:][-LOG_TAIL:]))
        return "\n".join(f"--- {title}\n" + "\n".join(f"    {line}" for line in lines)
                         for title, lines in parts if lines)

    def close(self):
        """Take everything away, politely or not."""
        for one in self.hosts.values():
            for pid in one.processes():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        for one in self.hosts.values():
            one.close()
        self._collector.close()


def _file_tail(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    if len(lines) > LOG_TAIL:
        lines = [f"({len(lines) - LOG_TAIL} lines before)"] + lines[-LOG_TAIL:]
    return lines
