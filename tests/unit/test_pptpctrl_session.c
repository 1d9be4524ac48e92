/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call's life as its owner is told of it, in every order in which manager, pppd and owner act. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpctrl/frame_hold.h"
#include "pptpctrl/hdlc.h"
#include "pptpctrl/manager_link.h"
#include "pptpctrl/ppp_channel.h"
#include "pptpctrl/ppp_session.h"
#include "pptpctrl/pppoe_link.h"
#include "pptpctrl/proto/pppoe.h"
#include "pptpd/base/fdio.h"
#include "tests/hdlc_least.h"
#include "tests/unit/pptpctrl_manager.h"
#include "tests/unit/pptpd_help.h"

static const uint8_t frame[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};
static const uint8_t ipcp[] = {0xff, 0x03, 0x80, 0x21, 0x01, 0x01, 0x00, 0x04};
static const uint8_t chap_failure[] = {0xff, 0x03, 0xc2, 0x23, 0x04, 0x01, 0x00, 0x04};

struct owner {
	struct fixture *fixture;
	char name;
	struct ppp_session *session;
	const char *stop_at; /* stops the session when it is told that */
	const char *new_at;  /* asks for another call, which nobody watches, when it is told that */
};

struct fixture {
	struct manager_end manager;
	struct ev_loop *loop;
	struct manager_link *link;
	bool has_link;
	struct ppp_sessions *sessions;
	struct owner a, b, other;
	char told[1024];
	unsigned descriptors;
};

static bool no_channel;

struct ppp_channel *__real_ppp_channel_pty(struct ev_loop *loop, int fd,
					   const struct ppp_channel_ops *ops, void *context);
struct ppp_channel *__wrap_ppp_channel_pty(struct ev_loop *loop, int fd,
					   const struct ppp_channel_ops *ops, void *context);

struct ppp_channel *__wrap_ppp_channel_pty(struct ev_loop *loop, int fd,
					   const struct ppp_channel_ops *ops, void *context)
{
	errno = ENOMEM;
	return no_channel ? NULL : __real_ppp_channel_pty(loop, fd, ops, context);
}

static void request_call(struct fixture *f, struct owner *owner);

static void told(struct owner *owner, const char *what, const char *format, ...) PRINTF_LIKE(3, 4);

/* Notes "a what details;", and does what the owner was told to do then. */
static void told(struct owner *owner, const char *what, const char *format, ...)
{
	struct fixture *f = owner->fixture;
	size_t used = strlen(f->told);
	va_list args;

	used += (size_t)snprintf(f->told + used, sizeof(f->told) - used, "%c %s", owner->name,
				 what);
	va_start(args, format);
	used += (size_t)vsnprintf(f->told + used, sizeof(f->told) - used, format, args);
	va_end(args);
	(void)snprintf(f->told + used, sizeof(f->told) - used, ";");
	if (owner->stop_at && strcmp(owner->stop_at, what) == 0)
		ppp_session_stop(owner->session);
	if (owner->new_at && strcmp(owner->new_at, what) == 0)
		request_call(f, &f->other);
}

static void on_started(void *context, uint16_t call_id)
{
	told(context, "started", " %u", call_id);
}

static void on_refused(void *context, enum ipc_refusal reason)
{
	told(context, "refused", " %d", (int)reason);
}

static void on_frame(void *context, const uint8_t *got, size_t len)
{
	/* The last two bytes are those of each. */
	assert_int_equal(len, sizeof(frame));
	assert_memory_equal(got + len - 2, frame + len - 2, 2);
	told(context, "frame", "%s", "");
}

static void on_ended(void *context)
{
	told(context, "ended", "%s", "");
}

static void on_reaped(void *context, int32_t pppd_pid, int wait_status)
{
	const struct owner *owner = context;

	told(context, "reaped", " %d %x%s", pppd_pid, (unsigned)wait_status,
	     ppp_session_is_denied(owner->session) ? " denied" : "");
}

static const struct ppp_session_ops session_ops = {
	.started = on_started,
	.refused = on_refused,
	.frame = on_frame,
	.ended = on_ended,
	.reaped = on_reaped,
};

static void on_link_given(void *context, const struct ipc_link *link, int fd)
{
	struct fixture *f = context;

	f->has_link = ppp_sessions_link_given(f->sessions, link, fd);
}

