/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real pptpctrl under a stand-in manager; see the header. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "tests/unit/pptpctrl_program.h"

/* Ends a test that would hang; nothing is measured. */
#define PATIENCE_MS 20000

/* The process's title has room for as much. */
#define TITLE "pptpd [127.0.0.2]                                             "

static struct address loopback(uint32_t last, uint16_t port)
{
	return address_from_in((struct in_addr){.s_addr = htonl(0x7f000000 | last)}, port);
}

struct ipc_settings program_settings(enum ipc_kind kind)
{
	return (struct ipc_settings){
		.type = IPC_SETTINGS,
		.version = IPC_VERSION,
		.kind = kind,
		.start_timeout_s = 60,
		.echo_interval_s = 60,
		.echo_timeout_s = 60,
		.max_calls = 3,
		.uid = PROGRAM_ID,
		.gid = PROGRAM_ID,
		.handshake_timeout_s = 60,
		.remote = loopback(2, 3000),
		.local = loopback(1, 1723),
	};
}

static void execute(const char *file)
{
	char path[PATH_MAX], title[] = TITLE;
	char *const words[] = {title, NULL};
	char *const environment[] = {NULL};

	(void)snprintf(path, sizeof(path), BUILD "/%s", file);
	(void)fcntl(IPC_FD, F_SETFD, 0);
	(void)close_range(IPC_FD + 1, ~0U, 0);
	(void)execve(path, words, environment);
	_exit(127);
}

void program_reserve(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	if (fd == IPC_FD)
		return;
	assert_int_equal(dup3(fd, IPC_FD, O_CLOEXEC), IPC_FD);
	(void)close(fd);
}

void program_start(struct program *program, const char *file, const struct ipc_settings *settings)
{
	memset(program, 0, sizeof(*program));
	program->gre = -1;
	manager_begin(&program->manager);
	program->pid = fork();
	assert_true(program->pid >= 0);
	if (program->pid == 0)
		execute(file);
	program_reserve();
	manager_send(&program->manager, settings, -1);
}

static void give_gre(struct program *program)
{
	const struct ipc_gre_opened answer = {
		.type = IPC_GRE_OPENED,
		.error = program->gre < 0 ? EPERM : 0,
	};

	manager_send(&program->manager, &answer, program->gre);
	program->gre = -1; /* the sender has closed it */
}

static void note_line(struct program *program)
{
	size_t used = strlen(program->logged);

	(void)snprintf(program->logged + used, sizeof(program->logged) - used, "%s\n",
		       program->last.log.text);
}

/* One message, waited for; false at the end of its connection. */
static bool hear(struct program *program)
{
	struct pollfd readable = {.fd = program->manager.fd, .events = POLLIN};
	int fd = -1, got;

	do {
		assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
		got = ipc_receive(program->manager.fd, IPC_FROM_PPTPCTRL, &program->last, &fd);
	} while (got == -ECONNRESET); /* it went without reading all of ours */
	fdio_close(&fd);
	if (got != 1) {
		program->ended = true;
		return false;
	}
	program->count[program->last.type]++;
	if (program->last.type == IPC_LOG)
		note_line(program);
	if (program->last.type == IPC_GRE_OPEN && program->count[IPC_GRE_OPEN] == 1)
		give_gre(program);
	if (program->refuses_calls && program->last.type == IPC_CALL_START &&
	    program->count[IPC_CALL_START] == 1)
		manager_send_refused(&program->manager, program->last.call_start.request,
				     IPC_REFUSAL_FULL);
	return true;
}

void program_wait(struct program *program, enum ipc_type type)
{
	while (hear(program)) {
		if (program->last.type == type)
			return;
	}
	fail_msg("%s did not come; it said: %s", ipc_type_name(type), program->logged);
}

int program_end(struct program *program)
{
	int status;

	while (!program->ended && hear(program))
		continue;
	assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
	fdio_close(&program->gre);
	manager_end(&program->manager);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

unsigned program_logged(const struct program *program, const char *part)
{
	unsigned count = 0;

	for (const char *at = program->logged; (at = strstr(at, part)) != NULL; at++)
		count++;
	return count;
}

void program_release(struct program *program)
{
	manager_send_released(&program->manager);
}
