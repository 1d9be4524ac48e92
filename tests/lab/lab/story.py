# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of stories: functions that take a Lab, marked with @story."""

import importlib.util
import os
from collections import namedtuple

BOTH = ("distro", "ours")
OURS = ("ours",)

Story = namedtuple("Story", "name title function servers why path deadline")

_stories = {}


def story(title, servers=BOTH, why="", path="routed", deadline=180):
    """Mark a function as a story, named after the function.

    servers: which pptpd it is for; why: the reason when it is not for both.
    path: "routed" or "nat", what the router does. deadline: seconds after which the whole
    guest is given up, for a story that hangs in spite of its own deadlines.
    """
    def register(function):
        name = function.__name__.replace("_", "-")
        if name in _stories:
            raise ValueError(f"two stories named {name}")
        if servers != BOTH and not why:
            raise ValueError(f"{name}: say why it is not for both servers")
        _stories[name] = Story(name, title, function, servers, why, path, deadline)
        return function

    return register


def load(folder):
    """Import every file of the folder and return its stories by name, in order."""
    for file in sorted(os.listdir(folder)):
        if file.endswith(".py"):
            spec = importlib.util.spec_from_file_location("stories_" + file[:-3],
                                                          os.path.join(folder, file))
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return _stories
