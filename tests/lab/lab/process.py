# SPDX-License-Identifier: GPL-2.0-or-later
"""A process of a host: its output in a file, its end awaited with a deadline."""

import os
import re
import signal
import subprocess

from . import events

# Seconds a process gets to end after a signal. Generous, because the guest shares its one
# processor with everything else; a healthy process takes a fraction.
END = 20


class Process:
    def __init__(self, popen, name, path, stdin=None):
        self.name = name
        self.path = path
        self.stdin = stdin
        self._popen = popen

    @property
    def pid(self):
        return self._popen.pid

    @property
    def running(self):
        return self._popen.poll() is None

    @property
    def status(self):
        """Exit status, negative for a signal, None while it runs."""
        return self._popen.poll()

    def text(self):
        """Everything it wrote to stdout and stderr so far."""
        with open(self.path, encoding="utf-8", errors="replace") as output:
            return output.read()

    def find(self, pattern):
        """First match of the regular expression in its output, or None."""
        return re.search(pattern, self.text(), re.M)

    def wait(self, deadline=END):
        events.wait_for(lambda: not self.running, deadline, f"{self.name} ends")
        return self.status

    def send(self, number):
        if self.running:
            os.kill(self.pid, number)

    def stop(self, number=signal.SIGTERM, deadline=END):
        """Ask it to end; returns its status, fails when it does not end."""
        self.send(number)
        return self.wait(deadline)

    def kill(self):
        self.send(signal.SIGKILL)
        return self.wait()


def start(argv, name, path, env=None, stdin=None, descriptors=()):
    """Start argv in the calling thread's namespaces with all output to the file `path`. It also
    gets the descriptors, under the same numbers."""
    with open(path, "ab") as output:
        popen = subprocess.Popen(argv, stdin=stdin or subprocess.DEVNULL, stdout=output,
                                 stderr=subprocess.STDOUT, env=env, start_new_session=True,
                                 pass_fds=descriptors)
    return Process(popen, name, path)
