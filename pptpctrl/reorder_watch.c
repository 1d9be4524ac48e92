/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of the packets of kernel calls. The socket is there only while a sample is taken, a few
 * seconds at most, since each GRE packet of the whole machine costs something as long as it is; and
 * the rests between the samples of calls with little traffic grow, so that these wake hardly
 * anybody.
 */
#include "pptpctrl/reorder_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pptpctrl/manager_link.h"
#include "pptpctrl/proto/gre.h"
#include "pptpctrl/reorder_judge.h"
#include "pptpd/base/bytes.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* Packets of a sample: enough for a share of one in a hundred, and at a call's start soon there. */
#define FIRST_SAMPLE 512
#define LATER_SAMPLE 256

/*
 * A busy path shows its ways within seconds, and seldom changes them. Where samples stay short
 * there is little to be lost, either.
 */
#define SAMPLE_S   3.
#define REST_S     60.
#define REST_MAX_S 600.

/* The manager has no socket for now, but a call's life hangs on it: as often as it gives them. */
#define LISTEN_AGAIN_S 3.

/* Packets read at one wake-up, and what is read of each: the longest headers. */
#define BATCH         32
#define IP_HEADER_MAX 60
#define PACKET_MAX    (IP_HEADER_MAX + GRE_HEADER_MAX)

enum reorder_watch_state {
	REORDER_WATCH_OFF,
	REORDER_WATCH_ASKED, /* the manager, for a socket */
	REORDER_WATCH_SAMPLING,
	REORDER_WATCH_RESTING,
};

static const char *const state_names[] = {
	[REORDER_WATCH_OFF] = "off",
	[REORDER_WATCH_ASKED] = "asked",
	[REORDER_WATCH_SAMPLING] = "sampling",
	[REORDER_WATCH_RESTING] = "resting",
};

struct reorder_watch {
	struct ev_loop *loop;
	struct manager_link *link;
	struct reorder_watch_times times;
	double rest_s; /* the next one */
	const struct reorder_watch_ops *ops;
	void *context;
	enum reorder_watch_state state;
	bool told;      /* the manager, of reordering */
	bool listening; /* a sign of life is wanted, too */
	double listen_s;
	unsigned calls;
	unsigned wanted; /* packets of the sample that are still to come */
	ev_io readable;  /* its descriptor is owned while sampling */
	ev_timer over;   /* active while sampling or resting */
	struct reorder_judge judge;
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	uint8_t packets[BATCH][PACKET_MAX];
};

static void run_timer(struct reorder_watch *watch, double seconds)
{
	ev_timer_stop(watch->loop, &watch->over);
	ev_timer_set(&watch->over, seconds, 0.);
	ev_timer_start(watch->loop, &watch->over);
}

/* Leaves the old state's socket and timer behind. */
static void set_state(struct reorder_watch *watch, enum reorder_watch_state state,
		      const char *reason)
{
	int fd = watch->readable.fd;

	log_debug("CTRL: order of packets: %s -> %s: %s", state_names[watch->state],
		  state_names[state], reason);
	if (watch->state == REORDER_WATCH_SAMPLING) {
		ev_io_stop(watch->loop, &watch->readable);
		fdio_close(&fd);
	}
	ev_timer_stop(watch->loop, &watch->over);
	watch->state = state;
}

static void ask(struct reorder_watch *watch, const char *reason)
{
	set_state(watch, REORDER_WATCH_ASKED, reason);
	manager_link_open_gre(watch->link, true);
}

/* Each time longer, unless there is much to be seen. */
static void rest(struct reorder_watch *watch, const char *reason)
{
	bool is_full = watch->state == REORDER_WATCH_SAMPLING && !watch->wanted;

	if (is_full)
		watch->rest_s = watch->times.rest_s;
	set_state(watch, REORDER_WATCH_RESTING, reason);
	run_timer(watch, watch->rest_s);
	if (!is_full)
		watch->rest_s = MIN(2. * watch->rest_s, watch->times.rest_max_s);
}

static void ask_again(struct reorder_watch *watch)
{
	watch->wanted = LATER_SAMPLE;
	ask(watch, "another sample");
}

static void on_over(struct ev_loop *loop UNUSED, ev_timer *over, int events UNUSED)
{
	struct reorder_watch *watch = container_of(over, struct reorder_watch, over);

	if (watch->state == REORDER_WATCH_RESTING) {
		ask_again(watch);
		return;
	}
	watch->listening = false;
	rest(watch, "the time is over");
}

/* The kernel has checked the IP header of what a raw socket gives, but it need not be all there. */
static void input(struct reorder_watch *watch, const uint8_t *packet, size_t len, struct mono now)
{
	struct byte_reader in = rd_init(packet, len);
	size_t header_len = (rd_u8(&in) & 0x0f) * 4u;
	struct gre_header header;
	size_t left;

	if (!header_len)
		return;
	rd_skip(&in, header_len - 1);
	if (rd_failed(&in))
		return;
	left = rd_left(&in);
	if (!gre_decode_cut(rd_bytes(&in, left), left, &header))
		return;
	if (!watch->ops->heard(watch->context, header.call_id, now))
		return; /* anybody can send those */
	watch->wanted -= MIN(watch->wanted, 1u);
	if (header.has_sequence)
		reorder_judge_packet(&watch->judge, header.call_id, header.sequence);
}

