// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `lrp enrol`: starts the signer, the lookup and the talker, and writes lrp.conf; see the header.
 * Runs as root.
 */
#include "lrp/enrol.h"

#include <errno.h>
#include <ev.h>
#include <ifaddrs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lrp/child.h"
#include "lrp/conf.h"
#include "lrp/enrol_conf.h"
#include "lrp/enrol_interface.h"
#include "lrp/enrol_options.h"
#include "lrp/enrol_talk.h"
#include "lrp/signer_process.h"
#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"

/* As lrp.conf's `user`, which is not written yet. */
#define ENROL_USER "lrp"

struct enrolment {
	struct enrol_options options;
	char interface[IF_NAMESIZE];
	struct enrol_conf conf;
	struct account account;
	struct child_origin origin; /* of the signer and the lookup */
	struct signer_process signer;
	struct node_id id; /* ours */
	pid_t talker;      /* 0: none runs */
	int control;       /* its owner's end, or -1 */
};

static bool complain(const char *text)
{
	fprintf(stderr, "lrp enrol: %s\n", text);
	return false;
}

static bool choose_interface(struct enrolment *enrolment)
{
	char error[ENROL_INTERFACE_ERROR_MAX];
	struct ifaddrs *list;
	bool good;

	if (getifaddrs(&list) != 0)
		return complain(strerror(errno));
	good = enrol_interface_choose(list, enrolment->options.interface, enrolment->interface,
				      error);
	freeifaddrs(list);
	return good || complain(error);
}

/* Whatever can be found wrong before anyone else is asked. */
static bool check_box(struct enrolment *enrolment)
{
	const struct enrol_options *options = &enrolment->options;
	char error[ENROL_CONF_ERROR_MAX];
	bool substituted;

	if (geteuid() != 0)
		return complain("must be run as root, to make this box's key and lrp.conf");
	enrolment->conf = (struct enrol_conf){
		.path = options->conf,
		.interface = enrolment->interface,
		.key = options->key,
		.line = &options->line,
		.replace = options->replace,
	};
	if (!enrol_conf_check(&enrolment->conf, error))
		return complain(error);
	if (!choose_interface(enrolment))
		return false;
	return privileges_account(ENROL_USER, &enrolment->account, &substituted) ||
	       complain("there is neither a user " ENROL_USER " nor a user nobody");
}

/* child_origin's forget: the parent itself has it no more when it starts these; to be sure. */
static void forget_secret(void *context)
{
	struct enrolment *enrolment = context;

	explicit_bzero(enrolment->options.line.secret, sizeof(enrolment->options.line.secret));
}

/* The child has the secret, and from now on nobody else. */
static bool start_talker(struct enrolment *enrolment)
{
	struct enrol_line *line = &enrolment->options.line;
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
		return complain(strerror(errno));
	enrolment->talker = child_fork(NULL);
	if (enrolment->talker == 0) {
		child_keep_only(pair[1]);
		_exit(enrol_talk_run(pair[1], line, &enrolment->account, parent));
	}
	forget_secret(enrolment);
	fdio_close(&pair[1]);
	enrolment->control = pair[0];
	if (enrolment->talker > 0)
		return true;
	enrolment->talker = 0;
	return complain(strerror(errno));
}

static bool start_signer(struct enrolment *enrolment)
{
	char error[SIGNER_ERROR_MAX];

	if (signer_process_start(&enrolment->signer, enrolment->options.key, &enrolment->account,
				 &enrolment->id, error))
		return true;
	fprintf(stderr, "lrp enrol: this box's key: %s\n", error);
	return false;
}

struct lookup {
	struct ev_loop *loop;
	struct enrol_job *job;
	const char *error;
};

/* resolve_done */
static void on_looked_up(void *context, enum resolve_end end, const struct resolve_answer *answer)
{
	struct lookup *lookup = context;

	if (answer)
		lookup->job->where = *answer; /* for the talker to read */
	else
		lookup->error = end == RESOLVE_TIMED_OUT ? "no answer from the name server"
							 : "the lookup died";
	ev_break(lookup->loop, EVBREAK_ALL);
}

