/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragment reassembly; see the header. Fragments may come in any order and twice, but never overlap
 * otherwise: a datagram whose fragments do is dropped, with all of it that is yet to come (in the
 * spirit of RFC 5722). So the pieces' lengths simply add up, and no byte is written twice.
 */
#include "lrp/reassembly.h"

#include <stdlib.h>
#include <string.h>

#include "pptpd/base/list.h"

/* The first allocation for a datagram: both fragments of a GRE packet that carries 1500 bytes. */
#define REASSEMBLY_FIRST_SIZE 2048

struct piece {
	size_t start;
	size_t end;
};

/*
 * Datagrams that are done with and keep their room for the next: a burst of one batch of captured
 * packets then needs no memory anew. With 2 KiB each, 24 KiB.
 */
#define SPARE_MAX 8

/* One datagram in progress. */
struct datagram {
	struct list link; /* oldest first */
	struct in_addr source;
	struct in_addr destination;
	uint16_t identification;
	uint8_t protocol;
	bool dropped; /* stays, without bytes, so that the rest of it is recognised */
	struct mono deadline;
	uint64_t number; /* of `begun` */
	uint8_t *bytes;
	size_t size;     /* allocated */
	size_t received; /* bytes in all pieces */
	size_t furthest; /* end of the furthest piece */
	size_t total;    /* bytes of the whole payload; 0 until its last fragment came */
	unsigned piece_count;
	struct piece pieces[REASSEMBLY_PIECES_MAX];
};

struct reassembly {
	struct list datagrams;
	unsigned count;
	uint64_t begun; /* datagrams, ever */
	struct datagram
		*complete; /* what the last reassembly_add() gave out, or NULL; on no list */
	struct list spare;
	unsigned spare_count;
	struct reassembly_counters counters;
};

struct reassembly *reassembly_new(void)
{
	struct reassembly *reassembly = calloc(1, sizeof(*reassembly));

	if (!reassembly)
		return NULL;
	list_init(&reassembly->datagrams);
	list_init(&reassembly->spare);
	return reassembly;
}

static struct datagram *datagram_of(struct list *link)
{
	return container_of(link, struct datagram, link);
}

static void free_datagram(struct datagram *datagram)
{
	free(datagram->bytes);
	free(datagram);
}

/* A datagram that is on no list: to the spare ones, if it is of the usual size, or freed. */
static void let_go(struct reassembly *reassembly, struct datagram *datagram)
{
	if (reassembly->spare_count == SPARE_MAX || datagram->size != REASSEMBLY_FIRST_SIZE ||
	    !datagram->bytes) {
		free_datagram(datagram);
		return;
	}
	list_append(&reassembly->spare, &datagram->link);
	reassembly->spare_count++;
}

static void forget_datagram(struct reassembly *reassembly, struct datagram *datagram)
{
	list_remove(&datagram->link);
	reassembly->count--;
	let_go(reassembly, datagram);
}

/* What was given out is done with. */
static void forget_complete(struct reassembly *reassembly)
{
	if (reassembly->complete)
		let_go(reassembly, reassembly->complete);
	reassembly->complete = NULL;
}

void reassembly_free(struct reassembly *reassembly)
{
	if (!reassembly)
		return;
	list_for_each (link, &reassembly->datagrams)
		free_datagram(datagram_of(link));
	list_for_each (link, &reassembly->spare)
		free_datagram(datagram_of(link));
	if (reassembly->complete)
		free_datagram(reassembly->complete);
	free(reassembly);
}

/* All have the same time, so those whose time is over are the oldest ones; so are the distant. */
static void expire(struct reassembly *reassembly, struct mono now)
{
	list_for_each (link, &reassembly->datagrams) {
		struct datagram *datagram = datagram_of(link);

		if (mono_before(now, datagram->deadline) &&
		    reassembly->begun - datagram->number <= REASSEMBLY_DISTANCE_MAX)
			break;
		if (!datagram->dropped)
			reassembly->counters.expired++;
		forget_datagram(reassembly, datagram);
	}
}

