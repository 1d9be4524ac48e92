/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base32 and node IDs: RFC 4648's own examples, and one text for one value. */
#include "tests/unit/unit.h"

#include <string.h>

#include "pptpd/base/node_id.h"

static const struct {
	const char *data;
	const char *text;
} examples[] = {
	/* RFC 4648 10, in lower case and without padding. */
	{"", ""},
	{"f", "my"},
	{"fo", "mzxq"},
	{"foo", "mzxw6"},
	{"foob", "mzxw6yq"},
	{"fooba", "mzxw6ytb"},
	{"foobar", "mzxw6ytboi"},
};

static void encodes_the_examples_of_the_rfc(void **state UNUSED)
{
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		size_t len = strlen(examples[i].data);

		assert_string_equal(base32_encode((const uint8_t *)examples[i].data, len, text),
				    examples[i].text);
		assert_int_equal(strlen(text), BASE32_LEN(len));
	}
}

static void decodes_the_examples_of_the_rfc(void **state UNUSED)
{
	uint8_t data[8];

	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		size_t len = strlen(examples[i].data);

		assert_true(base32_decode(examples[i].text, data, len));
		assert_memory_equal(data, examples[i].data, len);
	}
	assert_true(base32_decode("MZXW6", data, 3));
	assert_memory_equal(data, "foo", 3);
}

static void refuses_other_lengths_characters_and_stray_bits(void **state UNUSED)
{
	static const char *const bad[] = {"mzxw", "mzxw6y", "mzxw1", "mzx 6", "mzxw7", "====="};
	uint8_t data[3] = {1, 2, 3};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(base32_decode(bad[i], data, 3));
	assert_memory_equal(data, "\1\2\3", 3);
}

static void a_node_id_survives_its_text(void **state UNUSED)
{
	char text[NODE_ID_TEXT_LEN + 1];
	struct node_id id, again;

	for (size_t i = 0; i < NODE_ID_LEN; i++)
		id.bytes[i] = (uint8_t)(i * 37 + 200);
	assert_int_equal(strlen(node_id_text(&id, text)), NODE_ID_TEXT_LEN);
	assert_true(node_id_parse(text, &again));
	assert_true(node_id_equal(&id, &again));
	again.bytes[31] ^= 1;
	assert_false(node_id_equal(&id, &again));
}

static void a_node_id_has_one_text_only(void **state UNUSED)
{
	char text[NODE_ID_TEXT_LEN + 2] = "";
	struct node_id id = {{0}};

	memset(text, 'a', NODE_ID_TEXT_LEN);
	assert_true(node_id_parse(text, &id));
	text[NODE_ID_TEXT_LEN - 1] = 'b'; /* 260 bits of text for 256 of hash */
	assert_false(node_id_parse(text, &id));
	text[NODE_ID_TEXT_LEN - 1] = 'q';
	assert_true(node_id_parse(text, &id));
	text[NODE_ID_TEXT_LEN] = 'a';
	assert_false(node_id_parse(text, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_the_examples_of_the_rfc),
		cmocka_unit_test(decodes_the_examples_of_the_rfc),
		cmocka_unit_test(refuses_other_lengths_characters_and_stray_bits),
		cmocka_unit_test(a_node_id_survives_its_text),
		cmocka_unit_test(a_node_id_has_one_text_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
