# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of the laboratory: chooses a kernel, lets guests tell stories, prints results.

Exit status: 0 all passed, 1 something failed, 2 wrong usage, 77 something is missing here.
"""

import argparse
import fnmatch
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from . import guest, qemu, story

LAB = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOP = os.path.dirname(os.path.dirname(LAB))

TOOLS = ("ip tc modprobe pppd pptp pptpd tcpdump tshark iperf3 iptables-legacy certtool").split()
UML = "linux.uml"
UML_MEMORY = "1G"
# Everything that runs as root finds Debian's administration tools.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

KERNELS = ("auto", "running", "uml", "qemu")
KERNEL_HELP = ("where to run (default: the running kernel if it has PPP, else User-Mode Linux); qemu: "
               "Debian's stock kernel, two processors, all emulated, after tests/lab/qemu-setup")

# Seconds a guest gets to boot and to switch off, on top of the deadlines of its stories.
BOOT = 120
# A guest that died is started again for the stories that nobody has begun, so often at most.
BOOTS_MAX = 5
POLL = 0.2
MEGABYTES = 4
# With --again: if more than so many fail, the machine is not to blame.
AGAIN_MAX = 3

MISSING = 77


def main():
    options = _parse()
    stories = story.load(guest.STORIES)
    names = _select(stories, options.stories)
    if options.list:
        for name in names:
            print(f"{name}: {stories[name].title} [{', '.join(stories[name].servers)}]")
        return 0
    return tell_all(stories, names, options)


def _parse():
    parser = argparse.ArgumentParser(prog="tests/lab/run", description="Tells stories with real "
                                     "kernels and stock PPTP peers; all of them by default.")
    parser.add_argument("-s", dest="kind", choices=story.BOTH, default="ours",
                        help="the pptpd under test (default: ours)")
    parser.add_argument("-j", dest="jobs", type=int, default=min(2, os.cpu_count() or 1),
                        metavar="N", help="guests at the same time (default: %(default)s)")
    parser.add_argument("-l", dest="list", action="store_true", help="list the stories")
    parser.add_argument("--stage", default=os.path.join(TOP, "stage"), metavar="DIR",
                        help="where `make install DESTDIR=DIR` put ours (default: stage)")
    parser.add_argument("--megabytes", type=float, metavar="N",
                        default=float(os.environ.get("LAB_MEGABYTES", MEGABYTES)),
                        help="how much a transfer moves each way (default: $LAB_MEGABYTES or "
                        f"{MEGABYTES})")
    parser.add_argument("--kernel", choices=KERNELS, default="auto", help=KERNEL_HELP)
    parser.add_argument("--keep", metavar="DIR", help="keep logs and captures of all stories here")
    parser.add_argument("--again", action="store_true", help="tell a story that failed once more, "
                        f"alone, unless more than {AGAIN_MAX} did; what failed the first time is "
                        "shown in any case")
    parser.add_argument("--setup", action="store_true", help="first install what is needed, "
                        "build and stage ours")
    parser.add_argument("stories", nargs="*", metavar="STORY", help="name or pattern")
    parser.set_defaults(folder=guest.STORIES, more={})
    return parser.parse_args()


def _select(stories, patterns):
    if not patterns:
        return list(stories)
    for pattern in patterns:
        if not fnmatch.filter(stories, pattern):
            sys.exit(f"tests/lab/run: no story {pattern}; -l lists them")
    return [name for name in stories if any(fnmatch.fnmatch(name, one) for one in patterns)]


def _has_ppp():
    try:
        os.close(os.open("/dev/ppp", os.O_RDWR))
    except OSError:
        return False
    return True


def _missing(options):
    """What this machine lacks, in words."""
    found = []
    if os.geteuid() != 0:
        found.append("root")
    found += [tool for tool in TOOLS if not shutil.which(tool, os.F_OK)]
    if options.kernel == "auto":
        options.kernel = "running" if _has_ppp() else "uml"
    if options.kernel == "uml" and not shutil.which(UML):
        found.append(f"{UML} (the running kernel has no PPP)")
    if options.kernel == "qemu":
        found += qemu.missing()
    if options.kernel == "running" and not _has_ppp():
        found.append("PPP in the running kernel (/dev/ppp)")
    if options.kind == "ours":
        found += [path for path in (f"{options.stage}/usr/sbin/{name}" for name in
                                    ("pptpd", "pptpctrl", "pptpctrl-tunnel", "pptpd-ctl",
                                     "rrp-signer", "lrp")) if not os.access(path, os.X_OK)]
    return found


class Guest:
    """One kernel, or one process on the running kernel, that tells stories until none is left."""

    def __init__(self, index, out, kernel):
        self.index = index
        self.log = os.path.join(out, f"guest-{index}.log")
        with open(self.log, "ab") as log:
            self._popen = subprocess.Popen(self._command(out, kernel), stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=subprocess.STDOUT,
                                           start_new_session=True)
        self.began = time.monotonic()

    def _command(self, out, kernel):
        if kernel == "running":
            # The module starts from its folder's parent; -B keeps the tree free of byte code.
            return [sys.executable, "-EsB", "-c",
                    f"import sys; sys.path.insert(0, {LAB!r}); from lab import guest; "
                    f"guest.run({out!r}, {self.index})"]
        if kernel == "qemu":
            return qemu.command(out, self.index, f"{LAB}/guest-init")
        return [UML, f"mem={UML_MEMORY}", "rootfstype=hostfs", "ro", "quiet", "con=null",
                "con0=null,fd:1", "ssl=null", f"uml_dir={out}/", f"umid=guest-{self.index}",
                f"init={LAB}/guest-init", f"lab_out={out}", f"lab_index={self.index}"]

    @property
    def running(self):
        return self._popen.poll() is None

    def kill(self):
        """End it with everything it started: a guest is a process group of its own."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait()
        self._wait_group()

    def _wait_group(self):
        """The kernel ends a guest's processes one after the other."""
        for _ in range(50):
            try:
                os.killpg(self._popen.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(POLL / 2)


class Run:
    """The stories of one call of the runner, their guests and their results."""

    def __init__(self, stories, names, options, out):
        self.stories = stories
        self.names = names
        self.options = options
        self.out = out
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.failed = []
        self._guests = []
        self._boots = 0
        self._open = set(names)
        for folder in ("claims", "results", "logs"):
            os.mkdir(os.path.join(out, folder))
        with open(os.path.join(out, "settings.json"), "w", encoding="utf-8") as file:
            json.dump({"kind": options.kind, "stage": options.stage, "stories": names,
                       "megabytes": options.megabytes, "keep": bool(options.keep),
                       "folder": options.folder, "more": options.more}, file)

    def run(self):
        try:
            while self._open:
                self._collect()
                self._watch()
                self._fill()
                if self._open:
                    time.sleep(POLL)
        finally:
            for one in self._guests:
                if not self._open:
                    self._let_go(one)
                one.kill()

    @staticmethod
    def _let_go(one):
        """Nothing is left to tell: it switches off by itself, unless it does not."""
        end = time.monotonic() + 5
        while one.running and time.monotonic() < end:
            time.sleep(POLL / 4)

    def _claims(self):
        """Stories that were begun: {name: (guest's index, seconds ago)}."""
        found = {}
        for name in self._open:
            path = os.path.join(self.out, "claims", name)
            try:
                owners = os.listdir(path)
                if owners:
                    found[name] = (int(owners[0]), time.time() - os.stat(path).st_mtime)
            except FileNotFoundError:
                pass
        return found

    def _fill(self):
        """Start guests while stories are left that nobody has begun."""
        unclaimed = len(self._open) - len(self._claims())
        self._guests = [one for one in self._guests if one.running]
        wanted = min(self.options.jobs, len(self._guests) + unclaimed)
        fresh = sum(1 for one in self._guests if time.monotonic() - one.began < BOOT)
        if unclaimed <= fresh and self._guests:
            wanted = min(wanted, max(len(self._guests), unclaimed))
        while len(self._guests) < wanted:
            if self._boots >= BOOTS_MAX + self.options.jobs:
                for name in list(self._open - set(self._claims())):
                    self._fail(name, "the guests die before they get here")
                return
            self._boots += 1
            self._guests.append(Guest(self._boots, self.out, self.options.kernel))

    def _watch(self):
        """Give up guests whose story hangs, and stories whose guest is gone."""
        claims = self._claims()
        running = {one.index: one for one in self._guests if one.running}
        for name, (index, seconds) in claims.items():
            if index not in running:
                self._collect()
                if name in self._open:
                    self._fail(name, "the guest died in the middle of it", index)
            elif seconds > self.stories[name].deadline:
                running[index].kill()
                self._fail(name, f"not finished after {seconds:.0f} s", index)
        busy = {index for index, _ in claims.values()}
        for one in running.values():
            if one.index not in busy and time.monotonic() - one.began > BOOT and \
                    not self._results_by(one.index):
                one.kill()

    def _results_by(self, index):
        claims = os.path.join(self.out, "claims")
        return any(os.path.exists(os.path.join(claims, name, str(index)))
                   for name in os.listdir(claims))

    def _collect(self):
        for name in sorted(self._open):
            try:
                with open(os.path.join(self.out, "results", name + ".json"),
                          encoding="utf-8") as file:
                    result = json.load(file)
            except FileNotFoundError:
                continue
            self._open.discard(name)
            self.report(result)

    def _fail(self, name, error, index=None):
        self._open.discard(name)
        logs = ""
        if index is not None:
            with open(os.path.join(self.out, f"guest-{index}.log"), encoding="utf-8",
                      errors="replace") as file:
                logs = "--- guest's console\n" + "\n".join(file.read().splitlines()[-60:])
        self.report({"name": name, "ok": False, "seconds": 0, "error": error, "logs": logs,
                      "notes": []})

    def report(self, result):
        self.counts["passed" if result["ok"] else "failed"] += 1
        if not result["ok"]:
            self.failed.append(result["name"])
        verdict = "ok" if result["ok"] else "not ok"
        print(f"{verdict} - {result['name']} ({result['seconds']:.1f} s)")
        for note in result["notes"]:
            print(f"#   {note}")
        if not result["ok"]:
            for line in (result["error"].rstrip() + "\n" + result["logs"]).splitlines():
                print(f"# {line}")
        sys.stdout.flush()

    def report_counts(self):
        print("{passed} passed, {failed} failed, {skipped} skipped".format(**self.counts))


def tell_all(stories, names, options, run_class=Run):
    """Tell the named stories and print what became of them; returns the exit status. options:
    those of the command line, plus `folder`, where the stories come from, and `more`, what they
    find in lab.more. run_class: Run, or one that reports otherwise."""
    os.environ["PATH"] = PATH
    missing = _missing(options)
    if missing:
        print("tests/lab: cannot run here, missing: " + "; ".join(missing), file=sys.stderr)
        return MISSING
    out = tempfile.mkdtemp(prefix="pptp-lab-")
    options.stage = os.path.abspath(options.stage)
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGHUP, _interrupted)
    skipped = [name for name in names if options.kind not in stories[name].servers]
    run = run_class(stories, [name for name in names if name not in skipped], options, out)
    try:
        for name in skipped:
            run.counts["skipped"] += 1
            print(f"skip - {name}: {stories[name].why}")
        sys.stdout.flush()
        run.run()
        if options.again and 0 < len(run.failed) <= AGAIN_MAX:
            _tell_again(run, run_class)
        if options.keep:
            shutil.copytree(out, options.keep, dirs_exist_ok=True)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(out, ignore_errors=True)
    run.report_counts()
    return 1 if run.counts["failed"] else 0


def _tell_again(run, run_class):
    """What failed beside others, on a machine that is everybody's, gets the guest for itself."""
    out = os.path.join(run.out, "again")
    os.mkdir(out)
    run.options.jobs = 1
    second = run_class(run.stories, run.failed, run.options, out)
    print(f"# again, alone: {' '.join(run.failed)}")
    second.run()
    for name in run.failed:
        if name not in second.failed:
            print(f"again - {name}: failed the first time, see above")
    run.counts["passed"] += second.counts["passed"]
    run.counts["failed"] = second.counts["failed"]


def _interrupted(_number, _frame):
    raise KeyboardInterrupt
