/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link of a packet socket with rings (packet(7), TPACKET_V2): slots in memory that the kernel
 * and this process hand to each other by a status word in each. Positions are kept on both sides
 * and said nowhere.
 *
 * Of the send ring the kernel takes slots in order, and stops at the first that is not asked to be
 * sent. What it has taken it copies at once, since the frame goes on to another device; so a slot
 * may be filled again although the frame that was in it still waits somewhere, for a pppd that
 * does not read. When that is gone, the kernel writes into the slot that it is free: should that
 * come between our request and the kernel's look, a frame is lost, and the kernel waits at that
 * slot. realign() gets it over it.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "pptpctrl/link_io.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* Where the kernel looks for a frame to send in its slot. */
#define SEND_OFFSET (TPACKET2_HDRLEN - sizeof(struct sockaddr_ll))

/* Attempts at having all sent that is asked for; the second is for a slot that was in the way. */
#define KICKS_MAX 3

/* Never asked to be sent: the next one, at which the kernel stops, and one that is in the way. */
#define SPARE_SLOTS 2

/* A length that no device takes: the kernel frees such a slot and goes on. */
#define LEN_TO_SKIP UINT32_MAX

struct ring {
	uint8_t *slots;
	unsigned count;
};

struct link_ring_io {
	struct link_io io;
	size_t slot_len;
	struct ring in, out;
	unsigned in_next;  /* which the kernel fills next, unless it has filled it */
	unsigned out_next; /* which we fill next; never asked to be sent */
	unsigned out_kept; /* before that, asked to be sent */
	uint8_t *memory;
	size_t memory_len;
};

/* The slot's own header; only the fields before the address, and never the kernel's lengths. */
static struct tpacket2_hdr *header_of(const struct link_ring_io *self, const struct ring *ring,
				      unsigned slot)
{
	return (void *)(ring->slots + slot % ring->count * self->slot_len);
}

static uint32_t status_of(const struct tpacket2_hdr *header)
{
	return __atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE);
}

static void set_status(struct tpacket2_hdr *header, uint32_t status)
{
	__atomic_store_n(&header->tp_status, status, __ATOMIC_RELEASE);
}

static bool is_filled(const struct link_ring_io *self, unsigned slot)
{
	return status_of(header_of(self, &self->in, slot)) & TP_STATUS_USER;
}

static bool is_asked(const struct link_ring_io *self, unsigned slot)
{
	return status_of(header_of(self, &self->out, slot)) == TP_STATUS_SEND_REQUEST;
}

/* A frame that did not fit its slot is as long as what there is of it. */
static void hand_on(const struct link_ring_io *self, struct tpacket2_hdr *header,
		    link_io_frame *frame, void *context)
{
	size_t offset = header->tp_mac, len = header->tp_snaplen;

	if (offset <= self->slot_len && len <= self->slot_len - offset)
		frame(context, (uint8_t *)header + offset, len);
}

/* The kernel fills slots one after the other: if it was not this one, then one further on. */
static void find_first(struct link_ring_io *self)
{
	for (unsigned i = 0; i < self->in.count; i++) {
		unsigned slot = (self->in_next + i) % self->in.count;

		if (!is_filled(self, slot))
			continue;
		self->in_next = slot;
		return;
	}
}

/* Nothing has come: was it an error that woke us? Frames do not come this way. */
static int read_error(int fd)
{
	char nothing;

	if (recv(fd, &nothing, 0, MSG_DONTWAIT) >= 0 || errno == EAGAIN || errno == EINTR ||
	    errno == ENOMEM || errno == ENOBUFS)
		return 0;
	return -errno;
}

static int ring_receive(struct link_io *io, link_io_frame *frame, void *context)
{
	struct link_ring_io *self = container_of(io, struct link_ring_io, io);

	if (!is_filled(self, self->in_next))
		find_first(self);
	if (!is_filled(self, self->in_next))
		return read_error(io->fd);
	for (unsigned i = 0; i < LINK_IO_BATCH && is_filled(self, self->in_next); i++) {
		struct tpacket2_hdr *header = header_of(self, &self->in, self->in_next);

		hand_on(self, header, frame, context);
		set_status(header, TP_STATUS_KERNEL);
		self->in_next = (self->in_next + 1) % self->in.count;
	}
	return 0;
}

static unsigned first_kept(const struct link_ring_io *self)
{
	return (self->out_next + self->out.count - self->out_kept) % self->out.count;
}

