/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager as a whole process, in a network of its own, with stand-ins for pptpctrl, rrp-signer
 * and pppd that do what the test's clients say.
 */
#ifndef TESTS_UNIT_PPTPD_PROCESS_H
#define TESTS_UNIT_PPTPD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define TUNNEL_PORT 4723

struct fixture {
	pid_t manager;
	char program[256];
	char conf[256];
	char pidfile[256];
	char control[256];
};

/* pptpd's main() with less patience: what a test does when it is started as "manager". */
int process_run_manager(int argc, char **argv);

/* The manager finds the other programs beside its own file, so it runs from a copy. */
void copy_program(char *out, size_t size);

/* A configuration with these lines at its end, for a pppd of that mode (pptpd_standin.h). */
void write_conf(struct fixture *f, const char *pppd_mode, const char *more);

/* Returns when it serves. */
void start_manager(struct fixture *f);

/* The same with that limit of open files, NULL for the test's own. */
void start_manager_with_files(struct fixture *f, const struct rlimit *files);

/* SIGTERM; asserts that it ends in order. Harmless when it does not run. */
void stop_manager(struct fixture *f);

bool is_running(pid_t pid);

/* Whether it ends within ten seconds. */
bool ends_soon(pid_t pid);

/* A connection from 127.0.0.N to that port; or a direct client's. */
int client_from(uint32_t last_octet, uint16_t port);
int client(uint32_t last_octet);

/* A command for the stand-in, long enough to be a first message. */
void tell(int fd, const char *command);

/* The next line from the stand-in, "" when the connection ends or nothing comes. */
const char *hear(int fd);
const char *ask(int fd, const char *command);

/* The process behind the connection. */
pid_t pid_behind(int fd);

/* Starts a call; the process ID of its pppd. */
pid_t call(int fd);

#endif