static void on_call_started(void *context, const struct ipc_call_started *started, int fd)
{
	struct fixture *f = context;

	ppp_sessions_call_started(f->sessions, started, fd);
}

static void on_call_refused(void *context, uint32_t request, enum ipc_refusal reason)
{
	struct fixture *f = context;

	ppp_sessions_call_refused(f->sessions, request, reason);
}

static void on_call_ended(void *context, const struct ipc_call_ended *ended)
{
	struct fixture *f = context;

	ppp_sessions_call_ended(f->sessions, ended);
}

static const struct manager_link_ops link_ops = {
	.link_given = on_link_given,
	.call_started = on_call_started,
	.call_refused = on_call_refused,
	.call_ended = on_call_ended,
};

static void request_call(struct fixture *f, struct owner *owner)
{
	const struct in_addr client = {.s_addr = htonl(0xc0000207)}; /* 192.0.2.7 */

	owner->session = ppp_session_new(f->sessions, client, 7, &session_ops, owner);
	assert_non_null(owner->session);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	caught_begin();
	no_channel = false;
	f->descriptors = open_descriptors();
	manager_begin(&f->manager);
	f->loop = ev_loop_new(EVFLAG_AUTO);
	f->link = manager_link_new(f->loop, &link_ops, f);
	f->sessions = ppp_sessions_new(f->loop, f->link);
	assert_non_null(f->sessions);
	f->a = (struct owner){.fixture = f, .name = 'a'};
	f->b = (struct owner){.fixture = f, .name = 'b'};
	f->other = (struct owner){.fixture = f, .name = 'o'};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	f->told[0] = '\0';
	ppp_sessions_free(f->sessions);
	assert_string_equal(f->told, "");
	manager_link_free(f->link);
	ev_loop_destroy(f->loop);
	manager_end(&f->manager);
	assert_int_equal(open_descriptors(), f->descriptors);
	free(f);
	return 0;
}

static void assert_told(struct fixture *f, const char *expected)
{
	run_ready(f->loop);
	assert_string_equal(f->told, expected);
	f->told[0] = '\0';
}

static void assert_asked(struct fixture *f, const char *expected)
{
	run_ready(f->loop);
	manager_assert_asked(&f->manager, expected);
}

/* Session a, started as call 5; returns pppd's end of the channel. */
static int start_a(struct fixture *f)
{
	int pppd;

	request_call(f, &f->a);
	assert_asked(f, "start 0 192.0.2.7/7;");
	pppd = manager_send_started(&f->manager, 0, 5);
	assert_told(f, "a started 5;");
	return pppd;
}

static void pppd_says(int pppd, const uint8_t what[static sizeof(frame)])
{
	uint8_t bytes[HDLC_ENCODED_MAX(sizeof(frame))];
	size_t len;

	len = hdlc_encode(hdlc_escapes_least(), what, sizeof(frame), bytes, sizeof(bytes));
	assert_int_equal(write(pppd, bytes, len), len);
}

static void pppd_speaks(int pppd)
{
	pppd_says(pppd, frame);
}

/* Whether one frame is all that pppd finds. */
static bool pppd_hears_frame(int pppd)
{
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	uint8_t bytes[256];
	ssize_t len = read(pppd, bytes, sizeof(bytes));
	const uint8_t *got;
	size_t got_len;
	struct byte_reader in;
	bool good;

	if (len <= 0)
		return false;
	in = rd_init(bytes, (size_t)len);
	hdlc_decoder_init(&decoder);
	good = hdlc_decoder_next(&decoder, &in, &room, &got, &got_len) &&
	       got_len == sizeof(frame) && memcmp(got, frame, got_len) == 0;
	hdlc_decoder_done(&decoder);
	return good;
}

/* So many frames are what pppd finds. */
static unsigned frames_at_pppd(int pppd)
{
	struct hdlc_decoder decoder;
	struct hdlc_frame room;
	uint8_t bytes[4096];
	ssize_t len = read(pppd, bytes, sizeof(bytes));
	const uint8_t *got;
	size_t got_len;
	struct byte_reader in = rd_init(bytes, len > 0 ? (size_t)len : 0);
	unsigned count = 0;

	hdlc_decoder_init(&decoder);
	while (hdlc_decoder_next(&decoder, &in, &room, &got, &got_len)) {
		assert_int_equal(got_len, sizeof(frame));
		assert_memory_equal(got, frame, got_len);
		count++;
	}
	hdlc_decoder_done(&decoder);
	return count;
}

