/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls in the manager; see the header. Runs as root. */
#include "pptpd/call.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/call_policy.h"
#include "pptpd/call_table.h"
#include "pptpd/channel.h"
#include "pptpd/child.h"
#include "pptpd/manager.h"
#include "pptpd/peer_log.h"
#include "pptpd/pppd.h"
#include "pptpd/requests.h"
#include "pptpd/unproven.h"

/* pppd(8), EXIT STATUS: a signal or the other side of its line ended it. */
#define PPPD_STATUS_SIGNAL 5
#define PPPD_STATUS_HANGUP 16

/* Lines of pppd's stderr that are logged for one call: a usage text would flood the log. */
#define MESSAGE_LINES_MAX 8

static const char *const state_names[] = {
	[CALL_RUNNING] = "running",
	[CALL_HUNG_UP] = "hung up",
	[CALL_TERMINATED] = "terminated",
	[CALL_KILLED] = "killed",
};

static void set_state(struct call *call, enum call_state state, double patience_s,
		      const char *reason)
{
	log_debug("MGR: call %u: %s -> %s: %s", call->lease.call_id, state_names[call->state],
		  state_names[state], reason);
	if (call->child)
		call->child->running_count -= call->state == CALL_RUNNING;
	call->state = state;
	ev_timer_stop(call->manager->loop, &call->patience);
	if (patience_s > 0.) {
		ev_timer_set(&call->patience, patience_s, 0.);
		ev_timer_start(call->manager->loop, &call->patience);
	}
}

static void close_messages(struct call *call)
{
	ev_io_stop(call->manager->loop, &call->readable);
	fdio_close(&call->messages);
}

/* A pppd that is hung up before it was ready complains; any peer can have that at will. */
static void log_messages(struct call *call, char *text)
{
	int severity = call->state == CALL_RUNNING ? LOG_WARNING : LOG_DEBUG;
	char *rest = NULL, line[256];

	for (char *part = strtok_r(text, "\n", &rest); part; part = strtok_r(NULL, "\n", &rest)) {
		if (call->message_lines++ < MESSAGE_LINES_MAX)
			log_line(severity, "MGR: pppd[%ld] says: %s", (long)call->pid,
				 log_printable(line, sizeof(line), part));
	}
}

static void on_messages(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct call *call = io->data;
	char text[1024];
	ssize_t len = read(call->messages, text, sizeof(text) - 1);

	if (len > 0) {
		text[len] = '\0';
		log_messages(call, text);
	} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
		close_messages(call);
	}
}

static void close_events(struct call *call)
{
	ev_io_stop(call->manager->loop, &call->told);
	fdio_close(&call->events);
}

/* Its pptpctrl hears of the call when it is certain which channel it has. */
static void answer(struct call *call)
{
	if (!call->owes_answer)
		return;
	call->owes_answer = false;
	if (call->child)
		requests_answer_started(call->child, call->request, call);
}

void call_cancel(const struct child *child, uint32_t request)
{
	list_for_each (link, &child->calls) {
		struct call *call = container_of(link, struct call, link);

		if (call->owes_answer && call->request == request)
			answer(call); /* it is stopped upon that */
	}
}

static void take_event(struct call *call, char event)
{
	switch (event) {
	case CHANNEL_EVENT_LOADED:
		answer(call);
		return;
	case CHANNEL_EVENT_STARTED:
		answer(call);
		channel_trust_plugin_runs(&call->manager->channels.trust);
		call_ready(call);
		return;
	case CHANNEL_EVENT_UP:
		call_prove(call);
		return;
	case CHANNEL_EVENT_DENIED:
		call->denied = true;
		return;
	default:
		return; /* another version's */
	}
}

static void on_events(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct call *call = io->data;
	char told[16];
	ssize_t len = read(call->events, told, sizeof(told));

	for (ssize_t i = 0; i < len; i++)
		take_event(call, told[i]);
	if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
		close_events(call);
}

static void on_patience_over(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	struct call *call = timer->data;

	if (call->state == CALL_HUNG_UP) {
		(void)kill(call->pid, SIGTERM); /* not yet reaped: the ID is still its own */
		set_state(call, CALL_TERMINATED, call->manager->patience.terminated,
			  "pppd still runs");
	} else {
		log_warning("MGR: pppd[%ld] does not end, killed", (long)call->pid);
		call_kill(call);
	}
}

void call_kill(struct call *call)
{
	(void)kill(call->pid, SIGKILL);
	set_state(call, CALL_KILLED, 0., "pppd still runs");
}

