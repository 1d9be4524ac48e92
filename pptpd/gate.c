/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an accepted connection to its process; see the header. Runs as root. */
#include "pptpd/gate.h"

#include "pptpd/access_check.h"
#include "pptpd/admission.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/manager.h"
#include "pptpd/peer_log.h"

/* Processes beyond one for each call: clients that connected and have not called yet. */
#define SPARE_CHILDREN 128

/*
 * Plain tunnels: each is a process, and it takes no secret to have one. Several LRPs can sit behind
 * one translated address; but neither one address nor all of them together keep direct clients out.
 */
#define PLAIN_PER_SOURCE_MAX 16
#define SPARE_TUNNELS        (SPARE_CHILDREN / 2)

/*
 * Tunnels whose LRP is not let in yet. It takes moments with a good one, so few are enough for all
 * LRPs of a server that start at once, and for those behind one translated address.
 */
#define HALF_OPEN_MAX            64
#define HALF_OPEN_PER_SOURCE_MAX 8

/*
 * Connections to 1723 from one source: two hundred clients behind one translated address, which all
 * lost their calls, may dial twice at once, and then go on dialling. They share one process.
 */
static const struct peer_measure measure_arrivals = {.burst = 400, .refill_ms = 50};

/* Each costs a process and a signature. An LRP that lost its tunnel comes every few seconds. */
static const struct peer_measure measure_handshakes = {.burst = 32, .refill_ms = 500};

static void tell_dropped_tunnel(struct manager *manager, const struct address *remote,
				const char *why)
{
	char text[ADDRESS_TEXT_MAX];

	if (peer_log_allowed(manager, remote, LOG_ERR))
		log_err("RRP: %s: dropped: %s", address_text(remote, text), why);
}

static void tell_dropped(struct manager *manager, enum ipc_kind kind, const struct address *remote,
			 const char *why)
{
	if (kind == IPC_KIND_DIRECT)
		peer_log_refused(manager, remote, why);
	else
		tell_dropped_tunnel(manager, remote, why);
}

/* Without encryption a tunnel is for networks that nobody else reads. */
static bool may_be_plain(const struct manager *manager, const struct address *remote,
			 const struct address *local)
{
	return manager->conf->rrp_tls || manager->conf->rrp_plain_anywhere ||
	       (address_is_private(remote) && address_is_private(local));
}

void gate_accepted(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		   const struct address *local)
{
	struct manager *manager = context;
	const char *problem = NULL;
	unsigned refused;

	if (kind == IPC_KIND_TUNNEL && !may_be_plain(manager, remote, local))
		problem = "a plain tunnel between addresses that are not private; use "
			  "rrp-security tls, or say rrp-plain-anywhere";
	else if (kind == IPC_KIND_DIRECT &&
		 !peer_limits_allow(&manager->arrivals, &measure_arrivals, remote, mono_now(),
				    &refused))
		problem = "too many connections";
	if (problem) {
		tell_dropped(manager, kind, remote, problem);
		fdio_close(&fd);
	} else if (!access_check_ask(manager->access_check, kind, fd, remote, local)) {
		tell_dropped(manager, kind, remote, "too many wait for hosts.allow's answer");
	}
}

void gate_allowed(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		  const struct address *local)
{
	struct manager *manager = context;

	admission_add(manager->admission, kind, fd, remote, local);
}

static unsigned count_half_open(const struct manager *manager, const struct address *remote)
{
	unsigned count = 0;

	list_for_each (link, &manager->children) {
		const struct child *child = container_of(link, struct child, link);

		count += child_is_half_open(child) &&
			 (!remote || address_same_source(&child->remote, remote));
	}
	return count;
}

/* The source with most of them pays; among its own, the oldest has had its time. */
static struct child *half_open_victim(const struct manager *manager)
{
	struct child *victim = NULL;
	unsigned most = 0;

	list_for_each (link, &manager->children) {
		struct child *child = container_of(link, struct child, link);
		unsigned count;

		if (!child_is_half_open(child))
			continue;
		count = count_half_open(manager, &child->remote);
		if (count > most) { /* the list has the oldest first */
			victim = child;
			most = count;
		}
	}
	return victim;
}

static struct child *oldest_half_open(const struct manager *manager, const struct address *remote)
{
	list_for_each (link, &manager->children) {
		struct child *child = container_of(link, struct child, link);

		if (child_is_half_open(child) && address_same_source(&child->remote, remote))
			return child;
	}
	return NULL;
}

static void make_place_for_tunnel(struct manager *manager, const struct address *remote)
{
	struct child *victim = NULL;

	if (count_half_open(manager, remote) >= HALF_OPEN_PER_SOURCE_MAX)
		victim = oldest_half_open(manager, remote);
	else if (count_half_open(manager, NULL) >= HALF_OPEN_MAX)
		victim = half_open_victim(manager);
	if (!victim)
		return;
	tell_dropped_tunnel(manager, &victim->remote,
			    "too many tunnels that have not logged in, the oldest");
	child_kill(victim);
}

/* The oldest direct child that has no call and was sent no connection for longest, or NULL. */
static struct child *idle_child(const struct manager *manager)
{
	struct child *idlest = NULL;

	list_for_each (link, &manager->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->kind != IPC_KIND_DIRECT || child->ended || !list_empty(&child->calls))
			continue;
		if (!idlest || mono_before(child->last_connection, idlest->last_connection))
			idlest = child;
	}
	return idlest;
}

static bool make_place_for_process(struct manager *manager)
{
	struct child *idlest;
	unsigned living = 0;

	list_for_each (link, &manager->children)
		living += !container_of(link, struct child, link)->ended;
	if (living < manager->conf->connections + SPARE_CHILDREN)
		return true;
	idlest = idle_child(manager);
	if (!idlest)
		return false;
	peer_log_refused(manager, &idlest->remote, "no call for longest while others wait");
	child_kill(idlest);
	return true;
}

/* Why there may not be one more tunnel, or NULL. */
static const char *refuse_tunnel(struct manager *manager, const struct address *remote)
{
	unsigned tunnels = 0, of_source = 0, refused;

	if (!peer_limits_allow(&manager->handshakes, &measure_handshakes, remote, mono_now(),
			       &refused))
		return "too many connections from this address";
	make_place_for_tunnel(manager, remote);
	list_for_each (link, &manager->children) {
		const struct child *child = container_of(link, struct child, link);

		if (child->kind != IPC_KIND_TUNNEL || child->ended)
			continue;
		tunnels++;
		of_source += address_same_source(&child->remote, remote);
	}
	if (!manager->conf->rrp_tls && of_source >= PLAIN_PER_SOURCE_MAX)
		return "too many tunnels from one address";
	return tunnels >= manager->conf->connections + SPARE_TUNNELS ? "too many tunnels" : NULL;
}

void gate_ready(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		const struct address *local)
{
	struct manager *manager = context;
	struct child *child =
		kind == IPC_KIND_DIRECT ? child_find_direct(manager, remote, local) : NULL;
	const char *problem = NULL;

	if (!child) {
		if (kind == IPC_KIND_TUNNEL)
			problem = refuse_tunnel(manager, remote);
		if (!problem && !make_place_for_process(manager))
			problem = "too many processes";
	}
	if (problem) {
		tell_dropped(manager, kind, remote, problem);
		return;
	}
	if (!child)
		child = child_start(manager, kind, remote, local);
	if (child)
		child_send_connection(child, fd);
}
