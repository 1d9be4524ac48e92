// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames and payloads against the vectors of docs/protocol.md, both ways. Each vector says in its
 * comments who reads it and what must come of it.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rrp/enrol_payload.h"
#include "rrp/frame.h"
#include "rrp/payload.h"
#include "tests/unit/vectors.h"

#define FRAME_MAX (RRP_HEADER_LEN + RRP_LENGTH_MAX)

/* "# expect: bad 4" is BAD with at == 4. */
enum expect {
	EXPECT_FRAME,   /* legal in every respect */
	EXPECT_SKIP,    /* to be ignored */
	EXPECT_BAD,     /* the framing says so with the byte `at` and not before */
	EXPECT_PAYLOAD, /* a frame whose payload is refused */
};

struct vector {
	char name[64]; /* without folder and ending */
	enum rrp_reader reader;
	enum expect expect;
	size_t at;
	uint8_t bytes[FRAME_MAX];
	size_t len;
};

static void parse_reader(struct vector *vector, const char *word)
{
	static const struct {
		const char *word;
		enum rrp_reader reader;
	} rows[] = {
		{"hello", RRP_READER_HELLO},   {"welcome", RRP_READER_WELCOME},
		{"server", RRP_READER_SERVER}, {"client", RRP_READER_CLIENT},
		{"enrol", RRP_READER_ENROL},   {"enrolled", RRP_READER_ENROLLED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].word, word) == 0) {
			vector->reader = rows[i].reader;
			return;
		}
	}
	fail_msg("%s: reader %s", vector->name, word);
}

static void parse_expect(struct vector *vector, const char *word)
{
	if (strcmp(word, "frame") == 0)
		vector->expect = EXPECT_FRAME;
	else if (strcmp(word, "skip") == 0)
		vector->expect = EXPECT_SKIP;
	else if (strcmp(word, "payload") == 0)
		vector->expect = EXPECT_PAYLOAD;
	else if (sscanf(word, "bad %zu", &vector->at) == 1)
		vector->expect = EXPECT_BAD;
	else
		fail_msg("%s: expect %s", vector->name, word);
}

static void read_comments(struct vector *vector)
{
	char path[512], line[256], word[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/rrp/%s.hex", VECTORS, vector->name);
	file = fopen(path, "re");
	assert_non_null(file);
	vector->reader = 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "# reader: %63[^\n]", word) == 1)
			parse_reader(vector, word);
		if (sscanf(line, "# expect: %63[^\n]", word) == 1)
			parse_expect(vector, word);
	}
	(void)fclose(file); /* only read */
	assert_int_not_equal(vector->reader, 0);
}

static void load(const char *name, struct vector *ret_vector)
{
	char file[128];

	(void)snprintf(ret_vector->name, sizeof(ret_vector->name), "%s", name);
	(void)snprintf(file, sizeof(file), "rrp/%s.hex", name);
	ret_vector->len = vector_read(file, ret_vector->bytes, sizeof(ret_vector->bytes));
	read_comments(ret_vector);
}

/* Runs `check` on every vector there is. */
static void for_each_vector(void (*check)(const struct vector *vector))
{
	struct vector *vector = malloc(sizeof(*vector));
	DIR *folder = opendir(VECTORS "/rrp");
	const struct dirent *entry;
	unsigned count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		char name[64];

		if (sscanf(entry->d_name, "%63[^.].hex", name) != 1)
			continue;
		load(name, vector);
		check(vector);
		count++;
	}
	(void)closedir(folder);
	free(vector);
	assert_true(count > 40);
}

/* The buffer is as long as the prefix, so that a sanitizer sees a byte read too many. */
static enum rrp_framing frame_prefix(const struct vector *vector, size_t len,
				     struct rrp_frame *ret_frame, size_t *ret_size)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct rrp_fault fault = {""};
	enum rrp_framing framing;

	memcpy(copy, vector->bytes, len);
	framing = rrp_frame_next(copy, len, vector->reader, ret_frame, ret_size, &fault);
	if (framing == RRP_FRAMING_BAD && !fault.text[0])
		fail_msg("%s: a fault without words", vector->name);
	for (const char *c = fault.text; *c; c++)
		assert_in_range(*c, ' ', '~');
	free(copy);
	return framing;
}

