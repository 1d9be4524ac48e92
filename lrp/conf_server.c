/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value of lrp.conf's key `server`; see lrp/conf.h. */
#include <string.h>

#include "lrp/conf.h"
#include "pptpd/base/util.h"

/* HOST pin NODEID, or HOST ca FILE verify-host NAME. */
#define WORDS_MAX 5

#define BLANKS " \t"

/* Room for the longest sound value. */
#define VALUE_MAX (2 * ADDRESS_HOST_MAX + PATH_MAX + 64)

/* Splits `text` in place. Returns how many words there are, at most `max` + 1. */
static size_t split(char *text, char *words[], size_t max)
{
	size_t count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(text, BLANKS, &rest); word && count <= max;
	     word = strtok_r(NULL, BLANKS, &rest)) {
		if (count < max)
			words[count] = word;
		count++;
	}
	return count;
}

static bool take_host(const char *word, struct lrp_conf_server *server)
{
	for (const char *c = word; *c; c++) {
		if (*c < '!' || *c > '~')
			return false;
	}
	return address_split_host_port(word, RRP_PORT, server->host, &server->port) &&
	       *server->host && server->port;
}

static bool take_ca(const char *word, struct lrp_conf_server *server)
{
	if ((word[0] != '/' && strcmp(word, "system") != 0) || strlen(word) >= sizeof(server->ca))
		return false;
	memcpy(server->ca, word, strlen(word) + 1);
	memcpy(server->verify_host, server->host, sizeof(server->verify_host));
	return true;
}

static bool take_verify_host(const char *word, struct lrp_conf_server *server)
{
	if (!*server->ca || strlen(word) >= sizeof(server->verify_host))
		return false;
	memcpy(server->verify_host, word, strlen(word) + 1);
	return true;
}

static bool take_pin(const char *word, struct lrp_conf_server *server)
{
	server->pinned = node_id_parse(word, &server->pin);
	return server->pinned;
}

/* Each stands before its value. */
static const struct {
	const char *word;
	bool (*take)(const char *word, struct lrp_conf_server *server);
	const char *expected;
} options[] = {
	{"pin", take_pin, "HOST[:PORT] pin NODEID, which has 52 letters and digits"},
	{"ca", take_ca, "HOST[:PORT] ca FILE (a path that begins with /) or ca system"},
	{"verify-host", take_verify_host, "HOST[:PORT] ca FILE verify-host NAME"},
};

/* False with *ret_expected as what went wrong needs it. */
static bool take_option(const char *word, const char *value, struct lrp_conf_server *server,
			const char **ret_expected)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strcmp(options[i].word, word) != 0)
			continue;
		*ret_expected = options[i].expected;
		return options[i].take(value, server);
	}
	return false;
}

bool lrp_conf_parse_server(const char *value, struct lrp_conf_server *ret_server,
			   const char **ret_expected)
{
	struct lrp_conf_server server = {0};
	char text[VALUE_MAX];
	char *words[WORDS_MAX];
	size_t count;

	*ret_expected = "HOST, HOST:PORT, or [IPV6]:PORT, and then pin NODEID or ca FILE";
	if (strlen(value) >= sizeof(text))
		return false;
	memcpy(text, value, strlen(value) + 1);
	count = split(text, words, WORDS_MAX);
	if (count > WORDS_MAX || count % 2 == 0 || !take_host(words[0], &server))
		return false;
	for (size_t i = 1; i < count; i += 2) {
		if (!take_option(words[i], words[i + 1], &server, ret_expected))
			return false;
	}
	if (server.pinned && *server.ca) {
		*ret_expected = "HOST[:PORT] with pin or with ca, not with both";
		return false;
	}
	*ret_server = server;
	return true;
}
