/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of lrp/worker_serve.c: a confined worker that was taken over. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pptpd/base/log.h"
#include "pptpd/base/util.h"
#include "tests/compromised/lrp/compromised.h"

/* Lines may be lost to the log's limits, these are not. */
static unsigned tried, succeeded;

void compromised_try(const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const long *arguments = attempts[i].arguments;
		long result = syscall(attempts[i].call, arguments[0], arguments[1], arguments[2],
				      arguments[3], arguments[4], arguments[5]);

		if (result == 0 && attempts[i].call == SYS_clone)
			_exit(0); /* the new process */
		tried++;
		if (result < 0) {
			log_notice("compromised: %s: stopped (%s)", attempts[i].name,
				   strerror(errno));
		} else {
			succeeded++;
			log_notice("compromised: %s: SUCCEEDED", attempts[i].name);
		}
	}
}

/* Then serves, so that whoever watches can look at the process. */
bool worker_serve(struct service *service, const struct worker_settings *settings)
{
	/* The service has taken the capture over, but that is where it was. */
	compromised_try_system(settings->parent);
	compromised_try_network(settings, capture_fd(settings->capture));
	compromised_try_parent(settings->link);
	log_notice("compromised: nothing more to try: %u attempts, %u succeeded", tried, succeeded);
	compromised_flood_parent(settings->link);
	return service_run(service);
}