static bool read_payload(const struct rrp_frame *frame)
{
	union {
		struct rrp_hello hello;
		struct rrp_welcome welcome;
		struct rrp_goaway goaway;
		struct rrp_error error;
		struct rrp_call_open open;
		struct rrp_result result;
		struct rrp_link_info info;
		struct rrp_ping ping;
		struct rrp_enrol enrol;
		struct rrp_enrolled enrolled;
		uint32_t number;
	} to;
	const uint8_t *payload = frame->payload;
	size_t len = frame->payload_len;

	switch (frame->header.type) {
	case RRP_HELLO:
		return rrp_hello_read(payload, len, &to.hello);
	case RRP_WELCOME:
		return rrp_welcome_read(payload, len, &to.welcome);
	case RRP_GOAWAY:
		return rrp_goaway_read(payload, len, &to.goaway);
	case RRP_ERROR:
		return rrp_error_read(payload, len, &to.error);
	case RRP_CALL_OPEN:
		return rrp_call_open_read(payload, len, &to.open);
	case RRP_CALL_OPENED:
		return rrp_call_opened_read(payload, len, &to.number);
	case RRP_CALL_REFUSED:
		return rrp_call_refused_read(payload, len, &to.result);
	case RRP_LINK_INFO:
		return rrp_link_info_read(payload, len, &to.info);
	case RRP_CALL_CLOSE:
		return rrp_call_close_read(payload, len, &to.result);
	case RRP_ACK:
		return rrp_ack_read(payload, len, &to.number);
	case RRP_PING:
	case RRP_PONG:
		return rrp_ping_read(payload, len, &to.ping);
	case RRP_ENROL:
		return rrp_enrol_read(payload, len, &to.enrol);
	case RRP_ENROLLED:
		return rrp_enrolled_read(payload, len, &to.enrolled);
	default:
		return true;
	}
}

static void check_framing(const struct vector *vector)
{
	size_t end = vector->expect == EXPECT_BAD ? vector->at : vector->len;
	struct rrp_frame frame;
	size_t size;

	for (size_t len = 0; len < end; len++) {
		if (frame_prefix(vector, len, &frame, &size) != RRP_FRAMING_MORE)
			fail_msg("%s: not MORE with %zu bytes", vector->name, len);
	}
	for (size_t len = end; vector->expect == EXPECT_BAD && len <= vector->len; len++) {
		if (frame_prefix(vector, len, &frame, &size) != RRP_FRAMING_BAD)
			fail_msg("%s: not BAD with %zu bytes", vector->name, len);
	}
	if (vector->expect == EXPECT_BAD)
		return;
	if (frame_prefix(vector, vector->len, &frame, &size) != RRP_FRAMING_FRAME)
		fail_msg("%s: no frame", vector->name);
	assert_int_equal(size, vector->len);
	assert_int_equal(frame.unknown, vector->expect == EXPECT_SKIP);
}

static void
every_vector_is_framed_at_its_last_byte_or_refused_at_its_first_wrong_one(void **state UNUSED)
{
	for_each_vector(check_framing);
}

static void check_payload(const struct vector *vector)
{
	struct rrp_fault fault;
	struct rrp_frame frame;
	size_t size;

	if (vector->expect == EXPECT_BAD)
		return;
	assert_int_equal(
		rrp_frame_next(vector->bytes, vector->len, vector->reader, &frame, &size, &fault),
		RRP_FRAMING_FRAME);
	if (read_payload(&frame) != (vector->expect != EXPECT_PAYLOAD))
		fail_msg("%s: the payload is %s", vector->name,
			 vector->expect == EXPECT_PAYLOAD ? "taken" : "refused");
}

static void every_vector_has_its_payload_taken_or_refused(void **state UNUSED)
{
	for_each_vector(check_payload);
}

/* As if the length field were right: the payload's reader must find the lack by itself. */
static void check_short_payloads(const struct vector *vector)
{
	struct rrp_fault fault;
	struct rrp_frame frame;
	size_t size;

	if (vector->expect != EXPECT_FRAME || vector->bytes[0] == RRP_PPP_CTL ||
	    vector->bytes[0] == RRP_PPP_DATA || vector->bytes[0] == RRP_ERROR ||
	    strstr(vector->name, "-later"))
		return;
	assert_int_equal(
		rrp_frame_next(vector->bytes, vector->len, vector->reader, &frame, &size, &fault),
		RRP_FRAMING_FRAME);
	for (size_t len = 0; len < frame.payload_len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct rrp_frame shorter = frame;

		memcpy(copy, frame.payload, len);
		shorter.payload = copy;
		shorter.payload_len = len;
		if (read_payload(&shorter))
			fail_msg("%s: taken with %zu bytes", vector->name, len);
		free(copy);
	}
}

