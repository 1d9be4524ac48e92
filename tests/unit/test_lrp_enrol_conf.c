// SPDX-License-Identifier: GPL-2.0-or-later
/* The lrp.conf that an enrolment writes: lrp takes it, and nobody loses one. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lrp/conf.h"
#include "lrp/enrol_conf.h"

#define PIN "7yqdsmkp2ceqhhxbglxkfsmwtpmwyyv6nb4xvmzvh4wkbdeumbva"

static char folder[] = "/tmp/test_lrp_enrol_conf.XXXXXX";
static char path[64], old[80], fresh[80];
static struct enrol_line line = {.host = "vpn.example.com", .port = 4723};

static int make_folder(void **state UNUSED)
{
	if (!mkdtemp(folder) || !node_id_parse(PIN, &line.pin))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/lrp.conf", folder);
	(void)snprintf(old, sizeof(old), "%s.old", path);
	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	return 0;
}

static int clear(void **state UNUSED)
{
	(void)unlink(path);
	(void)unlink(old);
	(void)unlink(fresh);
	return 0;
}

static int remove_folder(void **state UNUSED)
{
	return rmdir(folder);
}

static struct enrol_conf conf_for(bool replace)
{
	return (struct enrol_conf){
		.path = path,
		.interface = "eth1",
		.name = "branch-7",
		.key = LRP_KEY_FILE,
		.line = &line,
		.replace = replace,
	};
}

static void report(void *context UNUSED, unsigned number, const char *text)
{
	print_message("line %u: %s\n", number, text);
}

static void put(const char *at, const char *text)
{
	FILE *file = fopen(at, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const char *content(const char *at)
{
	static char text[4096];
	FILE *file = fopen(at, "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file); /* only read */
	return text;
}

static void write_and_load(const struct enrol_conf *conf, struct lrp_conf *ret_loaded)
{
	char error[ENROL_CONF_ERROR_MAX] = "";

	if (!enrol_conf_check(conf, error) || !enrol_conf_write(conf, error))
		fail_msg("%s", error);
	assert_true(lrp_conf_load(path, report, NULL, ret_loaded));
}

static void what_is_written_is_what_lrp_reads(void **state UNUSED)
{
	struct enrol_conf conf = conf_for(false);
	struct lrp_conf loaded;
	struct stat status;

	write_and_load(&conf, &loaded);
	assert_string_equal(loaded.interface, "eth1");
	assert_string_equal(loaded.server.host, "vpn.example.com");
	assert_int_equal(loaded.server.port, 4723);
	assert_true(loaded.server.pinned);
	assert_true(node_id_equal(&loaded.server.pin, &line.pin));
	assert_string_equal(loaded.name, "branch-7");
	assert_string_equal(loaded.key, LRP_KEY_FILE);
	assert_int_equal(loaded.security, LRP_SECURITY_TLS);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_not_equal(access(fresh, F_OK), 0);
	assert_null(strstr(content(path), "\nkey"));
}

static void key_of_ones_own_and_ipv6_are_written_too(void **state UNUSED)
{
	struct enrol_conf conf = conf_for(false);
	struct enrol_line v6 = line;
	struct lrp_conf loaded;

	(void)snprintf(v6.host, sizeof(v6.host), "2001:db8::1");
	v6.port = 443;
	conf.line = &v6;
	conf.key = "/somewhere/else.key";
	write_and_load(&conf, &loaded);
	assert_string_equal(loaded.server.host, "2001:db8::1");
	assert_int_equal(loaded.server.port, 443);
	assert_string_equal(loaded.key, "/somewhere/else.key");
}

static void existing_one_is_refused_and_stays(void **state UNUSED)
{
	struct enrol_conf conf = conf_for(false);
	char error[ENROL_CONF_ERROR_MAX] = "";

	put(path, "mine\n");
	assert_false(enrol_conf_check(&conf, error));
	assert_non_null(strstr(error, "--replace"));
	/* One that came while the server was asked is not lost either. */
	assert_false(enrol_conf_write(&conf, error));
	assert_string_equal(content(path), "mine\n");
	assert_int_not_equal(access(fresh, F_OK), 0);
}

static void replaced_one_is_kept_beside(void **state UNUSED)
{
	struct enrol_conf conf = conf_for(true);
	struct lrp_conf loaded;

	put(old, "an older one\n");
	put(path, "mine\n");
	write_and_load(&conf, &loaded);
	assert_string_equal(content(old), "mine\n");
	clear(NULL);
	write_and_load(&conf, &loaded); /* with nothing to replace */
	assert_int_not_equal(access(old, F_OK), 0);
}

static void folder_that_is_not_there_is_found_before_the_secret_is_spent(void **state UNUSED)
{
	struct enrol_conf conf = conf_for(false);
	char error[ENROL_CONF_ERROR_MAX] = "";

	conf.path = "/tmp/test_lrp_enrol_conf.none/lrp.conf";
	assert_false(enrol_conf_check(&conf, error));
	assert_non_null(strstr(error, "No such file"));
	assert_false(enrol_conf_write(&conf, error));
}

static void left_over_of_a_crash_is_no_hindrance(void **state UNUSED)
{
	struct enrol_conf conf = conf_for(false);
	struct lrp_conf loaded;

	put(fresh, "half a li");
	write_and_load(&conf, &loaded);
}

#define CLEARED(test) cmocka_unit_test_teardown(test, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLEARED(what_is_written_is_what_lrp_reads),
		CLEARED(key_of_ones_own_and_ipv6_are_written_too),
		CLEARED(existing_one_is_refused_and_stays),
		CLEARED(replaced_one_is_kept_beside),
		CLEARED(folder_that_is_not_there_is_found_before_the_secret_is_spent),
		CLEARED(left_over_of_a_crash_is_no_hindrance),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
