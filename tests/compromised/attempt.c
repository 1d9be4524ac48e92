/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes attempts and counts them; see the header. */
#include "tests/compromised/attempt.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pptpd/base/log.h"

static unsigned tried, succeeded;

void attempt_all(const struct attempt *attempts, size_t count)
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

void attempt_tell(void)
{
	log_notice("compromised: %u attempts, %u succeeded", tried, succeeded);
}
