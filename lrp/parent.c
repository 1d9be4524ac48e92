/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parent's life; see the header. Runs as root. */
#include "lrp/parent.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lrp/child.h"
#include "lrp/parent_private.h"
#include "lrp/worker.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"

/* A worker gives itself five seconds to end in order. */
#define WORKER_END_S 7.0

static void end_loop(struct parent *parent, bool failed)
{
	parent->failed = parent->failed || failed;
	ev_break(parent->loop, EVBREAK_ALL);
}

/* Child: lets go of what is the parent's alone, and touches nothing that both share. */
static void forget(struct parent *parent)
{
	interface_watch_forget(&parent->watch);
	fdio_close(&parent->link);
	fdio_close(&parent->settings.not_theirs);
	signer_process_forget(&parent->signer);
	closelog();
	ev_loop_destroy(parent->loop);
}

/* child_origin's forget: only the worker may have the ring, in which others' packets are. */
static void forget_capture(void *context)
{
	struct parent *parent = context;

	capture_close(parent->capture);
}

/* The child that becomes the worker. */
static void run_worker(struct parent *parent, int link, int signer, pid_t parent_pid)
	__attribute__((noreturn));

static void run_worker(struct parent *parent, int link, int signer, pid_t parent_pid)
{
	const struct worker_settings settings = {
		.conf = parent->settings.conf,
		.sockets = parent->sockets,
		.capture = parent->capture,
		.link = link,
		.signer = signer,
		.account = parent->account,
		.parent = parent_pid,
		.debug = parent->settings.debug,
	};

	forget(parent);
	_exit(worker_run(&settings));
}

/* Forks the worker, which gets both descriptors. Returns 0 or a negative errno. */
static int fork_worker(struct parent *parent, int link, int signer)
{
	const pid_t ours = getpid();
	pid_t pid = child_fork(NULL);

	if (pid == 0)
		run_worker(parent, link, signer, ours);
	if (pid < 0)
		return -errno;
	parent->worker = pid;
	return 0;
}

/* Returns 0 or a negative errno. */
static int start_process(struct parent *parent)
{
	int pair[2];
	int signer = -1;
	int error = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	parent->link = pair[0];
	if (parent->settings.conf->security == LRP_SECURITY_TLS)
		error = signer_process_channel(&parent->signer, &signer);
	if (!error)
		error = fork_worker(parent, pair[1], signer);
	fdio_close(&pair[1]);
	fdio_close(&signer);
	if (error) {
		fdio_close(&parent->link);
		return error;
	}
	parent->started = mono_now();
	rate_limit_init(&parent->lines, WORKER_LINES, WORKER_LINE_EVERY_MS, parent->started);
	rate_limit_init(&parent->lookups, LOOKUP_BURST, LOOKUP_EVERY_MS, parent->started);
	ev_io_set(&parent->readable, parent->link, EV_READ);
	ev_io_start(parent->loop, &parent->readable);
	return 0;
}

/* A worker cannot take over another one's place in the ring, so each has a capture of its own. */
static bool open_capture(struct parent *parent)
{
	char error[CAPTURE_ERROR_MAX];

	parent->capture =
		capture_open(parent->settings.conf->interface, parent->sockets.address, error);
	if (!parent->capture && !parent->interface_gone)
		log_err("cannot capture on %s: %s", parent->settings.conf->interface, error);
	return parent->capture != NULL;
}

static void start_again_later(struct parent *parent, unsigned *ret_ms)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = 0; /* only the jitter is missing then */
	*ret_ms = backoff_next_ms(&parent->backoff, random);
	ev_timer_stop(parent->loop, &parent->restart);
	ev_timer_set(&parent->restart, *ret_ms / 1000., 0.);
	ev_timer_start(parent->loop, &parent->restart);
}

static bool start_worker(struct parent *parent)
{
	int error;

	if (!parent->capture && !open_capture(parent))
		return false;
	error = start_process(parent);
	if (error)
		log_err("the worker cannot be started: %s", strerror(-error));
	return !error;
}

static void on_restart(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct parent *parent = container_of(watcher, struct parent, restart);
	unsigned ms;

	if (!start_worker(parent))
		start_again_later(parent, &ms);
}

void parent_worker_ready(struct parent *parent)
{
	if (parent->ready)
		return;
	parent->ready = true;
	if (!parent->settings.ready(parent->settings.context))
		end_loop(parent, true);
}

void parent_order(struct parent *parent, const struct order *order)
{
	int error = parent->worker ? message_send(parent->link, order, sizeof(*order)) : 0;

	if (error)
		log_warning("the worker does not take an order: %s", strerror(-error));
}

void parent_stop_worker(struct parent *parent, int signal_number)
{
	const struct order order = {.type = ORDER_STOP, .number = (uint32_t)signal_number};

	if (!parent->worker)
		return;
	parent_order(parent, &order);
	if (!ev_is_active(&parent->too_long)) {
		ev_timer_set(&parent->too_long, WORKER_END_S, 0.);
		ev_timer_start(parent->loop, &parent->too_long);
	}
}

static void on_too_long(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct parent *parent = container_of(watcher, struct parent, too_long);

	log_warning("the worker did not end in time: killing it");
	(void)kill(parent->worker, SIGKILL);
}

/* Its last words are read; nothing of it is left but its capture, which is closed here. */
static void forget_worker(struct parent *parent)
{
	parent_requests_readable(parent->loop, &parent->readable, EV_READ);
	parent->worker = 0;
	ev_io_stop(parent->loop, &parent->readable);
	ev_timer_stop(parent->loop, &parent->too_long);
	fdio_close(&parent->link);
	resolve_cancel(parent->resolve);
	parent->resolve = NULL;
	capture_close(parent->capture);
	parent->capture = NULL;
}

