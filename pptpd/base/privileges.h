/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up what a process does not need, for good. Linux only. */
#ifndef PPTPD_BASE_PRIVILEGES_H
#define PPTPD_BASE_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct account {
	uid_t uid;
	gid_t gid;
};

/*
 * The account of that name. Without it `nobody`'s, with *ret_substituted true. False if there is
 * neither.
 */
bool privileges_account(const char *name, struct account *ret_account, bool *ret_substituted);

/*
 * Becomes that account, without supplementary groups, capabilities, or a way to get any back
 * (PR_SET_NO_NEW_PRIVS, empty bounding set); no other process of the account may look into this one
 * or trace it (PR_SET_DUMPABLE; not so in a build with sanitizers, whose leak checker does that),
 * no core is written. Then makes sure of all that. A process that is not root keeps its own account
 * and groups. Returns 0 or a negative errno: -EINVAL for an account that is root's.
 */
int privileges_drop(const struct account *account);

/*
 * This process starts no other one, nor a thread, from now on: a lid for those without a filter of
 * system calls (RLIMIT_NPROC, which does not hold for root: to be called after privileges_drop()).
 * Not so in a build with sanitizers, whose leak checker starts one. Returns 0 or a negative errno.
 */
int privileges_start_nothing(void);

/*
 * This process gets `signal_number` when `parent`, which started it, ends; right away if it has
 * ended already. To be called after privileges_drop(), which undoes it. Returns 0 or a negative
 * errno.
 */
int privileges_end_with_parent(pid_t parent, int signal_number);

#endif