static bool is_fragment_of(const struct datagram *datagram, const struct ipv4_header *packet)
{
	return datagram->identification == packet->identification &&
	       datagram->source.s_addr == packet->source.s_addr &&
	       datagram->destination.s_addr == packet->destination.s_addr &&
	       datagram->protocol == packet->protocol;
}

static struct datagram *find(struct reassembly *reassembly, const struct ipv4_header *packet)
{
	list_for_each (link, &reassembly->datagrams) {
		if (is_fragment_of(datagram_of(link), packet))
			return datagram_of(link);
	}
	return NULL;
}

/* The datagram that has to go before one from `source` may begin, or NULL. */
static struct datagram *find_victim(struct reassembly *reassembly, struct in_addr source)
{
	struct datagram *oldest_of_source = NULL;
	unsigned of_source = 0;

	list_for_each (link, &reassembly->datagrams) {
		struct datagram *datagram = datagram_of(link);

		if (datagram->source.s_addr != source.s_addr)
			continue;
		if (!oldest_of_source)
			oldest_of_source = datagram;
		of_source++;
	}
	if (of_source >= REASSEMBLY_PER_SOURCE_MAX)
		return oldest_of_source;
	if (reassembly->count >= REASSEMBLY_DATAGRAMS_MAX)
		return datagram_of(reassembly->datagrams.next);
	return NULL;
}

/* Without bytes, or with those of a spare one. NULL when memory is out. */
static struct datagram *get_datagram(struct reassembly *reassembly)
{
	struct datagram *datagram;

	if (list_empty(&reassembly->spare)) {
		datagram = malloc(sizeof(*datagram));
		if (datagram) {
			datagram->bytes = NULL;
			datagram->size = 0;
		}
		return datagram;
	}
	datagram = datagram_of(reassembly->spare.next);
	list_remove(&datagram->link);
	reassembly->spare_count--;
	return datagram;
}

static struct datagram *begin(struct reassembly *reassembly, const struct ipv4_header *packet,
			      struct mono now)
{
	struct datagram *victim = find_victim(reassembly, packet->source);
	struct datagram *datagram;

	if (victim) {
		if (!victim->dropped)
			reassembly->counters.evicted++;
		forget_datagram(reassembly, victim);
	}
	datagram = get_datagram(reassembly);
	if (!datagram)
		return NULL;
	/* Field by field: the pieces are many, and not looked at before they are written. */
	datagram->source = packet->source;
	datagram->destination = packet->destination;
	datagram->identification = packet->identification;
	datagram->protocol = packet->protocol;
	datagram->dropped = false;
	datagram->deadline = mono_add_ms(now, REASSEMBLY_TIMEOUT_MS);
	datagram->number = ++reassembly->begun;
	datagram->received = datagram->furthest = datagram->total = 0;
	datagram->piece_count = 0;
	list_append(&reassembly->datagrams, &datagram->link);
	reassembly->count++;
	return datagram;
}

/* Gives up the datagram's bytes, and with `counter` says why. */
static void drop(struct datagram *datagram, uint64_t *counter)
{
	(*counter)++;
	datagram->dropped = true;
	free(datagram->bytes);
	datagram->bytes = NULL;
}

static bool make_room(struct datagram *datagram, size_t end)
{
	size_t size = datagram->size ? datagram->size : REASSEMBLY_FIRST_SIZE;
	uint8_t *bigger;

	while (size < end)
		size *= 2;
	if (size == datagram->size)
		return true;
	bigger = realloc(datagram->bytes, size);
	if (!bigger)
		return false;
	datagram->bytes = bigger;
	datagram->size = size;
	return true;
}

enum fit {
	FIT_NEW,
	FIT_DUPLICATE,
	FIT_OVERLAP,
};

/* How the packet's bytes lie to those that are there, and to the datagram's end. */
static enum fit judge(const struct datagram *datagram, const struct ipv4_header *packet)
{
	size_t start = packet->fragment_offset;
	size_t end = start + packet->payload_len;

