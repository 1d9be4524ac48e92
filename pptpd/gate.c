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
#include "pptpd/nodes.h"
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
#define HALF_OPEN_PER_KNOWN_MAX  32

/*
 * Connections to a port from one source: two hundred clients behind one translated address, which
 * all lost their calls, may dial twice at once, and then go on dialling. They share one process.
 */
static const struct peer_measure measure_arrivals = {
	.burst = 400,
	.refill_ms = 50,
	.others_refill_ms = 5,
};

/* Each costs a process and a signature. An LRP that lost its tunnel comes every few seconds. */
static const struct peer_measure measure_handshakes = {
	.burst = 32,
	.refill_ms = 500,
	.others_refill_ms = 100,
};

/*
 * Of all strangers together, since who has an IPv6 network has as many sources as he likes: a
 * process takes some milliseconds, and this leaves the greater part of one processor. When a
 * server starts anew all its LRPs are strangers; they try again.
 */
#define STRANGE_HANDSHAKES_BURST     128
#define STRANGE_HANDSHAKES_REFILL_MS 20

void gate_init(struct manager *manager)
{
	rate_limit_init(&manager->strange_handshakes, STRANGE_HANDSHAKES_BURST,
			STRANGE_HANDSHAKES_REFILL_MS, mono_now());
}

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

/* The place of an LRP that was let in from there, and would be again; or NULL. */
static struct known_source *find_known(struct manager *manager, const struct address *remote)
{
	struct known_source *known = NULL;

	do {
		known = known_sources_find(&manager->known, remote, known);
	} while (known && nodes_judge(lrp_list_find_id(&manager->lrps, &known->node), remote) !=
				  IPC_VERDICT_GOOD);
	return known;
}

/* An LRP's source has a measure of its own, when it comes to the handshake. */
static bool may_arrive(struct manager *manager, enum ipc_kind kind, const struct address *remote)
{
	struct peer_limits *arrivals =
		kind == IPC_KIND_DIRECT ? &manager->arrivals : &manager->tunnel_arrivals;
	struct peer_refused refused;

	if (kind == IPC_KIND_TUNNEL && find_known(manager, remote))
		return true;
	return peer_limits_allow(arrivals, &measure_arrivals, remote, mono_now(), &refused);
}

void gate_accepted(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		   const struct address *local)
{
	struct manager *manager = context;
	const char *problem = NULL;

	if (kind == IPC_KIND_TUNNEL && !may_be_plain(manager, remote, local))
		problem = "a plain tunnel between addresses that are not private; use "
			  "rrp-security tls, or say rrp-plain-anywhere";
	else if (!may_arrive(manager, kind, remote))
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

void gate_unanswered(void *context, const struct address *remote, const char *why)
{
	struct manager *manager = context;
	char text[ADDRESS_TEXT_MAX];

	if (peer_log_allowed(manager, remote, LOG_ERR))
		log_err("MGR: %s dropped: %s", address_text(remote, text), why);
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

/*
 * The source with most of them pays, one that LRPs come from last; among its own, the oldest has
 * had its time.
 */
static struct child *half_open_victim(const struct manager *manager)
{
	struct child *victim = NULL;
	unsigned most = 0;

	list_for_each (link, &manager->children) {
		struct child *child = container_of(link, struct child, link);
		unsigned count;

		if (!child_is_half_open(child))
			continue;
		count = child->of_known_source ? 1 : 1 + count_half_open(manager, &child->remote);
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

static void make_place_for_tunnel(struct manager *manager, const struct address *remote, bool known)
{
	unsigned max_of_source = known ? HALF_OPEN_PER_KNOWN_MAX : HALF_OPEN_PER_SOURCE_MAX;
	struct child *victim = NULL;

	if (count_half_open(manager, remote) >= max_of_source)
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

static const char *refuse_handshake(struct manager *manager, const struct address *remote,
				    struct known_source *known)
{
	struct mono now = mono_now();
	struct peer_refused refused;
	unsigned count;

	if (known ? !rate_limit_allow(&known->handshakes, now, &count)
		  : !peer_limits_allow(&manager->handshakes, &measure_handshakes, remote, now,
				       &refused))
		return "too many connections from this address";
	if (!known && !rate_limit_allow(&manager->strange_handshakes, now, &count))
		return "too many connections from addresses that no LRP has come from";
	return NULL;
}

/* Why there may not be one more tunnel, or NULL. */
static const char *refuse_tunnel(struct manager *manager, const struct address *remote)
{
	struct known_source *known = find_known(manager, remote);
	const char *problem = refuse_handshake(manager, remote, known);
	unsigned tunnels = 0, of_source = 0;

	if (problem)
		return problem;
	make_place_for_tunnel(manager, remote, known != NULL);
	list_for_each (link, &manager->children) {
		const struct child *child = container_of(link, struct child, link);

		/* Those on their way out have had their time, as those that make place. */
		if (child->kind != IPC_KIND_TUNNEL || child->ended || child->released)
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
	if (!child) {
		child = child_start(manager, kind, remote, local);
		if (child)
			child->of_known_source =
				kind == IPC_KIND_TUNNEL && find_known(manager, remote) != NULL;
	}
	if (child)
		child_send_connection(child, fd);
}
