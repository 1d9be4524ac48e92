/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session gives out to be written: in parts, written in pieces of any length, or dropped. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "rrp/session_private.h"
#include "tests/unit/rrp_link.h"

/* Data and control, short ones that are copied and long ones that are not, in all orders. */
static const struct {
	uint16_t len;
	uint16_t protocol;
} ppp_frames[] = {
	{60, 0x00fd},  {1400, 0x00fd}, {40, 0xc021},   {256, 0x00fd},  {257, 0x00fd},
	{900, 0x80fd}, {1, 0x00fd},    {2048, 0x0021}, {4000, 0x00fd}, {5, 0xc021},
};

static struct link *joined;
static struct tunnel_call *call;
static uint8_t bytes[SESSION_OUTPUT_MAX];

static int setup(void **state UNUSED)
{
	const struct tunnel_call_request request = {.phone_number = "1"};

	joined = link_up(10, 10);
	joined->server.side.accept = true;
	call = session_call_open(joined->client.session, &request, NULL);
	assert_non_null(call);
	link_pump(joined, LINK_GLUED);
	return 0;
}

static int teardown(void **state UNUSED)
{
	link_free(joined);
	return 0;
}

static void send_one(struct tunnel_call *to, uint16_t len, uint16_t protocol, uint8_t fill)
{
	uint8_t frame[RRP_FRAME_MAX] = {0xff, 0x03, (uint8_t)(protocol >> 8), (uint8_t)protocol};

	if (len > 4)
		memset(frame + 4, fill, len - 4U);
	tunnel_call_send(to, frame, len);
}

static void send_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ppp_frames); i++)
		send_one(call, ppp_frames[i].len, ppp_frames[i].protocol, (uint8_t)i);
}

/* Copies what is written; pieces of `piece` bytes, after a first one of `first`. */
static size_t write_out(struct session_output *out, uint8_t *to, size_t first, size_t piece)
{
	size_t written = 0;

	for (size_t len = first; out->left; len = piece) {
		size_t left = MIN(len, out->left);

		len = left;
		for (unsigned i = out->first; left; i++) {
			size_t some = MIN(left, out->parts[i].iov_len);

			assert_true(i < out->count);
			memcpy(to + written, out->parts[i].iov_base, some);
			written += some;
			left -= some;
		}
		session_output_written(joined->client.session, out, len);
	}
	assert_int_equal(out->first, out->count);
	return written;
}

/* What the frames look like in one part. */
static size_t expected(uint8_t *to)
{
	struct session_output out = {.bytes = bytes, .in_one = true};
	size_t len;

	send_all();
	len = session_output(joined->client.session, &out);
	assert_int_equal(out.count, 1);
	assert_int_equal(write_out(&out, to, len, len), len);
	return len;
}

static void a_write_may_end_at_any_byte(void **state UNUSED)
{
	static uint8_t wanted[SESSION_OUTPUT_MAX], got[SESSION_OUTPUT_MAX];
	size_t len = expected(wanted);

	for (size_t at = 1; at < len; at++) {
		struct session_output out = {.bytes = bytes};

		send_all();
		assert_int_equal(session_output(joined->client.session, &out), len);
		assert_true(out.count > 5);
		memset(got, 0, len);
		assert_int_equal(write_out(&out, got, at, len), len);
		assert_memory_equal(got, wanted, len);
	}
	link_feed(joined, &joined->server, got, len, LINK_GLUED);
	assert_int_equal(joined->server.side.frames, ARRAY_SIZE(ppp_frames));
}

static void writes_may_be_of_single_bytes(void **state UNUSED)
{
	static uint8_t wanted[SESSION_OUTPUT_MAX], got[SESSION_OUTPUT_MAX];
	size_t len = expected(wanted);
	struct session_output out = {.bytes = bytes};

	send_all();
	assert_int_equal(session_output(joined->client.session, &out), len);
	assert_int_equal(write_out(&out, got, 1, 1), len);
	assert_memory_equal(got, wanted, len);
}

