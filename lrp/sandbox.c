/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's list of system calls; see the header. */
#include "lrp/sandbox.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/util.h"

/* The kernel looks at the lower half of a register that holds a descriptor. */
#define DESCRIPTOR_BITS 32

#define ANY(name)                      \
	{                              \
		.call = SCMP_SYS(name) \
	}
#define EQUAL(number, wanted)                                  \
	{                                                      \
		SANDBOX_EQUAL, (number), (uint64_t)(wanted), 0 \
	}
#define MASKED(number, bits, wanted)                             \
	{                                                        \
		SANDBOX_MASKED_EQUAL, (number), (wanted), (bits) \
	}
#define ONE(name, first)                                        \
	{                                                       \
		.call = SCMP_SYS(name), .conditions = { first } \
	}
#define TWO(name, first, second)                                        \
	{                                                               \
		.call = SCMP_SYS(name), .conditions = { first, second } \
	}
#define THREE(name, first, second, third)                                      \
	{                                                                      \
		.call = SCMP_SYS(name), .conditions = { first, second, third } \
	}

static const struct sandbox_rule loop_rules[] = {
	ANY(epoll_wait),    ANY(epoll_pwait),  ANY(epoll_ctl),
	ANY(clock_gettime), ANY(gettimeofday), ANY(restart_syscall),
};

/*
 * Nothing that can be executed: code that was not there at the start cannot be added. No
 * descriptor is mapped: the ring is there since the start.
 */
static const struct sandbox_rule memory_rules[] = {
	ANY(brk),
	ANY(munmap),
	ANY(mremap),
	ANY(madvise),
	ANY(futex),
	TWO(mmap, MASKED(2, PROT_EXEC, 0), MASKED(3, MAP_ANONYMOUS, MAP_ANONYMOUS)),
	ONE(mprotect, MASKED(2, PROT_EXEC, 0)),
};

static const struct sandbox_rule stream_rules[] = {
	ANY(accept4),
	ANY(read),
	ANY(recvfrom),
	ANY(close),
	ANY(poll),
	ANY(getsockopt),
	ANY(shutdown),
	ANY(getsockname),
	ANY(getpeername),
	TWO(setsockopt, EQUAL(1, IPPROTO_TCP), EQUAL(2, TCP_NODELAY)),
	TWO(setsockopt, EQUAL(1, IPPROTO_TCP), EQUAL(2, TCP_NOTSENT_LOWAT)),
	TWO(setsockopt, EQUAL(1, IPPROTO_TCP), EQUAL(2, TCP_USER_TIMEOUT)),
};

static const struct sandbox_rule server_rules[] = {
	THREE(socket, EQUAL(0, AF_INET), EQUAL(1, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK),
	      EQUAL(2, 0)),
	THREE(socket, EQUAL(0, AF_INET6), EQUAL(1, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK),
	      EQUAL(2, 0)),
	ANY(connect),
};

/* GnuTLS asks for these to seed and renew its random numbers, and for certificates' dates. */
static const struct sandbox_rule cipher_rules[] = {
	ANY(getrandom),
	ANY(getrusage),
	ANY(time),
};

static const struct sandbox_rule end_rules[] = {
	ANY(exit_group),   ANY(exit),   ANY(rt_sigreturn), ANY(rt_sigprocmask),
	ANY(rt_sigaction), ANY(getpid), ANY(gettid),       ONE(prctl, EQUAL(0, PR_GET_SECCOMP)),
};

#define GROUP(table, why)                                                     \
	{                                                                     \
		.reason = (why), .rules = (table), .count = ARRAY_SIZE(table) \
	}

static const struct sandbox_group groups[] = {
	GROUP(loop_rules, "to wait for the next event, and to know the time"),
	GROUP(memory_rules, "memory for data"),
	GROUP(stream_rules, "control connections, the tunnel, the link to the parent, the ring"),
	GROUP(server_rules, "TCP to a server"),
	GROUP(cipher_rules, "TLS, and jitter"),
	GROUP(end_rules, "to end, also by abort(3)"),
};

/* Rules that depend on numbers that only this process knows. */
struct own_rules {
	struct sandbox_rule send[3 * DESCRIPTOR_BITS];
	struct sandbox_rule others[3];
};

/*
 * write(2), writev(2), and sendto(2) without an address, on every descriptor but the packet socket.
 * "Not equal" compares all 64 bits, while the kernel ignores the upper half: 2^32 + 5 is another
 * number there, and the same descriptor. So: it differs in its lowest bit, or in the next one, and
 * so on.
 */
static void make_own_rules(const struct lrp_descriptors *descriptors, struct own_rules *ret_rules)
{
	for (unsigned bit = 0; bit < DESCRIPTOR_BITS; bit++) {
		const uint64_t mask = 1ULL << bit;
		const uint64_t other = ~(uint64_t)(unsigned)descriptors->packet & mask;

		ret_rules->send[3 * bit] = (struct sandbox_rule)ONE(write, MASKED(0, mask, other));
		ret_rules->send[3 * bit + 1] =
			(struct sandbox_rule)ONE(writev, MASKED(0, mask, other));
		ret_rules->send[3 * bit + 2] =
			(struct sandbox_rule)TWO(sendto, MASKED(0, mask, other), EQUAL(4, 0));
	}
	ret_rules->others[0] =
		(struct sandbox_rule)ONE(sendmmsg, EQUAL(0, (unsigned)descriptors->raw_gre));
	/* -1 is no descriptor. */
	ret_rules->others[1] =
		(struct sandbox_rule)ONE(recvmsg, EQUAL(0, (unsigned)descriptors->signer));
	ret_rules->others[2] =
		(struct sandbox_rule)TWO(tgkill, EQUAL(0, getpid()), EQUAL(2, SIGABRT));
}

int lrp_sandbox_enter(const struct lrp_descriptors *descriptors, enum sandbox_mode mode)
{
	struct own_rules own;
	struct sandbox_group all[ARRAY_SIZE(groups) + 2];
	size_t count = 0;

	make_own_rules(descriptors, &own);
	for (; count < ARRAY_SIZE(groups); count++)
		all[count] = groups[count];
	all[count++] = (struct sandbox_group)GROUP(
		own.send, "to send on anything but the packet socket, and no descriptor with it");
	all[count++] = (struct sandbox_group)GROUP(
		own.others,
		"GRE through the raw socket, the signer's answers; neither passes descriptors");
	return sandbox_enter(all, count, mode);
}
