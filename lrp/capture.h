/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRE packets for one address, captured on one interface; the only file that knows libpcap. The
 * parent opens it, forks the worker, which shares the packet socket and its ring, and keeps it
 * bound to the interface; the worker reads, which needs no privilege and no ioctl(2). Does not look
 * into the packets: that is for those who can be tested without an interface.
 */
#ifndef LRP_CAPTURE_H
#define LRP_CAPTURE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture;

/* Longest text about what failed. */
#define CAPTURE_ERROR_MAX 512

struct capture_counters {
	uint64_t unusable; /* cut short, or not IPv4 behind a link header */
	uint64_t dropped;  /* by the kernel: the ring was full */
};

/* One IPv4 packet as captured, with whatever padding; valid during the call only. */
typedef void capture_packet(void *context, const uint8_t *packet, size_t len);

/* Starts to capture. NULL with the reason in ret_error. */
struct capture *capture_open(const char *interface, struct in_addr destination,
			     char ret_error[CAPTURE_ERROR_MAX]);

/* Accepts NULL. */
void capture_close(struct capture *capture);

/* To wait on for packets. */
int capture_fd(const struct capture *capture);

/*
 * Hands at most `limit` packets that wait to `packet`. That the interface is gone is no error:
 * there is just no packet. False when the capture is broken, with the reason in ret_error.
 */
bool capture_read(struct capture *capture, unsigned limit, capture_packet *packet, void *context,
		  char ret_error[CAPTURE_ERROR_MAX]);

enum capture_state {
	CAPTURE_CURRENT,
	CAPTURE_GONE,        /* there is no such interface now */
	CAPTURE_BOUND_AGAIN, /* it was replaced; packets come again, to all who share the capture */
	CAPTURE_UNFIT,       /* it has longer packets or another link layer: to be opened anew */
};

/* Looks for the interface and binds the capture to it if it was replaced. For the parent. */
enum capture_state capture_look(struct capture *capture);

/* Since it was opened. */
struct capture_counters capture_counters(const struct capture *capture);

#endif