static bool is_hung_up(int pppd)
{
	uint8_t byte;

	return read(pppd, &byte, 1) == 0;
}

static void a_call_carries_frames_from_its_start(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	assert_true(ppp_session_carries_frames(f->a.session));
	pppd_speaks(pppd);
	assert_told(f, "a frame;");
	ppp_session_send(f->a.session, frame, sizeof(frame));
	assert_told(f, "");
	assert_true(pppd_hears_frame(pppd));
	assert_asked(f, "ready 5;");
	fdio_close(&pppd);
}

/* pppd, or the kernel for it, throws away what comes before. */
static void what_comes_before_pppd_is_ready_waits_for_its_first_frame(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	ppp_session_send(f->a.session, frame, sizeof(frame));
	ppp_session_send(f->a.session, frame, sizeof(frame));
	assert_told(f, "");
	assert_int_equal(frames_at_pppd(pppd), 0);
	pppd_speaks(pppd);
	assert_told(f, "a frame;");
	assert_int_equal(frames_at_pppd(pppd), 2);
	ppp_session_send(f->a.session, frame, sizeof(frame));
	assert_told(f, "");
	assert_int_equal(frames_at_pppd(pppd), 1);
	fdio_close(&pppd);
}

static void pppd_that_waits_for_the_client_gets_its_frame_after_all(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);
	unsigned got = 0;

	ppp_session_send(f->a.session, frame, sizeof(frame));
	while (!got) {
		ev_run(f->loop, EVRUN_ONCE);
		run_ready(f->loop);
		got = frames_at_pppd(pppd);
	}
	assert_int_equal(got, 1);
	ppp_session_send(f->a.session, frame, sizeof(frame));
	assert_told(f, "");
	assert_int_equal(frames_at_pppd(pppd), 1);
	fdio_close(&pppd);
}

static void what_waits_for_pppd_is_bounded(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);
	unsigned got;

	for (unsigned i = 0; i < FRAME_HOLD_MAX; i++)
		ppp_session_send(f->a.session, frame, sizeof(frame));
	pppd_speaks(pppd);
	assert_told(f, "a frame;");
	got = frames_at_pppd(pppd);
	assert_true(got > 0 && got <= FRAME_HOLD_MAX / sizeof(frame));
	fdio_close(&pppd);
}

/* The link's end that the kernel has, played with one datagram for each frame. */
static int give_link(struct fixture *f)
{
	const struct ipc_link link = {
		.type = IPC_LINK,
		.kind = IPC_LINK_TAP,
		.kernel = {2, 0, 0, 0, 0, 1},
		.child = {2, 0, 0, 0, 0, 2},
	};
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	manager_send(&f->manager, &link, pair[0]);
	return pair[1];
}

static void start_without_descriptor(struct fixture *f, uint32_t request, uint16_t call_id,
				     enum ipc_channel kind)
{
	const struct ipc_call_started started = {
		.type = IPC_CALL_STARTED,
		.request = request,
		.call_id = call_id,
		.channel = (uint16_t)kind,
		.pppd_pid = 1000 + call_id,
	};

	manager_send(&f->manager, &started, -1);
}

static void kernel_sends(int link, uint16_t session, const uint8_t *payload, size_t len)
{
	struct pppoe_frame header = {
		.destination = {2, 0, 0, 0, 0, 2},
		.source = {2, 0, 0, 0, 0, 1},
		.session = session,
		.payload_len = len,
	};
	uint8_t bytes[PPPOE_HEADER_LEN + 64];

	assert_true(pppoe_encode(&header, bytes));
	memcpy(bytes + PPPOE_HEADER_LEN, payload, len);
	assert_int_equal(write(link, bytes, PPPOE_HEADER_LEN + len), PPPOE_HEADER_LEN + len);
}

