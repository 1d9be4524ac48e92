/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up privileges: what is left according to the kernel, and that nothing comes back. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/privileges.h"
#include "tests/unit/confined_child.h"

/* An account that need not exist. */
#define TEST_ID      64123
#define TEST_ID_LINE "64123 64123 64123 64123"
#define NO_BITS      "0000000000000000"

int __real_prctl(int option, ...);

static const struct account test_account = {.uid = TEST_ID, .gid = TEST_ID};

static void needs_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("needs root\n");
	skip();
}

/* With more to lose than a test usually has. */
static int drop(void *context)
{
	const gid_t group = TEST_ID + 2;

	if (geteuid() == 0 &&
	    (setgroups(1, &group) != 0 || __real_prctl(PR_SET_KEEPCAPS, 1UL, 0UL, 0UL, 0UL) != 0))
		return 200;
	return -privileges_drop(context);
}

static void drop_test_account(char status[STATUS_MAX])
{
	struct account account = test_account;

	child_run_status(drop, &account, status);
}

static void the_account_is_taken_in_every_kind_of_id(void **state UNUSED)
{
	char status[STATUS_MAX];

	needs_root();
	drop_test_account(status);
	assert_true(status_has(status, "Uid", TEST_ID_LINE));
	assert_true(status_has(status, "Gid", TEST_ID_LINE));
	assert_true(status_has(status, "Groups", ""));
}

static void no_set_of_capabilities_keeps_one(void **state UNUSED)
{
	static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
	char status[STATUS_MAX];

	needs_root();
	drop_test_account(status);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		assert_true(status_has(status, sets[i], NO_BITS));
	assert_true(status_has(status, "NoNewPrivs", "1"));
}

static int look_into_itself(void *context)
{
	struct rlimit core;

	if (privileges_drop(context) != 0 || getrlimit(RLIMIT_CORE, &core) != 0)
		return 2;
	return prctl(PR_GET_DUMPABLE) == SANITIZED && core.rlim_cur == 0 && core.rlim_max == 0 ? 0
											       : 1;
}

static void nobody_may_look_into_it_and_no_core_is_written(void **state UNUSED)
{
	struct account account = test_account;

	assert_int_equal(child_run(look_into_itself, &account), 0);
}

static int come_back(void *context)
{
	const gid_t group = 0;

	if (privileges_drop(context) != 0)
		return 2;
	return setuid(0) == 0 || setgid(0) == 0 || setgroups(1, &group) == 0;
}

static void there_is_no_way_back(void **state UNUSED)
{
	struct account account = test_account;

	needs_root();
	assert_int_equal(child_run(come_back, &account), 0);
}

static void roots_own_account_is_refused(void **state UNUSED)
{
	struct account user = {.uid = 0, .gid = TEST_ID}, group = {.uid = TEST_ID, .gid = 0};

	needs_root();
	assert_int_equal(child_run(drop, &user), EINVAL);
	assert_int_equal(child_run(drop, &group), EINVAL);
}

/* As another account: it drops again, and stays what it is. */
static int drop_without_root(void *context)
{
	struct account other = {.uid = TEST_ID + 1, .gid = TEST_ID + 1};

	if (setgid(TEST_ID) != 0 || setuid(TEST_ID) != 0 || privileges_drop(context) != 0)
		return 2;
	if (privileges_drop(&other) != 0)
		return 3;
	return getuid() == TEST_ID && getgid() == TEST_ID ? 0 : 1;
}

static void a_process_that_is_not_root_keeps_its_account(void **state UNUSED)
{
	struct account other = {.uid = TEST_ID + 1, .gid = TEST_ID + 1};
	char status[STATUS_MAX];

	needs_root();
	child_run_status(drop_without_root, &other, status);
	assert_true(status_has(status, "Uid", TEST_ID_LINE));
	assert_true(status_has(status, "CapEff", NO_BITS));
	assert_true(status_has(status, "NoNewPrivs", "1"));
}

static int start_another(void *context)
{
	pid_t pid;

	if (privileges_drop(context) != 0 || privileges_start_nothing() != 0)
		return 2;
	pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 && errno == EAGAIN ? 0 : 1;
}

