// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls of a session: their life, their races, their limits, and any mixture of them. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rrp/session_private.h"
#include "tests/unit/rrp_link.h"

static const struct tunnel_call_request request = {.phone_number = "5"};
static const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4};
static const uint8_t mppe[1404] = {0xff, 0x03, 0x00, 0xfd, 0x90, 1};

static struct tunnel_call *open_call(struct link *link)
{
	struct tunnel_call *call = session_call_open(link->client.session, &request, NULL);

	assert_non_null(call);
	return call;
}

/* A link with one connected call, and empty logs. */
static struct link *link_with_call(struct tunnel_call **ret_at_client,
				   struct tunnel_call **ret_at_server)
{
	struct link *link = link_up(10, 10);

	link->server.side.accept = true;
	*ret_at_client = open_call(link);
	link_pump(link, LINK_GLUED);
	*ret_at_server = link->server.side.calls[1];
	side_clear_log(&link->client.side);
	side_clear_log(&link->server.side);
	return link;
}

static void owner_stays_with_its_call(void **state UNUSED)
{
	struct link *link = link_up(10, 10);
	int owner, other;
	struct tunnel_call *call = session_call_open(link->client.session, &request, &owner);

	assert_ptr_equal(tunnel_call_owner(call), &owner);
	tunnel_call_set_owner(call, &other);
	assert_ptr_equal(tunnel_call_owner(call), &other);
	assert_int_equal(tunnel_call_number(call), 1);
	link_free(link);
}

static void server_answers_later(void **state UNUSED)
{
	struct link *link = link_up(10, 10);

	(void)open_call(link);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "");
	tunnel_call_accept(link->server.side.calls[1], 64000);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "accepted 1 64000;");
	link_free(link);
}

static void refused_call_is_gone_at_both(void **state UNUSED)
{
	struct link *link = link_up(10, 10);

	link->server.side.refuse = true;
	(void)open_call(link);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "refused 1 7 0;");
	assert_int_equal(session_calls(link->client.session), 0);
	assert_int_equal(session_calls(link->server.session), 0);
	link_free(link);
}

static void server_may_close_a_call_that_it_did_not_accept(void **state UNUSED)
{
	struct link *link = link_up(10, 10);

	(void)open_call(link);
	link_pump(link, LINK_GLUED);
	tunnel_call_close(link->server.side.calls[1], 2, 4);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "closed 1 2 4;");
	link_free(link);
}

static void calls_above_the_servers_limit_are_refused_busy(void **state UNUSED)
{
	struct link *link = link_up(10, 2);

	link->client.session->max_calls = 10; /* a client that does not keep to WELCOME */
	link->server.side.accept = true;
	for (unsigned i = 0; i < 3; i++)
		(void)open_call(link);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log,
			    "accepted 1 100000000;accepted 2 100000000;refused 3 4 0;");
	link_free(link);
}

static void both_may_close_at_once(void **state UNUSED)
{
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);

	tunnel_call_close(at_client, 4, 0);
	tunnel_call_close(at_server, 1, 0);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "");
	assert_string_equal(link->server.side.log, "");
	assert_int_equal(session_state(link->client.session), SESSION_UP);
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	link_free(link);
}

static void call_opened_may_cross_call_close(void **state UNUSED)
{
	struct link *link = link_up(10, 10);
	struct tunnel_call *call = open_call(link);

	link_pump(link, LINK_GLUED);
	tunnel_call_accept(link->server.side.calls[1], 64000);
	tunnel_call_send(link->server.side.calls[1], lcp, sizeof(lcp));
	tunnel_call_link_info(link->server.side.calls[1], 1, 2);
	tunnel_call_close(call, 4, 0);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "");
	assert_string_equal(link->server.side.log, "opened 1 0.0.0.0;closed 1 4 0;");
	link_free(link);
}

static void call_refused_may_cross_call_close(void **state UNUSED)
{
	struct link *link = link_up(10, 10);
	struct tunnel_call *call = open_call(link);

	link_pump(link, LINK_GLUED);
	tunnel_call_refuse(link->server.side.calls[1], 4, 0);
	tunnel_call_close(call, 4, 0);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "");
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	link_free(link);
}

static void a_call_opened_and_closed_unseen_is_both(void **state UNUSED)
{
	struct link *link = link_up(10, 10);

	tunnel_call_close(open_call(link), 4, 0);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->server.side.log, "opened 1 0.0.0.0;closed 1 4 0;");
	link_free(link);
}

