// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions: hello exchange, framing of the stream, events, keepalive, and what breaks the rules. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/rrp_link.h"
#include "tests/unit/vectors.h"

static const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4};

/* A frame that the test itself sends. */
struct raw {
	uint8_t bytes[512];
	struct byte_writer out;
	size_t frame;
};

static struct byte_writer *raw_begin(struct raw *raw, enum rrp_type type, uint32_t call,
				     uint32_t event)
{
	raw->out = wr_init(raw->bytes, sizeof(raw->bytes));
	raw->frame = rrp_frame_begin(&raw->out, type, call, event);
	return &raw->out;
}

static void raw_feed(struct link *link, struct link_end *to, struct raw *raw)
{
	rrp_frame_end(&raw->out, raw->frame);
	assert_false(wr_failed(&raw->out));
	link_feed(link, to, raw->bytes, wr_len(&raw->out), LINK_GLUED);
}

static void feed_hello(struct link *link, uint16_t lowest, uint16_t highest)
{
	const struct rrp_hello hello = {.lowest = lowest, .highest = highest, .name = "raw"};
	struct raw raw;

	rrp_hello_write(raw_begin(&raw, RRP_HELLO, 0, 0), &hello);
	raw_feed(link, &link->server, &raw);
}

static void feed_call_open(struct link *link, uint32_t number, uint32_t event, uint8_t family)
{
	const struct rrp_call_open open = {.family = family, .address = {192, 0, 2, 7}};
	struct raw raw;

	rrp_call_open_write(raw_begin(&raw, RRP_CALL_OPEN, number, event), &open);
	raw_feed(link, &link->server, &raw);
}

static void feed_call_close(struct link *link, struct link_end *to, uint32_t number, uint32_t event)
{
	const struct rrp_result result = {.result = 4};
	struct raw raw;

	rrp_call_close_write(raw_begin(&raw, RRP_CALL_CLOSE, number, event), &result);
	raw_feed(link, to, &raw);
}

static void feed_call_opened(struct link *link, uint32_t number, uint32_t event)
{
	struct raw raw;

	rrp_call_opened_write(raw_begin(&raw, RRP_CALL_OPENED, number, event), 64000);
	raw_feed(link, &link->client, &raw);
}

static void feed_ppp(struct link *link, struct link_end *to, uint32_t number)
{
	struct raw raw;

	wr_copy(raw_begin(&raw, RRP_PPP_CTL, number, 0), lcp, sizeof(lcp));
	raw_feed(link, to, &raw);
}

static void feed_ack(struct link *link, struct link_end *to, uint32_t event)
{
	struct raw raw;

	rrp_ack_write(raw_begin(&raw, RRP_ACK, 0, 0), event);
	raw_feed(link, to, &raw);
}

/* A server after its hello exchange with the test. */
static struct link *raw_server(unsigned max_calls)
{
	struct link *link = link_new(1, max_calls);

	feed_hello(link, 1, 1);
	(void)link_output(&link->server);
	assert_string_equal(link->server.side.log, "UP raw, version 1;up raw;");
	side_clear_log(&link->server.side);
	return link;
}

/* The end noticed the fault `text`, told the peer in its last frame, and ignores what comes. */
static void assert_fault(struct link *link, struct link_end *end, const char *text)
{
	size_t offset = end->sent_len;
	char expected[256];

	(void)snprintf(expected, sizeof(expected), "PROTOCOL %s;", text);
	if (strncmp(end->side.log, expected, strlen(expected)) != 0)
		fail_msg("expected '%s', got '%s'", expected, end->side.log);
	assert_int_equal(session_state(end->session), SESSION_LINGER);
	(void)link_output(end);
	assert_int_equal(link_count_sent(end, offset, RRP_ERROR), 1);
	assert_memory_equal(end->sent + end->sent_len - strlen(text), text, strlen(text));
	side_clear_log(&end->side);
	feed_ppp(link, end, 77);
	feed_hello(link, 1, 1);
	assert_string_equal(end->side.log, "");
	assert_int_equal(link_output(end), 0);
}

