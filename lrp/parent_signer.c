/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parent's care for the signer. When one dies, running tunnels need none, and the next one
 * takes over the worker's channel. Runs as root.
 */
#include "lrp/parent_private.h"

#include <signal.h>
#include <sys/wait.h>

#include "lrp/child.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"

static bool start(struct parent *parent, struct node_id *ret_id)
{
	const struct lrp_conf *conf = parent->settings.conf;
	char error[SIGNER_ERROR_MAX];

	parent->signer_started = mono_now();
	if (signer_process_start(&parent->signer, conf->key, &parent->account, ret_id, error))
		return true;
	log_err("no signer: %s", error);
	return false;
}

bool parent_signer_start(struct parent *parent)
{
	char text[NODE_ID_TEXT_LEN + 1];

	if (parent->settings.conf->security == LRP_SECURITY_PLAIN) {
		log_warning("security plain: everyone on the way to the server can read and change "
			    "what goes through the tunnel");
		return true;
	}
	if (!start(parent, &parent->id))
		return false;
	log_notice("node ID %s", node_id_text(&parent->id, text));
	return true;
}

static void start_later(struct parent *parent)
{
	unsigned ms = backoff_next_ms(&parent->signer_backoff, 0);

	ev_timer_stop(parent->loop, &parent->signer_restart);
	ev_timer_set(&parent->signer_restart, ms / 1000., 0.);
	ev_timer_start(parent->loop, &parent->signer_restart);
}

/* The worker has the certificate of the key that was. */
static void on_restart(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct parent *parent = container_of(watcher, struct parent, signer_restart);
	char text[NODE_ID_TEXT_LEN + 1];
	struct node_id id;

	if (parent->stopping)
		return;
	if (!start(parent, &id)) {
		start_later(parent);
		return;
	}
	if (node_id_equal(&id, &parent->id)) {
		log_notice("there is a signer again");
		return;
	}
	parent->id = id;
	log_notice("the key was replaced: node ID %s; ending all calls to begin with it",
		   node_id_text(&id, text));
	parent->replacing = parent->worker != 0;
	parent_stop_worker(parent, SIGTERM);
}

void parent_signer_watch(struct parent *parent)
{
	backoff_init(&parent->signer_backoff);
	ev_timer_init(&parent->signer_restart, on_restart, 0., 0.);
}

void parent_signer_reap(struct parent *parent)
{
	char text[CHILD_END_TEXT_MAX];
	int status;

	if (!parent->signer.pid || waitpid(parent->signer.pid, &status, WNOHANG) <= 0)
		return;
	signer_process_ended(&parent->signer);
	if (parent->stopping)
		return;
	backoff_tunnel_ended(&parent->signer_backoff, parent->signer_started, mono_now());
	start_later(parent);
	log_err("the signer ended unexpectedly, with %s; until there is another one no tunnel can "
		"be made",
		child_end_text(status, text));
}
