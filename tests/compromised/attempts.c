/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system is asked to do; see the header. System calls as they are, without a library. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "tests/compromised/compromised.h"

struct attempt {
	const char *name;
	long call;
	long arguments[6];
};

#define AT(object) ((long)(uintptr_t)(object))

/* An address that nobody gave us. */
#define ELSEWHERE 0x7f000063u

/* Lines may be lost to the log's limits, these are not. */
static unsigned tried, succeeded;

static void try_all(const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const long *arguments = attempts[i].arguments;
		long result = syscall(attempts[i].call, arguments[0], arguments[1], arguments[2],
				      arguments[3], arguments[4], arguments[5]);

		if (result == 0 && attempts[i].call == SYS_clone)
			_exit(0); /* the new process */
		tried++;
		if (result < 0) {
			log_info("compromised: %s: stopped (%s)", attempts[i].name,
				 strerror(errno));
		} else {
			succeeded++;
			log_info("compromised: %s: SUCCEEDED", attempts[i].name);
		}
	}
}

static void try_files(void)
{
	static const char program[] = "/bin/true", memory[] = "/proc/self/mem",
			  setting[] = "/proc/sys/net/ipv4/ip_forward", root[] = "/", tmp[] = "/tmp",
			  fresh[] = "/tmp/compromised-pptpctrl", type[] = "tmpfs";
	char *const words[] = {(char *)(uintptr_t)program, NULL};
	const struct attempt attempts[] = {
#ifdef SYS_open
		{"open", SYS_open, {AT("/etc/passwd"), O_RDONLY}},
#endif
		{"openat", SYS_openat, {AT_FDCWD, AT("/etc/passwd"), O_RDONLY}},
		{"openat2", SYS_openat2, {AT_FDCWD, AT("/etc/passwd"), 0, 0}},
		{"open /proc/self/mem", SYS_openat, {AT_FDCWD, AT(memory), O_RDWR}},
		{"open a kernel setting", SYS_openat, {AT_FDCWD, AT(setting), O_WRONLY}},
		{"make a file", SYS_openat, {AT_FDCWD, AT(fresh), O_CREAT | O_WRONLY, 0600}},
		{"mkdirat", SYS_mkdirat, {AT_FDCWD, AT(fresh), 0700}},
		{"execve", SYS_execve, {AT(program), AT(words), 0}},
		{"execveat", SYS_execveat, {AT_FDCWD, AT(program), AT(words), 0, 0}},
		{"mount", SYS_mount, {AT(type), AT(tmp), AT(type), 0, 0}},
		{"chroot", SYS_chroot, {AT(root)}},
		{"memfd_create", SYS_memfd_create, {AT("x"), 0}},
		{"name_to_handle_at", SYS_name_to_handle_at, {AT_FDCWD, AT(root), 0, 0, 0}},
	};

	try_all(attempts, ARRAY_SIZE(attempts));
}

static void try_processes(void)
{
	static char bytes[16];
	struct iovec local = {bytes, sizeof(bytes)}, remote = {bytes, sizeof(bytes)};
	const long self = getpid();
	const struct attempt attempts[] = {
		{"ptrace", SYS_ptrace, {PTRACE_TRACEME}},
		{"process_vm_readv",
		 SYS_process_vm_readv,
		 {self, AT(&local), 1, AT(&remote), 1, 0}},
		{"kill another", SYS_kill, {1, 0}},
		{"kill itself", SYS_kill, {self, 0}},
		{"tgkill another", SYS_tgkill, {1, 1, SIGABRT}},
		{"tgkill with another signal", SYS_tgkill, {self, self, SIGCONT}},
		{"pidfd_open", SYS_pidfd_open, {1, 0}},
		{"clone", SYS_clone, {SIGCHLD}},
		{"setuid", SYS_setuid, {0}},
		{"setresuid", SYS_setresuid, {0, 0, 0}},
		{"setgroups", SYS_setgroups, {0, 0}},
		{"capset", SYS_capset, {0, 0}},
		{"unshare", SYS_unshare, {CLONE_NEWUSER}},
		{"setns", SYS_setns, {0, CLONE_NEWNET}},
		{"PR_SET_DUMPABLE", SYS_prctl, {PR_SET_DUMPABLE, 1}},
		{"PR_SET_PDEATHSIG", SYS_prctl, {PR_SET_PDEATHSIG, 0}},
		{"another filter", SYS_seccomp, {0, 0, 0}},
		{"setrlimit", SYS_prlimit64, {0, 0, 0, 0}},
		{"bpf", SYS_bpf, {0, 0, 0}},
		{"keyctl", SYS_keyctl, {0, -3, 0}},
		{"add_key", SYS_add_key, {AT("user"), AT("x"), AT("x"), 1, -3}},
		{"io_uring_setup", SYS_io_uring_setup, {1, 0}},
		{"perf_event_open", SYS_perf_event_open, {0, 0, -1, -1, 0}},
		{"userfaultfd", SYS_userfaultfd, {0}},
	};

	try_all(attempts, ARRAY_SIZE(attempts));
}

