# SPDX-License-Identifier: GPL-2.0-or-later
"""A private world for one case: new network, mount and process namespaces with a loopback, and an
/etc, /run and /dev of their own, so that a daemon with fixed paths can be run beside others.

It does not start the daemon and knows nothing of PPTP.
"""

import array
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import stat
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_REC = 0x4000
MS_BIND = 0x1000
MS_PRIVATE = 1 << 18
MS_NOSUID = 2
MS_NODEV = 4

PR_SET_PDEATHSIG = 1
SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 1

# Enough of /etc for a dynamically linked program that resolves names: nothing of the host's
# settings may decide a case.
ETC_FILES = {
    "hosts": "127.0.0.1 localhost\n127.0.0.9 nine.example\n",
    "nsswitch.conf": "".join(
        name + ": files\n" for name in ("passwd", "group", "hosts", "services", "protocols")
    ),
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
    "pptpd:x:100:65534:pptpd:/:/usr/sbin/nologin\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "services": "telnet 23/tcp\n",
    "protocols": "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\ngre 47 GRE\n",
    "hosts.allow": "",
    "hosts.deny": "",
    "resolv.conf": "",
    "ppp/options": "",
    "ppp/pptpd-options": "name pptpd\n",
}

_libc = ctypes.CDLL(None, use_errno=True)


class SandboxError(Exception):
    """The machine or the rights do not allow a sandbox: the message says what is missing."""


def _check(result, what):
    if result != 0:
        raise SandboxError("%s: %s" % (what, os.strerror(ctypes.get_errno())))


def unshare(flags):
    _check(_libc.unshare(flags), "unshare")


def mount(source, target, fstype=None, flags=0, data=None):
    def text(value):
        return None if value is None else value.encode()

    _check(
        _libc.mount(text(source), text(target), text(fstype), ctypes.c_ulong(flags), text(data)),
        "mount on %s" % target,
    )


def bind(source, target):
    mount(source, target, None, MS_BIND)


def write(path, text, mode=None):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = text if isinstance(text, bytes) else text.encode()
    with open(path, "wb") as out:
        out.write(data)
    if mode is not None:
        os.chmod(path, mode)


def _interface_up(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = array.array("b", struct.pack("16sH22x", name.encode(), 0))
        fcntl.ioctl(sock, SIOCGIFFLAGS, request, True)
        flags = struct.unpack("16sH22x", request.tobytes())[1] | IFF_UP
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), flags))


def _make_etc():
    kept = {}
    for name in ("ld.so.cache", "localtime"):
        try:
            with open("/etc/" + name, "rb") as source:
                kept[name] = source.read()
        except OSError:
            pass
    mount("tmpfs", "/etc", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for name, data in kept.items():
        write("/etc/" + name, data)
    for name, text in ETC_FILES.items():
        write("/etc/" + name, text)


def _make_dev():
    mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755")
    for name, major, minor in (
        ("null", 1, 3),
        ("zero", 1, 5),
        ("full", 1, 7),
        ("random", 1, 8),
        ("urandom", 1, 9),
        ("tty", 5, 0),
    ):
        path = "/dev/" + name
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        os.chmod(path, 0o666)
    os.mkdir("/dev/pts")
    mount("devpts", "/dev/pts", "devpts", MS_NOSUID, "newinstance,ptmxmode=0666,mode=620")
    os.symlink("pts/ptmx", "/dev/ptmx")
    os.mkdir("/dev/shm", 0o1777)


def missing():
    """What the machine lacks for a sandbox, as text, or None."""
    if os.geteuid() != 0:
        return "needs root (namespaces, raw sockets)"
    pid = os.fork()
    if pid == 0:
        try:
            unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET)
            mount("none", "/", None, MS_REC | MS_PRIVATE)
            mount("tmpfs", "/run", "tmpfs")
            socket.socket(socket.AF_INET, socket.SOCK_RAW, 47).close()
        except (SandboxError, OSError):
            os._exit(1)
        os._exit(0)
    if os.waitpid(pid, 0)[1] != 0:
        return "needs the right to make network and mount namespaces and raw sockets"
    return None


def die_with_parent():
    """An interrupted run leaves nothing behind."""
    _check(_libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL)), "prctl")


def split():
    """Leave the host's namespaces. Returns in two processes as fork() does: the child is PID 1 of
    the new ones, and whatever it leaves behind dies with it."""
    unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET)
    return os.fork()


def furnish(files, hidden=()):
    """In the new namespaces: private /proc, /etc, /run, /dev; then the case's own FILES, a mapping
    of path to text (or bytes, or None for "does not exist"). HIDDEN names directories
    outside these that get an empty private copy as well."""
    os.umask(0o022)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV)
    _make_etc()
    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    if not os.path.islink("/var/run"):
        mount("tmpfs", "/var/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    _make_dev()
    for path in hidden:
        mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    _interface_up("lo")
    for path, text in files.items():
        if text is None:
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.unlink(path)
        elif text == "DIRECTORY":
            os.makedirs(path, exist_ok=True)
        else:
            write(path, text)
