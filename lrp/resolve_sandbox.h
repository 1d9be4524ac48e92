/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process that only looks up a name must not ask of the kernel. A list of what it may would
 * not do: modules of the system's own, which nobody here knows, may take part in a lookup.
 */
#ifndef LRP_RESOLVE_SANDBOX_H
#define LRP_RESOLVE_SANDBOX_H

/*
 * No signal to the worker and the signer, which are the same user's, no look at them, no process,
 * no program, no socket but for asking. Needs PR_SET_NO_NEW_PRIVS. Returns 0 or a negative errno; 0
 * also where the kernel has no seccomp.
 */
int resolve_sandbox_enter(void);

#endif