static void try_memory(void)
{
	const long page = 4096, writable = PROT_READ | PROT_WRITE,
		   anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
	void *own = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	const struct attempt attempts[] = {
		{"mmap executable", SYS_mmap, {0, page, writable | PROT_EXEC, anonymous, -1, 0}},
		{"mmap a descriptor", SYS_mmap, {0, page, PROT_READ, MAP_PRIVATE, 0, 0}},
		{"mprotect executable", SYS_mprotect, {AT(own), page, PROT_READ | PROT_EXEC}},
	};

	try_all(attempts, ARRAY_SIZE(attempts));
	if (own != MAP_FAILED)
		(void)munmap(own, (size_t)page);
}

static void try_sockets(int connection)
{
	static int pair[2];
	static char request[64];
	const int one = 1;
	const struct sockaddr_in elsewhere = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(ELSEWHERE)}};
	const struct attempt attempts[] = {
		{"socket inet", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
		{"socket inet6", SYS_socket, {AF_INET6, SOCK_DGRAM, 0}},
		{"socket raw", SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_RAW}},
		{"socket packet", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
		{"socket unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
		{"socket netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
		{"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, AT(pair)}},
		{"connect", SYS_connect, {connection, AT(&elsewhere), sizeof(elsewhere)}},
		{"bind", SYS_bind, {connection, AT(&elsewhere), sizeof(elsewhere)}},
		{"listen", SYS_listen, {connection, 1}},
		{"accept4", SYS_accept4, {connection, 0, 0, 0}},
		{"ioctl of a socket", SYS_ioctl, {connection, SIOCATMARK, AT(request)}},
		{"ioctl of the log", SYS_ioctl, {STDERR_FILENO, TIOCSTI, AT(request)}},
		{"SO_ATTACH_FILTER",
		 SYS_setsockopt,
		 {connection, SOL_SOCKET, SO_ATTACH_FILTER, AT(&one), sizeof(one)}},
		{"SO_MARK",
		 SYS_setsockopt,
		 {connection, SOL_SOCKET, SO_MARK, AT(&one), sizeof(one)}},
		{"TCP_ULP", SYS_setsockopt, {connection, IPPROTO_TCP, 31, AT("tls"), 3}},
		{"IP_OPTIONS of the connection",
		 SYS_setsockopt,
		 {connection, IPPROTO_IP, IP_OPTIONS, AT(&one), sizeof(one)}},
	};

	try_all(attempts, ARRAY_SIZE(attempts));
}

/* The receiver has to see our own address as the source of all of it. */
static void send_spoofed_header(int raw)
{
	static const uint8_t packet[] = {
		0x45, 0, 0, 24, 0, 0, 0,    0,    64, 47, 0, 0, /* IP, GRE */
		127,  0, 0, 99,                                 /* from somebody else */
		127,  0, 0, 2,  0, 0, 0x88, 0x0b,
	};

	if (write(raw, packet, sizeof(packet)) < 0)
		log_info("compromised: a spoofed header as payload: stopped (%s)", strerror(errno));
}

static void try_raw_socket(int raw)
{
	const int one = 1;
	static char bytes[64];
	struct sockaddr_in elsewhere = {.sin_family = AF_INET, .sin_addr = {htonl(ELSEWHERE)}};
	struct iovec part = {bytes, sizeof(bytes)};
	struct mmsghdr message = {.msg_hdr = {.msg_name = &elsewhere,
					      .msg_namelen = sizeof(elsewhere),
					      .msg_iov = &part,
					      .msg_iovlen = 1}};
	const struct attempt attempts[] = {
		{"IP_HDRINCL",
		 SYS_setsockopt,
		 {raw, IPPROTO_IP, IP_HDRINCL, AT(&one), sizeof(one)}},
		{"IP_TRANSPARENT",
		 SYS_setsockopt,
		 {raw, IPPROTO_IP, IP_TRANSPARENT, AT(&one), sizeof(one)}},
		{"sendto elsewhere",
		 SYS_sendto,
		 {raw, AT(bytes), sizeof(bytes), 0, AT(&elsewhere), sizeof(elsewhere)}},
		{"sendmsg elsewhere", SYS_sendmsg, {raw, AT(&message.msg_hdr), 0}},
		{"sendmmsg elsewhere", SYS_sendmmsg, {raw, AT(&message), 1, 0}},
		{"connect the raw socket elsewhere",
		 SYS_connect,
		 {raw, AT(&elsewhere), sizeof(elsewhere)}},
		{"bind the raw socket", SYS_bind, {raw, AT(&elsewhere), sizeof(elsewhere)}},
	};

	try_all(attempts, ARRAY_SIZE(attempts));
	send_spoofed_header(raw);
}

void compromised_try_system(int connection, int raw)
{
	try_files();
	try_processes();
	try_memory();
	try_sockets(connection);
	if (raw >= 0)
		try_raw_socket(raw);
	log_info("compromised: %u attempts, %u succeeded", tried, succeeded);
}
