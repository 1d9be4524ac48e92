/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts and ends bcrelay; see the header. Runs as root. */
#include "pptpd/bcrelay.h"

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "pptpd/base/log.h"

/* What Poptop gives it: every PPP interface. */
#define CLIENT_INTERFACES "ppp[0-9].*"

static void on_exited(struct ev_loop *loop, struct ev_child *watcher, int events UNUSED)
{
	struct bcrelay *relay = watcher->data;

	ev_child_stop(loop, watcher);
	if (relay->stopping) {
		relay->pid = 0;
		relay->ended(relay->context);
		return;
	}
	log_info("MGR: Reaped unknown child %ld", (long)relay->pid);
	log_warning("MGR: bcrelay has ended, broadcasts are not relayed any more");
	relay->pid = 0;
}

void bcrelay_start(struct bcrelay *relay, struct ev_loop *loop, const char *interface,
		   void (*ended)(void *context), void *context)
{
	/* Without -n it logs what it relays. */
	const char *const words[] = {
		BCRELAY, "-i", interface, "-o", CLIENT_INTERFACES, log_is_debug() ? NULL : "-n",
		NULL};

	relay->loop = loop;
	relay->ended = ended;
	relay->context = context;
	relay->pid = fork();
	if (relay->pid == 0) {
		(void)signal(SIGPIPE, SIG_DFL);
		(void)execv(BCRELAY, (char *const *)(uintptr_t)words);
		_exit(127);
	}
	if (relay->pid < 0) {
		log_system(LOG_ERR, "MGR: fork for " BCRELAY);
		relay->pid = 0;
		return;
	}
	ev_child_init(&relay->exited, on_exited, relay->pid, 0);
	relay->exited.data = relay;
	ev_child_start(loop, &relay->exited);
}

void bcrelay_stop(struct bcrelay *relay)
{
	relay->stopping = true;
	if (bcrelay_running(relay))
		(void)kill(relay->pid, SIGTERM); /* not yet reaped: the ID is still its own */
}
