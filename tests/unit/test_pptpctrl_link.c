/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPPoE sessions on their link, and channels on these; a socket pair stands for the TAP. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/link_io.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpctrl/pppoe_link.h"
#include "pptpd/base/fdio.h"
#include "tests/unit/pptpd_help.h"

#define SESSIONS_MANY 300

static const uint8_t kernel[] = {2, 0, 0, 0, 0, 1}, own[] = {2, 0, 0, 0, 0, 2};
static const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};

struct side {
	struct ev_loop *loop;
	struct pppoe_link *link;
	int fd; /* the kernel's end */
	struct ppp_channel *channel;
	unsigned frames;
	bool free_in_frame;
	uint8_t last[64];
	size_t last_len;
};

static void on_frame(void *context, const uint8_t *frame, size_t len)
{
	struct side *side = context;

	side->frames++;
	side->last_len = len;
	memcpy(side->last, frame, MIN(len, sizeof(side->last)));
	if (!side->free_in_frame)
		return;
	ppp_channel_free(side->channel);
	side->channel = NULL;
}

static void on_stopped(void *context UNUSED)
{
	fail_msg("a session never stops by itself");
}

static const struct ppp_channel_ops ops = {.frame = on_frame, .stopped = on_stopped};

static int set_up(void **state)
{
	struct side *side = calloc(1, sizeof(*side));
	int pair[2];

	assert_non_null(side);
	caught_begin();
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	side->fd = pair[1];
	side->loop = ev_loop_new(EVFLAG_AUTO);
	side->link = pppoe_link_new(side->loop, link_io_tap(pair[0]), kernel, own);
	assert_non_null(side->link);
	side->channel = ppp_channel_pppoe(side->link, 0xabcd, &ops, side);
	assert_non_null(side->channel);
	*state = side;
	return 0;
}

static int tear_down(void **state)
{
	struct side *side = *state;

	ppp_channel_free(side->channel);
	pppoe_link_free(side->link);
	ev_loop_destroy(side->loop);
	fdio_close(&side->fd);
	free(side);
	return 0;
}

static void kernel_sends(struct side *side, uint16_t session, const uint8_t *payload, size_t len)
{
	struct pppoe_frame frame = {.session = session, .payload_len = len};
	uint8_t bytes[PPPOE_HEADER_LEN + PPP_CHANNEL_FRAME_MAX];

	memcpy(frame.destination, own, sizeof(own));
	memcpy(frame.source, kernel, sizeof(kernel));
	assert_true(pppoe_encode(&frame, bytes));
	memcpy(bytes + PPPOE_HEADER_LEN, payload, len);
	assert_int_equal(write(side->fd, bytes, PPPOE_HEADER_LEN + len), PPPOE_HEADER_LEN + len);
}

static size_t kernel_gets(struct side *side, uint8_t *payload, size_t room)
{
	uint8_t bytes[PPPOE_HEADER_LEN + PPP_CHANNEL_FRAME_MAX];
	ssize_t len = read(side->fd, bytes, sizeof(bytes));
	struct pppoe_frame frame;

	if (len < 0)
		return 0;
	assert_true(pppoe_decode(bytes, (size_t)len, &frame));
	assert_memory_equal(frame.destination, kernel, sizeof(kernel));
	assert_memory_equal(frame.source, own, sizeof(own));
	assert_int_equal(frame.session, 0xabcd);
	assert_int_equal(len, PPPOE_HEADER_LEN + frame.payload_len);
	memcpy(payload, frame.payload, MIN(frame.payload_len, room));
	return frame.payload_len;
}

static void frames_come_with_address_and_control(void **state)
{
	struct side *side = *state;

	kernel_sends(side, 0xabcd, lcp + 2, sizeof(lcp) - 2);
	run_ready(side->loop);
	assert_int_equal(side->frames, 1);
	assert_int_equal(side->last_len, sizeof(lcp));
	assert_memory_equal(side->last, lcp, sizeof(lcp));
}

static void frames_go_without_address_and_control(void **state)
{
	struct side *side = *state;
	uint8_t got[64];

	ppp_channel_send(side->channel, lcp, sizeof(lcp));
	assert_int_equal(kernel_gets(side, got, sizeof(got)), sizeof(lcp) - 2);
	assert_memory_equal(got, lcp + 2, sizeof(lcp) - 2);
	/* A peer that may leave them out does. */
	ppp_channel_send(side->channel, lcp + 2, sizeof(lcp) - 2);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), sizeof(lcp) - 2);
	assert_memory_equal(got, lcp + 2, sizeof(lcp) - 2);
}

/* The kernel's PPPoE drops frames with a protocol of one byte. */
static void a_short_protocol_is_written_in_full(void **state)
{
	struct side *side = *state;
	const uint8_t full[] = {0x00, 0x21, 0x45, 0x00};
	const uint8_t behind[] = {0xff, 0x03, 0x21, 0x45, 0x00};
	uint8_t got[64];

	ppp_channel_send(side->channel, full + 1, sizeof(full) - 1);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), sizeof(full));
	assert_memory_equal(got, full, sizeof(full));
	ppp_channel_send(side->channel, behind, sizeof(behind));
	assert_int_equal(kernel_gets(side, got, sizeof(got)), sizeof(full));
	assert_memory_equal(got, full, sizeof(full));
	ppp_channel_send(side->channel, full, sizeof(full));
	assert_int_equal(kernel_gets(side, got, sizeof(got)), sizeof(full));
	assert_memory_equal(got, full, sizeof(full));
}

static void a_frame_of_nothing_is_not_sent(void **state)
{
	struct side *side = *state;
	uint8_t got[64];

	ppp_channel_send(side->channel, lcp, 2);
	ppp_channel_send(side->channel, lcp, 0);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), 0);
	assert_int_equal(pppoe_link_counters(side->link).sent, 0);
}