static void hello_exchange_brings_both_up(void **state UNUSED)
{
	struct link *link = link_new(10, 10);

	assert_int_equal(session_state(link->client.session), SESSION_HELLO);
	assert_int_equal(link_output(&link->server), 0);
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log, "UP rrp, version 1;up rrp;");
	assert_string_equal(link->server.side.log, "UP lrp, version 1;up lrp;");
	link_free(link);
}

static void each_end_sends_one_frame_that_nobody_knows(void **state UNUSED)
{
	struct link *link = link_up(10, 10);
	struct link_end *ends[] = {&link->client, &link->server};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		unsigned grease = 0;

		for (unsigned type = RRP_GREASE_FIRST; type <= 0xff; type++)
			grease += link_count_sent(ends[i], 0, (uint8_t)type);
		assert_int_equal(grease, 1);
	}
	link_free(link);
}

static void server_takes_one_of_the_versions_offered(void **state UNUSED)
{
	struct link *link = link_new(1, 1);

	feed_hello(link, 0, 9);
	assert_string_equal(link->server.side.log, "UP raw, version 1;up raw;");
	link_free(link);
}

static void server_refuses_when_no_version_is_common(void **state UNUSED)
{
	struct link *link = link_new(1, 1);

	feed_hello(link, 2, 3);
	assert_string_equal(link->server.side.log,
			    "PROTOCOL HELLO: expected version 1, got 2 to 3;");
	(void)link_output(&link->server);
	assert_int_equal(link->server.sent[RRP_HEADER_LEN + 1], RRP_ERROR_VERSION);
	link_feed(link, &link->client, link->server.sent, link->server.sent_len, 1);
	assert_string_equal(link->client.side.log,
			    "REFUSED HELLO: expected version 1, got 2 to 3;");
	assert_int_equal(session_state(link->client.session), SESSION_OVER);
	link_free(link);
}

static void client_refuses_a_version_or_feature_that_it_did_not_offer(void **state UNUSED)
{
	static const struct {
		uint16_t version;
		uint32_t features;
	} rows[] = {{2, 0}, {0, 0}, {1, 4}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct rrp_welcome welcome = {
			.version = rows[i].version,
			.features = rows[i].features,
		};
		struct link *link = link_new(1, 1);
		struct raw raw;

		rrp_welcome_write(raw_begin(&raw, RRP_WELCOME, 0, 0), &welcome);
		raw_feed(link, &link->client, &raw);
		assert_non_null(strstr(link->client.side.log, "PROTOCOL WELCOME: expected"));
		assert_int_equal(session_state(link->client.session), SESSION_LINGER);
		link_free(link);
	}
}

static void client_keeps_to_the_calls_that_the_server_allows(void **state UNUSED)
{
	const struct tunnel_call_request request = {.phone_number = ""};
	struct link *link = link_up(10, 2);

	assert_non_null(session_call_open(link->client.session, &request, NULL));
	assert_non_null(session_call_open(link->client.session, &request, NULL));
	assert_null(session_call_open(link->client.session, &request, NULL));
	link_free(link);
}

static void text_of_error_is_made_printable(void **state UNUSED)
{
	struct link *link = raw_server(1);
	struct raw raw;

	rrp_error_write(raw_begin(&raw, RRP_ERROR, 0, 0), 99, "a\nb\x1b[2J\xff");
	raw_feed(link, &link->server, &raw);
	assert_string_equal(link->server.side.log, "REFUSED a?b?[2J?;");
	assert_int_equal(session_state(link->server.session), SESSION_OVER);
	link_free(link);
}

