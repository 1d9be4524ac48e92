/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting and reaping pptpctrl; see the header. Runs as root. */
#include "pptpd/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/call.h"
#include "pptpd/conf.h"
#include "pptpd/ipc_port.h"
#include "pptpd/manager.h"
#include "pptpd/nodes.h"
#include "pptpd/peer_log.h"
#include "pptpd/requests.h"
#include "pptpd/session_store.h"
#include "pptpd/signer.h"
#include "pptpd/start_queue.h"

/* Room behind the program's name for its title: two addresses and numbers. */
#define TITLE_ROOM 128

/* Log lines of one pptpctrl: a burst, then one every so many milliseconds. */
#define CHILD_LOG_BURST     200
#define CHILD_LOG_REFILL_MS 50

/* Sockets that show the order of its client's packets: some at once, then one every so often. */
#define SAMPLE_BURST     4
#define SAMPLE_REFILL_MS 3000

/* Calls on one control connection. No client makes more than a few; each costs a pppd. */
#define CALLS_PER_CONNECTION 8

/* Descriptors of a pptpctrl that are no connections and no calls: messages, loop, GRE, link. */
#define DESCRIPTORS_SPARE 32

/* For all of a TLS handshake: some round trips, and a slow box that computes. */
#define HANDSHAKE_TIMEOUT_S 10

/*
 * It neither reads our terminal nor writes to it. Not to stderr either: with systemd that is the
 * journal, where its lines would pass for ours, without any check or limit.
 */
static bool take_null_device(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	return fd >= 0 && dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0 &&
	       (SANITIZED /* whose reports nobody else would bring */
		|| dup2(fd, STDERR_FILENO) >= 0);
}

/*
 * What a pptpctrl may open: a channel for each call, its connections. Less than ours, which who
 * takes over one could else fill with sockets.
 */
static struct rlimit descriptors_of(const struct child *child)
{
	rlim_t connections = child->kind == IPC_KIND_TUNNEL ? 1 : IPC_CONNECTIONS_MAX;
	rlim_t needed = child->manager->conf->connections + connections + DESCRIPTORS_SPARE;
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit); /* cannot fail with a valid resource */
	needed = MIN(needed, limit.rlim_max);
	return (struct rlimit){.rlim_cur = needed, .rlim_max = needed};
}

/* In the new process: only async-signal-safe calls. */
static void exec_pptpctrl(const char *program, char *title, int ipc, const struct rlimit *files)
{
	char *const words[] = {title, NULL};
	char *const environment[] = {NULL};
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	/* dup2() clears close-on-exec, but does nothing if the number is already right. */
	if (take_null_device() &&
	    (ipc == IPC_FD ? fcntl(ipc, F_SETFD, 0) == 0 : dup2(ipc, IPC_FD) == IPC_FD)) {
		/* Ours are close-on-exec; those that our starter left open are not. */
		(void)close_range(IPC_FD + 1, ~0U, 0);
		(void)setrlimit(RLIMIT_NOFILE, files);
		(void)execve(program, words, environment);
	}
	_exit(127);
}

static char *program_of(const struct child *child)
{
	struct manager *manager = child->manager;

	return child->kind == IPC_KIND_TUNNEL ? manager->tunnel : manager->pptpctrl;
}

static bool fork_child(struct child *child, int ipc)
{
	char address[ADDRESS_TEXT_MAX], title[TITLE_ROOM + 1];
	struct rlimit files = descriptors_of(child);
	int used =
		snprintf(title, sizeof(title), "pptpd [%s]", address_text(&child->remote, address));

	memset(title + used, ' ', sizeof(title) - (size_t)used);
	title[TITLE_ROOM] = '\0';
	child->pid = fork();
	if (child->pid == 0)
		exec_pptpctrl(program_of(child), title, ipc, &files);
	if (child->pid < 0)
		log_system(LOG_ERR, "MGR: fork for %s", program_of(child));
	return child->pid > 0;
}

/* Until the list of LRPs says something else. */
static unsigned usual_max_calls(const struct child *child)
{
	const struct conf *conf = child->manager->conf;

	if (child->kind == IPC_KIND_DIRECT)
		return CALLS_PER_CONNECTION;
	return conf->rrp_calls ? MIN(conf->rrp_calls, conf->connections) : conf->connections;
}

