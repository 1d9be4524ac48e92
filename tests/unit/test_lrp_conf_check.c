/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --check-config finds beside the file itself. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lrp/conf_check.h"
#include "rrp/node_key.h"

static char folder[] = "/tmp/lrp-conf-check.XXXXXX";
static char reported[2 * LRP_CONF_ERROR_MAX];

static void keep(void *context UNUSED, unsigned line, const char *text)
{
	size_t len = strlen(reported);

	assert_int_equal(line, 0);
	(void)snprintf(reported + len, sizeof(reported) - len, "%s;", text);
}

static struct lrp_conf conf_with(const char *key, const char *ca)
{
	struct lrp_conf conf = {.security = LRP_SECURITY_TLS};

	(void)snprintf(conf.key, sizeof(conf.key), "%s/%s", folder, key);
	if (ca)
		(void)snprintf(conf.server.ca, sizeof(conf.server.ca), "%s/%s", folder, ca);
	return conf;
}

static void assert_found(const struct lrp_conf *conf, const char *expected)
{
	reported[0] = '\0';
	assert_int_equal(lrp_conf_check(conf, keep, NULL), !expected);
	if (!expected)
		assert_string_equal(reported, "");
	else if (!strstr(reported, expected))
		fail_msg("no \"%s\" in \"%s\"", expected, reported);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void a_key_that_the_start_refuses_is_reported(void **state UNUSED)
{
	struct lrp_conf conf = conf_with("lrp.key", NULL);
	char error[SIGNER_ERROR_MAX];

	assert_int_equal(node_key_create(conf.key, error), 0);
	assert_found(&conf, NULL);
	assert_int_equal(chmod(conf.key, 0644), 0);
	assert_found(&conf, "key: ");
	assert_int_equal(chmod(conf.key, 0600), 0);
	write_file(conf.key, "no key\n");
	assert_found(&conf, "key: ");
	assert_int_equal(unlink(conf.key), 0);
}

static void a_key_that_is_not_there_is_made_later(void **state UNUSED)
{
	struct lrp_conf conf = conf_with("none.key", NULL);

	assert_found(&conf, NULL);
	assert_int_not_equal(access(conf.key, F_OK), 0);
}

static void a_ca_without_certificates_is_reported(void **state UNUSED)
{
	struct lrp_conf conf = conf_with("none.key", "ca.pem");

	assert_found(&conf, "No such file or directory");
	write_file(conf.server.ca, "no certificate\n");
	assert_found(&conf, "server: ca ");
	assert_int_equal(unlink(conf.server.ca), 0);
}

static void plain_to_a_public_address_is_reported(void **state UNUSED)
{
	struct lrp_conf conf = {.security = LRP_SECURITY_PLAIN,
				.server = {.host = "203.0.113.10", .port = 4723}};

	assert_found(&conf, "203.0.113.10 is not a private address");
	conf.plain_anywhere = true;
	assert_found(&conf, NULL);
	conf.plain_anywhere = false;
	(void)snprintf(conf.server.host, sizeof(conf.server.host), "10.0.0.1");
	assert_found(&conf, NULL);
	(void)snprintf(conf.server.host, sizeof(conf.server.host), "rrp.example");
	assert_found(&conf, NULL);
}

static int make_folder(void **state UNUSED)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state UNUSED)
{
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_the_start_refuses_is_reported),
		cmocka_unit_test(a_key_that_is_not_there_is_made_later),
		cmocka_unit_test(a_ca_without_certificates_is_reported),
		cmocka_unit_test(plain_to_a_public_address_is_reported),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
