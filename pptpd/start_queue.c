/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order and the pace of pppd's starts; see the header. Runs as root. */
#include "pptpd/start_queue.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "pptpd/base/log.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/child.h"

/*
 * A start is mostly computing: loading, options, secrets. A second one uses the moments in which
 * the first waits for the kernel, and in which we hear that it has started.
 */
#define PLACES_PER_PROCESSOR 2

/*
 * A pppd that has said nothing by then waits for its peer (its `silent`) or for something else that
 * more starts do not disturb.
 */
#define START_TIMEOUT_MS 3000

/* Clients take a slow reply for a dead server after about a minute. */
#define WAITING_TIMEOUT_MS 60000

/* So many that wait are worth a line, once in a while. */
#define WAITING_TOLD   32
#define TOLD_BURST     1
#define TOLD_REFILL_MS 60000

struct waiting {
	struct list link; /* in the queue, by age */
	struct list own;  /* of the child's */
	struct child *child;
	struct mono since;
	struct ipc_call_start request;
};

struct start_queue {
	struct ev_loop *loop;
	const struct start_queue_ops *ops;
	unsigned places;
	struct list waiting; /* oldest first, as are those that are starting */
	struct list turns;   /* children of which requests wait; the first one's turn is next */
	size_t waiting_count;
	struct list starting;
	unsigned starting_count;
	bool serving; /* a start may call back into the queue */
	struct ev_timer overdue;
	struct rate_limit told;
	struct rate_limit told_overdue;
};

unsigned start_queue_usual_places(void)
{
	cpu_set_t usable;

	CPU_ZERO(&usable);
	if (sched_getaffinity(0, sizeof(usable), &usable) != 0)
		return PLACES_PER_PROCESSOR * CPU_SETSIZE; /* more processors than the set holds */
	return PLACES_PER_PROCESSOR * (unsigned)CPU_COUNT(&usable);
}

static void take_out(struct start_queue *queue, struct waiting *waiting)
{
	list_remove(&waiting->link);
	list_remove(&waiting->own);
	if (--waiting->child->waiting_count == 0)
		list_remove(&waiting->child->turn);
	queue->waiting_count--;
	free(waiting);
}

static struct waiting *first_waiting(const struct start_queue *queue)
{
	return container_of(queue->waiting.next, struct waiting, link);
}

static void refuse(struct start_queue *queue, struct waiting *waiting, enum ipc_refusal reason)
{
	struct child *child = waiting->child;
	uint32_t request = waiting->request.request;

	take_out(queue, waiting);
	queue->ops->refuse(child, request, reason);
}

/* When something has to be done though nothing happens: the older of both heads comes first. */
static void set_timer(struct start_queue *queue)
{
	struct mono now = mono_now();
	double in_s = -1.;

	ev_timer_stop(queue->loop, &queue->overdue);
	if (queue->waiting_count)
		in_s = mono_until_s(mono_add_ms(first_waiting(queue)->since, WAITING_TIMEOUT_MS),
				    now);
	/* Places matter only to those that wait. */
	if (queue->waiting_count && queue->starting_count) {
		const struct start_place *first =
			container_of(queue->starting.next, struct start_place, link);
		double free_in_s = mono_until_s(mono_add_ms(first->since, START_TIMEOUT_MS), now);

		in_s = MIN(in_s, free_in_s);
	}
	if (in_s < 0.)
		return;
	ev_timer_set(&queue->overdue, in_s, 0.);
	ev_timer_start(queue->loop, &queue->overdue);
}

static void give_back(struct start_queue *queue, struct start_place *place)
{
	list_remove(&place->link);
	place->link.next = NULL;
	queue->starting_count--;
}

static void drop_overdue_places(struct start_queue *queue, struct mono now)
{
	while (queue->starting_count) {
		struct start_place *first =
			container_of(queue->starting.next, struct start_place, link);

		if (mono_before(now, mono_add_ms(first->since, START_TIMEOUT_MS)))
			return;
		give_back(queue, first);
	}
}

static void tell_overdue(struct start_queue *queue, const struct child *child, struct mono now)
{
	char address[ADDRESS_TEXT_MAX];
	unsigned refused;

	if (rate_limit_allow(&queue->told_overdue, now, &refused))
		log_warning("MGR: a call from %s refused, its turn has not come in a minute; %zu "
			    "still wait, %u more were refused since the last such line",
			    address_text(&child->remote, address), queue->waiting_count - 1,
			    refused);
}

