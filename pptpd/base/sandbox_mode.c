/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for a sandbox's mode, apart from it: who reads them needs no libseccomp. */
#include "pptpd/base/sandbox.h"

#include <string.h>

#include "pptpd/base/util.h"

static const char *const words[] = {
	[SANDBOX_ENFORCE] = "enforce",
	[SANDBOX_LOG] = "log",
	[SANDBOX_OFF] = "off",
};

bool sandbox_mode_parse(const char *text, enum sandbox_mode *ret_mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		*ret_mode = (enum sandbox_mode)i;
		return true;
	}
	return false;
}
