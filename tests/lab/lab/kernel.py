# SPDX-License-Identifier: GPL-2.0-or-later
"""The few system calls that Python 3.11 has no name for.

Each raises OSError with the name of what was asked for.
"""

import ctypes
import os
import subprocess

from . import events

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_BIND = 4096
MS_MOVE = 8192
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

PR_SET_CHILD_SUBREAPER = 36
RB_POWER_OFF = 0x4321FEDC
SYSLOG_READ_ALL = 3

# Seconds.
UNLOADED = 20

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags):
    """Leave the calling *thread's* namespaces of the given kinds for new ones."""
    _check(_libc.unshare(flags), "unshare")


def mount(source, target, fstype=None, flags=0, data=None):
    def raw(text):
        return None if text is None else os.fsencode(text)

    result = _libc.mount(raw(source), raw(target), raw(fstype), ctypes.c_ulong(flags), raw(data))
    _check(result, f"mount {source} on {target}")


def unmount(target):
    """Now, or with the last process that uses it."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def bind(descriptor, address):
    """bind(2) with an address of a family that Python does not know, as bytes."""
    _check(_libc.bind(descriptor, address, len(address)), "bind")


def connect(descriptor, address):
    """connect(2), likewise."""
    _check(_libc.connect(descriptor, address, len(address)), "connect")


def socket_address(descriptor, length):
    """getsockname(2), likewise; `length` bytes."""
    buffer = ctypes.create_string_buffer(length)
    _check(_libc.getsockname(descriptor, buffer, ctypes.byref(ctypes.c_uint32(length))),
           "getsockname")
    return buffer.raw


def become_subreaper():
    """Make this process the parent of daemons whose own parent has gone."""
    _check(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl subreaper")


def power_off():
    os.sync()
    _libc.reboot(ctypes.c_uint(RB_POWER_OFF).value)


def kernel_log():
    """The kernel's log buffer, as a list of lines."""
    buffer = ctypes.create_string_buffer(1 << 18)
    length = _libc.klogctl(SYSLOG_READ_ALL, buffer, len(buffer))
    return buffer.raw[:max(length, 0)].decode(errors="replace").splitlines()


class Module:
    """A module of the kernel that a guest does not have from the start; stop() takes it away again,
    unless it was there before."""

    def __init__(self, *names):
        with open("/proc/modules", encoding="ascii") as file:
            there = {line.split()[0] for line in file}
        self._names = [name for name in names if name not in there]
        if self._names:
            subprocess.run(["modprobe", "-a", *self._names], check=True)

    def stop(self):
        # A socket that used it can be a moment longer than its process.
        events.wait_for(self._unloaded, UNLOADED, f"the modules {self._names} can be unloaded")

    def _unloaded(self):
        return not self._names or subprocess.run(["modprobe", "-r", *self._names], check=False,
                                                 stderr=subprocess.DEVNULL).returncode == 0
