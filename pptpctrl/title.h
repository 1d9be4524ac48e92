/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process title that status scripts look for: "pptpd [CLIENT:PEERCALL - OURCALL]". */
#ifndef PPTPCTRL_TITLE_H
#define PPTPCTRL_TITLE_H

#include "pptpd/base/util.h"

/* Remembers where the title goes: over the program's first word, which came with room behind. */
void title_init(char **argv);

/* Cut to the room that there is. */
void title_set(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
