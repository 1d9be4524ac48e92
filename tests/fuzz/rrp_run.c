/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions against any bytes; see the header. */
#include "tests/fuzz/rrp_run.h"

#include <string.h>

#include "pptpd/base/util.h"
#include "rrp/frame.h"
#include "rrp/session.h"
#include "tests/fuzz/fuzz.h"

/* The first byte of the input. */
#define CHOICE_UP     0x80
#define CHOICE_PIECES 0x7f

/* Calls that a client opens when it is up, and each time one ends. */
#define CLIENT_CALLS 3

struct run {
	struct session *session;
	enum tunnel_role role;
	uint64_t seen; /* a sum over all callbacks, to compare runs */
	struct mono now;
};

static void see(struct run *run, uint64_t what, uint64_t detail)
{
	run->seen = (run->seen ^ what) * 0x100000001b3 + detail;
}

static void open_calls(struct run *run, unsigned count)
{
	const struct tunnel_call_request request = {.phone_number = "1", .subaddress = "\xff"};

	while (run->role == TUNNEL_CLIENT && count--)
		(void)session_call_open(run->session, &request, NULL);
}

static void on_up(void *context, const char *peer_name)
{
	struct run *run = context;

	for (const char *c = peer_name; *c; c++)
		MUST(*c >= ' ' && *c <= '~');
	see(run, 1, strlen(peer_name));
	open_calls(run, CLIENT_CALLS);
}

/* By its number: left open, accepted, refused, closed. */
static void on_opened(void *context, struct tunnel_call *call,
		      const struct tunnel_call_request *request)
{
	const uint8_t lcp[] = {0xc0, 0x21, 1, 1, 0, 4};
	struct run *run = context;

	see(run, 2, tunnel_call_number(call) + strlen(request->phone_number));
	switch (tunnel_call_number(call) % 8) {
	case 0:
		break;
	case 1:
		tunnel_call_refuse(call, 4, 0);
		break;
	case 2:
		tunnel_call_close(call, 2, 0);
		break;
	default:
		tunnel_call_accept(call, 64000);
		tunnel_call_send(call, lcp, sizeof(lcp));
	}
}

static void on_accepted(void *context, struct tunnel_call *call, uint32_t connect_speed)
{
	see(context, 3, tunnel_call_number(call) + connect_speed);
	tunnel_call_link_info(call, 0, 0xffffffff);
}

static void on_refused(void *context, struct tunnel_call *call, uint8_t result, uint8_t error)
{
	MUST(result >= 2 && result <= 7);
	see(context, 4, tunnel_call_number(call) + 256U * result + error);
	open_calls(context, 1);
}

static void on_closed(void *context, struct tunnel_call *call, uint8_t result, uint8_t error)
{
	MUST(result >= 1 && result <= 4);
	see(context, 5, tunnel_call_number(call) + 256U * result + error);
	open_calls(context, 1);
}

static void on_link_info(void *context, struct tunnel_call *call, uint32_t send_accm,
			 uint32_t receive_accm)
{
	see(context, 6, send_accm + receive_accm);
	tunnel_call_link_info(call, receive_accm, send_accm);
}

/* The frame's last byte tells the owner what to do. */
static void on_frame(void *context, struct tunnel_call *call, const uint8_t *frame, size_t len)
{
	struct run *run = context;

	MUST(len >= 1 && len <= RRP_FRAME_MAX);
	see(run, 7, len + frame[len - 1]);
	switch (frame[len - 1]) {
	case 0xc1:
		tunnel_call_close(call, 1, 0);
		break;
	case 0xc2:
		session_shutdown(run->session);
		break;
	case 0xc3:
		session_abandon(run->session);
		break;
	default:
		tunnel_call_send(call, frame, len);
	}
}

static void on_notice(void *context, enum tunnel_notice notice, const char *text)
{
	struct run *run = context;

	for (const char *c = text; *c; c++)
		MUST(*c >= ' ' && *c <= '~');
	/* ACKs depend on when there was output. */
	if (notice != TUNNEL_NOTICE_DEBUG)
		see(run, 8, notice);
}

