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

#include "pptpd/ipc.h"
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
	return make_link("pptpctrl");
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
	(void)fflush(stderr);
}

static void on_term(int number)
{
	(void)number;
	_exit(5);
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

static void run_pppd(int argc, char **argv)
{
	const char *what = "mirror";

	for (int i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], "file") == 0)
			what = file_content(argv[i + 1]);
	}
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

void standin_run(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	if (slash && strcmp(slash, "/pppd") == 0)
		run_pppd(argc, argv);
}
