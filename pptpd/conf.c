/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of settings, the file and the defaults; see the header. */
#include "pptpd/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pptpd/base/conf_file.h"
#include "pptpd/base/log.h"
#include "pptpd/base/privileges.h"
#include "pptpd/base/sandbox.h"
#include "pptpd/bcrelay.h"
#include "pptpd/conf_keyword.h"
#include "pptpd/pppd.h"

#define MEMBER(name) offsetof(struct conf, name)

/* A day: no timer that an administrator can mean is longer. */
#define SECONDS_MAX 86400

/* One call ID for each call, and 0 is none (RFC 2637 2.7). */
#define CONNECTIONS_MAX 65535

const struct conf_keyword conf_keywords[] = {
	{"bcrelay", "bcrelay", 'b', CONF_VALUE_TEXT, MEMBER(bcrelay), 0, 0, NULL, "IF",
	 "relay broadcasts between IF and the clients"},
	{NULL, "conf", 'c', CONF_VALUE_TEXT, MEMBER(file), 0, 0, CONF_DEFAULT_FILE, "FILE",
	 "configuration file"},
	{"debug", "debug", 'd', CONF_VALUE_FLAG, MEMBER(debug), 0, 0, NULL, NULL,
	 "log debug lines"},
	{"ppp", "ppp", 'e', CONF_VALUE_TEXT, MEMBER(ppp), 0, 0, CONF_DISTRO_PPP, "FILE",
	 "program started for each call"},
	{NULL, "fg", 'f', CONF_VALUE_FLAG, MEMBER(foreground), 0, 0, NULL, NULL,
	 "stay in the foreground"},
	{NULL, "help", 'h', CONF_VALUE_COMMAND, 0, 0, 0, NULL, NULL, "print this text"},
	{"noipparam", "noipparam", 'i', CONF_VALUE_FLAG, MEMBER(noipparam), 0, 0, NULL, NULL,
	 "do not give pppd the client's address as ipparam"},
	{"listen", "listen", 'l', CONF_VALUE_TEXT, MEMBER(listen), 0, 0, NULL, "ADDR",
	 "local address for PPTP clients"},
	{"option", "option", 'o', CONF_VALUE_TEXT, MEMBER(option), 0, 0, NULL, "FILE",
	 "options file for pppd"},
	{"pidfile", "pidfile", 'p', CONF_VALUE_TEXT, MEMBER(pidfile), 0, 0, "/var/run/pptpd.pid",
	 "FILE", "where the process ID is written"},
	{"speed", "speed", 's', CONF_VALUE_WORD, MEMBER(speed), 0, 0, "115200", "BAUD",
	 "speed word for pppd"},
	{"stimeout", "stimeout", 't', CONF_VALUE_COUNT, MEMBER(stimeout), 0, SECONDS_MAX, "10",
	 "SECONDS", "wait for the first bytes of a connection"},
	{NULL, "version", 'v', CONF_VALUE_COMMAND, 0, 0, 0, NULL, NULL, "print the version"},
	{"logwtmp", "logwtmp", 'w', CONF_VALUE_FLAG, MEMBER(logwtmp), 0, 0, NULL, NULL,
	 "record logins in wtmp"},
	{"connections", "connections", 'C', CONF_VALUE_COUNT, MEMBER(connections), 1,
	 CONNECTIONS_MAX, "100", "N", "calls at once"},
	{"delegate", "delegate", 'D', CONF_VALUE_FLAG, MEMBER(delegate), 0, 0, NULL, NULL,
	 "leave the choice of addresses to pppd"},
	{"vrf", "vrf", 'V', CONF_VALUE_TEXT, MEMBER(vrf), 0, 0, NULL, "NAME",
	 "accepted, without effect in this build"},
	{NULL, "check-config", 0, CONF_VALUE_COMMAND, 0, 0, 0, NULL, NULL,
	 "test the configuration and exit"},
	{"localip", NULL, 0, CONF_VALUE_TEXT, MEMBER(localip), 0, 0, "192.168.0.1-100", NULL, NULL},
	{"remoteip", NULL, 0, CONF_VALUE_TEXT, MEMBER(remoteip), 0, 0, "192.168.1.1-100", NULL,
	 NULL},
	{"pptp-echo-interval", NULL, 0, CONF_VALUE_NUMBER, MEMBER(echo_interval), 1, SECONDS_MAX,
	 "60", NULL, NULL},
	{"pptp-echo-timeout", NULL, 0, CONF_VALUE_NUMBER, MEMBER(echo_timeout), 1, SECONDS_MAX,
	 "60", NULL, NULL},
	{"ppp-channel", NULL, 0, CONF_VALUE_CHANNEL, 0, 0, 0, NULL, NULL, NULL},
	{"rrp-listen", NULL, 0, CONF_VALUE_LISTEN, 0, 0, 0, NULL, NULL, NULL},
	{"rrp-security", NULL, 0, CONF_VALUE_WORD, MEMBER(rrp_security), 0, 0, "tls", NULL, NULL},
	{"rrp-plain-anywhere", NULL, 0, CONF_VALUE_FLAG, MEMBER(rrp_plain_anywhere), 0, 0, NULL,
	 NULL, NULL},
	{"rrp-key", NULL, 0, CONF_VALUE_WORD, MEMBER(rrp_key), 0, 0,
	 LOCALSTATEDIR "/lib/pptpd/rrp.key", NULL, NULL},
	{"rrp-certificate", NULL, 0, CONF_VALUE_WORD, MEMBER(rrp_certificate), 0, 0, NULL, NULL,
	 NULL},
	{"rrp-peers", NULL, 0, CONF_VALUE_WORD, MEMBER(rrp_peers), 0, 0,
	 LOCALSTATEDIR "/lib/pptpd/rrp-peers", NULL, NULL},
	{"rrp-calls", NULL, 0, CONF_VALUE_NUMBER, MEMBER(rrp_calls), 1, CONNECTIONS_MAX, NULL, NULL,
	 NULL},
	{"rrp-keepalive", NULL, 0, CONF_VALUE_NUMBER, MEMBER(rrp_keepalive), 1, SECONDS_MAX, "15",
	 NULL, NULL},
	{"pptpctrl-user", NULL, 0, CONF_VALUE_WORD, MEMBER(pptpctrl_user), 0, 0, "pptpd", NULL,
	 NULL},
	{"pptpctrl-seccomp", NULL, 0, CONF_VALUE_WORD, MEMBER(pptpctrl_seccomp), 0, 0, "enforce",
	 NULL, NULL},
	{"control", NULL, 0, CONF_VALUE_WORD, MEMBER(control), 0, 0, "/run/pptpd.control", NULL,
	 NULL},
};