static bool look_up(const struct enrolment *enrolment, struct enrol_job *job)
{
	const struct enrol_line *line = &enrolment->options.line;
	struct lookup lookup = {.job = job};

	if (resolve_numeric(line->host, line->port, &job->where.addresses[0])) {
		job->where.count = 1;
		return true;
	}
	lookup.loop = ev_loop_new(EVFLAG_AUTO);
	if (!lookup.loop || !resolve_start(lookup.loop, line->host, line->port, &enrolment->account,
					   &enrolment->origin, on_looked_up, &lookup))
		lookup.error = strerror(errno);
	else
		ev_run(lookup.loop, 0);
	if (lookup.loop)
		ev_loop_destroy(lookup.loop);
	if (!lookup.error)
		return true;
	fprintf(stderr, "lrp enrol: cannot look up %s: %s\n", line->host, lookup.error);
	return false;
}

static bool send_job(struct enrolment *enrolment)
{
	struct enrol_job job = {.where = {.count = 0}};
	int channel, error;

	if (!look_up(enrolment, &job))
		return false;
	error = signer_process_channel(&enrolment->signer, &channel);
	if (!error) {
		error = fdio_send_message(enrolment->control, &job, sizeof(job), channel);
		fdio_close(&channel);
	}
	return !error || complain(strerror(-error));
}

/* What the talker says is judged as if it were the server itself. */
static bool receive_outcome(struct enrolment *enrolment, struct enrol_outcome *outcome)
{
	struct pollfd readable = {.fd = enrolment->control, .events = POLLIN};
	int passed = -1;
	ssize_t n;

	if (poll(&readable, 1, ENROL_TALK_TIMEOUT_S * 1000) <= 0)
		return complain("the server could not be reached in time");
	n = fdio_receive_message(enrolment->control, outcome, sizeof(*outcome), &passed);
	fdio_close(&passed);
	if (n != (ssize_t)sizeof(*outcome))
		return complain("the process that talks to the server died");
	outcome->text[sizeof(outcome->text) - 1] = '\0';
	return true;
}

static bool write_conf(struct enrolment *enrolment, const char *name)
{
	char error[ENROL_CONF_ERROR_MAX], id[NODE_ID_TEXT_LEN + 1];

	enrolment->conf.name = name;
	if (!enrol_conf_write(&enrolment->conf, error)) {
		fprintf(stderr,
			"lrp enrol: the server has taken this box as %s, but %s. Once that is "
			"mended, run the same line again before it expires.\n",
			name, error);
		return false;
	}
	printf("This box is %s now; the server knows it by the key in %s (node ID %s).\n", name,
	       enrolment->options.key, node_id_text(&enrolment->id, id));
	printf("Wrote %s: it serves the PPTP clients on %s. Start it with \"lrp",
	       enrolment->conf.path, enrolment->interface);
	if (strcmp(enrolment->conf.path, LRP_CONF_FILE) != 0)
		printf(" --conf %s", enrolment->conf.path);
	printf("\" (or its service; a lrp that runs already has to be started anew).\n");
	return true;
}

static bool conclude(struct enrolment *enrolment, const struct enrol_outcome *outcome)
{
	char text[sizeof(outcome->text)];

	(void)log_printable(text, sizeof(text), outcome->text);
	if (outcome->kind == ENROL_OUTCOME_DONE) {
		if (!enrol_name_valid(outcome->text))
			return complain("the server's name for this box is no name");
		return write_conf(enrolment, outcome->text);
	}
	fprintf(stderr, "lrp enrol: %s%s\n",
		outcome->kind == ENROL_OUTCOME_REFUSED ? "the server refuses: " : "", text);
	return false;
}

static void end(struct enrolment *enrolment)
{
	if (enrolment->talker) {
		(void)kill(enrolment->talker, SIGKILL); /* it has nothing to put in order */
		while (waitpid(enrolment->talker, NULL, 0) < 0 && errno == EINTR)
			;
	}
	fdio_close(&enrolment->control);
	signer_process_stop(&enrolment->signer);
	fdio_close(&enrolment->signer.channel);
}

int enrol_main(int argc, char **argv)
{
	struct enrolment enrolment = {.control = -1};
	struct enrol_outcome outcome;
	bool good;
	int status;

	if (!enrol_options_parse(argc, argv, &enrolment.options, &status))
		return status;
	enrolment.origin = (struct child_origin){forget_secret, &enrolment};
	signer_process_init(&enrolment.signer, &enrolment.origin);
	good = check_box(&enrolment) && start_talker(&enrolment) && start_signer(&enrolment) &&
	       send_job(&enrolment) && receive_outcome(&enrolment, &outcome) &&
	       conclude(&enrolment, &outcome);
	forget_secret(&enrolment);
	end(&enrolment);
	return good && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