/* Everything that a good session does, the client's part; the peer answers by itself. */
static void play(struct link *link, size_t chunk)
{
	const struct tunnel_call_request request = {
		.client = {.s_addr = htonl(0xc0000207)},
		.client_call_id = 9,
		.phone_number = "1\n2",
		.subaddress = "s",
	};
	struct tunnel_call *one, *two;

	link->server.side.accept = true;
	link->server.side.echo = true;
	link_pump(link, chunk);
	one = session_call_open(link->client.session, &request, NULL);
	two = session_call_open(link->client.session, &request, NULL);
	link_pump(link, chunk);
	assert_string_equal(link->server.side.last_request.phone_number, "1?2");
	tunnel_call_send(one, lcp, sizeof(lcp));
	tunnel_call_send(two, lcp, sizeof(lcp) - 1);
	tunnel_call_link_info(one, 0xffffffff, 1);
	link_pump(link, chunk);
	tunnel_call_close(one, 4, 0);
	tunnel_call_close(link->server.side.calls[2], 2, 6);
	link_pump(link, chunk);
	session_shutdown(link->client.session);
	link_pump(link, chunk);
}

static const char played_client[] = "UP rrp, version 1;up rrp;accepted 1 100000000;"
				    "accepted 2 100000000;frame 1 8;frame 2 7;closed 2 2 6;";
static const char played_server[] =
	"UP lrp, version 1;up lrp;opened 1 192.0.2.7;opened 2 192.0.2.7;"
	"link_info 1 ffffffff 00000001;frame 1 8;frame 2 7;closed 1 4 0;"
	"CLOSED the other shuts down;";

/* In this replay the server does not close call 2 itself. */
static const char cut_server[] = "UP lrp, version 1;up lrp;opened 1 192.0.2.7;opened 2 192.0.2.7;"
				 "link_info 1 ffffffff 00000001;frame 1 8;frame 2 7;closed 1 4 0;"
				 "CLOSED the other shuts down;closed 2 3 0;";

static void pieces_of_any_size_make_the_same_session(void **state UNUSED)
{
	static const size_t chunks[] = {1, 2, 3, 7, 8, 9, 11, 12, 13, 50, 100, LINK_GLUED};

	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++) {
		struct link *link = link_new(10, 10);

		play(link, chunks[i]);
		assert_string_equal(link->client.side.log, played_client);
		assert_string_equal(link->server.side.log, played_server);
		link_free(link);
	}
}

/* An end's bytes but its ACKs, which mean nothing to a peer that has not answered yet. */
static size_t copy_without_acks(const struct link_end *end, uint8_t *out)
{
	size_t offset = 0, len = 0;

	while (offset < end->sent_len) {
		struct byte_reader in = rd_init(end->sent + offset, end->sent_len - offset);
		struct rrp_header header = rrp_header_read(&in);
		size_t size = RRP_HEADER_LEN + (size_t)header.length;

		if (header.type != RRP_ACK) {
			memcpy(out + len, end->sent + offset, size);
			len += size;
		}
		offset += size;
	}
	return len;
}

/* What the client wrote, to a fresh server, cut in two at every byte. */
static void a_cut_anywhere_makes_the_same_session(void **state UNUSED)
{
	struct link *played = link_new(10, 10);
	uint8_t *bytes;
	size_t len;

	play(played, LINK_GLUED);
	bytes = malloc(played->client.sent_len);
	len = copy_without_acks(&played->client, bytes);
	for (size_t cut = 0; cut <= len; cut++) {
		struct link *link = link_new(10, 10);
		struct link_end *server = &link->server;

		server->side.accept = true;
		link_feed(link, server, bytes, cut, LINK_GLUED);
		link_feed(link, server, bytes + cut, len - cut, LINK_GLUED);
		assert_string_equal(server->side.log, cut_server);
		link_free(link);
	}
	free(bytes);
	link_free(played);
}

static void ack_of_an_event_never_sent_is_a_fault(void **state UNUSED)
{
	struct link *link = raw_server(1);

	feed_ack(link, &link->server, 1);
	assert_fault(link, &link->server, "ACK: expected at most event 0, got 1");
	link_free(link);
}

/* A client that does not wait for WELCOME breaks the rules, but must not make the server do so. */
static void welcome_or_error_is_the_servers_first_frame(void **state UNUSED)
{
	struct link *link = link_new(1, 1);

	feed_hello(link, 1, 1);
	feed_call_open(link, 1, 1, RRP_FAMILY_IPV4);
	(void)link_output(&link->server);
	assert_int_equal(link->server.sent[0], RRP_WELCOME);
	assert_int_equal(link_count_sent(&link->server, 0, RRP_ACK), 1);
	link_free(link);
	link = link_new(1, 1);
	feed_hello(link, 1, 1);
	feed_call_open(link, 1, 1, RRP_FAMILY_IPV4);
	feed_ack(link, &link->server, 9);
	(void)link_output(&link->server);
	assert_int_equal(link->server.sent[0], RRP_ERROR);
	assert_int_equal(link_count_sent(&link->server, 0, RRP_ACK), 0);
	link_free(link);
}