	for (unsigned i = 0; i < datagram->piece_count; i++) {
		const struct piece *piece = &datagram->pieces[i];

		if (end <= piece->start || start >= piece->end)
			continue;
		if (start == piece->start && end == piece->end &&
		    packet->more_fragments == (end != datagram->total) &&
		    memcmp(datagram->bytes + start, packet->payload, packet->payload_len) == 0)
			return FIT_DUPLICATE;
		return FIT_OVERLAP;
	}
	if (datagram->total && end > datagram->total)
		return FIT_OVERLAP;
	if (!packet->more_fragments && end < datagram->furthest)
		return FIT_OVERLAP;
	return FIT_NEW;
}

/* Copies a packet that fits. False when memory is out. */
static bool add_piece(struct datagram *datagram, const struct ipv4_header *packet)
{
	size_t start = packet->fragment_offset;
	size_t end = start + packet->payload_len;

	if (!make_room(datagram, end))
		return false;
	memcpy(datagram->bytes + start, packet->payload, packet->payload_len);
	datagram->pieces[datagram->piece_count++] = (struct piece){start, end};
	datagram->received += packet->payload_len;
	datagram->furthest = MAX(datagram->furthest, end);
	if (!packet->more_fragments)
		datagram->total = end;
	return true;
}

/* Whether that was the last fragment missing. */
static bool add_fragment(struct reassembly *reassembly, struct datagram *datagram,
			 const struct ipv4_header *packet)
{
	struct reassembly_counters *counters = &reassembly->counters;

	if (datagram->dropped)
		return false;
	switch (judge(datagram, packet)) {
	case FIT_DUPLICATE:
		counters->duplicates++;
		return false;
	case FIT_OVERLAP:
		drop(datagram, &counters->overlaps);
		return false;
	case FIT_NEW:
		break;
	}
	if (datagram->piece_count == REASSEMBLY_PIECES_MAX) {
		drop(datagram, &counters->evicted);
		return false;
	}
	if (!add_piece(datagram, packet)) {
		drop(datagram, &counters->no_memory);
		return false;
	}
	return datagram->received == datagram->total;
}

/* RFC 791 3.1: all fragments but the last carry a multiple of 8 bytes. */
static bool is_acceptable(const struct ipv4_header *packet)
{
	size_t len = packet->payload_len;

	if (!len || (packet->more_fragments && len % 8))
		return false;
	if (!packet->fragment_offset && len < REASSEMBLY_FIRST_MIN)
		return false;
	return packet->fragment_offset + len <= REASSEMBLY_PAYLOAD_MAX;
}

/* Gives the datagram's bytes out; they stay the reassembly's. */
static struct ipv4_header complete(struct reassembly *reassembly, struct datagram *datagram)
{
	struct ipv4_header whole = {
		.source = datagram->source,
		.destination = datagram->destination,
		.protocol = datagram->protocol,
		.identification = datagram->identification,
		.payload = datagram->bytes,
		.payload_len = datagram->total,
	};

	list_remove(&datagram->link);
	reassembly->count--;
	reassembly->complete = datagram;
	reassembly->counters.completed++;
	return whole;
}

bool reassembly_add(struct reassembly *reassembly, const struct ipv4_header *packet,
		    struct mono now, struct ipv4_header *ret_datagram)
{
	struct datagram *datagram;

	forget_complete(reassembly);
	if (!packet->more_fragments && !packet->fragment_offset) {
		*ret_datagram = *packet;
		return true;
	}
	reassembly->counters.fragments++;
	if (!is_acceptable(packet)) {
		reassembly->counters.refused++;
		return false;
	}
	expire(reassembly, now);
	datagram = find(reassembly, packet);
	if (!datagram)
		datagram = begin(reassembly, packet, now);
	if (!datagram) {
		reassembly->counters.no_memory++;
		return false;
	}
	if (!add_fragment(reassembly, datagram, packet))
		return false;
	*ret_datagram = complete(reassembly, datagram);
	return true;
}

const struct reassembly_counters *reassembly_counters(const struct reassembly *reassembly)
{
	return &reassembly->counters;
}
