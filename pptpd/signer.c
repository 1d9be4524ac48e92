/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owning a signer; see the header. Runs as root. */
#include "pptpd/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/log.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/rate_limit.h"
#include "pptpd/base/signer_link.h"
#include "pptpd/base/util.h"
#include "pptpd/conf.h"

/* To make a key and read a file, on a busy box. */
#define READY_TIMEOUT_MS 10000

/* Until one that died is started anew: twice as long each time, up to the second one. */
#define RESTART_FIRST_S 1.
#define RESTART_MAX_S   60.

/* The line that says that handshakes fail: once, then every so many milliseconds. */
#define ABSENT_LOG_BURST     1
#define ABSENT_LOG_REFILL_MS 10000

/* One process: the one that serves, or the one that is to take its place. */
struct instance {
	struct signer *signer;
	pid_t pid;   /* 0: none */
	int control; /* -1: none */
	struct ev_child exited;
};

/* What of a file changes when its content does. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
};

struct signer {
	struct ev_loop *loop; /* NULL until it is watched */
	char *program;
	const struct conf *conf;
	struct account account;
	struct node_id id;
	struct instance serving;
	struct instance next;
	struct ev_io next_ready;
	struct ev_timer next_late;
	struct ev_timer restart;
	double restart_s;
	struct file_mark marks[2]; /* key, certificate */
	struct rate_limit absent_limit;
};

static struct file_mark mark_of(const char *path)
{
	struct stat status;

	if (!path || stat(path, &status) != 0)
		return (struct file_mark){.inode = 0};
	return (struct file_mark){
		.device = status.st_dev,
		.inode = status.st_ino,
		.size = status.st_size,
		.modified = status.st_mtim,
	};
}

static bool same_mark(const struct file_mark *a, const struct file_mark *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified.tv_sec == b->modified.tv_sec &&
	       a->modified.tv_nsec == b->modified.tv_nsec;
}

/* Whether a file has changed since the last time. */
static bool take_marks(struct signer *signer)
{
	const struct file_mark fresh[] = {mark_of(signer->conf->rrp_key),
					  mark_of(signer->conf->rrp_certificate)};
	bool changed = false;

	for (size_t i = 0; i < ARRAY_SIZE(fresh); i++) {
		changed |= !same_mark(&fresh[i], &signer->marks[i]);
		signer->marks[i] = fresh[i];
	}
	return changed;
}

/* In the new process: only async-signal-safe calls. */
static void exec_signer(const char *program, int control)
{
	char *const words[] = {(char *)(uintptr_t)program, NULL};
	char *const environment[] = {NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	/* dup2() clears close-on-exec, but does nothing if the number is already right. */
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
	    (SANITIZED /* whose reports nobody else would bring */
	     || dup2(null, STDERR_FILENO) >= 0) &&
	    (control == SIGNER_CONTROL_FD
		     ? fcntl(control, F_SETFD, 0) == 0
		     : dup2(control, SIGNER_CONTROL_FD) == SIGNER_CONTROL_FD)) {
		(void)close_range(SIGNER_CONTROL_FD + 1, ~0U, 0);
		(void)execve(program, words, environment);
	}
	_exit(127);
}

static void fill_settings(const struct signer *signer, struct signer_settings *settings)
{
	const struct conf *conf = signer->conf;

	memset(settings, 0, sizeof(*settings));
	(void)snprintf(settings->key_path, sizeof(settings->key_path), "%s", conf->rrp_key);
	(void)snprintf(settings->certificate_path, sizeof(settings->certificate_path), "%s",
		       conf->rrp_certificate ? conf->rrp_certificate : "");
	settings->create = !conf->rrp_certificate; /* a certificate has its key already */
	settings->uid = signer->account.uid;
	settings->gid = signer->account.gid;
}

/* The settings are there before the process is, so that it need not wait for them. */
static int send_settings(const struct signer *signer, int control)
{
	struct signer_settings settings;

	fill_settings(signer, &settings);
	return signer_link_start(control, &settings);
}