void call_hang_up(struct call *call)
{
	fdio_close(&call->channel);
	if (call->state == CALL_RUNNING)
		set_state(call, CALL_HUNG_UP, call->manager->patience.hung_up, "hang-up");
}

void call_set_child(struct call *call, struct child *child)
{
	bool running = call->state == CALL_RUNNING;

	if (call->child) {
		call->child->call_count--;
		call->child->running_count -= running;
	}
	if (child) {
		child->call_count++;
		child->running_count += running;
	}
	list_remove(&call->link);
	list_append(child ? &child->calls : &call->manager->orphans, &call->link);
	call->child = child;
}

static void tell_ended(const struct call *call, int wait_status)
{
	const struct ipc_call_ended message = {
		.type = IPC_CALL_ENDED,
		.wait_status = wait_status,
		.call_id = call->lease.call_id,
		.denied = call->denied,
	};

	if (call->child)
		child_call_ended(call->child, &message);
}

static void leave_start_queue(struct call *call)
{
	start_queue_leave(call->manager->start_queue, &call->starting);
}

void call_ready(struct call *call)
{
	leave_start_queue(call);
	if (call->kind == IPC_CHANNEL_PTY && !call->started)
		channel_trust_pty_told(&call->manager->channels.trust, true);
	call->started = true;
}

void call_prove(struct call *call)
{
	if (call->unproven)
		unproven_leave(call->unproven);
	call->unproven = NULL;
}

/* Gives back all that others may have now, and frees the call. */
static void free_call(struct call *call)
{
	struct manager *manager = call->manager;

	call_set_child(call, NULL);
	list_remove(&call->link);
	call_table_remove(manager->calls, call);
	call_prove(call);
	addr_pool_give(manager->pool, &call->lease);
	leave_start_queue(call);
	free(call);
}

static void on_exited(struct ev_loop *loop, struct ev_child *watcher, int events);

int call_passed_channel(const struct call *call)
{
	return call->kind == IPC_CHANNEL_PTY ? call->channel : -1;
}

bool call_renew_id(struct call *call)
{
	bool renewed;

	call_table_remove(call->manager->calls, call);
	renewed = addr_pool_renew_call_id(call->manager->pool, &call->lease);
	call_table_add(call->manager->calls, call);
	return renewed;
}

static bool start_pppd(struct call *call)
{
	struct child *child = call->child;
	char address[ADDRESS_TEXT_MAX];
	struct pppd_tunnel tunnel = {
		.lrp_name = child->name,
		.lrp_address = address_text(&child->remote, address),
	};
	const struct pppd_line line = {
		.socket = call->channel,
		.version = call->manager->channels.trust.found.version,
	};
	char **words =
		pppd_words(call->manager->conf, &call->lease, call->client,
			   child->kind == IPC_KIND_TUNNEL ? &tunnel : NULL, call->channel >= 0);
	struct pppd_process process;
	bool started = words && pppd_start(words, &call->manager->files, &line, &process);

	if (!words)
		log_system(LOG_ERR, "MGR: words for pppd");
	pppd_words_free(words);
	if (!started)
		return false;
	call->pid = process.pid;
	if (call->kind == IPC_CHANNEL_PTY)
		call->channel = process.channel;
	call->events = process.events;
	call->messages = process.messages;
	return true;
}

static void watch(struct call *call)
{
	struct ev_loop *loop = call->manager->loop;

	ev_child_init(&call->exited, on_exited, call->pid, 0);
	ev_io_init(&call->readable, on_messages, call->messages, EV_READ);
	ev_io_init(&call->told, on_events, call->events, EV_READ);
	ev_timer_init(&call->patience, on_patience_over, 0., 0.);
	call->exited.data = call;
	call->readable.data = call;
	call->told.data = call;
	call->patience.data = call;
	ev_child_start(loop, &call->exited);
	ev_io_start(loop, &call->readable);
	if (call->events >= 0)
		ev_io_start(loop, &call->told);
}

/* Not by a hang-up, nor by what ends processes from outside: neither says anything of pppd. */
static bool has_failed(int wait_status)
{
	static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGSYS};

	if (WIFEXITED(wait_status)) {
		int status = WEXITSTATUS(wait_status);

		return status && status != PPPD_STATUS_SIGNAL && status != PPPD_STATUS_HANGUP;
	}
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == signals[i])
			return true;
	}
	return false;
}

