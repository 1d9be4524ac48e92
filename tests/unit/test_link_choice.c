/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When links have rings and when not; nothing is made. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "pptpd/base/util.h"
#include "pptpd/link.h"
#include "pptpd/link_choice.h"
#include "tests/unit/pptpd_help.h"

#define PAUSE_MS 60000

/* What stands for link_open() was asked for, and how it ends. */
static struct link_wish wishes[4];
static unsigned asked;
static int rings_end;

int __wrap_link_open(const struct link_wish *wish, struct link *ret_link, const char **ret_failed);

int __wrap_link_open(const struct link_wish *wish, struct link *ret_link, const char **ret_failed)
{
	assert_true(asked < ARRAY_SIZE(wishes));
	wishes[asked++] = *wish;
	*ret_failed = "process";
	if (wish->kind == IPC_LINK_RING && rings_end)
		return rings_end;
	*ret_link = (struct link){.fd = -1, .kind = wish->kind};
	return 0;
}

static const struct link_wish wished = {IPC_LINK_RING, true, LINK_SMALL, 7};

static struct link_choice with_rings(int end)
{
	caught_begin();
	asked = 0;
	rings_end = end;
	return (struct link_choice){.rings_from = {0}};
}

static enum ipc_link_kind open_at(struct link_choice *choice, struct mono now)
{
	const char *failed;
	struct link link;

	assert_int_equal(link_choice_open(choice, &wished, now, &link, &failed), 0);
	return link.kind;
}

static void a_link_is_as_wished(void **state UNUSED)
{
	struct link_choice choice = with_rings(0);

	assert_int_equal(open_at(&choice, mono_now()), IPC_LINK_RING);
	assert_int_equal(asked, 1);
	assert_true(wishes[0].with_filter);
	assert_int_equal(wishes[0].size, LINK_SMALL);
	assert_int_equal(wishes[0].calls, 7);
}

static void one_that_takes_too_long_is_a_tap_with_the_filter(void **state UNUSED)
{
	struct link_choice choice = with_rings(-ETIMEDOUT);

	assert_int_equal(open_at(&choice, mono_now()), IPC_LINK_TAP);
	assert_int_equal(asked, 2);
	assert_true(wishes[1].with_filter);
	assert_int_equal(wishes[1].calls, 7);
	assert_int_equal(caught_with("takes too long"), 1);
}

static void after_that_no_time_is_lost_for_a_while(void **state UNUSED)
{
	struct link_choice choice = with_rings(-ETIMEDOUT);
	struct mono start = mono_now();

	(void)open_at(&choice, start);
	asked = 0;
	rings_end = 0;
	assert_int_equal(open_at(&choice, mono_add_ms(start, PAUSE_MS - 1)), IPC_LINK_TAP);
	assert_int_equal(asked, 1);
	assert_int_equal(open_at(&choice, mono_add_ms(start, PAUSE_MS)), IPC_LINK_RING);
}

static void other_errors_are_the_callers(void **state UNUSED)
{
	struct link_choice choice = with_rings(-ENOMEM);
	const char *failed;
	struct link link;

	assert_int_equal(link_choice_open(&choice, &wished, mono_now(), &link, &failed), -ENOMEM);
	assert_int_equal(asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_as_wished),
		cmocka_unit_test(one_that_takes_too_long_is_a_tap_with_the_filter),
		cmocka_unit_test(after_that_no_time_is_lost_for_a_while),
		cmocka_unit_test(other_errors_are_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
