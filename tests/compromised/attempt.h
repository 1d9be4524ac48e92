/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process of either program that was taken over tries of the system. Each attempt gives one
 * line, "compromised: NAME: stopped (REASON)" or "compromised: NAME: SUCCEEDED". Never installed.
 */
#ifndef TESTS_COMPROMISED_ATTEMPT_H
#define TESTS_COMPROMISED_ATTEMPT_H

#include <stddef.h>
#include <sys/types.h>

/* One system call as it is, without a library. */
struct attempt {
	const char *name;
	long call;
	long arguments[6];
};

#define AT(object) ((long)(uintptr_t)(object))

void attempt_all(const struct attempt *attempts, size_t count);

/* Files, programs, processes, memory, privileges. `parent` is who started the process. */
void attempt_system(pid_t parent);

/* How many there were and how many succeeded, in one line: others may be lost to the log's limits.
 */
void attempt_tell(void);

#endif
