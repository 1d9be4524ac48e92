# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one case inside its sandbox: starts the daemon, lets the clients act, and writes down what
could be seen from outside as lists of text lines, one list per section. It does not judge.

Sections: start stdout stderr options log debug pppd process wire ids "id faults" titles pidfile
bcrelay order end left.
"""

import json
import os
import re
import select
import shlex
import signal
import socket
import subprocess
import time

import pptp
from syslog_sink import Sink

DEADLINE = 20.0  # seconds any single event may take before the case is given up
TICK = 0.02  # seconds between two looks at something that cannot be waited for
LEFT_OVER = 3.0  # seconds that processes may take to end after the manager
QUIET = 3.0  # seconds without an answer that count as none; only where Poptop gives none
PORT = 1723
OPTIONS = (
    "bcrelay conf connections debug delegate fg help listen logwtmp noipparam option pidfile ppp "
    "speed stimeout version"
).split()
RUN = "/run/compat"


class Stuck(Exception):
    """An event that the case needs did not come."""


def wait_for(what, condition):
    limit = time.monotonic() + DEADLINE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > limit:
            raise Stuck("waited %d s for: %s" % (DEADLINE, what))
        time.sleep(TICK)


def read_text(path):
    try:
        with open(path, encoding="latin-1") as source:
            return source.read()
    except OSError:
        return None


def listening_ports():
    ports = set()
    for line in (read_text("/proc/net/tcp") or "").splitlines()[1:]:
        words = line.split()
        if words[3] == "0A":
            ports.add(words[1])
    return ports


def handles_sigterm(pid):
    """Whether SIGTERM is caught (or blocked, for a descriptor that reads it)."""
    bit = 1 << (signal.SIGTERM - 1)
    for line in (read_text("/proc/%s/status" % pid) or "").splitlines():
        key, value = line.split(":", 1)
        if key in ("SigCgt", "SigBlk") and int(value, 16) & bit:
            return True
    return False


def unreachables():
    """How many ICMP destination unreachable messages this sandbox has sent."""
    names, values = [line.split() for line in (read_text("/proc/net/snmp") or "").splitlines()
                     if line.startswith("Icmp:")]
    return int(values[names.index("OutDestUnreachs")])


def processes(dead=False):
    """pid -> (comm, parent pid, state) of everything in the sandbox but this process; with DEAD
    also of what has ended and has not been reaped."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        text = read_text("/proc/%s/stat" % name)
        if text is None:
            continue
        comm, rest = text[text.index("(") + 1 :].rsplit(")", 1)
        words = rest.split()
        if dead or words[0] not in "ZX":
            found[int(name)] = (comm, int(words[1]), words[0])
    return found


class Client:
    """One TCP connection of a PPTP client, and its raw GRE socket."""

    def __init__(self, name, source, destination, port):
        self.name = name
        self.source = source
        self.splitter = pptp.Splitter()
        self.ended = None
        self.greeted = False  # whether the control connection is up
        self.call_ids = []  # the server's call ids, in order of reply
        self.gre = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)
        self.gre.bind((source, 0))
        self.gre.connect((destination, 0))
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.bind((source, 0))
        self.tcp.settimeout(DEADLINE)
        self.tcp.connect((destination, port))
        self.tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        try:
            self.tcp.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the reading side tells how it ended

    def receive(self):
        """The next message, or "closed" or "reset"."""
        while True:
            whole = self.splitter.next()
            if whole is not None:
                return pptp.decode(whole)
            if self.ended:
                return self.ended
            try:
                data = self.tcp.recv(65536)
            except ConnectionResetError:
                self.ended = "reset"
                continue
            except socket.timeout:
                raise Stuck("nothing came from the server for client %s" % self.name) from None
            if data:
                self.splitter.feed(data)
            else:
                self.ended = "closed"

    def close(self):
        self.tcp.close()
        self.ended = self.ended or "closed by us"