const size_t conf_keyword_count = ARRAY_SIZE(conf_keywords);

static char **text_member(struct conf *conf, const struct conf_keyword *keyword)
{
	return (void *)((char *)conf + keyword->offset);
}

static unsigned *number_member(struct conf *conf, const struct conf_keyword *keyword)
{
	return (void *)((char *)conf + keyword->offset);
}

static bool *flag_member(struct conf *conf, const struct conf_keyword *keyword)
{
	return (void *)((char *)conf + keyword->offset);
}

/* The digits at the start of `value`; false if there are none or they are out of bounds. */
static bool read_number(const struct conf_keyword *keyword, const char *value, unsigned *ret_number,
			const char **ret_rest)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(value, &end, 10);
	*ret_rest = end;
	if (value[0] < '0' || value[0] > '9' || errno || number < keyword->min ||
	    number > keyword->max)
		return false;
	*ret_number = (unsigned)number;
	return true;
}

static bool set_number(struct conf *conf, const struct conf_keyword *keyword, const char *value,
		       const char *where)
{
	const char *rest;
	unsigned number;

	if (read_number(keyword, value, &number, &rest) && !*rest) {
		*number_member(conf, keyword) = number;
		return true;
	}
	if (where)
		log_err("MGR: Bad %s value (%s) in config file! %s: expected a number from %u to "
			"%u",
			keyword->directive, value, where, keyword->min, keyword->max);
	else
		log_err("pptpd: bad value '%s' for --%s, expected a number from %u to %u", value,
			keyword->option, keyword->min, keyword->max);
	return false;
}

/* In the file, Poptop takes the digits and leaves the rest, and the default if there are none. */
static bool set_count(struct conf *conf, const struct conf_keyword *keyword, const char *value,
		      const char *where)
{
	const char *rest;
	unsigned number;

	if (!where)
		return set_number(conf, keyword, value, where);
	if (!read_number(keyword, value, &number, &rest)) {
		log_warning("MGR: Bad %s value (%s) in config file! %s: expected a number from %u "
			    "to %u, using the default",
			    keyword->directive, value, where, keyword->min, keyword->max);
		return true;
	}
	if (*rest)
		log_warning("MGR: %s: '%s' behind the number ignored", where, rest);
	*number_member(conf, keyword) = number;
	return true;
}

static bool add_listen(struct conf *conf, const char *value, const char *where)
{
	struct conf_rrp_listen *listen = &conf->rrp_listen[conf->rrp_listen_count];

	if (conf->rrp_listen_count == CONF_RRP_LISTEN_MAX) {
		log_err("MGR: %s: more than %d rrp-listen lines", where, CONF_RRP_LISTEN_MAX);
		return false;
	}
	if (!value[0] ||
	    !address_split_host_port(value, CONF_RRP_PORT, listen->host, &listen->port)) {
		log_err("MGR: %s: Bad rrp-listen value '%s', expected [ADDRESS]:PORT", where,
			value);
		return false;
	}
	conf->rrp_listen_count++;
	return true;
}