static void send_settings(struct child *child)
{
	const struct conf *conf = child->manager->conf;
	struct ipc_settings settings;

	memset(&settings, 0, sizeof(settings)); /* no byte of ours that is not meant */
	settings.type = IPC_SETTINGS;
	settings.version = IPC_VERSION;
	settings.kind = child->kind;
	settings.debug = conf->debug;
	settings.start_timeout_s = conf->stimeout;
	settings.echo_interval_s =
		child->kind == IPC_KIND_TUNNEL ? conf->rrp_keepalive : conf->echo_interval;
	settings.echo_timeout_s = conf->echo_timeout;
	settings.max_calls = child->max_calls;
	settings.uid = child->manager->account.uid;
	settings.gid = child->manager->account.gid;
	settings.sandbox = conf->sandbox;
	settings.tls = child->tls;
	settings.handshake_timeout_s = HANDSHAKE_TIMEOUT_S;
	settings.remote = child->remote;
	settings.local = child->local;
	ipc_port_send(child->port, &settings, -1);
}

static void close_port(struct child *child)
{
	ipc_port_free(child->port);
	child->port = NULL;
}

/* Nobody serves its calls any more. */
static void abandon_calls(struct child *child)
{
	list_for_each (link, &child->calls) {
		struct call *call = container_of(link, struct call, link);

		call_hang_up(call);
		call_set_child(call, NULL);
	}
}

static void log_exit(const struct child *child, int status)
{
	char address[ADDRESS_TEXT_MAX];

	if (WIFSIGNALED(status) && !child->killed &&
	    peer_log_allowed(child->manager, &child->remote, LOG_ERR))
		log_err("MGR: pptpctrl[%ld] for %s was killed by signal %d", (long)child->pid,
			address_text(&child->remote, address), WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		log_err("MGR: %s could not be executed", program_of(child));
	if (child->log_limit.refused)
		log_warning("MGR: %u log lines of pptpctrl[%ld] not shown",
			    child->log_limit.refused, (long)child->pid);
	log_debug("MGR: Reaped child %ld", (long)child->pid);
}

static void log_port_error(const struct child *child, int error)
{
	if (error == -EPROTO) {
		log_err("MGR: pptpctrl[%ld] ended: it sent a message of a wrong type or length",
			(long)child->pid);
		return;
	}
	errno = -error;
	log_system(LOG_ERR, "MGR: pptpctrl[%ld] ended: its messages", (long)child->pid);
}

static void on_exited(struct ev_loop *loop, struct ev_child *watcher, int events UNUSED)
{
	struct child *child = watcher->data;
	struct manager *manager = child->manager;
	int error;

	ev_child_stop(loop, watcher);
	ev_timer_stop(loop, &child->leaving);
	child->ended = true;
	error = ipc_port_drain(child->port); /* its last words */
	if (error)
		log_port_error(child, error);
	log_exit(child, watcher->rstatus);
	start_queue_forget(manager->start_queue, child);
	abandon_calls(child);
	fdio_close(&child->pppoe.fd);
	session_store_forget(manager->sessions, child);
	nodes_forget(child);
	close_port(child);
	list_remove(&child->link);
	manager->child_count--;
	free(child);
	manager_check_stopped(manager);
}

static void on_message(void *context, const union ipc_message *message, int fd)
{
	struct child *child = context;

	fdio_close(&fd); /* no message from a pptpctrl carries one */
	if (!child->ended || message->type == IPC_LOG)
		requests_handle(child, message);
}

static void on_port_closed(void *context, int error)
{
	struct child *child = context;

	if (error == 0) {
		child_expect_end(child);
		return;
	}
	log_port_error(child, error);
	child_kill(child);
}

static const struct ipc_port_ops port_ops = {.message = on_message, .closed = on_port_closed};

/* Both ends of the socket pair; the child's goes to the new process. */
static bool start_process(struct child *child)
{
	int pair[2];
	bool started = false;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
		log_system(LOG_ERR, "MGR: socket pair for pptpctrl");
		return false;
	}
	child->port =
		ipc_port_new(child->manager->loop, pair[0], IPC_FROM_PPTPCTRL, &port_ops, child);
	if (child->port) {
		started = fork_child(child, pair[1]);
	} else {
		log_system(LOG_ERR, "MGR: messages for pptpctrl");
		fdio_close(&pair[0]);
	}
	fdio_close(&pair[1]);
	return started;
}

/* One use: a process that was taken over gets one handshake signed, its own. */
static bool send_signer(struct child *child)
{
	const struct ipc_signer message = {.type = IPC_SIGNER};
	int channel;

	if (!child->tls)
		return true;
	if (!signer_channel(child->manager->signer, &channel))
		return false;
	ipc_port_send(child->port, &message, channel);
	fdio_close(&channel);
	return true;
}

