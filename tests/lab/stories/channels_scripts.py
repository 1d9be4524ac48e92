# SPDX-License-Identifier: GPL-2.0-or-later
"""What pppd's scripts are told: the same on each PPP channel, but for the device's name."""

import re

from lab.checks import assert_nothing_without_us, check_call
from lab.events import check, check_equal, wait_for
from lab.server import PPTPD_CONF
from lab.story import OURS, story
from lab.tunnel import assert_no_call_without_us, dial, end_both, start_both, wait_calls

WHY = "Poptop has one way only"

SCRIPTS = ("auth-up", "ip-up", "ip-down", "auth-down")

# One line for each argument, then one for each variable.
SCRIPT = """\
#!/bin/sh
told=/run/lab/told.${0##*/}
{ printf 'argument %s\\n' "$@"; env | sort; } >$told.new
mv $told.new $told
"""

# What a call has of its own: processes, times, and bytes.
OF_THE_CALL = re.compile(r"^((?:PPPD_PID|PPID|CONNECT_TIME|BYTES_SENT|BYTES_RCVD)=)\d+$", re.M)


def arm(lab):
    for name in SCRIPTS:
        lab.server.write(f"/etc/ppp/{name}", SCRIPT, 0o755)


def forget(lab):
    lab.server.run(["rm", "-f", *(f"/run/lab/told.{name}" for name in SCRIPTS)])


def told(lab, name):
    """What that script was told, and the device that it was told of."""
    text = wait_for(lambda: lab.server.read(f"/run/lab/told.{name}"), 30, f"{name} ran")
    device = re.search(r"^DEVICE=(.*)$", text, re.M)
    check(device and re.fullmatch(r"\S+", device[1]), f"{name} has no device: {text}")
    text = re.sub(rf"(?<![^\s=]){re.escape(device[1])}$", "(the device)", text, flags=re.M)
    return OF_THE_CALL.sub(r"\1(some)", text), device[1]


def wait_started(lab):
    """Until both scripts ended: pppd takes words back from those that have to wait for others."""
    for name in SCRIPTS[:2]:
        told(lab, name)
        text = lab.server.read(f"/run/lab/told.{name}")
        pppd = int(re.search(r"^PPPD_PID=(\d+)$", text, re.M)[1])
        wait_for(lambda: has_ended(lab, name, pppd), 30, f"{name} ended")


def has_ended(lab, name, pppd):
    ended = lab.server.journal.find(f"Script /etc/ppp/{name} finished", "pppd")
    return any(line.pid == pppd for line in ended)


def check_told(lab, channel, first, call):
    """One call, which `call` makes and ends; `first` holds what scripts were told on another."""
    forget(lab)
    call()
    devices = set()
    for name in SCRIPTS:
        text, device = told(lab, name)
        devices.add(device)
        check_equal(text, first.setdefault(name, text), f"what {name} was told on {channel}")
    check_equal(len(devices), 1, "number of devices")
    check_equal(devices.pop().startswith("/dev/"), channel == "pty", f"{channel} has a terminal")


@story("scripts of direct calls get the same arguments and environment on all three channels",
       servers=OURS, why=WHY, deadline=900)
def scripts_direct(lab):
    assert_nothing_without_us(lab)
    arm(lab)
    first = {}
    for channel in ("pty", "pppoe", "kernel"):
        pptpd = lab.pptpd(conf=PPTPD_CONF + f"ppp-channel {channel}\n")

        def call():
            client = lab.pptp_client(lab.client1).wait_up()
            check_call(client)
            wait_started(lab)
            client.stop()
            pptpd.wait_idle()

        check_told(lab, channel, first, call)
        pptpd.stop()
    check("argument 115200\n" in first["ip-up"], f"no speed: {first['ip-up']}")


@story("scripts of tunnelled calls get the same arguments and environment on both channels",
       path="nat", servers=OURS, why=WHY, deadline=900)
def scripts_tunnel(lab):
    assert_no_call_without_us(lab)
    arm(lab)
    first = {}
    for channel in ("pty", "pppoe"):
        pptpd, lrp = start_both(lab, (f"ppp-channel {channel}",))

        def call():
            client = dial(lab, lab.client1).wait_up()
            check_call(client)
            wait_started(lab)
            client.stop()
            wait_calls(lab, 0)

        check_told(lab, channel, first, call)
        end_both(pptpd, lrp)
        pptpd.stop()
    check("RRP_PEER=" in first["ip-up"], f"no LRP: {first['ip-up']}")
