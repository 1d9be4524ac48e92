/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the channels; see the header. Runs as root. */
#include "pptpd/channel_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/channel_choice.h"
#include "pptpd/errand.h"
#include "pptpd/pppd.h"

/* For the runs of pppd, which take some milliseconds: while nobody is served yet, and later. */
#define FIRST_PATIENCE_MS 5000
#define PATIENCE_MS       20000

/* Later than that: it ends by itself, unless something is very wrong. */
#define ERRAND_TIMEOUT_S 30.

/* After a look without an answer. */
#define NEXT_LOOK_MS 60000

_Static_assert(sizeof(struct channel_findings) <= PIPE_BUF, "written at once, never in part");

static void tell_missing(enum ipc_channel channel, int error, const char *what)
{
	if (!error)
		return;
	errno = -error;
	log_system(LOG_WARNING, "MGR: PPP channel %s is not used here: %s",
		   channel_choice_name(channel), what);
}

/* Calls have links, but lesser ones than they might. */
static void tell_links(const struct channel_findings *found)
{
	if (found->pppoe_error)
		return;
	if (found->ring_error) {
		errno = -found->ring_error;
		log_system(LOG_INFO,
			   "MGR: links of PPPoE sessions are TAP devices here, without rings: %s",
			   found->ring_failed);
	}
	if (found->filter_error) {
		errno = -found->filter_error;
		log_system(LOG_WARNING,
			   "MGR: links of PPPoE sessions are without a filter (kernel modules "
			   "sch_ingress and cls_bpf), a pptpctrl in the wrong hands could send "
			   "other packets: %s",
			   found->filter_failed);
	}
}

static void tell_found(const struct channel_trust *trust)
{
	const struct channel_findings *found = &trust->found;

	if (!found->answered) {
		log_warning("MGR: %s does not answer: calls use pseudo-terminals for now",
			    trust->ppp);
		return;
	}
	if (!found->has_plugin) {
		log_warning("MGR: %s does not take %s (%s): all calls use pseudo-terminals",
			    trust->ppp, PPPD_CHANNEL_PLUGIN, found->problem);
		return;
	}
	tell_missing(IPC_CHANNEL_KERNEL, found->kernel_error, "kernel");
	tell_missing(IPC_CHANNEL_PPPOE, found->pppoe_error, found->pppoe_failed);
	tell_links(found);
}

/* What is known of a pppd that is the same as before holds on. */
static void take(struct channel_trust *trust, const struct channel_findings *found, bool say_all)
{
	bool same = memcmp(found, &trust->found, sizeof(*found)) == 0;

	memcpy(&trust->found, found, sizeof(*found)); /* with its padding */
	if (!same) {
		trust->on_trial = false;
		trust->distrusted_until = mono_now();
		trust->distrust_s = 0;
	}
	if (!same || say_all)
		tell_found(trust);
	trust->next_look = mono_add_ms(mono_now(), found->answered ? 0 : NEXT_LOOK_MS);
}

void channel_trust_open(struct channel_trust *trust, const char *ppp)
{
	struct channel_findings found;

	memset(trust, 0, sizeof(*trust));
	trust->answer[0] = trust->answer[1] = -1;
	trust->ppp = ppp;
	trust->distrusted_until = mono_now();
	if (!ppp)
		return;
	channel_probe(ppp, FIRST_PATIENCE_MS, &found);
	take(trust, &found, true);
}

/* In a process of its own. */
static int look(void *context)
{
	const struct channel_trust *trust = context;
	struct channel_findings found;

	channel_probe(trust->ppp, PATIENCE_MS, &found);
	return write(trust->answer[1], &found, sizeof(found)) == (ssize_t)sizeof(found) ? 0 : 1;
}

static void on_looked(void *context, int status)
{
	struct channel_trust *trust = context;
	struct channel_findings found;
	bool say_all = trust->say_all,
	     has = status == 0 &&
		   read(trust->answer[0], &found, sizeof(found)) == (ssize_t)sizeof(found);

	fdio_close(&trust->answer[0]);
	fdio_close(&trust->answer[1]);
	trust->looking = trust->say_all = false;
	if (has)
		take(trust, &found, say_all);
	else
		trust->next_look = mono_add_ms(mono_now(), NEXT_LOOK_MS);
	if (trust->look_again)
		channel_trust_look(trust);
}

