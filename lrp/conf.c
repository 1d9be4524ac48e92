/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyword table of lrp.conf and what reads a file by it; see the header. */
#include "lrp/conf.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lrp/nearest_word.h"
#include "pptpd/base/conf_file.h"
#include "pptpd/base/log.h"
#include "pptpd/base/util.h"

/* A key's value as an error text shows it. */
#define VALUE_SHOWN_MAX 64

/* Longest "expected" text that names numbers: set by take_number() in a buffer of the reader. */
#define EXPECTED_MAX 64

static void *field(struct lrp_conf *conf, const struct lrp_conf_key *key)
{
	return (char *)conf + key->offset;
}

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

static bool take_flag(struct lrp_conf *conf, const struct lrp_conf_key *key,
		      const char *value UNUSED, const char **ret_expected UNUSED)
{
	*(bool *)field(conf, key) = true;
	return true;
}

static bool take_number(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
			const char **ret_expected)
{
	unsigned number = 0;

	*ret_expected = NULL; /* the table's limits say it */
	if (!*value)
		return false;
	for (; *value; value++) {
		if (*value < '0' || *value > '9' || number > key->max)
			return false;
		number = number * 10 + (unsigned)(*value - '0');
	}
	if (number < key->min || number > key->max)
		return false;
	*(unsigned *)field(conf, key) = number;
	return true;
}

static bool take_interface(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
			   const char **ret_expected)
{
	*ret_expected = "the name of an interface (at most 15 characters)";
	if (strlen(value) >= IF_NAMESIZE || !is_printable(value) || strpbrk(value, " /"))
		return false;
	memcpy(field(conf, key), value, strlen(value) + 1);
	return true;
}

static bool take_listen(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
			const char **ret_expected)
{
	struct in_addr in;

	*ret_expected = "one IPv4 address of the interface";
	if (inet_pton(AF_INET, value, &in) != 1 || in.s_addr == htonl(INADDR_ANY) ||
	    in.s_addr == htonl(INADDR_BROADCAST) || IN_MULTICAST(ntohl(in.s_addr)))
		return false;
	*(struct in_addr *)field(conf, key) = in;
	return true;
}

static bool take_server(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
			const char **ret_expected)
{
	return lrp_conf_parse_server(value, field(conf, key), ret_expected);
}

static bool take_security(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
			  const char **ret_expected)
{
	*ret_expected = "tls or plain";
	if (strcmp(value, "tls") != 0 && strcmp(value, "plain") != 0)
		return false;
	*(enum lrp_security *)field(conf, key) =
		strcmp(value, "tls") == 0 ? LRP_SECURITY_TLS : LRP_SECURITY_PLAIN;
	return true;
}

static bool take_user(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
		      const char **ret_expected)
{
	*ret_expected = "the name of a user other than root";
	if (strlen(value) > LRP_CONF_USER_MAX || !is_printable(value) || strchr(value, ' ') ||
	    strcmp(value, "root") == 0)
		return false;
	memcpy(field(conf, key), value, strlen(value) + 1);
	return true;
}

static bool take_seccomp(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
			 const char **ret_expected)
{
	*ret_expected = "enforce, log or off";
	return sandbox_mode_parse(value, field(conf, key));
}

static bool take_name(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
		      const char **ret_expected)
{
	*ret_expected = "at most 64 printable ASCII characters";
	if (strlen(value) > RRP_NAME_MAX || !is_printable(value))
		return false;
	memcpy(field(conf, key), value, strlen(value) + 1);
	return true;
}

static bool take_path(struct lrp_conf *conf, const struct lrp_conf_key *key, const char *value,
		      const char **ret_expected)
{
	*ret_expected = "a path that begins with /";
	if (value[0] != '/' || strlen(value) >= PATH_MAX)
		return false;
	memcpy(field(conf, key), value, strlen(value) + 1);
	return true;
}

