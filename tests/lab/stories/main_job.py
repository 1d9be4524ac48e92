# SPDX-License-Identifier: GPL-2.0-or-later
"""The one story to show to somebody who asks what this is for."""

from lab.checks import dial_use_hang_up
from lab.story import story


@story("main job: a stock client reaches a service behind the server", deadline=900)
def main_job(lab):
    dial_use_hang_up(lab, "mschapv2", True)
