/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The privileged process, wired together; see the header. Runs as root, parses no peer's byte. */
#include "pptpd/manager.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/addr_pool.h"
#include "pptpd/admission.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/listeners.h"
#include "pptpd/pool_conf.h"
#include "pptpd/session_store.h"

/* Processes beyond one for each call: clients that connected and have not called yet. */
#define SPARE_CHILDREN 128

/*
 * Tunnels: each is a process, and it takes no secret to have one. Several LRPs can sit behind one
 * translated address; but neither one address nor all of them together keep direct clients out.
 */
#define TUNNELS_PER_SOURCE_MAX 16
#define SPARE_TUNNELS          (SPARE_CHILDREN / 2)

/* A pppd ends by itself within moments of a hang-up, and a pptpctrl of its goodbye. */
static const struct manager_patience usual_patience = {
	.hung_up = 5.,
	.terminated = 30.,
	.leaving = 5.,
	.stop = 15.,
};

/* The line that says that all slots are taken: once, then every so many milliseconds. */
#define FULL_LOG_BURST     1
#define FULL_LOG_REFILL_MS 10000

/*
 * Every call takes two descriptors and every silent connection one: take what root may have. Not
 * for pppd: its scripts may use select(2), or close everything up to the limit.
 */
static void raise_descriptor_limit(struct rlimit *ret_former)
{
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit); /* cannot fail with a valid resource */
	*ret_former = limit;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_system(LOG_WARNING, "MGR: RLIMIT_NOFILE");
}

/* pptpctrl lies beside pptpd. Looked up at start, since an upgrade may replace both files. */
static bool find_pptpctrl(char *ret_path, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", ret_path, size - 1);
	char *slash;

	if (len < 0) {
		log_system(LOG_ERR, "MGR: /proc/self/exe");
		return false;
	}
	ret_path[len] = '\0';
	slash = strrchr(ret_path, '/');
	if (!slash || (size_t)(slash - ret_path) + sizeof("/pptpctrl") > size) {
		log_err("MGR: no place for pptpctrl beside %s", ret_path);
		return false;
	}
	memcpy(slash, "/pptpctrl", sizeof("/pptpctrl"));
	if (access(ret_path, X_OK) == 0)
		return true;
	log_system(LOG_ERR, "MGR: %s", ret_path);
	return false;
}

/*
 * From the first listening socket on, a signal to end waits until it is handled in order: whoever
 * sees us listen may send one.
 */
static void hold_signals(int how)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	(void)sigprocmask(how, &ending, NULL); /* cannot fail with a valid `how` */
}

bool manager_open(struct manager *manager, const struct conf *conf, struct syslog_writer *syslog)
{
	memset(manager, 0, sizeof(*manager));
	manager->conf = conf;
	manager->syslog = syslog;
	manager->patience = usual_patience;
	list_init(&manager->children);
	list_init(&manager->orphans);
	raise_descriptor_limit(&manager->files);
	if (!find_pptpctrl(manager->pptpctrl, sizeof(manager->pptpctrl)))
		return false;
	manager->pool = pool_from_conf(conf);
	if (!manager->pool)
		return false;
	manager->sessions = session_store_new();
	if (!manager->sessions) {
		log_system(LOG_ERR, "MGR: sessions");
		return false;
	}
	hold_signals(SIG_BLOCK);
	manager->listeners = listeners_open(conf);
	return manager->listeners != NULL;
}

void manager_done(struct manager *manager)
{
	admission_free(manager->admission);
	listeners_free(manager->listeners);
	session_store_free(manager->sessions);
	addr_pool_free(manager->pool);
}

/* Why there is no room for one more process of that kind, or NULL. */
static const char *no_room(const struct manager *manager, enum ipc_kind kind,
			   const struct address *remote)
{
	unsigned connections = manager->conf->connections;
	unsigned tunnels = 0, of_source = 0;

	if (manager->child_count >= connections + SPARE_CHILDREN)
		return "too many processes";
	if (kind != IPC_KIND_TUNNEL)
		return NULL;
	list_for_each (link, &manager->children) {
		const struct child *child = container_of(link, struct child, link);

		if (child->kind != IPC_KIND_TUNNEL)
			continue;
		tunnels++;
		of_source += address_same_source(&child->remote, remote);
	}
	if (of_source >= TUNNELS_PER_SOURCE_MAX)
		return "too many tunnels from one address";
	return tunnels >= connections + SPARE_TUNNELS ? "too many tunnels" : NULL;
}

