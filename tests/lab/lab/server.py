# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs under test: a pptpd (the distro's or ours) on the server, an LRP on its host.

Which pptpd it is, is decided by what the host sees at /usr/sbin/pptpd; the rest of the
laboratory does not know.
"""

import os
import re
import signal

from . import events, network

CONF = "/run/lab/pptpd.conf"
OPTIONS = "/etc/ppp/pptpd-options"
PID_FILE = "/run/pptpd.pid"
LRP_CONF = "/run/lab/lrp.conf"

# Seconds until a daemon listens, and until its sessions are gone after a stop.
START = 20
END = 30

# Debian's conffile plus an address pool; a story adds lines or brings its own text.
PPTPD_CONF = f"""\
option {OPTIONS}
localip {network.PPP_LOCAL}
remoteip {network.PPP_POOL}
"""

# The port of each rrp-listen.
RRP_LISTEN = re.compile(r"^rrp-listen\s.*:(\d+)\s*$", re.M)

# Debian's conffile without proxyarp (there is no such LAN here), plus DNS and pppd's own words.
PPTPD_OPTIONS = f"""\
name pptpd
refuse-pap
refuse-chap
refuse-mschap
require-mschap-v2
require-mppe-128
ms-dns {network.SERVICE}
nodefaultroute
lock
nobsdcomp
novj
novjccomp
nologfd
debug
"""

# The pptpd-options of the other ways to log in: lines taken away, lines added.
LOGINS = {
    "pap": ("require-pap",),
    "chap-md5": ("refuse-pap", "require-chap"),
    "mschapv2": ("refuse-pap", "refuse-chap", "refuse-mschap", "require-mschap-v2"),
}


def options_for(method, mppe):
    """Debian's pptpd-options, changed to ask for one authentication method."""
    kept = [line for line in PPTPD_OPTIONS.splitlines()
            if not re.match(r"(refuse|require)-", line)]
    return "\n".join(kept + list(LOGINS[method]) + [f"require-mppe-128" if mppe else "nomppe", ""])


def set_login(host, method, mppe):
    """Ask for another authentication method from the next call on."""
    host.write(OPTIONS, options_for(method, mppe))


class Pptpd:
    """pptpd on the server; it is started by the constructor and listens when that returns."""

    def __init__(self, host, kind, users, conf=PPTPD_CONF, options=PPTPD_OPTIONS, flags=(),
                 wait=True):
        self.host = host
        self.kind = kind
        # They are opened one after the other, so the first says nothing of the others.
        self._ports = [network.PPTP_PORT, *map(int, RRP_LISTEN.findall(conf))]
        host.write(CONF, conf)
        host.write(OPTIONS, options)
        for name in ("chap-secrets", "pap-secrets"):
            host.write(f"/etc/ppp/{name}", "".join(f'"{user}" * "{password}" *\n'
                                                   for user, password in users.items()))
        self.process = host.start(["/usr/sbin/pptpd", "--fg", "--conf", CONF, *flags],
                                  name="pptpd")
        if wait:
            self.wait_listening()

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.running

    def wait_listening(self):
        events.wait_for(lambda: not self.running or self._listens(), START, "pptpd listens")
        events.check(self.running, f"pptpd ended with status {self.process.status}")

    def _listens(self):
        return all(listens(self.host, port) for port in self._ports)

    def log(self, pattern="", tag="pptpd"):
        """Its syslog lines that match; pptpctrl writes under the same tag, pppd under its own."""
        return self.host.journal.find(pattern, tag)

    def tree(self):
        """Processes that descend from it: {pid: command line}."""
        running = self.host.processes()
        family = {self.pid}
        while True:
            more = {pid for pid, (parent, _) in running.items() if parent in family} - family
            if not more:
                return {pid: running[pid][1] for pid in family - {self.pid}}
            family |= more

    def busy(self):
        """Those of its processes that are there for somebody: not the helper with its key."""
        return [line for line in self.tree().values() if "rrp-signer" not in line]

    def wait_idle(self, deadline=END):
        """Wait until no call is left: no pppd, no pptpctrl, no interface."""
        events.wait_for(lambda: not self.busy() and not self.host.ppp_interfaces(), deadline,
                        "the server cleans up after its calls")

    def stop(self):
        """End the service, as `systemctl stop` does: distro's pptpd leaves its calls to systemd,
        which signals every process of the service; ours has to end them itself."""
        family = list(self.tree()) if self.kind == "distro" else []
        self.process.send(signal.SIGTERM)
        for pid in family:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        self.process.wait()


class Lrp:
    """The LRP under test; lines: of its configuration, in order; without any, it is as it is."""

    def __init__(self, host, lines, flags=()):
        self.host = host
        if lines:
            host.write(LRP_CONF, "\n".join(lines) + "\n")
        self.process = host.start(["/usr/sbin/lrp", "-c", LRP_CONF, "-f", *flags], name="lrp")
        events.wait_for(lambda: not self.running or listens(host, network.PPTP_PORT), START,
                        "lrp listens")
        events.check(self.running, f"lrp ended with status {self.process.status}")

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.running

    def log(self, pattern):
        """What the pattern finds in its log, which -f sends to stderr; as re.findall()."""
        return re.findall(pattern, self.process.text(), re.M)

    def stop(self):
        self.process.stop()


def listens(host, port):
    """True when some process of the host listens on the TCP port (IPv4 or IPv6)."""
    wanted = f":{port:04X}"
    for table in ("tcp", "tcp6"):
        for line in (host.read(f"/proc/thread-self/net/{table}") or "").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[1].endswith(wanted):
                return True
    return False