static void truncated_payloads_are_refused(void **state UNUSED)
{
	for_each_vector(check_short_payloads);
}

static const uint8_t *nonce(void)
{
	static uint8_t bytes[RRP_NONCE_LEN];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0x10 + i);
	return bytes;
}

static const struct vector *loaded(const char *name)
{
	static struct vector vector;

	load(name, &vector);
	return &vector;
}

static const uint8_t *payload_of(const char *name, size_t *ret_len)
{
	const struct vector *vector = loaded(name);
	struct rrp_fault fault;
	struct rrp_frame frame;
	size_t size;

	assert_int_equal(
		rrp_frame_next(vector->bytes, vector->len, vector->reader, &frame, &size, &fault),
		RRP_FRAMING_FRAME);
	*ret_len = frame.payload_len;
	return frame.payload;
}

struct frame_out {
	uint8_t bytes[FRAME_MAX];
	struct byte_writer out;
	size_t offset;
};

static struct frame_out *begin(enum rrp_type type, uint32_t call, uint32_t event)
{
	static struct frame_out frame;

	frame.out = wr_init(frame.bytes, sizeof(frame.bytes));
	frame.offset = rrp_frame_begin(&frame.out, type, call, event);
	return &frame;
}

static void assert_is_vector(struct frame_out *frame, const char *name)
{
	const struct vector *vector = loaded(name);

	rrp_frame_end(&frame->out, frame->offset);
	assert_false(wr_failed(&frame->out));
	assert_int_equal(wr_len(&frame->out), vector->len);
	assert_memory_equal(frame->bytes, vector->bytes, vector->len);
}

static void hello_both_ways(void **state UNUSED)
{
	struct rrp_hello hello = {.lowest = 1, .highest = 1, .name = "lrp"}, got;
	struct frame_out *frame;
	const uint8_t *payload;
	size_t len;

	memcpy(hello.nonce, nonce(), sizeof(hello.nonce));
	payload = payload_of("hello", &len);
	memset(&got, 0, sizeof(got));
	assert_true(rrp_hello_read(payload, len, &got));
	assert_memory_equal(&got, &hello, sizeof(hello));
	frame = begin(RRP_HELLO, 0, 0);
	rrp_hello_write(&frame->out, &hello);
	assert_is_vector(frame, "hello");
	payload = payload_of("hello-later", &len);
	assert_true(rrp_hello_read(payload, len, &got));
	assert_int_equal(got.highest, 3);
	assert_int_equal(got.features, 0x80000001);
	assert_string_equal(got.name, "lrp");
}

static void welcome_both_ways(void **state UNUSED)
{
	struct rrp_welcome welcome = {.version = 1, .max_calls = 1000, .name = "rrp"}, got;
	struct frame_out *frame;
	const uint8_t *payload;
	size_t len;

	memcpy(welcome.nonce, nonce(), sizeof(welcome.nonce));
	for (size_t i = 0; i < sizeof(welcome.session_id); i++)
		welcome.session_id[i] = (uint8_t)(0xa0 + i);
	payload = payload_of("welcome", &len);
	memset(&got, 0, sizeof(got));
	assert_true(rrp_welcome_read(payload, len, &got));
	assert_int_equal(got.version, 1);
	assert_int_equal(got.hold_s, 0);
	assert_int_equal(got.features, 0);
	assert_int_equal(got.max_calls, 1000);
	assert_memory_equal(got.nonce, welcome.nonce, sizeof(got.nonce));
	assert_memory_equal(got.session_id, welcome.session_id, sizeof(got.session_id));
	assert_string_equal(got.name, "rrp");
	frame = begin(RRP_WELCOME, 0, 0);
	rrp_welcome_write(&frame->out, &welcome);
	assert_is_vector(frame, "welcome");
}