static void frames_wait_for_the_call_to_be_connected(void **state UNUSED)
{
	struct link *link = link_up(10, 10);
	struct tunnel_call *call = open_call(link);

	tunnel_call_send(call, lcp, sizeof(lcp)); /* not connected: nothing happens */
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->server.side.log, "opened 1 0.0.0.0;");
	link_free(link);
}

static void frames_keep_their_order_within_a_call(void **state UNUSED)
{
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);

	tunnel_call_send(at_client, mppe, 100);
	tunnel_call_send(at_client, lcp, sizeof(lcp));
	tunnel_call_send(at_client, mppe, 101);
	tunnel_call_send(at_client, lcp, 6);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->server.side.log, "frame 1 100;frame 1 8;frame 1 101;frame 1 6;");
	link_free(link);
}

static void frame_of_any_legal_size_arrives(void **state UNUSED)
{
	static uint8_t frame[RRP_FRAME_MAX + 1];
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7);
	tunnel_call_send(at_client, frame, 1);
	tunnel_call_send(at_client, frame, RRP_FRAME_MAX);
	tunnel_call_send(at_client, frame, RRP_FRAME_MAX + 1);
	tunnel_call_send(at_client, frame, 0);
	link_pump(link, 1000);
	assert_string_equal(link->server.side.log, "frame 1 1;frame 1 8192;");
	assert_memory_equal(link->server.side.last_frame, frame, RRP_FRAME_MAX);
	assert_int_equal(tunnel_call_dropped(at_client), 2);
	link_free(link);
}

static void data_that_waits_is_dropped_oldest_first_and_counted(void **state UNUSED)
{
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);
	uint8_t frame[1404];

	memcpy(frame, mppe, sizeof(frame));
	tunnel_call_send(at_client, lcp, sizeof(lcp));
	for (unsigned i = 0; i < 200; i++) {
		frame[6] = (uint8_t)i;
		tunnel_call_send(at_client, frame, sizeof(frame));
	}
	assert_in_range(tunnel_call_dropped(at_client), 100, 120);
	link_pump(link, LINK_GLUED);
	assert_int_equal(link->server.side.frames, 201 - tunnel_call_dropped(at_client));
	assert_memory_equal(link->server.side.log, "frame 1 8;", 10);
	assert_int_equal(link->server.side.last_frame[6], 199);
	link_free(link);
}

static void a_call_with_too_many_control_frames_is_closed_from_the_loop(void **state UNUSED)
{
	static uint8_t chap[1000] = {0xc2, 0x23};
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);

	link->client.woken = false;
	for (unsigned i = 0; i < 70; i++)
		tunnel_call_send(at_client, chap, sizeof(chap));
	assert_string_equal(link->client.side.log, "");
	assert_true(link->client.woken);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "closed 1 2 4;");
	assert_non_null(strstr(link->server.side.log, "closed 1 2 4;"));
	assert_int_equal(session_state(link->client.session), SESSION_UP);
	link_free(link);
}

static void control_frames_that_wait_precede_the_close_and_data_is_dropped(void **state UNUSED)
{
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);

	tunnel_call_send(at_client, mppe, sizeof(mppe));
	tunnel_call_send(at_client, lcp, sizeof(lcp));
	tunnel_call_send(at_client, lcp, 7);
	tunnel_call_close(at_client, 4, 0);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->server.side.log, "frame 1 8;frame 1 7;closed 1 4 0;");
	link_free(link);
}

static void a_call_accepted_used_and_closed_at_once_stays_in_order(void **state UNUSED)
{
	struct link *link = link_up(10, 10);
	struct tunnel_call *call;

	(void)open_call(link);
	link_pump(link, LINK_GLUED);
	call = link->server.side.calls[1];
	tunnel_call_accept(call, 1);
	tunnel_call_send(call, lcp, sizeof(lcp));
	tunnel_call_close(call, 1, 0);
	link_pump(link, 1);
	assert_string_equal(link->client.side.log, "accepted 1 1;frame 1 8;closed 1 1 0;");
	link_free(link);
}