static void worker_ended(struct parent *parent, int wait_status)
{
	char text[CHILD_END_TEXT_MAX];
	unsigned ms;

	forget_worker(parent);
	if (parent->stopping || !parent->ready) {
		end_loop(parent, wait_status != 0);
		return;
	}
	if (parent->replacing) {
		parent->replacing = false;
		if (start_worker(parent))
			return;
	}
	backoff_tunnel_ended(&parent->backoff, parent->started, mono_now());
	start_again_later(parent, &ms);
	log_err("the worker ended unexpectedly, with %s: all calls are lost; it is started again "
		"in %u.%u s",
		child_end_text(wait_status, text), ms / 1000, ms % 1000 / 100);
}

static void reap(struct parent *parent)
{
	int status;

	if (parent->worker && waitpid(parent->worker, &status, WNOHANG) == parent->worker)
		worker_ended(parent, status);
}

static void on_signal(struct ev_loop *loop UNUSED, ev_signal *watcher, int events UNUSED)
{
	struct parent *parent = watcher->data;
	const struct order hangup = {.type = ORDER_HANGUP};

	if (watcher->signum == SIGCHLD) {
		reap(parent);
		parent_signer_reap(parent);
	} else if (watcher->signum == SIGHUP) {
		parent_order(parent, &hangup);
	} else {
		parent->stopping = true;
		if (parent->worker)
			parent_stop_worker(parent, watcher->signum);
		else
			end_loop(parent, false);
	}
}

/* interface_watch's look; without a worker the next one will see what is now. */
static bool on_interfaces_changed(void *context)
{
	struct parent *parent = context;
	const char *interface = parent->settings.conf->interface;
	enum capture_state state;

	if (!parent->capture || !parent->worker || parent->replacing || parent->stopping)
		return false;
	state = capture_look(parent->capture);
	if (state == CAPTURE_GONE && !parent->interface_gone)
		log_warning("interface %s: gone; nothing is captured until it is back", interface);
	else if (state == CAPTURE_BOUND_AGAIN)
		log_notice("interface %s: capturing again", interface);
	parent->interface_gone = state == CAPTURE_GONE;
	if (state != CAPTURE_UNFIT)
		return state != CAPTURE_GONE;
	log_notice("interface %s: its packets became longer or of another kind: ending all calls "
		   "to open the capture anew",
		   interface);
	parent->replacing = true;
	parent_stop_worker(parent, SIGTERM);
	return false;
}

static void watch(struct parent *parent)
{
	const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

	(void)signal(SIGPIPE, SIG_IGN); /* writes return EPIPE instead */
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		ev_signal_init(&parent->signals[i], on_signal, numbers[i]);
		parent->signals[i].data = parent;
		ev_signal_start(parent->loop, &parent->signals[i]);
	}
	interface_watch_start(&parent->watch, parent->loop, on_interfaces_changed, parent);
	ev_timer_init(&parent->restart, on_restart, 0., 0.);
	ev_timer_init(&parent->too_long, on_too_long, WORKER_END_S, 0.);
	ev_io_init(&parent->readable, parent_requests_readable, -1, EV_READ);
	backoff_init(&parent->backoff);
	parent_signer_watch(parent);
	rate_limit_init(&parent->faults, WORKER_FAULTS, WORKER_FAULT_EVERY_MS, mono_now());
}

static bool find_account(struct parent *parent)
{
	const char *user = parent->settings.conf->user;
	bool substituted;

	if (!privileges_account(user, &parent->account, &substituted)) {
		log_err("there is no user %s, and no nobody: make one of them", user);
		return false;
	}
	if (substituted)
		log_warning("there is no user %s: running as nobody, as other programs may; "
			    "\"adduser --system --group %s\" makes it",
			    user, user);
	return true;
}

/* What needs privilege and is needed once. */
static bool open_all(struct parent *parent)
{
	int error;

	if (!find_account(parent) || !lan_sockets_open(parent->settings.conf, &parent->sockets) ||
	    !open_capture(parent))
		return false;
	error = parent_privileges_limit();
	if (error)
		log_err("cannot give up privileges: %s", strerror(-error));
	return !error && parent_signer_start(parent);
}

static void close_all(struct parent *parent)
{
	resolve_cancel(parent->resolve);
	signer_process_stop(&parent->signer);
	signer_process_forget(&parent->signer);
	capture_close(parent->capture);
	lan_sockets_close(&parent->sockets);
	if (!parent->loop)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(parent->signals); i++)
		ev_signal_stop(parent->loop, &parent->signals[i]);
	ev_timer_stop(parent->loop, &parent->restart);
	ev_timer_stop(parent->loop, &parent->signer_restart);
	ev_timer_stop(parent->loop, &parent->too_long);
	interface_watch_stop(&parent->watch);
	ev_loop_destroy(parent->loop);
}

bool parent_run(const struct parent_settings *settings)
{
	struct parent parent = {
		.settings = *settings,
		.sockets = {.listener = -1, .raw_gre = -1},
		.link = -1,
		.failed = true,
	};

	parent.origin = (struct child_origin){forget_capture, &parent};
	signer_process_init(&parent.signer, &parent.origin);

	if (open_all(&parent)) {
		parent.loop = ev_loop_new(EVFLAG_AUTO);
		if (!parent.loop)
			log_system(LOG_ERR, "cannot start");
	}
	if (parent.loop) {
		watch(&parent);
		parent.failed = !start_worker(&parent);
		if (!parent.failed)
			ev_run(parent.loop, 0);
	}
	close_all(&parent);
	return !parent.failed;
}
