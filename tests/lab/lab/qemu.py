# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest of full emulation: Debian's stock kernel on an emulated PC with two processors.

What it needs is made by tests/lab/qemu-setup and lies in a cache folder. The machine's root comes by
9p and cannot be written; the output directory comes by 9p too and can.
"""

import os
import shutil

QEMU = "qemu-system-x86_64"
SETUP = "tests/lab/qemu-setup"
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.join(os.environ.get("HOME", "/root"), ".cache"), "pptpd-lab")
MEMORY = "2G"
PROCESSORS = 2


def missing():
    """What this machine lacks, in words."""
    found = [] if shutil.which(QEMU) else [f"{QEMU} ({SETUP} installs it)"]
    if not os.path.exists(os.path.join(CACHE, "ready")):
        found.append(f"a kernel in {CACHE} ({SETUP} makes it ready)")
    return found


def command(out, index, init):
    """argv of a guest; init: the program that is to be its first process on the machine's root."""
    with open(os.path.join(CACHE, "release"), encoding="ascii") as file:
        release = file.read().strip()
    words = (f"console=ttyS0 quiet panic=-1 lab_init={init} lab_out={out} lab_index={index} "
             f"lab_modules={CACHE}/tree/lib/modules/{release}")
    return [QEMU, "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-smp", str(PROCESSORS), "-m", MEMORY, "-nodefaults", "-no-user-config", "-no-reboot",
            "-display", "none", "-serial", "stdio",
            "-fsdev", "local,id=root,path=/,security_model=none,readonly=on,"
            "multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=root,mount_tag=root",
            "-fsdev", f"local,id=out,path={out},security_model=none",
            "-device", "virtio-9p-pci,fsdev=out,mount_tag=out",
            "-kernel", os.path.join(CACHE, "vmlinuz"),
            "-initrd", os.path.join(CACHE, "initramfs.cpio"), "-append", words]