/* No peer had a word with it yet, and if one left, pppd was hung up and ended by that. */
static void judge(struct call *call, int wait_status)
{
	struct channel_trust *trust = &call->manager->channels.trust;

	if (call->started || !has_failed(wait_status))
		return;
	if (call->kind == IPC_CHANNEL_PTY)
		channel_trust_pty_told(trust, false);
	else if (call->state == CALL_RUNNING)
		channel_trust_plugin_failed(trust, call->pid, wait_status);
}

/* The same call on a pseudo-terminal, as long as nobody knows that it had something else. */
static bool start_again(struct call *call, int wait_status)
{
	if (!call->owes_answer || call->kind == IPC_CHANNEL_PTY || call->state != CALL_RUNNING ||
	    call->manager->stopping || !has_failed(wait_status))
		return false;
	log_debug("MGR: call %u: again on a pseudo-terminal", call->lease.call_id);
	call->kind = IPC_CHANNEL_PTY;
	if (!start_pppd(call))
		return false;
	watch(call);
	answer(call);
	return true;
}

static void on_exited(struct ev_loop *loop, struct ev_child *watcher, int events UNUSED)
{
	struct call *call = watcher->data;
	struct manager *manager = call->manager;
	int status = watcher->rstatus;

	ev_child_stop(loop, watcher);
	ev_timer_stop(loop, &call->patience);
	if (call->messages >= 0)
		on_messages(loop, &call->readable, EV_READ); /* its last words */
	close_messages(call);
	if (call->events >= 0)
		on_events(loop, &call->told, EV_READ);
	close_events(call);
	fdio_close(&call->channel);
	/* A pptpctrl says in words why; for one that is gone, nobody else does. */
	log_line(call->child ? LOG_DEBUG : LOG_INFO,
		 "MGR: pppd[%ld] of call %u ended, wait status 0x%x", (long)call->pid,
		 call->lease.call_id, (unsigned)status);
	judge(call, status);
	if (start_again(call, status))
		return;
	answer(call);
	tell_ended(call, status);
	free_call(call);
	manager_check_stopped(manager);
}
/* Where slots are free, they are not for this LRP. */
static void tell_full(const struct child *child)
{
	struct manager *manager = child->manager;
	char address[ADDRESS_TEXT_MAX];
	unsigned refused;

	if (addr_pool_leased(manager->pool) < addr_pool_size(manager->pool) && child->tls) {
		if (peer_log_allowed(manager, &child->remote, LOG_ERR))
			log_err("RRP: LRP %s (%s): call refused: none of its addresses is free",
				child->name, address_text(&child->remote, address));
	} else if (rate_limit_allow(&manager->full_limit, mono_now(), &refused)) {
		log_err("MGR: No free connection slots or IPs - no more clients can connect!");
	}
}

bool call_has_place(const struct child *child)
{
	if (addr_pool_may_take(child->manager->pool, call_policy_allow_address, child))
		return true;
	tell_full(child);
	return false;
}

/* With a lease and counted, but without pppd. */
static enum ipc_refusal make_call(struct child *child, const struct ipc_call_start *request,
				  struct call **ret_call)
{
	struct manager *manager = child->manager;
	struct call *call = calloc(1, sizeof(*call));
	struct unproven_source *source =
		call ? unproven_enter(manager->unproven, &child->remote) : NULL;

	if (!source) {
		log_system(LOG_ERR, "MGR: call");
		free(call);
		return IPC_REFUSAL_SYSTEM;
	}
	if (!addr_pool_take(manager->pool, call_policy_allow_address, child, &call->lease)) {
		unproven_leave(source);
		free(call);
		tell_full(child);
		return IPC_REFUSAL_FULL;
	}
	call->manager = manager;
	call->client = request->client;
	call->request = request->request;
	call->owes_answer = true;
	call->channel = call->events = call->messages = -1;
	call->unproven = source;
	list_init(&call->link);
	call_table_add(manager->calls, call);
	call_set_child(call, child);
	*ret_call = call;
	return 0;
}

enum ipc_refusal call_start(struct child *child, const struct ipc_call_start *request)
{
	struct call *call;
	enum ipc_refusal refusal = make_call(child, request, &call);

	if (refusal)
		return refusal;
	call->channel = channel_open(call, request->client_call_id, &call->kind);
	if (!start_pppd(call)) {
		fdio_close(&call->channel);
		free_call(call);
		return IPC_REFUSAL_SYSTEM;
	}
	watch(call);
	start_queue_started(child->manager->start_queue, &call->starting);
	if (call->kind == IPC_CHANNEL_PTY)
		answer(call); /* with what it can run on whatever pppd does */
	return 0;
}
