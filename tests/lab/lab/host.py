# SPDX-License-Identifier: GPL-2.0-or-later
"""A host: one thread that has left the machine's network and mount namespaces.

What has to happen inside the host (opening a file or a socket, starting a process) is done by
that thread, so nothing is forked only to enter a namespace: starting processes is what costs
most under User-Mode Linux. A socket stays in the namespace it was created in, whoever uses it.
"""

import array
import errno
import fcntl
import os
import queue
import select
import socket
import stat
import struct
import subprocess
import threading
import time

from . import events, kernel, process, syslog

SIOCGIFFLAGS = 0x8913
SIOCGIFADDR = 0x8915
SIOCGIFMTU = 0x8921
IFF_UP = 1
IP_MTU_DISCOVER = 10
IP_PMTUDISC_DONT = 0
IP_PMTUDISC_DO = 2

# Device nodes that daemons of this kind open: name, major, minor.
DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8),
           ("urandom", 1, 9), ("tty", 5, 0), ("kmsg", 1, 11), ("ppp", 108, 0),
           ("net/tun", 10, 200))

# Of the users that a story adds.
FIRST_UID = 901

# Not "/etc/ppp/*": every host starts from an empty folder, without ip-up and ip-down scripts.
PPP_FILES = {"options": "", "chap-secrets": "", "pap-secrets": ""}

_HOST_CLOSED = object()


