/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clock that may stand still; see the header. What stops it is inherited over exec(). */
#include "tests/unit/pptpd_clock.h"

#include <stdbool.h>
#include <stdlib.h>

#include "pptpd/base/mono.h"

#define STANDS "PPTPD_TEST_CLOCK_STANDS"

struct mono __real_mono_now(void);
struct mono __wrap_mono_now(void);

struct mono __wrap_mono_now(void)
{
	static struct mono first;
	static bool was_asked, stands;

	if (!was_asked) {
		first = __real_mono_now();
		stands = getenv(STANDS) != NULL;
		was_asked = true;
	}
	return stands ? first : __real_mono_now();
}

int clock_stand(int (*set_up)(void **state), void **state)
{
	int status;

	(void)setenv(STANDS, "1", 1);
	status = set_up(state);
	(void)unsetenv(STANDS);
	return status;
}
