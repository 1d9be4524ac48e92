/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd and our plugin; see the header. Runs as root. */
#include "pptpd/channel_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/channel_kernel.h"
#include "pptpd/channel_pppoe.h"
#include "pptpd/link.h"
#include "pptpd/pppd.h"

/* Of what it says, the rest is not looked at. */
#define PROBE_TEXT_MAX 1023

/* In the child: only async-signal-safe calls; the environment was changed before the fork. */
static void exec_probe(char *const *words, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it may hang, and its starter be ended for that */
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(out, STDERR_FILENO) >= 0) {
		(void)close_range(STDERR_FILENO + 1, ~0U, 0);
		(void)execv(words[0], words);
	}
	_exit(127);
}

/* All that comes until the end or the deadline. */
static bool read_until_end(int in, struct mono deadline, char *text)
{
	size_t used = 0;

	for (;;) {
		struct pollfd wait = {.fd = in, .events = POLLIN};
		double left_s = mono_until_s(deadline, mono_now());
		char more[256];
		ssize_t len;
		size_t taken;

		if (left_s <= 0. || poll(&wait, 1, (int)(left_s * 1000.) + 1) <= 0)
			return false;
		len = read(in, more, sizeof(more));
		if (len <= 0)
			return len == 0;
		taken = MIN((size_t)len, PROBE_TEXT_MAX - used);
		memcpy(text + used, more, taken);
		used += taken;
		text[used] = '\0';
	}
}

/* What it says, and its wait status; -1 if it could not be started or took too long. */
static int run(char *const *words, struct mono deadline, char text[PROBE_TEXT_MAX + 1])
{
	int ends[2], status = -1;
	bool ended;
	pid_t pid;

	text[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		exec_probe(words, ends[1]);
	fdio_close(&ends[1]);
	ended = pid > 0 && read_until_end(ends[0], deadline, text);
	fdio_close(&ends[0]);
	if (pid < 0)
		return -1;
	if (!ended)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return ended ? status : -1;
}

/* "pppd version 2.4.9" somewhere in the text. */
static bool find_version(const char *text, char ret_version[CHANNEL_VERSION_MAX + 1])
{
	static const char before[] = "pppd version ";
	const char *at = strstr(text, before);
	size_t len;

	if (!at)
		return false;
	at += sizeof(before) - 1;
	len = strcspn(at, " \t\r\n");
	if (len == 0 || len > CHANNEL_VERSION_MAX)
		return false;
	memcpy(ret_version, at, len);
	ret_version[len] = '\0';
	return true;
}

/* The last line, where pppd says what was wrong. */
static const char *last_line(char *text)
{
	size_t len = strlen(text);
	char *newline;

	while (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	newline = strrchr(text, '\n');
	return newline ? newline + 1 : text;
}

/* True if pppd had an answer, which is then in the findings. */
static bool probe_plugin(const char *ppp, struct mono deadline, struct channel_findings *found)
{
	char program[4096], plugin[] = PPPD_CHANNEL_PLUGIN, text[PROBE_TEXT_MAX + 1];
	char *const ask[] = {program, (char[]){"--version"}, NULL};
	char *const load[] = {program, (char[]){"plugin"}, plugin, (char[]){"--version"}, NULL};
	char version[CHANNEL_VERSION_MAX + 1] = "";
	int status;

	(void)snprintf(program, sizeof(program), "%s", ppp);
	status = run(ask, deadline, text);
	if (status == 0 && find_version(text, version) &&
	    setenv(CHANNEL_VERSION_VARIABLE, version, 1) == 0) {
		status = run(load, deadline, text);
		(void)unsetenv(CHANNEL_VERSION_VARIABLE);
		found->has_plugin = status == 0;
	}
	if (found->has_plugin)
		memcpy(found->version, version, sizeof(version));
	else
		(void)log_printable(found->problem, sizeof(found->problem),
				    text[0] ? last_line(text) : "no answer");
	return status != -1;
}

static void look_at(const char *path, struct channel_file *file)
{
	struct stat now;

	if (stat(path, &now) != 0)
		return;
	file->device = now.st_dev;
	file->inode = now.st_ino;
	file->changed = now.st_ctim;
}

void channel_files_look(const char *ppp, struct channel_files *ret_files)
{
	memset(ret_files, 0, sizeof(*ret_files)); /* padding, too: they are compared as bytes */
	look_at(ppp, &ret_files->ppp);
	look_at(PPPD_CHANNEL_PLUGIN, &ret_files->plugin);
}

static void name_part(char part[CHANNEL_PART_MAX], const char *failed)
{
	(void)snprintf(part, CHANNEL_PART_MAX, "%s", failed);
}

/* With the filter, else without it: then the kernel's settings must do. */
static int probe_links(enum ipc_link_kind kind, struct channel_findings *findings,
		       const char **ret_failed)
{
	const struct link_wish filtered = {kind, true, LINK_LARGE, 1};
	const struct link_wish without = {kind, false, LINK_LARGE, 1};

	findings->filter_error = channel_pppoe_probe(&filtered, ret_failed);
	if (!findings->filter_error)
		return 0;
	name_part(findings->filter_failed, *ret_failed);
	return channel_pppoe_probe(&without, ret_failed);
}

/* Rings first: a TAP costs a system call for each frame. */
static void probe_pppoe(struct channel_findings *findings)
{
	const char *failed = "";

	findings->ring_error = probe_links(IPC_LINK_RING, findings, &failed);
	if (!findings->ring_error)
		return;
	name_part(findings->ring_failed, failed);
	findings->pppoe_error = probe_links(IPC_LINK_TAP, findings, &failed);
	if (findings->pppoe_error)
		name_part(findings->pppoe_failed, failed);
}

void channel_probe(const char *ppp, int64_t patience_ms, struct channel_findings *ret_findings)
{
	memset(ret_findings, 0, sizeof(*ret_findings));
	channel_files_look(ppp, &ret_findings->files); /* as they were before they were tried */
	ret_findings->answered =
		probe_plugin(ppp, mono_add_ms(mono_now(), patience_ms), ret_findings);
	if (!ret_findings->has_plugin)
		return;
	ret_findings->kernel_error = channel_kernel_probe();
	probe_pppoe(ret_findings);
}
