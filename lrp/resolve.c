/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name lookup in a child process; see the header. */
#include "lrp/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

/* What the child writes into the pipe, in one piece (it is far smaller than PIPE_BUF). */
struct answer {
	int error; /* of getaddrinfo(3) */
	unsigned count;
	struct address addresses[RESOLVE_MAX];
};

struct resolve {
	struct ev_loop *loop;
	ev_io readable;
	ev_timer timeout;
	int fd;
	pid_t child;
	resolve_done *done;
	void *context;
};

/* getaddrinfo(3) into an answer; with AI_NUMERICHOST in `flags` it never blocks. */
static void look_up(const char *host, uint16_t port, int flags, struct answer *answer)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = flags | AI_NUMERICSERV,
	};
	struct addrinfo *list = NULL;
	char service[8];

	*answer = (struct answer){0};
	(void)snprintf(service, sizeof(service), "%u", port);
	answer->error = getaddrinfo(host, service, &hints, &list);
	if (answer->error)
		return;
	for (struct addrinfo *one = list; one && answer->count < RESOLVE_MAX; one = one->ai_next) {
		struct address *address = &answer->addresses[answer->count];

		if (one->ai_addrlen > sizeof(address->storage))
			continue;
		memcpy(&address->storage, one->ai_addr, one->ai_addrlen);
		address->len = one->ai_addrlen;
		answer->count++;
	}
	freeaddrinfo(list);
}

bool resolve_numeric(const char *host, uint16_t port, struct address *ret_address)
{
	struct answer answer;

	look_up(host, port, AI_NUMERICHOST, &answer);
	if (answer.error || !answer.count)
		return false;
	*ret_address = answer.addresses[0];
	return true;
}

/*
 * Child. Lets go of the parent's sockets, which would otherwise outlive it here, and of its signal
 * handlers, which would write into the parent's loop.
 */
static void child_run(const char *host, uint16_t port, int fd, const sigset_t *old_mask)
	__attribute__((noreturn));

static void child_run(const char *host, uint16_t port, int fd, const sigset_t *old_mask)
{
	const int reset[] = {SIGTERM, SIGINT, SIGHUP};
	struct answer answer;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* without it the child ends by itself, later */
	for (size_t i = 0; i < ARRAY_SIZE(reset); i++)
		(void)signal(reset[i], SIG_DFL);
	if (dup2(fd, STDERR_FILENO + 1) < 0)
		_exit(1);
	(void)close_range(STDERR_FILENO + 2, ~0U, 0);
	(void)sigprocmask(SIG_SETMASK, old_mask, NULL);
	look_up(host, port, AI_ADDRCONFIG, &answer);
	if (write(STDERR_FILENO + 1, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
		_exit(1);
	_exit(0);
}

/* Stops and frees it; the child is reaped here and nowhere else. */
static void end(struct resolve *resolve)
{
	ev_io_stop(resolve->loop, &resolve->readable);
	ev_timer_stop(resolve->loop, &resolve->timeout);
	fdio_close(&resolve->fd);
	(void)kill(resolve->child, SIGKILL); /* it has nothing left to do, or shall not */
	while (waitpid(resolve->child, NULL, 0) < 0 && errno == EINTR)
		;
	free(resolve);
}

static void on_readable(struct ev_loop *loop UNUSED, ev_io *watcher, int events UNUSED)
{
	struct resolve *resolve = container_of(watcher, struct resolve, readable);
	struct answer answer;
	ssize_t got = read(resolve->fd, &answer, sizeof(answer));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* The child has read what a name server sent, so its count is not believed. */
	if (got != (ssize_t)sizeof(answer) || answer.count > RESOLVE_MAX)
		resolve->done(resolve->context, NULL, 0, "the lookup died");
	else if (answer.error || !answer.count)
		resolve->done(resolve->context, NULL, 0, gai_strerror(answer.error));
	else
		resolve->done(resolve->context, answer.addresses, answer.count, NULL);
	end(resolve);
}

static void on_timeout(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct resolve *resolve = container_of(watcher, struct resolve, timeout);

	resolve->done(resolve->context, NULL, 0, "no answer from the name server");
	end(resolve);
}

struct resolve *resolve_start(struct ev_loop *loop, const char *host, uint16_t port,
			      resolve_done *done, void *context)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	sigset_t all, old;
	int ends[2];

	if (!resolve)
		return NULL;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		free(resolve);
		return NULL;
	}
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	resolve->child = fork();
	if (!resolve->child)
		child_run(host, port, ends[1], &old);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	fdio_close(&ends[1]);
	if (resolve->child < 0) {
		fdio_close(&ends[0]);
		free(resolve);
		return NULL;
	}
	resolve->loop = loop;
	resolve->fd = ends[0];
	resolve->done = done;
	resolve->context = context;
	ev_io_init(&resolve->readable, on_readable, resolve->fd, EV_READ);
	ev_io_start(loop, &resolve->readable);
	ev_timer_init(&resolve->timeout, on_timeout, RESOLVE_TIMEOUT_S, 0.);
	ev_timer_start(loop, &resolve->timeout);
	return resolve;
}

void resolve_cancel(struct resolve *resolve)
{
	if (resolve)
		end(resolve);
}
