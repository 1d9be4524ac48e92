/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames through the channel on a real pseudo-terminal: all sizes, split, to a pppd that is slow or
 * gone, and an owner that frees the channel when it is told something. When frames are written is
 * test_chan_pty.c's.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "pptpctrl/hdlc.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpd/base/fdio.h"
#include "tests/hdlc_least.h"

#define FRAMES_MAX 4096

/* Milliseconds, and more, after which a test that would hang fails. */
#define PATIENCE 5000

/* As in chan_pty.c: bytes that may wait for pppd. */
#define WAITING_MAX (64 * 1024)

/* More than what a pseudo-terminal itself takes before it is full. */
#define TERMINAL_MAX (64 * 1024)

/* Frames that a slow pppd is sent, many times what may wait. */
#define FLOOD_FRAMES 2000
#define FLOOD_LEN    1000

/* Of the frames that come behind them. */
#define AFTER_LEN 200

enum when_to_free {
	FREE_NEVER,
	FREE_AT_FRAME,
	FREE_AT_STOPPED,
};

struct frame {
	size_t len;
	uint8_t *bytes;
};

struct frames {
	unsigned count;
	struct frame frame[FRAMES_MAX];
};

struct side {
	struct ev_loop *loop;
	struct ppp_channel *channel;
	enum when_to_free when_to_free;
	int master;
	int pppd;            /* descriptor of the terminal, -1 once closed */
	struct frames got;   /* by the channel's owner, from pppd */
	struct frames heard; /* by pppd */
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	bool control_heard; /* a byte below 0x20 came to pppd */
	unsigned stopped;
};

/* The channel's system calls that do less than they could. */
static struct {
	size_t most_written; /* bytes; 0: no limit */
	unsigned calls;
	unsigned reads_in_vain;
} fault;

ssize_t __real_write(int fd, const void *buffer, size_t len);
ssize_t __wrap_write(int fd, const void *buffer, size_t len);

ssize_t __wrap_write(int fd, const void *buffer, size_t len)
{
	static const int errors[] = {0, EAGAIN, 0, EINTR};
	int error = fault.most_written ? errors[fault.calls++ % ARRAY_SIZE(errors)] : 0;

	if (error) {
		errno = error;
		return -1;
	}
	return __real_write(fd, buffer, fault.most_written ? MIN(len, fault.most_written) : len);
}

ssize_t __real_read(int fd, void *buffer, size_t len);
ssize_t __wrap_read(int fd, void *buffer, size_t len);

ssize_t __wrap_read(int fd, void *buffer, size_t len)
{
	ssize_t n = __real_read(fd, buffer, len);

	if (n < 0)
		fault.reads_in_vain++;
	return n;
}

static void add_frame(struct frames *frames, const uint8_t *bytes, size_t len)
{
	struct frame *frame = &frames->frame[frames->count++];

	assert_true(frames->count <= FRAMES_MAX);
	frame->len = len;
	frame->bytes = malloc(len);
	assert_non_null(frame->bytes);
	memcpy(frame->bytes, bytes, len);
}

static void forget_frames(struct frames *frames)
{
	for (unsigned i = 0; i < frames->count; i++)
		free(frames->frame[i].bytes);
	frames->count = 0;
}

static void free_channel(struct side *side)
{
	ppp_channel_free(side->channel);
	side->channel = NULL;
}

static void on_frame(void *context, const uint8_t *frame, size_t len)
{
	struct side *side = context;

	assert_non_null(side->channel);
	add_frame(&side->got, frame, len);
	if (side->when_to_free == FREE_AT_FRAME)
		free_channel(side);
}

static void on_stopped(void *context)
{
	struct side *side = context;

	assert_non_null(side->channel);
	side->stopped++;
	if (side->when_to_free == FREE_AT_STOPPED)
		free_channel(side);
}

static const struct ppp_channel_ops ops = {.frame = on_frame, .stopped = on_stopped};

static int open_terminal(int *ret_pppd)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios mode;
	int pppd;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	pppd = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(pppd >= 0);
	assert_int_equal(tcgetattr(pppd, &mode), 0);
	cfmakeraw(&mode);
	assert_int_equal(tcsetattr(pppd, TCSANOW, &mode), 0);
	*ret_pppd = pppd;
	return master;
}

/* Without escapes but those of flag and escape, as pppd once an ACCM of 0 is agreed upon. */
static size_t encode(const uint8_t *frame, size_t len, uint8_t *out, size_t room)
{
	size_t used;

	used = hdlc_encode(hdlc_escapes_least(), frame, len, out, room);
	assert_true(used > 0);
	return used;
}

