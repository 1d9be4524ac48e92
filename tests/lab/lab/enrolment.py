# SPDX-License-Identifier: GPL-2.0-or-later
"""How an LRP is made known to a server, by the commands that a person would type, and what that
leaves in files."""

import re

from . import network, server
from .events import Failure, check, check_equal, wait_for
from .server import PPTPD_CONF
from .tunnel import LRP_NAME, wait_tunnel

RRP = "rrp-listen :4723\n"

# Where things are kept (each host has a /var/lib of its own).
LIST = "/var/lib/pptpd/rrp-peers"
INVITATIONS = LIST + ".invitations"
SERVER_KEY = "/var/lib/pptpd/rrp.key"
LRP_KEY = "/var/lib/lrp/lrp.key"

# The whole command for the LRP's box, as the server prints it.
LINE = re.compile(r"lrp enrol (?P<server>\S+)/(?P<pin>[a-z2-7]{52})/(?P<secret>[a-z2-7]{26})\n")


def start_server(lab, *lines, conf=PPTPD_CONF, **settings):
    """pptpd with its RRP as it is by default; lines are added to its configuration."""
    return lab.pptpd(conf="\n".join([conf + RRP, *lines, ""]), **settings)


def control(lab, *words):
    """One command of pptpd-ctl; returns what it prints."""
    return lab.server.run(["/usr/sbin/pptpd-ctl", *words, "--conf", server.CONF])


def invite(lab, *options, name=LRP_NAME, address=network.WAN_SERVER):
    """The one command on the server; returns the one line it prints."""
    printed = control(lab, "lrp", "add", name, "--address", address, *options)
    check(LINE.fullmatch(printed), f"no line for the LRP's box: {printed!r}")
    return printed.strip()


def enrol(lab, line, *options):
    """The one command on the LRP's box: (status, output, complaints)."""
    return lab.lrp_host.attempt(["/usr/sbin/lrp", *line.split()[1:], "--conf", server.LRP_CONF,
                                 *options])


def enrol_well(lab, line, *options):
    """Has the LRP enrolled, and waits until the server's last word about it is in the log."""
    def told():
        return len(lab.server.journal.find(r"^RRP: .* enrolled as ", "pptpd"))

    before = told()
    status, output, complaints = enrol(lab, line, *options)
    check_equal(status, 0, f"status of {line}: {output}{complaints}")
    wait_for(lambda: told() > before, 30, "pptpd says who enrolled")
    return output + complaints


def start_both(lab, *lines, **settings):
    """A server, an LRP that was enrolled there by one command on either side, and the tunnel
    between them: (pptpd, lrp)."""
    pptpd = start_server(lab, *lines, **settings)
    enrol_well(lab, invite(lab))
    lrp = lab.lrp()
    wait_tunnel(pptpd, address=network.WAN_ROUTER if lab.path == "nat" else network.LAN["lrp"])
    return pptpd, lrp


def change_conf(lab, pattern, by):
    """Change what stands in the enrolled LRP's configuration."""
    text = lab.lrp_host.read(server.LRP_CONF)
    changed, count = re.subn(pattern, by, text, flags=re.M)
    if not count:
        raise Failure(f"no {pattern} in lrp.conf:\n{text}")
    lab.lrp_host.write(server.LRP_CONF, changed)


def members(lab):
    """The server's list: {name: node ID}."""
    found = {}
    for line in (lab.server.read(LIST) or "").splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            found[words[1]] = words[0]
    return found
