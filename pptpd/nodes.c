/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may come in through a tunnel; see the header. Runs as root. */
#include "pptpd/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pptpd/base/log.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/errand.h"
#include "pptpd/ipc_port.h"
#include "pptpd/lrp_edit.h"
#include "pptpd/manager.h"

/* For the lock on the list (LRP_LOCK_WAIT_MS) and a slow disk. */
#define ENROL_TIMEOUT_S 15.

_Static_assert(LRP_NAME_MAX == IPC_NAME_MAX, "one name for list and messages");
_Static_assert(LRP_SECRET_HASH_LEN == IPC_SECRET_HASH_LEN, "one hash for list and messages");

/* A registration that is under way. */
struct enrolment {
	struct manager *manager;
	struct child *child; /* NULL: gone meanwhile */
	struct node_id id;
	uint8_t secret_hash[IPC_SECRET_HASH_LEN];
};

enum ipc_verdict nodes_judge(const struct lrp *lrp, const struct address *remote)
{
	if (!lrp)
		return IPC_VERDICT_UNKNOWN;
	if (lrp->options.disabled)
		return IPC_VERDICT_DISABLED;
	return lrp_options_allow_source(&lrp->options, remote) ? IPC_VERDICT_GOOD
							       : IPC_VERDICT_ADDRESS;
}

const struct lrp *nodes_lrp_of(const struct child *child)
{
	if (!child->tls || !child->name[0])
		return NULL;
	return lrp_list_find_id(&child->manager->lrps, &child->node);
}

static unsigned max_calls(const struct manager *manager, const struct lrp *lrp)
{
	unsigned of_tunnel = manager->conf->connections;

	if (manager->conf->rrp_calls)
		of_tunnel = MIN(of_tunnel, manager->conf->rrp_calls);
	return lrp->options.calls ? MIN(lrp->options.calls, of_tunnel) : of_tunnel;
}

static const char *reason_of(enum ipc_verdict verdict)
{
	switch (verdict) {
	case IPC_VERDICT_UNKNOWN:
		return "it is not on the list any more";
	case IPC_VERDICT_DISABLED:
		return "it is disabled";
	case IPC_VERDICT_ADDRESS:
		return "it must not come from this address";
	default:
		return "not allowed";
	}
}

static void stop_tunnel(struct child *child, const char *why)
{
	char address[ADDRESS_TEXT_MAX];

	log_info("RRP: LRP %s (%s): tunnel ended: %s", child->name,
		 address_text(&child->remote, address), why);
	child_dismiss(child);
}

/* The new list's word on a tunnel that is up. False if it was stopped. */
static bool judge_again(struct child *child)
{
	const struct lrp *lrp = nodes_lrp_of(child);
	enum ipc_verdict verdict = nodes_judge(lrp, &child->remote);

	if (verdict == IPC_VERDICT_GOOD) {
		child->max_calls = max_calls(child->manager, lrp); /* the name stays its own */
		return true;
	}
	stop_tunnel(child, reason_of(verdict));
	return false;
}

/* The number of tunnels that were stopped. */
static unsigned judge_all_again(struct manager *manager)
{
	unsigned stopped = 0;

	list_for_each (link, &manager->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->tls && child->name[0] && !child->released && !child->ended)
			stopped += !judge_again(child);
	}
	return stopped;
}

void nodes_warn(const struct manager *manager)
{
	for (size_t i = 0; i < manager->lrps.count; i++) {
		const struct lrp *lrp = &manager->lrps.lrps[i];

		if (!lrp_options_fit_pool(&lrp->options, manager->pool))
			log_warning("MGR: %s:%u: no address of LRP %s is in remoteip, its calls "
				    "will be refused",
				    manager->conf->rrp_peers, lrp->line, lrp->name);
	}
}

bool nodes_reload(struct manager *manager, unsigned *ret_stopped, char ret_error[LRP_ERROR_MAX])
{
	struct lrp_list fresh;

	if (!lrp_list_read_trusted(manager->conf->rrp_peers, &fresh, ret_error))
		return false;
	lrp_list_done(&manager->lrps);
	manager->lrps = fresh;
	nodes_warn(manager);
	*ret_stopped = judge_all_again(manager);
	return true;
}

unsigned nodes_shut_out(struct manager *manager, const char *name)
{
	for (size_t i = 0; i < manager->lrps.count; i++) {
		if (strcmp(manager->lrps.lrps[i].name, name) == 0)
			manager->lrps.lrps[i].options.disabled = true;
	}
	return judge_all_again(manager);
}

/*
 * The newer one has proven, as far as we can know, to be the same LRP. From elsewhere that is rare
 * enough to be looked at.
 */
static void replace_tunnel(struct child *older, const struct address *from)
{
	char address[ADDRESS_TEXT_MAX], newer[ADDRESS_TEXT_MAX];

	if (address_same_host(&older->remote, from)) {
		stop_tunnel(older, "the same LRP has a new one");
		return;
	}
	log_warning("RRP: LRP %s (%s): tunnel ended: the same LRP has a new one, from %s",
		    older->name, address_text(&older->remote, address), address_text(from, newer));
	child_dismiss(older);
}

