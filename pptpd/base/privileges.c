/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up privileges; see the header. Runs as root until it is done. */
#include "pptpd/base/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pptpd/base/util.h"

/* The account that every system has for those who shall have nothing. */
#define ACCOUNT_OF_NOBODY "nobody"

/* Words of capability bits in the kernel's current format. */
#define CAPABILITY_WORDS _LINUX_CAPABILITY_U32S_3

/* The leak checker of a sanitizer build looks into its own process, at the end of it. */
#define DUMPABLE (SANITIZED ? 1UL : 0UL)

bool privileges_account(const char *name, struct account *ret_account, bool *ret_substituted)
{
	const struct passwd *found = getpwnam(name);
	bool substituted = !found;

	if (!found)
		found = getpwnam(ACCOUNT_OF_NOBODY);
	if (!found)
		return false;
	*ret_account = (struct account){.uid = found->pw_uid, .gid = found->pw_gid};
	*ret_substituted = substituted;
	return true;
}

static int control(int option, unsigned long argument)
{
	return prctl(option, argument, 0UL, 0UL, 0UL) < 0 ? -errno : 0;
}

/* The kernel knows its capabilities by number and says EINVAL behind the last. */
static int empty_bounding_set(void)
{
	int has;

	for (unsigned long number = 0; (has = prctl(PR_CAPBSET_READ, number)) >= 0; number++) {
		int error = has ? control(PR_CAPBSET_DROP, number) : 0;

		if (error)
			return error;
	}
	return 0;
}

static int become(const struct account *account)
{
	int error;

	if (account->uid == 0 || account->gid == 0)
		return -EINVAL;
	error = empty_bounding_set();
	if (error)
		return error;
	if (setgroups(0, NULL) != 0 || setresgid(account->gid, account->gid, account->gid) != 0 ||
	    setresuid(account->uid, account->uid, account->uid) != 0)
		return -errno;
	return 0;
}

static int empty_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[CAPABILITY_WORDS] = {{0}};
	int error = 0;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL) < 0)
		error = -errno;
	/* A kernel before 4.3 has no ambient set. */
	if (error && error != -EINVAL)
		return error;
	return syscall(SYS_capset, &header, none) == 0 ? 0 : -errno;
}

static int close_doors(void)
{
	const struct rlimit none = {0, 0};
	int error = control(PR_SET_NO_NEW_PRIVS, 1);

	if (!error)
		error = control(PR_SET_DUMPABLE, DUMPABLE);
	if (!error && setrlimit(RLIMIT_CORE, &none) != 0)
		error = -errno;
	return error;
}

static bool has_no_capability(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct has[CAPABILITY_WORDS];

	if (syscall(SYS_capget, &header, has) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(has); i++) {
		if (has[i].effective || has[i].permitted || has[i].inheritable)
			return false;
	}
	for (unsigned long number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++) {
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number, 0UL, 0UL) == 1)
			return false;
	}
	return true;
}

/* What only a process that was root could do; one that was not has its starter's. */
static bool is_account(const struct account *account)
{
	uid_t uid[3];
	gid_t gid[3];

	if (getresuid(&uid[0], &uid[1], &uid[2]) != 0 || getresgid(&gid[0], &gid[1], &gid[2]) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(uid); i++) {
		if (uid[i] != account->uid || gid[i] != account->gid)
			return false;
	}
	for (unsigned long number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++) {
		if (prctl(PR_CAPBSET_READ, number) != 0)
			return false;
	}
	return getgroups(0, NULL) == 0;
}

static bool doors_are_closed(void)
{
	struct rlimit core;

	return prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1 &&
	       prctl(PR_GET_DUMPABLE) == (int)DUMPABLE && getrlimit(RLIMIT_CORE, &core) == 0 &&
	       core.rlim_max == 0;
}

int privileges_drop(const struct account *account)
{
	bool was_root = geteuid() == 0;
	int error = was_root ? become(account) : 0;

	if (!error)
		error = empty_capabilities();
	if (!error)
		error = close_doors();
	if (error)
		return error;
	if ((was_root && !is_account(account)) || !has_no_capability() || !doors_are_closed())
		return -EPERM;
	return 0;
}

int privileges_start_nothing(void)
{
	const struct rlimit none = {0, 0};

	return SANITIZED || setrlimit(RLIMIT_NPROC, &none) == 0 ? 0 : -errno;
}

int privileges_end_with_parent(pid_t parent, int signal_number)
{
	int error = control(PR_SET_PDEATHSIG, (unsigned long)signal_number);

	if (!error && getppid() != parent && raise(signal_number) != 0)
		error = -errno;
	return error;
}
