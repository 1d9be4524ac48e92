/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking libwrap in processes of their own; see the header. Runs as root. */
#include "pptpd/access_check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "pptpd/access.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/errand.h"

/* A resolver with two servers gives up after 20 seconds by default; it may ask twice. */
#define ASK_TIMEOUT_S 45.

/* Connections between two addresses that wait for one answer: as many as a large office has. */
#define WAITING_MAX 256

/* Questions about addresses of one source: who has an IPv6 network could ask with each of them. */
#define QUESTIONS_PER_SOURCE_MAX 4

/* The exit status of the process that asks. */
enum {
	STATUS_ALLOWED,
	STATUS_DENIED,
	STATUS_UNREADABLE,
	STATUS_CONFINEMENT
};

struct connection {
	struct list link;
	enum ipc_kind kind;
	int fd;
};

/* One question that is out. */
struct question {
	struct list link;
	struct access_check *check;
	struct address remote;
	struct address local;
	struct list connections; /* the first one is asked about */
	unsigned count;
};

struct access_check {
	struct account account;
	struct errands *errands[2]; /* for tunnels or not: neither port takes the other's place */
	const struct access_check_ops *ops; /* NULL: nobody is let in any more */
	void *context;
	struct list questions;
};

static void free_errands(struct access_check *check)
{
	for (size_t i = 0; i < ARRAY_SIZE(check->errands); i++)
		errands_free(check->errands[i]);
}

struct access_check *access_check_new(struct ev_loop *loop, const struct account *account,
				      const struct access_check_ops *ops, void *context)
{
	struct access_check *check = calloc(1, sizeof(*check));
	bool made = check != NULL;

	if (!check)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(check->errands); i++) {
		check->errands[i] = errands_new(loop);
		made = made && check->errands[i];
	}
	check->account = *account;
	check->ops = ops;
	check->context = context;
	list_init(&check->questions);
	if (made)
		return check;
	free_errands(check);
	free(check);
	return NULL;
}

static struct connection *first_connection(struct question *question)
{
	return container_of(question->connections.next, struct connection, link);
}

static void free_question(struct question *question)
{
	while (!list_empty(&question->connections)) {
		struct connection *connection = first_connection(question);

		fdio_close(&connection->fd);
		list_remove(&connection->link);
		free(connection);
	}
	list_remove(&question->link);
	free(question);
}

void access_check_free(struct access_check *check)
{
	if (!check)
		return;
	check->ops = NULL;
	free_errands(check);
	free(check);
}

/* A name server that takes it over finds no other connection, nor our stderr (the journal). */
static bool close_all_but(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return false;
	for (int i = 0; i <= STDERR_FILENO - SANITIZED; i++)
		(void)dup2(null, i);
	return (fd <= STDERR_FILENO + 1 ||
		close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0) == 0) &&
	       close_range((unsigned)fd + 1, ~0U, 0) == 0;
}

/* In a process of its own. */
static int work(void *context)
{
	struct question *question = context;
	int fd = first_connection(question)->fd;
	pid_t manager = getppid();

	if (!close_all_but(fd) || privileges_drop(&question->check->account) != 0 ||
	    privileges_end_with_parent(manager, SIGKILL) != 0)
		return STATUS_CONFINEMENT;
	if (!access_rules_readable())
		return STATUS_UNREADABLE;
	return access_allowed(fd) ? STATUS_ALLOWED : STATUS_DENIED;
}

static void let_in(struct question *question)
{
	struct access_check *check = question->check;

	while (!list_empty(&question->connections)) {
		struct connection *connection = first_connection(question);

		check->ops->good(check->context, connection->kind, connection->fd,
				 &question->remote, &question->local);
		list_remove(&connection->link);
		free(connection);
	}
}

static const char *failure_of(int status)
{
	switch (status) {
	case STATUS_UNREADABLE:
		return "pptpctrl's user may not read hosts.allow or hosts.deny";
	case STATUS_CONFINEMENT:
		return "the process that asks hosts.allow could not be confined";
	default:
		return "no answer about it from hosts.allow";
	}
}

static void on_answer(void *context, int status)
{
	struct question *question = context;
	struct access_check *check = question->check;
	char text[ADDRESS_TEXT_MAX];

	if (check->ops && status == STATUS_ALLOWED)
		let_in(question);
	else if (status == STATUS_DENIED)
		log_debug("MGR: %s denied by hosts.deny", address_text(&question->remote, text));
	else if (check->ops)
		check->ops->failed(check->context, &question->remote, failure_of(status));
	free_question(question);
}

static struct question *find_question(struct access_check *check, const struct address *remote,
				      const struct address *local)
{
	list_for_each (link, &check->questions) {
		struct question *question = container_of(link, struct question, link);

		if (address_same_host(&question->remote, remote) &&
		    address_same_host(&question->local, local))
			return question;
	}
	return NULL;
}

static bool source_has_too_many(const struct access_check *check, const struct address *remote)
{
	unsigned count = 0;

	list_for_each (link, &check->questions)
		count += address_same_source(&container_of(link, struct question, link)->remote,
					     remote);
	return count >= QUESTIONS_PER_SOURCE_MAX;
}

static bool add_connection(struct question *question, enum ipc_kind kind, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection || question->count >= WAITING_MAX) {
		free(connection);
		fdio_close(&fd);
		return false;
	}
	connection->kind = kind;
	connection->fd = fd;
	list_append(&question->connections, &connection->link);
	question->count++;
	return true;
}

static struct question *new_question(struct access_check *check, const struct address *remote,
				     const struct address *local)
{
	struct question *question = calloc(1, sizeof(*question));

	if (!question)
		return NULL;
	question->check = check;
	question->remote = *remote;
	question->local = *local;
	list_init(&question->connections);
	list_append(&check->questions, &question->link);
	return question;
}

bool access_check_ask(struct access_check *check, enum ipc_kind kind, int fd,
		      const struct address *remote, const struct address *local)
{
	struct errands *errands = check->errands[kind == IPC_KIND_TUNNEL];
	struct question *question;

	if (!access_has_rules()) {
		check->ops->good(check->context, kind, fd, remote, local);
		return true;
	}
	question = find_question(check, remote, local);
	if (question)
		return add_connection(question, kind, fd);
	question = source_has_too_many(check, remote) ? NULL : new_question(check, remote, local);
	if (!question) {
		fdio_close(&fd);
		return false;
	}
	errands_make_place(errands);
	if (add_connection(question, kind, fd) &&
	    errand_start(errands, work, on_answer, question, ASK_TIMEOUT_S))
		return true;
	free_question(question);
	return false;
}
