// SPDX-License-Identifier: GPL-2.0-or-later
/* Times as people write and read them; see the header. */
#include "pptpd/ctl/times.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pptpd/base/util.h"

static const struct {
	char letter;
	uint32_t seconds;
} units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}};

bool times_parse_duration(const char *text, uint32_t *ret_seconds)
{
	uint32_t number = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		number = number * 10 + (uint32_t)(*text - '0');
		if (number > TIMES_DURATION_MAX_S)
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (text[0] != units[i].letter || text[1])
			continue;
		if (number == 0 || number > TIMES_DURATION_MAX_S / units[i].seconds)
			return false;
		*ret_seconds = number * units[i].seconds;
		return true;
	}
	return false;
}

const char *times_text(int64_t time, char out[TIMES_TEXT_MAX])
{
	time_t seconds = (time_t)time;
	struct tm parts;

	if (!localtime_r(&seconds, &parts) ||
	    strftime(out, TIMES_TEXT_MAX, "%Y-%m-%d %H:%M", &parts) == 0)
		(void)snprintf(out, TIMES_TEXT_MAX, "(time %lld)", (long long)time);
	return out;
}
