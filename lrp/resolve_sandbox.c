/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lookup's list of forbidden system calls; see the header. */
#include "lrp/resolve_sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "pptpd/base/sandbox.h"
#include "pptpd/base/util.h"

/* The kernel looks at the lower half of these arguments. */
#define LOWER_HALF 0xffffffffULL

#define ALL(name)                      \
	{                              \
		.call = SCMP_SYS(name) \
	}

static const struct sandbox_rule other_rules[] = {
	ALL(kill),
	ALL(tkill),
	ALL(tgkill),
	ALL(rt_sigqueueinfo),
	ALL(rt_tgsigqueueinfo),
	ALL(pidfd_open),
	ALL(pidfd_send_signal),
	ALL(pidfd_getfd),
	ALL(ptrace),
	ALL(process_vm_readv),
	ALL(process_vm_writev),
	ALL(process_madvise),
	ALL(prlimit64), /* getrlimit() is of no use to a lookup either */
	ALL(setpriority),
	ALL(ioprio_set),
	ALL(sched_setaffinity),
	ALL(sched_setattr),
	ALL(sched_setparam),
	ALL(sched_setscheduler),
	ALL(migrate_pages),
	ALL(move_pages),
};

static const struct sandbox_rule start_rules[] = {
	ALL(fork),
	ALL(vfork),
	ALL(clone),
	ALL(clone3),
	ALL(execve),
	ALL(execveat),
	ALL(unshare),
	ALL(setns),
	ALL(setsid),
	{.call = SCMP_SYS(prctl),
	 .conditions = {{SANDBOX_MASKED_EQUAL, 0, PR_SET_PDEATHSIG, LOWER_HALF}}},
};

/* Large, often new, and no part of asking. */
static const struct sandbox_rule kernel_rules[] = {
	ALL(bpf),     ALL(perf_event_open), ALL(io_uring_setup), ALL(userfaultfd), ALL(keyctl),
	ALL(add_key), ALL(request_key),     ALL(mount),          ALL(fsopen),
};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* Those above are below this power of two. */
#define FAMILIES 32

/* Of a family, as the kernel sees it. */
#define FAMILY_BITS 32

static bool is_needed(int family)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (families[i] == family)
			return true;
	}
	return false;
}

static struct sandbox_rule refuse_family(uint64_t value, uint64_t mask)
{
	return (struct sandbox_rule){
		.call = SCMP_SYS(socket),
		.conditions = {{SANDBOX_MASKED_EQUAL, 0, value, mask}},
	};
}

/* Families below FAMILIES by their number, the others by a bit that they have. Returns how many. */
static size_t make_socket_rules(struct sandbox_rule rules[FAMILIES + FAMILY_BITS])
{
	size_t count = 0;

	for (int family = 0; family < FAMILIES; family++) {
		if (!is_needed(family))
			rules[count++] = refuse_family((uint64_t)family, LOWER_HALF);
	}
	for (uint64_t bit = FAMILIES; bit < LOWER_HALF; bit <<= 1)
		rules[count++] = refuse_family(bit, bit);
	return count;
}

int resolve_sandbox_enter(void)
{
	struct sandbox_rule socket_rules[FAMILIES + FAMILY_BITS];
	const struct sandbox_group groups[] = {
		{"other processes of the user", other_rules, ARRAY_SIZE(other_rules)},
		{"to start or outlive anything", start_rules, ARRAY_SIZE(start_rules)},
		{"what of the kernel no lookup needs", kernel_rules, ARRAY_SIZE(kernel_rules)},
		{"sockets but for asking name servers, and the system", socket_rules,
		 make_socket_rules(socket_rules)},
	};
	int error = sandbox_forbid(groups, ARRAY_SIZE(groups));

	/* Where the kernel has no such thing, having no privilege must do. */
	return error == -ENOSYS ? 0 : error;
}