/* False, logged. */
static bool start_instance(struct signer *signer, struct instance *instance)
{
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
		log_system(LOG_ERR, "MGR: socket pair for %s", signer->program);
		return false;
	}
	error = send_settings(signer, pair[0]);
	instance->signer = signer;
	instance->pid = error ? -1 : fork();
	if (instance->pid == 0)
		exec_signer(signer->program, pair[1]);
	fdio_close(&pair[1]);
	if (instance->pid > 0) {
		instance->control = pair[0];
		return true;
	}
	errno = error ? -error : errno;
	log_system(LOG_ERR, "MGR: starting %s", signer->program);
	instance->pid = 0;
	fdio_close(&pair[0]);
	return false;
}

/* Nothing of it is wanted any more; without its control channel it ends by itself. */
static void drop_instance(struct instance *instance)
{
	if (instance->signer && instance->signer->loop)
		ev_child_stop(instance->signer->loop, &instance->exited);
	if (instance->pid > 0)
		(void)kill(instance->pid, SIGKILL);
	fdio_close(&instance->control);
	instance->pid = 0;
}

struct signer *signer_open(const char *program, const struct conf *conf,
			   const struct account *account)
{
	struct signer *signer = calloc(1, sizeof(*signer));
	char error[SIGNER_ERROR_MAX];

	if (!signer || !(signer->program = strdup(program))) {
		log_system(LOG_ERR, "MGR: signer");
		free(signer);
		return NULL;
	}
	signer->conf = conf;
	signer->account = *account;
	signer->serving.control = signer->next.control = -1;
	signer->restart_s = RESTART_FIRST_S;
	rate_limit_init(&signer->absent_limit, ABSENT_LOG_BURST, ABSENT_LOG_REFILL_MS, mono_now());
	if (!start_instance(signer, &signer->serving)) {
		signer_free(signer);
		return NULL;
	}
	if (!signer_link_wait_ready(signer->serving.control, READY_TIMEOUT_MS, &signer->id,
				    error)) {
		log_err("MGR: RRP has no key: %s", error);
		signer_free(signer);
		return NULL;
	}
	(void)take_marks(signer);
	return signer;
}

static void on_exited(struct ev_loop *loop, struct ev_child *watcher, int events);

static void watch_instance(struct instance *instance)
{
	ev_child_init(&instance->exited, on_exited, instance->pid, 0);
	instance->exited.data = instance;
	ev_child_start(instance->signer->loop, &instance->exited);
}

static void forget_next(struct signer *signer)
{
	ev_io_stop(signer->loop, &signer->next_ready);
	ev_timer_stop(signer->loop, &signer->next_late);
}

static void restart_later(struct signer *signer)
{
	if (signer->serving.pid || ev_is_active(&signer->restart))
		return;
	ev_timer_set(&signer->restart, signer->restart_s, 0.);
	ev_timer_start(signer->loop, &signer->restart);
	signer->restart_s = MIN(2 * signer->restart_s, RESTART_MAX_S);
}

static void fail_next(struct signer *signer, const char *why)
{
	log_err("MGR: the new signer does not serve%s: %s",
		signer->serving.pid ? ", the former one goes on" : "", why);
	forget_next(signer);
	drop_instance(&signer->next);
	restart_later(signer);
}

/* The new one takes the old one's place. Channels that were given out end with the old one. */
static void promote_next(struct signer *signer, const struct node_id *id)
{
	char text[NODE_ID_TEXT_LEN + 1];

	forget_next(signer);
	ev_child_stop(signer->loop, &signer->next.exited);
	drop_instance(&signer->serving);
	signer->serving = signer->next;
	signer->next = (struct instance){.control = -1};
	watch_instance(&signer->serving);
	if (!node_id_equal(id, &signer->id))
		log_warning("MGR: RRP node ID is %s now: LRPs that pin another one stay away",
			    node_id_text(id, text));
	else
		log_info("MGR: the signer was started anew");
	signer->id = *id;
}

