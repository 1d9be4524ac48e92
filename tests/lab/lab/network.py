# SPDX-License-Identifier: GPL-2.0-or-later
"""The standard network.

    client1 .11 --+
    client2 .12 --+-- LAN 192.168.77.0/24 -- .1 router .1 -- WAN 203.0.113.0/24 -- .2 server
    lrp     .20 --+                                          server .1 -- 10.99.0.0/24 -- .2 service

The router switches the LAN as a bridge. On the path "nat" it hides the LAN behind its WAN
address and has no PPTP helper; on the path "routed" it only routes and the server knows the
way back. The service network is known to nobody but the server.
"""

from . import events

HOSTS = ("client1", "client2", "lrp", "router", "server", "service")
LAN = {"client1": "192.168.77.11", "client2": "192.168.77.12", "lrp": "192.168.77.20"}
LAN_NET = "192.168.77.0/24"
LAN_ROUTER = "192.168.77.1"
WAN_ROUTER = "203.0.113.1"
WAN_SERVER = "203.0.113.2"
SERVICE_NET = "10.99.0.0/24"
SERVICE_SERVER = "10.99.0.1"
SERVICE = "10.99.0.2"
PPP_LOCAL = "10.98.0.1"
PPP_POOL = "10.98.0.10-19"
PPP_ADDRESSES = [f"10.98.0.{last}" for last in range(10, 20)]
PPTP_PORT = 1723

PATHS = ("routed", "nat")


def build(hosts, path):
    """Cable the hosts and give them addresses and routes."""
    events.check(path in PATHS, f"unknown path {path}")
    _cable(hosts)
    for name in LAN:
        hosts[name].ip("link set lo up", *_lan_interface(name))
    _configure_router(hosts["router"], path)
    _configure_server(hosts["server"], path)
    hosts["service"].ip("link set lo up", f"addr add {SERVICE}/24 dev svc0", "link set svc0 up",
                        f"route add default via {SERVICE_SERVER}")


def _veth(left, left_name, right, right_name):
    return (f"link add name {left_name} netns {left.task} type veth "
            f"peer name {right_name} netns {right.task}")


def _lan_interface(name):
    return (f"addr add {LAN[name]}/24 dev lan0", "link set lan0 up",
            f"route add default via {LAN_ROUTER}")


def _cable(hosts):
    router, serves = hosts["router"], hosts["server"]
    router.ip(*(_veth(router, f"p-{name}", hosts[name], "lan0") for name in LAN),
              _veth(router, "wan0", serves, "wan0"),
              _veth(serves, "svc0", hosts["service"], "svc0"))


def keep_bridge_address(router):
    """A bridge takes the lowest of its ports' addresses unless told one; others know the old."""
    address = router.read("/sys/class/net/lan0/address").strip()
    router.ip(f"link set lan0 address {address}")


def pull_out(hosts, name):
    """Take a host's interface on the LAN away, for good."""
    keep_bridge_address(hosts["router"])
    hosts["router"].ip(f"link del p-{name}")


def plug_in(hosts, name):
    """Give it a new one of the same name and address."""
    router = hosts["router"]
    router.ip(_veth(router, f"p-{name}", hosts[name], "lan0"),
              f"link set p-{name} master lan0", f"link set p-{name} up")
    hosts[name].ip(*_lan_interface(name))


def _configure_router(router, path):
    lines = ["link set lo up", "link add lan0 type bridge", f"addr add {LAN_ROUTER}/24 dev lan0"]
    for name in LAN:
        lines += [f"link set p-{name} master lan0", f"link set p-{name} up"]
    lines += ["link set lan0 up", f"addr add {WAN_ROUTER}/24 dev wan0", "link set wan0 up"]
    router.ip(*lines)
    router.sysctl("net.ipv4.ip_forward", 1)
    if path == "nat":
        router.run(["iptables-legacy", "-t", "nat", "-A", "POSTROUTING", "-o", "wan0",
                    "-j", "MASQUERADE"])
        _require_no_helper(router)


def _require_no_helper(router):
    """A loaded PPTP helper only acts where helpers are assigned by themselves."""
    modules = router.read("/proc/modules") or ""
    automatic = router.read("/proc/sys/net/netfilter/nf_conntrack_helper")
    events.check("nf_conntrack_pptp " not in modules or not automatic or automatic.strip() == "0",
                 "the kernel's PPTP helper is active: this NAT would not be one without helper")


def _configure_server(server, path):
    lines = ["link set lo up", f"addr add {WAN_SERVER}/24 dev wan0", "link set wan0 up",
             f"addr add {SERVICE_SERVER}/24 dev svc0", "link set svc0 up"]
    if path == "routed":
        lines.append(f"route add {LAN_NET} via {WAN_ROUTER}")
    server.ip(*lines)
    server.sysctl("net.ipv4.ip_forward", 1)


def shape(places, netem):
    """Shape what leaves each place, a (host, interface); an empty text takes netem away."""
    for host, interface in places:
        words = ["tc", "qdisc", "replace" if netem else "del", "dev", interface, "root"]
        if netem:
            words += ["netem", "limit", "2000", *netem.split()]
        host.run(words)