static void stop_older(struct child *child)
{
	list_for_each (link, &child->manager->children) {
		struct child *other = container_of(link, struct child, link);

		if (other != child && other->tls && other->name[0] && !other->released &&
		    node_id_equal(&other->node, &child->node))
			replace_tunnel(other, &child->remote);
	}
}

void nodes_admit(struct child *child, const struct node_id *id)
{
	const struct lrp *lrp = lrp_list_find_id(&child->manager->lrps, id);
	struct ipc_peer_verdict answer = {
		.type = IPC_PEER_VERDICT,
		.verdict = child->manager->stopping ? IPC_VERDICT_BUSY
						    : nodes_judge(lrp, &child->remote),
	};

	child->node = *id;
	if (answer.verdict == IPC_VERDICT_GOOD) {
		(void)snprintf(child->name, sizeof(child->name), "%s", lrp->name);
		child->max_calls = max_calls(child->manager, lrp);
		child->since = time(NULL);
		known_sources_add(&child->manager->known, id, &child->remote, mono_now());
		stop_older(child);
		answer.max_calls = child->max_calls;
		memcpy(answer.name, child->name, sizeof(answer.name));
	} else if (lrp) {
		(void)snprintf(answer.name, sizeof(answer.name), "%s", lrp->name);
	}
	ipc_port_send(child->port, &answer, -1);
}

/* In a process of its own; see pptpd/errand.h. */
static int take_invitation(void *context)
{
	const struct enrolment *enrolment = context;
	char name[LRP_NAME_MAX + 1], error[LRP_ERROR_MAX];
	enum lrp_take_result result =
		lrp_edit_take(enrolment->manager->conf->rrp_peers, enrolment->secret_hash,
			      &enrolment->id, time(NULL), name, error);

	if (result == LRP_TAKE_FAILED)
		log_err("MGR: RRP: an LRP could not be enrolled: %s", error);
	return (int)result;
}

static enum ipc_verdict verdict_of(int status)
{
	static const enum ipc_verdict verdicts[] = {
		[LRP_TAKE_GOOD] = IPC_VERDICT_GOOD,     [LRP_TAKE_UNKNOWN] = IPC_VERDICT_UNKNOWN,
		[LRP_TAKE_USED] = IPC_VERDICT_USED,     [LRP_TAKE_EXPIRED] = IPC_VERDICT_EXPIRED,
		[LRP_TAKE_FAILED] = IPC_VERDICT_SYSTEM,
	};

	if (status < 0)
		log_err("MGR: RRP: an LRP could not be enrolled: not done within %.0f s",
			ENROL_TIMEOUT_S);
	return status >= 0 && (size_t)status < ARRAY_SIZE(verdicts) ? verdicts[status]
								    : IPC_VERDICT_SYSTEM;
}

static void answer_enrolment(struct child *child, enum ipc_verdict verdict, const char *name)
{
	struct ipc_enrol_verdict answer = {.type = IPC_ENROL_VERDICT, .verdict = verdict};

	child->enrolment = NULL;
	(void)snprintf(answer.name, sizeof(answer.name), "%s", name);
	if (child->port && !child->ended)
		ipc_port_send(child->port, &answer, -1);
}

static void on_taken(void *context, int status)
{
	struct enrolment *enrolment = context;
	enum ipc_verdict verdict = verdict_of(status);
	char error[LRP_ERROR_MAX], text[NODE_ID_TEXT_LEN + 1];
	const struct lrp *lrp = NULL;
	unsigned stopped;

	if (verdict == IPC_VERDICT_GOOD) {
		if (!nodes_reload(enrolment->manager, &stopped, error))
			log_err("MGR: RRP: %s: the former list stays", error);
		lrp = lrp_list_find_id(&enrolment->manager->lrps, &enrolment->id);
		if (lrp)
			log_info("MGR: RRP: LRP %s enrolled with node ID %s", lrp->name,
				 node_id_text(&enrolment->id, text));
		else
			verdict = IPC_VERDICT_SYSTEM;
	}
	if (enrolment->child)
		answer_enrolment(enrolment->child, verdict, lrp ? lrp->name : "");
	free(enrolment);
}

void nodes_enrol(struct child *child, const struct node_id *id,
		 const uint8_t secret_hash[IPC_SECRET_HASH_LEN])
{
	struct enrolment *enrolment = calloc(1, sizeof(*enrolment));

	if (!enrolment) {
		log_system(LOG_ERR, "MGR: enrolment");
		answer_enrolment(child, IPC_VERDICT_SYSTEM, "");
		return;
	}
	*enrolment = (struct enrolment){.manager = child->manager, .child = child, .id = *id};
	memcpy(enrolment->secret_hash, secret_hash, sizeof(enrolment->secret_hash));
	if (!errand_start(child->manager->errands, take_invitation, on_taken, enrolment,
			  ENROL_TIMEOUT_S)) {
		log_system(LOG_ERR, "MGR: enrolment");
		free(enrolment);
		answer_enrolment(child, IPC_VERDICT_SYSTEM, "");
		return;
	}
	child->enrolment = enrolment;
}

void nodes_forget(struct child *child)
{
	if (child->enrolment)
		child->enrolment->child = NULL;
	child->enrolment = NULL;
}