/* Whether `frame`, without address and control, is what the kernel gets for that session. */
static bool kernel_hears(int link, uint16_t session)
{
	uint8_t bytes[256];
	struct pppoe_frame got;
	ssize_t len = read(link, bytes, sizeof(bytes));

	if (len <= 0 || !pppoe_decode(bytes, (size_t)len, &got))
		return false;
	assert_memory_equal(got.destination, "\2\0\0\0\0\1", 6);
	assert_memory_equal(got.source, "\2\0\0\0\0\2", 6);
	return got.session == session && got.payload_len == sizeof(frame) - 2 &&
	       memcmp(got.payload, frame + 2, sizeof(frame) - 2) == 0;
}

struct pppoe_link *__real_pppoe_link_new(struct ev_loop *loop, struct link_io *io,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t child[PPPOE_ADDRESS_LEN]);
struct pppoe_link *__wrap_pppoe_link_new(struct ev_loop *loop, struct link_io *io,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t child[PPPOE_ADDRESS_LEN]);

static bool memory_is_out;

struct pppoe_link *__wrap_pppoe_link_new(struct ev_loop *loop, struct link_io *io,
					 const uint8_t kernel[PPPOE_ADDRESS_LEN],
					 const uint8_t child[PPPOE_ADDRESS_LEN])
{
	errno = ENOMEM;
	return memory_is_out ? NULL : __real_pppoe_link_new(loop, io, kernel, child);
}

static void link_that_memory_is_out_for_is_told(void **state)
{
	struct fixture *f = *state;
	int link;

	memory_is_out = true;
	link = give_link(f);
	run_ready(f->loop);
	memory_is_out = false;
	assert_false(f->has_link);
	assert_int_equal(caught_with("CTRL: the link of the PPPoE sessions"), 1);
	assert_int_equal(read(link, &(char){0}, 1), 0); /* closed */
	(void)close(link);
}

static void calls_may_share_the_link(void **state)
{
	struct fixture *f = *state;
	int link = give_link(f);

	request_call(f, &f->a);
	request_call(f, &f->b);
	start_without_descriptor(f, 0, 5, IPC_CHANNEL_PPPOE);
	start_without_descriptor(f, 1, 6, IPC_CHANNEL_PPPOE);
	assert_told(f, "a started 5;b started 6;");
	assert_asked(f, "start 0 192.0.2.7/7;start 1 192.0.2.7/7;");
	assert_true(ppp_session_carries_frames(f->a.session));
	ppp_session_send(f->a.session, frame, sizeof(frame)); /* pppd is not ready */
	assert_false(kernel_hears(link, 5));
	kernel_sends(link, 5, frame + 2, sizeof(frame) - 2);
	assert_told(f, "a frame;");
	assert_true(kernel_hears(link, 5));
	kernel_sends(link, 6, ipcp + 2, sizeof(ipcp) - 2);
	assert_told(f, "b frame;");
	assert_asked(f, "ready 5;ready 6;proven 6;");
	ppp_session_send(f->b.session, frame + 2, sizeof(frame) - 2);
	assert_true(kernel_hears(link, 6));
	ppp_session_stop(f->a.session);
	assert_asked(f, "stop 5;");
	kernel_sends(link, 5, frame + 2, sizeof(frame) - 2);
	assert_told(f, "");
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a reaped 1005 1000;");
	manager_send_ended(&f->manager, 6);
	assert_told(f, "b ended;b reaped 1006 1000;");
	fdio_close(&link);
}

static void a_link_that_is_lost_ends_no_call(void **state)
{
	struct fixture *f = *state;
	int link = give_link(f);

	request_call(f, &f->a);
	start_without_descriptor(f, 0, 5, IPC_CHANNEL_PPPOE);
	assert_told(f, "a started 5;");
	kernel_sends(link, 5, frame + 2, sizeof(frame) - 2);
	assert_told(f, "a frame;");
	fdio_close(&link);
	assert_told(f, "");
	ppp_session_send(f->a.session, frame, sizeof(frame));
	assert_told(f, "");
	assert_asked(f, "start 0 192.0.2.7/7;ready 5;");
	assert_int_equal(caught_with("the link of the PPPoE sessions is gone"), 1);
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a ended;a reaped 1005 1000;");
}

static void a_call_that_the_kernel_moves_carries_no_frames(void **state)
{
	struct fixture *f = *state;

	request_call(f, &f->a);
	start_without_descriptor(f, 0, 5, IPC_CHANNEL_KERNEL);
	assert_told(f, "a started 5;");
	assert_false(ppp_session_carries_frames(f->a.session));
	ppp_session_stop(f->a.session);
	assert_asked(f, "start 0 192.0.2.7/7;stop 5;");
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a reaped 1005 1000;");
}