/* Takes what is at pppd's terminal now. */
static void pppd_hears(struct side *side)
{
	uint8_t bytes[4096];
	ssize_t len;

	while ((len = read(side->pppd, bytes, sizeof(bytes))) > 0) {
		struct byte_reader in = rd_init(bytes, (size_t)len);
		const uint8_t *frame;
		size_t frame_len;

		for (ssize_t i = 0; i < len; i++)
			side->control_heard |= bytes[i] < 0x20;
		while (hdlc_decoder_next(&side->decoder, &in, &side->room, &frame, &frame_len))
			add_frame(&side->heard, frame, frame_len);
	}
}

static void settle(struct side *side)
{
	for (int i = 0; i < 40; i++) {
		ev_run(side->loop, EVRUN_NOWAIT);
		if (side->pppd >= 0)
			pppd_hears(side);
	}
}

/*
 * The kernel hands bytes from one side of a terminal to the other in a thread of its own, so what
 * was written is not there at once. Waits for a number, PATIENCE turns at most.
 */
static void wait_for(struct side *side, const unsigned *number, unsigned expected)
{
	for (int i = 0; i < PATIENCE && *number < expected; i++) {
		settle(side);
		if (*number < expected)
			(void)poll(NULL, 0, 1);
	}
	settle(side);
	assert_int_equal(*number, expected);
}

static void pppd_writes(struct side *side, const uint8_t *bytes, size_t len, size_t chunk)
{
	while (len) {
		ssize_t n = __real_write(side->pppd, bytes, MIN(len, chunk));

		assert_true(n > 0 || errno == EAGAIN);
		ev_run(side->loop, EVRUN_NOWAIT);
		if (n < 0)
			continue;
		bytes += n;
		len -= (size_t)n;
	}
}

static void pppd_sends(struct side *side, const uint8_t *frame, size_t len, size_t chunk)
{
	uint8_t encoded[HDLC_ENCODED_MAX(PPP_CHANNEL_FRAME_MAX)];

	pppd_writes(side, encoded, encode(frame, len, encoded, sizeof(encoded)), chunk);
}

/* After its first frame pppd is sent what there is at once. */
static int set_up(void **state)
{
	static const uint8_t first[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};
	struct side *side = calloc(1, sizeof(*side));
	int master;

	assert_non_null(side);
	memset(&fault, 0, sizeof(fault));
	hdlc_decoder_init(&side->decoder);
	master = open_terminal(&side->pppd);
	side->loop = ev_loop_new(EVFLAG_AUTO);
	side->master = master;
	side->channel = ppp_channel_pty(side->loop, master, &ops, side);
	assert_non_null(side->channel);
	pppd_sends(side, first, sizeof(first), sizeof(first) * 4);
	wait_for(side, &side->got.count, 1);
	forget_frames(&side->got);
	*state = side;
	return 0;
}

static int tear_down(void **state)
{
	struct side *side = *state;

	ppp_channel_free(side->channel);
	ev_loop_destroy(side->loop);
	fdio_close(&side->pppd);
	hdlc_decoder_done(&side->decoder);
	forget_frames(&side->got);
	forget_frames(&side->heard);
	free(side);
	return 0;
}

/* Every value of a byte comes in a frame of 256 bytes or more. */
static void fill(uint8_t *frame, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		frame[i] = (uint8_t)(seed + i);
}

static void assert_frame(const struct frame *got, size_t len, unsigned seed)
{
	uint8_t expected[PPP_CHANNEL_FRAME_MAX];

	fill(expected, len, seed);
	assert_int_equal(got->len, len);
	assert_memory_equal(got->bytes, expected, len);
}

static const size_t lengths[] = {2, 3, 255, 256, 1500, 4096, PPP_CHANNEL_FRAME_MAX};

static void frames_of_every_size_reach_pppd(void **state)
{
	struct side *side = *state;
	uint8_t frame[PPP_CHANNEL_FRAME_MAX];

	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		fill(frame, lengths[i], i);
		ppp_channel_send(side->channel, frame, lengths[i]);
		wait_for(side, &side->heard.count, i + 1);
		assert_frame(&side->heard.frame[i], lengths[i], i);
	}
}

