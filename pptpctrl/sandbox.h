/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that a pptpctrl still needs once it serves, and no others. */
#ifndef PPTPCTRL_SANDBOX_H
#define PPTPCTRL_SANDBOX_H

#include <stdbool.h>

#include "pptpd/base/sandbox.h"
#include "pptpd/ipc.h"

/*
 * Confines this process, which serves that kind from now on, and makes sure of it. Returns 0 or a
 * negative errno: -ENOSYS where the kernel has no system call filters.
 */
int pptpctrl_sandbox_enter(enum ipc_kind kind, enum sandbox_mode mode);

#endif
