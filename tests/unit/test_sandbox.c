/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of system calls: what is on it works, what is not fails, in each mode. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pptpd/base/sandbox.h"
#include "tests/unit/confined_child.h"

static const struct sandbox_rule plain_rules[] = {
	{SCMP_SYS(exit_group), {{0}}},
	{SCMP_SYS(read), {{0}}},
	{SCMP_SYS(write), {{0}}},
};

static const struct sandbox_rule conditional_rules[] = {
	{SCMP_SYS(getpriority), {{SANDBOX_EQUAL, 0, PRIO_PROCESS, 0}}},
	/* One of two rules for the same call, the second with two conditions. */
	{SCMP_SYS(prctl), {{SANDBOX_EQUAL, 0, PR_GET_SECCOMP, 0}}},
	{SCMP_SYS(prctl), {{SANDBOX_EQUAL, 0, PR_CAPBSET_READ, 0}, {SANDBOX_EQUAL, 1, 3, 0}}},
	{SCMP_SYS(umask), {{SANDBOX_MASKED_EQUAL, 0, 0, 07}}},
};

static const struct sandbox_group groups[] = {
	{"to end, and to talk with the test", plain_rules, ARRAY_SIZE(plain_rules)},
	{"to try conditions", conditional_rules, ARRAY_SIZE(conditional_rules)},
};

/* Enters, and says what a step finds; 99 if it cannot enter. */
static int enter_and(enum sandbox_mode mode, bool (*step)(void))
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0 ||
	    sandbox_enter(groups, ARRAY_SIZE(groups), mode) != 0)
		return 99;
	return step() ? 0 : 1;
}

static int enforce(void *step)
{
	return enter_and(SANDBOX_ENFORCE, *(bool (**)(void))step);
}

static int log_only(void *step)
{
	return enter_and(SANDBOX_LOG, *(bool (**)(void))step);
}

static int off(void *step)
{
	return enter_and(SANDBOX_OFF, *(bool (**)(void))step);
}

static void assert_confined(bool (*step)(void))
{
	if (SANITIZED) {
		print_message("a build with sanitizers does not enforce\n");
		skip();
	}
	assert_int_equal(child_run(enforce, &step), 0);
}

static bool is_refused(long result)
{
	return result == -1 && errno == EPERM;
}

static bool others_are_refused(void)
{
	return is_refused(syscall(SYS_getppid)) && is_refused(syscall(SYS_getuid)) &&
	       is_refused(syscall(SYS_socket, 1, 1, 0));
}

static bool arguments_count(void)
{
	return getpriority(PRIO_PROCESS, 0) != -1 && is_refused(getpriority(PRIO_USER, 0));
}

static bool all_conditions_count(void)
{
	return prctl(PR_CAPBSET_READ, 3UL) >= 0 && is_refused(prctl(PR_CAPBSET_READ, 4UL));
}

static bool masks_count(void)
{
	return syscall(SYS_umask, 020) >= 0 && is_refused(syscall(SYS_umask, 022));
}

static bool is_known_confined(void)
{
	return sandbox_is_entered();
}

static bool is_known_free(void)
{
	return !sandbox_is_entered();
}

static bool nothing_is_refused(void)
{
	return syscall(SYS_getppid) > 0 && getpriority(PRIO_USER, 0) != -1;
}

static void a_call_that_is_not_listed_fails(void **state UNUSED)
{
	assert_confined(others_are_refused);
}

static void a_call_with_a_condition_depends_on_its_argument(void **state UNUSED)
{
	assert_confined(arguments_count);
}

static void all_conditions_of_one_rule_must_hold(void **state UNUSED)
{
	assert_confined(all_conditions_count);
}

static void a_mask_leaves_the_other_bits_free(void **state UNUSED)
{
	assert_confined(masks_count);
}

static void log_mode_lets_everything_through(void **state UNUSED)
{
	bool (*step)(void) = nothing_is_refused;

	assert_int_equal(child_run(log_only, &step), 0);
}

static void off_confines_nothing(void **state UNUSED)
{
	bool (*step)(void) = nothing_is_refused;

	assert_int_equal(child_run(off, &step), 0);
	step = is_known_free;
	assert_int_equal(child_run(off, &step), 0);
}

static const struct sandbox_rule forbidden_rules[] = {
	{SCMP_SYS(getppid), {{0}}},
	{SCMP_SYS(getpriority), {{SANDBOX_MASKED_EQUAL, 0, PRIO_USER, 0xffffffff}}},
};

static const struct sandbox_group forbidden[] = {
	{"to try what is forbidden", forbidden_rules, ARRAY_SIZE(forbidden_rules)},
};

static int forbid(void *context UNUSED)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0 ||
	    sandbox_forbid(forbidden, ARRAY_SIZE(forbidden)) != 0)
		return 99;
	return is_refused(syscall(SYS_getppid)) && is_refused(getpriority(PRIO_USER, 0)) &&
			       is_refused(syscall(SYS_getpriority, 1UL << 32 | PRIO_USER, 0)) &&
			       getpriority(PRIO_PROCESS, 0) != -1 && getuid() == geteuid()
		       ? 0
		       : 1;
}

static void what_is_forbidden_fails_and_the_rest_does_not(void **state UNUSED)
{
	if (SANITIZED) {
		print_message("a build with sanitizers does not enforce\n");
		skip();
	}
	assert_int_equal(child_run(forbid, NULL), 0);
}

static void a_process_knows_that_it_is_confined(void **state UNUSED)
{
	bool (*step)(void) = is_known_confined;

	assert_int_equal(child_run(enforce, &step), 0);
	assert_int_equal(child_run(log_only, &step), 0);
	assert_false(sandbox_is_entered());
}

static int enter_with_privileges(void *context UNUSED)
{
	/* As nobody: root needs no promise. */
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 99;
	return -sandbox_enter(groups, ARRAY_SIZE(groups), SANDBOX_ENFORCE);
}

static void a_process_that_could_get_privileges_cannot_enter(void **state UNUSED)
{
	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	assert_int_not_equal(child_run(enter_with_privileges, NULL), 0);
	assert_int_not_equal(child_run(enter_with_privileges, NULL), 99);
}

static void modes_have_words(void **state UNUSED)
{
	enum sandbox_mode mode = SANDBOX_OFF;

	assert_true(sandbox_mode_parse("enforce", &mode));
	assert_int_equal(mode, SANDBOX_ENFORCE);
	assert_true(sandbox_mode_parse("log", &mode));
	assert_int_equal(mode, SANDBOX_LOG);
	assert_true(sandbox_mode_parse("off", &mode));
	assert_int_equal(mode, SANDBOX_OFF);
	assert_false(sandbox_mode_parse("", &mode));
	assert_false(sandbox_mode_parse("Enforce", &mode));
	assert_int_equal(mode, SANDBOX_OFF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_is_not_listed_fails),
		cmocka_unit_test(a_call_with_a_condition_depends_on_its_argument),
		cmocka_unit_test(all_conditions_of_one_rule_must_hold),
		cmocka_unit_test(a_mask_leaves_the_other_bits_free),
		cmocka_unit_test(log_mode_lets_everything_through),
		cmocka_unit_test(off_confines_nothing),
		cmocka_unit_test(what_is_forbidden_fails_and_the_rest_does_not),
		cmocka_unit_test(a_process_knows_that_it_is_confined),
		cmocka_unit_test(a_process_that_could_get_privileges_cannot_enter),
		cmocka_unit_test(modes_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