static void refuse_overdue(struct start_queue *queue, struct mono now)
{
	while (queue->waiting_count &&
	       !mono_before(now, mono_add_ms(first_waiting(queue)->since, WAITING_TIMEOUT_MS))) {
		tell_overdue(queue, first_waiting(queue)->child, now);
		refuse(queue, first_waiting(queue), IPC_REFUSAL_FULL);
	}
}

/* The oldest request of the child whose turn it is, which then comes behind the others. */
static struct waiting *next_in_turn(struct start_queue *queue)
{
	struct child *child = container_of(queue->turns.next, struct child, turn);

	list_remove(&child->turn);
	list_append(&queue->turns, &child->turn);
	return container_of(child->waiting.next, struct waiting, own);
}

/* Starts what there are places for. A start that fails takes none, so the next one's turn comes. */
static void serve(struct start_queue *queue)
{
	if (queue->serving)
		return;
	queue->serving = true;
	drop_overdue_places(queue, mono_now());
	while (queue->waiting_count && queue->starting_count < queue->places) {
		struct waiting *next = next_in_turn(queue);
		struct child *child = next->child;
		const struct ipc_call_start request = next->request;

		take_out(queue, next);
		queue->ops->start(child, &request);
	}
	queue->serving = false;
	set_timer(queue);
}

static void on_overdue(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	struct start_queue *queue = timer->data;

	refuse_overdue(queue, mono_now());
	serve(queue);
}

struct start_queue *start_queue_new(struct ev_loop *loop, unsigned places,
				    const struct start_queue_ops *ops)
{
	struct start_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return NULL;
	queue->loop = loop;
	queue->places = places;
	queue->ops = ops;
	list_init(&queue->waiting);
	list_init(&queue->turns);
	list_init(&queue->starting);
	ev_timer_init(&queue->overdue, on_overdue, 0., 0.);
	queue->overdue.data = queue;
	rate_limit_init(&queue->told, TOLD_BURST, TOLD_REFILL_MS, mono_now());
	rate_limit_init(&queue->told_overdue, TOLD_BURST, TOLD_REFILL_MS, mono_now());
	return queue;
}

void start_queue_free(struct start_queue *queue)
{
	if (!queue)
		return;
	while (queue->waiting_count)
		take_out(queue, first_waiting(queue));
	while (queue->starting_count)
		give_back(queue, container_of(queue->starting.next, struct start_place, link));
	ev_timer_stop(queue->loop, &queue->overdue);
	free(queue);
}

static void tell_many(struct start_queue *queue)
{
	unsigned refused;

	if (queue->waiting_count == WAITING_TOLD &&
	    rate_limit_allow(&queue->told, mono_now(), &refused))
		log_info("MGR: %zu calls wait for their pppd to start, %u are starting",
			 queue->waiting_count, queue->starting_count);
}

void start_queue_add(struct start_queue *queue, struct child *child,
		     const struct ipc_call_start *request)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting) {
		log_system(LOG_ERR, "MGR: call");
		queue->ops->refuse(child, request->request, IPC_REFUSAL_SYSTEM);
		return;
	}
	waiting->child = child;
	waiting->request = *request;
	waiting->since = mono_now();
	list_append(&queue->waiting, &waiting->link);
	list_append(&child->waiting, &waiting->own);
	if (child->waiting_count++ == 0)
		list_append(&queue->turns, &child->turn);
	queue->waiting_count++;
	serve(queue);
	tell_many(queue);
}

void start_queue_cancel(struct start_queue *queue, struct child *child, uint32_t request)
{
	list_for_each (link, &child->waiting) {
		struct waiting *waiting = container_of(link, struct waiting, own);

		if (waiting->request.request != request)
			continue;
		refuse(queue, waiting, IPC_REFUSAL_CANCELLED);
		set_timer(queue);
		return;
	}
}

void start_queue_forget(struct start_queue *queue, struct child *child)
{
	list_for_each (link, &child->waiting)
		take_out(queue, container_of(link, struct waiting, own));
	set_timer(queue);
}

void start_queue_stop(struct start_queue *queue)
{
	while (queue->waiting_count)
		refuse(queue, first_waiting(queue), IPC_REFUSAL_STOPPING);
	set_timer(queue);
}

void start_queue_started(struct start_queue *queue, struct start_place *place)
{
	place->since = mono_now();
	list_append(&queue->starting, &place->link);
	queue->starting_count++;
}

void start_queue_leave(struct start_queue *queue, struct start_place *place)
{
	if (!place->link.next)
		return;
	give_back(queue, place);
	serve(queue);
}

size_t start_queue_waiting(const struct start_queue *queue)
{
	return queue->waiting_count;
}