static void a_call_without_frames_ends_when_its_pppd_is_reaped(void **state)
{
	struct fixture *f = *state;

	request_call(f, &f->a);
	start_without_descriptor(f, 0, 5, IPC_CHANNEL_KERNEL);
	assert_told(f, "a started 5;");
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a ended;a reaped 1005 1000;");
	assert_asked(f, "start 0 192.0.2.7/7;");
}

/* No frame says so here. */
static void the_manager_may_say_that_a_call_was_denied(void **state)
{
	struct fixture *f = *state;
	const struct ipc_call_ended ended = {.type = IPC_CALL_ENDED, .call_id = 5, .denied = 1};

	request_call(f, &f->a);
	start_without_descriptor(f, 0, 5, IPC_CHANNEL_KERNEL);
	manager_send(&f->manager, &ended, -1);
	assert_told(f, "a started 5;a ended;a reaped 1005 0 denied;");
}

static void a_call_is_proven_once_by_pppds_first_network_control_frame(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	pppd_speaks(pppd);
	ppp_session_send(f->a.session, ipcp, sizeof(ipcp)); /* the client's word proves nothing */
	assert_asked(f, "ready 5;");
	pppd_says(pppd, ipcp);
	pppd_says(pppd, ipcp);
	assert_asked(f, "proven 5;");
	assert_told(f, "a frame;a frame;a frame;");
	fdio_close(&pppd);
}

static void a_call_is_ready_once_by_pppds_first_frame(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	ppp_session_send(f->a.session, frame, sizeof(frame)); /* the client's says nothing of it */
	assert_asked(f, "");
	pppd_speaks(pppd);
	pppd_speaks(pppd);
	assert_asked(f, "ready 5;");
	assert_told(f, "a frame;a frame;");
	fdio_close(&pppd);
}

static void a_call_is_denied_by_what_pppd_says(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	ppp_session_send(f->a.session, chap_failure, sizeof(chap_failure));
	pppd_speaks(pppd);
	assert_told(f, "a frame;");
	assert_false(ppp_session_is_denied(f->a.session));
	pppd_says(pppd, chap_failure);
	assert_told(f, "a frame;");
	assert_true(ppp_session_is_denied(f->a.session));
	/* It had another try. */
	pppd_says(pppd, ipcp);
	assert_told(f, "a frame;");
	assert_false(ppp_session_is_denied(f->a.session));
	fdio_close(&pppd);
}

static void a_refused_call_is_told_why_and_nothing_more(void **state)
{
	struct fixture *f = *state;

	request_call(f, &f->a);
	manager_send_refused(&f->manager, 0, IPC_REFUSAL_FULL);
	manager_send_ended(&f->manager, 0);
	assert_told(f, "a refused 1;");
	assert_asked(f, "start 0 192.0.2.7/7;");
}

static void pppd_that_closes_its_side_ends_the_call_before_it_is_reaped(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	pppd_speaks(pppd);
	fdio_close(&pppd);
	assert_told(f, "a frame;a ended;");
	assert_asked(f, "ready 5;stop 5;");
	ppp_session_send(f->a.session, frame, sizeof(frame));
	ppp_session_stop(f->a.session);
	assert_asked(f, "");
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a reaped 1005 1000;");
	assert_asked(f, "");
}

/* Its call ID belongs to nobody any more: stopping that would be meant for another call. */
static void pppd_that_is_reaped_first_ends_the_call_which_is_not_stopped(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	manager_send_ended(&f->manager, 5);
	assert_told(f, "a ended;a reaped 1005 1000;");
	assert_asked(f, "");
	assert_true(is_hung_up(pppd));
	fdio_close(&pppd);
}

static void pppd_that_closes_and_is_reaped_at_once_ends_the_call_once(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	fdio_close(&pppd);
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a ended;a reaped 1005 1000;");
}

static void a_call_that_is_stopped_is_hung_up_and_only_reaped(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	ppp_session_stop(f->a.session);
	assert_true(is_hung_up(pppd));
	assert_asked(f, "stop 5;");
	ppp_session_stop(f->a.session);
	ppp_session_send(f->a.session, frame, sizeof(frame));
	assert_told(f, "");
	assert_asked(f, "");
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a reaped 1005 1000;");
	fdio_close(&pppd);
}

