/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All calls behind one receive path: which packet belongs to which call, what leaves with it, and
 * that calls may end at any moment. The loop's timers are real, the packets are not.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "pptpctrl/pptp/gre_engine.h"
#include "pptpctrl/proto/gre.h"

#define PACKETS_MAX 256

/* Long enough for every timer of a window, short enough to wait for. */
#define PATIENCE_S 2.0

struct sent {
	struct in_addr peer;
	struct gre_header header;
	uint8_t bytes[2048];
};

static struct {
	struct ev_loop *loop;
	struct gre_engine *engine;
	struct mono now;
	struct sent sent[PACKETS_MAX];
	size_t sent_count;
	bool in_batch;      /* packets that come are not settled each */
	size_t flushed;     /* calls of flush_packets() */
	size_t sent_before; /* the last of them */
} test;

/* The owner of a call. */
struct owner {
	struct gre_call *call;
	char text[256]; /* all frames, in order */
	size_t len;
	bool ends_call;      /* at the first frame */
	bool answers;        /* each frame with itself */
	uint32_t nested;     /* number of a packet that arrives within the next frame, unless 0 */
	struct owner *other; /* whose call ends with the first frame, too */
};

static const struct in_addr alice = {0x0100000a};
static const struct in_addr bob = {0x0200000a};

static void input_text(struct in_addr source, uint16_t call_id, uint32_t sequence,
		       const char *text);

