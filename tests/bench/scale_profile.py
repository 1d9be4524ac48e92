# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a process spends its time, by samples of perf(1): which system call it is in, or which
library or program when in none."""

import collections
import os
import re
import shutil
import subprocess

SAMPLES = 2500  # per second

# A frame of a sample: address, symbol, and the file it is in.
FRAME = re.compile(r"^\s+[0-9a-f]+ (\S+?)(?:\+0x[0-9a-f]+)? \((.*)\)$")
# What of the kernel or of the C library is which system call.
CALL = re.compile(r"^(?:__(?:x64|arm64)_sys_|ksys_|__sys_|do_|__libc_|__GI_|_)*"
                  r"((?:send|recv|read|write|epoll|poll|clock|getsockopt)\w*?)(?:64)?$")
# Functions whose file alone does not say what they are for.
HDLC = re.compile(r"^(?:hdlc_|fcs16_|unescape_|fold|put_code|end_frame|append|judge_frame|"
                  r"update_by_tables|take_up_to_flag|all_plain)")


def available():
    return shutil.which("perf") is not None


class Profile:
    """Samples of one process for so many seconds, from now on."""

    def __init__(self, pid, path, seconds):
        self._path = path
        self._process = subprocess.Popen(
            ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(SAMPLES), "-g", "-o", path, "-p",
             str(pid), "--", "sleep", str(seconds)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def shares(self):
        """{"write": part of its time, "in lrp": ...}"""
        self._process.wait()
        text = subprocess.run(["perf", "script", "-i", self._path, "-F", "comm,ip,sym,symoff,dso"],
                              capture_output=True, text=True, errors="replace", check=False).stdout
        os.unlink(self._path)
        found = collections.Counter(_place(sample) for sample in text.split("\n\n")
                                    if sample.strip())
        return {place: count / found.total() for place, count in found.items()}


def _place(sample):
    """A system call with its entry and exit, which the C library's function that made it tells; or
    where the program itself was."""
    frames = [match.groups() for match in map(FRAME.match, sample.splitlines()) if match]
    for symbol, dso in frames:
        call = CALL.match(symbol)
        if call and ("kernel" in dso or "libc." in dso):
            return call[1]
    if not frames:
        return "unknown"
    symbol, dso = frames[0]
    if "kernel" in dso:
        return "entry"
    if HDLC.match(symbol):
        return "HDLC"
    return "in " + os.path.basename(dso)