static void a_call_that_is_stopped_before_its_start_is_hung_up_then(void **state)
{
	struct fixture *f = *state;
	int pppd;

	request_call(f, &f->a);
	ppp_session_stop(f->a.session);
	ppp_session_stop(f->a.session);
	ppp_session_send(f->a.session, frame, sizeof(frame));
	assert_asked(f, "start 0 192.0.2.7/7;cancel 0;");
	pppd = manager_send_started(&f->manager, 0, 5);
	assert_told(f, "");
	assert_asked(f, "stop 5;");
	assert_true(is_hung_up(pppd));
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a reaped 1005 1000;");
	fdio_close(&pppd);
}

static void a_call_that_is_stopped_before_its_start_may_be_refused(void **state)
{
	struct fixture *f = *state;

	request_call(f, &f->a);
	ppp_session_stop(f->a.session);
	manager_send_refused(&f->manager, 0, IPC_REFUSAL_SYSTEM);
	assert_told(f, "a refused 2;");
	assert_asked(f, "start 0 192.0.2.7/7;cancel 0;");
}

static void a_call_whose_channel_cannot_be_made_is_ended_and_hung_up(void **state)
{
	struct fixture *f = *state;
	int pppd;

	request_call(f, &f->a);
	no_channel = true;
	pppd = manager_send_started(&f->manager, 0, 5);
	assert_told(f, "a ended;");
	assert_asked(f, "start 0 192.0.2.7/7;stop 5;");
	assert_true(is_hung_up(pppd));
	assert_int_equal(caught_with("channel of call 5: Cannot allocate memory"), 1);
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a reaped 1005 1000;");
	fdio_close(&pppd);
}

static void a_call_may_be_stopped_in_its_start(void **state)
{
	struct fixture *f = *state;
	int pppd;

	f->a.stop_at = "started";
	pppd = start_a(f);
	assert_asked(f, "stop 5;");
	assert_true(is_hung_up(pppd));
	fdio_close(&pppd);
}

static void a_call_may_be_stopped_in_its_frame(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	f->a.stop_at = "frame";
	pppd_speaks(pppd);
	pppd_speaks(pppd);
	assert_told(f, "a frame;");
	assert_asked(f, "ready 5;stop 5;");
	fdio_close(&pppd);
}

static void a_call_may_be_stopped_when_it_has_ended(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	f->a.stop_at = "ended";
	fdio_close(&pppd);
	assert_told(f, "a ended;");
	assert_asked(f, "stop 5;");
}

static void another_call_may_be_asked_for_in_the_last_word_of_one(void **state)
{
	struct fixture *f = *state;
	int pppd;

	f->a.new_at = "reaped";
	pppd = start_a(f);
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a ended;a reaped 1005 1000;");
	assert_asked(f, "start 1 192.0.2.7/7;");
	manager_send_refused(&f->manager, 1, IPC_REFUSAL_STOPPING);
	assert_told(f, "o refused 3;");
	request_call(f, &f->b);
	f->b.new_at = "refused";
	manager_send_refused(&f->manager, 2, IPC_REFUSAL_FULL);
	assert_told(f, "b refused 1;");
	assert_asked(f, "start 2 192.0.2.7/7;start 3 192.0.2.7/7;");
	fdio_close(&pppd);
}

static void two_calls_do_not_touch_each_other(void **state)
{
	struct fixture *f = *state;
	int pppd_a, pppd_b;

	request_call(f, &f->a);
	request_call(f, &f->b);
	assert_asked(f, "start 0 192.0.2.7/7;start 1 192.0.2.7/7;");
	pppd_b = manager_send_started(&f->manager, 1, 6);
	pppd_a = manager_send_started(&f->manager, 0, 5);
	assert_told(f, "b started 6;a started 5;");
	pppd_speaks(pppd_a);
	assert_told(f, "a frame;");
	ppp_session_send(f->b.session, frame, sizeof(frame));
	pppd_speaks(pppd_b);
	assert_told(f, "b frame;");
	assert_true(pppd_hears_frame(pppd_b));
	assert_false(pppd_hears_frame(pppd_a));
	ppp_session_stop(f->a.session);
	assert_asked(f, "ready 5;ready 6;stop 5;");
	manager_send_ended(&f->manager, 5);
	pppd_speaks(pppd_b);
	run_ready(f->loop);
	assert_non_null(strstr(f->told, "a reaped 1005 1000;"));
	assert_non_null(strstr(f->told, "b frame;"));
	f->told[0] = '\0';
	manager_send_ended(&f->manager, 6);
	assert_told(f, "b ended;b reaped 1006 1000;");
	fdio_close(&pppd_a);
	fdio_close(&pppd_b);
}

