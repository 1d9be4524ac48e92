# SPDX-License-Identifier: GPL-2.0-or-later
"""Three clients at the same time, one direct and two through the LRP, each with a transfer that
goes on: what stories that kill something look at."""

import socket

from . import flow, network, server, tunnel
from .events import check, check_equal, wait_for

# The standard network has two client hosts; two calls on one host would fight for its route.
THIRD = "client3"
THIRD_ADDRESS = "192.168.77.13"

# Exactly as many addresses as members: a lease that is not given back keeps somebody out.
ADDRESSES = {f"10.98.0.{last}" for last in (10, 11, 12)}
CONF = f"""\
option {server.OPTIONS}
localip {network.PPP_LOCAL}
remoteip 10.98.0.10-12
"""

# Seconds until everybody has noticed an end, and cleaned up.
NOTICED = 45


def add_client_host(lab):
    """A third client host on the LAN."""
    one = lab.add_host(THIRD)
    network.keep_bridge_address(lab.router)
    lab.router.ip(f"link add name p-{THIRD} netns {lab.router.task} type veth "
                  f"peer name lan0 netns {one.task}",
                  f"link set p-{THIRD} master lan0", f"link set p-{THIRD} up")
    one.ip("link set lo up", f"addr add {THIRD_ADDRESS}/24 dev lan0", "link set lan0 up",
           f"route add default via {network.LAN_ROUTER}")
    return one


class Member:
    """One client and its call. where: its host; lan: the host's address, by which the server knows
    the call whatever way it takes; target: whom it dials."""

    def __init__(self, lab, where, lan, target, user):
        self.lab = lab
        self.where = where
        self.lan = lan
        self.target = target
        self.user = user
        self.client = self.flow = self._was = None
        self._told_before = 0

    def told(self):
        """What its stock client was told of the end of calls since it dialled last: results of
        Call-Disconnect-Notify, RFC 2637 2.13, in pptp's words."""
        found = self.where.journal.find(r"Result code is (\d+ '.*')", "pptp")
        words = [line.text.partition("Result code is ")[2].partition(".")[0] for line in found]
        return words[self._told_before:]

    def dial(self):
        self._told_before += len(self.told())
        self.client = self.lab.pptp_client(self.where, self.target, self.user)
        return self

    def wait_up(self):
        self.client.wait_up()
        check(self.client.ip in ADDRESSES, f"{self.client.ip} is not from the pool")
        self.flow = flow.Flow(self.where)
        self._was = self._facts()
        return self

    def server_pppd(self):
        """Process ID of the call's pppd on the server, or None."""
        return self._one(lambda line: "pppd" in line and f" {self.lan} " in line)

    def control_process(self):
        """That of the pptpctrl that serves this client's address directly, or None."""
        return self._one(lambda line: line.startswith(f"pptpd [{self.lan}"))

    def _one(self, fits):
        found = [pid for pid, (_, line) in self.lab.server.processes().items() if fits(line)]
        check(len(found) <= 1, f"more than one process for {self.lan}: {found}")
        return found[0] if found else None

    def _facts(self):
        names = {name: index for index, name in self.where.call(socket.if_nameindex)}
        return (self.client.ifname, names.get(self.client.ifname), self.client.ip,
                self.server_pppd())

    def check_untouched(self, while_what):
        """Same interface, same address, same pppd on the server, and the transfer goes on."""
        check(self.client.running, f"{self.where.name} was hung up {while_what}")
        check_equal(self._facts(), self._was, f"the call of {self.where.name} {while_what}")
        self.flow.goes_on(while_what)

    def wait_ended(self):
        """Wait until the client has noticed that its call is over."""
        self.client.wait_end(NOTICED)
        self.flow.abandon()

    def kill(self):
        """Kill pppd and pptp of the client, without a word to anybody."""
        self.client.kill()
        self.flow.abandon()

    def hang_up(self):
        self.flow.finish()
        self.client.stop()


class Company:
    """The server, the LRP, and the three members. Nobody has dialled yet. options: pppd's on the
    server, in place of the usual; lines: of pptpd.conf, besides the usual."""

    def __init__(self, lab, options=None, lines=()):
        self.lab = lab
        third = add_client_host(lab)
        self._tunnels = 0
        self._settings = {"conf": "\n".join([CONF + tunnel.RRP, *lines, ""])}
        if options:
            self._settings["options"] = options
        self.direct = Member(lab, lab.client1, network.LAN["client1"], network.WAN_SERVER, "alice")
        self.second = Member(lab, lab.client2, network.LAN["client2"], network.LAN["lrp"], "bob")
        self.third = Member(lab, third, THIRD_ADDRESS, network.LAN["lrp"], "bob")
        self.tunnelled = (self.second, self.third)
        self.everybody = (self.direct, *self.tunnelled)
        self.pptpd = self.lrp = None
        self._echo = lab.stop_later(flow.EchoService(lab.service))

    def start_server(self):
        self.pptpd = self.lab.pptpd(**self._settings)

    def start_lrp(self, *flags):
        self.lrp = self.lab.lrp(*tunnel.lrp_conf(), flags=flags)

    def wait_tunnel(self):
        """Wait for the next tunnel since the story began."""
        self._tunnels += 1
        tunnel.wait_tunnel(self.pptpd, self._tunnels, network.LAN["lrp"])

    def start(self):
        self.start_server()
        self.start_lrp()
        self.wait_tunnel()
        self.dial(self.everybody)
        return self

    def dial(self, members):
        """They dial at the same time; then all of them have different addresses of the pool."""
        for one in members:
            one.dial()
        for one in members:
            one.wait_up()

    def tunnel_process(self):
        """Process ID of the tunnel's pptpctrl."""
        found = [pid for pid, line in self.pptpd.tree().items() if line.startswith("pptpd [LRP")]
        check_equal(len(found), 1, "processes that serve the tunnel")
        return found[0]

    def wait_only(self, members, after_what):
        """Wait until the server has nothing but the calls of these members: pppd, interfaces,
        the processes that serve them. Then look that these are untouched."""
        def is_clean():
            lines = list(self.pptpd.tree().values())
            pppds = [line for line in lines if not line.startswith("pptpd [")]
            direct = [line for line in lines if line.startswith("pptpd [1")]
            return (len(pppds) == len(members) == len(self.lab.server.ppp_interfaces()) and
                    all(one.server_pppd() for one in members) and
                    len(direct) == (self.direct in members))

        wait_for(is_clean, NOTICED, f"the server cleans up {after_what}")
        for one in members:
            one.check_untouched(after_what)

    def others(self, *victims):
        return [one for one in self.everybody if one not in victims]

