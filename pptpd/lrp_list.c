/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meaning of the lines about LRPs; see the header. */
#include "pptpd/lrp_list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pptpd/addr_pool.h"
#include "pptpd/base/util.h"
#include "pptpd/line_file.h"

#define BLANKS " \t\r"

/* An LRP has at most as many calls as there are call IDs. */
#define CALLS_MAX 65535

/* Hexadecimal digits of a hash. */
#define HASH_TEXT_LEN (2 * LRP_SECRET_HASH_LEN)

static bool PRINTF_LIKE(2, 3) complain(char error[LRP_ERROR_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(error, LRP_ERROR_MAX, format, args);
	va_end(args);
	return false;
}

bool lrp_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= LRP_NAME_MAX &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		       len;
}

static bool parse_number(const char *text, unsigned long long max, unsigned long long *ret_number)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || number > max)
		return false;
	*ret_number = number;
	return true;
}

static bool parse_calls(const char *value, struct lrp_options *options, char error[LRP_ERROR_MAX])
{
	unsigned long long number;

	if (!parse_number(value, CALLS_MAX, &number) || number == 0)
		return complain(error, "calls '%.32s': expected a number from 1 to %d", value,
				CALLS_MAX);
	options->calls = (unsigned)number;
	return true;
}

/* Names would have to be asked for whenever the list is read. */
static bool resolve_nothing(const char *name, struct in_addr *ret_address)
{
	return inet_pton(AF_INET, name, ret_address) == 1;
}

static bool parse_addresses(const char *value, struct lrp_options *options,
			    char error[LRP_ERROR_MAX])
{
	char item[IP_SPEC_ITEM_MAX];
	enum ip_spec_result result = ip_spec_parse(value, LRP_ADDRESSES_MAX, resolve_nothing,
						   &options->address_list, item);

	if (result == IP_SPEC_NO_MEMORY)
		return complain(error, "addresses: out of memory");
	if (result != IP_SPEC_OK)
		return complain(error,
				"addresses: '%.64s' is neither an address nor a range of them",
				item);
	options->addresses = strdup(value);
	return options->addresses || complain(error, "addresses: out of memory");
}

static bool parse_from(const char *value, struct lrp_options *options, char error[LRP_ERROR_MAX])
{
	const char *item = value;

	for (;;) {
		size_t len = strcspn(item, ",");
		char text[NET_TEXT_MAX];

		if (options->from_count == LRP_NETS_MAX)
			return complain(error, "from: more than %d networks", LRP_NETS_MAX);
		(void)snprintf(text, sizeof(text), "%.*s", (int)MIN(len, sizeof(text)), item);
		if (len >= sizeof(text) || !net_parse(text, &options->from[options->from_count]))
			return complain(error,
					"from: '%.48s' is no network, expected ADDRESS[/BITS]",
					text);
		options->from_count++;
		if (!item[len])
			return true;
		item += len + 1;
	}
}

static bool parse_disabled(const char *value UNUSED, struct lrp_options *options,
			   char error[LRP_ERROR_MAX] UNUSED)
{
	options->disabled = true;
	return true;
}

static const struct option_word {
	const char *word;
	bool has_value;
	bool (*parse)(const char *value, struct lrp_options *options, char error[LRP_ERROR_MAX]);
} option_words[] = {
	{"calls", true, parse_calls},
	{"addresses", true, parse_addresses},
	{"from", true, parse_from},
	{"disabled", false, parse_disabled},
};

/* The next word of *rest, which moves behind it, or NULL. Changes the text. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);

	if (!*word)
		return NULL;
	*rest = word + strcspn(word, BLANKS);
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

/* Adds the word, and its value, to the options' text. */
static bool keep_text(struct lrp_options *options, const char *word, const char *value)
{
	size_t used = strlen(options->text), room = sizeof(options->text) - used;
	int len = snprintf(options->text + used, room, "%s%s%s%s", used ? " " : "", word,
			   value ? " " : "", value ? value : "");

	return len >= 0 && (size_t)len < room;
}

static bool parse_option(const char *word, char **rest, unsigned *seen, struct lrp_options *options,
			 char error[LRP_ERROR_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(option_words); i++) {
		const struct option_word *row = &option_words[i];
		const char *value;

		if (strcmp(row->word, word) != 0)
			continue;
		if (*seen & 1U << i)
			return complain(error, "%s stands twice", word);
		*seen |= 1U << i;
		value = row->has_value ? next_word(rest) : NULL;
		if (row->has_value && !value)
			return complain(error, "%s needs a value", word);
		if (!row->parse(value, options, error))
			return false;
		return keep_text(options, word, value) || complain(error, "options too long");
	}
	return complain(error,
			"'%.32s' is no option: calls N, addresses LIST, from NET,..., disabled",
			word);
}

/* Parses what is left of a line, which it changes. */
static bool parse_options(char *rest, struct lrp_options *ret_options, char error[LRP_ERROR_MAX])
{
	struct lrp_options options = {0};
	unsigned seen = 0;
	bool good = true;

	for (char *word = next_word(&rest); word && good; word = good ? next_word(&rest) : NULL)
		good = parse_option(word, &rest, &seen, &options, error);
	if (good)
		*ret_options = options;
	else
		lrp_options_done(&options);
	return good;
}