/* Has the kernel look at the ring. How many bytes it took, or -1 with errno. */
static ssize_t kick(struct link_ring_io *self)
{
	ssize_t taken = send(self->io.fd, NULL, 0, MSG_DONTWAIT);

	while (self->out_kept && !is_asked(self, first_kept(self)))
		self->out_kept--;
	return taken;
}

/*
 * The kernel waits at a slot that is not asked to be sent, somewhere between the next one and the
 * first kept. All of these but the next one now ask for what will be skipped: so it comes to what
 * is kept, and stops at the next one.
 */
static void realign(struct link_ring_io *self)
{
	unsigned others = self->out.count - 1 - self->out_kept;

	for (unsigned i = 1; i <= others; i++) {
		struct tpacket2_hdr *header = header_of(self, &self->out, self->out_next + i);

		header->tp_len = LEN_TO_SKIP;
		set_status(header, TP_STATUS_SEND_REQUEST);
	}
	(void)kick(self);
	for (unsigned i = 1; i <= others; i++)
		if (is_asked(self, self->out_next + i))
			set_status(header_of(self, &self->out, self->out_next + i),
				   TP_STATUS_AVAILABLE);
}

/* What the kernel does not take now is not worth waiting for. */
static void drop_kept(struct link_ring_io *self)
{
	for (; self->out_kept; self->out_kept--) {
		self->out_next = (self->out_next + self->out.count - 1) % self->out.count;
		set_status(header_of(self, &self->out, self->out_next), TP_STATUS_AVAILABLE);
		self->io.sent--;
		self->io.dropped++;
	}
}

static void ring_flush(struct link_io *io)
{
	struct link_ring_io *self = container_of(io, struct link_ring_io, io);

	for (unsigned i = 0; i < KICKS_MAX && self->out_kept; i++) {
		ssize_t taken = kick(self);

		if (taken < 0)
			io->last_errno = errno;
		if (taken == 0 && self->out_kept)
			realign(self);
	}
	drop_kept(self);
}

static void ring_send(struct link_io *io, const struct iovec parts[2])
{
	struct link_ring_io *self = container_of(io, struct link_ring_io, io);
	struct tpacket2_hdr *header = header_of(self, &self->out, self->out_next);
	size_t len = parts[0].iov_len + parts[1].iov_len;
	uint8_t *frame = (uint8_t *)header + SEND_OFFSET;

	if (len > self->slot_len - SEND_OFFSET) {
		io->last_errno = EMSGSIZE;
		io->dropped++;
		return;
	}
	memcpy(frame, parts[0].iov_base, parts[0].iov_len);
	memcpy(frame + parts[0].iov_len, parts[1].iov_base, parts[1].iov_len);
	header->tp_len = (uint32_t)len;
	set_status(header, TP_STATUS_SEND_REQUEST);
	self->out_next = (self->out_next + 1) % self->out.count;
	self->out_kept++;
	io->sent++;
	if (self->out_kept == self->out.count - SPARE_SLOTS)
		ring_flush(io);
}

static void ring_free(struct link_io *io)
{
	struct link_ring_io *self = container_of(io, struct link_ring_io, io);

	(void)munmap(self->memory, self->memory_len);
	fdio_close(&io->fd);
	free(self);
}

static const struct link_io_ops ring_ops = {
	.receive = ring_receive,
	.send = ring_send,
	.flush = ring_flush,
	.free = ring_free,
};

/* Nobody else uses the socket now, but somebody may have. */
static void take_over(struct link_ring_io *self)
{
	for (unsigned i = 0; i < self->in.count; i++)
		set_status(header_of(self, &self->in, i), TP_STATUS_KERNEL);
	for (unsigned i = 0; i < self->out.count; i++)
		set_status(header_of(self, &self->out, i), TP_STATUS_AVAILABLE);
	realign(self);
}

struct link_io *link_io_ring(int fd, const struct ipc_ring *ring)
{
	struct link_ring_io *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->io = (struct link_io){.ops = &ring_ops, .fd = fd};
	self->slot_len = ring->slot_len;
	self->memory_len = (size_t)ring->slot_len * (ring->receive_slots + ring->send_slots);
	self->memory = mmap(NULL, self->memory_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (self->memory == MAP_FAILED) {
		free(self);
		return NULL;
	}
	self->in = (struct ring){self->memory, ring->receive_slots};
	self->out = (struct ring){self->memory + (size_t)ring->slot_len * ring->receive_slots,
				  ring->send_slots};
	take_over(self);
	return &self->io;
}