struct child *child_start(struct manager *manager, enum ipc_kind kind, const struct address *remote,
			  const struct address *local)
{
	struct child *child = calloc(1, sizeof(*child));

	if (!child) {
		log_system(LOG_ERR, "MGR: pptpctrl");
		return NULL;
	}
	child->manager = manager;
	child->kind = kind;
	child->pppoe.fd = -1;
	child->remote = *remote;
	child->local = *local;
	child->tls = kind == IPC_KIND_TUNNEL && manager->conf->rrp_tls;
	child->max_calls = usual_max_calls(child);
	child->started = child->last_connection = mono_now();
	list_init(&child->calls);
	list_init(&child->waiting);
	rate_limit_init(&child->log_limit, CHILD_LOG_BURST, CHILD_LOG_REFILL_MS, mono_now());
	rate_limit_init(&child->sample_limit, SAMPLE_BURST, SAMPLE_REFILL_MS, mono_now());
	if (!start_process(child)) {
		close_port(child);
		free(child);
		return NULL;
	}
	ev_child_init(&child->exited, on_exited, child->pid, 0);
	child->exited.data = child;
	ev_child_start(manager->loop, &child->exited);
	list_append(&manager->children, &child->link);
	manager->child_count++;
	send_settings(child);
	if (send_signer(child))
		return child;
	child_kill(child);
	return NULL;
}

struct child *child_find_direct(struct manager *manager, const struct address *remote,
				const struct address *local)
{
	list_for_each (link, &manager->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->kind == IPC_KIND_DIRECT && !child->released && child->port &&
		    address_same_host(&child->remote, remote) &&
		    address_same_host(&child->local, local))
			return child;
	}
	return NULL;
}

void child_send_connection(struct child *child, int fd)
{
	const struct ipc_connection message = {.type = IPC_CONNECTION};

	child->connections++;
	child->last_connection = mono_now();
	ipc_port_send(child->port, &message, fd);
}

static void on_overdue(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	struct child *child = timer->data;

	if (peer_log_allowed(child->manager, &child->remote, LOG_WARNING))
		log_warning("MGR: pptpctrl[%ld] does not end, killed", (long)child->pid);
	child_kill(child);
}

static void expect_end_within(struct child *child, double patience_s)
{
	child->released = true;
	if (ev_is_active(&child->leaving))
		return;
	ev_timer_init(&child->leaving, on_overdue, patience_s, 0.);
	child->leaving.data = child;
	ev_timer_start(child->manager->loop, &child->leaving);
}

void child_expect_end(struct child *child)
{
	expect_end_within(child, child->manager->patience.leaving);
}

void child_dismiss(struct child *child)
{
	child_stop(child);
	expect_end_within(child, child->manager->patience.stop);
}

bool child_is_half_open(const struct child *child)
{
	return child->kind == IPC_KIND_TUNNEL && !child->name[0] && !child->released &&
	       !child->ended;
}

static void send_link(struct child *child)
{
	struct ipc_link message = {
		.type = IPC_LINK,
		.kind = child->pppoe.kind,
		.ring = child->pppoe.ring,
	};

	memcpy(message.kernel, child->pppoe.kernel, sizeof(message.kernel));
	memcpy(message.child, child->pppoe.child, sizeof(message.child));
	ipc_port_send(child->port, &message, child->pppoe.fd);
}

int child_need_link(struct child *child)
{
	struct manager *manager = child->manager;
	struct link_wish wish;
	const char *failed;
	int error;

	if (child->pppoe.fd >= 0)
		return 0;
	wish = channel_trust_link(&manager->channels.trust,
				  child->kind == IPC_KIND_TUNNEL ? LINK_LARGE : LINK_SMALL,
				  manager->conf->connections);
	error = link_choice_open(&manager->channels.links, &wish, mono_now(), &child->pppoe,
				 &failed);
	if (error)
		log_debug("MGR: link for pptpctrl[%ld]: %s failed", (long)child->pid, failed);
	else
		send_link(child);
	return error;
}

void child_take_link(struct child *child, struct child *former)
{
	if (former->pppoe.fd < 0)
		return;
	child->pppoe = former->pppoe;
	former->pppoe.fd = -1;
	send_link(child);
}

void child_call_ended(struct child *child, const struct ipc_call_ended *message)
{
	if (child->port)
		ipc_port_send(child->port, message, -1);
}

void child_stop(struct child *child)
{
	const struct ipc_stop message = {.type = IPC_STOP};

	child->released = true;
	if (child->port)
		ipc_port_send(child->port, &message, -1);
}

void child_kill(struct child *child)
{
	child->released = true;
	child->ended = true;
	child->killed = true;
	(void)kill(child->pid, SIGKILL); /* not yet reaped: the ID is still its own */
}
