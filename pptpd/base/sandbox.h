/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of system calls that a process still may make, by seccomp; everything else fails with
 * EPERM. A list is a table, in which each group of calls has its reason.
 */
#ifndef PPTPD_BASE_SANDBOX_H
#define PPTPD_BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A call may depend on some of its arguments: all conditions must hold. */
#define SANDBOX_CONDITIONS_MAX 4

enum sandbox_comparison {
	SANDBOX_ANY, /* no condition */
	SANDBOX_EQUAL,
	SANDBOX_MASKED_EQUAL, /* (argument & mask) == value */
};

struct sandbox_condition {
	enum sandbox_comparison comparison;
	unsigned argument; /* from 0 */
	uint64_t value;
	uint64_t mask;
};

struct sandbox_rule {
	int call; /* SCMP_SYS(name); one may stand more than once, then any of its rules may hold */
	struct sandbox_condition conditions[SANDBOX_CONDITIONS_MAX];
};

struct sandbox_group {
	const char *reason; /* why these are needed, for people */
	const struct sandbox_rule *rules;
	size_t count;
};

enum sandbox_mode {
	SANDBOX_ENFORCE, /* EPERM */
	SANDBOX_LOG,     /* the kernel logs the call and lets it through: to find what is missing */
	SANDBOX_OFF,
};

/*
 * Confines this process and all that it starts; calls of another architecture are refused as
 * well. Needs PR_SET_NO_NEW_PRIVS. In a build with sanitizers, whose run-time library needs calls
 * of its own, ENFORCE acts as LOG. Returns 0, or a negative errno: -ENOSYS where the kernel has no
 * seccomp. In libsandbox.a, which needs libseccomp; sandbox_mode_parse() does not.
 */
int sandbox_enter(const struct sandbox_group *groups, size_t count, enum sandbox_mode mode);

/*
 * The other way round, for a process whose libraries may need calls that nobody can list: all that
 * is in the table is refused, with EPERM, and calls of another architecture; the rest is not. The
 * kernel ignores the upper half of many arguments, so conditions here should have a mask. Otherwise
 * as above; in a build with sanitizers it only logs.
 */
int sandbox_forbid(const struct sandbox_group *groups, size_t count);

/*
 * Whether the kernel says that this process is confined, in either mode. A list has to allow
 * prctl(PR_GET_SECCOMP) for it.
 */
bool sandbox_is_entered(void);

/* "enforce", "log", "off"; false for anything else. */
bool sandbox_mode_parse(const char *text, enum sandbox_mode *ret_mode);

#endif