static void shutdown_writes_control_frames_then_goaway(void **state UNUSED)
{
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);

	tunnel_call_send(at_client, mppe, sizeof(mppe));
	tunnel_call_send(at_client, lcp, sizeof(lcp));
	session_shutdown(link->client.session);
	assert_string_equal(link->client.side.log, "closed 1 3 0;");
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->server.side.log,
			    "frame 1 8;CLOSED the other shuts down;closed 1 3 0;");
	assert_null(session_call_open(link->client.session, &request, NULL));
	link_free(link);
}

static void only_the_newest_link_info_that_waits_is_written(void **state UNUSED)
{
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);

	for (uint32_t i = 0; i < 100000; i++)
		tunnel_call_link_info(at_client, i, 0);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->server.side.log, "link_info 1 0001869f 00000000;");
	link_free(link);
}

static void two_thousand_calls_open_and_close(void **state UNUSED)
{
	struct link *link = link_up(3000, 3000);

	link->server.side.accept = true;
	for (unsigned i = 0; i < 2000; i++)
		(void)open_call(link);
	link_pump(link, LINK_GLUED);
	assert_int_equal(session_calls(link->server.session), 2000);
	for (unsigned i = 1; i <= 2000; i++)
		tunnel_call_close(link->server.side.calls[i], 1, 0);
	link_pump(link, 999);
	assert_int_equal(session_calls(link->client.session), 0);
	assert_int_equal(session_state(link->client.session), SESSION_UP);
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	link_free(link);
}

static void no_more_than_256_events_are_on_the_way(void **state UNUSED)
{
	struct link *link = link_up(3000, 3000);
	size_t offset = link->client.sent_len;

	for (unsigned i = 0; i < 1000; i++)
		(void)open_call(link);
	while (link_output(&link->client))
		;
	assert_int_equal(link_count_sent(&link->client, offset, RRP_CALL_OPEN), 256);
	assert_false(session_has_output(link->client.session));
	link->client.woken = false;
	link_feed(link, &link->server, link->client.sent + offset, link->client.sent_len - offset,
		  LINK_GLUED);
	link_pump(link, LINK_GLUED);
	assert_true(session_calls(link->server.session) == 1000);
	link_free(link);
}

static void frames_do_not_overtake_events_that_wait(void **state UNUSED)
{
	struct link *link = link_up(3000, 3000);
	size_t offset;

	for (unsigned i = 0; i < 300; i++)
		(void)open_call(link);
	link_pump(link, LINK_GLUED);
	offset = link->server.sent_len;
	for (unsigned i = 1; i <= 300; i++) {
		tunnel_call_accept(link->server.side.calls[i], 1);
		tunnel_call_send(link->server.side.calls[i], lcp, sizeof(lcp));
	}
	while (link_output(&link->server))
		;
	assert_int_equal(link_count_sent(&link->server, offset, RRP_CALL_OPENED), 256);
	assert_int_equal(link_count_sent(&link->server, offset, RRP_PPP_CTL), 0);
	link_feed(link, &link->client, link->server.sent + offset, link->server.sent_len - offset,
		  LINK_GLUED);
	link_pump(link, LINK_GLUED);
	assert_int_equal(link->client.side.frames, 300);
	link_free(link);
}

/* The peer reads but never acknowledges. */
static void events_that_are_never_acknowledged_end_the_tunnel(void **state UNUSED)
{
	struct link *link = link_up(1, 0);
	const struct rrp_call_open open = {.family = RRP_FAMILY_IPV4};
	uint32_t number = 0;

	while (session_state(link->server.session) == SESSION_UP && number < 100000) {
		uint8_t bytes[128];
		struct byte_writer out = wr_init(bytes, sizeof(bytes));
		size_t frame;

		number++;
		frame = rrp_frame_begin(&out, RRP_CALL_OPEN, number, number);
		rrp_call_open_write(&out, &open);
		rrp_frame_end(&out, frame);
		link_feed(link, &link->server, bytes, wr_len(&out), LINK_GLUED);
		(void)link_output(&link->server);
	}
	assert_in_range(number, 2000, 10000);
	assert_non_null(strstr(link->server.side.log, "OVERFLOW expected ACK, got none for 256"));
	assert_int_equal(link_count_sent(&link->server, 0, RRP_ERROR), 1);
	link_free(link);
}