/* A connection that spoke goes to the process that serves its address, or to a new one. */
static void on_ready(void *context, enum ipc_kind kind, int fd, const struct address *remote,
		     const struct address *local)
{
	struct manager *manager = context;
	struct child *child =
		kind == IPC_KIND_DIRECT ? child_find_direct(manager, remote, local) : NULL;
	const char *problem = child ? NULL : no_room(manager, kind, remote);
	unsigned refused;

	if (problem) {
		char text[ADDRESS_TEXT_MAX];

		if (rate_limit_allow(&manager->full_limit, mono_now(), &refused))
			log_err("MGR: %s, dropped a connection from %s", problem,
				address_text(remote, text));
		return;
	}
	if (!child)
		child = child_start(manager, kind, remote, local);
	if (child)
		child_send_connection(child, fd);
}

static void on_accepted(void *context, enum ipc_kind kind, int fd, const struct address *remote,
			const struct address *local)
{
	struct manager *manager = context;

	admission_add(manager->admission, kind, fd, remote, local);
}

static bool on_make_place(void *context)
{
	struct manager *manager = context;

	return admission_drop_oldest(manager->admission);
}

static const struct listeners_ops listeners_ops = {
	.accepted = on_accepted,
	.make_place = on_make_place,
};

void manager_check_stopped(struct manager *manager)
{
	if (manager->stopping && list_empty(&manager->children) && list_empty(&manager->orphans) &&
	    !bcrelay_running(&manager->bcrelay))
		ev_break(manager->loop, EVBREAK_ALL);
}

static void kill_calls(struct list *calls)
{
	list_for_each (link, calls)
		call_kill(container_of(link, struct call, link));
}

/* What did not end in order by now will not. */
static void on_stop_deadline(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	struct manager *manager = timer->data;

	log_warning("MGR: not everything ended in %.0f s, killing the rest",
		    manager->patience.stop);
	list_for_each (link, &manager->children) {
		struct child *child = container_of(link, struct child, link);

		kill_calls(&child->calls);
		child_kill(child);
	}
	kill_calls(&manager->orphans);
	if (bcrelay_running(&manager->bcrelay))
		(void)kill(manager->bcrelay.pid, SIGKILL);
}

static void on_bcrelay_ended(void *context)
{
	manager_check_stopped(context);
}

static void stop(struct manager *manager, int number)
{
	if (manager->stopping)
		return;
	log_info("MGR: signal %d, ending all calls", number);
	manager->stopping = true;
	listeners_free(manager->listeners);
	manager->listeners = NULL;
	admission_free(manager->admission);
	manager->admission = NULL;
	list_for_each (link, &manager->children)
		child_stop(container_of(link, struct child, link));
	bcrelay_stop(&manager->bcrelay);
	ev_timer_start(manager->loop, &manager->stop_deadline);
	manager_check_stopped(manager);
}

static void on_terminate(struct ev_loop *loop UNUSED, struct ev_signal *signal, int events UNUSED)
{
	stop(signal->data, signal->signum);
}

static void on_hangup(struct ev_loop *loop UNUSED, struct ev_signal *signal UNUSED,
		      int events UNUSED)
{
	log_warning("MGR: SIGHUP: the configuration is read at start only, nothing changed");
}

static void start_signals(struct manager *manager)
{
	struct {
		struct ev_signal *watcher;
		int number;
		void (*handler)(struct ev_loop *, struct ev_signal *, int);
	} const signals[] = {
		{&manager->terminate, SIGTERM, on_terminate},
		{&manager->interrupt, SIGINT, on_terminate},
		{&manager->hangup, SIGHUP, on_hangup},
	};

	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		ev_init(signals[i].watcher, signals[i].handler);
		ev_signal_set(signals[i].watcher, signals[i].number);
		signals[i].watcher->data = manager;
		ev_signal_start(manager->loop, signals[i].watcher);
	}
	hold_signals(SIG_UNBLOCK);
}

bool manager_run(struct manager *manager)
{
	manager->loop = ev_default_loop(EVFLAG_AUTO);
	manager->admission =
		admission_new(manager->loop, manager->conf->stimeout, on_ready, manager);
	if (!manager->loop || !manager->admission) {
		log_system(LOG_ERR, "MGR: event loop");
		return false;
	}
	rate_limit_init(&manager->full_limit, FULL_LOG_BURST, FULL_LOG_REFILL_MS, mono_now());
	ev_timer_init(&manager->stop_deadline, on_stop_deadline, manager->patience.stop, 0.);
	manager->stop_deadline.data = manager;
	start_signals(manager);
	if (manager->conf->bcrelay)
		bcrelay_start(&manager->bcrelay, manager->loop, manager->conf->bcrelay,
			      on_bcrelay_ended, manager);
	listeners_start(manager->listeners, manager->loop, &listeners_ops, manager);
	ev_run(manager->loop, 0);
	return true;
}