/* One at a time. False, logged, if it cannot be had. */
static bool begin_look(struct channel_trust *trust)
{
	trust->look_again = false;
	if (pipe2(trust->answer, O_CLOEXEC | O_NONBLOCK) == 0) {
		trust->looking =
			errand_start(trust->errands, look, on_looked, trust, ERRAND_TIMEOUT_S);
		if (trust->looking)
			return true;
		fdio_close(&trust->answer[0]);
		fdio_close(&trust->answer[1]);
	}
	log_system(LOG_WARNING, "MGR: process that looks for PPP channels");
	trust->next_look = mono_add_ms(mono_now(), NEXT_LOOK_MS);
	return false;
}

void channel_trust_look(struct channel_trust *trust)
{
	if (!trust->ppp || !trust->errands)
		return;
	trust->say_all = true;
	if (trust->looking)
		trust->look_again = true; /* that one may have seen what was before */
	else
		(void)begin_look(trust);
}

void channel_trust_start(struct channel_trust *trust, struct errands *errands)
{
	trust->errands = errands;
	if (trust->ppp && !trust->found.answered)
		channel_trust_look(trust);
}

/* Once it is due: pppd did not answer the last time, or was replaced without a word to us. */
static bool must_look(const struct channel_trust *trust, const struct channel_files *files)
{
	return trust->errands && !trust->looking && !mono_before(mono_now(), trust->next_look) &&
	       (!trust->found.answered || memcmp(files, &trust->found.files, sizeof(*files)) != 0);
}

bool channel_trust_may_use(struct channel_trust *trust)
{
	struct channel_files files;

	if (!trust->ppp)
		return false;
	channel_files_look(trust->ppp, &files);
	if (must_look(trust, &files))
		(void)begin_look(trust);
	return trust->found.has_plugin && !trust->on_trial &&
	       !mono_before(mono_now(), trust->distrusted_until) &&
	       memcmp(&files, &trust->found.files, sizeof(files)) == 0;
}

bool channel_trust_has(const struct channel_trust *trust, enum ipc_channel channel)
{
	const struct channel_findings *found = &trust->found;

	return found->has_plugin &&
	       (channel == IPC_CHANNEL_KERNEL ? found->kernel_error : found->pppoe_error) == 0;
}

struct link_wish channel_trust_link(const struct channel_trust *trust, enum link_size size,
				    unsigned calls)
{
	return (struct link_wish){
		.kind = trust->found.ring_error ? IPC_LINK_TAP : IPC_LINK_RING,
		.with_filter = !trust->found.filter_error,
		.size = size,
		.calls = calls,
	};
}

void channel_trust_plugin_failed(struct channel_trust *trust, pid_t pppd, int wait_status)
{
	if (trust->on_trial || mono_before(mono_now(), trust->distrusted_until))
		return;
	trust->on_trial = true;
	trust->failed_pid = pppd;
	trust->failed_status = wait_status;
}

void channel_trust_plugin_runs(struct channel_trust *trust)
{
	trust->distrust_s = 0;
}

static void tell_distrust(const struct channel_trust *trust)
{
	int status = trust->failed_status;
	bool killed = WIFSIGNALED(status);

	log_warning("MGR: pppd[%ld] %s %d before PPP ran, which it does without our "
		    "plugin: PPP channel pty is used for %lld s",
		    (long)trust->failed_pid, killed ? "was killed by signal" : "ended with status",
		    killed ? WTERMSIG(status) : WEXITSTATUS(status), (long long)trust->distrust_s);
}

void channel_trust_pty_told(struct channel_trust *trust, bool runs)
{
	if (!trust->on_trial)
		return;
	trust->on_trial = false;
	if (!runs)
		return;
	trust->distrust_s = trust->distrust_s ? MIN(2 * trust->distrust_s, CHANNEL_DISTRUST_MAX_S)
					      : CHANNEL_DISTRUST_S;
	trust->distrusted_until = mono_add_ms(mono_now(), trust->distrust_s * 1000);
	tell_distrust(trust);
	if (trust->errands && !trust->looking)
		(void)begin_look(trust);
}