static void a_gap_in_events_is_a_fault(void **state UNUSED)
{
	struct link *link = raw_server(2);

	feed_call_open(link, 1, 1, RRP_FAMILY_IPV4);
	side_clear_log(&link->server.side);
	feed_call_open(link, 2, 3, RRP_FAMILY_IPV4);
	assert_fault(link, &link->server, "CALL_OPEN: expected event 2, got 3");
	link_free(link);
}

static void event_zero_is_a_fault(void **state UNUSED)
{
	struct link *link = raw_server(1);

	feed_call_open(link, 1, 0, RRP_FAMILY_IPV4);
	assert_fault(link, &link->server, "CALL_OPEN: expected event 1, got 0");
	link_free(link);
}

static void an_event_that_came_before_is_dropped_and_acknowledged_again(void **state UNUSED)
{
	struct link *link = raw_server(9);
	size_t offset;

	feed_call_open(link, 1, 1, RRP_FAMILY_IPV4);
	(void)link_output(&link->server);
	side_clear_log(&link->server.side);
	offset = link->server.sent_len;
	feed_call_open(link, 2, 1, RRP_FAMILY_IPV4);
	assert_string_equal(link->server.side.log, "");
	(void)link_output(&link->server);
	assert_int_equal(link_count_sent(&link->server, offset, RRP_ACK), 1);
	assert_int_equal(session_calls(link->server.session), 1);
	link_free(link);
}

static void events_that_came_together_are_acknowledged_once(void **state UNUSED)
{
	struct link *link = raw_server(9);
	size_t offset = link->server.sent_len;
	struct rrp_frame frame;

	for (uint32_t i = 1; i <= 5; i++)
		feed_call_open(link, i, i, RRP_FAMILY_IPV4);
	(void)link_output(&link->server);
	assert_true(link_sent_frame(&link->server, &offset, RRP_READER_CLIENT, &frame));
	assert_int_equal(frame.header.type, RRP_ACK);
	assert_int_equal(frame.payload[3], 5);
	assert_false(link_sent_frame(&link->server, &offset, RRP_READER_CLIENT, &frame));
	link_free(link);
}

static void a_skipped_event_counts(void **state UNUSED)
{
	const uint8_t skipped[] = {0x24, 3, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1};
	struct link *link = raw_server(9);

	link_feed(link, &link->server, skipped, sizeof(skipped), 1);
	feed_call_open(link, 1, 2, RRP_FAMILY_IPV4);
	assert_string_equal(link->server.side.log, "opened 1 192.0.2.7;");
	link_free(link);
}

static void skippable_frames_are_ignored_to_the_largest(void **state UNUSED)
{
	static uint8_t large[RRP_HEADER_LEN + RRP_LENGTH_MAX] = {0xf3, 3, 0x40, 0x00};
	struct link *link = raw_server(9);

	link_feed(link, &link->server, large, sizeof(large), 1000);
	link_feed(link, &link->server, large, sizeof(large), LINK_GLUED);
	assert_string_equal(link->server.side.log, "");
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	link_free(link);
}

static void call_numbers_only_rise(void **state UNUSED)
{
	struct link *link = raw_server(9);

	feed_call_open(link, 7, 1, RRP_FAMILY_IPV4);
	feed_call_close(link, &link->server, 7, 2);
	side_clear_log(&link->server.side);
	feed_call_open(link, 7, 3, RRP_FAMILY_IPV4);
	assert_fault(link, &link->server, "CALL_OPEN: expected a call above 7, got 7");
	link_free(link);
}