/* One that was not started yet has no number; its memory says 0. */
static void a_waiting_call_is_not_mistaken_for_one_with_a_number(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	request_call(f, &f->b);
	manager_send_ended(&f->manager, 0);
	assert_told(f, "");
	manager_send_ended(&f->manager, 5);
	assert_told(f, "a ended;a reaped 1005 1000;");
	fdio_close(&pppd);
	pppd = manager_send_started(&f->manager, 1, 5);
	assert_told(f, "b started 5;");
	fdio_close(&pppd);
}

static void words_about_unknown_calls_are_ignored(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f);

	manager_send_ended(&f->manager, 6);
	manager_send_refused(&f->manager, 0, IPC_REFUSAL_FULL);
	manager_send_refused(&f->manager, 77, IPC_REFUSAL_FULL);
	assert_told(f, "");
	assert_asked(f, "");
	pppd_speaks(pppd);
	assert_told(f, "a frame;");
	fdio_close(&pppd);
}

/* tear_down() looks: no word to anybody, and no descriptor is left. */
static void all_calls_are_freed_in_any_state_without_a_word(void **state)
{
	struct fixture *f = *state;
	int pppd = start_a(f), ending;

	request_call(f, &f->b);
	ending = manager_send_started(&f->manager, 1, 6);
	assert_told(f, "b started 6;");
	ppp_session_stop(f->b.session);
	request_call(f, &f->other);
	assert_asked(f, "start 1 192.0.2.7/7;stop 6;start 2 192.0.2.7/7;");
	fdio_close(&pppd);
	fdio_close(&ending);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_carries_frames_from_its_start),
		TEST(what_comes_before_pppd_is_ready_waits_for_its_first_frame),
		TEST(pppd_that_waits_for_the_client_gets_its_frame_after_all),
		TEST(what_waits_for_pppd_is_bounded),
		TEST(calls_may_share_the_link),
		TEST(link_that_memory_is_out_for_is_told),
		TEST(a_link_that_is_lost_ends_no_call),
		TEST(a_call_that_the_kernel_moves_carries_no_frames),
		TEST(a_call_without_frames_ends_when_its_pppd_is_reaped),
		TEST(the_manager_may_say_that_a_call_was_denied),
		TEST(a_call_is_ready_once_by_pppds_first_frame),
		TEST(a_call_is_proven_once_by_pppds_first_network_control_frame),
		TEST(a_call_is_denied_by_what_pppd_says),
		TEST(a_refused_call_is_told_why_and_nothing_more),
		TEST(pppd_that_closes_its_side_ends_the_call_before_it_is_reaped),
		TEST(pppd_that_is_reaped_first_ends_the_call_which_is_not_stopped),
		TEST(pppd_that_closes_and_is_reaped_at_once_ends_the_call_once),
		TEST(a_call_that_is_stopped_is_hung_up_and_only_reaped),
		TEST(a_call_that_is_stopped_before_its_start_is_hung_up_then),
		TEST(a_call_that_is_stopped_before_its_start_may_be_refused),
		TEST(a_call_whose_channel_cannot_be_made_is_ended_and_hung_up),
		TEST(a_call_may_be_stopped_in_its_start),
		TEST(a_call_may_be_stopped_in_its_frame),
		TEST(a_call_may_be_stopped_when_it_has_ended),
		TEST(another_call_may_be_asked_for_in_the_last_word_of_one),
		TEST(two_calls_do_not_touch_each_other),
		TEST(a_waiting_call_is_not_mistaken_for_one_with_a_number),
		TEST(words_about_unknown_calls_are_ignored),
		TEST(all_calls_are_freed_in_any_state_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