class World:
    def __init__(self, binary, case):
        self.binary = binary
        self.case = case
        self.clients = {}
        self.statuses = {}  # pid -> wait status, of everything that ended as our child
        self.managers = set()
        self.served = False  # whether a client has connected yet
        self.occupied = None  # a listener of somebody else
        self.unreachables = unreachables()
        self.extra = []  # further daemons of the same case
        self.seen = {
            section: []
            for section in "start stdout stderr log pppd process wire ids titles pidfile bcrelay "
            "order end left".split()
        }
        os.makedirs(RUN + "/pppd", exist_ok=True)
        os.symlink(os.path.join(os.path.dirname(os.path.abspath(__file__)), "stand-in"),
                   RUN + "/stand-in")
        self.sink = Sink()

    # Processes.

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.statuses[pid] = status
            if not self.served:
                self.managers.add(pid)

    def ended(self, pid):
        self.reap()
        if pid not in self.statuses:
            return None
        return status_text(self.statuses[pid])

    def spawn(self, argv, tag=""):
        with open(RUN + "/stdout" + tag, "wb") as out, open(RUN + "/stderr" + tag, "wb") as err:
            child = subprocess.Popen(
                [self.binary] + argv,
                cwd="/run",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env=dict({"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                          "COMPAT_MARK": "passed on"}, **self.case.get("env", {})),
            )
        child.returncode = 0  # this object must not wait: reap() does, for orphans as well
        self.managers.add(child.pid)
        return child.pid

    def start(self):
        argv = self.case["argv"]
        first = self.pid = self.spawn(argv)
        here = self.case.get("listens", "00000000:06BB")

        empty = 0

        def settled():
            nonlocal empty
            self.reap()
            if here in listening_ports() and not self.occupied:
                return "running"
            # Once is not enough: a daemon may fork while /proc is being read.
            empty = 0 if processes() else empty + 1
            return "gone" if empty > 2 else None

        state = wait_for("the daemon to listen or to end", settled)
        if state == "running":
            wait_for("the caller to get control back or the daemon to stay",
                     lambda: self.ended(first) or self.find_manager() == first)
            self.pid = self.find_manager()
            self.managers.add(self.pid)
            wait_for("the daemon to be ready for SIGTERM", lambda: handles_sigterm(self.pid))
        lines = self.seen["start"]
        if self.ended(first):
            lines.append(self.ended(first))
        if state == "running":
            lines.append("running" if self.pid == first else "running in the background")
        else:
            for pid in sorted(set(self.statuses) - {first}):
                lines.append("later " + self.ended(pid))
        return state == "running"

    def find_manager(self):
        for pid, (comm, parent, _) in sorted(processes().items()):
            if comm == "pptpd" and parent == os.getpid():
                return pid
        return None

    # What the stand-in for pppd wrote.

    def records(self):
        found = []
        while True:
            text = read_text("%s/pppd/%d.json" % (RUN, len(found) + 1))
            if text is None:
                return found
            found.append(json.loads(text))

    def order(self, number, text):
        with open("%s/pppd/%d.orders" % (RUN, number), "a", encoding="ascii") as out:
            out.write(text + "\n")

    # Steps: each method step_X runs the tuple ("X", ...).

    def step_open(self, name, source="127.0.0.2", destination="127.0.0.1", port=PORT):
        self.served = True
        self.clients[name] = Client(name, source, destination, port)

    def step_refused(self, name, source="127.0.0.2", destination="127.0.0.1", port=PORT):
        try:
            self.step_open(name, source, destination, port)
        except ConnectionRefusedError:
            self.seen["wire"].append("%s: connection refused" % name)
        else:
            self.seen["wire"].append("%s: connected" % name)

    def step_send(self, name, data):
        self.clients[name].send(data)

    def step_pause(self, seconds=TICK):
        """Lets the daemon read what was sent before the rest comes; ours must not notice."""
        time.sleep(seconds)

    def step_half_close(self, name):
        try:
            self.clients[name].tcp.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server was faster; the reading side tells how it ended

    def step_hello(self, name):
        """Control connection up, or a line that says what came instead."""
        client = self.clients[name]
        client.send(pptp.sccrq())
        answer = client.receive()
        if isinstance(answer, str) or answer.type != pptp.SCCRP or answer.fields["result"] != 1:
            self.trace(client, "hello: " + self.brief(answer))
        client.greeted = True

    def step_call(self, name, call_id=1):
        """One outgoing call, and its pppd has been started; else a line that says what came."""
        client = self.clients[name]
        before = len(self.records())
        client.send(pptp.ocrq(call_id))
        answer = client.receive()
        if isinstance(answer, str) or answer.type != pptp.OCRP or answer.fields["result"] != 1:
            self.trace(client, "call: " + self.brief(answer))
            return
        self.note_ids(client, answer)
        wait_for("pppd for the call of " + name, lambda: len(self.records()) > before)

    def step_recv(self, name):
        client = self.clients[name]
        answer = client.receive()
        self.note_ids(client, answer)
        self.trace(client, self.full(answer))

    def step_brief(self, name):
        client = self.clients[name]
        answer = client.receive()
        self.note_ids(client, answer)
        self.trace(client, self.brief(answer))

    def step_clear(self, name, which=1):
        """Call-Clear-Request as a client sends it: with its own call id (RFC 2637 2.12)."""
        self.clients[name].send(pptp.call_clear(which))

    def step_until_end(self, name):
        """Everything that still comes, then how the connection ended."""
        client = self.clients[name]
        while True:
            answer = client.receive()
            self.note_ids(client, answer)
            self.trace(client, self.brief(answer))
            if isinstance(answer, str):
                return

    def step_fence(self, name, identifier=77):
        """An Echo-Request and its answer: whatever was sent before has been dealt with."""
        client = self.clients[name]
        client.send(pptp.echo_request(identifier))
        while not client.ended:
            answer = client.receive()
            if not isinstance(answer, str) and answer.type == pptp.ECHO_RP \
                    and answer.fields.get("id") == identifier:
                return
            self.note_ids(client, answer)
            self.trace(client, self.brief(answer))

    def step_fences(self, name, count=20):
        """Several fences with a little time between them, for what follows no other event."""
        for _ in range(count):
            if self.clients[name].ended:
                return
            self.step_fence(name)
            time.sleep(TICK)

    def step_polite(self, name):
        """Answer a Stop-Control-Connection-Request like any client, until the manager has ended;
        then tell whether this connection still is served."""
        client = self.clients[name]
        limit = time.monotonic() + DEADLINE
        while not client.ended and not self.ended(self.pid):
            if time.monotonic() > limit:
                raise Stuck("the manager does not end")
            if not select.select([client.tcp], [], [], TICK)[0]:
                continue
            answer = client.receive()
            self.trace(client, self.brief(answer))
            if not isinstance(answer, str) and answer.type == pptp.STOP_CCRQ:
                client.send(pptp.message(pptp.STOP_CCRP, b"\1\0\0\0"))
        if not client.ended:
            self.step_fence(name)
        if not client.ended:
            self.trace(client, "still served")

    def step_close(self, name):
        self.clients[name].close()

    def step_gre_close(self, name):
        """The client's host does not know GRE any more: it answers with ICMP."""
        self.clients[name].gre.close()

    def step_icmp(self):
        """The kernel has answered a GRE packet with ICMP protocol unreachable."""
        wait_for("an ICMP message", lambda: unreachables() > self.unreachables)

    def step_first_event(self, *names):
        """Which of several connections the server ends, or answers, first."""
        sockets = {self.clients[name].tcp: name for name in names}
        readable, _, _ = select.select(list(sockets), [], [], DEADLINE)
        if not readable:
            raise Stuck("nothing happened to %s" % ", ".join(names))
        self.seen["order"].append("first: " + " ".join(sorted(sockets[s] for s in readable)))

    def step_still_open(self, name):
        readable, _, _ = select.select([self.clients[name].tcp], [], [], 0)
        self.seen["order"].append("%s: %s" % (name, "ended" if readable else "open"))

    def step_gre_send(self, name, payload, *sequences):
        client = self.clients[name]
        for sequence in sequences:
            client.gre.send(pptp.gre_encode(client.call_ids[-1], bytes.fromhex(payload), sequence))

    def step_gre_raw(self, name, data):
        self.clients[name].gre.send(bytes.fromhex(data))

    def step_gre_recv(self, name):
        """The next GRE packet for this client that carries data."""
        client = self.clients[name]
        client.gre.settimeout(DEADLINE)
        while True:
            try:
                packet = client.gre.recv(65536)
            except socket.timeout:
                raise Stuck("no GRE packet for client %s" % name) from None
            source, call_id, sequence, ack, payload = pptp.gre_decode(packet)
            if payload:
                self.trace(client, "GRE from=%s call=%d sequence=%s ack=%s %s"
                           % (source, call_id, sequence, ack, payload.hex()))
                return

    def step_pppd_writes(self, number, frame):
        """The stand-in writes one PPP frame, given in hexadecimal, to its terminal."""
        self.order(number, "write " + pptp.hdlc_encode(bytes.fromhex(frame)).hex())

    def step_pppd_raw(self, number, data):
        self.order(number, "write " + data)

    def step_pppd_reads(self, number, count=1):
        """The stand-in has read this many more whole frames from its terminal."""
        path = "%s/pppd/%d.input" % (RUN, number)

        def frames():
            return pptp.hdlc_decode((read_text(path) or "").encode("latin-1"))

        wait_for("pppd %d to read %d frames" % (number, count), lambda: len(frames()) >= count)
        self.seen["wire"] += ["pppd %d read %s" % (number, frame.hex()) for frame in frames()]

    def step_pppd_exit(self, number, code):
        self.order(number, "exit %d" % code)

    def step_pppd_end(self, number):
        path = "%s/pppd/%d.end" % (RUN, number)
        end = wait_for("the end of pppd %d" % number, lambda: read_text(path))
        self.seen["order"].append("pppd %d: %s" % (number, end))

    def step_no_ctrl(self):
        """Every pptpctrl has ended."""
        wait_for("pptpctrl to end", lambda: not self.ctrl_pids())

    def step_occupy(self, address, port=PORT):
        """Somebody else listens there."""
        self.occupied = socket.create_server((address, port))

    def step_one_ctrl(self):
        """Only one pptpctrl is left, and the manager knows."""

        def one():
            return sum(comm == "pptpctrl" for comm, _, _ in processes(True).values()) == 1

        wait_for("all but one pptpctrl to end", one)

    def step_busy(self, name):
        """Two replies, or "no answer" while the manager says that it has no room."""
        client = self.clients[name]
        wait_for("a word about the refusal",
                 lambda: any("No free connection slots" in line.text for line in self.sink.lines()))
        for _ in range(2):
            if not select.select([client.tcp], [], [], QUIET)[0] and not client.splitter.left:
                self.trace(client, "no answer")
                return
            self.step_brief(name)
        client.greeted = True

    def step_write_file(self, path, text):
        with open(path, "w", encoding="ascii") as out:
            out.write(text)

    def step_titles(self):
        for pid in self.ctrl_pids():
            text = (read_text("/proc/%d/cmdline" % pid) or "").rstrip(" \0").replace("\0", " ")
            self.seen["titles"].append(self.hide_ids(text, "%04X"))

    def step_log(self, pattern):
        """A log line that matches has come."""
        wait_for("a log line like " + pattern,
                 lambda: any(re.search(pattern, line.text) for line in self.sink.lines()))

    def step_signal(self, name):
        os.kill(self.pid, getattr(signal, name))

    def step_signal_ctrl(self, name):
        for pid in self.ctrl_pids():
            os.kill(pid, getattr(signal, name))

    def step_ended(self):
        """The manager ends by itself or by the signal before."""
        wait_for("the manager to end", lambda: self.ended(self.pid))

    def step_pidfile(self, path="/run/pptpd.pid"):
        def filled():
            return read_text(path)

        text = wait_for("pid file " + path, filled)
        mode = os.stat(path).st_mode & 0o777
        self.seen["pidfile"].append(
            "%s %03o %r" % (path, mode, text.replace(str(self.pid), "PID")))

    def step_no_pidfile(self, path="/run/pptpd.pid"):
        text = read_text(path)
        self.seen["pidfile"].append("%s: %s" % (path, "none" if text is None else "left behind"))

    def step_bcrelay(self):
        text = wait_for("bcrelay to be started", lambda: read_text(RUN + "/bcrelay.argv"))
        self.seen["bcrelay"] += text.splitlines()

    def step_bcrelay_end(self):
        def none():
            return not any(comm in ("bcrelay", "sleep") for comm, _, _ in processes().values())

        wait_for("bcrelay to end", none)
        self.seen["bcrelay"].append("ended")

    def step_daemon(self, tag, argv, listens):
        """One more daemon beside the first."""
        pid = self.spawn(argv, "-" + tag)
        self.extra.append(pid)
        wait_for("daemon %s to listen" % tag, lambda: listens in listening_ports())

    def step_second(self, argv):
        """One more start, which is expected to end."""
        pid = self.spawn(argv, "-second")
        status = wait_for("the second start to end", lambda: self.ended(pid))
        self.seen["start"].append("second: " + status)

    def step_ctrl(self, argv):
        """pptpctrl run by hand, without a connection."""
        path = os.path.join(os.path.dirname(self.binary), "pptpctrl")
        done = subprocess.run([path] + argv, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=DEADLINE, check=False)
        self.seen["start"].append("exit %d" % done.returncode)
        self.seen["stdout"] += done.stdout.decode("latin-1").splitlines()
        self.seen["stderr"] += done.stderr.decode("latin-1").splitlines()

    # Turning what was seen into text.

    def ctrl_pids(self):
        return sorted(pid for pid, (comm, _, _) in processes().items() if comm == "pptpctrl")

    def note_ids(self, client, answer):
        if isinstance(answer, str) or answer.type != pptp.OCRP or answer.fields.get("result") != 1:
            return
        client.call_ids.append(answer.fields["call"])
        self.seen["ids"].append(str(answer.fields["call"]))

    def hide_ids(self, text, form="%d"):
        """The server's call ids become #1, #2 ... in order of appearance."""
        for number, value in enumerate(self.seen["ids"], 1):
            text = re.sub(r"(call=|- )%s\b" % re.escape(form % int(value)),
                          lambda match, n=number: match.group(1) + "#%d" % n, text)
        return text

    def trace(self, client, text):
        self.seen["wire"].append("%s: %s" % (client.name, text))

    def full(self, answer):
        if isinstance(answer, str):
            return answer
        words = ["%s=%s" % (name, value if value != "" else "''")
                 for name, value in answer.fields.items()]
        return self.hide_ids(" ".join([answer.name] + words))

    def brief(self, answer):
        if isinstance(answer, str):
            return answer
        words = ["%s=%s" % (name, answer.fields[name])
                 for name in ("call", "peer", "id", "result", "error", "reason")
                 if name in answer.fields]
        return self.hide_ids(" ".join([answer.name] + words))

    def log_lines(self):
        """Log lines by origin: M for the manager, C, C2 ... for each pptpctrl in order of its
        first line. Facility daemon and tag pptpd are what is expected, so only others are shown."""
        pppds = {record["pid"]: "pppd%d" % n for n, record in enumerate(self.records(), 1)}
        ctrls = {}
        lines = []
        for line in self.sink.lines():
            if line.pid in self.managers:
                origin = "M"
            else:
                ctrls.setdefault(line.pid, "C" if not ctrls else "C%d" % (len(ctrls) + 1))
                origin = ctrls[line.pid]
            lines.append((origin, line))
        result = []
        for origin, line in lines:
            text = re.sub(r"(PPP\[)(\d+)(?=\])",
                          lambda m: m.group(1) + pppds.get(int(m.group(2)), m.group(2)), line.text)
            text = re.sub(r"(Reaped child )(\d+)",
                          lambda m: m.group(1) + ctrls.get(int(m.group(2)), m.group(2)), text)
            where = line.severity
            if (line.facility, line.tag) != ("daemon", "pptpd"):
                where = "%s.%s %s" % (line.facility, line.severity, line.tag)
            result.append("%s %s %s" % (origin, where, text))
        return result

    def process_facts(self, record):
        facts = ["stdin %s" % record["fds"][0], "stdout %s" % record["fds"][1],
                 "stdin and stdout " + ("the same" if record["same"] else "different"),
                 "stderr %s" % record["fds"][2], "cwd %s" % record["cwd"],
                 "umask %s" % record["umask"],
                 "uid %d euid %d" % tuple(record["uid"]),
                 "environment " + ("kept" if "COMPAT_MARK" in record["environment"] else "cleaned"),
                 "controlling terminal " + ("yes" if record["controlling"] else "no"),
                 "other descriptors " + (", ".join(record["others"]) or "none")]
        facts += ["%s %s" % (name, "on" if record["terminal"][name] else "off")
                  for name in record["terminal"]]
        facts.append("blocked signals %x" % record["blocked"])
        ignored = [number.name for number in signal.Signals
                   if number < 32 and record["ignored"] >> (number - 1) & 1]
        facts.append("ignored signals " + (" ".join(ignored) or "none"))
        for name in ("session", "group"):
            try:
                mine = os.getsid(self.pid) if name == "session" else os.getpgid(self.pid)
            except ProcessLookupError:
                mine = None
            facts.append("%s %s" % (name, "of the manager" if record[name] == mine else "its own"))
        return facts

    # The life of a case.

    def run(self):
        running = False
        try:
            for step in self.case["before"]:
                getattr(self, "step_" + step[0])(*step[1:])
            if self.case["argv"] is not None:
                running = self.start()
            if running or self.case["argv"] is None or self.case.get("always"):
                for step in self.case["steps"]:
                    getattr(self, "step_" + step[0])(*step[1:])
            facts = [self.process_facts(record) for record in self.records()[:1]]
            self.seen["process"] = facts[0] if facts else []
            self.hang_up()
            if running:
                self.finish()
        except Stuck as stuck:
            self.seen["stuck"] = [str(stuck)]
        except OSError as error:
            self.seen["stuck"] = ["%s: %s" % (type(error).__name__, error)]
        self.collect()
        return self.seen

    def id_faults(self):
        """What is wrong with the server's call ids as names that GRE packets are sorted by."""
        values = [int(text) for text in self.seen["ids"]]
        steps = {(after - before) % 65536 for before, after in zip(values, values[1:])}
        faults = ["zero"] if 0 in values else []
        faults += ["double"] if len(set(values)) < len(values) else []
        faults += ["predictable"] if len(values) > 2 and len(steps) == 1 else []
        return faults

    def hang_up(self):
        """Good manners: end each connection that still stands as RFC 2637 2.3 asks."""
        for client in self.clients.values():
            if client.ended is None and client.greeted:
                client.send(pptp.stop_ccrq())
                while not isinstance(client.receive(), str):
                    pass
            client.close()
        wait_for("pptpctrl to end", lambda: not self.ctrl_pids())
        for pid in self.extra:
            os.kill(pid, signal.SIGTERM)
            wait_for("the other daemon to end", lambda p=pid: self.ended(p))

    def finish(self):
        if not self.ended(self.pid):
            os.kill(self.pid, signal.SIGTERM)
        self.seen["end"] = [wait_for("the manager to end", lambda: self.ended(self.pid))]

    def collect(self):
        limit = time.monotonic() + LEFT_OVER
        while processes() and time.monotonic() < limit:
            time.sleep(TICK)
        self.seen["left"] = sorted(comm for comm, _, _ in processes().values())
        for tag in ("", "-second"):
            for section in ("stdout", "stderr"):
                text = read_text("%s/%s%s" % (RUN, section, tag)) or ""
                self.seen[section] += text.replace(self.binary, "PPTPD").splitlines()
        self.seen["options"] = [word for word in OPTIONS
                                if any("--" + word in line for line in self.seen["stdout"])]
        self.seen["id faults"] = self.id_faults()
        self.seen["pppd"] = [shlex.join(record["argv"]) for record in self.records()]
        self.sink.drain()
        self.seen["log"] = self.log_lines()
        # Poptop writes two kinds of debug lines without being asked to.
        chatty = [line for line in self.seen["log"] if " debug " in line
                  and "Reaping child" not in line and "BC" not in line]
        self.seen["debug"] = ["on"] if chatty else []


def status_text(status):
    if os.WIFSIGNALED(status):
        return "killed by " + signal.Signals(os.WTERMSIG(status)).name
    return "exit %d" % os.WEXITSTATUS(status)