#define FIELD(name) .offset = offsetof(struct lrp_conf, name)

static const struct lrp_conf_key keys[] = {
	{.word = "interface", .required = true, .take = take_interface, FIELD(interface)},
	{.word = "listen", .take = take_listen, FIELD(listen)},
	{.word = "server", .required = true, .take = take_server, FIELD(server)},
	{.word = "security", .initial = "tls", .take = take_security, FIELD(security)},
	{.word = "plain-anywhere", .flag = true, .take = take_flag, FIELD(plain_anywhere)},
	{.word = "key", .take = take_path, FIELD(key)},
	{.word = "user", .initial = "lrp", .take = take_user, FIELD(user)},
	{.word = "seccomp", .initial = "enforce", .take = take_seccomp, FIELD(seccomp)},
	{.word = "name", .take = take_name, FIELD(name)},
	/* Each call costs its pppd on the server, and 64 packets of reordering here. */
	{.word = "connections",
	 .min = 1,
	 .max = 4096,
	 .initial = "100",
	 .take = take_number,
	 FIELD(connections)},
	{.word = "start-timeout",
	 .min = 1,
	 .max = 300,
	 .initial = "10",
	 .take = take_number,
	 FIELD(start_timeout_s)},
	/* Both 60 as in RFC 2637 3.1.4. */
	{.word = "echo-interval",
	 .min = 1,
	 .max = 3600,
	 .initial = "60",
	 .take = take_number,
	 FIELD(echo_interval_s)},
	{.word = "echo-timeout",
	 .min = 1,
	 .max = 3600,
	 .initial = "60",
	 .take = take_number,
	 FIELD(echo_timeout_s)},
	{.word = "keepalive",
	 .min = 1,
	 .max = 3600,
	 .initial = "15",
	 .take = take_number,
	 FIELD(keepalive_s)},
	{.word = "debug", .flag = true, .take = take_flag, FIELD(debug)},
	{.word = "pidfile", .initial = "/run/lrp.pid", .take = take_path, FIELD(pidfile)},
};

/* What one reading of a file has found so far. */
struct reading {
	struct lrp_conf conf;
	unsigned first_line[ARRAY_SIZE(keys)]; /* of each key, 0: not seen */
	lrp_conf_report *report;
	void *context;
	bool failed;
};

const struct lrp_conf_key *lrp_conf_key_at(size_t index)
{
	return index < ARRAY_SIZE(keys) ? &keys[index] : NULL;
}

static const char *word_at(size_t index)
{
	return index < ARRAY_SIZE(keys) ? keys[index].word : NULL;
}

static void complain(struct reading *reading, unsigned line, const char *format, ...)
	PRINTF_LIKE(3, 4);

