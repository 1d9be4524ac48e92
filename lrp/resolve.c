/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name lookup in a child process; see the header. */
#include "lrp/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lrp/resolve_sandbox.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/util.h"

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
static void look_up(const char *host, uint16_t port, int flags, struct resolve_answer *answer)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = flags | AI_NUMERICSERV,
	};
	struct addrinfo *list = NULL;
	char service[8];

	*answer = (struct resolve_answer){0};
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
	struct resolve_answer answer;

	look_up(host, port, AI_NUMERICHOST, &answer);
	if (answer.error || !answer.count)
		return false;
	*ret_address = answer.addresses[0];
	return true;
}

/* True when the process can do no harm but to lie. */
static bool confine(const struct account *account, pid_t parent)
{
	return !privileges_drop(account) && !privileges_end_with_parent(parent, SIGKILL) &&
	       !privileges_start_nothing() && !resolve_sandbox_enter();
}

/* Child. Gives up all that it does not need before the first byte of a name server comes. */
static void child_run(const char *host, uint16_t port, int fd, const struct account *account,
		      pid_t parent) __attribute__((noreturn));

static void child_run(const char *host, uint16_t port, int fd, const struct account *account,
		      pid_t parent)
{
	struct resolve_answer answer;

	child_keep_only(fd);
	if (!confine(account, parent))
		_exit(1);
	look_up(host, port, AI_ADDRCONFIG, &answer);
	/* In one piece: it is far smaller than PIPE_BUF. */
	if (write(fd, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
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
	struct resolve_answer answer;
	ssize_t got = read(resolve->fd, &answer, sizeof(answer));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got != (ssize_t)sizeof(answer))
		resolve->done(resolve->context, RESOLVE_DIED, NULL);
	else
		resolve->done(resolve->context, RESOLVE_ANSWERED, &answer);
	end(resolve);
}

static void on_timeout(struct ev_loop *loop UNUSED, ev_timer *watcher, int events UNUSED)
{
	struct resolve *resolve = container_of(watcher, struct resolve, timeout);

	resolve->done(resolve->context, RESOLVE_TIMED_OUT, NULL);
	end(resolve);
}

struct resolve *resolve_start(struct ev_loop *loop, const char *host, uint16_t port,
			      const struct account *account, const struct child_origin *origin,
			      resolve_done *done, void *context)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	const pid_t parent = getpid();
	int ends[2];

	if (!resolve)
		return NULL;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
		free(resolve);
		return NULL;
	}
	resolve->child = child_fork(origin);
	if (!resolve->child)
		child_run(host, port, ends[1], account, parent);
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

/* Copied out of an answer only with a family and length that belong together. */
static bool is_sound(const struct address *address, uint16_t port)
{
	if (address->sa.sa_family == AF_INET)
		return address->len == sizeof(address->in) && address->in.sin_port == htons(port);
	return address->sa.sa_family == AF_INET6 && address->len == sizeof(address->in6) &&
	       address->in6.sin6_port == htons(port);
}

unsigned resolve_judge(const struct resolve_answer *answer, uint16_t port,
		       struct address ret_addresses[RESOLVE_MAX], const char **ret_error)
{
	unsigned count = 0;

	*ret_error = NULL;
	for (size_t i = 0; i < MIN(answer->count, (uint32_t)RESOLVE_MAX); i++) {
		if (!answer->error && is_sound(&answer->addresses[i], port))
			ret_addresses[count++] = answer->addresses[i];
	}
	if (!count)
		*ret_error = answer->error ? gai_strerror(answer->error) : "no address";
	return count;
}
