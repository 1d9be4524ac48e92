# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting: for a predicate, with a deadline, awake as soon as something is logged."""

import threading
import time

# Predicates also look at things nobody announces (interfaces, files, processes), so they are
# asked again after this many seconds even when nothing was logged.
POLL = 0.1

_changed = threading.Condition()


class Failure(Exception):
    """What a story raises when the thing under test did not do what the story says."""


def announce():
    """Wake everybody who waits: something was logged."""
    with _changed:
        _changed.notify_all()


def wait_for(predicate, deadline, what):
    """Return the first true value of predicate(); fail after deadline seconds, naming `what`."""
    end = time.monotonic() + deadline
    while True:
        value = predicate()
        if value:
            return value
        left = end - time.monotonic()
        if left <= 0:
            raise Failure(f"not within {deadline} s: {what}")
        with _changed:
            _changed.wait(min(left, POLL))


def check(condition, what):
    if not condition:
        raise Failure(what)


def check_equal(got, expected, what):
    if got != expected:
        raise Failure(f"{what}: expected {expected!r}, got {got!r}")