static void send_packet(void *context, struct in_addr peer, const struct iovec *parts, int count)
{
	struct sent *sent = &test.sent[test.sent_count++];
	size_t len = 0;

	assert_ptr_equal(context, &test);
	assert_true(test.sent_count <= PACKETS_MAX);
	for (int i = 0; i < count; i++) {
		assert_true(len + parts[i].iov_len <= sizeof(sent->bytes));
		memcpy(sent->bytes + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	sent->peer = peer;
	assert_true(gre_decode(sent->bytes, len, &sent->header));
}

static void flush_packets(void *context)
{
	assert_ptr_equal(context, &test);
	test.flushed++;
	test.sent_before = test.sent_count;
}

static void on_frame(void *context, const uint8_t *frame, size_t len)
{
	struct owner *owner = context;

	assert_non_null(owner->call);
	assert_true(owner->len + len < sizeof(owner->text));
	memcpy(owner->text + owner->len, frame, len);
	owner->len += len;
	if (owner->answers)
		gre_call_send(owner->call, frame, len);
	if (owner->nested) {
		uint32_t sequence = owner->nested;

		owner->nested = 0;
		owner->ends_call = true;
		input_text(alice, 7, sequence, "nested");
		return;
	}
	if (owner->other) {
		gre_call_free(owner->other->call);
		owner->other->call = NULL;
	}
	if (owner->ends_call) {
		gre_call_free(owner->call);
		owner->call = NULL;
	}
}

static int setup(void **state UNUSED)
{
	memset(&test, 0, sizeof(test));
	test.loop = ev_loop_new(EVFLAG_AUTO);
	test.now = mono_now();
	test.engine = gre_engine_new(test.loop, send_packet, &test);
	return test.loop && test.engine ? 0 : -1;
}

static int teardown(void **state UNUSED)
{
	gre_engine_free(test.engine);
	ev_loop_destroy(test.loop);
	return 0;
}

static struct gre_call *new_call(struct in_addr peer, uint16_t call_id, uint16_t peer_call_id,
				 struct owner *owner)
{
	const struct gre_call_settings settings = {
		.peer = peer,
		.call_id = call_id,
		.peer_call_id = peer_call_id,
	};

	return gre_call_new(test.engine, &settings, on_frame, owner);
}

static void open_call(struct owner *owner, struct in_addr peer, uint16_t call_id)
{
	owner->call = new_call(peer, call_id, (uint16_t)(call_id + 1000), owner);
	assert_non_null(owner->call);
}

static void close_call(struct owner *owner)
{
	gre_call_free(owner->call);
	owner->call = NULL;
}

static void input(struct in_addr source, const struct gre_header *header, const char *text)
{
	uint8_t packet[GRE_HEADER_MAX + 256];
	size_t header_len = gre_encode(header, packet);

	assert_true(header_len > 0);
	memcpy(packet + header_len, text, strlen(text));
	gre_engine_input(test.engine, source, packet, header_len + strlen(text), test.now);
	if (!test.in_batch)
		gre_engine_settle(test.engine, test.now);
}

static void input_text(struct in_addr source, uint16_t call_id, uint32_t sequence, const char *text)
{
	const struct gre_header header = {
		.call_id = call_id,
		.has_sequence = true,
		.sequence = sequence,
		.payload_len = strlen(text),
	};

	input(source, &header, text);
}

static void input_ack(struct in_addr source, uint16_t call_id, uint32_t ack)
{
	const struct gre_header header = {.call_id = call_id, .has_ack = true, .ack = ack};

	input(source, &header, "");
}

static void on_patience(struct ev_loop *loop, ev_timer *timer UNUSED, int events UNUSED)
{
	ev_break(loop, EVBREAK_ALL);
}

/* Runs the loop until `done` is not zero; false if that takes too long. */
static bool run_until(const size_t *done, size_t enough)
{
	ev_timer patience;

	ev_timer_init(&patience, on_patience, PATIENCE_S, 0.0);
	ev_now_update(test.loop);
	ev_timer_start(test.loop, &patience);
	while (*done < enough && ev_is_active(&patience))
		ev_run(test.loop, EVRUN_ONCE);
	ev_timer_stop(test.loop, &patience);
	return *done >= enough;
}

#define assert_got(owner, expected)                           \
	do {                                                  \
		(owner)->text[(owner)->len] = '\0';           \
		assert_string_equal((owner)->text, expected); \
	} while (0)

static void calls_with_the_same_id_from_two_peers_are_two_calls(void **state UNUSED)
{
	struct owner a = {0};
	struct owner b = {0};

	open_call(&a, alice, 7);
	open_call(&b, bob, 7);
	input_text(alice, 7, 0, "a");
	input_text(bob, 7, 0, "b");
	input_text(alice, 7, 1, "A");
	assert_got(&a, "aA");
	assert_got(&b, "b");
	close_call(&a);
	input_text(bob, 7, 1, "B");
	assert_got(&b, "bB");
	close_call(&b);
}

static void pair_of_peer_and_id_is_taken_once(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	assert_null(new_call(alice, 7, 1, &a));
	close_call(&a);
	open_call(&a, alice, 7);
	close_call(&a);
}

static void packet_for_no_call_is_counted(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	input_text(alice, 8, 0, "unknown call");
	input_text(bob, 7, 0, "wrong peer");
	input_ack(bob, 7, 0);
	assert_got(&a, "");
	assert_int_equal(gre_engine_counters(test.engine)->unknown, 3);
	assert_int_equal(gre_engine_counters(test.engine)->received, 3);
	close_call(&a);
	input_text(alice, 7, 0, "late");
	assert_int_equal(gre_engine_counters(test.engine)->unknown, 4);
}

static void malformed_packet_is_counted(void **state UNUSED)
{
	struct owner a = {0};
	uint8_t packet[GRE_HEADER_MAX + 1];
	const struct gre_header header = {
		.call_id = 7, .has_sequence = true, .has_ack = true, .payload_len = 1};

	open_call(&a, alice, 7);
	(void)gre_encode(&header, packet);
	packet[GRE_HEADER_MAX] = 'x';
	for (size_t len = 0; len < sizeof(packet); len++)
		gre_engine_input(test.engine, alice, packet, len, test.now);
	assert_int_equal(gre_engine_counters(test.engine)->malformed, sizeof(packet));
	assert_got(&a, "");
	gre_engine_input(test.engine, alice, packet, sizeof(packet), test.now);
	assert_got(&a, "x");
	close_call(&a);
}

static void frames_leave_with_the_peers_call_id_and_rising_numbers(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	gre_call_send(a.call, (const uint8_t *)"one", 3);
	gre_call_send(a.call, (const uint8_t *)"two", 3);
	assert_int_equal(test.sent_count, 2);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(test.sent[i].peer.s_addr, alice.s_addr);
		assert_int_equal(test.sent[i].header.call_id, 1007);
		assert_true(test.sent[i].header.has_sequence);
		assert_int_equal(test.sent[i].header.sequence, i);
		assert_false(test.sent[i].header.has_ack);
		assert_int_equal(test.sent[i].header.payload_len, 3);
	}
	assert_memory_equal(test.sent[1].header.payload, "two", 3);
	close_call(&a);
}

static void frame_that_no_packet_can_carry_uses_no_number(void **state UNUSED)
{
	static const uint8_t frame[65536];
	struct owner a = {0};

	open_call(&a, alice, 7);
	gre_call_send(a.call, frame, 0);
	gre_call_send(a.call, frame, sizeof(frame));
	assert_int_equal(test.sent_count, 0);
	gre_call_send(a.call, frame, 1);
	assert_int_equal(test.sent[0].header.sequence, 0);
	close_call(&a);
}

static void acknowledgement_travels_with_data(void **state UNUSED)
{
	struct owner a = {.answers = true};

	open_call(&a, alice, 7);
	input_text(alice, 7, 41, "ping");
	assert_int_equal(test.sent_count, 1);
	assert_true(test.sent[0].header.has_ack);
	assert_int_equal(test.sent[0].header.ack, 41);
	a.answers = false;
	gre_call_send(a.call, (const uint8_t *)"x", 1);
	assert_false(test.sent[1].header.has_ack);
	close_call(&a);
}

static void a_batch_is_acknowledged_once_for_each_call(void **state UNUSED)
{
	struct owner a = {0}, b = {0};

	open_call(&a, alice, 7);
	open_call(&b, bob, 7);
	test.in_batch = true;
	for (uint32_t i = 0; i < 60; i++) {
		input_text(alice, 7, i, "x");
		input_text(bob, 7, i, "x");
	}
	assert_int_equal(test.sent_count, 0);
	gre_engine_settle(test.engine, test.now);
	assert_int_equal(test.sent_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_false(test.sent[i].header.has_sequence);
		assert_int_equal(test.sent[i].header.ack, 59);
	}
	gre_engine_settle(test.engine, test.now);
	assert_int_equal(test.sent_count, 2);
	close_call(&a);
	close_call(&b);
}

static void call_may_end_before_its_batch_is_settled(void **state UNUSED)
{
	struct owner a = {0}, b = {0};

	open_call(&a, alice, 7);
	open_call(&b, bob, 7);
	test.in_batch = true;
	for (uint32_t i = 0; i < 20; i++) {
		input_text(alice, 7, i, "x");
		input_text(bob, 7, i, "x");
	}
	close_call(&a);
	gre_engine_settle(test.engine, test.now);
	assert_int_equal(test.sent_count, 1);
	assert_int_equal(test.sent[0].peer.s_addr, bob.s_addr);
	close_call(&b);
}

static void what_the_engine_sends_by_itself_is_flushed_by_it(void **state UNUSED)
{
	struct owner a = {0};

	gre_engine_set_flush(test.engine, flush_packets);
	open_call(&a, alice, 7);
	for (uint32_t i = 0; i < 20; i++)
		input_text(alice, 7, i, "x");
	assert_true(test.sent_count > 0);
	assert_int_equal(test.sent_before, test.sent_count);
	test.flushed = 0;
	gre_call_send(a.call, (const uint8_t *)"data", 4);
	assert_int_equal(test.flushed, 0);
	gre_engine_flush(test.engine);
	assert_int_equal(test.sent_before, test.sent_count);
	input_text(alice, 7, 20, "x");
	test.sent_before = 0;
	assert_true(run_until(&test.sent_before, test.sent_count + 1));
	close_call(&a);
}

static void acknowledgement_leaves_alone_if_there_is_no_data(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	input_text(alice, 7, 0, "x");
	assert_int_equal(test.sent_count, 0);
	assert_true(run_until(&test.sent_count, 1));
	assert_true(test.sent[0].header.has_ack);
	assert_false(test.sent[0].header.has_sequence);
	assert_int_equal(test.sent[0].header.ack, 0);
	assert_int_equal(test.sent[0].header.call_id, 1007);
	close_call(&a);
}

/* In the time of the test the second came shortly after the first one, and the third much later. */
static void acknowledgements_of_calls_that_are_nearly_due_leave_together(void **state UNUSED)
{
	struct owner owners[3] = {0};
	const int64_t later_ms[] = {0, 20, 10000};
	struct mono present = test.now;

	for (uint16_t i = 0; i < ARRAY_SIZE(owners); i++) {
		open_call(&owners[i], alice, i);
		test.now = mono_add_ms(present, later_ms[i]);
		input_text(alice, i, 0, "x");
	}
	assert_int_equal(test.sent_count, 0);
	assert_true(run_until(&test.sent_count, 1));
	assert_int_equal(test.sent_count, 2);
	assert_int_equal(test.sent[0].header.call_id, 1000);
	assert_int_equal(test.sent[1].header.call_id, 1001);
	for (uint16_t i = 0; i < ARRAY_SIZE(owners); i++)
		close_call(&owners[i]);
}

static void acknowledgement_leaves_alone_after_a_quarter_of_the_window(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	for (uint32_t i = 0; i < GRE_WINDOW_RING; i++)
		input_text(alice, 7, i, "x");
	assert_int_equal(test.sent_count, 4);
	assert_int_equal(test.sent[0].header.ack, 15);
	assert_int_equal(test.sent[3].header.ack, 63);
	close_call(&a);
}

static void gap_is_given_up_by_the_loops_timer(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	input_text(alice, 7, 0, "a");
	input_text(alice, 7, 2, "c");
	assert_got(&a, "a");
	assert_true(run_until(&a.len, 2));
	assert_got(&a, "ac");
	assert_int_equal(gre_call_counters(a.call)->lost, 1);
	close_call(&a);
}

static void on_mark(struct ev_loop *loop, ev_timer *timer UNUSED, int events UNUSED)
{
	ev_break(loop, EVBREAK_ALL);
}

/*
 * Losses in the past are given up at once and make the wait shorter than an acknowledgement's
 * delay; then a gap's end comes before a mark, and the mark before the acknowledgement would leave.
 */
static void gap_does_not_wait_for_the_acknowledgements_timer(void **state UNUSED)
{
	struct owner a = {.answers = true};
	struct mono present = test.now;
	ev_timer mark;
	uint32_t sequence = 0;

	open_call(&a, alice, 7);
	test.now = mono_add_ms(present, -3600000);
	for (size_t losses = 1; losses <= 20; losses++) {
		input_text(alice, 7, sequence, "x");
		input_text(alice, 7, sequence + 2, "x");
		assert_true(run_until(&a.len, 2 * losses));
		sequence += 3;
	}
	a.answers = false;
	test.sent_count = 0;
	test.now = mono_now();
	ev_now_update(test.loop);
	input_text(alice, 7, sequence, "x");
	input_text(alice, 7, sequence + 2, "x");
	ev_timer_init(&mark, on_mark, 0.03, 0.0);
	ev_timer_start(test.loop, &mark);
	ev_run(test.loop, 0);
	assert_int_equal(a.len, 42);
	close_call(&a);
}

/* With nothing to wait for, the loop has no watcher left and returns. */
static void idle_calls_keep_no_timer(void **state UNUSED)
{
	static struct owner owners[4000];

	memset(owners, 0, sizeof(owners));
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		open_call(&owners[i], alice, (uint16_t)i);
		owners[i].answers = i % 2;
	}
	assert_false(ev_run(test.loop, EVRUN_NOWAIT));
	for (size_t i = 0; i < ARRAY_SIZE(owners); i += 100) {
		input_text(alice, (uint16_t)i, 0, "x");
		input_text(alice, (uint16_t)i, 2, "x");
	}
	assert_true(ev_run(test.loop, EVRUN_NOWAIT));
	ev_run(test.loop, 0);
	for (size_t i = 0; i < ARRAY_SIZE(owners); i += 100)
		assert_got(&owners[i], "xx");
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++)
		close_call(&owners[i]);
}

