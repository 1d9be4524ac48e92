/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real pptpctrl program, with root's privileges at its start, under a manager of the test's. */
#ifndef TESTS_UNIT_PPTPCTRL_PROGRAM_H
#define TESTS_UNIT_PPTPCTRL_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "pptpd/ipc.h"
#include "tests/unit/confined_child.h"
#include "tests/unit/pptpctrl_manager.h"

/* An account that need not exist. */
#define PROGRAM_ID 64124

#define PROGRAM_LOG_MAX 32768
#define PROGRAM_TYPES   64

struct program {
	struct manager_end manager;
	pid_t pid;
	int gre;                       /* what it is given for its GRE socket, -1: an error */
	bool refuses_calls;            /* the first call that is asked for */
	char logged[PROGRAM_LOG_MAX];  /* all its lines, each with a newline */
	unsigned count[PROGRAM_TYPES]; /* its messages, by type */
	union ipc_message last;
	bool ended; /* it has closed its end */
};

/* Settings for a confined process of that kind; the client is 127.0.0.2, we are 127.0.0.1. */
struct ipc_settings program_settings(enum ipc_kind kind);

/* Keeps everybody else from the number that the program finds its manager at. */
void program_reserve(void);

/* Starts `file` of the build, and sends it the settings. */
void program_start(struct program *program, const char *file, const struct ipc_settings *settings);

/* Hears what it says until a message of that type comes; fails if none does. */
void program_wait(struct program *program, enum ipc_type type);

/* Hears until its end, and returns its exit status, or 128 and the number of a signal. */
int program_end(struct program *program);

/* How often a text is in its lines. */
unsigned program_logged(const struct program *program, const char *part);

/* It may leave. */
void program_release(struct program *program);

#endif
