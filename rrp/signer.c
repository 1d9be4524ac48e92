// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The signer's start: settings, key, and away with every privilege. Begins as root, since the key
 * is root's; reads nothing of anybody but its owner before it has given that up.
 */
#include "rrp/signer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/privileges.h"
#include "rrp/node_key.h"
#include "rrp/signer_private.h"

/* Tells the owner; false if that is gone. An error of "" is good news. */
static bool tell_owner(int control, const struct node_id *id, const char *error)
{
	struct signer_ready answer = {.ready = !*error};

	if (id)
		memcpy(answer.node_id, id->bytes, sizeof(answer.node_id));
	(void)snprintf(answer.error, sizeof(answer.error), "%s", error);
	return fdio_send_message(control, &answer, sizeof(answer), -1) == 0;
}

static bool receive_settings(int control, struct signer_settings *settings)
{
	struct pollfd ready = {.fd = control, .events = POLLIN};
	int fd = -1;
	ssize_t n;

	do {
		n = poll(&ready, 1, -1); /* as long as the owner lives */
	} while (n < 0 && errno == EINTR);
	n = fdio_receive_message(control, settings, sizeof(*settings), &fd);
	fdio_close(&fd);
	settings->key_path[sizeof(settings->key_path) - 1] = '\0';
	settings->certificate_path[sizeof(settings->certificate_path) - 1] = '\0';
	return n == (ssize_t)sizeof(*settings);
}

static bool load(const struct signer_settings *settings, struct node_key *key, char *error)
{
	const char *certificate = settings->certificate_path;

	/* A new key would not fit a certificate that somebody else made. */
	if (settings->create && !*certificate) {
		int result = node_key_create(settings->key_path, error);

		if (result < 0 && result != -EEXIST)
			return false;
	}
	return node_key_load(settings->key_path, *certificate ? certificate : NULL, key, error);
}

/* With the parent's number from before, so that its end in between is noticed. */
static bool confine(const struct signer_settings *settings, pid_t parent, char *error)
{
	const struct account account = {.uid = settings->uid, .gid = settings->gid};
	int result = privileges_drop(&account);

	if (result == 0)
		result = privileges_end_with_parent(parent, SIGKILL);
	if (!result)
		result = privileges_start_nothing();
	if (result == 0)
		result = signer_sandbox_enter();
	if (result != 0)
		(void)snprintf(error, SIGNER_ERROR_MAX, "the signer cannot confine itself: %s",
			       strerror(-result));
	return result == 0;
}

int signer_run(int control)
{
	struct signer_settings settings;
	struct node_key key = {0};
	char error[SIGNER_ERROR_MAX] = "";
	pid_t parent = getppid();
	int status = EXIT_FAILURE;

	if (!receive_settings(control, &settings))
		return EXIT_FAILURE;
	if (!load(&settings, &key, error)) {
		(void)tell_owner(control, NULL, error); /* if it is gone there is no one to tell */
		return EXIT_FAILURE;
	}
	if (!confine(&settings, parent, error))
		(void)tell_owner(control, NULL, error);
	else if (tell_owner(control, &key.id, ""))
		status = signer_serve(control, &key);
	node_key_done(&key);
	return status;
}
