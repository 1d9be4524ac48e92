# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells stories on a kernel that has PPP; started by the runner, inside or outside a guest.

Several of these share one output directory: a story belongs to whoever makes its folder below
claims/, and its result is one JSON file below results/.
"""

import json
import os
import shutil
import tempfile
import time
import traceback

from . import checks, events, kernel, story
from .lab import Lab

STORIES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "stories")


def tell(one, settings, directory):
    """Run one story; returns (error text or None, logs, notes)."""
    lab = None
    error = logs = ""
    notes = []
    try:
        lab = Lab(settings["kind"], settings["stage"], one.path, settings["megabytes"], directory)
        lab.more = settings["more"]
        notes = lab.notes
        one.function(lab)
        lab.stop_all()
        lab.check_nothing_left()
    except events.Failure as problem:
        error = f"{problem}\n{_where(problem, settings['folder'])}"
    except Exception:
        error = traceback.format_exc()
    if lab:
        if error:
            logs = lab.logs()
        lab.close()
    return error, logs, notes


def _where(problem, folder):
    """The lines of the story, and of the common words, that led to a failure, innermost last."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__)
              if frame.filename.startswith(folder) or frame.filename == checks.__file__]
    return "\n".join(f"{os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}"
                     for frame in frames)


def reap():
    """Collect daemons that became ours when their parent ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def run(out, index):
    """Tell stories until none is left; index: this guest's number."""
    with open(os.path.join(out, "settings.json"), encoding="utf-8") as file:
        settings = json.load(file)
    stories = story.load(settings["folder"])
    kernel.become_subreaper()
    for name in settings["stories"]:
        try:
            os.mkdir(os.path.join(out, "claims", name))
            os.mkdir(os.path.join(out, "claims", name, str(index)))
        except FileExistsError:
            continue
        work = tempfile.mkdtemp(prefix="lab-")
        began = time.monotonic()
        error, logs, notes = tell(stories[name], settings, work)
        seconds = time.monotonic() - began
        reap()
        if error or settings["keep"]:
            shutil.copytree(work, os.path.join(out, "logs", name), dirs_exist_ok=True)
        shutil.rmtree(work)
        _write_result(out, name, {"name": name, "ok": not error, "seconds": seconds,
                                  "error": error, "logs": logs, "notes": notes})


def _write_result(out, name, result):
    path = os.path.join(out, "results", name)
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(result, file)
    os.rename(path + ".new", path + ".json")
