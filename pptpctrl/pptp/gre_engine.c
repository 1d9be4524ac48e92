/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the call of each GRE packet, and runs the calls' windows and timers; see the header. */
#include "pptpctrl/pptp/gre_engine.h"

#include <stdlib.h>

#include "pptpctrl/proto/gre.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* Heads of the empty table. A client has one call mostly; the table doubles with the calls. */
#define HEADS_FIRST 8

/*
 * When the timer fires for one call, acknowledgements that are due so soon leave as well: else each
 * of many slow calls wakes the process for its own.
 */
#define ACK_EARLY_US (GRE_WINDOW_ACK_DELAY_US / 2)

struct gre_call {
	struct gre_engine *engine;
	struct gre_call *next; /* with the same head */
	struct list touched;   /* on engine->touched from a packet until gre_engine_settle() */
	struct list timed;     /* on engine->timed while its window may have a deadline */
	struct gre_call_settings settings;
	gre_call_frame *frame;
	void *context;
	struct gre_window *window;
	bool heard;
	struct mono last_heard;

	unsigned busy; /* nested uses of the window, which must outlast them */
	bool freed;    /* by the owner while busy */
};

struct gre_engine {
	struct ev_loop *loop;
	gre_send *send;
	gre_flush *flush; /* or NULL */
	void *context;
	struct list touched;
	struct list timed;

	/*
	 * One for all calls, for the first of their deadlines; armed only while there is one, so
	 * idle calls never wake the process. It stays when that deadline goes away (an
	 * acknowledgement left with data) and then fires once for nothing, which is cheaper than
	 * setting it with each packet.
	 */
	ev_timer timer;
	struct mono timer_at;
	struct gre_engine_counters counters;
	struct gre_call **heads; /* owned; calls by hash, linked */
	size_t head_count;       /* a power of two */
	size_t calls;
};

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events);

struct gre_engine *gre_engine_new(struct ev_loop *loop, gre_send *send, void *context)
{
	struct gre_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->heads = calloc(HEADS_FIRST, sizeof(struct gre_call *));
	if (!engine->heads) {
		free(engine);
		return NULL;
	}
	engine->head_count = HEADS_FIRST;
	engine->loop = loop;
	engine->send = send;
	engine->context = context;
	list_init(&engine->touched);
	list_init(&engine->timed);
	ev_timer_init(&engine->timer, on_timer, 0.0, 0.0);
	return engine;
}

void gre_engine_set_flush(struct gre_engine *engine, gre_flush *flush)
{
	engine->flush = flush;
}

void gre_engine_flush(struct gre_engine *engine)
{
	if (engine->flush)
		engine->flush(engine->context);
}

void gre_engine_free(struct gre_engine *engine)
{
	if (!engine)
		return;
	if (engine->calls)
		bug("gre_engine: freed with %zu calls", engine->calls);
	free(engine->heads);
	free(engine);
}

const struct gre_engine_counters *gre_engine_counters(const struct gre_engine *engine)
{
	return &engine->counters;
}

/*
 * No peer can choose what collides: our call IDs are random, and a peer's address is one that has
 * a control connection. So the product with an odd constant (2^64 / golden ratio) mixes enough.
 */
static struct gre_call **head_of(struct gre_call **heads, size_t head_count, struct in_addr peer,
				 uint16_t call_id)
{
	uint64_t key = (uint64_t)peer.s_addr << 16 | call_id;

	return &heads[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (head_count - 1)];
}

/* Where the pointer to the call is, or the NULL at the end of its head's list. */
static struct gre_call **find_call(struct gre_engine *engine, struct in_addr peer, uint16_t call_id)
{
	struct gre_call **place = head_of(engine->heads, engine->head_count, peer, call_id);

	while (*place && ((*place)->settings.call_id != call_id ||
			  (*place)->settings.peer.s_addr != peer.s_addr))
		place = &(*place)->next;
	return place;
}

/* Doubles the table. Without memory it stays as it is, which only makes its lists longer. */
static void grow_table(struct gre_engine *engine)
{
	size_t head_count = engine->head_count * 2;
	struct gre_call **heads = calloc(head_count, sizeof(struct gre_call *));

	if (!heads)
		return;
	for (size_t i = 0; i < engine->head_count; i++) {
		while (engine->heads[i]) {
			struct gre_call *call = engine->heads[i];
			struct gre_call **head = head_of(heads, head_count, call->settings.peer,
							 call->settings.call_id);

			engine->heads[i] = call->next;
			call->next = *head;
			*head = call;
		}
	}
	free(engine->heads);
	engine->heads = heads;
	engine->head_count = head_count;
}

static void call_destroy(struct gre_call *call)
{
	gre_window_free(call->window);
	free(call);
}

static void call_enter(struct gre_call *call)
{
	call->busy++;
}

/* The call may be gone after this. */
static void call_leave(struct gre_call *call)
{
	call->busy--;
	if (call->freed && !call->busy)
		call_destroy(call);
}

