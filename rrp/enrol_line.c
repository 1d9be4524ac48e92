// SPDX-License-Identifier: GPL-2.0-or-later
/* The enrolment line; see the header. */
#include "rrp/enrol_line.h"

#include <stdio.h>
#include <string.h>

#include "rrp/tunnel.h"

#define BLANKS " \t\r\n"

bool enrol_line_host_valid(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-:%";

	return *host && strspn(host, allowed) == strlen(host);
}

const char *enrol_line_format(const struct enrol_line *line, char out[ENROL_LINE_MAX])
{
	char pin[NODE_ID_TEXT_LEN + 1], secret[BASE32_LEN(ENROL_SECRET_LEN) + 1];
	bool bracketed = strchr(line->host, ':') != NULL;

	(void)snprintf(out, ENROL_LINE_MAX, ENROL_LINE_COMMAND "%s%s%s:%u/%s/%s",
		       bracketed ? "[" : "", line->host, bracketed ? "]" : "", line->port,
		       node_id_text(&line->pin, pin),
		       base32_encode(line->secret, ENROL_SECRET_LEN, secret));
	explicit_bzero(secret, sizeof(secret));
	return out;
}

/* The next part up to `end`, cut off with a terminator; NULL if there is no such character. */
static char *cut(char **text, char end)
{
	char *part = *text, *at = strchr(part, end);

	if (!at)
		return NULL;
	*at = '\0';
	*text = at + 1;
	return part;
}

/* Skips one word of the command if it stands there. */
static const char *skip_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	text += strspn(text, BLANKS);
	if (strncmp(text, word, len) == 0 && text[len] && strchr(BLANKS, text[len]))
		text += len + strspn(text + len, BLANKS);
	return text;
}

static const char *parse_parts(char *text, struct enrol_line *line)
{
	const char *address = cut(&text, '/'), *pin = address ? cut(&text, '/') : NULL;

	if (!pin)
		return "expected HOST:PORT/PIN/SECRET, as \"pptpd-ctl lrp add\" printed it";
	if (!address_split_host_port(address, RRP_PORT, line->host, &line->port) ||
	    !enrol_line_host_valid(line->host))
		return "what stands before the first / is no HOST:PORT";
	if (!node_id_parse(pin, &line->pin))
		return "the server's ID between the slashes is damaged: copy the line whole";
	if (!base32_decode(text, line->secret, ENROL_SECRET_LEN))
		return "the secret at its end is damaged: copy the line whole";
	return NULL;
}

bool enrol_line_parse(const char *text, struct enrol_line *ret_line, const char **ret_error)
{
	struct enrol_line line = {.port = 0};
	char copy[ENROL_LINE_MAX];
	const char *error;
	size_t len;

	text = skip_word(skip_word(text, "lrp"), "enrol");
	len = strcspn(text, BLANKS);
	if (len >= sizeof(copy) || text[len + strspn(text + len, BLANKS)]) {
		*ret_error = "expected one word, HOST:PORT/PIN/SECRET";
		return false;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	error = parse_parts(copy, &line);
	if (error)
		*ret_error = error;
	else
		*ret_line = line;
	explicit_bzero(copy, sizeof(copy));
	explicit_bzero(&line, sizeof(line));
	return !error;
}
