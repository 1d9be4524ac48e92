/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table of pptpd's settings: directive, command line option, kind, default, help. */
#ifndef PPTPD_CONF_KEYWORD_H
#define PPTPD_CONF_KEYWORD_H

#include <stddef.h>

enum conf_value_kind {
	CONF_VALUE_FLAG,    /* on when present, whatever follows */
	CONF_VALUE_TEXT,    /* char * */
	CONF_VALUE_WORD,    /* char *; an empty one is as good as none */
	CONF_VALUE_NUMBER,  /* unsigned, min to max */
	CONF_VALUE_COUNT,   /* the same, but a file that Poptop ran with does not keep us from it */
	CONF_VALUE_LISTEN,  /* rrp-listen, may be repeated */
	CONF_VALUE_CHANNEL, /* ppp-channel, the same */
	CONF_VALUE_COMMAND, /* command line only: something else to do than run */
};

struct conf_keyword {
	const char *directive; /* NULL: command line only */
	const char *option;    /* long option, NULL: file only */
	int letter;            /* short option, 0: none */
	enum conf_value_kind kind;
	size_t offset;     /* of the member of struct conf */
	unsigned min, max; /* of a number */
	const char *default_value;
	const char *argument; /* its name in the help text, NULL: takes none */
	const char *help;
};

extern const struct conf_keyword conf_keywords[];
extern const size_t conf_keyword_count;

#endif