/* Sends a packet of the call: the frame, or an acknowledgement alone if `len` is 0. */
static void send_packet(struct gre_call *call, const uint8_t *frame, size_t len)
{
	uint8_t bytes[GRE_HEADER_MAX];
	struct gre_header header = {.call_id = call->settings.peer_call_id, .payload_len = len};
	struct iovec parts[2];

	header.has_ack = gre_window_owes_ack(call->window, &header.ack);
	if (len) {
		header.has_sequence = true;
		header.sequence = gre_window_next_sequence(call->window);
	}
	parts[0] = (struct iovec){.iov_base = bytes, .iov_len = gre_encode(&header, bytes)};
	parts[1] = (struct iovec){.iov_base = (void *)(uintptr_t)frame, .iov_len = len};
	if (header.has_ack)
		gre_window_ack_sent(call->window);
	call->engine->send(call->engine->context, call->settings.peer, parts, len ? 2 : 1);
}

static void arm_timer(struct gre_engine *engine, struct mono when, struct mono now)
{
	if (ev_is_active(&engine->timer) && !mono_before(when, engine->timer_at))
		return;
	ev_timer_stop(engine->loop, &engine->timer);
	ev_timer_set(&engine->timer, mono_until_s(when, now), 0.0);
	ev_timer_start(engine->loop, &engine->timer);
	engine->timer_at = when;
}

/*
 * Sends the acknowledgement if it is due at `ack_now`, and sees to it that the timer fires for what
 * will be.
 */
static void call_update(struct gre_call *call, struct mono now, struct mono ack_now)
{
	struct gre_engine *engine = call->engine;
	struct mono when;

	if (call->freed)
		return;
	if (gre_window_ack_due(call->window, ack_now))
		send_packet(call, NULL, 0);
	if (!gre_window_deadline(call->window, &when))
		return;
	if (list_empty(&call->timed))
		list_append(&engine->timed, &call->timed);
	arm_timer(engine, when, now);
}

/* Frames that come out of a window may end any call, so the first that is left is always next. */
static void on_timer(struct ev_loop *loop UNUSED, ev_timer *timer, int events UNUSED)
{
	struct gre_engine *engine = container_of(timer, struct gre_engine, timer);
	struct mono now = mono_now();
	struct list all;

	list_init(&all);
	list_move(&all, &engine->timed);
	while (!list_empty(&all)) {
		struct gre_call *call = container_of(all.next, struct gre_call, timed);

		list_remove(&call->timed);
		call_enter(call);
		gre_window_expire(call->window, now);
		call_update(call, now, mono_add_us(now, ACK_EARLY_US));
		call_leave(call);
	}
	gre_engine_flush(engine);
}

static void on_payload(void *context, const uint8_t *payload, size_t len)
{
	struct gre_call *call = context;

	if (!call->freed && len)
		call->frame(call->context, payload, len);
}

static void call_input(struct gre_call *call, const struct gre_header *header, struct mono now)
{
	if (header->has_sequence && list_empty(&call->touched))
		list_append(&call->engine->touched, &call->touched);
	call->heard = true;
	call->last_heard = now;
	call_enter(call);
	if (header->has_ack)
		gre_window_acked(call->window, header->ack);
	if (header->has_sequence)
		gre_window_receive(call->window, header->sequence, header->payload,
				   header->payload_len, now);
	call_leave(call);
}

void gre_engine_input(struct gre_engine *engine, struct in_addr source, const uint8_t *packet,
		      size_t len, struct mono now)
{
	struct gre_header header;
	struct gre_call *call;

	engine->counters.received++;
	if (!gre_decode(packet, len, &header)) {
		engine->counters.malformed++;
		return;
	}
	call = *find_call(engine, source, header.call_id);
	if (!call) {
		engine->counters.unknown++;
		return;
	}
	call_input(call, &header, now);
}

void gre_engine_settle(struct gre_engine *engine, struct mono now)
{
	list_for_each (item, &engine->touched) {
		list_remove(item);
		call_update(container_of(item, struct gre_call, touched), now, now);
	}
	gre_engine_flush(engine);
}

struct gre_call *gre_call_new(struct gre_engine *engine, const struct gre_call_settings *settings,
			      gre_call_frame *frame, void *context)
{
	struct gre_call *call;

	if (*find_call(engine, settings->peer, settings->call_id))
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call)
		return NULL;
	call->window = gre_window_new(on_payload, call);
	if (!call->window) {
		free(call);
		return NULL;
	}
	call->engine = engine;
	call->settings = *settings;
	call->frame = frame;
	call->context = context;
	list_init(&call->touched);
	list_init(&call->timed);
	if (engine->calls >= engine->head_count)
		grow_table(engine);
	*find_call(engine, settings->peer, settings->call_id) = call;
	engine->calls++;
	return call;
}

void gre_call_free(struct gre_call *call)
{
	struct gre_call **place;

	if (!call)
		return;
	place = find_call(call->engine, call->settings.peer, call->settings.call_id);
	if (*place != call)
		bug("gre_engine: call %u freed twice", call->settings.call_id);
	*place = call->next;
	list_remove(&call->touched);
	list_remove(&call->timed);
	call->engine->calls--;
	if (list_empty(&call->engine->timed))
		ev_timer_stop(call->engine->loop, &call->engine->timer);
	call->freed = true;
	if (!call->busy)
		call_destroy(call);
}

void gre_call_send(struct gre_call *call, const uint8_t *frame, size_t len)
{
	if (len && len <= UINT16_MAX)
		send_packet(call, frame, len);
}

bool gre_call_last_heard(const struct gre_call *call, struct mono *ret_when)
{
	if (!call->heard)
		return false;
	*ret_when = call->last_heard;
	return true;
}

const struct gre_window_counters *gre_call_counters(const struct gre_call *call)
{
	return gre_window_counters(call->window);
}