/* 2,000 at once, without a word read: each is answered, and the tunnel stays. */
static void two_thousand_call_opens_in_one_piece_are_all_answered(void **state UNUSED)
{
	struct link *link = link_up(1, 5);
	const struct rrp_call_open open = {.family = RRP_FAMILY_IPV4};
	uint8_t *bytes = malloc(2000 * 64);
	struct byte_writer out = wr_init(bytes, 2000 * 64);

	for (uint32_t i = 1; i <= 2000; i++) {
		size_t frame = rrp_frame_begin(&out, RRP_CALL_OPEN, i, i);

		rrp_call_open_write(&out, &open);
		rrp_frame_end(&out, frame);
	}
	assert_false(wr_failed(&out));
	link_feed(link, &link->server, bytes, wr_len(&out), LINK_GLUED);
	while (link_output(&link->server))
		;
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	assert_int_equal(session_calls(link->server.session), 5);
	assert_int_equal(link->server.session->event_last, 1995);
	free(bytes);
	link_free(link);
}

static void a_flood_of_opens_leaves_room_for_closes(void **state UNUSED)
{
	struct link *link = link_up(100, 100);
	unsigned opened = 0;

	/* The peer reads nothing: opening stops, closing goes on, the tunnel stays. */
	for (unsigned i = 0; i < 100000; i++) {
		struct tunnel_call *call = session_call_open(link->client.session, &request, NULL);

		if (!call)
			continue;
		opened++;
		tunnel_call_close(call, 4, 0);
	}
	assert_in_range(opened, 100, 2000);
	(void)link_output(&link->client);
	assert_string_equal(link->client.side.log, "");
	assert_int_equal(session_state(link->client.session), SESSION_UP);
	link_free(link);
}

static void ipv6_clients_are_refused_and_the_tunnel_stays(void **state UNUSED)
{
	struct link *link = link_up(10, 10);
	const struct rrp_call_open open = {.family = RRP_FAMILY_IPV6};
	size_t offset = link->server.sent_len;
	uint8_t bytes[128];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	size_t frame = rrp_frame_begin(&out, RRP_CALL_OPEN, 1, 1);

	rrp_call_open_write(&out, &open);
	rrp_frame_end(&out, frame);
	link_feed(link, &link->server, bytes, wr_len(&out), 1);
	(void)link_output(&link->server);
	assert_int_equal(link_count_sent(&link->server, offset, RRP_CALL_REFUSED), 1);
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	link_free(link);
}

static void close_call_hook(struct side *side, const char *callback, struct tunnel_call *call)
{
	if (strcmp(callback, side->hook_context) == 0)
		tunnel_call_close(call, 2, 0);
}

static void a_call_may_be_closed_in_each_of_its_callbacks(void **state UNUSED)
{
	static char names[][16] = {"call_opened", "call_accepted", "frame", "link_info"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct link *link = link_up(10, 10);
		struct side *server = &link->server.side, *client = &link->client.side;
		struct tunnel_call *call;

		server->accept = true;
		server->hook = client->hook = close_call_hook;
		server->hook_context = client->hook_context = names[i];
		call = open_call(link);
		link_pump(link, LINK_GLUED);
		if (session_calls(link->client.session)) {
			tunnel_call_send(call, lcp, sizeof(lcp));
			tunnel_call_link_info(call, 1, 2);
		}
		link_pump(link, LINK_GLUED);
		assert_int_equal(session_calls(link->client.session), 0);
		assert_int_equal(session_calls(link->server.session), 0);
		link_free(link);
	}
}

static void ask_everything_hook(struct side *side UNUSED, const char *callback,
				struct tunnel_call *call)
{
	if (strcmp(callback, "call_closed") != 0 && strcmp(callback, "call_refused") != 0)
		return;
	tunnel_call_send(call, lcp, sizeof(lcp));
	tunnel_call_link_info(call, 1, 2);
	tunnel_call_accept(call, 1);
	tunnel_call_refuse(call, 2, 0);
	tunnel_call_close(call, 2, 0);
	(void)tunnel_call_owner(call);
	(void)tunnel_call_dropped(call);
	assert_int_equal(tunnel_call_number(call), 1);
}

static void a_call_in_its_last_callback_does_nothing(void **state UNUSED)
{
	struct tunnel_call *at_client, *at_server;
	struct link *link = link_with_call(&at_client, &at_server);
	size_t offset;

	link->server.side.hook = ask_everything_hook;
	tunnel_call_close(at_client, 4, 0);
	offset = link->server.sent_len;
	link_pump(link, LINK_GLUED);
	assert_int_equal(link_count_sent(&link->server, offset, RRP_ACK) * RRP_HEADER_LEN,
			 link->server.sent_len - offset - 4);
	link_free(link);
	link = link_up(10, 10);
	link->client.side.hook = ask_everything_hook;
	link->server.side.refuse = true;
	(void)open_call(link);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "refused 1 7 0;");
	link_free(link);
}