/* A sign of life that has come leaves the sample as long as any. */
static void stop_listening(struct reorder_watch *watch)
{
	if (!watch->listening || watch->ops->listens(watch->context))
		return;
	watch->listening = false;
	run_timer(watch, watch->times.sample_s);
}

static void judge(struct reorder_watch *watch)
{
	const struct reorder_judge *judge = &watch->judge;

	if (!watch->told && reorder_judge_is_noticeable(judge)) {
		log_debug("CTRL: order of packets: %u of %u were late", judge->late,
			  judge->packets);
		manager_link_reordered(watch->link);
		watch->told = true;
	}
	stop_listening(watch);
	if (!watch->wanted && !watch->listening)
		rest(watch, "the sample is taken");
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *readable, int events UNUSED)
{
	struct reorder_watch *watch = container_of(readable, struct reorder_watch, readable);
	int count = recvmmsg(readable->fd, watch->messages, BATCH, 0, NULL);
	struct mono now;

	if (count < 0) /* what ICMP brought is off the socket now that it was read */
		return;
	now = mono_now();
	for (int i = 0; i < count; i++)
		input(watch, watch->packets[i], MIN(watch->messages[i].msg_len, PACKET_MAX), now);
	judge(watch);
}

struct reorder_watch *reorder_watch_new(struct ev_loop *loop, struct manager_link *link,
					const struct reorder_watch_ops *ops, void *context)
{
	struct reorder_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->loop = loop;
	watch->link = link;
	watch->times = (struct reorder_watch_times){SAMPLE_S, REST_S, REST_MAX_S};
	watch->rest_s = REST_S;
	watch->ops = ops;
	watch->context = context;
	for (size_t i = 0; i < BATCH; i++) {
		watch->parts[i] =
			(struct iovec){.iov_base = watch->packets[i], .iov_len = PACKET_MAX};
		watch->messages[i].msg_hdr =
			(struct msghdr){.msg_iov = &watch->parts[i], .msg_iovlen = 1};
	}
	ev_init(&watch->readable, on_readable);
	ev_init(&watch->over, on_over);
	return watch;
}

void reorder_watch_set_times(struct reorder_watch *watch, const struct reorder_watch_times *times)
{
	watch->times = *times;
	watch->rest_s = times->rest_s;
}

void reorder_watch_free(struct reorder_watch *watch)
{
	if (!watch)
		return;
	set_state(watch, REORDER_WATCH_OFF, "the end");
	free(watch);
}

/* A new call may have more to show than those before: it does not wait for longer than usual. */
static void rest_shorter(struct reorder_watch *watch)
{
	watch->rest_s = watch->times.rest_s;
	if (watch->state == REORDER_WATCH_RESTING &&
	    ev_timer_remaining(watch->loop, &watch->over) > watch->rest_s)
		run_timer(watch, watch->rest_s);
}

/* A manager that was told may have chosen the kernel again: then it is told again. */
void reorder_watch_call_started(struct reorder_watch *watch)
{
	watch->calls++;
	watch->told = false;
	rest_shorter(watch);
	if (watch->state != REORDER_WATCH_OFF)
		return;
	watch->wanted = FIRST_SAMPLE;
	ask(watch, "the first call");
}

void reorder_watch_call_over(struct reorder_watch *watch)
{
	watch->calls--;
	if (!watch->calls)
		watch->listening = false;
	if (!watch->calls && watch->state != REORDER_WATCH_ASKED)
		set_state(watch, REORDER_WATCH_OFF, "no call");
}

void reorder_watch_opened(struct reorder_watch *watch, int fd)
{
	if (watch->state != REORDER_WATCH_ASKED || !watch->calls) {
		fdio_close(&fd);
		set_state(watch, REORDER_WATCH_OFF, "nothing to look at");
		return;
	}
	if (fd < 0) {
		rest(watch, "no socket");
		if (watch->listening)
			run_timer(watch, MIN(LISTEN_AGAIN_S, watch->times.rest_s));
		return;
	}
	reorder_judge_begin(&watch->judge);
	ev_io_set(&watch->readable, fd, EV_READ);
	set_state(watch, REORDER_WATCH_SAMPLING, "a socket");
	run_timer(watch, watch->listening ? watch->listen_s : watch->times.sample_s);
	ev_io_start(watch->loop, &watch->readable);
}

void reorder_watch_listen(struct reorder_watch *watch, double for_s)
{
	if (!watch->calls)
		return;
	watch->listening = true;
	watch->listen_s = for_s;
	if (watch->state == REORDER_WATCH_SAMPLING)
		run_timer(watch, for_s);
	else if (watch->state == REORDER_WATCH_RESTING)
		ask_again(watch);
}