static void on_next_ready(struct ev_loop *loop UNUSED, struct ev_io *io, int events UNUSED)
{
	struct signer *signer = io->data;
	char error[SIGNER_ERROR_MAX];
	struct node_id id;

	if (signer_link_wait_ready(signer->next.control, 0, &id, error))
		promote_next(signer, &id);
	else
		fail_next(signer, error);
}

static void on_next_late(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	fail_next(timer->data, "it does not answer");
}

static void start_next(struct signer *signer)
{
	if (signer->next.pid) /* the files may have changed since it read them */
		forget_next(signer);
	drop_instance(&signer->next);
	if (!start_instance(signer, &signer->next)) {
		restart_later(signer);
		return;
	}
	watch_instance(&signer->next);
	ev_io_set(&signer->next_ready, signer->next.control, EV_READ);
	ev_timer_set(&signer->next_late, READY_TIMEOUT_MS / 1000., 0.);
	ev_io_start(signer->loop, &signer->next_ready);
	ev_timer_start(signer->loop, &signer->next_late);
}

static void on_restart(struct ev_loop *loop UNUSED, struct ev_timer *timer, int events UNUSED)
{
	start_next(timer->data);
}

static void tell_ended(int status)
{
	if (WIFSIGNALED(status))
		log_err("MGR: the signer was killed by signal %d (%s); running tunnels go on",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_err("MGR: the signer ended with status %d; running tunnels go on",
			WEXITSTATUS(status));
}

static void on_exited(struct ev_loop *loop, struct ev_child *watcher, int events UNUSED)
{
	struct instance *instance = watcher->data;
	struct signer *signer = instance->signer;
	char error[SIGNER_ERROR_MAX];
	struct node_id id;

	ev_child_stop(loop, watcher);
	instance->pid = 0;
	if (instance == &signer->next) {
		/* What it said before it ended is still there to be read. */
		if (signer_link_wait_ready(instance->control, 0, &id, error))
			(void)snprintf(error, sizeof(error), "it ended");
		fail_next(signer, error);
		return;
	}
	tell_ended(watcher->rstatus);
	fdio_close(&instance->control);
	if (!signer->next.pid)
		restart_later(signer);
}

void signer_watch(struct signer *signer, struct ev_loop *loop)
{
	signer->loop = loop;
	ev_init(&signer->next_ready, on_next_ready);
	ev_timer_init(&signer->next_late, on_next_late, 0., 0.);
	ev_timer_init(&signer->restart, on_restart, 0., 0.);
	signer->next_ready.data = signer;
	signer->next_late.data = signer;
	signer->restart.data = signer;
	watch_instance(&signer->serving);
	ev_feed_signal_event(loop, SIGCHLD); /* in case that it has ended meanwhile */
}

void signer_free(struct signer *signer)
{
	if (!signer)
		return;
	if (signer->loop) {
		forget_next(signer);
		ev_timer_stop(signer->loop, &signer->restart);
	}
	drop_instance(&signer->next);
	drop_instance(&signer->serving);
	free(signer->program);
	free(signer);
}

const struct node_id *signer_node_id(const struct signer *signer)
{
	return &signer->id;
}

bool signer_channel(struct signer *signer, int *ret_channel)
{
	int error = signer->serving.control < 0
			    ? -ECONNREFUSED
			    : signer_link_channel(signer->serving.control, SIGNER_SERVER, 1,
						  ret_channel);
	unsigned refused;

	if (error == 0) {
		signer->restart_s = RESTART_FIRST_S;
		return true;
	}
	errno = -error;
	if (rate_limit_allow(&signer->absent_limit, mono_now(), &refused))
		log_system(LOG_ERR, "MGR: no signer for a tunnel's handshake");
	return false;
}

void signer_reload(struct signer *signer)
{
	if (take_marks(signer))
		start_next(signer);
}
