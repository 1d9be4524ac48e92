/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process title in the memory of the program's first word, and nowhere beside it. */
#include "tests/unit/unit.h"

#include <string.h>

#include "pptpctrl/title.h"

/* The word with its terminator, and what lies behind it, where the kernel puts the environment. */
#define WORD_LEN 20

static char memory[WORD_LEN + 1 + 8];

static int set_up(void **state UNUSED)
{
	char *words[] = {memory, NULL};

	memset(memory, ' ', WORD_LEN);
	memory[WORD_LEN] = '\0';
	memset(memory + WORD_LEN + 1, 'E', sizeof(memory) - WORD_LEN - 1);
	title_init(words);
	return 0;
}

static void assert_nothing_beside(void)
{
	for (size_t i = WORD_LEN + 1; i < sizeof(memory); i++)
		assert_int_equal(memory[i], 'E');
	assert_int_equal(memory[WORD_LEN], '\0');
}

static void the_title_replaces_the_first_word(void **state UNUSED)
{
	title_set("pptpd [%s:%04X]", "10.0.0.1", 0xabu);
	assert_string_equal(memory, "pptpd [10.0.0.1:00AB");
	assert_nothing_beside();
	title_set("pptpd [%s]", "10.0.0.1");
	assert_string_equal(memory, "pptpd [10.0.0.1]");
	assert_nothing_beside();
}

static void a_shorter_title_leaves_nothing_of_the_longer_one(void **state UNUSED)
{
	title_set("%s", "12345678901234567");
	title_set("%s", "short");
	for (size_t i = strlen("short"); i <= WORD_LEN; i++)
		assert_int_equal(memory[i], '\0');
	assert_nothing_beside();
}

static void a_title_as_long_as_the_room_is_whole(void **state UNUSED)
{
	title_set("%s", "12345678901234567890");
	assert_string_equal(memory, "12345678901234567890");
	assert_nothing_beside();
}

static void a_longer_title_is_cut_and_overwrites_nothing(void **state UNUSED)
{
	title_set("%s", "12345678901234567890!");
	assert_string_equal(memory, "12345678901234567890");
	assert_nothing_beside();
	title_set("%0500d", 7);
	assert_string_equal(memory, "00000000000000000000");
	assert_nothing_beside();
}

static void a_word_without_room_takes_no_title(void **state UNUSED)
{
	char *words[] = {memory, NULL};

	memory[0] = '\0';
	title_init(words);
	title_set("%s", "anything");
	assert_int_equal(memory[0], '\0');
	assert_int_equal(memory[1], ' ');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_title_replaces_the_first_word, set_up),
		cmocka_unit_test_setup(a_shorter_title_leaves_nothing_of_the_longer_one, set_up),
		cmocka_unit_test_setup(a_title_as_long_as_the_room_is_whole, set_up),
		cmocka_unit_test_setup(a_longer_title_is_cut_and_overwrites_nothing, set_up),
		cmocka_unit_test_setup(a_word_without_room_takes_no_title, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
