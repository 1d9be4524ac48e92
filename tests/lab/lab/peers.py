# SPDX-License-Identifier: GPL-2.0-or-later
"""The stock PPTP client: Debian's pppd over Debian's pptp-linux, as a person would call them; and
what it has in common with others that use pppd."""

import os
import re
import signal
import sys
import time

from . import events, network

# A call comes up in about a second; the rest is for a busy machine.
UP = 45
# After so many seconds without a call manager a pptp will not end by itself.
STUCK = 15
# Seconds between two looks at who is left: all processes are read for it.
LOOK = 1

# What a common client asks for. Full frames then fit one GRE packet; a story that wants
# fragments passes mtu=None and gets pppd's 1500.
CLIENT_MTU = 1400

# Authentication methods by name: what pppd on the client is willing to do.
METHODS = {
    "mschapv2": ("refuse-pap", "refuse-chap", "refuse-mschap", "refuse-eap"),
    "chap-md5": ("refuse-pap", "refuse-mschap", "refuse-mschap-v2", "refuse-eap"),
    "pap": ("refuse-chap", "refuse-mschap", "refuse-mschap-v2", "refuse-eap"),
}
MPPE = ("require-mppe-128",)
NO_MPPE = ("nomppe",)


class PppdClient:
    """What a call of any client looks like through its pppd."""

    def __init__(self, host, server):
        self.host = host
        self.server = server
        self.pppd = None

    def _start_pppd(self, channel, user, password, method="mschapv2", mppe=True, mtu=CLIENT_MTU,
                    options=(), descriptors=()):
        """channel: the words that say what pppd talks over."""
        _add_secret(self.host, user, password)
        argv = ["/usr/sbin/pppd", *channel, "nodetach", "debug", "noauth", "user", user,
                "remotename", "lab", "usepeerdns", "nodefaultroute", "noipv6", "novj",
                "nobsdcomp", "nodeflate", *METHODS[method], *(MPPE if mppe else NO_MPPE)]
        if mtu:
            argv += ["mtu", str(mtu), "mru", str(mtu)]
        self.pppd = self.host.start(argv + list(options), name="pppd", descriptors=descriptors)

    def _group(self, pattern):
        found = self.pppd.find(pattern)
        return found[1] if found else None

    @property
    def running(self):
        return self.pppd.running

    @property
    def ifname(self):
        return self._group(r"^Using interface (ppp\d+)")

    @property
    def ip(self):
        return self._group(r"^local  IP address ([\d.]+)")

    @property
    def peer_ip(self):
        return self._group(r"^remote IP address ([\d.]+)")

    @property
    def dns(self):
        """The name servers that the server pushed, in order."""
        return re.findall(r"^(?:primary|secondary) +DNS address ([\d.]+)", self.pppd.text(), re.M)

    @property
    def mppe(self):
        """What pppd says of the encryption that is on, or None."""
        return self._group(r"^(MPPE \S+ \S+) compression enabled")

    @property
    def up(self):
        name = self.ifname
        return bool(name and self.ip and self.host.interfaces().get(name))

    def wait_up(self, deadline=UP):
        """Wait for the address, then send the service network through the call."""
        events.wait_for(lambda: self.up or not self.running, deadline,
                        f"PPP up on {self.host.name}")
        events.check(self.up, f"pppd on {self.host.name} ended with status {self.pppd.status} "
                              "before PPP was up")
        self.host.ip(f"route replace {network.SERVICE_NET} dev {self.ifname}")
        return self

    def wait_end(self, deadline=UP):
        """Wait until the client gave up or was hung up; returns pppd's exit status."""
        return self.pppd.wait(deadline)


class PptpClient(PppdClient):
    """One call of a stock client. It is dialled by the constructor; see Lab.pptp_client."""

    def __init__(self, host, server, user, password, pptp_options=(), **settings):
        super().__init__(host, server)
        pptp = " ".join(["/usr/sbin/pptp", server, "--nolaunchpppd", *pptp_options])
        self._start_pppd(["pty", pptp], user, password, **settings)

    def stop(self):
        """Hang up as a person would, and wait until nothing of the client is left."""
        self.pppd.stop(signal.SIGTERM)
        self._wait_gone()

    def kill(self):
        """Die at once, pppd and pptp together, without a word to the server."""
        # Not the process group: pptp's call manager has one of its own.
        for pid in self._processes():
            _kill(pid)
        self.pppd.wait()
        self._wait_gone()
        for name in self.host.list("/run"):
            if re.fullmatch(r"ppp\d+\.pid", name):
                self.host.call(os.unlink, f"/run/{name}")

    def _processes(self):
        """pppd, pptp and what pptp forked; the host's other daemons are not touched."""
        return [pid for pid, (_, line) in self.host.processes().items()
                if pid == self.pppd.pid or self.server in line and "pptp" in line]

    def wait_end(self, deadline=UP):
        help_stuck = self._help_stuck()

        def ended():
            help_stuck()
            return not self.running

        events.wait_for(ended, deadline, f"pppd on {self.host.name} ends")
        return self.pppd.status

    def _wait_gone(self):
        """Everything of the client has ended."""
        help_stuck = self._help_stuck()

        def gone():
            help_stuck()
            return not self._processes()

        events.wait_for(gone, UP, f"pptp ends on {self.host.name}")

    def _help_stuck(self):
        """A function for whoever waits for the end. Of stock pptp 1.10 the process between pppd and
        the call manager sometimes does not end, whatever the server is: its signal handler jumps
        out of whatever ran, syslog() included, whose lock is then held for ever. That one is
        helped along, but only when its call manager, which has the connection to the server, has
        been gone for long."""
        last_seen = last_look = time.monotonic()

        def help_stuck():
            nonlocal last_seen, last_look
            now = time.monotonic()
            if now < last_look + LOOK:
                return
            last_look = now
            if self._call_managers():
                last_seen = now
            elif now > last_seen + STUCK:
                for pid in self._processes():
                    if pid != self.pppd.pid:
                        _kill(pid)

        return help_stuck

    def _call_managers(self):
        return [line for _, line in self.host.processes().values()
                if "call manager" in line and self.server in line]


def choose_call_id(host, two_letters):
    """Decide what call ID pptp-linux takes on this host: it reads one from /dev/random, where it
    now finds the two letters. Returns the call ID."""
    host.call(os.unlink, "/dev/random")
    host.write("/dev/random", two_letters)
    return int.from_bytes(two_letters.encode(), sys.byteorder)


def _add_secret(host, user, password):
    for name in ("chap-secrets", "pap-secrets"):
        path = f"/etc/ppp/{name}"
        others = [line for line in (host.read(path) or "").splitlines()
                  if not line.startswith(f'"{user}" ')]
        host.write(path, "\n".join(others + [f'"{user}" * "{password}" *', ""]))


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
