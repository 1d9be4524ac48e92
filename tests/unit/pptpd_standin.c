/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd and pptpctrl for tests; see the header. */
#include "tests/unit/pptpd_standin.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/signer_link.h"
#include "pptpd/ipc.h"
#include "pptpd/plugin/channel_words.h"
#include "tests/unit/pptpd_help.h"

/* Connections and calls that a pptpctrl's stand-in keeps. */
#define KEPT_MAX 64

static const char *make_link(const char *name)
{
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *path = scratch_path(name);

	if (len < 0)
		abort();
	program[len] = '\0';
	if (symlink(program, path) != 0 && errno != EEXIST)
		abort();
	return path;
}

const char *standin_pppd(void)
{
	return make_link("pppd");
}

const char *standin_pptpctrl(void)
{
	(void)make_link("pptpctrl-tunnel");
	return make_link("pptpctrl");
}

const char *standin_signer(void)
{
	return make_link("rrp-signer");
}

/* " NUMBER:TARGET" for each open descriptor. */
static void list_descriptors(char *out, size_t size)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t used = 0;

	out[0] = '\0';
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
		char path[64], target[256];
		ssize_t len;

		if (entry->d_name[0] == '.' || atol(entry->d_name) == dirfd(directory))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%.16s", entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = '\0';
		used += (size_t)snprintf(out + used, size - used, " %s:%.64s", entry->d_name,
					 target);
	}
	closedir(directory);
}

static void pppd_report(int argc, char **argv)
{
	static char whole[4096];
	char descriptors[1024];
	struct termios mode;
	sigset_t blocked;

	(void)setvbuf(stderr, whole, _IOFBF, sizeof(whole)); /* one write, so one read */
	list_descriptors(descriptors, sizeof(descriptors));
	fprintf(stderr, "descriptors%s\nwords", descriptors);
	for (int i = 1; i < argc; i++)
		fprintf(stderr, " %s", argv[i]);
	(void)sigprocmask(SIG_SETMASK, NULL, &blocked);
	fprintf(stderr, "\nraw %d, SIGCHLD blocked %d, SIGPIPE ignored %d\n",
		tcgetattr(0, &mode) == 0 && !(mode.c_lflag & (ECHO | ICANON | ISIG)) &&
			!(mode.c_iflag & (ICRNL | IXON)) && !(mode.c_oflag & OPOST),
		sigismember(&blocked, SIGCHLD), signal(SIGPIPE, SIG_DFL) == SIG_IGN);
	fprintf(stderr, "open files up to %ld\n", sysconf(_SC_OPEN_MAX));
	(void)fflush(stderr);
}

static void on_term(int number)
{
	(void)number;
	_exit(5);
}

static void on_term_fail(int number)
{
	(void)number;
	_exit(3);
}

static void pppd_mirror(void)
{
	char data[4096];
	ssize_t len;

	while ((len = read(STDIN_FILENO, data, sizeof(data))) > 0) {
		if (write(STDOUT_FILENO, data, (size_t)len) != len)
			break;
	}
	_exit(16);
}

/*
 * "plugin fails" and "plugin crashes" before it is loaded, "plugin runs" and tells so, "plugin
 * waits". Without the plugin's words it is like any other.
 */
static void pppd_with_plugin(int argc, char **argv, const char *what)
{
	const int events = 4;

	if (strcmp(argv[argc - 2], CHANNEL_WORD_EVENTS) != 0)
		return;
	if (strstr(what, "fails"))
		_exit(2);
	if (strstr(what, "crashes"))
		(void)kill(getpid(), SIGILL);
	if (strstr(what, "runs") && write(events, "ls", 2) != 2)
		_exit(1);
	(void)signal(SIGTERM, on_term_fail);
	for (;;)
		(void)pause();
}

static void run_pppd(int argc, char **argv)
{
	const char *what = "mirror";

	for (int i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], "file") == 0)
			what = file_content(argv[i + 1]);
	}
	if (strncmp(what, "plugin", 6) == 0)
		pppd_with_plugin(argc, argv, what);
	if (strncmp(what, "wrong", 5) == 0) {
		fprintf(stderr, "unrecognized option 'wrong'\n");
		_exit(2);
	}
	if (strncmp(what, "deaf", 4) == 0 || strncmp(what, "stubborn", 8) == 0) {
		(void)signal(SIGTERM, what[0] == 'd' ? on_term : SIG_IGN);
		fprintf(stderr, "ready\n");
		for (;;)
			(void)pause();
	}
	if (strncmp(what, "report", 6) == 0)
		pppd_report(argc, argv);
	pppd_mirror();
}

/* What a pptpctrl's stand-in has. */
struct control {
	struct ipc_settings settings;
	int clients[KEPT_MAX];
	unsigned client_count;
	int channels[KEPT_MAX];
	uint16_t call_ids[KEPT_MAX];
	unsigned call_count;
	bool stays; /* does not end when told so */
	bool has_signer;
	bool silent; /* does not say that a call's user is let in */
};