static void frames_of_a_call_that_never_was_are_a_fault(void **state UNUSED)
{
	struct link *link = raw_server(9);

	feed_ppp(link, &link->server, 1);
	assert_fault(link, &link->server, "PPP_CTL: expected a call up to 0, got 1");
	link_free(link);
	link = raw_server(9);
	feed_call_close(link, &link->server, 3, 1);
	assert_fault(link, &link->server, "CALL_CLOSE: expected a call up to 0, got 3");
	link_free(link);
	link = link_up(9, 9);
	feed_call_opened(link, 5, 1);
	assert_fault(link, &link->client, "CALL_OPENED: expected a call up to 0, got 5");
	link_free(link);
}

static void frames_of_a_call_that_has_ended_are_ignored(void **state UNUSED)
{
	struct link *link = raw_server(9);

	feed_call_open(link, 4, 1, RRP_FAMILY_IPV4);
	feed_call_close(link, &link->server, 4, 2);
	side_clear_log(&link->server.side);
	feed_ppp(link, &link->server, 4);
	feed_ppp(link, &link->server, 2);
	feed_call_close(link, &link->server, 4, 3);
	assert_string_equal(link->server.side.log, "");
	assert_int_equal(session_state(link->server.session), SESSION_UP);
	link_free(link);
}

static void ppp_of_a_call_that_is_opening_is_a_fault(void **state UNUSED)
{
	struct link *link = raw_server(9);

	feed_call_open(link, 1, 1, RRP_FAMILY_IPV4);
	side_clear_log(&link->server.side);
	feed_ppp(link, &link->server, 1);
	assert_fault(link, &link->server, "PPP_CTL: expected a call that is connected, got call 1");
	link_free(link);
}

static void a_second_call_opened_is_a_fault(void **state UNUSED)
{
	const struct tunnel_call_request request = {.phone_number = ""};
	struct link *link = link_up(9, 9);

	assert_non_null(session_call_open(link->client.session, &request, NULL));
	feed_call_opened(link, 1, 1);
	side_clear_log(&link->client.side);
	feed_call_opened(link, 1, 2);
	assert_fault(link, &link->client,
		     "CALL_OPENED: expected a call that is opening, got call 1");
	link_free(link);
}

static void a_fault_closes_calls_with_lost_carrier(void **state UNUSED)
{
	struct link *link = raw_server(9);

	feed_call_open(link, 1, 1, RRP_FAMILY_IPV4);
	feed_call_open(link, 2, 2, RRP_FAMILY_IPV4);
	side_clear_log(&link->server.side);
	feed_ack(link, &link->server, 9);
	assert_string_equal(link->server.side.log, "PROTOCOL ACK: expected at most event 0, got 9;"
						   "closed 1 1 0;closed 2 1 0;");
	link_free(link);
}

