// SPDX-License-Identifier: GPL-2.0-or-later
/* What the signing helper may still ask of the kernel: no file, no socket, no process. */
#include "rrp/signer_private.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "pptpd/base/sandbox.h"
#include "pptpd/base/util.h"

static const struct sandbox_rule answer_rules[] = {
	{SCMP_SYS(poll), {{0}}},    {SCMP_SYS(ppoll), {{0}}},
	{SCMP_SYS(recvmsg), {{0}}}, {SCMP_SYS(sendto), {{SANDBOX_EQUAL, 4, 0, 0}}},
	{SCMP_SYS(close), {{0}}},
};

static const struct sandbox_rule flag_rules[] = {
	{SCMP_SYS(fcntl), {{SANDBOX_EQUAL, 1, F_GETFL, 0}}},
	{SCMP_SYS(fcntl), {{SANDBOX_EQUAL, 1, F_SETFL, 0}}},
	{SCMP_SYS(fcntl), {{SANDBOX_EQUAL, 1, F_SETFD, 0}}},
};

static const struct sandbox_rule memory_rules[] = {
	{SCMP_SYS(brk), {{0}}},
	{SCMP_SYS(munmap), {{0}}},
	{SCMP_SYS(mremap), {{0}}},
	{SCMP_SYS(madvise), {{0}}},
	{SCMP_SYS(mmap), {{SANDBOX_MASKED_EQUAL, 2, 0, PROT_EXEC}}},
	{SCMP_SYS(mprotect), {{SANDBOX_MASKED_EQUAL, 2, 0, PROT_EXEC}}},
	{SCMP_SYS(futex), {{0}}},
};

static const struct sandbox_rule cipher_rules[] = {
	{SCMP_SYS(getrandom), {{0}}},     {SCMP_SYS(getpid), {{0}}},
	{SCMP_SYS(clock_gettime), {{0}}}, {SCMP_SYS(clock_gettime64), {{0}}},
	{SCMP_SYS(gettimeofday), {{0}}},  {SCMP_SYS(time), {{0}}},
	{SCMP_SYS(getrusage), {{0}}},
};

static const struct sandbox_rule end_rules[] = {
	{SCMP_SYS(exit_group), {{0}}},     {SCMP_SYS(exit), {{0}}},
	{SCMP_SYS(rt_sigreturn), {{0}}},   {SCMP_SYS(rt_sigaction), {{0}}},
	{SCMP_SYS(rt_sigprocmask), {{0}}}, {SCMP_SYS(restart_syscall), {{0}}},
};

static const struct sandbox_group groups[] = {
	{"requests and their answers, on channels that the owner gives", answer_rules,
	 ARRAY_SIZE(answer_rules)},
	{"a new channel does not block", flag_rules, ARRAY_SIZE(flag_rules)},
	{"memory, but none that could hold code", memory_rules, ARRAY_SIZE(memory_rules)},
	{"GnuTLS: random numbers, whose age it checks", cipher_rules, ARRAY_SIZE(cipher_rules)},
	{"the end, also by a failed check, and being stopped and continued", end_rules,
	 ARRAY_SIZE(end_rules)},
};

int signer_sandbox_enter(void)
{
	int error = sandbox_enter(groups, ARRAY_SIZE(groups), SANDBOX_ENFORCE);

	/* Where the kernel has no such thing, having no privilege must do. */
	return error == -ENOSYS ? 0 : error;
}