static void send_to_manager(const void *message)
{
	while (ipc_send(IPC_FD, message, -1) == -EAGAIN) {
		struct pollfd wait = {.fd = IPC_FD, .events = POLLOUT};

		(void)poll(&wait, 1, -1);
	}
}

static void say_to_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say_to_log(const char *format, ...)
{
	struct ipc_log message = {.type = IPC_LOG, .severity = 6 /* info */};
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message.text, sizeof(message.text), format, args);
	va_end(args);
	send_to_manager(&message);
}

static void leave(const struct control *control, int status)
{
	while (control->stays)
		(void)pause();
	_exit(status);
}

static void say_ready(uint16_t call_id)
{
	const struct ipc_call_ready message = {.type = IPC_CALL_READY, .call_id = call_id};

	send_to_manager(&message);
}

static void say_proven(uint16_t call_id)
{
	const struct ipc_call_proven message = {.type = IPC_CALL_PROVEN, .call_id = call_id};

	send_to_manager(&message);
}

static void from_manager(struct control *control)
{
	int client = control->client_count ? control->clients[control->client_count - 1] : -1;
	union ipc_message message;
	int fd = -1, got = ipc_receive(IPC_FD, IPC_FROM_MANAGER, &message, &fd);

	if (got == -EAGAIN)
		return;
	if (got <= 0)
		_exit(1);
	switch (message.type) {
	case IPC_SETTINGS:
		control->settings = message.settings;
		break;
	case IPC_CONNECTION:
		control->clients[control->client_count++] = fd;
		break;
	case IPC_CALL_STARTED:
		control->channels[control->call_count] = fd;
		control->call_ids[control->call_count++] = message.call_started.call_id;
		say_ready(message.call_started.call_id);
		if (!control->silent)
			say_proven(message.call_started.call_id);
		dprintf(client, "call %u %d\n", message.call_started.call_id,
			message.call_started.pppd_pid);
		break;
	case IPC_CALL_REFUSED:
		dprintf(client, "refused %u\n", message.call_refused.reason);
		break;
	case IPC_CALL_ENDED:
		dprintf(client, "ended %u %d\n", message.call_ended.call_id,
			message.call_ended.wait_status);
		break;
	case IPC_ADOPTED:
		dprintf(client, "adopted %u %u %.*s\n", message.adopted.found,
			message.adopted.calls, (int)message.adopted.checkpoint_len,
			(const char *)message.adopted.checkpoint);
		break;
	case IPC_ADOPTED_CALL:
		control->channels[control->call_count] = fd;
		control->call_ids[control->call_count++] = message.adopted_call.call_id;
		dprintf(client, "again %u %d\n", message.adopted_call.call_id,
			message.adopted_call.pppd_pid);
		break;
	case IPC_SIGNER:
		control->has_signer = fd >= 0;
		break;
	case IPC_PEER_VERDICT:
		dprintf(client, "verdict %u %u %s\n", message.peer_verdict.verdict,
			message.peer_verdict.max_calls, message.peer_verdict.name);
		break;
	case IPC_ENROL_VERDICT:
		dprintf(client, "enrolled %u %s\n", message.enrol_verdict.verdict,
			message.enrol_verdict.name);
		break;
	case IPC_STOP:
		say_to_log("CTRL: told to stop");
		leave(control, 0);
		break;
	case IPC_RELEASED:
		leave(control, 0);
		break;
	}
}

static void stop_calls(struct control *control)
{
	while (control->call_count) {
		const struct ipc_call_stop stop = {
			.type = IPC_CALL_STOP,
			.call_id = control->call_ids[--control->call_count],
		};

		(void)close(control->channels[control->call_count]);
		send_to_manager(&stop);
	}
}

static void start_call(const struct control *control)
{
	const struct ipc_call_start start = {
		.type = IPC_CALL_START,
		.client = control->settings.remote.in.sin_addr,
	};

	send_to_manager(&start);
}

static void keep_session(const char *text)
{
	struct ipc_checkpoint message = {
		.type = IPC_CHECKPOINT,
		.len = (uint32_t)strlen(text),
		.session_id = {1},
		.proof = {2},
	};

	memcpy(message.data, text, strlen(text));
	send_to_manager(&message);
}

static void adopt_session(void)
{
	const struct ipc_adopt message = {.type = IPC_ADOPT, .session_id = {1}, .proof = {2}};

	send_to_manager(&message);
}

/* The node whose ID starts with that number; all else is 0. */
static void say_peer(const char *number)
{
	const struct ipc_peer message = {
		.type = IPC_PEER,
		.node_id = {(uint8_t)atoi(number)},
	};

	send_to_manager(&message);
}

/* "NODE SECRET", numbers both. */
static void say_enrol(const char *numbers)
{
	const char *blank = strchr(numbers, ' ');
	const struct ipc_enrol message = {
		.type = IPC_ENROL,
		.node_id = {(uint8_t)atoi(numbers)},
		.secret_hash = {(uint8_t)atoi(blank ? blank : "")},
	};

	send_to_manager(&message);
}

static void say_name(const char *name)
{
	struct ipc_peer_name message = {.type = IPC_PEER_NAME};

	(void)snprintf(message.name, sizeof(message.name), "%s", name);
	send_to_manager(&message);
}