static void short_frames_share_a_part_with_what_is_before_them(void **state UNUSED)
{
	struct session_output out = {.bytes = bytes};
	uint8_t *got = malloc(SESSION_OUTPUT_MAX);

	tunnel_call_link_info(call, 0, 0);
	for (unsigned i = 0; i < 50; i++)
		send_one(call, 60, 0x00fd, 0);
	assert_true(session_output(joined->client.session, &out) > 50 * 68);
	assert_int_equal(out.count, 1);
	(void)write_out(&out, got, 1000, 1000);
	free(got);
}

static void no_output_has_more_parts_or_bytes_than_the_bound(void **state UNUSED)
{
	static uint8_t got[SESSION_OUTPUT_MAX];

	for (uint16_t len = 1; len < 600; len = (uint16_t)(len + 37)) {
		struct session_output out = {.bytes = bytes};

		for (unsigned i = 0; i < 200; i++)
			send_one(call, i % 2 ? 257 : len, 0x00fd, 0);
		while (session_output(joined->client.session, &out) > 0) {
			assert_in_range(out.count, 1, SESSION_PARTS_MAX);
			assert_in_range(out.left, 1, SESSION_OUTPUT_MAX);
			(void)write_out(&out, got, 16384, 16384);
		}
	}
}

static void frames_given_out_are_not_dropped_for_newer_ones(void **state UNUSED)
{
	static uint8_t got[SESSION_OUTPUT_MAX];
	struct session_output out = {.bytes = bytes};
	size_t len, offset = 0;

	for (unsigned i = 0; i < 11; i++)
		send_one(call, 1400, 0x00fd, 0x11);
	len = session_output(joined->client.session, &out);
	for (unsigned i = 0; i < 500; i++)
		send_one(call, 1400, 0x00fd, 0x22);
	assert_true(tunnel_call_dropped(call) > 0);
	assert_int_equal(write_out(&out, got, 3, 5000), len);
	for (; offset < len; offset += 1408)
		assert_int_equal(got[offset + 100], 0x11);
	assert_int_equal(offset, len);
	link_feed(joined, &joined->server, got, len, LINK_GLUED);
	assert_int_equal(joined->server.side.frames, 11);
}

static void output_that_is_dropped_gives_its_frames_back(void **state UNUSED)
{
	const struct pool *pool = &joined->client.session->sched.pool;
	struct session_output out = {.bytes = bytes};
	size_t kept;

	for (unsigned i = 0; i < 10; i++)
		send_one(call, 1400, 0x00fd, 0);
	assert_true(session_output(joined->client.session, &out) > 0);
	session_output_written(joined->client.session, &out, 5000);
	kept = pool->kept_bytes;
	session_output_drop(joined->client.session, &out);
	assert_int_equal(out.left, 0);
	assert_int_equal(pool->kept_bytes, kept + 7 * pool_cost(1400));
	session_output_drop(joined->client.session, &out);
	assert_int_equal(pool->kept_bytes, kept + 7 * pool_cost(1400));
}

static void an_idle_session_gives_its_memory_back(void **state UNUSED)
{
	struct session *session = joined->client.session;
	const struct pool *pool = &session->sched.pool;

	for (unsigned i = 0; i < 80; i++)
		send_one(call, 1400, 0x00fd, 0);
	link_pump(joined, LINK_GLUED);
	assert_int_equal(pool->kept_bytes, 80 * pool_cost(1400));
	for (unsigned i = 0; i < 2; i++) {
		joined->now = session_deadline(session);
		session_tick(session, joined->now);
		link_pump(joined, LINK_GLUED);
	}
	assert_int_equal(pool->kept_bytes, 0);
}

#define OUTPUT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OUTPUT_TEST(a_write_may_end_at_any_byte),
		OUTPUT_TEST(writes_may_be_of_single_bytes),
		OUTPUT_TEST(short_frames_share_a_part_with_what_is_before_them),
		OUTPUT_TEST(no_output_has_more_parts_or_bytes_than_the_bound),
		OUTPUT_TEST(frames_given_out_are_not_dropped_for_newer_ones),
		OUTPUT_TEST(output_that_is_dropped_gives_its_frames_back),
		OUTPUT_TEST(an_idle_session_gives_its_memory_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