/* The reader for whom a vector is made, and the fault that it must meet there. */
static void every_bad_start_is_answered_with_error(void **state UNUSED)
{
	static const struct {
		const char *vector;
		enum tunnel_role role;
		bool up;
		const char *text;
	} rows[] = {
		{"bad-http", TUNNEL_SERVER, false, "expected HELLO, got bytes 47 45 54 20 (GET )"},
		{"bad-tls", TUNNEL_SERVER, false,
		 "expected HELLO, got TLS: it has `security tls`, the default, and "
		 "`rrp-security plain` is set here; both need the same"},
		{"bad-tls-alert", TUNNEL_CLIENT, false,
		 "expected WELCOME, got TLS: the server has `rrp-security tls`, the default, and "
		 "`security plain` is set here; both need the same"},
		{"bad-pptp", TUNNEL_SERVER, false, "expected HELLO, got bytes 00 9c 00 01 (....)"},
		{"bad-ssh", TUNNEL_CLIENT, false, "expected WELCOME, got bytes 53 53 48 2d (SSH-)"},
		{"bad-hello-magic", TUNNEL_SERVER, false,
		 "expected magic 52 52 50 b1, got bytes 52 51 (RQ)"},
		{"bad-hello-long", TUNNEL_SERVER, false,
		 "HELLO: expected length 45 to 4096, got 4097"},
		{"bad-call-open-first", TUNNEL_SERVER, false, "expected HELLO, got CALL_OPEN"},
		{"bad-hello-to-client", TUNNEL_CLIENT, false, "expected WELCOME, got HELLO"},
		{"bad-hello-name", TUNNEL_SERVER, false,
		 "HELLO: expected legal values, got others in 48 bytes"},
		{"bad-hello-again", TUNNEL_SERVER, true,
		 "HELLO is not for the server after the hello exchange"},
		{"bad-call-open-to-client", TUNNEL_CLIENT, true,
		 "CALL_OPEN is not for the client after the hello exchange"},
		{"bad-type-unknown", TUNNEL_SERVER, true, "expected a known type, got 0x30"},
		{"bad-type-zero", TUNNEL_SERVER, true, "expected a known type, got 0x00"},
		{"bad-flags", TUNNEL_SERVER, true, "PING: expected flags 0 to 3, got 0x04"},
		{"bad-event-unnumbered", TUNNEL_SERVER, true,
		 "CALL_CLOSE: expected an event number, got none"},
		{"bad-ack-numbered", TUNNEL_SERVER, true,
		 "ACK: expected no sequence number, got one"},
		{"bad-ppp-long", TUNNEL_SERVER, true,
		 "PPP_DATA: expected length 1 to 8192, got 8193"},
		{"bad-skip-long", TUNNEL_SERVER, true,
		 "type 0xf0: expected length 0 to 16384, got 16385"},
		{"bad-call-zero", TUNNEL_SERVER, true, "PPP_DATA: expected call not 0, got 0"},
		{"bad-call-open-text", TUNNEL_SERVER, true,
		 "CALL_OPEN: expected legal values, got others in 45 bytes"},
		{"bad-close-result", TUNNEL_SERVER, true,
		 "CALL_CLOSE: expected legal values, got others in 2 bytes"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct link *link = rows[i].up ? link_up(9, 9) : link_new(9, 9);
		struct link_end *end =
			rows[i].role == TUNNEL_CLIENT ? &link->client : &link->server;
		uint8_t bytes[256];
		char file[64];
		size_t len;

		(void)snprintf(file, sizeof(file), "rrp/%s.hex", rows[i].vector);
		len = vector_read(file, bytes, sizeof(bytes));
		link_feed(link, end, bytes, len, LINK_GLUED);
		assert_fault(link, end, rows[i].text);
		link_free(link);
	}
}

static void move_time(struct link *link, struct link_end *end, int64_t ms)
{
	link->now = mono_add_ms(link->now, ms);
	session_tick(end->session, link->now);
}

static void silence_brings_pings_then_the_end(void **state UNUSED)
{
	const struct tunnel_call_request request = {.phone_number = ""};
	struct link *link = link_up(9, 9);
	struct link_end *client = &link->client;
	size_t offset;

	assert_non_null(session_call_open(client->session, &request, NULL));
	(void)link_output(client);
	offset = client->sent_len;
	move_time(link, client, 14999);
	(void)link_output(client);
	assert_int_equal(link_count_sent(client, offset, RRP_PING), 0);
	assert_int_equal(mono_diff_us(session_deadline(client->session), link->now), 1000);
	move_time(link, client, 1);
	move_time(link, client, 1);
	(void)link_output(client);
	assert_int_equal(link_count_sent(client, offset, RRP_PING), 1);
	move_time(link, client, 15000);
	(void)link_output(client);
	assert_int_equal(link_count_sent(client, offset, RRP_PING), 2);
	assert_string_equal(client->side.log, "");
	move_time(link, client, 15000);
	assert_string_equal(client->side.log, "SILENT nothing came for 45 seconds;closed 1 1 0;");
	assert_int_equal(session_state(client->session), SESSION_OVER);
	assert_int_equal(link_output(client), 0);
	link_free(link);
}

static void any_byte_is_a_sign_of_life(void **state UNUSED)
{
	struct link *link = link_up(9, 9);
	const uint8_t part[] = {RRP_PPP_DATA};

	for (unsigned i = 0; i < 3; i++)
		move_time(link, &link->client, 14000);
	link_feed(link, &link->client, part, 1, 1);
	move_time(link, &link->client, 44999);
	assert_int_equal(session_state(link->client.session), SESSION_UP);
	link_free(link);
}

static void a_byte_starts_the_count_of_silence_anew(void **state UNUSED)
{
	struct link *link = link_up(9, 9);
	const uint8_t part[] = {RRP_PPP_DATA};
	size_t offset;

	move_time(link, &link->client, 15000);
	(void)link_output(&link->client);
	offset = link->client.sent_len;
	link_feed(link, &link->client, part, 1, 1);
	move_time(link, &link->client, 15000);
	(void)link_output(&link->client);
	assert_int_equal(link_count_sent(&link->client, offset, RRP_PING), 1);
	link_free(link);
}

static void ping_is_answered_with_its_cookie(void **state UNUSED)
{
	const struct rrp_ping ping = {.cookie = 0x1122334455667788, .clock_ms = 5};
	struct link *link = link_up(9, 9);
	size_t offset = link->server.sent_len;
	struct rrp_frame frame;
	struct rrp_ping pong;
	struct raw raw;

	rrp_ping_write(raw_begin(&raw, RRP_PING, 0, 0), &ping);
	raw_feed(link, &link->server, &raw);
	(void)link_output(&link->server);
	assert_true(link_sent_frame(&link->server, &offset, RRP_READER_CLIENT, &frame));
	assert_int_equal(frame.header.type, RRP_PONG);
	assert_true(rrp_ping_read(frame.payload, frame.payload_len, &pong));
	assert_int_equal(pong.cookie, ping.cookie);
	assert_int_equal(pong.clock_ms, 1000);
	link_free(link);
}

static void answers_that_nobody_reads_end_the_tunnel(void **state UNUSED)
{
	const struct rrp_ping ping = {.cookie = 1};
	struct link *link = link_up(9, 9);
	unsigned sent = 0;

	while (session_state(link->server.session) == SESSION_UP && sent++ < 10000) {
		struct raw raw;

		rrp_ping_write(raw_begin(&raw, RRP_PING, 0, 0), &ping);
		raw_feed(link, &link->server, &raw);
	}
	assert_in_range(sent, 500, 1000);
	assert_non_null(strstr(link->server.side.log, "OVERFLOW expected to write PONG"));
	link_free(link);
}

static void hello_has_a_time_limit(void **state UNUSED)
{
	struct link *link = link_new(9, 9);

	(void)link_output(&link->client);
	move_time(link, &link->client, 4999);
	move_time(link, &link->server, 0);
	assert_string_equal(link->client.side.log, "");
	link_feed(link, &link->server, link->client.sent, 10, 1);
	move_time(link, &link->client, 1);
	move_time(link, &link->server, 0);
	assert_string_equal(link->client.side.log,
			    "HELLO_TIMEOUT expected WELCOME within 5 seconds, got nothing "
			    "complete;");
	assert_string_equal(link->server.side.log,
			    "HELLO_TIMEOUT expected HELLO within 5 seconds, got nothing "
			    "complete;");
	assert_int_equal(session_state(link->server.session), SESSION_OVER);
	assert_int_equal(link_output(&link->server), 0);
	link_free(link);
}

static void last_words_have_a_time_limit(void **state UNUSED)
{
	struct link *link = link_up(9, 9);

	session_shutdown(link->client.session);
	assert_int_equal(session_state(link->client.session), SESSION_LINGER);
	move_time(link, &link->client, 0);
	move_time(link, &link->client, 1999);
	assert_int_equal(session_state(link->client.session), SESSION_LINGER);
	move_time(link, &link->client, 1);
	assert_int_equal(session_state(link->client.session), SESSION_OVER);
	assert_string_equal(link->client.side.log, "");
	link_free(link);
}

static void the_other_closing_ends_the_last_words(void **state UNUSED)
{
	struct link *link = link_up(9, 9);

	session_shutdown(link->client.session);
	session_lost(link->client.session, "the other closed");
	assert_int_equal(session_state(link->client.session), SESSION_OVER);
	assert_string_equal(link->client.side.log, "");
	link_free(link);
}

static void frames_sent_and_received_are_noticed_for_debugging(void **state UNUSED)
{
	const struct tunnel_call_request request = {.phone_number = ""};
	struct link *link = link_up(9, 9);

	link->client.side.log_debug = true;
	link->server.side.accept = true;
	assert_non_null(session_call_open(link->client.session, &request, NULL));
	assert_string_equal(link->client.side.log, "");
	link_pump(link, LINK_GLUED);
	assert_string_equal(link->client.side.log,
			    "DEBUG sent CALL_OPEN, call 1, event 1;DEBUG received ACK;"
			    "DEBUG received CALL_OPENED, call 1, event 1;accepted 1 100000000;"
			    "DEBUG sent ACK of event 1;");
	link_free(link);
}

static void abandon_hook(struct side *side, const char *callback, struct tunnel_call *call UNUSED)
{
	if (strcmp(callback, "notice") == 0 && strstr(side->log, "DEBUG received CALL_OPEN"))
		session_abandon(side->hook_context);
}

static void nothing_follows_a_notice_in_which_the_owner_ended_it(void **state UNUSED)
{
	struct link *link = raw_server(9);
	struct side *side = &link->server.side;

	side->log_debug = true;
	side->hook = abandon_hook;
	side->hook_context = link->server.session;
	feed_call_open(link, 1, 1, RRP_FAMILY_IPV4);
	assert_string_equal(side->log, "DEBUG received CALL_OPEN, call 1, event 1;");
	assert_int_equal(session_calls(link->server.session), 0);
	link_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_exchange_brings_both_up),
		cmocka_unit_test(each_end_sends_one_frame_that_nobody_knows),
		cmocka_unit_test(server_takes_one_of_the_versions_offered),
		cmocka_unit_test(server_refuses_when_no_version_is_common),
		cmocka_unit_test(client_refuses_a_version_or_feature_that_it_did_not_offer),
		cmocka_unit_test(client_keeps_to_the_calls_that_the_server_allows),
		cmocka_unit_test(text_of_error_is_made_printable),
		cmocka_unit_test(pieces_of_any_size_make_the_same_session),
		cmocka_unit_test(a_cut_anywhere_makes_the_same_session),
		cmocka_unit_test(ack_of_an_event_never_sent_is_a_fault),
		cmocka_unit_test(welcome_or_error_is_the_servers_first_frame),
		cmocka_unit_test(a_gap_in_events_is_a_fault),
		cmocka_unit_test(event_zero_is_a_fault),
		cmocka_unit_test(an_event_that_came_before_is_dropped_and_acknowledged_again),
		cmocka_unit_test(events_that_came_together_are_acknowledged_once),
		cmocka_unit_test(a_skipped_event_counts),
		cmocka_unit_test(skippable_frames_are_ignored_to_the_largest),
		cmocka_unit_test(call_numbers_only_rise),
		cmocka_unit_test(frames_of_a_call_that_never_was_are_a_fault),
		cmocka_unit_test(frames_of_a_call_that_has_ended_are_ignored),
		cmocka_unit_test(ppp_of_a_call_that_is_opening_is_a_fault),
		cmocka_unit_test(a_second_call_opened_is_a_fault),
		cmocka_unit_test(a_fault_closes_calls_with_lost_carrier),
		cmocka_unit_test(every_bad_start_is_answered_with_error),
		cmocka_unit_test(silence_brings_pings_then_the_end),
		cmocka_unit_test(any_byte_is_a_sign_of_life),
		cmocka_unit_test(a_byte_starts_the_count_of_silence_anew),
		cmocka_unit_test(ping_is_answered_with_its_cookie),
		cmocka_unit_test(answers_that_nobody_reads_end_the_tunnel),
		cmocka_unit_test(hello_has_a_time_limit),
		cmocka_unit_test(last_words_have_a_time_limit),
		cmocka_unit_test(the_other_closing_ends_the_last_words),
		cmocka_unit_test(frames_sent_and_received_are_noticed_for_debugging),
		cmocka_unit_test(nothing_follows_a_notice_in_which_the_owner_ended_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
