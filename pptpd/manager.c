/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The privileged process, wired together; see the header. Runs as root, parses no peer's byte. */
#include "pptpd/manager.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/access_check.h"
#include "pptpd/addr_pool.h"
#include "pptpd/admission.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/call_table.h"
#include "pptpd/child.h"
#include "pptpd/conf.h"
#include "pptpd/control.h"
#include "pptpd/errand.h"
#include "pptpd/gate.h"
#include "pptpd/listeners.h"
#include "pptpd/nodes.h"
#include "pptpd/pool_conf.h"
#include "pptpd/requests.h"
#include "pptpd/session_store.h"
#include "pptpd/signer.h"
#include "pptpd/start_queue.h"
#include "pptpd/unproven.h"

/* A pppd ends by itself within moments of a hang-up, and a pptpctrl of its goodbye. */
static const struct manager_patience usual_patience = {
	.hung_up = 5.,
	.terminated = 30.,
	.leaving = 5.,
	.stop = 15.,
};

/* Line, messages and events of its pppd, and its share of pptpctrl's socket and link. */
#define DESCRIPTORS_PER_CALL 5

/* Of processes without a call, listeners, logs, the loop. */
#define DESCRIPTORS_SPARE 192

/* Silent connections that may wait however few descriptors there are. */
#define WAITING_MIN 16

/* The line that says that all slots are taken: once, then every so many milliseconds. */
#define FULL_LOG_BURST     1
#define FULL_LOG_REFILL_MS 10000

/*
 * Sockets that show the order of packets. Each costs something with every GRE packet as long as it
 * is open, some seconds, and the manager does not see when that is over.
 */
#define SAMPLES_BURST     16
#define SAMPLES_REFILL_MS 62

/*
 * Every call takes DESCRIPTORS_PER_CALL and every silent connection one: take what root may have.
 * Not for pppd: its scripts may use select(2), or close everything up to the limit.
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

/* Our programs lie beside pptpd. Looked up at start, since an upgrade may replace all files. */
static bool find_beside(const char *program, char *ret_path, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", ret_path, size - 1);
	char *slash;

	if (len < 0) {
		log_system(LOG_ERR, "MGR: /proc/self/exe");
		return false;
	}
	ret_path[len] = '\0';
	slash = strrchr(ret_path, '/');
	if (!slash || (size_t)(slash - ret_path) + strlen(program) + 2 > size) {
		log_err("MGR: no place for %s beside %s", program, ret_path);
		return false;
	}
	memcpy(slash + 1, program, strlen(program) + 1);
	if (access(ret_path, X_OK) == 0)
		return true;
	log_system(LOG_ERR, "MGR: %s", ret_path);
	return false;
}

static bool find_account(struct manager *manager)
{
	const char *name = manager->conf->pptpctrl_user;
	bool substituted;

	if (!privileges_account(name, &manager->account, &substituted)) {
		log_err("MGR: there is neither a user '%s' nor 'nobody' for pptpctrl", name);
		return false;
	}
	if (substituted)
		log_warning("MGR: there is no user '%s', pptpctrl runs as 'nobody'", name);
	return true;
}

static bool read_lrps(struct manager *manager)
{
	char error[LRP_ERROR_MAX];

	if (lrp_list_read_trusted(manager->conf->rrp_peers, &manager->lrps, error)) {
		nodes_warn(manager);
		return true;
	}
	log_err("MGR: %s", error);
	return false;
}

/* What TLS tunnels need: who may come, and who we are. */
static bool open_tls(struct manager *manager)
{
	const struct conf *conf = manager->conf;
	char program[PATH_MAX];

	if (!conf->rrp_listen_count || !conf->rrp_tls)
		return true;
	if (!read_lrps(manager) || !find_beside("rrp-signer", program, sizeof(program)))
		return false;
	manager->signer = signer_open(program, conf, &manager->account);
	return manager->signer != NULL;
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
	if (!find_beside("pptpctrl", manager->pptpctrl, sizeof(manager->pptpctrl)) ||
	    (conf->rrp_listen_count &&
	     !find_beside("pptpctrl-tunnel", manager->tunnel, sizeof(manager->tunnel))) ||
	    !find_account(manager))
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
	return manager->listeners != NULL && open_tls(manager);
}

bool manager_check(const struct conf *conf)
{
	struct manager manager = {.conf = conf, .pool = pool_from_conf(conf)};
	bool key_is_made = !conf->rrp_certificate && access(conf->rrp_key, F_OK) != 0;
	bool good = manager.pool && listeners_check(conf);

	if (good && conf->rrp_listen_count && conf->rrp_tls)
		good = find_account(&manager) &&
		       (key_is_made ? read_lrps(&manager) : open_tls(&manager));
	signer_free(manager.signer);
	lrp_list_done(&manager.lrps);
	addr_pool_free(manager.pool);
	return good;
}

