/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A raw IPv4 socket as the two ends of a GRE engine: what it receives goes into the engine, what
 * the engine sends goes out. Opens no socket, since that takes a privilege. An error of the socket
 * or one that ICMP brought is counted and never ends anything.
 */
#ifndef PPTPCTRL_PPTP_GRE_RAW_H
#define PPTPCTRL_PPTP_GRE_RAW_H

#include <ev.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/uio.h>

struct gre_engine;
struct gre_raw;

/* Why a packet could not be sent, or what the kernel reported in place of one that was received. */
enum gre_raw_error {
	GRE_RAW_ERROR_FULL,           /* EAGAIN, ENOBUFS, ENOMEM: the socket or device is full */
	GRE_RAW_ERROR_FILTERED,       /* EPERM, EACCES: a firewall rule or a prohibiting route */
	GRE_RAW_ERROR_TOO_LONG,       /* EMSGSIZE */
	GRE_RAW_ERROR_NO_ROUTE,       /* ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN */
	GRE_RAW_ERROR_NO_GRE_AT_PEER, /* ENOPROTOOPT, ECONNREFUSED: ICMP protocol unreachable */
	GRE_RAW_ERROR_OTHER,
	GRE_RAW_ERRORS, /* their number */
};

struct gre_raw_counters {
	uint64_t received;
	uint64_t malformed; /* of these, not a whole IPv4 packet with GRE */
	uint64_t sent;
	uint64_t dropped; /* could not be sent */
	uint64_t errors[GRE_RAW_ERRORS];
	int last_errno; /* of the last error, 0 if there was none */
};

/*
 * For the opener of the socket, who may set its options where its user may not: has the kernel
 * fragment what is longer than the path takes. Returns 0 or a negative errno.
 */
int gre_raw_prepare(int fd);

/*
 * Takes over `fd`: a raw IPv4 socket for protocol 47 without IP_HDRINCL, prepared, non-blocking,
 * bound and connected or not. NULL when memory is out; `fd` is then still the caller's.
 */
struct gre_raw *gre_raw_new(struct ev_loop *loop, int fd);

/* Closes the socket. Not from within a callback of the engine. Accepts NULL. */
void gre_raw_free(struct gre_raw *raw);

/*
 * Begins to give what arrives to `engine`, which must outlive the raw socket. Not called by an
 * owner that receives its packets in another way.
 */
void gre_raw_start(struct gre_raw *raw, struct gre_engine *engine);

/*
 * gre_send and gre_flush of gre_engine_new() for a socket without a connection; the context is the
 * struct gre_raw. A packet is put aside, its header copied; all that are go with one system call,
 * at the latest when there is no more room. What cannot be sent is counted, and the rest goes.
 */
void gre_raw_send(void *raw, struct in_addr peer, const struct iovec *parts, int count);
void gre_raw_flush(void *raw);

/*
 * gre_send for a socket that is connected to the only peer. Sends at once: it gives the kernel no
 * address, so that its caller need not be allowed to, and there is no call for many packets that
 * does not take one.
 */
void gre_raw_send_connected(void *raw, struct in_addr peer, const struct iovec *parts, int count);

const struct gre_raw_counters *gre_raw_counters(const struct gre_raw *raw);

/* For log lines and status tables: "filtered". */
const char *gre_raw_error_name(enum gre_raw_error error);

#endif