static void goaway_and_error_both_ways(void **state UNUSED)
{
	struct rrp_goaway goaway = {.reason = RRP_GOAWAY_SHUTDOWN}, got_goaway;
	struct rrp_error error;
	struct frame_out *frame;
	const uint8_t *payload;
	size_t len;

	payload = payload_of("goaway", &len);
	assert_true(rrp_goaway_read(payload, len, &got_goaway));
	assert_int_equal(got_goaway.reason, RRP_GOAWAY_SHUTDOWN);
	frame = begin(RRP_GOAWAY, 0, 0);
	rrp_goaway_write(&frame->out, &goaway);
	assert_is_vector(frame, "goaway");
	payload = payload_of("error", &len);
	assert_true(rrp_error_read(payload, len, &error));
	assert_int_equal(error.code, RRP_ERROR_VERSION);
	assert_string_equal(error.text, "expected ... 1");
	frame = begin(RRP_ERROR, 0, 0);
	rrp_error_write(&frame->out, error.code, error.text);
	assert_is_vector(frame, "error");
}

static void enrolment_both_ways(void **state UNUSED)
{
	struct rrp_enrol enrol = {.lowest = 1, .highest = 1}, got_enrol;
	struct rrp_enrolled enrolled = {.version = 1, .name = "branch"}, got_enrolled;
	struct frame_out *frame;
	const uint8_t *payload;
	size_t len;

	for (size_t i = 0; i < sizeof(enrol.secret); i++)
		enrol.secret[i] = (uint8_t)i;
	payload = payload_of("enrol", &len);
	memset(&got_enrol, 0, sizeof(got_enrol));
	assert_true(rrp_enrol_read(payload, len, &got_enrol));
	assert_memory_equal(&got_enrol, &enrol, sizeof(enrol));
	frame = begin(RRP_ENROL, 0, 0);
	rrp_enrol_write(&frame->out, &enrol);
	assert_is_vector(frame, "enrol");
	payload = payload_of("enrol-later", &len);
	assert_true(rrp_enrol_read(payload, len, &got_enrol));
	assert_int_equal(got_enrol.highest, 3);
	payload = payload_of("enrolled", &len);
	assert_true(rrp_enrolled_read(payload, len, &got_enrolled));
	assert_int_equal(got_enrolled.version, enrolled.version);
	assert_string_equal(got_enrolled.name, enrolled.name);
	frame = begin(RRP_ENROLLED, 0, 0);
	rrp_enrolled_write(&frame->out, &enrolled);
	assert_is_vector(frame, "enrolled");
}

static void error_text_is_cut_by_its_writer(void **state UNUSED)
{
	struct frame_out *frame = begin(RRP_ERROR, 0, 0);
	char text[400];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	rrp_error_write(&frame->out, 1, text);
	assert_int_equal(wr_len(&frame->out), RRP_HEADER_LEN + RRP_ERROR_MIN + RRP_ERROR_TEXT_MAX);
}

static void call_open_both_ways(void **state UNUSED)
{
	struct rrp_call_open open = {
		.family = RRP_FAMILY_IPV4,
		.address = {192, 0, 2, 7},
		.client_call_id = 0x1234,
		.serial = 5,
		.min_bps = 300,
		.max_bps = 100000000,
		.bearer = 3,
		.framing = 3,
		.phone_number = "12345",
		.subaddress = "sub",
	};
	struct rrp_call_open got;
	struct frame_out *frame;
	const uint8_t *payload;
	size_t len;

	payload = payload_of("call-open", &len);
	assert_true(rrp_call_open_read(payload, len, &got));
	assert_int_equal(got.family, open.family);
	assert_memory_equal(got.address, open.address, sizeof(got.address));
	assert_int_equal(got.client_call_id, open.client_call_id);
	assert_int_equal(got.serial, open.serial);
	assert_int_equal(got.min_bps, open.min_bps);
	assert_int_equal(got.max_bps, open.max_bps);
	assert_int_equal(got.bearer, open.bearer);
	assert_int_equal(got.framing, open.framing);
	assert_string_equal(got.phone_number, open.phone_number);
	assert_string_equal(got.subaddress, open.subaddress);
	frame = begin(RRP_CALL_OPEN, 1, 1);
	rrp_call_open_write(&frame->out, &open);
	assert_is_vector(frame, "call-open");
}