void manager_done(struct manager *manager)
{
	control_free(manager->control);
	access_check_free(manager->access_check);
	admission_free(manager->admission);
	listeners_free(manager->listeners);
	channel_trust_start(&manager->channels.trust, NULL);
	errands_free(manager->errands);
	start_queue_free(manager->start_queue);
	call_table_free(manager->calls);
	unproven_free(manager->unproven);
	signer_free(manager->signer);
	lrp_list_done(&manager->lrps);
	session_store_free(manager->sessions);
	addr_pool_free(manager->pool);
}

static bool on_make_place(void *context)
{
	struct manager *manager = context;

	return admission_drop_oldest(manager->admission);
}

static const struct listeners_ops listeners_ops = {
	.accepted = gate_accepted,
	.make_place = on_make_place,
};

static const struct access_check_ops access_ops = {
	.good = gate_allowed,
	.failed = gate_unanswered,
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
	access_check_free(manager->access_check);
	manager->access_check = NULL;
	start_queue_stop(manager->start_queue);
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

static void reload(struct manager *manager)
{
	char error[LRP_ERROR_MAX];
	unsigned stopped;

	if (!manager->signer) {
		log_warning("MGR: SIGHUP: the configuration is read at start only%s",
			    manager->channels.trust.ppp
				    ? ", what PPP channels there are is looked up anew"
				    : ", nothing changed");
		return;
	}
	log_warning("MGR: SIGHUP: the list of LRPs is read anew, the configuration at start only");
	if (nodes_reload(manager, &stopped, error))
		log_info("MGR: %zu LRP%s on the list", manager->lrps.count,
			 manager->lrps.count == 1 ? "" : "s");
	else
		log_err("MGR: %s: the former list stays", error);
	signer_reload(manager->signer);
}

static void on_hangup(struct ev_loop *loop UNUSED, struct ev_signal *signal, int events UNUSED)
{
	struct manager *manager = signal->data;

	reload(manager);
	channel_trust_look(&manager->channels.trust); /* pppd may be another one by now */
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

static rlim_t calls_that_fit(const struct conf *conf, rlim_t descriptors)
{
	rlim_t used = DESCRIPTORS_SPARE + WAITING_MIN;
	rlim_t fit = descriptors > used ? (descriptors - used) / DESCRIPTORS_PER_CALL : 0;

	return MIN(fit, conf->connections);
}

/* How many silent connections may wait: what is left of our descriptors, but never none. */
static unsigned waiting_limit(const struct manager *manager)
{
	rlim_t needed =
		(rlim_t)DESCRIPTORS_PER_CALL * manager->conf->connections + DESCRIPTORS_SPARE;
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit); /* cannot fail with a valid resource */
	if (limit.rlim_cur >= needed + ADMISSION_WAITING_MAX)
		return ADMISSION_WAITING_MAX;
	log_warning(
		"MGR: a limit of %ju open files is little for %u connections: %ju fit at least, "
		"%ju files are enough",
		(uintmax_t)limit.rlim_cur, manager->conf->connections,
		(uintmax_t)calls_that_fit(manager->conf, limit.rlim_cur),
		(uintmax_t)(needed + ADMISSION_WAITING_MAX));
	return limit.rlim_cur > needed + WAITING_MIN ? (unsigned)(limit.rlim_cur - needed)
						     : WAITING_MIN;
}

static bool make_parts(struct manager *manager)
{
	const struct conf *conf = manager->conf;

	manager->loop = ev_default_loop(EVFLAG_AUTO);
	if (!manager->loop)
		return false;
	manager->admission = admission_new(manager->loop, conf->stimeout, waiting_limit(manager),
					   gate_ready, manager);
	manager->errands = errands_new(manager->loop);
	manager->access_check =
		access_check_new(manager->loop, &manager->account, &access_ops, manager);
	manager->calls = call_table_new(addr_pool_size(manager->pool));
	manager->unproven = unproven_new();
	manager->start_queue =
		start_queue_new(manager->loop, start_queue_usual_places(), &requests_start_ops);
	return manager->admission && manager->errands && manager->access_check && manager->calls &&
	       manager->unproven && manager->start_queue;
}

bool manager_run(struct manager *manager)
{
	channels_open(&manager->channels, manager->conf);
	if (!make_parts(manager)) {
		log_system(LOG_ERR, "MGR: event loop");
		return false;
	}
	rate_limit_init(&manager->full_limit, FULL_LOG_BURST, FULL_LOG_REFILL_MS, mono_now());
	rate_limit_init(&manager->samples, SAMPLES_BURST, SAMPLES_REFILL_MS, mono_now());
	channel_trust_start(&manager->channels.trust, manager->errands);
	gate_init(manager);
	ev_timer_init(&manager->stop_deadline, on_stop_deadline, manager->patience.stop, 0.);
	manager->stop_deadline.data = manager;
	start_signals(manager);
	if (manager->conf->bcrelay)
		bcrelay_start(&manager->bcrelay, manager->loop, manager->conf->bcrelay,
			      on_bcrelay_ended, manager);
	if (manager->signer)
		signer_watch(manager->signer, manager->loop);
	if (manager->conf->rrp_listen_count)
		manager->control = control_start(manager);
	listeners_start(manager->listeners, manager->loop, &listeners_ops, manager);
	ev_run(manager->loop, 0);
	return true;
}