static void frames_of_every_size_come_from_pppd(void **state)
{
	struct side *side = *state;
	uint8_t frame[PPP_CHANNEL_FRAME_MAX];

	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		fill(frame, lengths[i], i);
		pppd_sends(side, frame, lengths[i], sizeof(frame));
		wait_for(side, &side->got.count, i + 1);
		assert_frame(&side->got.frame[i], lengths[i], i);
	}
}

static void no_byte_that_an_accm_can_name_goes_to_pppd_as_it_is(void **state)
{
	struct side *side = *state;
	uint8_t frame[256];

	fill(frame, sizeof(frame), 0);
	ppp_channel_send(side->channel, frame, sizeof(frame));
	wait_for(side, &side->heard.count, 1);
	assert_frame(&side->heard.frame[0], sizeof(frame), 0);
	assert_false(side->control_heard);
}

static void a_frame_that_comes_byte_by_byte_is_one(void **state)
{
	struct side *side = *state;
	uint8_t frame[300];

	fill(frame, sizeof(frame), 7);
	pppd_sends(side, frame, sizeof(frame), 1);
	wait_for(side, &side->got.count, 1);
	assert_frame(&side->got.frame[0], sizeof(frame), 7);
}

static void a_terminal_that_has_given_less_than_it_could_is_not_asked_again(void **state)
{
	struct side *side = *state;
	uint8_t frame[3000], encoded[HDLC_ENCODED_MAX(sizeof(frame))];
	size_t len;

	for (unsigned i = 0; i < 5; i++) {
		fill(frame, sizeof(frame), i);
		len = encode(frame, sizeof(frame), encoded, sizeof(encoded));
		assert_int_equal(__real_write(side->pppd, encoded, len), len);
		while (poll(&(struct pollfd){.fd = side->master, .events = POLLIN}, 1, 1000) == 0)
			;
		fault.reads_in_vain = 0;
		while (side->got.count <= i)
			ev_run(side->loop, EVRUN_ONCE);
		assert_int_equal(fault.reads_in_vain, 0);
	}
}

