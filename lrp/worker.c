/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's start; see the header. */
#include "lrp/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lrp/sandbox.h"
#include "pptpd/base/log.h"

/* What TLS trusts, from the administrator's file, which may be root's to read. */
static bool load_anchors(const struct worker_settings *settings, struct tls_anchors **ret_anchors)
{
	const char *ca = settings->conf->server.ca;
	char error[TLS_ERROR_MAX];

	if (settings->signer < 0 || !*ca)
		return true;
	*ret_anchors = tls_anchors_new(ca, error);
	if (!*ret_anchors)
		log_err("ca %s", error);
	return *ret_anchors != NULL;
}

static bool become_user(const struct worker_settings *settings)
{
	int error = privileges_drop(&settings->account);

	if (!error)
		error = privileges_end_with_parent(settings->parent, SIGKILL);
	if (!error)
		error = privileges_start_nothing();
	if (error)
		log_err("the worker cannot give up its privileges: %s", strerror(-error));
	return !error;
}

/* Our certificate. Not as root: the signer, whose answer it is, might have been taken over. */
static bool take_identity(const struct worker_settings *settings,
			  struct tls_identity **ret_identity)
{
	char error[TLS_ERROR_MAX];

	if (settings->signer < 0)
		return true;
	*ret_identity = tls_identity_new(settings->signer, error);
	if (!*ret_identity)
		log_err("the worker gets no certificate: %s", error);
	return *ret_identity != NULL;
}

/* True when the process is as harmless as it can be; else it says why not. */
static bool filter_calls(const struct worker_settings *settings)
{
	const struct lrp_descriptors descriptors = {
		.packet = capture_fd(settings->capture),
		.raw_gre = settings->sockets.raw_gre,
		.signer = settings->signer,
	};
	int error = lrp_sandbox_enter(&descriptors, settings->conf->seccomp);

	if (error == -ENOSYS) {
		log_warning("this kernel has no seccomp: the worker has no privileges, but may "
			    "make any system call");
		return true;
	}
	if (error)
		log_err("the worker's system calls cannot be limited: %s; "
			"\"seccomp off\" does without",
			strerror(-error));
	return !error;
}

static bool serve(const struct worker_settings *settings, const struct service_settings *parts)
{
	struct service *service = service_new(parts);
	bool served = false;

	if (!service) {
		log_system(LOG_ERR, "the worker cannot start");
		return false;
	}
	if (filter_calls(settings) && parent_link_ready(parts->link) == 0)
		served = worker_serve(service, settings);
	log_init(log_sink_stderr, NULL, false);
	service_free(service);
	return served;
}

int worker_run(const struct worker_settings *settings)
{
	struct parent_link *link = parent_link_new(settings->link);
	struct service_settings parts = {
		.conf = settings->conf,
		.sockets = settings->sockets,
		.capture = settings->capture,
		.link = link,
	};
	struct tls_anchors *anchors = NULL;
	bool served = false;

	if (!link)
		return EXIT_FAILURE;
	log_init(parent_link_log, link, settings->debug);
	if (load_anchors(settings, &anchors) && become_user(settings) &&
	    take_identity(settings, &parts.identity)) {
		parts.anchors = anchors;
		served = serve(settings, &parts);
	}
	tls_anchors_free(anchors);
	tls_identity_free(parts.identity);
	return served ? EXIT_SUCCESS : EXIT_FAILURE;
}
