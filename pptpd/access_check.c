/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking libwrap in processes of their own; see the header. Runs as root. */
#include "pptpd/access_check.h"

#include <stdlib.h>

#include "pptpd/access.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/list.h"
#include "pptpd/base/log.h"
#include "pptpd/errand.h"

/* A resolver with two servers gives up after 20 seconds by default; it may ask twice. */
#define ASK_TIMEOUT_S 45.

/* Connections between two addresses that wait for one answer: as many as a large office has. */
#define WAITING_MAX 256

/* The exit status of the process that asks. */
enum {
	STATUS_ALLOWED,
	STATUS_DENIED
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
	struct errands *errands;
	access_check_good *good;
	void *context;
	struct list questions;
};

struct access_check *access_check_new(struct ev_loop *loop, access_check_good *good, void *context)
{
	struct access_check *check = calloc(1, sizeof(*check));

	if (!check)
		return NULL;
	check->errands = errands_new(loop);
	check->good = good;
	check->context = context;
	list_init(&check->questions);
	if (check->errands)
		return check;
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
	check->good = NULL; /* nobody is let in any more */
	errands_free(check->errands);
	free(check);
}

static int work(void *context)
{
	return access_allowed(first_connection(context)->fd) ? STATUS_ALLOWED : STATUS_DENIED;
}

static void on_answer(void *context, int status)
{
	struct question *question = context;
	struct access_check *check = question->check;
	char text[ADDRESS_TEXT_MAX];

	if (!check->good) {
		free_question(question);
		return;
	}
	if (status == STATUS_DENIED)
		log_debug("MGR: %s denied by hosts.deny", address_text(&question->remote, text));
	else if (status != STATUS_ALLOWED)
		log_err("MGR: hosts.allow: no answer about %s in %.0f s, dropped",
			address_text(&question->remote, text), ASK_TIMEOUT_S);
	while (status == STATUS_ALLOWED && !list_empty(&question->connections)) {
		struct connection *connection = first_connection(question);

		check->good(check->context, connection->kind, connection->fd, &question->remote,
			    &question->local);
		list_remove(&connection->link);
		free(connection);
	}
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
	struct question *question;

	if (!access_has_rules()) {
		check->good(check->context, kind, fd, remote, local);
		return true;
	}
	question = find_question(check, remote, local);
	if (question)
		return add_connection(question, kind, fd);
	question = new_question(check, remote, local);
	if (!question) {
		fdio_close(&fd);
		return false;
	}
	if (add_connection(question, kind, fd) &&
	    errand_start(check->errands, work, on_answer, question, ASK_TIMEOUT_S))
		return true;
	free_question(question);
	return false;
}