static void call_answers_both_ways(void **state UNUSED)
{
	const struct rrp_result busy = {.result = 4}, request = {.result = 4};
	struct rrp_result got;
	struct frame_out *frame;
	const uint8_t *payload;
	uint32_t speed;
	size_t len;

	payload = payload_of("call-opened", &len);
	assert_true(rrp_call_opened_read(payload, len, &speed));
	assert_int_equal(speed, 100000000);
	frame = begin(RRP_CALL_OPENED, 1, 1);
	rrp_call_opened_write(&frame->out, speed);
	assert_is_vector(frame, "call-opened");
	payload = payload_of("call-refused", &len);
	assert_true(rrp_call_refused_read(payload, len, &got));
	assert_memory_equal(&got, &busy, sizeof(busy));
	frame = begin(RRP_CALL_REFUSED, 2, 2);
	rrp_call_refused_write(&frame->out, &busy);
	assert_is_vector(frame, "call-refused");
	payload = payload_of("call-close", &len);
	assert_true(rrp_call_close_read(payload, len, &got));
	assert_memory_equal(&got, &request, sizeof(request));
	frame = begin(RRP_CALL_CLOSE, 1, 3);
	rrp_call_close_write(&frame->out, &request);
	assert_is_vector(frame, "call-close");
}

static void link_info_both_ways(void **state UNUSED)
{
	const struct rrp_link_info info = {.send_accm = 0xffffffff, .receive_accm = 0x000a0000};
	struct rrp_link_info got;
	struct frame_out *frame;
	const uint8_t *payload;
	size_t len;

	payload = payload_of("link-info", &len);
	assert_true(rrp_link_info_read(payload, len, &got));
	assert_memory_equal(&got, &info, sizeof(info));
	frame = begin(RRP_LINK_INFO, 1, 2);
	rrp_link_info_write(&frame->out, &info);
	assert_is_vector(frame, "link-info");
}

static void flow_frames_both_ways(void **state UNUSED)
{
	const struct rrp_ping ping = {.cookie = 0x0102030405060708, .clock_ms = 12345};
	const struct rrp_ping pong = {.cookie = 0x0102030405060708, .clock_ms = 98765};
	struct rrp_ping got;
	struct frame_out *frame;
	const uint8_t *payload;
	uint32_t event;
	size_t len;

	payload = payload_of("ack", &len);
	assert_true(rrp_ack_read(payload, len, &event));
	assert_int_equal(event, 3);
	frame = begin(RRP_ACK, 0, 0);
	rrp_ack_write(&frame->out, event);
	assert_is_vector(frame, "ack");
	payload = payload_of("ping", &len);
	assert_true(rrp_ping_read(payload, len, &got));
	assert_memory_equal(&got, &ping, sizeof(ping));
	frame = begin(RRP_PING, 0, 0);
	rrp_ping_write(&frame->out, &ping);
	assert_is_vector(frame, "ping");
	payload = payload_of("pong", &len);
	assert_true(rrp_ping_read(payload, len, &got));
	assert_memory_equal(&got, &pong, sizeof(pong));
	frame = begin(RRP_PONG, 0, 0);
	rrp_ping_write(&frame->out, &pong);
	assert_is_vector(frame, "pong");
}

static void ppp_and_grease_encode_as_their_vectors(void **state UNUSED)
{
	const uint8_t lcp[] = {0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4};
	const uint8_t mppe[] = {0xff, 0x03, 0x00, 0xfd, 0x90, 1, 0xde, 0xad, 0xbe, 0xef};
	const uint8_t compressed[] = {0xfd, 0x90, 2, 1, 2, 3};
	uint8_t bytes[64];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	struct frame_out *frame = begin(RRP_PPP_CTL, 1, 0);

	wr_copy(&frame->out, lcp, sizeof(lcp));
	assert_is_vector(frame, "ppp-ctl");
	frame = begin(RRP_PPP_DATA, 1, 0);
	wr_copy(&frame->out, mppe, sizeof(mppe));
	assert_is_vector(frame, "ppp-data");
	frame = begin(RRP_PPP_DATA, 1, 0);
	wr_copy(&frame->out, compressed, sizeof(compressed));
	assert_is_vector(frame, "ppp-data-compressed");
	rrp_frame_grease(&out, 0xf7, "\xaa\xbb\xcc", 3);
	assert_int_equal(wr_len(&out), loaded("skip-grease")->len);
	assert_memory_equal(bytes, loaded("skip-grease")->bytes, wr_len(&out));
}