static void close_all_hook(struct side *side, const char *callback, struct tunnel_call *call UNUSED)
{
	if (strcmp(callback, "call_closed") != 0)
		return;
	for (unsigned i = 0; i < SIDE_CALLS_MAX; i++) {
		struct tunnel_call *other = side->calls[i];

		side->calls[i] = NULL;
		if (other)
			tunnel_call_close(other, 1, 0);
	}
}

static void calls_may_be_closed_while_all_are_being_closed(void **state UNUSED)
{
	struct link *link = link_up(10, 10);

	link->server.side.accept = true;
	for (unsigned i = 0; i < 5; i++)
		(void)open_call(link);
	link_pump(link, LINK_GLUED);
	side_clear_log(&link->server.side);
	link->server.side.hook = close_all_hook;
	session_lost(link->server.session, "reset");
	assert_string_equal(link->server.side.log, "LOST reset;closed 1 1 0;");
	assert_int_equal(session_calls(link->server.session), 0);
	link_free(link);
}

/* A small generator of our own, so that a failing seed can be run again anywhere. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

struct mixture {
	struct link *link;
	uint32_t seed;
	uint32_t sent[2][SIDE_CALLS_MAX]; /* last number in a frame, by direction and call */
	uint32_t seen[2][SIDE_CALLS_MAX];
};

static void mixture_hook(struct side *side, const char *callback, struct tunnel_call *call)
{
	struct mixture *mixture = side->hook_context;
	unsigned direction = side == &mixture->link->server.side ? 0 : 1;
	struct byte_reader in;
	uint32_t number;

	if (strcmp(callback, "call_accepted") == 0)
		side->calls[tunnel_call_number(call)] = call;
	if (strcmp(callback, "frame") != 0)
		return;
	in = rd_init(side->last_frame, side->last_len);
	rd_skip(&in, 4);
	number = rd_u32(&in);
	assert_false(rd_failed(&in));
	/* In order, and each only once. */
	assert_true(number > mixture->seen[direction][tunnel_call_number(call)]);
	mixture->seen[direction][tunnel_call_number(call)] = number;
}

static void send_numbered(struct mixture *mixture, struct side *side, struct tunnel_call *call)
{
	unsigned direction = side == &mixture->link->client.side ? 0 : 1;
	uint8_t bytes[1500];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	bool is_control = next_random(&mixture->seed) % 8 == 0;

	wr_u32(&out, is_control ? 0xff03c021 : 0xff0300fd);
	wr_u32(&out, ++mixture->sent[direction][tunnel_call_number(call)]);
	wr_zero(&out, next_random(&mixture->seed) % 1400);
	tunnel_call_send(call, bytes, wr_len(&out));
}

/* One thing that an owner may do, with one of its calls. */
static void act(struct mixture *mixture, struct link_end *end)
{
	struct side *side = &end->side;
	uint32_t number = next_random(&mixture->seed) % 64;
	struct tunnel_call *call = side->calls[number];

	switch (next_random(&mixture->seed) % 16) {
	case 0:
	case 1:
	case 2:
		if (end != &mixture->link->client)
			return;
		call = session_call_open(end->session, &request, NULL);
		if (call)
			side->calls[tunnel_call_number(call)] = call;
		return;
	case 3:
		if (call) {
			side->calls[number] = NULL;
			tunnel_call_close(call, 4, 0);
		}
		return;
	case 4:
		if (call)
			tunnel_call_link_info(call, number, 0);
		return;
	case 5:
		if (call && end == &mixture->link->server) {
			side->calls[number] = NULL;
			tunnel_call_refuse(call, 4, 0);
		}
		return;
	default:
		if (call && call->state == CALL_OPENING)
			tunnel_call_accept(call, 1);
		else if (call)
			send_numbered(mixture, side, call);
	}
}

/* Some bytes of what an end wrote, as a stream would deliver them. */
struct wire {
	size_t delivered;
};

static void deliver(struct mixture *mixture, struct link_end *from, struct link_end *to,
		    struct wire *wire)
{
	size_t waiting, some;