bool lrp_options_parse(const char *text, struct lrp_options *ret_options,
		       char ret_error[LRP_ERROR_MAX])
{
	char *copy = strdup(text);
	bool good = copy ? parse_options(copy, ret_options, ret_error)
			 : complain(ret_error, "out of memory");

	free(copy);
	return good;
}

void lrp_options_done(struct lrp_options *options)
{
	free(options->addresses);
	ip_list_done(&options->address_list);
	options->addresses = NULL;
}

bool lrp_options_allow_source(const struct lrp_options *options, const struct address *remote)
{
	for (size_t i = 0; i < options->from_count; i++) {
		if (net_has(&options->from[i], remote))
			return true;
	}
	return options->from_count == 0;
}

bool lrp_options_allow_address(const struct lrp_options *options, struct in_addr address)
{
	for (size_t i = 0; i < options->address_list.count; i++) {
		if (options->address_list.addresses[i].s_addr == address.s_addr)
			return true;
	}
	return options->addresses == NULL;
}

/* addr_pool_filter */
static bool is_of_options(const void *options, struct in_addr remote)
{
	return remote.s_addr == htonl(INADDR_ANY) || lrp_options_allow_address(options, remote);
}

bool lrp_options_fit_pool(const struct lrp_options *options, const struct addr_pool *pool)
{
	return addr_pool_has(pool, is_of_options, options);
}

/* Whether there is something to parse: neither blank nor a comment. */
static bool has_words(const char *text)
{
	text += strspn(text, BLANKS);
	return *text && *text != '#';
}

static bool parse_lrp(char *rest, struct lrp *ret_lrp, char error[LRP_ERROR_MAX])
{
	const char *id = next_word(&rest), *name = next_word(&rest);
	struct lrp lrp = {.line = 0};

	if (!node_id_parse(id, &lrp.id))
		return complain(error, "'%.64s' is no node ID (%d characters of base32)", id,
				NODE_ID_TEXT_LEN);
	if (!name || !lrp_name_valid(name))
		return complain(error,
				"the name behind the node ID is missing or has other characters "
				"than letters, digits and ._-");
	(void)snprintf(lrp.name, sizeof(lrp.name), "%s", name);
	if (!parse_options(rest, &lrp.options, error))
		return false;
	*ret_lrp = lrp;
	return true;
}

int lrp_parse_line(const char *text, struct lrp *ret_lrp, char ret_error[LRP_ERROR_MAX])
{
	char *copy;
	bool good;

	if (!has_words(text))
		return 0;
	copy = strdup(text);
	good = copy ? parse_lrp(copy, ret_lrp, ret_error) : complain(ret_error, "out of memory");
	free(copy);
	return good ? 1 : -1;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hash(const char *text, uint8_t ret_hash[LRP_SECRET_HASH_LEN])
{
	if (strlen(text) != HASH_TEXT_LEN)
		return false;
	for (size_t i = 0; i < LRP_SECRET_HASH_LEN; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_hash[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Takes the word `used` off the line's end. */
static bool take_used(char *rest)
{
	size_t len = strlen(rest);
	char *word;

	while (len && strchr(BLANKS, rest[len - 1]))
		rest[--len] = '\0';
	word = len >= 4 ? rest + len - 4 : rest;
	if (strcmp(word, "used") != 0 || (word > rest && !strchr(BLANKS, word[-1])))
		return false;
	*word = '\0';
	return true;
}

static bool parse_invitation(char *rest, struct lrp_invitation *ret_invitation,
			     char error[LRP_ERROR_MAX])
{
	const char *hash = next_word(&rest), *expires = next_word(&rest), *name = next_word(&rest);
	struct lrp_invitation invitation = {.line = 0};
	unsigned long long seconds;

	if (!parse_hash(hash, invitation.secret_hash))
		return complain(error, "the first word is no SHA-256 hash");
	if (!expires || !parse_number(expires, INT64_MAX, &seconds))
		return complain(error, "the second word is no time in seconds since 1970");
	if (!name || !lrp_name_valid(name))
		return complain(error, "the third word is no name of an LRP");
	invitation.expires = (int64_t)seconds;
	(void)snprintf(invitation.name, sizeof(invitation.name), "%s", name);
	invitation.used = take_used(rest);
	if (!parse_options(rest, &invitation.options, error))
		return false;
	*ret_invitation = invitation;
	return true;
}

int lrp_parse_invitation(const char *text, struct lrp_invitation *ret_invitation,
			 char ret_error[LRP_ERROR_MAX])
{
	char *copy;
	bool good;

	if (!has_words(text))
		return 0;
	copy = strdup(text);
	good = copy ? parse_invitation(copy, ret_invitation, ret_error)
		    : complain(ret_error, "out of memory");
	free(copy);
	return good ? 1 : -1;
}
