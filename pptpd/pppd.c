/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts pppd; see the header. Runs as root. */
#include "pptpd/pppd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/conf.h"

/* More than the longest vector below has. */
#define WORDS_MAX 24

struct words {
	char **list;
	size_t count;
	bool failed;
};

static void add_word(struct words *words, const char *format, ...) PRINTF_LIKE(2, 3);

static void add_word(struct words *words, const char *format, ...)
{
	char *word = NULL;
	va_list args;

	if (words->failed || words->count + 1 >= WORDS_MAX) {
		words->failed = true;
		return;
	}
	va_start(args, format);
	words->failed = vasprintf(&word, format, args) < 0;
	va_end(args);
	if (!words->failed)
		words->list[words->count++] = word;
}

char **pppd_words(const struct conf *conf, const struct addr_lease *lease, struct in_addr client,
		  const struct pppd_tunnel *tunnel)
{
	struct words words = {.list = calloc(WORDS_MAX, sizeof(char *))};
	char from[INET_ADDRSTRLEN], local[INET_ADDRSTRLEN], remote[INET_ADDRSTRLEN];

	if (!words.list)
		return NULL;
	(void)inet_ntop(AF_INET, &client, from, sizeof(from));
	add_word(&words, "%s", conf->ppp);
	add_word(&words, "local");
	if (conf->option) {
		add_word(&words, "file");
		add_word(&words, "%s", conf->option);
	}
	add_word(&words, "%s", conf->speed);
	if (lease->remote.s_addr != INADDR_ANY)
		add_word(&words, "%s:%s", inet_ntop(AF_INET, &lease->local, local, sizeof(local)),
			 inet_ntop(AF_INET, &lease->remote, remote, sizeof(remote)));
	if (!conf->noipparam) {
		add_word(&words, "ipparam");
		add_word(&words, "%s", from);
	}
	if (conf->logwtmp) {
		add_word(&words, "plugin");
		add_word(&words, "%s", PPPD_LOGWTMP_PLUGIN);
		add_word(&words, "pptpd-original-ip");
		add_word(&words, "%s", from);
	}
	add_word(&words, "remotenumber");
	add_word(&words, "%s", from);
	if (tunnel) {
		add_word(&words, "set");
		add_word(&words, "RRP_PEER=%s", tunnel->lrp_name);
		add_word(&words, "set");
		add_word(&words, "RRP_ADDRESS=%s", tunnel->lrp_address);
	}
	if (words.failed) {
		pppd_words_free(words.list);
		return NULL;
	}
	return words.list;
}

void pppd_words_free(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}

/*
 * Both sides of a new pseudo-terminal. It is raw before pppd has it, so that what the client sends
 * before pppd is ready is neither echoed back nor changed.
 */
static bool open_pty(int *ret_master, int *ret_slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int slave = -1;
	struct termios mode;

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		goto fail;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &mode) != 0)
		goto fail;
	cfmakeraw(&mode);
	if (tcsetattr(slave, TCSANOW, &mode) != 0 || fdio_set_flags(master) != 0)
		goto fail;
	*ret_master = master;
	*ret_slave = slave;
	return true;
fail:
	log_system(LOG_ERR, "MGR: pseudo-terminal");
	fdio_close(&master);
	fdio_close(&slave);
	return false;
}

/* In the child: only async-signal-safe calls. */
static void exec_pppd(char *const *words, const struct rlimit *files, int slave, int messages)
{
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(slave, STDIN_FILENO) >= 0 && dup2(slave, STDOUT_FILENO) >= 0 &&
	    dup2(messages, STDERR_FILENO) >= 0) {
		/* Ours are close-on-exec; those that our starter left open are not. */
		(void)close_range(STDERR_FILENO + 1, ~0U, 0);
		(void)setrlimit(RLIMIT_NOFILE, files);
		(void)execv(words[0], words); /* returns only on failure */
	}
	_exit(127);
}

bool pppd_start(char *const *words, const struct rlimit *files, struct pppd_process *ret_process)
{
	int master, slave, messages[2];
	pid_t pid = -1;

	if (!open_pty(&master, &slave))
		return false;
	if (pipe2(messages, O_CLOEXEC) != 0) {
		messages[0] = messages[1] = -1;
		log_system(LOG_ERR, "MGR: pipe for %s", words[0]);
	} else {
		pid = fork();
		if (pid == 0)
			exec_pppd(words, files, slave, messages[1]);
		if (pid < 0)
			log_system(LOG_ERR, "MGR: fork for %s", words[0]);
	}
	fdio_close(&slave);
	fdio_close(&messages[1]);
	if (pid < 0 || fdio_set_flags(messages[0]) != 0) {
		fdio_close(&master);
		fdio_close(&messages[0]);
		return false;
	}
	*ret_process =
		(struct pppd_process){.pid = pid, .channel = master, .messages = messages[0]};
	return true;
}
