/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager's process and its clients; see the header. */
#include "tests/unit/pptpd_process.h"

#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/conf.h"
#include "pptpd/manager.h"
#include "pptpd/pidfile.h"
#include "pptpd/syslog.h"
#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_sandbox.h"
#include "tests/unit/pptpd_standin.h"

static void to_syslog(void *context, int severity, const char *line)
{
	syslog_write(context, getpid(), severity, line);
}

/* The process under test: pptpd's main() with less patience. */
int process_run_manager(int argc, char **argv)
{
	struct syslog_writer syslog;
	struct manager manager;
	struct conf conf;
	bool ran = false;

	syslog_init(&syslog);
	log_init(to_syslog, &syslog, true);
	if (conf_from_arguments(&conf, argc, argv) != CONF_RUN || !conf_complete(&conf))
		return 1;
	if (manager_open(&manager, &conf, &syslog)) {
		manager.patience = (struct manager_patience){
			.hung_up = 0.3, .terminated = 0.3, .leaving = 0.3, .stop = 1.};
		pidfile_write(conf.pidfile);
		ran = manager_run(&manager);
		pidfile_remove(conf.pidfile);
	}
	manager_done(&manager);
	conf_done(&conf);
	syslog_done(&syslog);
	return ran ? 0 : 1;
}

/* The manager finds pptpctrl beside its own file, so it runs from a copy. */
void copy_program(char *out, size_t size)
{
	char data[65536];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to;
	ssize_t len;

	(void)snprintf(out, size, "%s", scratch_path("pptpd"));
	(void)unlink(out);
	to = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	while ((len = read(from, data, sizeof(data))) > 0)
		assert_int_equal(write(to, data, (size_t)len), len);
	(void)close(from);
	(void)close(to);
	(void)standin_pptpctrl();
	(void)standin_signer();
}

void write_conf(struct fixture *f, const char *pppd_mode, const char *more)
{
	char text[2048], pppd[256], option[256];

	(void)snprintf(pppd, sizeof(pppd), "%s", standin_pppd());
	(void)snprintf(option, sizeof(option), "%s", scratch_file("options", pppd_mode));
	(void)snprintf(f->pidfile, sizeof(f->pidfile), "%s", scratch_path("pidfile"));
	(void)snprintf(f->control, sizeof(f->control), "%s", scratch_path("control"));
	(void)snprintf(text, sizeof(text),
		       "debug\nppp %s\noption %s\npidfile %s\ncontrol %s\nstimeout 5\n"
		       "localip 10.9.0.1\n%s",
		       pppd, option, f->pidfile, f->control, more);
	(void)snprintf(f->conf, sizeof(f->conf), "%s", scratch_file("pptpd.conf", text));
}

void start_manager(struct fixture *f)
{
	start_manager_with_files(f, NULL);
}

void start_manager_with_files(struct fixture *f, const struct rlimit *files)
{
	sandbox_log_clear();
	f->manager = fork();
	if (f->manager == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever becomes of the test */
		if (files)
			(void)setrlimit(RLIMIT_NOFILE, files);
		(void)execl(f->program, "manager", "-f", "-c", f->conf, NULL);
		_exit(126);
	}
	for (int i = 0; i < 1000 && atol(file_content(f->pidfile)) != f->manager; i++)
		(void)usleep(10000);
	if (atol(file_content(f->pidfile)) != f->manager)
		(void)sandbox_log_wait("no such line: show all");
	assert_int_equal(atol(file_content(f->pidfile)), f->manager);
}

/* Whether any process on this network still runs pppd or pptpctrl for us. */
bool is_running(pid_t pid)
{
	return kill(pid, 0) == 0;
}

void stop_manager(struct fixture *f)
{
	int status = -1;

	if (!f->manager)
		return;
	(void)kill(f->manager, SIGTERM);
	for (int i = 0; i < 2000 && waitpid(f->manager, &status, WNOHANG) == 0; i++)
		(void)usleep(10000);
	f->manager = 0;
	if (status != 0)
		(void)sandbox_log_wait("no such line: show all");
	assert_int_equal(status, 0); /* also that nothing leaked, in a build that looks */
	assert_int_equal(access(f->pidfile, F_OK), -1);
}

int client_from(uint32_t last_octet, uint16_t port)
{
	const struct sockaddr_in from = {.sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(0x7f000000 + last_octet)};
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* A direct client at 127.0.0.N. */
int client(uint32_t last_octet)
{
	return client_from(last_octet, 1723);
}

/* A command for the stand-in, long enough to be a first message. */
void tell(int fd, const char *command)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "            %s\n", command);

	if (send(fd, line, (size_t)len, MSG_NOSIGNAL) != len) /* refused already: ask() shows it */
		assert_true(errno == EPIPE || errno == ECONNRESET);
}

/* The next line from the stand-in, "" when the connection ends or nothing comes. */
const char *hear(int fd)
{
	static char line[1024];
	size_t len = 0;

	while (len < sizeof(line) - 1) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};

		if (poll(&wait, 1, 10000) != 1 || recv(fd, line + len, 1, 0) != 1) {
			len = 0;
			break;
		}
		if (line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
	return line;
}

const char *ask(int fd, const char *command)
{
	tell(fd, command);
	return hear(fd);
}

pid_t pid_behind(int fd)
{
	pid_t pid = atoi(ask(fd, "pid"));

	assert_true(pid > 1);
	return pid;
}

/* Starts a call; the process ID of its pppd. */
pid_t call(int fd)
{
	unsigned id;
	int pid;

	assert_int_equal(sscanf(ask(fd, "call"), "call %u %d", &id, &pid), 2);
	return pid;
}

bool ends_soon(pid_t pid)
{
	for (int i = 0; i < 1000 && is_running(pid); i++)
		(void)usleep(10000);
	return !is_running(pid);
}