static void each_of_many_calls_is_found(void **state UNUSED)
{
	static struct owner owners[3000];
	struct in_addr peer;

	memset(owners, 0, sizeof(owners));
	for (uint32_t i = 0; i < ARRAY_SIZE(owners); i++) {
		peer.s_addr = htonl(0x0a000000 + i / 7);
		open_call(&owners[i], peer, (uint16_t)(i * 128));
	}
	for (uint32_t i = 0; i < ARRAY_SIZE(owners); i += 2)
		close_call(&owners[i]);
	for (uint32_t i = 0; i < ARRAY_SIZE(owners); i++) {
		peer.s_addr = htonl(0x0a000000 + i / 7);
		input_text(peer, (uint16_t)(i * 128), 0, "x");
		assert_got(&owners[i], i % 2 ? "x" : "");
	}
	for (uint32_t i = 1; i < ARRAY_SIZE(owners); i += 2)
		close_call(&owners[i]);
}

static void call_may_end_in_its_own_frame(void **state UNUSED)
{
	struct owner a = {.ends_call = true};

	open_call(&a, alice, 7);
	input_text(alice, 7, 0, "a");
	input_text(alice, 7, 1, "b");
	assert_got(&a, "a");
	assert_null(a.call);
	ev_run(test.loop, 0);
	assert_int_equal(test.sent_count, 0);
}

