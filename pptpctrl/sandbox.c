/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of system calls, by reason; see the header. What opens, starts, names or looks at
 * anything is the manager's to do, and not here.
 */
#include "pptpctrl/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/util.h"

/* Braces that are values, not blocks. */
/* clang-format off */
#define CALL(name)                 {SCMP_SYS(name), {{0}}}
#define CALL_IF(name, ...)         {SCMP_SYS(name), {__VA_ARGS__}}
#define IS(number, wanted)         {SANDBOX_EQUAL, number, wanted, 0}
#define BITS(number, bits, wanted) {SANDBOX_MASKED_EQUAL, number, wanted, bits}
#define GROUP(reason, rules)       {reason, rules, ARRAY_SIZE(rules)}
/* clang-format on */

static const struct sandbox_rule stream_rules[] = {
	CALL(read),
	CALL(write),
	/* To the link of PPPoE sessions, a frame in parts; and the last words of abort(). */
	CALL(writev),
	CALL(close),
	CALL(recvfrom),
	CALL(recvmsg),
	/* To whom a socket is connected: no address. */
	CALL_IF(sendto, IS(4, 0), IS(5, 0)),
	CALL_IF(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY)),
};

static const struct sandbox_rule loop_rules[] = {
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_ctl),
	/*
	 * libev starts anew when it hears of a descriptor that is closed here, but of which the
	 * manager has a copy: each line of pppd, and the link of the PPPoE sessions.
	 */
	CALL_IF(epoll_create1, IS(0, EPOLL_CLOEXEC)),
	CALL(clock_gettime),
	CALL(clock_gettime64),
	CALL(gettimeofday),
	CALL(time),
	CALL(rt_sigreturn),
	CALL(restart_syscall),
};

static const struct sandbox_rule memory_rules[] = {
	CALL(brk),
	CALL(munmap),
	CALL(madvise),
	CALL_IF(mmap, BITS(2, PROT_EXEC, 0), BITS(3, MAP_ANONYMOUS, MAP_ANONYMOUS)),
	CALL_IF(mmap2, BITS(2, PROT_EXEC, 0), BITS(3, MAP_ANONYMOUS, MAP_ANONYMOUS)),
	CALL_IF(mremap, BITS(3, MREMAP_FIXED, 0)),
	CALL_IF(mprotect, BITS(2, PROT_EXEC, 0)),
	CALL(getrandom),
	CALL(futex),
};

/*
 * Only the ring takes this: no other descriptor here can be mapped shared and for writing, and no
 * file can be opened. Nor can it be made executable later, by the rules above.
 */
static const struct sandbox_rule direct_ring_rules[] = {
	CALL_IF(mmap, IS(1, IPC_RING_DIRECT_MEMORY), IS(2, PROT_READ | PROT_WRITE),
		IS(3, MAP_SHARED), IS(5, 0)),
	CALL_IF(mmap2, IS(1, IPC_RING_DIRECT_MEMORY), IS(2, PROT_READ | PROT_WRITE),
		IS(3, MAP_SHARED), IS(5, 0)),
};

static const struct sandbox_rule tunnel_ring_rules[] = {
	CALL_IF(mmap, IS(1, IPC_RING_TUNNEL_MEMORY), IS(2, PROT_READ | PROT_WRITE),
		IS(3, MAP_SHARED), IS(5, 0)),
	CALL_IF(mmap2, IS(1, IPC_RING_TUNNEL_MEMORY), IS(2, PROT_READ | PROT_WRITE),
		IS(3, MAP_SHARED), IS(5, 0)),
};

static const struct sandbox_rule end_rules[] = {
	CALL(exit_group), CALL(rt_sigprocmask), CALL(rt_sigaction),
	CALL(getpid),     CALL(gettid),         CALL_IF(prctl, IS(0, PR_GET_SECCOMP)),
};

static const struct sandbox_rule gre_rules[] = {
	CALL(recvmmsg),
};

static const struct sandbox_rule tunnel_rules[] = {
	CALL_IF(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_NOTSENT_LOWAT)),
	CALL_IF(setsockopt, IS(1, IPPROTO_TCP), IS(2, TCP_USER_TIMEOUT)),
};

static const struct sandbox_rule tls_rules[] = {
	CALL(poll),
	CALL(ppoll),
	CALL_IF(shutdown, IS(1, SHUT_WR)),
};

static const struct sandbox_group direct_groups[] = {
	GROUP("sockets that are open and connected, pppd's lines, and the link", stream_rules),
	GROUP("the event loop, its timers and SIGTERM", loop_rules),
	GROUP("the heap, never executable; random numbers; locks, all of them our own",
	      memory_rules),
	GROUP("the memory of the link's ring", direct_ring_rules),
	GROUP("the end, also by abort() with its last words; to see that this list is in force",
	      end_rules),
	GROUP("bursts of GRE from the raw socket, which is connected too", gre_rules),
};

static const struct sandbox_group tunnel_groups[] = {
	GROUP("sockets that are open and connected, pppd's lines, and the link", stream_rules),
	GROUP("the event loop, its timers and SIGTERM", loop_rules),
	GROUP("the heap, never executable; random numbers; locks, all of them our own",
	      memory_rules),
	GROUP("the memory of the link's ring", tunnel_ring_rules),
	GROUP("the end, also by abort() with its last words; to see that this list is in force",
	      end_rules),
	GROUP("how long bytes may wait in the kernel", tunnel_rules),
	GROUP("the signer's answer, and to tell a refused peer all of it", tls_rules),
};

/* One group more than a kind has: what depends on this very process. */
#define GROUPS_MAX (MAX(ARRAY_SIZE(direct_groups), ARRAY_SIZE(tunnel_groups)) + 1)

int pptpctrl_sandbox_enter(enum ipc_kind kind, enum sandbox_mode mode)
{
	const struct sandbox_rule own_rules[] = {
		CALL_IF(tgkill, IS(0, (uint64_t)getpid()), IS(2, SIGABRT)),
	};
	const struct sandbox_group own = GROUP("abort() signals its own process", own_rules);
	bool tunnel = kind == IPC_KIND_TUNNEL;
	size_t count = tunnel ? ARRAY_SIZE(tunnel_groups) : ARRAY_SIZE(direct_groups);
	struct sandbox_group groups[GROUPS_MAX];
	int error;

	memcpy(groups, tunnel ? tunnel_groups : direct_groups, count * sizeof(groups[0]));
	groups[count++] = own;
	error = sandbox_enter(groups, count, mode);
	if (!error && mode != SANDBOX_OFF && !sandbox_is_entered())
		error = -EPERM;
	return error;
}
