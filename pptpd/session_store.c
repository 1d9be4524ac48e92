/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnel sessions and their checkpoints; see the header. */
#include "pptpd/session_store.h"

#include <stdlib.h>
#include <string.h>

#include "pptpd/base/list.h"
#include "pptpd/base/log.h"

struct session {
	struct list link;
	struct child *child;
	uint8_t id[IPC_SESSION_ID_LEN];
	uint8_t proof[IPC_PROOF_LEN];
	uint32_t checkpoint_len;
	uint8_t *checkpoint;
};

struct session_store {
	struct list sessions; /* one for each tunnel at most, so a walk is short */
};

struct session_store *session_store_new(void)
{
	struct session_store *store = calloc(1, sizeof(*store));

	if (store)
		list_init(&store->sessions);
	return store;
}

static void free_session(struct session *session)
{
	list_remove(&session->link);
	free(session->checkpoint);
	explicit_bzero(session->proof, sizeof(session->proof));
	free(session);
}

void session_store_free(struct session_store *store)
{
	if (!store)
		return;
	list_for_each (link, &store->sessions)
		free_session(container_of(link, struct session, link));
	free(store);
}

static struct session *find_id(const struct session_store *store, const uint8_t *id)
{
	list_for_each (link, &store->sessions) {
		struct session *session = container_of(link, struct session, link);

		if (memcmp(session->id, id, sizeof(session->id)) == 0)
			return session;
	}
	return NULL;
}

static struct session *find_child(const struct session_store *store, const struct child *child)
{
	list_for_each (link, &store->sessions) {
		struct session *session = container_of(link, struct session, link);

		if (session->child == child)
			return session;
	}
	return NULL;
}

/* In the same time whatever differs, so that the time tells nothing about the proof. */
static bool same_proof(const uint8_t *a, const uint8_t *b)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < IPC_PROOF_LEN; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

bool session_store_may_put(const struct session_store *store, const struct child *child,
			   const uint8_t id[IPC_SESSION_ID_LEN])
{
	const struct session *own = find_child(store, child);

	return own ? memcmp(own->id, id, sizeof(own->id)) == 0 : find_id(store, id) == NULL;
}

static struct session *new_session(struct session_store *store, struct child *child,
				   const uint8_t *id)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->child = child;
	memcpy(session->id, id, sizeof(session->id));
	list_append(&store->sessions, &session->link);
	return session;
}

void session_store_put(struct session_store *store, struct child *child,
		       const struct ipc_checkpoint *checkpoint)
{
	struct session *session = find_child(store, child);
	uint8_t *copy = malloc(checkpoint->len ? checkpoint->len : 1);

	if (copy && !session)
		session = new_session(store, child, checkpoint->session_id);
	if (!copy || !session) {
		log_system(LOG_ERR, "MGR: checkpoint");
		free(copy);
		return;
	}
	memcpy(copy, checkpoint->data, checkpoint->len);
	memcpy(session->proof, checkpoint->proof, sizeof(session->proof));
	free(session->checkpoint);
	session->checkpoint = copy;
	session->checkpoint_len = checkpoint->len;
}

struct child *session_store_take(struct session_store *store, struct child *child,
				 const struct ipc_adopt *adopt, struct ipc_adopted *answer)
{
	struct session *session = find_id(store, adopt->session_id);
	struct child *former;

	if (!session || session->child == child || find_child(store, child) ||
	    !same_proof(session->proof, adopt->proof)) {
		answer->found = 0;
		return NULL;
	}
	former = session->child;
	session->child = child;
	answer->found = 1;
	answer->checkpoint_len = session->checkpoint_len;
	memcpy(answer->checkpoint, session->checkpoint, session->checkpoint_len);
	return former;
}

const struct child *session_store_owner(const struct session_store *store,
					const uint8_t id[IPC_SESSION_ID_LEN])
{
	const struct session *session = find_id(store, id);

	return session ? session->child : NULL;
}

void session_store_forget(struct session_store *store, const struct child *child)
{
	struct session *session = find_child(store, child);

	if (session)
		free_session(session);
}