static void call_may_end_while_its_ring_drains(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	input_text(alice, 7, 0, "a");
	input_text(alice, 7, 2, "c");
	input_text(alice, 7, 3, "d");
	a.ends_call = true;
	input_text(alice, 7, 1, "b");
	assert_got(&a, "ab");
	assert_null(a.call);
}

static void call_may_end_in_its_timer(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	input_text(alice, 7, 0, "a");
	input_text(alice, 7, 2, "c");
	input_text(alice, 7, 4, "e");
	a.ends_call = true;
	assert_true(run_until(&a.len, 2));
	assert_got(&a, "ac");
	assert_null(a.call);
}

static void call_may_end_in_anothers_timer(void **state UNUSED)
{
	struct owner b = {0};
	struct owner a = {0};

	open_call(&a, alice, 7);
	open_call(&b, alice, 8);
	for (uint32_t i = 0; i < 4; i += 2) {
		input_text(alice, 7, i, "a");
		input_text(alice, 8, i, "b");
	}
	a.other = &b;
	a.ends_call = true;
	assert_true(run_until(&a.len, 2));
	assert_null(a.call);
	assert_null(b.call);
	assert_false(ev_run(test.loop, EVRUN_NOWAIT));
}

static void call_may_end_in_a_frame_within_its_frame(void **state UNUSED)
{
	struct owner a = {.nested = 1};

	open_call(&a, alice, 7);
	input_text(alice, 7, 0, "a");
	assert_got(&a, "anested");
	assert_null(a.call);
}

