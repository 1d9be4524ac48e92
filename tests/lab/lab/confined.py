# SPDX-License-Identifier: GPL-2.0-or-later
"""What /proc says of a process's privileges."""

from collections import namedtuple

from .events import check, check_equal

FILTERED = "2"
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapAmb")

Status = namedtuple("Status", "uids gids groups capabilities bounding no_new_privs seccomp")


def status(pid):
    """Privileges of a process."""
    fields = {}
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    return Status(set(fields["Uid"].split()), set(fields["Gid"].split()),
                  fields["Groups"].split(),
                  {name: int(fields[name], 16) for name in CAPABILITIES},
                  int(fields["CapBnd"], 16), fields["NoNewPrivs"], fields["Seccomp"])


def check_confined(pid, what, uid):
    """That process is of this user in every respect, has no capability and no way to one, and a
    filter for its system calls."""
    found = status(pid)
    check_equal(found.uids, {str(uid)}, f"user IDs of {what}")
    check("0" not in found.gids | set(found.groups), f"{what} is in root's group")
    check_equal(set(found.capabilities.values()) | {found.bounding}, {0}, f"capabilities of {what}")
    check_equal((found.no_new_privs, found.seccomp), ("1", FILTERED),
                f"NoNewPrivs and Seccomp of {what}")
