/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work in copies of this process; see the header. Runs as root. */
#include "pptpd/errand.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/list.h"

struct errand {
	struct list link;
	struct errands *errands;
	pid_t pid;
	errand_done *done;
	void *context;
	struct ev_child exited;
	struct ev_timer too_late;
};

struct errands {
	struct ev_loop *loop;
	struct list list;
	unsigned count;
};

struct errands *errands_new(struct ev_loop *loop)
{
	struct errands *errands = calloc(1, sizeof(*errands));

	if (!errands)
		return NULL;
	errands->loop = loop;
	list_init(&errands->list);
	return errands;
}

static void forget(struct errand *errand)
{
	ev_child_stop(errand->errands->loop, &errand->exited);
	ev_timer_stop(errand->errands->loop, &errand->too_late);
	list_remove(&errand->link);
	errand->errands->count--;
	free(errand);
}

static void end(struct errand *errand)
{
	errand_done *done = errand->done;
	void *context = errand->context;

	(void)kill(errand->pid, SIGKILL);
	forget(errand);
	done(context, -1);
}

void errands_free(struct errands *errands)
{
	if (!errands)
		return;
	list_for_each (link, &errands->list)
		end(container_of(link, struct errand, link));
	free(errands);
}

void errands_make_place(struct errands *errands)
{
	if (errands->count >= ERRANDS_MAX) /* the list has the oldest first */
		end(container_of(errands->list.next, struct errand, link));
}

static void on_exited(struct ev_loop *loop UNUSED, struct ev_child *watcher, int events UNUSED)
{
	struct errand *errand = watcher->data;
	errand_done *done = errand->done;
	void *context = errand->context;
	int status = WIFEXITED(watcher->rstatus) ? WEXITSTATUS(watcher->rstatus) : -1;

	forget(errand);
	done(context, status);
}

static void on_too_late(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	const struct errand *errand = timer->data;

	(void)kill(errand->pid, SIGKILL); /* not yet reaped: the ID is still its own */
}

/* Ends with the manager; its signals are its own, and none of them is the manager's business. */
static void run(errand_work *work, void *context, pid_t parent)
{
	sigset_t none;

	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(101);
	_exit(work(context));
}

bool errand_start(struct errands *errands, errand_work *work, errand_done *done, void *context,
		  double timeout_s)
{
	struct errand *errand;
	pid_t self = getpid();

	if (errands->count >= ERRANDS_MAX) {
		errno = EAGAIN;
		return false;
	}
	errand = calloc(1, sizeof(*errand));
	if (!errand)
		return false;
	errand->pid = fork();
	if (errand->pid == 0)
		run(work, context, self);
	if (errand->pid < 0) {
		free(errand);
		return false;
	}
	errand->errands = errands;
	errand->done = done;
	errand->context = context;
	ev_child_init(&errand->exited, on_exited, errand->pid, 0);
	ev_timer_init(&errand->too_late, on_too_late, timeout_s, 0.);
	errand->exited.data = errand;
	errand->too_late.data = errand;
	ev_child_start(errands->loop, &errand->exited);
	ev_timer_start(errands->loop, &errand->too_late);
	list_append(&errands->list, &errand->link);
	errands->count++;
	return true;
}
