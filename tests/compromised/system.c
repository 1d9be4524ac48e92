/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, programs, processes, memory and privileges; see the header. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pptpd/base/util.h"
#include "tests/compromised/attempt.h"

static void try_files(void)
{
	static const char program[] = "/bin/true", memory[] = "/proc/self/mem",
			  setting[] = "/proc/sys/net/ipv4/ip_forward", root[] = "/", tmp[] = "/tmp",
			  fresh[] = "/tmp/compromised", type[] = "tmpfs",
			  lrp_key[] = "/var/lib/lrp/lrp.key", rrp_key[] = "/var/lib/pptpd/rrp.key";
	char *const words[] = {(char *)(uintptr_t)program, NULL};
	const struct attempt attempts[] = {
#ifdef SYS_open
		{"open", SYS_open, {AT("/etc/passwd"), O_RDONLY}},
#endif
		{"openat", SYS_openat, {AT_FDCWD, AT("/etc/passwd"), O_RDONLY}},
		{"openat2", SYS_openat2, {AT_FDCWD, AT("/etc/passwd"), 0, 0}},
		{"open the LRP's key", SYS_openat, {AT_FDCWD, AT(lrp_key), O_RDONLY}},
		{"open the RRP's key", SYS_openat, {AT_FDCWD, AT(rrp_key), O_RDONLY}},
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

	attempt_all(attempts, ARRAY_SIZE(attempts));
}

static void try_processes(pid_t parent)
{
	static char bytes[16];
	struct iovec local = {bytes, sizeof(bytes)}, remote = {bytes, sizeof(bytes)};
	const long self = getpid();
	const struct attempt attempts[] = {
		{"ptrace", SYS_ptrace, {PTRACE_TRACEME}},
		{"process_vm_readv",
		 SYS_process_vm_readv,
		 {self, AT(&local), 1, AT(&remote), 1, 0}},
		{"ptrace the parent", SYS_ptrace, {PTRACE_ATTACH, parent}},
		{"read the parent's memory",
		 SYS_process_vm_readv,
		 {parent, AT(&local), 1, AT(&remote), 1, 0}},
		{"kill the parent", SYS_kill, {parent, SIGKILL}},
		{"tgkill the parent", SYS_tgkill, {parent, parent, SIGKILL}},
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
		{"unshare", SYS_unshare, {CLONE_NEWUSER | CLONE_NEWNET}},
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

	attempt_all(attempts, ARRAY_SIZE(attempts));
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
		{"pkey_mprotect executable",
		 SYS_pkey_mprotect,
		 {AT(own), page, writable | PROT_EXEC, -1}},
	};

	attempt_all(attempts, ARRAY_SIZE(attempts));
	if (own != MAP_FAILED)
		(void)munmap(own, (size_t)page);
}

void attempt_system(pid_t parent)
{
	try_files();
	try_processes(parent);
	try_memory();
}