	if (next_random(&mixture->seed) % 2)
		(void)link_output(from);
	waiting = from->sent_len - wire->delivered;
	some = waiting ? next_random(&mixture->seed) % (waiting + 1) : 0;
	link_feed(mixture->link, to, from->sent + wire->delivered, some,
		  1 + next_random(&mixture->seed) % 2000);
	wire->delivered += some;
}

static void run_mixture(uint32_t seed)
{
	struct mixture *mixture = calloc(1, sizeof(*mixture));
	struct link *link = link_up(20, 15);
	struct wire up = {link->client.sent_len}, down = {link->server.sent_len};

	mixture->link = link;
	mixture->seed = seed;
	link->client.session->max_calls = 20;
	link->client.side.hook = link->server.side.hook = mixture_hook;
	link->client.side.hook_context = link->server.side.hook_context = mixture;
	for (unsigned i = 0; i < 300; i++) {
		act(mixture, &link->client);
		act(mixture, &link->server);
		deliver(mixture, &link->client, &link->server, &up);
		deliver(mixture, &link->server, &link->client, &down);
	}
	link_feed(link, &link->server, link->client.sent + up.delivered,
		  link->client.sent_len - up.delivered, LINK_GLUED);
	link_feed(link, &link->client, link->server.sent + down.delivered,
		  link->server.sent_len - down.delivered, LINK_GLUED);
	link_pump(link, LINK_GLUED);
	if (session_state(link->client.session) != SESSION_UP ||
	    session_state(link->server.session) != SESSION_UP)
		fail_msg("seed %u: '%s' '%s'", seed, link->client.side.log, link->server.side.log);
	assert_int_equal(session_calls(link->client.session), session_calls(link->server.session));
	assert_int_equal(link->client.session->event_acked, link->client.session->event_last);
	assert_int_equal(link->server.session->event_acked, link->server.session->event_last);
	assert_int_equal(link->client.session->event_last, link->server.session->event_seen);
	link_free(link);
	free(mixture);
}

static void any_mixture_of_acts_keeps_both_ends_in_step(void **state UNUSED)
{
	for (uint32_t seed = 1; seed <= 300; seed++)
		run_mixture(seed * 2654435761U);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owner_stays_with_its_call),
		cmocka_unit_test(server_answers_later),
		cmocka_unit_test(refused_call_is_gone_at_both),
		cmocka_unit_test(server_may_close_a_call_that_it_did_not_accept),
		cmocka_unit_test(calls_above_the_servers_limit_are_refused_busy),
		cmocka_unit_test(both_may_close_at_once),
		cmocka_unit_test(call_opened_may_cross_call_close),
		cmocka_unit_test(call_refused_may_cross_call_close),
		cmocka_unit_test(a_call_opened_and_closed_unseen_is_both),
		cmocka_unit_test(frames_wait_for_the_call_to_be_connected),
		cmocka_unit_test(frames_keep_their_order_within_a_call),
		cmocka_unit_test(frame_of_any_legal_size_arrives),
		cmocka_unit_test(data_that_waits_is_dropped_oldest_first_and_counted),
		cmocka_unit_test(a_call_with_too_many_control_frames_is_closed_from_the_loop),
		cmocka_unit_test(control_frames_that_wait_precede_the_close_and_data_is_dropped),
		cmocka_unit_test(a_call_accepted_used_and_closed_at_once_stays_in_order),
		cmocka_unit_test(shutdown_writes_control_frames_then_goaway),
		cmocka_unit_test(only_the_newest_link_info_that_waits_is_written),
		cmocka_unit_test(two_thousand_calls_open_and_close),
		cmocka_unit_test(no_more_than_256_events_are_on_the_way),
		cmocka_unit_test(frames_do_not_overtake_events_that_wait),
		cmocka_unit_test(events_that_are_never_acknowledged_end_the_tunnel),
		cmocka_unit_test(two_thousand_call_opens_in_one_piece_are_all_answered),
		cmocka_unit_test(a_flood_of_opens_leaves_room_for_closes),
		cmocka_unit_test(ipv6_clients_are_refused_and_the_tunnel_stays),
		cmocka_unit_test(a_call_may_be_closed_in_each_of_its_callbacks),
		cmocka_unit_test(a_call_in_its_last_callback_does_nothing),
		cmocka_unit_test(calls_may_be_closed_while_all_are_being_closed),
		cmocka_unit_test(any_mixture_of_acts_keeps_both_ends_in_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
