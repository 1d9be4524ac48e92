/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the manager is asked for against its rules; see the header. Past the queue of messages, as
 * nothing is left of our own good will.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "tests/compromised/compromised.h"

/* Waits until the manager has read enough, with what a process of either kind may call. */
static void wait_for_room(void)
{
	struct epoll_event event = {.events = EPOLLOUT};
	int room = epoll_create1(EPOLL_CLOEXEC);

	if (room < 0 || epoll_ctl(room, EPOLL_CTL_ADD, IPC_FD, &event) != 0 ||
	    epoll_wait(room, &event, 1, -1) < 0)
		bug("compromised: no waiting for the manager: %s", strerror(errno));
	(void)close(room);
}

static int send_whatever_it_takes(const void *message)
{
	int error;

	while ((error = ipc_send(IPC_FD, message, -1)) == -EAGAIN)
		wait_for_room();
	return error;
}

static void ask(const char *what, const void *message)
{
	int error = send_whatever_it_takes(message);

	log_info("compromised: request %s: %s", what, error ? strerror(-error) : "sent");
}

/* IDs of calls are random, so it takes all of them to meet those of others. */
static void ask_about_foreign_calls(void)
{
	struct ipc_call_stop stop = {.type = IPC_CALL_STOP};
	struct ipc_call_proven proven = {.type = IPC_CALL_PROVEN};

	for (uint32_t id = 1; id <= UINT16_MAX; id++) {
		stop.call_id = (uint16_t)id;
		(void)send_whatever_it_takes(&stop);
		proven.call_id = (uint16_t)id;
		(void)send_whatever_it_takes(&proven);
	}
	log_info("compromised: request all calls stopped and proven: sent");
}

static void ask_about_calls(const struct front_context *context)
{
	struct ipc_call_start start = {.type = IPC_CALL_START, .request = 1};

	start.client.s_addr = context->settings.remote.in.sin_addr.s_addr ^ htonl(1);
	ask("a call for another address", &start);
	/* The rule is one for both kinds, and an LRP dials again while this lasts. */
	if (context->settings.kind == IPC_KIND_DIRECT)
		ask_about_foreign_calls();
}

static void ask_for_descriptors(void)
{
	const struct ipc_gre_open gre = {.type = IPC_GRE_OPEN};
	const struct ipc_adopt adopt = {.type = IPC_ADOPT};
	struct ipc_checkpoint checkpoint = {.type = IPC_CHECKPOINT, .len = IPC_CHECKPOINT_MAX + 1};

	ask("a second GRE socket", &gre);
	ask("another's session", &adopt);
	ask("a checkpoint that is too long", &checkpoint);
}

static void ask_about_nodes(void)
{
	static const char *const names[] = {
		"",         "a\nplugin x.so", "a file /etc/shadow", "$(touch /tmp/x)",
		"a;reboot", "../../etc"};
	struct ipc_peer peer = {.type = IPC_PEER};
	struct ipc_enrol enrol = {.type = IPC_ENROL};
	struct ipc_peer_name name = {.type = IPC_PEER_NAME};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		memset(name.name, 0, sizeof(name.name));
		memcpy(name.name, names[i], strlen(names[i]));
		ask("a name that is none", &name);
	}
	memset(name.name, 'a', sizeof(name.name));
	ask("a name without end", &name);
	ask("a node", &peer);
	ask("a node again", &peer);
	ask("an enrolment", &enrol);
}

static void ask_with_bad_log_lines(void)
{
	struct ipc_log line = {.type = IPC_LOG, .severity = LOG_EMERG};

	memcpy(line.text, "forged", sizeof("forged"));
	ask("a line of severity emerg", &line);
	line.severity = LOG_INFO;
	memset(line.text, 'a', sizeof(line.text));
	ask("a line without end", &line);
}

void compromised_try_manager(const struct front_context *context)
{
	const uint32_t short_message[2] = {IPC_CALL_STOP, 0};

	ask_about_calls(context);
	ask_for_descriptors();
	ask_about_nodes();
	ask_with_bad_log_lines();
	log_info("compromised: request of a wrong length: the last");
	while (send(IPC_FD, short_message, sizeof(short_message) - 1, MSG_NOSIGNAL) < 0 &&
	       errno == EAGAIN)
		wait_for_room();
}
