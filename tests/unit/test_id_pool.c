/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that are unique, never 0, and rest before they come again. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/id_pool.h"

static void numbers_are_unique_and_never_zero(void **state UNUSED)
{
	static bool seen[65536];
	struct id_pool *pool = malloc(sizeof(*pool));
	uint16_t id = 0;

	assert_non_null(pool);
	id_pool_init(pool);
	for (unsigned i = 0; i < UINT16_MAX; i++) {
		assert_true(id_pool_take(pool, &id));
		assert_int_not_equal(id, 0);
		assert_false(seen[id]);
		seen[id] = true;
	}
	free(pool);
}

static void empty_pool_gives_none(void **state UNUSED)
{
	struct id_pool *pool = malloc(sizeof(*pool));
	uint16_t id;

	assert_non_null(pool);
	id_pool_init(pool);
	for (unsigned i = 0; i < UINT16_MAX; i++)
		assert_true(id_pool_take(pool, &id));
	id = 0;
	assert_false(id_pool_take(pool, &id));
	assert_int_equal(id, 0);
	free(pool);
}

static void number_rests_until_enough_others_were_given_back(void **state UNUSED)
{
	struct id_pool *pool = malloc(sizeof(*pool));
	uint16_t ids[ID_POOL_REST + 1], id;

	assert_non_null(pool);
	id_pool_init(pool);
	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++)
		assert_true(id_pool_take(pool, &ids[i]));
	for (unsigned i = ARRAY_SIZE(ids); i < UINT16_MAX; i++)
		assert_true(id_pool_take(pool, &id));
	for (unsigned i = 0; i < ID_POOL_REST; i++)
		id_pool_give(pool, ids[i]);
	assert_false(id_pool_take(pool, &id)); /* all of them rest */
	id_pool_give(pool, ids[ID_POOL_REST]);
	assert_true(id_pool_take(pool, &id)); /* the first one is awake */
	assert_int_equal(id, ids[0]);
	assert_false(id_pool_take(pool, &id));
	free(pool);
}

static void numbers_come_back_for_ever(void **state UNUSED)
{
	struct id_pool *pool = malloc(sizeof(*pool));
	uint16_t id;

	assert_non_null(pool);
	id_pool_init(pool);
	for (unsigned i = 0; i < 3 * 65536; i++) {
		assert_true(id_pool_take(pool, &id));
		id_pool_give(pool, id);
	}
	assert_int_equal(pool->count, ID_POOL_REST);
	free(pool);
}

/* Whether giving back `id` so many times ends the process as our own fault does. */
static bool giving_aborts(uint16_t id, bool taken, unsigned times)
{
	struct id_pool *pool = malloc(sizeof(*pool));
	int status;
	pid_t pid;

	assert_non_null(pool);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		id_pool_init(pool);
		if (taken && !id_pool_take(pool, &id))
			_exit(1);
		while (times--)
			id_pool_give(pool, id);
		_exit(0);
	}
	free(pool);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void giving_back_what_was_not_taken_is_our_fault(void **state UNUSED)
{
	assert_false(giving_aborts(0, true, 1));
	assert_true(giving_aborts(0, true, 2));
	assert_true(giving_aborts(0, false, 1));
	assert_true(giving_aborts(7, false, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_unique_and_never_zero),
		cmocka_unit_test(empty_pool_gives_none),
		cmocka_unit_test(number_rests_until_enough_others_were_given_back),
		cmocka_unit_test(numbers_come_back_for_ever),
		cmocka_unit_test(giving_back_what_was_not_taken_is_our_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
