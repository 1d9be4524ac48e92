/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a tunnel session is, what proves it, and who gets its checkpoint. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "pptpd/child.h"
#include "pptpd/session_store.h"

static const uint8_t id_1[IPC_SESSION_ID_LEN] = {1}, id_2[IPC_SESSION_ID_LEN] = {2};
static struct child first, second;

static int set_up(void **state)
{
	*state = session_store_new();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	session_store_free(*state);
	return 0;
}

/* Stores `text` as the session's checkpoint, with a proof of that byte repeated. */
static void put(struct session_store *store, struct child *child, const uint8_t *id, uint8_t proof,
		const char *text)
{
	struct ipc_checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));

	memcpy(checkpoint->session_id, id, IPC_SESSION_ID_LEN);
	memset(checkpoint->proof, proof, sizeof(checkpoint->proof));
	checkpoint->len = (uint32_t)strlen(text);
	memcpy(checkpoint->data, text, strlen(text));
	session_store_put(store, child, checkpoint);
	free(checkpoint);
}

static struct child *take(struct session_store *store, struct child *child, const uint8_t *id,
			  uint8_t proof, struct ipc_adopted *answer)
{
	struct ipc_adopt adopt = {.type = IPC_ADOPT};

	memcpy(adopt.session_id, id, IPC_SESSION_ID_LEN);
	memset(adopt.proof, proof, sizeof(adopt.proof));
	memset(answer, 0, sizeof(*answer));
	return session_store_take(store, child, &adopt, answer);
}

static void checkpoint_comes_back_to_who_shows_the_proof(void **state)
{
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "state");
	assert_ptr_equal(take(*state, &second, id_1, 7, &answer), &first);
	assert_int_equal(answer.found, 1);
	assert_int_equal(answer.checkpoint_len, 5);
	assert_memory_equal(answer.checkpoint, "state", 5);
}

static void later_checkpoint_and_proof_replace_the_former(void **state)
{
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "a longer state");
	put(*state, &first, id_1, 8, "new");
	assert_null(take(*state, &second, id_1, 7, &answer));
	assert_ptr_equal(take(*state, &second, id_1, 8, &answer), &first);
	assert_int_equal(answer.checkpoint_len, 3);
	assert_memory_equal(answer.checkpoint, "new", 3);
}

static void wrong_proof_gets_nothing(void **state)
{
	struct ipc_adopt adopt = {.type = IPC_ADOPT};
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "state");
	memcpy(adopt.session_id, id_1, sizeof(id_1));
	for (size_t i = 0; i < IPC_PROOF_LEN; i++) {
		memset(adopt.proof, 7, sizeof(adopt.proof));
		adopt.proof[i] ^= 1;
		memset(&answer, 0, sizeof(answer));
		assert_null(session_store_take(*state, &second, &adopt, &answer));
		assert_int_equal(answer.found, 0);
		assert_int_equal(answer.checkpoint_len, 0);
		assert_int_equal(answer.checkpoint[0], 0);
	}
	assert_ptr_equal(take(*state, &second, id_1, 7, &answer), &first); /* still there */
}

static void unknown_session_is_not_found(void **state)
{
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "state");
	assert_null(take(*state, &second, id_2, 7, &answer));
	assert_int_equal(answer.found, 0);
}

static void session_is_not_taken_from_oneself(void **state)
{
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "state");
	assert_null(take(*state, &first, id_1, 7, &answer));
	assert_int_equal(answer.found, 0);
}

static void who_has_a_session_takes_no_other(void **state)
{
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "state");
	put(*state, &second, id_2, 8, "other");
	assert_null(take(*state, &second, id_1, 7, &answer));
	assert_int_equal(answer.found, 0);
}

static void session_that_was_taken_is_the_takers(void **state)
{
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "state");
	(void)take(*state, &second, id_1, 7, &answer);
	assert_true(session_store_may_put(*state, &second, id_1));
	assert_false(session_store_may_put(*state, &first, id_1));
	session_store_forget(*state, &first); /* its end does not end the session */
	assert_ptr_equal(take(*state, &first, id_1, 7, &answer), &second);
}

static void foreign_session_may_not_be_put(void **state)
{
	assert_true(session_store_may_put(*state, &first, id_1));
	put(*state, &first, id_1, 7, "state");
	assert_true(session_store_may_put(*state, &first, id_1));
	assert_false(session_store_may_put(*state, &second, id_1));
	assert_true(session_store_may_put(*state, &second, id_2));
}

static void second_session_may_not_be_put(void **state)
{
	put(*state, &first, id_1, 7, "state");
	assert_false(session_store_may_put(*state, &first, id_2));
}

static void forgotten_session_is_gone_and_its_name_free(void **state)
{
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "state");
	session_store_forget(*state, &first);
	assert_null(take(*state, &second, id_1, 7, &answer));
	assert_true(session_store_may_put(*state, &second, id_1));
	session_store_forget(*state, &first); /* without one: no harm */
}

static void empty_and_longest_checkpoints_are_kept(void **state)
{
	static struct ipc_checkpoint longest = {.len = IPC_CHECKPOINT_MAX};
	struct ipc_adopted answer;

	put(*state, &first, id_1, 7, "");
	assert_ptr_equal(take(*state, &second, id_1, 7, &answer), &first);
	assert_int_equal(answer.checkpoint_len, 0);
	memcpy(longest.session_id, id_1, sizeof(id_1));
	memset(longest.data, 0x5a, sizeof(longest.data));
	session_store_put(*state, &second, &longest);
	assert_ptr_equal(take(*state, &first, id_1, 0, &answer), &second);
	assert_int_equal(answer.checkpoint_len, IPC_CHECKPOINT_MAX);
	assert_memory_equal(answer.checkpoint, longest.data, IPC_CHECKPOINT_MAX);
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(checkpoint_comes_back_to_who_shows_the_proof),
		STORE_TEST(later_checkpoint_and_proof_replace_the_former),
		STORE_TEST(wrong_proof_gets_nothing),
		STORE_TEST(unknown_session_is_not_found),
		STORE_TEST(session_is_not_taken_from_oneself),
		STORE_TEST(who_has_a_session_takes_no_other),
		STORE_TEST(session_that_was_taken_is_the_takers),
		STORE_TEST(foreign_session_may_not_be_put),
		STORE_TEST(second_session_may_not_be_put),
		STORE_TEST(forgotten_session_is_gone_and_its_name_free),
		STORE_TEST(empty_and_longest_checkpoints_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