class Host:
    """name: of the host; directory: where its logs go; stage: an installed tree that shall be
    seen in place of the machine's own /usr, or None."""

    def __init__(self, name, directory, collector, stage=None):
        self.name = name
        self.directory = os.path.join(directory, name)
        self.processes_started = []
        os.makedirs(self.directory)
        self.journal = syslog.Journal(os.path.join(self.directory, "syslog"))
        self._jobs = queue.SimpleQueue()
        self._collector = collector
        self._stage = stage
        ready = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._live, args=(ready,), name=name, daemon=True)
        self._thread.start()
        problem = ready.get()
        if problem:
            raise problem

    # The host's own thread -----------------------------------------------------------------

    def _live(self, ready):
        try:
            kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS)
            os.chdir("/")
            self.task = threading.get_native_id()
            self.namespace = os.readlink("/proc/thread-self/ns/net")
            self._mount()
        except OSError as problem:
            ready.put(problem)
            return
        ready.put(None)
        while True:
            function, arguments, answer = self._jobs.get()
            if function is _HOST_CLOSED:
                return
            try:
                answer.put((function(*arguments), None))
            except BaseException as problem:
                answer.put((None, problem))

    def _mount(self):
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        if self._stage:
            kernel.mount("stage", "/usr", "overlay", kernel.MS_RDONLY,
                         f"lowerdir={self._stage}/usr:/usr")
        kernel.mount("sys", "/sys", "sysfs", kernel.MS_NOSUID | kernel.MS_NODEV)
        kernel.mount("run", "/run", "tmpfs", kernel.MS_NOSUID, "mode=755")
        for folder in ("pptp", "lock", "lab"):
            os.mkdir(f"/run/{folder}")
        kernel.mount("ppp", "/etc/ppp", "tmpfs", kernel.MS_NOSUID, "mode=755")
        os.mkdir("/etc/ppp/peers")
        for name, text in PPP_FILES.items():
            _write(f"/etc/ppp/{name}", text, 0o600)
        # Keys and lists of this host and story, of nobody before it.
        kernel.mount("state", "/var/lib", "tmpfs", kernel.MS_NOSUID, "mode=755")
        self._mount_dev()

    def _mount_dev(self):
        """A /dev of its own, because /dev/log has to be this host's."""
        new = "/run/lab/dev"
        os.mkdir(new)
        kernel.mount("dev", new, "tmpfs", kernel.MS_NOSUID, "mode=755")
        for folder in ("pts", "shm", "net"):
            os.mkdir(f"{new}/{folder}")
        for name, major, minor in DEVICES:
            os.mknod(f"{new}/{name}", stat.S_IFCHR | 0o666, os.makedev(major, minor))
            os.chmod(f"{new}/{name}", 0o666)
        kernel.mount("pts", f"{new}/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620,gid=5")
        kernel.mount("shm", f"{new}/shm", "tmpfs", kernel.MS_NOSUID)
        os.symlink("pts/ptmx", f"{new}/ptmx")
        os.symlink("/proc/self/fd", f"{new}/fd")
        kernel.mount(new, "/dev", flags=kernel.MS_MOVE)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        listener.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        self._collector.add(listener, self.journal)

    def call(self, function, *arguments):
        """Run function(*arguments) inside the host and return what it returns."""
        answer = queue.SimpleQueue()
        self._jobs.put((function, arguments, answer))
        value, problem = answer.get()
        if problem:
            raise problem
        return value

    def close(self):
        """Let go of the namespaces; they end with the last process in them."""
        self._jobs.put((_HOST_CLOSED, None, None))
        self._thread.join()
        self.journal.close()

    # Files ---------------------------------------------------------------------------------

    def write(self, path, text, mode=0o600):
        self.call(_write, path, text, mode)

    def read(self, path):
        """The text of a file of this host, or None when there is none."""
        return self.call(_read, path)

    def list(self, path):
        return self.call(os.listdir, path)

    def cover(self, path, text, mode=0o644):
        """Have this host see another text in place of one of the machine's files."""
        own = f"/run/lab/{path.strip('/').replace('/', '-')}"
        self.write(own, text, mode)
        self.call(kernel.mount, own, path, None, kernel.MS_BIND)

    def replace_program(self, path, by):
        """Have this host find another program at `path`."""
        self.call(kernel.mount, by, path, None, kernel.MS_BIND)

    def restore_program(self, path):
        self.call(kernel.unmount, path)

    def add_users(self, *names):
        """System users, as a package makes them: {name: uid}."""
        ids = {name: FIRST_UID + at for at, name in enumerate(names)}
        self.cover("/etc/passwd", self.read("/etc/passwd") + "".join(
            f"{name}:x:{uid}:{uid}::/nonexistent:/usr/sbin/nologin\n"
            for name, uid in ids.items()))
        self.cover("/etc/group", self.read("/etc/group") + "".join(
            f"{name}:x:{uid}:\n" for name, uid in ids.items()))
        return ids

    def sysctl(self, name, value):
        self.write("/proc/sys/" + name.replace(".", "/"), f"{value}\n")

    # Processes -----------------------------------------------------------------------------

    def start(self, argv, name=None, env=None, stdin=None, descriptors=()):
        """Start a process, which also gets the descriptors; its output goes to a file that is
        printed when the story fails."""
        name = name or os.path.basename(argv[0])
        number = len(self.processes_started)
        path = os.path.join(self.directory, f"{number:02d}-{name}.out")
        one = self.call(process.start, argv, f"{name} on {self.name}", path, env, stdin,
                        descriptors)
        self.processes_started.append(one)
        return one

    def run(self, argv, text=None, deadline=60):
        """Run a command to its end and return its output; fail when it fails."""
        done = self.call(_run, argv, text, deadline)
        if done.returncode != 0:
            raise events.Failure(f"{' '.join(argv)} on {self.name}: status {done.returncode}: "
                                 f"{done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def attempt(self, argv, text=None, deadline=60):
        """Run a command to its end; returns its status, its output, and what it complained."""
        done = self.call(_run, argv, text, deadline)
        return done.returncode, done.stdout, done.stderr

    def ip(self, *lines):
        """Run lines of ip(8) in one process."""
        return self.run(["ip", "-batch", "-"], "\n".join(lines) + "\n")

    def processes(self):
        """What runs in this host, whoever started it: {pid: (parent's pid, command line)}."""
        return {pid: what for pid, (namespace, *what) in all_processes().items()
                if namespace == self.namespace}

    # Network -------------------------------------------------------------------------------

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0):
        return self.call(socket.socket, family, kind, protocol)

    def interfaces(self):
        """Interfaces that are up, with their first IPv4 address or None."""
        return self.call(_interfaces)

    def ppp_interfaces(self):
        return sorted(name for name in self.call(_names) if name.startswith("ppp"))

    def mtu(self, interface):
        return self.call(_mtu, interface)

    def dial(self, address, port, deadline=5):
        """A TCP connection; OSError says why there is none within the deadline."""
        one = self.socket()
        one.settimeout(deadline)
        try:
            one.connect((address, port))
        except OSError:
            one.close()
            raise
        return one

    def connect(self, address, port, deadline=5):
        """A TCP connection, or None when it cannot be made within the deadline."""
        try:
            return self.dial(address, port, deadline)
        except OSError:
            return None

    def ping(self, address, size=56, fragment=True, tries=3, deadline=2):
        """True when an echo of `size` bytes comes back, whole; each try waits deadline seconds.
        fragment: whether the packet may be cut on its way (DF unset)."""
        return _ping(self.socket(kind=socket.SOCK_RAW, protocol=socket.IPPROTO_ICMP),
                     address, size, fragment, tries, deadline)

    def reaches(self, address, deadline=1):
        return self.ping(address, tries=1, deadline=deadline)