static void complain(struct reading *reading, unsigned line, const char *format, ...)
{
	char text[LRP_CONF_ERROR_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* a cut text is still a text */
	va_end(args);
	reading->failed = true;
	reading->report(reading->context, line, text);
}

static void note_line(void *context, unsigned line, enum conf_note note, const char *text UNUSED)
{
	struct reading *reading = context;

	if (note == CONF_NOTE_LEADING_BLANK)
		complain(reading, line,
			 "the line begins with a blank: a key must be in the first column");
	else if (note == CONF_NOTE_TOO_LONG)
		complain(reading, line, "the line is longer than %d bytes", CONF_LINE_MAX);
}

static void complain_unknown(struct reading *reading, const struct conf_entry *entry)
{
	const char *nearest = nearest_word(entry->word, word_at);
	char word[VALUE_SHOWN_MAX];

	log_printable(word, sizeof(word), entry->word);
	if (nearest)
		complain(reading, entry->line, "unknown key \"%s\"; did you mean \"%s\"?", word,
			 nearest);
	else
		complain(reading, entry->line, "unknown key \"%s\"", word);
}

static void complain_value(struct reading *reading, const struct conf_entry *entry,
			   const struct lrp_conf_key *key, const char *expected)
{
	char value[VALUE_SHOWN_MAX];
	char limits[EXPECTED_MAX];

	if (!expected) {
		(void)snprintf(limits, sizeof(limits), "a number from %u to %u", key->min,
			       key->max);
		expected = limits;
	}
	complain(reading, entry->line, "%s must be %s, got \"%s\"", key->word, expected,
		 log_printable(value, sizeof(value), entry->value));
}

static void take_entry(struct reading *reading, const struct conf_entry *entry)
{
	const char *expected = NULL;
	size_t i = 0;

	while (i < ARRAY_SIZE(keys) && strcmp(keys[i].word, entry->word) != 0)
		i++;
	if (i == ARRAY_SIZE(keys)) {
		complain_unknown(reading, entry);
		return;
	}
	if (reading->first_line[i]) {
		complain(reading, entry->line, "%s is already given in line %u", keys[i].word,
			 reading->first_line[i]);
		return;
	}
	reading->first_line[i] = entry->line;
	if (keys[i].flag && *entry->value)
		complain_value(reading, entry, &keys[i], "alone on its line");
	else if (!keys[i].flag && !*entry->value)
		complain(reading, entry->line, "%s needs a value", keys[i].word);
	else if (!keys[i].take(&reading->conf, &keys[i], entry->value, &expected))
		complain_value(reading, entry, &keys[i], expected);
}

static void set_defaults(struct lrp_conf *conf)
{
	char host_name[RRP_NAME_MAX + 1] = "";
	const char *expected;

	*conf = (struct lrp_conf){.listen = {htonl(INADDR_ANY)}, .key = LRP_KEY_FILE};
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].initial && !keys[i].take(conf, &keys[i], keys[i].initial, &expected))
			bug("the default of %s is not one of its values", keys[i].word);
	}
	/* A longer name may be left without its terminator: the last byte stays 0. */
	(void)gethostname(host_name, sizeof(host_name) - 1);
	log_printable(conf->name, sizeof(conf->name), *host_name ? host_name : "lrp");
}

static void check_missing(struct reading *reading)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].required && !reading->first_line[i])
			complain(reading, 0, "%s is missing", keys[i].word);
	}
}

/* Where `word` was given, 0 if it was not. */
static unsigned line_of(const struct reading *reading, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].word, word) == 0)
			return reading->first_line[i];
	}
	bug("no key %s", word);
}

/* A server is known by its key or by a certificate; bare TCP cannot tell one from another. */
static void check_security(struct reading *reading)
{
	const struct lrp_conf *conf = &reading->conf;
	bool known = conf->server.pinned || *conf->server.ca;
	unsigned line = line_of(reading, "server");

	if (reading->failed)
		return;
	if (conf->security == LRP_SECURITY_TLS && !known)
		complain(reading, line,
			 "server needs \"pin NODEID\" (\"lrp enrol\" writes it) or \"ca FILE\"; "
			 "only with \"security plain\" it has neither");
	else if (conf->security == LRP_SECURITY_PLAIN && known)
		complain(reading, line,
			 "server has a pin or ca, which \"security plain\" cannot check: take one "
			 "of them out");
}

bool lrp_conf_load(const char *path, lrp_conf_report *report, void *context,
		   struct lrp_conf *ret_conf)
{
	struct reading reading = {.report = report, .context = context};
	struct conf_file file;
	int error;

	set_defaults(&reading.conf);
	error = conf_file_read(path, note_line, &reading, &file);
	if (error) {
		complain(&reading, 0, "cannot be read: %s", strerror(-error));
		return false;
	}
	for (size_t i = 0; i < file.count; i++)
		take_entry(&reading, &file.entries[i]);
	conf_file_done(&file);
	check_missing(&reading);
	check_security(&reading);
	if (!reading.failed)
		*ret_conf = reading.conf;
	return !reading.failed;
}
