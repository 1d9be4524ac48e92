/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of lrp/worker_serve.c: a confined worker that was taken over. */
#include "tests/compromised/lrp/compromised.h"

/* Then serves, so that whoever watches can look at the process. */
bool worker_serve(struct service *service, const struct worker_settings *settings)
{
	/* The service has taken the capture over, but that is where it was. */
	attempt_system(settings->parent);
	compromised_try_network(settings, capture_fd(settings->capture));
	compromised_try_parent(settings->link);
	attempt_tell();
	compromised_flood_parent(settings->link);
	return service_run(service);
}
