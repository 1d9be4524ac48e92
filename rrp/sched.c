// SPDX-License-Identifier: GPL-2.0-or-later
/* Deficit round robin over the calls' queues (RFC 8290 4.1.1 has the same scheme). */
#include "rrp/sched.h"

#include <string.h>

#include "pptpd/base/log.h"

/* What a call may send in its turn: one full Ethernet frame. */
#define QUANTUM 1514

void sched_init(struct sched *sched)
{
	list_init(&sched->active);
	pool_init(&sched->pool);
	sched->data_bytes = 0;
	sched->control_bytes = 0;
}

void sched_done(struct sched *sched)
{
	pool_done(&sched->pool);
}

void sched_trim(struct sched *sched)
{
	pool_trim(&sched->pool);
}

void sched_queue_init(struct sched_queue *queue)
{
	*queue = (struct sched_queue){.end = &queue->first};
	list_init(&queue->link);
}

static size_t frame_size(uint16_t len)
{
	return sizeof(struct sched_frame) + SCHED_HEADROOM + len;
}

void sched_release(struct sched *sched, struct sched_frame *frame)
{
	pool_put(&sched->pool, frame, frame_size(frame->len));
}

/* Unlinks the frame that *link points to. */
static struct sched_frame *unlink_frame(struct sched *sched, struct sched_queue *queue,
					struct sched_frame **link)
{
	struct sched_frame *frame = *link;
	size_t cost = pool_cost(frame_size(frame->len));

	*link = frame->next;
	if (!*link)
		queue->end = link;
	if (frame->is_control) {
		queue->control_bytes -= cost;
		sched->control_bytes -= cost;
	} else {
		queue->data_bytes -= cost;
		sched->data_bytes -= cost;
	}
	if (!queue->first)
		list_remove(&queue->link);
	return frame;
}

static void drop_oldest_data(struct sched *sched, struct sched_queue *queue)
{
	struct sched_frame **link = &queue->first;

	while (*link && (*link)->is_control)
		link = &(*link)->next;
	if (!*link)
		bug("sched: a queue counts %zu bytes of data and has none", queue->data_bytes);
	sched_release(sched, unlink_frame(sched, queue, link));
	queue->dropped++;
}

/* There is one: called when too much waits. */
static struct sched_queue *longest_queue(struct sched *sched)
{
	struct sched_queue *longest = container_of(sched->active.next, struct sched_queue, link);

	list_for_each (item, &sched->active) {
		struct sched_queue *queue = container_of(item, struct sched_queue, link);

		if (queue->data_bytes > longest->data_bytes)
			longest = queue;
	}
	return longest;
}

static bool control_fits(const struct sched *sched, const struct sched_queue *queue, size_t size)
{
	return queue->control_bytes + size <= SCHED_CALL_CONTROL_MAX &&
	       sched->control_bytes + size <= SCHED_CONTROL_MAX;
}

bool sched_push(struct sched *sched, struct sched_queue *queue, const uint8_t *data, uint16_t len,
		bool is_control)
{
	size_t cost = pool_cost(frame_size(len));
	struct sched_frame *frame;

	if (is_control && !control_fits(sched, queue, cost))
		return false;
	frame = pool_get(&sched->pool, frame_size(len));
	if (!frame) {
		queue->dropped += !is_control;
		return !is_control;
	}
	*frame = (struct sched_frame){.len = len, .is_control = is_control};
	memcpy(frame->wire + SCHED_HEADROOM, data, len);
	if (!queue->first) {
		list_append(&sched->active, &queue->link);
		queue->deficit = QUANTUM;
	}
	*queue->end = frame;
	queue->end = &frame->next;
	if (is_control) {
		queue->control_bytes += cost;
		sched->control_bytes += cost;
		return true;
	}
	queue->data_bytes += cost;
	sched->data_bytes += cost;
	while (queue->data_bytes > SCHED_CALL_DATA_MAX)
		drop_oldest_data(sched, queue);
	while (sched->data_bytes > SCHED_DATA_MAX)
		drop_oldest_data(sched, longest_queue(sched));
	return true;
}

const struct sched_frame *sched_peek(struct sched *sched, struct sched_queue **ret_queue)
{
	struct sched_queue *queue;

	if (list_empty(&sched->active))
		return NULL;
	queue = container_of(sched->active.next, struct sched_queue, link);
	while (queue->deficit <= 0) {
		queue->deficit += QUANTUM;
		list_remove(&queue->link);
		list_append(&sched->active, &queue->link);
		queue = container_of(sched->active.next, struct sched_queue, link);
	}
	*ret_queue = queue;
	return queue->first;
}

struct sched_frame *sched_take(struct sched *sched, struct sched_queue *queue)
{
	queue->deficit -= queue->first->len;
	return unlink_frame(sched, queue, &queue->first);
}

void sched_pop(struct sched *sched, struct sched_queue *queue)
{
	sched_release(sched, sched_take(sched, queue));
}

void sched_queue_clear(struct sched *sched, struct sched_queue *queue)
{
	while (queue->first)
		sched_release(sched, unlink_frame(sched, queue, &queue->first));
}
