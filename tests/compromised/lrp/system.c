/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, programs, processes, memory and privileges; see the header. */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pptpd/base/util.h"
#include "tests/compromised/lrp/compromised.h"

static void try_files(void)
{
	static const char key[] = "/var/lib/lrp/lrp.key", program[] = "/bin/true",
			  fresh[] = "/tmp/compromised-lrp", root[] = "/";
	char *const words[] = {(char *)(uintptr_t)program, NULL};
	const struct attempt attempts[] = {
		{"openat", SYS_openat, {AT_FDCWD, AT("/etc/passwd"), O_RDONLY}},
		{"openat2", SYS_openat2, {AT_FDCWD, AT("/etc/passwd"), 0, 0}},
		{"open the key", SYS_openat, {AT_FDCWD, AT(key), O_RDONLY}},
		{"open own memory", SYS_openat, {AT_FDCWD, AT("/proc/self/mem"), O_RDWR}},
		{"make a file", SYS_openat, {AT_FDCWD, AT(fresh), O_CREAT | O_WRONLY, 0600}},
		{"execve", SYS_execve, {AT(program), AT(words), 0}},
		{"execveat", SYS_execveat, {AT_FDCWD, AT(program), AT(words), 0, 0}},
		{"chroot", SYS_chroot, {AT(root)}},
		{"memfd_create", SYS_memfd_create, {AT("x"), 0}},
	};

	compromised_try(attempts, ARRAY_SIZE(attempts));
}

static void try_processes(pid_t parent)
{
	static char bytes[16];
	struct iovec local = {bytes, sizeof(bytes)}, remote = {bytes, sizeof(bytes)};
	const struct attempt attempts[] = {
		{"ptrace the parent", SYS_ptrace, {PTRACE_ATTACH, parent}},
		{"ptrace", SYS_ptrace, {PTRACE_TRACEME}},
		{"read the parent's memory",
		 SYS_process_vm_readv,
		 {parent, AT(&local), 1, AT(&remote), 1, 0}},
		{"kill the parent", SYS_kill, {parent, SIGKILL}},
		{"tgkill the parent", SYS_tgkill, {parent, parent, SIGKILL}},
		{"pidfd_open", SYS_pidfd_open, {parent, 0}},
		{"clone", SYS_clone, {SIGCHLD}},
		{"outlive the parent", SYS_prctl, {PR_SET_PDEATHSIG, 0}},
		{"be traceable", SYS_prctl, {PR_SET_DUMPABLE, 1}},
		{"another filter", SYS_seccomp, {0, 0, 0}},
		{"setresuid", SYS_setresuid, {0, 0, 0}},
		{"setgroups", SYS_setgroups, {0, 0}},
		{"capset", SYS_capset, {0, 0}},
		{"unshare", SYS_unshare, {CLONE_NEWUSER | CLONE_NEWNET}},
		{"setns", SYS_setns, {0, CLONE_NEWNET}},
		{"bpf", SYS_bpf, {0, 0, 0}},
		{"keyctl", SYS_keyctl, {0, -3, 0}},
		{"io_uring_setup", SYS_io_uring_setup, {1, 0}},
		{"perf_event_open", SYS_perf_event_open, {0, 0, -1, -1, 0}},
		{"userfaultfd", SYS_userfaultfd, {0}},
	};

	compromised_try(attempts, ARRAY_SIZE(attempts));
}

static void try_memory(void)
{
	const long page = 4096, all = PROT_READ | PROT_WRITE | PROT_EXEC,
		   anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
	void *own = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	const struct attempt attempts[] = {
		{"mmap executable", SYS_mmap, {0, page, all, anonymous, -1, 0}},
		{"mprotect executable", SYS_mprotect, {AT(own), page, PROT_READ | PROT_EXEC}},
		{"pkey_mprotect executable", SYS_pkey_mprotect, {AT(own), page, all, -1}},
	};

	compromised_try(attempts, ARRAY_SIZE(attempts));
	if (own != MAP_FAILED)
		(void)munmap(own, (size_t)page);
}

void compromised_try_system(pid_t parent)
{
	try_files();
	try_processes(parent);
	try_memory();
}