static void the_longest_frame_passes_and_a_longer_one_does_not(void **state)
{
	struct side *side = *state;
	static uint8_t frame[PPP_CHANNEL_FRAME_MAX + 1];
	uint8_t got[64];

	frame[0] = 0x80;
	ppp_channel_send(side->channel, frame, PPP_CHANNEL_FRAME_MAX);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), PPP_CHANNEL_FRAME_MAX);
	ppp_channel_send(side->channel, frame, PPP_CHANNEL_FRAME_MAX + 1);
	assert_int_equal(kernel_gets(side, got, sizeof(got)), 0);
	assert_int_equal(pppoe_link_counters(side->link).dropped, 1);
	kernel_sends(side, 0xabcd, frame, PPP_CHANNEL_FRAME_MAX);
	run_ready(side->loop);
	assert_int_equal(side->last_len, PPP_CHANNEL_FRAME_MAX + 2);
}

static void what_is_for_no_session_is_counted_and_dropped(void **state)
{
	struct side *side = *state;
	static const uint8_t arp[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6};

	kernel_sends(side, 0xabce, lcp, sizeof(lcp));
	assert_int_equal(write(side->fd, arp, sizeof(arp)), sizeof(arp));
	kernel_sends(side, 0xabcd, lcp + 2, sizeof(lcp) - 2);
	run_ready(side->loop);
	assert_int_equal(side->frames, 1);
	assert_int_equal(pppoe_link_counters(side->link).received, 3);
	assert_int_equal(pppoe_link_counters(side->link).unknown, 1);
	assert_int_equal(pppoe_link_counters(side->link).malformed, 1);
}

static void a_full_link_drops_counts_and_recovers(void **state)
{
	struct side *side = *state;
	uint8_t got[64];

	while (!pppoe_link_counters(side->link).dropped)
		ppp_channel_send(side->channel, lcp, sizeof(lcp));
	assert_int_equal(pppoe_link_counters(side->link).last_errno, EAGAIN);
	while (kernel_gets(side, got, sizeof(got)))
		;
	ppp_channel_send(side->channel, lcp, sizeof(lcp));
	assert_int_equal(kernel_gets(side, got, sizeof(got)), sizeof(lcp) - 2);
	assert_int_equal(pppoe_link_counters(side->link).dropped, 1);
}

static void a_burst_is_read_at_once_but_not_without_end(void **state)
{
	struct side *side = *state;
	unsigned sent;

	for (sent = 0; sent < 100; sent++)
		kernel_sends(side, 0xabcd, lcp + 2, sizeof(lcp) - 2);
	ev_run(side->loop, EVRUN_NOWAIT);
	assert_true(side->frames > 1 && side->frames < sent);
	run_ready(side->loop);
	run_ready(side->loop);
	assert_int_equal(side->frames, sent);
}

static void a_channel_may_be_freed_in_its_frame(void **state)
{
	struct side *side = *state;

	side->free_in_frame = true;
	kernel_sends(side, 0xabcd, lcp, sizeof(lcp));
	kernel_sends(side, 0xabcd, lcp, sizeof(lcp));
	run_ready(side->loop);
	assert_int_equal(side->frames, 1);
	assert_int_equal(pppoe_link_counters(side->link).unknown, 1);
}

static void each_of_many_sessions_gets_its_own_frames(void **state)
{
	struct side *side = *state;
	struct side *sides = calloc(SESSIONS_MANY, sizeof(*sides));

	assert_non_null(sides);
	for (uint16_t i = 0; i < SESSIONS_MANY; i++)
		sides[i].channel =
			ppp_channel_pppoe(side->link, (uint16_t)(i * 8), &ops, &sides[i]);
	for (uint16_t i = 0; i < SESSIONS_MANY; i++) {
		kernel_sends(side, (uint16_t)(i * 8), &lcp[2], 1u + i % 6);
		run_ready(side->loop);
		assert_int_equal(sides[i].frames, 1);
		assert_int_equal(sides[i].last_len, 3u + i % 6);
	}
	assert_int_equal(side->frames, 0);
	for (uint16_t i = 0; i < SESSIONS_MANY; i++) {
		assert_int_equal(sides[i].frames, 1);
		ppp_channel_free(sides[i].channel);
	}
	kernel_sends(side, 0xabcd, lcp, sizeof(lcp));
	run_ready(side->loop);
	assert_int_equal(side->frames, 1);
	free(sides);
}

/* Else the loop would turn without end. */
static void a_link_that_is_gone_is_said_once_and_not_read_again(void **state)
{
	struct side *side = *state;

	fdio_close(&side->fd);
	for (unsigned i = 0; i < 3; i++)
		run_ready(side->loop);
	ppp_channel_send(side->channel, lcp, sizeof(lcp));
	assert_int_equal(caught_with("the link of the PPPoE sessions is gone"), 1);
	assert_int_equal(pppoe_link_counters(side->link).dropped, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_come_with_address_and_control),
		TEST(frames_go_without_address_and_control),
		TEST(a_short_protocol_is_written_in_full),
		TEST(a_frame_of_nothing_is_not_sent),
		TEST(the_longest_frame_passes_and_a_longer_one_does_not),
		TEST(what_is_for_no_session_is_counted_and_dropped),
		TEST(a_full_link_drops_counts_and_recovers),
		TEST(a_burst_is_read_at_once_but_not_without_end),
		TEST(a_channel_may_be_freed_in_its_frame),
		TEST(each_of_many_sessions_gets_its_own_frames),
		TEST(a_link_that_is_gone_is_said_once_and_not_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