static void frames_that_come_at_once_are_many_and_keep_their_order(void **state)
{
	struct side *side = *state;
	uint8_t bytes[2048], frame[32];
	size_t len = 0;

	for (unsigned i = 0; i < 10; i++) {
		fill(frame, sizeof(frame), i);
		len += encode(frame, sizeof(frame), bytes + len, sizeof(bytes) - len);
	}
	pppd_writes(side, bytes, len, sizeof(bytes));
	wait_for(side, &side->got.count, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_frame(&side->got.frame[i], sizeof(frame), i);
}

static void a_frame_that_is_too_long_is_not_sent(void **state)
{
	struct side *side = *state;
	static const uint8_t frame[PPP_CHANNEL_FRAME_MAX + 1];

	ppp_channel_send(side->channel, frame, sizeof(frame));
	settle(side);
	assert_int_equal(side->heard.count, 0);
}

static void pppd_that_closes_its_side_is_told_once_after_its_last_frame(void **state)
{
	struct side *side = *state;
	uint8_t frame[100], encoded[HDLC_ENCODED_MAX(sizeof(frame))];
	size_t len;

	fill(frame, sizeof(frame), 1);
	len = encode(frame, sizeof(frame), encoded, sizeof(encoded));
	assert_int_equal(__real_write(side->pppd, encoded, len), len);
	fdio_close(&side->pppd);
	wait_for(side, &side->got.count, 1);
	assert_int_equal(side->stopped, 1);
	ppp_channel_send(side->channel, frame, sizeof(frame));
	wait_for(side, &side->stopped, 1);
}

static void a_channel_may_be_freed_in_its_frame(void **state)
{
	struct side *side = *state;
	uint8_t bytes[2048], frame[32];
	size_t len;

	fill(frame, sizeof(frame), 1);
	len = encode(frame, sizeof(frame), bytes, sizeof(bytes));
	len += encode(frame, sizeof(frame), bytes + len, sizeof(bytes) - len);
	side->when_to_free = FREE_AT_FRAME;
	assert_int_equal(__real_write(side->pppd, bytes, len), len);
	wait_for(side, &side->got.count, 1);
	assert_null(side->channel);
	assert_int_equal(side->stopped, 0);
	/* Its descriptor is closed: pppd is hung up. */
	assert_int_equal(read(side->pppd, bytes, sizeof(bytes)), 0);
}

static void a_channel_may_be_freed_when_it_has_stopped(void **state)
{
	struct side *side = *state;

	side->when_to_free = FREE_AT_STOPPED;
	fdio_close(&side->pppd);
	wait_for(side, &side->stopped, 1);
	assert_null(side->channel);
}

static void a_channel_may_be_freed_while_frames_wait(void **state)
{
	struct side *side = *state;
	static const uint8_t frame[FLOOD_LEN];

	for (unsigned i = 0; i < 200; i++)
		ppp_channel_send(side->channel, frame, sizeof(frame));
	free_channel(side);
	settle(side);
	assert_int_equal(side->stopped, 0);
}

static void flood(struct side *side)
{
	uint8_t frame[FLOOD_LEN];

	for (unsigned i = 0; i < FLOOD_FRAMES; i++) {
		fill(frame, sizeof(frame), 0x40);
		frame[0] = (uint8_t)(i >> 8);
		frame[1] = (uint8_t)i;
		ppp_channel_send(side->channel, frame, sizeof(frame));
		if (i % 16 == 0)
			ev_run(side->loop, EVRUN_NOWAIT);
	}
}

/* The frames of a flood are whole and in the order of their numbers; returns how many there are. */
static unsigned count_flood(const struct side *side)
{
	unsigned count = 0;
	int last = -1;

	for (unsigned i = 0; i < side->heard.count; i++) {
		const struct frame *frame = &side->heard.frame[i];
		int number;

		if (frame->len == AFTER_LEN)
			break;
		assert_int_equal(frame->len, FLOOD_LEN);
		number = frame->bytes[0] << 8 | frame->bytes[1];
		assert_true(number > last);
		last = number;
		for (size_t j = 2; j < FLOOD_LEN; j++)
			assert_int_equal(frame->bytes[j], (uint8_t)(0x40 + j));
		count++;
	}
	assert_int_equal(side->decoder.counters.bad_fcs, 0);
	assert_int_equal(side->decoder.counters.too_long, 0);
	assert_int_equal(side->decoder.counters.aborted, 0);
	return count;
}

/* Sends until one of them gets through what still waits. */
static void send_after_flood(struct side *side)
{
	uint8_t frame[AFTER_LEN];
	const struct frame *last = NULL;

	fill(frame, sizeof(frame), 9);
	for (int i = 0; i < PATIENCE && !(last && last->len == AFTER_LEN); i++) {
		ppp_channel_send(side->channel, frame, sizeof(frame));
		settle(side);
		(void)poll(NULL, 0, 1);
		if (side->heard.count)
			last = &side->heard.frame[side->heard.count - 1];
	}
	assert_non_null(last);
	assert_frame(last, AFTER_LEN, 9);
}

static void a_pppd_that_does_not_read_costs_whole_frames_and_bounded_memory(void **state)
{
	struct side *side = *state;
	unsigned count;

	flood(side);
	send_after_flood(side);
	count = count_flood(side);
	assert_true(count > 0);
	assert_true(count * FLOOD_LEN <= WAITING_MAX + TERMINAL_MAX);
}

static void frames_that_are_written_in_parts_are_whole(void **state)
{
	struct side *side = *state;
	uint8_t frame[200];

	fault.most_written = 7;
	for (unsigned i = 0; i < 20; i++) {
		fill(frame, sizeof(frame), i);
		ppp_channel_send(side->channel, frame, sizeof(frame));
	}
	for (unsigned i = 0; i < 200 && side->heard.count < 20; i++)
		wait_for(side, &side->heard.count, 20);
	for (unsigned i = 0; i < 20; i++)
		assert_frame(&side->heard.frame[i], sizeof(frame), i);
}

static void a_pppd_that_ends_with_frames_waiting_is_told_once(void **state)
{
	struct side *side = *state;

	flood(side);
	fdio_close(&side->pppd);
	wait_for(side, &side->stopped, 1);
	flood(side);
	assert_int_equal(side->stopped, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_of_every_size_reach_pppd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frames_of_every_size_come_from_pppd, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_byte_that_an_accm_can_name_goes_to_pppd_as_it_is,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_frame_that_comes_byte_by_byte_is_one, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			frames_that_come_at_once_are_many_and_keep_their_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_terminal_that_has_given_less_than_it_could_is_not_asked_again, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_frame_that_is_too_long_is_not_sent, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			pppd_that_closes_its_side_is_told_once_after_its_last_frame, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_channel_may_be_freed_in_its_frame, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_channel_may_be_freed_when_it_has_stopped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_channel_may_be_freed_while_frames_wait, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_pppd_that_does_not_read_costs_whole_frames_and_bounded_memory, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(frames_that_are_written_in_parts_are_whole, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_pppd_that_ends_with_frames_waiting_is_told_once,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