static void sequence_is_the_event_number(void **state UNUSED)
{
	const struct vector *vector = loaded("call-close");
	struct rrp_fault fault;
	struct rrp_frame frame;
	size_t size;

	assert_int_equal(
		rrp_frame_next(vector->bytes, vector->len, vector->reader, &frame, &size, &fault),
		RRP_FRAMING_FRAME);
	assert_int_equal(frame.header.call, 1);
	assert_int_equal(frame.sequence, 3);
	assert_int_equal(frame.payload_len, 2);
}

static void ppp_control_is_told_by_its_protocol(void **state UNUSED)
{
	static const struct {
		uint8_t frame[6];
		size_t len;
		bool is_control;
	} rows[] = {
		{{0xff, 0x03, 0xc0, 0x21, 9}, 5, true}, /* LCP */
		{{0xc0, 0x21, 9}, 3, true},
		{{0x80, 0xfd, 1}, 3, true},                 /* CCP */
		{{0xc2, 0x23, 1}, 3, true},                 /* CHAP */
		{{0xff, 0x03, 0x00, 0x21, 0x45}, 5, false}, /* IP */
		{{0xff, 0x03, 0x21, 0x45}, 4, false},       /* IP, compressed protocol */
		{{0xfd, 0x90}, 2, false},                   /* MPPE, compressed protocol */
		{{0x00, 0xfd, 0x90}, 3, false},
		{{0xff, 0x03}, 2, false}, /* cut short */
		{{0xff}, 1, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(rrp_ppp_is_control(rows[i].frame, rows[i].len),
				 rows[i].is_control);
}

static void unknown_results_are_sent_as_general_error(void **state UNUSED)
{
	static const struct {
		uint8_t from;
		uint8_t refused;
		uint8_t closed;
	} rows[] = {{0, 2, 2}, {1, 2, 1}, {2, 2, 2}, {4, 4, 4}, {5, 5, 2}, {7, 7, 2}, {8, 2, 2}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct rrp_result result = {.result = rows[i].from, .error = 9};
		uint8_t bytes[4];
		struct byte_writer out = wr_init(bytes, sizeof(bytes));
		struct rrp_result got;

		rrp_call_refused_write(&out, &result);
		rrp_call_close_write(&out, &result);
		assert_true(rrp_call_refused_read(bytes, 2, &got));
		assert_int_equal(got.result, rows[i].refused);
		assert_int_equal(got.error, 9);
		assert_true(rrp_call_close_read(bytes + 2, 2, &got));
		assert_int_equal(got.result, rows[i].closed);
	}
}

static char *protocol_text;

static void check_named(const struct vector *vector)
{
	char quoted[80];

	(void)snprintf(quoted, sizeof(quoted), "`%s`", vector->name);
	if (!strstr(protocol_text, quoted))
		fail_msg("docs/protocol.md does not name %s", vector->name);
}

static void every_vector_is_named_in_the_text(void **state UNUSED)
{
	FILE *file = fopen(DOCS "/protocol.md", "re");
	size_t len;

	assert_non_null(file);
	protocol_text = calloc(1, 65536);
	len = fread(protocol_text, 1, 65535, file);
	(void)fclose(file); /* only read */
	assert_in_range(len, 1, 65534);
	for_each_vector(check_named);
	free(protocol_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_vector_is_framed_at_its_last_byte_or_refused_at_its_first_wrong_one),
		cmocka_unit_test(every_vector_has_its_payload_taken_or_refused),
		cmocka_unit_test(truncated_payloads_are_refused),
		cmocka_unit_test(hello_both_ways),
		cmocka_unit_test(welcome_both_ways),
		cmocka_unit_test(goaway_and_error_both_ways),
		cmocka_unit_test(enrolment_both_ways),
		cmocka_unit_test(error_text_is_cut_by_its_writer),
		cmocka_unit_test(call_open_both_ways),
		cmocka_unit_test(call_answers_both_ways),
		cmocka_unit_test(link_info_both_ways),
		cmocka_unit_test(flow_frames_both_ways),
		cmocka_unit_test(ppp_and_grease_encode_as_their_vectors),
		cmocka_unit_test(sequence_is_the_event_number),
		cmocka_unit_test(ppp_control_is_told_by_its_protocol),
		cmocka_unit_test(unknown_results_are_sent_as_general_error),
		cmocka_unit_test(every_vector_is_named_in_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
