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
#include "pptpd/plugin/channel_words.h"

/* More than the longest vector below has. */
#define WORDS_MAX 32

/* Where pppd finds what our plugin serves. */
#define PPPD_SOCKET_FD 3
#define PPPD_EVENTS_FD 4

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

/* Last, so that they are not taken back. Without `nodetach` pppd would leave us behind. */
static void add_plugin_words(struct words *words)
{
	add_word(words, "nodetach");
	add_word(words, "plugin");
	add_word(words, "%s", PPPD_CHANNEL_PLUGIN);
	add_word(words, "%s", CHANNEL_WORD_SOCKET);
	add_word(words, "%d", PPPD_SOCKET_FD);
	add_word(words, "%s", CHANNEL_WORD_EVENTS);
	add_word(words, "%d", PPPD_EVENTS_FD);
}

char **pppd_words(const struct conf *conf, const struct addr_lease *lease, struct in_addr client,
		  const struct pppd_tunnel *tunnel, bool plugin)
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
	if (plugin)
		add_plugin_words(&words);
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

/* What is opened before pppd is forked; -1 for what there is not. */
struct plan {
	int line;     /* slave side of a pseudo-terminal, or the null device */
	int messages; /* for its stderr */
	int socket;   /* for the plugin */
	int events;
	char **environment; /* the array alone is the plan's */
	char version[sizeof(CHANNEL_VERSION_VARIABLE "=") + CHANNEL_VERSION_MAX];
};

/* dup2() clears close-on-exec, but a descriptor that lies where another one is to go is lost. */
static bool place_plugin_descriptors(struct plan *plan)
{
	int socket, events;

	if (plan->socket < 0)
		return true;
	socket = fcntl(plan->socket, F_DUPFD_CLOEXEC, PPPD_EVENTS_FD + 1);
	events = fcntl(plan->events, F_DUPFD_CLOEXEC, PPPD_EVENTS_FD + 1);
	return socket >= 0 && events >= 0 && dup2(socket, PPPD_SOCKET_FD) >= 0 &&
	       dup2(events, PPPD_EVENTS_FD) >= 0;
}

/* In the child: only async-signal-safe calls. */
static void exec_pppd(char *const *words, const struct rlimit *files, struct plan *plan)
{
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(plan->line, STDIN_FILENO) >= 0 && dup2(plan->line, STDOUT_FILENO) >= 0 &&
	    dup2(plan->messages, STDERR_FILENO) >= 0 && place_plugin_descriptors(plan)) {
		/* Ours are close-on-exec; those that our starter left open are not. */
		(void)close_range(plan->socket < 0 ? STDERR_FILENO + 1 : PPPD_EVENTS_FD + 1, ~0U,
				  0);
		(void)setrlimit(RLIMIT_NOFILE, files);
		(void)execve(words[0], words, plan->environment); /* returns only on failure */
	}
	_exit(127);
}

/* Ours, and what the plugin is to know of pppd. */
static bool make_environment(struct plan *plan, const char *version)
{
	size_t count = 0;

	while (environ[count])
		count++;
	plan->environment = calloc(count + 2, sizeof(char *));
	if (!plan->environment)
		return false;
	memcpy(plan->environment, environ, count * sizeof(char *));
	if (version) {
		(void)snprintf(plan->version, sizeof(plan->version), "%s=%s",
			       CHANNEL_VERSION_VARIABLE, version);
		plan->environment[count] = plan->version;
	}
	return true;
}

/* Both ends; pppd's are blocking, as programs expect theirs. */
static bool open_pipe(int *ret_ours, int *ret_its)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	*ret_ours = ends[0];
	*ret_its = ends[1];
	return fdio_set_flags(ends[0]) == 0;
}

static bool open_line(const struct pppd_line *line, struct plan *plan, struct pppd_process *process)
{
	if (line->socket < 0)
		return open_pty(&process->channel, &plan->line);
	plan->socket = line->socket;
	plan->line = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (plan->line >= 0 && open_pipe(&process->events, &plan->events))
		return true;
	log_system(LOG_ERR, "MGR: descriptors for pppd's plugin");
	return false;
}

static bool fork_pppd(char *const *words, const struct rlimit *files, struct plan *plan,
		      struct pppd_process *process)
{
	if (!open_pipe(&process->messages, &plan->messages)) {
		log_system(LOG_ERR, "MGR: pipe for %s", words[0]);
		return false;
	}
	process->pid = fork();
	if (process->pid == 0)
		exec_pppd(words, files, plan);
	if (process->pid < 0)
		log_system(LOG_ERR, "MGR: fork for %s", words[0]);
	return process->pid > 0;
}

bool pppd_start(char *const *words, const struct rlimit *files, const struct pppd_line *line,
		struct pppd_process *ret_process)
{
	struct pppd_process process = {.pid = -1, .channel = -1, .events = -1, .messages = -1};
	struct plan plan = {.line = -1, .messages = -1, .socket = -1, .events = -1};
	bool started = false;

	if (!make_environment(&plan, line->socket < 0 ? NULL : line->version))
		log_system(LOG_ERR, "MGR: environment of %s", words[0]);
	else if (open_line(line, &plan, &process))
		started = fork_pppd(words, files, &plan, &process);
	free(plan.environment);
	fdio_close(&plan.line);
	fdio_close(&plan.messages);
	fdio_close(&plan.events);
	if (!started) {
		fdio_close(&process.channel);
		fdio_close(&process.events);
		fdio_close(&process.messages);
		return false;
	}
	*ret_process = process;
	return true;
}