static void say_idle(const struct control *control)
{
	const struct ipc_idle message = {
		.type = IPC_IDLE,
		.connections = control->client_count,
	};

	send_to_manager(&message);
}

/* One line of a client: a word, and perhaps a text. */
static void obey(struct control *control, int client, const char *word, const char *text)
{
	char descriptors[1024];

	if (strcmp(word, "pid") == 0) {
		dprintf(client, "%ld\n", (long)getpid());
	} else if (strcmp(word, "descriptors") == 0) {
		list_descriptors(descriptors, sizeof(descriptors));
		dprintf(client, "%s\n", descriptors);
	} else if (strcmp(word, "settings") == 0) {
		dprintf(client, "%u %u %u\n", control->settings.version, control->settings.kind,
			control->settings.max_calls);
	} else if (strcmp(word, "security") == 0) {
		dprintf(client, "tls %u signer %d sandbox %u handshake %u uid %u gid %u\n",
			control->settings.tls, control->has_signer, control->settings.sandbox,
			control->settings.handshake_timeout_s, control->settings.uid,
			control->settings.gid);
	} else if (strcmp(word, "peer") == 0) {
		say_peer(text);
	} else if (strcmp(word, "enrol") == 0) {
		say_enrol(text);
	} else if (strcmp(word, "call") == 0) {
		start_call(control);
	} else if (strcmp(word, "silent") == 0) {
		control->silent = true;
	} else if (strcmp(word, "stop") == 0) {
		stop_calls(control);
	} else if (strcmp(word, "idle") == 0) {
		say_idle(control);
	} else if (strcmp(word, "stay") == 0) {
		control->stays = true;
	} else if (strcmp(word, "log") == 0) {
		for (int i = atoi(text); i > 0; i--)
			say_to_log("CTRL: line %d", i);
	} else if (strcmp(word, "leave") == 0) {
		for (int i = atoi(text); i > 0; i--)
			say_to_log("CTRL: goodbye %d", i);
		_exit(0);
	} else if (strcmp(word, "malformed") == 0) {
		(void)send(IPC_FD, "abc", 3, 0);
	} else if (strcmp(word, "hang") == 0) {
		(void)close(IPC_FD);
		for (;;)
			(void)pause();
	} else if (strcmp(word, "name") == 0) {
		say_name(text);
	} else if (strcmp(word, "keep") == 0) {
		keep_session(text);
	} else if (strcmp(word, "adopt") == 0) {
		adopt_session();
	}
}

static void from_client(struct control *control, unsigned number)
{
	int client = control->clients[number];
	char text[1024], *rest = NULL;
	ssize_t len = recv(client, text, sizeof(text) - 1, 0);

	if (len <= 0) {
		(void)close(client);
		control->clients[number] = -1; /* poll(2) skips it */
		return;
	}
	text[len] = '\0';
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *blank;

		line += strspn(line, " ");
		blank = strchr(line, ' ');
		if (blank)
			*blank = '\0';
		obey(control, client, line, blank ? blank + 1 : "");
	}
}

static void run_pptpctrl(void)
{
	struct control control = {.client_count = 0};

	(void)signal(SIGPIPE, SIG_IGN);
	for (;;) {
		struct pollfd wait[KEPT_MAX + 1] = {{.fd = IPC_FD, .events = POLLIN}};
		unsigned count = control.client_count;

		for (unsigned i = 0; i < count; i++)
			wait[i + 1] = (struct pollfd){.fd = control.clients[i], .events = POLLIN};
		(void)poll(wait, count + 1, -1);
		if (wait[0].revents)
			from_manager(&control);
		for (unsigned i = 0; i < count; i++) {
			if (wait[i + 1].revents)
				from_client(&control, i);
		}
	}
}

static void run_signer(void)
{
	struct signer_settings settings;
	struct signer_ready answer = {.ready = 1, .node_id = {7}};
	struct signer_channel channel;
	int fd;

	if (recv(SIGNER_CONTROL_FD, &settings, sizeof(settings), 0) != sizeof(settings))
		_exit(2);
	if (strstr(settings.key_path, "bad")) {
		answer.ready = 0;
		(void)snprintf(answer.error, sizeof(answer.error), "this key is bad");
	}
	(void)send(SIGNER_CONTROL_FD, &answer, sizeof(answer), 0);
	if (!answer.ready)
		_exit(1);
	for (;;) {
		struct pollfd wait = {.fd = SIGNER_CONTROL_FD, .events = POLLIN};

		(void)poll(&wait, 1, -1);
		if (fdio_receive_message(SIGNER_CONTROL_FD, &channel, sizeof(channel), &fd) == 0)
			_exit(0);
		fdio_close(&fd);
	}
}

void standin_run(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	if (slash && strcmp(slash, "/pppd") == 0)
		run_pppd(argc, argv);
	if (slash && strcmp(slash, "/rrp-signer") == 0)
		run_signer();
	if (strncmp(argv[0], "pptpd [", 7) == 0)
		run_pptpctrl();
}
