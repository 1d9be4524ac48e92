/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signer's process; see the header. Runs as root. */
#include "lrp/signer_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "rrp/signer.h"

/* Reading the key takes milliseconds; making one waits for the disk. The parent waits with it. */
#define READY_TIMEOUT_MS 10000

void signer_process_init(struct signer_process *signer, const struct child_origin *origin)
{
	*signer = (struct signer_process){.control = -1, .channel = -1, .origin = origin};
}

static int give_channel(const struct signer_process *signer)
{
	/* No number of signatures: the worker connects anew as often as it must. */
	const struct signer_channel channel = {.role = SIGNER_CLIENT, .uses = 0};

	return fdio_send_message(signer->control, &channel, sizeof(channel), signer->channel);
}

/* The child; keeps the control channel and nothing else of the parent's. */
static void run(int control) __attribute__((noreturn));

static void run(int control)
{
	child_keep_only(control);
	_exit(signer_run(control));
}

/* Returns 0 or a negative errno. */
static int start_process(struct signer_process *signer)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	signer->pid = child_fork(signer->origin);
	if (signer->pid == 0)
		run(pair[1]);
	fdio_close(&pair[1]);
	if (signer->pid < 0) {
		int error = -errno;

		signer->pid = 0;
		fdio_close(&pair[0]);
		return error;
	}
	signer->control = pair[0];
	return 0;
}

bool signer_process_start(struct signer_process *signer, const char *key_path,
			  const struct account *account, struct node_id *ret_id,
			  char ret_error[SIGNER_ERROR_MAX])
{
	struct signer_settings settings = {
		.create = 1,
		.uid = account->uid,
		.gid = account->gid,
	};
	int error = start_process(signer);

	(void)snprintf(settings.key_path, sizeof(settings.key_path), "%s", key_path);
	if (!error)
		error = signer_link_start(signer->control, &settings);
	if (error) {
		(void)snprintf(ret_error, SIGNER_ERROR_MAX, "%s", strerror(-error));
		signer_process_stop(signer);
		return false;
	}
	if (!signer_link_wait_ready(signer->control, READY_TIMEOUT_MS, ret_id, ret_error)) {
		signer_process_stop(signer);
		return false;
	}
	if (signer->channel >= 0 && (error = give_channel(signer))) {
		(void)snprintf(ret_error, SIGNER_ERROR_MAX, "channel: %s", strerror(-error));
		signer_process_stop(signer);
		return false;
	}
	return true;
}

int signer_process_channel(struct signer_process *signer, int *ret_channel)
{
	int pair[2];
	int error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	fdio_close(&signer->channel); /* nobody has its other end any more */
	signer->channel = pair[1];
	error = signer->pid ? give_channel(signer) : 0; /* without one, the next one gets it */
	if (error) {
		fdio_close(&pair[0]);
		return error;
	}
	*ret_channel = pair[0];
	return 0;
}

void signer_process_ended(struct signer_process *signer)
{
	fdio_close(&signer->control);
	signer->pid = 0;
}

void signer_process_stop(struct signer_process *signer)
{
	if (!signer->pid)
		return;
	(void)kill(signer->pid, SIGKILL); /* it has nothing to put in order */
	while (waitpid(signer->pid, NULL, 0) < 0 && errno == EINTR)
		;
	signer_process_ended(signer);
}

void signer_process_forget(struct signer_process *signer)
{
	fdio_close(&signer->control);
	fdio_close(&signer->channel);
}