static bool add_channel(struct conf *conf, const char *value, const char *where)
{
	char problem[CHANNEL_PROBLEM_MAX];

	if (channel_choice_add(&conf->ppp_channel, value, problem))
		return true;
	log_err("MGR: %s: Bad ppp-channel value '%s': %s", where, value, problem);
	return false;
}

static bool set_text(struct conf *conf, const struct conf_keyword *keyword, const char *value)
{
	char *copy = strdup(value);

	if (!copy) {
		log_system(LOG_ERR, "MGR: setting %s", value);
		return false;
	}
	free(*text_member(conf, keyword));
	*text_member(conf, keyword) = copy;
	return true;
}

bool conf_set(struct conf *conf, const struct conf_keyword *keyword, const char *value,
	      const char *where)
{
	switch (keyword->kind) {
	case CONF_VALUE_FLAG:
		*flag_member(conf, keyword) = true;
		return true;
	case CONF_VALUE_NUMBER:
		return set_number(conf, keyword, value, where);
	case CONF_VALUE_COUNT:
		return set_count(conf, keyword, value, where);
	case CONF_VALUE_LISTEN:
		return add_listen(conf, value, where);
	case CONF_VALUE_CHANNEL:
		return add_channel(conf, value, where);
	case CONF_VALUE_WORD:
		return !value[0] || set_text(conf, keyword, value);
	case CONF_VALUE_TEXT:
		return set_text(conf, keyword, value);
	case CONF_VALUE_COMMAND:
		break;
	}
	bug("conf: %s is not a value", keyword->option);
}

/* Whether the command line or an earlier line has set it. */
static bool is_set(struct conf *conf, const struct conf_keyword *keyword)
{
	switch (keyword->kind) {
	case CONF_VALUE_FLAG:
		return *flag_member(conf, keyword);
	case CONF_VALUE_TEXT:
	case CONF_VALUE_WORD:
		return *text_member(conf, keyword) != NULL;
	case CONF_VALUE_NUMBER:
	case CONF_VALUE_COUNT:
		return *number_member(conf, keyword) != 0; /* -t 0 asks for what the file says */
	case CONF_VALUE_LISTEN:
	case CONF_VALUE_CHANNEL:
	case CONF_VALUE_COMMAND:
		break;
	}
	return false;
}

static const struct conf_keyword *find_directive(const char *word)
{
	for (size_t i = 0; i < conf_keyword_count; i++) {
		if (conf_keywords[i].directive && strcmp(conf_keywords[i].directive, word) == 0)
			return &conf_keywords[i];
	}
	return NULL;
}

struct file_reading {
	struct conf *conf;
	bool carriage_return_told; /* a file from another system has them on every line */
};

static void note_odd_line(void *context, unsigned line, enum conf_note note, const char *text)
{
	struct file_reading *reading = context;
	const char *file = reading->conf->file;
	char shown[128];

	switch (note) {
	case CONF_NOTE_LEADING_BLANK:
		log_err("Config file line starts with a space: %s (%s:%u)",
			log_printable(shown, sizeof(shown), text), file, line);
		return;
	case CONF_NOTE_TOO_LONG:
		log_err("Long config file line ignored. (%s:%u)", file, line);
		return;
	case CONF_NOTE_CARRIAGE_RETURN:
		if (!reading->carriage_return_told)
			log_warning("MGR: %s:%u: carriage return at the end of the line ignored",
				    file, line);
		reading->carriage_return_told = true;
		return;
	}
}

static bool apply_entry(struct conf *conf, const struct conf_entry *entry)
{
	const struct conf_keyword *keyword = find_directive(entry->word);
	char where[128];

	if (!keyword) {
		char word[64];

		log_warning("MGR: %s:%u: unknown directive '%s' ignored", conf->file, entry->line,
			    log_printable(word, sizeof(word), entry->word));
		return true;
	}
	if (is_set(conf, keyword))
		return true; /* the command line, and among lines the first one, counts */
	(void)snprintf(where, sizeof(where), "%s:%u", conf->file, entry->line);
	return conf_set(conf, keyword, entry->value, where);
}

/* A file that was named must be there; without the usual one pptpd runs with its defaults. */
static bool tell_unreadable(const struct conf *conf)
{
	if (!conf->file_given)
		perror(conf->file);
	else if (errno == ENOENT)
		log_err("MGR: Config file not found!");
	else
		log_system(LOG_ERR, "MGR: Config file %s", conf->file);
	return !conf->file_given;
}

