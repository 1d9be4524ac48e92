/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The glance at pppd's frames: what tells that a user was let in, or was not. */
#include "tests/unit/unit.h"

#include "pptpctrl/ppp_frame.h"

struct example {
	const char *bytes;
	size_t len;
	bool network;
	bool failure;
};

#define BYTES(text) (text), sizeof(text) - 1

static const struct example examples[] = {
	{BYTES("\xff\x03\x80\x21\x01\x01\x00\x04"), true, false},  /* IPCP */
	{BYTES("\x80\x21\x01\x01\x00\x04"), true, false},          /* without address, control */
	{BYTES("\x80\x57\x01\x01\x00\x04"), true, false},          /* IPV6CP */
	{BYTES("\xff\x03\x80\xfd\x01\x01\x00\x04"), true, false},  /* CCP */
	{BYTES("\xbe\xff"), true, false},                          /* odd in its second byte only */
	{BYTES("\xff\x03\xc0\x21\x01\x01\x00\x04"), false, false}, /* LCP */
	{BYTES("\xff\x03\x00\x21\x45"), false, false},             /* IP */
	{BYTES("\x21\x80\x21\x45"), false, false},                 /* IP, compressed protocol */
	{BYTES("\xfd\x90\x01\x45"), false, false},                 /* MPPE, compressed protocol */
	{BYTES("\xc0\x21"), false, false},
	{BYTES("\x81\x21\x01"), false, false}, /* no protocol is odd in its first byte */
	{BYTES("\xff\x03\xff\x03\x80\x21"), false, false},
	{BYTES("\xff\x03\xc2\x23\x04\x01\x00\x04"), false, true},  /* CHAP Failure */
	{BYTES("\xff\x03\xc2\x23\x03\x01\x00\x04"), false, false}, /* CHAP Success */
	{BYTES("\xc0\x23\x03\x01\x00\x05\x00"), false, true},      /* PAP Nak */
	{BYTES("\xc0\x23\x02\x01\x00\x05\x00"), false, false},     /* PAP Ack */
	{BYTES("\xff\x03\xc2\x27\x04\x01\x00\x04"), false, true},  /* EAP Failure */
	{BYTES("\xff\x03\xc0\x21\x04\x01\x00\x04"), false, false}, /* LCP Configure-Reject */
};

static void protocols_and_codes_are_told_apart(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		const struct example *one = &examples[i];
		const uint8_t *bytes = (const uint8_t *)one->bytes;

		if (ppp_frame_is_network_control(bytes, one->len) != one->network ||
		    ppp_frame_is_authentication_failure(bytes, one->len) != one->failure)
			fail_msg("example %zu", i);
	}
}

static void a_frame_that_ends_before_it_is_told_is_neither(void **state UNUSED)
{
	static const uint8_t ipcp[] = {0xff, 0x03, 0x80, 0x21};
	static const uint8_t failure[] = {0xff, 0x03, 0xc2, 0x23, 0x04};

	for (size_t len = 0; len < sizeof(ipcp); len++)
		assert_false(ppp_frame_is_network_control(ipcp, len));
	for (size_t len = 0; len < sizeof(failure); len++)
		assert_false(ppp_frame_is_authentication_failure(failure, len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols_and_codes_are_told_apart),
		cmocka_unit_test(a_frame_that_ends_before_it_is_told_is_neither),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
