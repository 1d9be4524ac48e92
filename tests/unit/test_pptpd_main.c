/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pptpd itself: what it tests, what it says where, and what it leaves behind. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/pptpd_help.h"
#include "tests/unit/pptpd_sandbox.h"
#include "tests/unit/pptpd_standin.h"

/* The program under test; make runs the tests in the folder where it built. */
#define PROGRAM "pptpd/pptpd"

static char program[256], conf[256], pidfile[256], output[256];

/* pptpd finds pptpctrl beside its own file, so it runs from a copy. */
static int copy_program(void **state UNUSED)
{
	char data[65536];
	int from = open(PROGRAM, O_RDONLY | O_CLOEXEC), to;
	ssize_t len;

	(void)snprintf(program, sizeof(program), "%s", scratch_path("pptpd"));
	(void)snprintf(pidfile, sizeof(pidfile), "%s", scratch_path("pidfile"));
	(void)snprintf(output, sizeof(output), "%s", scratch_path("output"));
	to = open(program, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	while ((len = read(from, data, sizeof(data))) > 0)
		assert_int_equal(write(to, data, (size_t)len), len);
	(void)close(from);
	(void)close(to);
	(void)standin_pptpctrl();
	return 0;
}

static int set_up(void **state UNUSED)
{
	sandbox_log_clear();
	(void)unlink(pidfile);
	return 0;
}

/* What a failed test left running. */
static int tear_down(void **state UNUSED)
{
	pid_t pid = (pid_t)atol(file_content(pidfile));

	if (pid > 1)
		(void)kill(pid, SIGKILL);
	return 0;
}

static void write_conf(const char *more)
{
	char text[1024], pppd[256];

	(void)snprintf(pppd, sizeof(pppd), "%s", standin_pppd());
	(void)snprintf(text, sizeof(text), "ppp %s\npidfile %s\n%s", pppd, pidfile, more);
	(void)snprintf(conf, sizeof(conf), "%s", scratch_file("pptpd.conf", text));
}

/* In the new process: output to a file, or all three descriptors closed. */
static void redirect(bool closed)
{
	int file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	(void)dup2(file, STDOUT_FILENO);
	(void)dup2(file, STDERR_FILENO);
	if (!closed)
		return;
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	(void)close(STDERR_FILENO);
}

/* Runs pptpd with that option; its process ID. */
static pid_t start(const char *option, bool closed)
{
	pid_t pid = fork();

	if (pid == 0) {
		redirect(closed);
		(void)execl(program, "pptpd", "-c", conf, option, NULL);
		_exit(126);
	}
	return pid;
}

/* The exit status, once it has one by itself. */
static int exit_status(pid_t pid)
{
	int status = -1;

	for (int i = 0; i < 1000 && waitpid(pid, &status, WNOHANG) == 0; i++)
		(void)usleep(10000);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The process that the pid file names, once it is there. */
static pid_t named_pid(void)
{
	for (int i = 0; i < 1000 && atol(file_content(pidfile)) == 0; i++)
		(void)usleep(10000);
	assert_true(atol(file_content(pidfile)) > 1);
	return (pid_t)atol(file_content(pidfile));
}

static int client(void)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(1723),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* What the stand-in for pptpctrl answers. */
static const char *ask(int fd, const char *command)
{
	static char answer[1024];
	ssize_t len;

	assert_int_equal(send(fd, command, strlen(command), 0), strlen(command));
	len = recv(fd, answer, sizeof(answer) - 1, 0);
	answer[len < 0 ? 0 : len] = '\0';
	return answer;
}

static void check_config_accepts_a_good_file_and_opens_nothing(void **state UNUSED)
{
	write_conf("localip 10.9.0.1\nremoteip 10.9.1.1-100\n");
	assert_int_equal(exit_status(start("--check-config", false)), 0);
	assert_string_equal(file_content(output), "");
	assert_int_equal(access(pidfile, F_OK), -1);
	assert_int_equal(sandbox_log_count(""), 0);
}

static void check_config_refuses_a_bad_value(void **state UNUSED)
{
	write_conf("pptp-echo-timeout none\n");
	assert_int_equal(exit_status(start("--check-config", false)), 1);
	assert_non_null(
		strstr(file_content(output), "Bad pptp-echo-timeout value (none) in config file!"));
	assert_int_equal(sandbox_log_count(""), 0);
}

static void check_config_refuses_bad_addresses(void **state UNUSED)
{
	write_conf("localip 10.9.0.1\nremoteip 10.9.1.1-10.9.1.9\n");
	assert_int_equal(exit_status(start("--check-config", false)), 1);
	assert_non_null(strstr(file_content(output),
			       "MGR: Bad IP address (10.9.1.1-10.9.1.9) in config file!"));
}

static void bad_configuration_is_told_to_the_log_and_to_stderr(void **state UNUSED)
{
	write_conf("pptp-echo-timeout none\n");
	assert_int_equal(exit_status(start("-f", false)), 1);
	assert_non_null(
		strstr(file_content(output), "Bad pptp-echo-timeout value (none) in config file!"));
	assert_non_null(sandbox_log_wait("Bad pptp-echo-timeout value (none) in config file!"));
}

static void address_in_use_fails_before_detaching(void **state UNUSED)
{
	const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(1723)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status;

	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	write_conf("");
	status = exit_status(start("-d", false));
	(void)close(fd);
	assert_int_equal(status, 1);
	assert_non_null(sandbox_log_wait("MGR: Couldn't create host socket"));
	assert_non_null(
		sandbox_log_wait("createHostSocket: Address already in use (0.0.0.0:1723)"));
}

static void detached_it_says_its_start_under_the_id_of_the_pid_file(void **state UNUSED)
{
	char line[128];
	pid_t pid;

	write_conf("localip 10.9.0.1\nremoteip 10.9.1.1-100\n");
	assert_int_equal(exit_status(start("-d", false)), 0);
	pid = named_pid();
	(void)snprintf(line, sizeof(line), " pptpd[%ld]: MGR: Manager process started", (long)pid);
	assert_non_null(sandbox_log_wait(line));
	(void)snprintf(line, sizeof(line), " pptpd[%ld]: MGR: Maximum of 100 connections available",
		       (long)pid);
	assert_non_null(sandbox_log_wait(line));
	(void)kill(pid, SIGTERM);
	for (int i = 0; i < 1000 && access(pidfile, F_OK) == 0; i++)
		(void)usleep(10000);
	assert_int_equal(access(pidfile, F_OK), -1);
}

static void foreground_logs_to_syslog_and_ends_with_zero(void **state UNUSED)
{
	pid_t pid;

	write_conf("");
	pid = start("-f", false);
	assert_int_equal(named_pid(), pid);
	assert_non_null(sandbox_log_wait("MGR: Manager process started"));
	assert_string_equal(file_content(output), "");
	(void)kill(pid, SIGTERM);
	assert_int_equal(exit_status(pid), 0);
}

static void
started_without_stdin_and_the_others_its_sockets_do_not_take_their_place(void **state UNUSED)
{
	const char *text;
	pid_t pid;
	int fd;

	write_conf("");
	pid = start("-f", true);
	assert_int_equal(named_pid(), pid);
	fd = client();
	text = ask(fd, "            descriptors\n");
	assert_int_equal(strncmp(text, " 0:/dev/null 1:/dev/null 2:/dev/null 3:socket:[", 47), 0);
	assert_int_equal(strncmp(ask(fd, "            call\n"), "call ", 5), 0);
	(void)close(fd);
	(void)kill(pid, SIGTERM);
	assert_int_equal(exit_status(pid), 0);
}

#define MAIN_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		MAIN_TEST(check_config_accepts_a_good_file_and_opens_nothing),
		MAIN_TEST(check_config_refuses_a_bad_value),
		MAIN_TEST(check_config_refuses_bad_addresses),
		MAIN_TEST(bad_configuration_is_told_to_the_log_and_to_stderr),
		MAIN_TEST(address_in_use_fails_before_detaching),
		MAIN_TEST(detached_it_says_its_start_under_the_id_of_the_pid_file),
		MAIN_TEST(foreground_logs_to_syslog_and_ends_with_zero),
		MAIN_TEST(started_without_stdin_and_the_others_its_sockets_do_not_take_their_place),
	};

	standin_run(argc, argv);
	if (access(PROGRAM, X_OK) != 0 || !sandbox_enter(4096))
		return SANDBOX_SKIP_STATUS;
	return cmocka_run_group_tests(tests, copy_program, NULL);
}