static void call_may_end_in_anothers_frame(void **state UNUSED)
{
	struct owner b = {0};
	struct owner a = {.other = &b, .ends_call = true, .answers = true};

	open_call(&a, alice, 7);
	open_call(&b, alice, 8);
	input_text(alice, 8, 0, "b");
	input_text(alice, 8, 2, "b");
	input_text(alice, 7, 0, "a");
	assert_null(a.call);
	assert_null(b.call);
	ev_run(test.loop, 0);
	assert_got(&b, "b");
}

static void id_may_be_used_again_in_the_last_frame(void **state UNUSED)
{
	struct owner a = {.ends_call = true};
	struct owner b = {0};

	open_call(&a, alice, 7);
	input_text(alice, 7, 5, "a");
	open_call(&b, alice, 7);
	input_text(alice, 7, 0, "b");
	assert_got(&b, "b");
	close_call(&b);
}

static void every_packet_of_the_peer_is_a_sign_of_life(void **state UNUSED)
{
	struct owner a = {0};
	struct mono when;

	open_call(&a, alice, 7);
	assert_false(gre_call_last_heard(a.call, &when));
	input_text(alice, 7, 0, "x");
	assert_true(gre_call_last_heard(a.call, &when));
	assert_int_equal(when.us, test.now.us);
	test.now = mono_add_ms(test.now, 5000);
	input_ack(alice, 7, 0);
	input_ack(bob, 7, 0);
	assert_true(gre_call_last_heard(a.call, &when));
	assert_int_equal(when.us, test.now.us);
	close_call(&a);
}