static void no_other_process_is_started(void **state UNUSED)
{
	struct account account = test_account;

	needs_root();
	if (SANITIZED) {
		print_message("a build with sanitizers starts one itself\n");
		skip();
	}
	assert_int_equal(child_run(start_another, &account), 0);
}

/* Keeps a bit of the bounding set, as a kernel would that does not do what it says. */
int __wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

static int ineffective;

int __wrap_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	if (option == ineffective)
		return 0;
	return __real_prctl(option, a, b, c, d);
}

static void what_did_not_take_effect_is_noticed(void **state UNUSED)
{
	struct account account = test_account;

	needs_root();
	ineffective = PR_CAPBSET_DROP;
	assert_int_equal(child_run(drop, &account), EPERM);
	ineffective = PR_SET_NO_NEW_PRIVS;
	assert_int_equal(child_run(drop, &account), EPERM);
	ineffective = 0;
	assert_int_equal(child_run(drop, &account), 0);
}

static void an_account_is_found_by_name(void **state UNUSED)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct account account;
	bool substituted = true;

	if (!nobody)
		skip();
	assert_true(privileges_account("nobody", &account, &substituted));
	assert_false(substituted);
	assert_int_equal(account.uid, nobody->pw_uid);
	assert_int_equal(account.gid, nobody->pw_gid);
}

static void an_account_that_is_missing_is_nobodys(void **state UNUSED)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct account account;
	bool substituted = false;

	if (!nobody)
		skip();
	assert_true(privileges_account("no-such-account", &account, &substituted));
	assert_true(substituted);
	assert_int_equal(account.uid, nobody->pw_uid);
}

/* Ends, having started a process that would wait for ever, and says which. */
static int start_and_leave(void *context)
{
	volatile pid_t *started = context;
	struct account account = test_account;
	pid_t parent = getpid(), pid;
	int ready[2];
	char byte;

	if (pipe(ready) != 0)
		return 2;
	pid = fork();
	if (pid == 0) {
		if (privileges_drop(&account) != 0 ||
		    privileges_end_with_parent(parent, SIGKILL) != 0)
			_exit(1);
		(void)!write(ready[1], "", 1);
		for (;;)
			(void)pause();
	}
	*started = pid;
	(void)close(ready[1]);
	return read(ready[0], &byte, 1) == 1 ? 0 : 3;
}

static void it_ends_with_its_parent(void **state UNUSED)
{
	pid_t *started = mmap(NULL, sizeof(*started), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	assert_ptr_not_equal(started, MAP_FAILED);
	/* Orphans come to us, so that we see how they end. */
	assert_int_equal(__real_prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL), 0);
	assert_int_equal(child_run(start_and_leave, started), 0);
	assert_int_equal(waitpid(*started, &status, 0), *started);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	(void)munmap(started, sizeof(*started));
}

static int end_with_another(void *context UNUSED)
{
	return privileges_end_with_parent(getpid(), SIGKILL) ? 2 : 0;
}

static void it_ends_at_once_when_its_parent_has_ended_already(void **state UNUSED)
{
	assert_int_equal(child_run(end_with_another, NULL), 128 + SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_account_is_taken_in_every_kind_of_id),
		cmocka_unit_test(no_set_of_capabilities_keeps_one),
		cmocka_unit_test(nobody_may_look_into_it_and_no_core_is_written),
		cmocka_unit_test(there_is_no_way_back),
		cmocka_unit_test(roots_own_account_is_refused),
		cmocka_unit_test(a_process_that_is_not_root_keeps_its_account),
		cmocka_unit_test(no_other_process_is_started),
		cmocka_unit_test(what_did_not_take_effect_is_noticed),
		cmocka_unit_test(an_account_is_found_by_name),
		cmocka_unit_test(an_account_that_is_missing_is_nobodys),
		cmocka_unit_test(it_ends_with_its_parent),
		cmocka_unit_test(it_ends_at_once_when_its_parent_has_ended_already),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