static bool apply_file(struct conf *conf)
{
	struct file_reading reading = {.conf = conf};
	struct conf_file file;
	bool good = true;
	int error = conf_file_read(conf->file, note_odd_line, &reading, &file);

	if (error) {
		errno = -error;
		return tell_unreadable(conf);
	}
	for (size_t i = 0; i < file.count && good; i++)
		good = apply_entry(conf, &file.entries[i]);
	conf_file_done(&file);
	return good;
}

static bool apply_defaults(struct conf *conf)
{
	for (size_t i = 0; i < conf_keyword_count; i++) {
		const struct conf_keyword *keyword = &conf_keywords[i];

		if (keyword->default_value && !is_set(conf, keyword) &&
		    !conf_set(conf, keyword, keyword->default_value, NULL))
			return false;
	}
	return true;
}

/* They are opened again later on, from another folder. */
static bool check_paths(const struct conf *conf)
{
	const struct {
		const char *keyword;
		const char *path;
	} paths[] = {
		{"rrp-key", conf->rrp_key},
		{"rrp-certificate", conf->rrp_certificate},
		{"rrp-peers", conf->rrp_peers},
		{"control", conf->control},
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (!paths[i].path || paths[i].path[0] == '/')
			continue;
		log_err("MGR: Bad %s value '%s', expected a path from the root", paths[i].keyword,
			paths[i].path);
		return false;
	}
	return true;
}

/* Who gives up root's rights cannot become root. */
static bool check_user(const struct conf *conf)
{
	struct account account;
	bool substituted;

	if (!privileges_account(conf->pptpctrl_user, &account, &substituted) ||
	    (account.uid != 0 && account.gid != 0))
		return true; /* that there is none is told when it is needed */
	log_err("MGR: Bad pptpctrl-user value '%s': must not be root", conf->pptpctrl_user);
	return false;
}

struct choice {
	const char *word;
	int value;
};

static bool choose(const char *keyword, const char *value, const struct choice *choices,
		   size_t count, int *ret_value)
{
	char expected[64] = "";

	for (size_t i = 0; i < count; i++) {
		if (strcmp(choices[i].word, value) == 0) {
			*ret_value = choices[i].value;
			return true;
		}
		(void)snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
			       "%s%s", i ? ", " : "", choices[i].word);
	}
	log_err("MGR: Bad %s value '%s', expected one of %s", keyword, value, expected);
	return false;
}

static bool choose_words(struct conf *conf)
{
	static const struct choice securities[] = {{"tls", true}, {"plain", false}};
	static const struct choice sandboxes[] = {
		{"enforce", SANDBOX_ENFORCE}, {"log", SANDBOX_LOG}, {"off", SANDBOX_OFF}};
	int security, sandbox;

	if (!choose("rrp-security", conf->rrp_security, securities, ARRAY_SIZE(securities),
		    &security) ||
	    !choose("pptpctrl-seccomp", conf->pptpctrl_seccomp, sandboxes, ARRAY_SIZE(sandboxes),
		    &sandbox))
		return false;
	conf->rrp_tls = security;
	conf->sandbox = (unsigned)sandbox;
	return true;
}

/* What must not keep clients out is left away with a warning. */
static void leave_away(struct conf *conf)
{
	if (conf->logwtmp && access(PPPD_LOGWTMP_PLUGIN, R_OK) != 0) {
		log_system(LOG_WARNING, "MGR: logwtmp has no effect: %s", PPPD_LOGWTMP_PLUGIN);
		conf->logwtmp = false;
	}
	if (conf->vrf)
		log_warning("MGR: vrf '%s' has no effect in this build", conf->vrf);
}

static bool check_files(const struct conf *conf)
{
	if (conf->bcrelay && access(BCRELAY, X_OK) != 0) {
		log_err("MGR: bcrelay binary " BCRELAY " not executable");
		return false;
	}
	if (access(conf->ppp, X_OK) != 0) {
		log_err("MGR: PPP binary %s not executable", conf->ppp);
		return false;
	}
	if (conf->option && access(conf->option, R_OK) != 0) {
		log_err("MGR: PPP options file %s not readable", conf->option);
		return false;
	}
	return true;
}

bool conf_complete(struct conf *conf)
{
	conf->file_given = conf->file != NULL;
	if (!conf->file) {
		conf->file = strdup(CONF_DEFAULT_FILE);
		if (!conf->file)
			return false;
	}
	if (!apply_file(conf) || !apply_defaults(conf) || !choose_words(conf) ||
	    !check_paths(conf) || !check_user(conf) || !check_files(conf))
		return false;
	leave_away(conf);
	return true;
}

void conf_done(struct conf *conf)
{
	for (size_t i = 0; i < conf_keyword_count; i++) {
		if (conf_keywords[i].kind == CONF_VALUE_TEXT ||
		    conf_keywords[i].kind == CONF_VALUE_WORD)
			free(*text_member(conf, &conf_keywords[i]));
	}
	memset(conf, 0, sizeof(*conf));
}