static void peers_acknowledgements_are_counted(void **state UNUSED)
{
	struct owner a = {0};

	open_call(&a, alice, 7);
	for (unsigned i = 0; i < 3; i++)
		gre_call_send(a.call, (const uint8_t *)"x", 1);
	input_ack(alice, 7, 1);
	input_ack(alice, 7, 99);
	assert_int_equal(gre_call_counters(a.call)->sent, 3);
	assert_int_equal(gre_call_counters(a.call)->acked, 2);
	close_call(&a);
}

static void empty_payload_is_no_frame(void **state UNUSED)
{
	struct owner a = {.ends_call = true};

	open_call(&a, alice, 7);
	input_text(alice, 7, 0, "");
	assert_non_null(a.call);
	a.ends_call = false;
	input_text(alice, 7, 1, "x");
	assert_got(&a, "x");
	close_call(&a);
}

#define ENGINE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(calls_with_the_same_id_from_two_peers_are_two_calls),
		ENGINE_TEST(pair_of_peer_and_id_is_taken_once),
		ENGINE_TEST(packet_for_no_call_is_counted),
		ENGINE_TEST(malformed_packet_is_counted),
		ENGINE_TEST(frames_leave_with_the_peers_call_id_and_rising_numbers),
		ENGINE_TEST(frame_that_no_packet_can_carry_uses_no_number),
		ENGINE_TEST(acknowledgement_travels_with_data),
		ENGINE_TEST(a_batch_is_acknowledged_once_for_each_call),
		ENGINE_TEST(call_may_end_before_its_batch_is_settled),
		ENGINE_TEST(what_the_engine_sends_by_itself_is_flushed_by_it),
		ENGINE_TEST(acknowledgement_leaves_alone_if_there_is_no_data),
		ENGINE_TEST(acknowledgements_of_calls_that_are_nearly_due_leave_together),
		ENGINE_TEST(acknowledgement_leaves_alone_after_a_quarter_of_the_window),
		ENGINE_TEST(gap_is_given_up_by_the_loops_timer),
		ENGINE_TEST(gap_does_not_wait_for_the_acknowledgements_timer),
		ENGINE_TEST(idle_calls_keep_no_timer),
		ENGINE_TEST(each_of_many_calls_is_found),
		ENGINE_TEST(call_may_end_in_its_own_frame),
		ENGINE_TEST(call_may_end_while_its_ring_drains),
		ENGINE_TEST(call_may_end_in_its_timer),
		ENGINE_TEST(call_may_end_in_anothers_timer),
		ENGINE_TEST(call_may_end_in_a_frame_within_its_frame),
		ENGINE_TEST(call_may_end_in_anothers_frame),
		ENGINE_TEST(id_may_be_used_again_in_the_last_frame),
		ENGINE_TEST(every_packet_of_the_peer_is_a_sign_of_life),
		ENGINE_TEST(peers_acknowledgements_are_counted),
		ENGINE_TEST(empty_payload_is_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