def _write(path, text, mode):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _run(argv, text, deadline):
    return subprocess.run(argv, input=text, stdin=None if text is not None else subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", timeout=deadline,
                          check=False)


def _names():
    return [name for _, name in socket.if_nameindex()]


def _interfaces():
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for name in _names():
            request = struct.pack("16s24x", name.encode())
            try:
                answer = fcntl.ioctl(probe, SIOCGIFFLAGS, request)
                if not struct.unpack_from("H", answer, 16)[0] & IFF_UP:
                    continue
            except OSError:
                continue  # It went between the two questions.
            try:
                answer = fcntl.ioctl(probe, SIOCGIFADDR, request)
                found[name] = socket.inet_ntoa(answer[20:24])
            except OSError:
                found[name] = None
    return found


def _mtu(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        answer = fcntl.ioctl(probe, SIOCGIFMTU, struct.pack("16s24x", name.encode()))
    return struct.unpack_from("i", answer, 16)[0]


def _checksum(data):
    words = array.array("H", data + b"\0" * (len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(identifier, sequence, payload):
    head = struct.pack("!BBHHH", 8, 0, 0, identifier, sequence)
    value = _checksum(head + payload)
    return head[:2] + struct.pack("=H", value) + head[4:] + payload


def _ping(raw, address, size, fragment, tries, deadline):
    identifier = threading.get_native_id() & 0xFFFF
    payload = os.urandom(size)
    discover = IP_PMTUDISC_DONT if fragment else IP_PMTUDISC_DO
    with raw:
        raw.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, discover)
        for sequence in range(tries):
            end = time.monotonic() + deadline
            try:
                raw.sendto(echo_request(identifier, sequence, payload), (address, 0))
            except OSError as problem:
                if problem.errno == errno.EMSGSIZE:
                    return False
                # No route: the answer is no, and it comes at once.
                time.sleep(0 if sequence + 1 == tries else min(deadline, 0.2))
                continue
            if _echo_returns(raw, identifier, payload, end):
                return True
    return False


def _echo_returns(raw, identifier, payload, end):
    # select() knows no descriptor above 1023, and a crowd of connections may be below.
    readable = select.poll()
    readable.register(raw, select.POLLIN)
    while True:
        left = end - time.monotonic()
        if left <= 0 or not readable.poll(1000 * left):
            return False
        packet = raw.recv(65535)
        echo = packet[(packet[0] & 15) * 4:]
        if len(echo) >= 8 and echo[0] == 0 and echo[4:6] == struct.pack("!H", identifier):
            if echo[8:] == payload:
                return True


def all_processes():
    """Every process of this kernel: {pid: (network namespace, parent's pid, command line)}.
    Zombies and kernel threads have no command line and are left out."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            namespace = os.readlink(f"/proc/{entry}/ns/net")
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode(errors="replace").strip()
            with open(f"/proc/{entry}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue  # It ended while we looked.
        if line:
            found[int(entry)] = (namespace, parent, line)
    return found
