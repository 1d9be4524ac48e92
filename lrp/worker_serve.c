/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a confined worker does; see the header. */
#include "lrp/worker.h"

#include "pptpd/base/util.h"

bool worker_serve(struct service *service, const struct worker_settings *settings UNUSED)
{
	return service_run(service);
}