static const struct tunnel_ops ops = {
	.up = on_up,
	.call_opened = on_opened,
	.call_accepted = on_accepted,
	.call_refused = on_refused,
	.call_closed = on_closed,
	.link_info = on_link_info,
	.frame = on_frame,
	.notice = on_notice,
};

static void on_wake(void *context)
{
	(void)context;
}

/* What the session writes is legal for its peer. */
static void check_output(struct run *run, enum rrp_reader *reader)
{
	static uint8_t out[SESSION_OUTPUT_MAX];
	struct session_output output = {.bytes = out, .in_one = true};
	size_t len, at = 0;

	while ((len = session_output(run->session, &output)) > 0) {
		struct rrp_frame frame;
		struct rrp_fault fault;
		size_t size;

		for (at = 0; at < len; at += size) {
			MUST(rrp_frame_next(out + at, len - at, *reader, &frame, &size, &fault) ==
			     RRP_FRAMING_FRAME);
			if (*reader == RRP_READER_HELLO)
				*reader = RRP_READER_SERVER;
			if (*reader == RRP_READER_WELCOME)
				*reader = RRP_READER_CLIENT;
		}
		session_output_written(run->session, &output, len);
	}
}

static void feed(struct run *run, const uint8_t *data, size_t len, size_t piece)
{
	size_t used = 0, given = 0;

	do {
		given += MIN(piece, len - given);
		used += session_input(run->session, data + used, given - used, run->now);
		MUST(used <= given);
	} while (given < len);
}

static void shake_hands(struct run *run)
{
	const struct rrp_hello hello = {.lowest = 1, .highest = 1, .name = "fuzz"};
	const struct rrp_welcome welcome = {.version = 1, .name = "fuzz"};
	uint8_t bytes[256];
	struct byte_writer out = wr_init(bytes, sizeof(bytes));
	size_t frame =
		rrp_frame_begin(&out, run->role == TUNNEL_SERVER ? RRP_HELLO : RRP_WELCOME, 0, 0);

	if (run->role == TUNNEL_SERVER)
		rrp_hello_write(&out, &hello);
	else
		rrp_welcome_write(&out, &welcome);
	rrp_frame_end(&out, frame);
	feed(run, bytes, wr_len(&out), wr_len(&out));
	MUST(session_state(run->session) == SESSION_UP);
}

/* One run; `output` is written after each piece, or only at the end. Returns the sum. */
static uint64_t run_once(enum tunnel_role role, const uint8_t *data, size_t size, bool is_up,
			 size_t piece, bool output)
{
	const struct tunnel_settings settings = {
		.role = role,
		.hello_timeout_s = 5,
		.ping_interval_s = 15,
		.ping_misses = 3,
		.max_calls = 4,
		.name = "session",
	};
	const uint8_t random[SESSION_RANDOM_LEN] = {0};
	struct run run = {.role = role};
	const struct session_owner owner = {&ops, &run, on_wake, NULL};
	enum rrp_reader reader = role == TUNNEL_CLIENT ? RRP_READER_HELLO : RRP_READER_WELCOME;
	size_t given;

	run.session = session_new(&settings, random, &owner, run.now);
	MUST(run.session);
	check_output(&run, &reader); /* HELLO is on its way before anything comes */
	if (is_up)
		shake_hands(&run);
	if (!output) {
		feed(&run, data, size, piece);
	} else {
		size_t used = 0;

		for (given = 0; given < size;) {
			given += MIN(piece, size - given);
			used += session_input(run.session, data + used, given - used, run.now);
			check_output(&run, &reader);
		}
	}
	run.now = mono_add_ms(run.now, 60000);
	session_tick(run.session, run.now);
	check_output(&run, &reader);
	session_free(run.session);
	return run.seen;
}

void rrp_run(enum tunnel_role role, const uint8_t *data, size_t size)
{
	size_t piece;
	bool is_up;

	if (size < 1)
		return;
	piece = (data[0] & CHOICE_PIECES) + 1U;
	is_up = data[0] & CHOICE_UP;
	data++;
	size--;
	MUST(run_once(role, data, size, is_up, SIZE_MAX, false) ==
	     run_once(role, data, size, is_up, piece, false));
	(void)run_once(role, data, size, is_up, piece, true);
}
