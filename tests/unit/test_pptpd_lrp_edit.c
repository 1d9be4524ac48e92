/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of the list of LRPs: whole, with all other lines kept, and each secret good once. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pptpd/lrp_edit.h"
#include "tests/unit/pptpd_help.h"

#define ID_A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B  "baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH1 "0100000000000000000000000000000000000000000000000000000000000000"
#define HASH2 "0200000000000000000000000000000000000000000000000000000000000000"

#define DAY 86400

static const uint8_t hash1[LRP_SECRET_HASH_LEN] = {1}, hash2[LRP_SECRET_HASH_LEN] = {2};

static char path[256], invitations[300], error[LRP_ERROR_MAX], name[LRP_NAME_MAX + 1];
static struct node_id id_a, id_b;

static int set_up(void **state UNUSED)
{
	(void)snprintf(path, sizeof(path), "%s", scratch_path("peers"));
	(void)snprintf(invitations, sizeof(invitations), "%s" LRP_INVITATIONS_SUFFIX, path);
	(void)unlink(path);
	(void)unlink(invitations);
	assert_true(node_id_parse(ID_A, &id_a));
	assert_true(node_id_parse(ID_B, &id_b));
	return 0;
}

static bool invite(const uint8_t *hash, const char *who, const char *options)
{
	struct lrp_replaced replaced = {.listed = true};
	bool good = lrp_edit_invite(path, hash, 1000, who, options, 500, &replaced, error);

	return good && !replaced.listed;
}

static bool uninvited;

static enum lrp_edit_result set_disabled(const char *who, bool disabled)
{
	return lrp_edit_set_disabled(path, who, disabled, 500, &uninvited, error);
}

static void invitation_is_stored_hashed_and_for_us_alone(void **state UNUSED)
{
	struct stat status;

	assert_true(invite(hash1, "one", "calls 3"));
	assert_string_equal(file_content(invitations), HASH1 " 1000 one calls 3\n");
	assert_int_equal(stat(invitations, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(access(path, F_OK), -1);
}

static void second_invitation_of_a_name_replaces_the_first(void **state UNUSED)
{
	assert_true(invite(hash1, "one", ""));
	assert_true(invite(hash2, "one", ""));
	assert_string_equal(file_content(invitations), HASH2 " 1000 one\n");
}

static void invitation_for_a_listed_name_says_that_it_replaces(void **state UNUSED)
{
	struct lrp_replaced replaced = {0};

	(void)scratch_file("peers", ID_A " one\n");
	assert_true(lrp_edit_invite(path, hash1, 1000, "one", "", 500, &replaced, error));
	assert_true(replaced.listed);
	assert_false(replaced.disabled);
	assert_string_equal(file_content(path), ID_A " one\n");
}

static void bad_words_are_not_stored(void **state UNUSED)
{
	assert_false(invite(hash1, "a b", ""));
	assert_false(invite(hash1, "one\ntwo", ""));
	assert_false(invite(hash1, "one", "calls x"));
	assert_false(invite(hash1, "one", "used"));
	assert_int_equal(access(invitations, F_OK), -1);
}

static void taken_invitation_puts_the_node_on_the_list(void **state UNUSED)
{
	(void)scratch_file("peers", "# ours\n" ID_B " other\n\n");
	assert_true(invite(hash1, "one", "calls 3"));
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 1000, name, error), LRP_TAKE_GOOD);
	assert_string_equal(name, "one");
	assert_string_equal(file_content(path), "# ours\n" ID_B " other\n\n" ID_A " one calls 3\n");
	assert_string_equal(file_content(invitations), HASH1 " 1000 one calls 3 used\n");
}

static void secret_is_good_for_one_node(void **state UNUSED)
{
	assert_true(invite(hash1, "one", ""));
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 600, name, error), LRP_TAKE_GOOD);
	assert_int_equal(lrp_edit_take(path, hash1, &id_b, 600, name, error), LRP_TAKE_USED);
	assert_string_equal(file_content(path), ID_A " one\n");
	/* it may not have got our answer */
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 600, name, error), LRP_TAKE_GOOD);
	assert_string_equal(file_content(path), ID_A " one\n");
	/* but a node that was taken off the list meanwhile does not come back by it */
	assert_int_equal(lrp_edit_remove(path, "one", 600, error), LRP_EDIT_DONE);
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 600, name, error), LRP_TAKE_USED);
	assert_string_equal(file_content(path), "");
}

static void expired_and_unknown_secrets_change_nothing(void **state UNUSED)
{
	assert_true(invite(hash1, "one", ""));
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 1001, name, error), LRP_TAKE_EXPIRED);
	assert_int_equal(lrp_edit_take(path, hash2, &id_a, 600, name, error), LRP_TAKE_UNKNOWN);
	assert_string_equal(file_content(path), "");
	assert_string_equal(file_content(invitations), HASH1 " 1000 one\n");
}

static void invitations_are_forgotten_a_day_after_their_end(void **state UNUSED)
{
	struct lrp_replaced replaced;

	assert_true(invite(hash1, "one", ""));
	assert_true(lrp_edit_invite(path, hash2, 9999999, "two", "", 1000 + DAY, &replaced, error));
	assert_non_null(strstr(file_content(invitations), HASH1));
	assert_true(lrp_edit_invite(path, hash2, 9999999, "two", "", 1001 + DAY, &replaced, error));
	assert_string_equal(file_content(invitations), HASH2 " 9999999 two\n");
}

static void new_key_of_a_name_replaces_the_old_one_in_its_place(void **state UNUSED)
{
	struct lrp_replaced replaced;

	(void)scratch_file("peers", ID_B " one calls 9\n# end\n");
	assert_true(lrp_edit_invite(path, hash1, 1000, "one", "calls 2", 500, &replaced, error));
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 600, name, error), LRP_TAKE_GOOD);
	assert_string_equal(file_content(path), ID_A " one calls 2\n# end\n");
}

static void node_with_another_name_leaves_its_old_line(void **state UNUSED)
{
	(void)scratch_file("peers", ID_A " old\n# end\n");
	assert_true(invite(hash1, "new", ""));
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 600, name, error), LRP_TAKE_GOOD);
	assert_string_equal(file_content(path), "# end\n" ID_A " new\n");
}

static void enrolling_never_enables(void **state UNUSED)
{
	struct lrp_replaced replaced;

	/* another box under the name */
	(void)scratch_file("peers", ID_B " one disabled\n# end\n");
	assert_true(lrp_edit_invite(path, hash1, 1000, "one", "calls 2", 500, &replaced, error));
	assert_true(replaced.listed && replaced.disabled);
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 600, name, error), LRP_TAKE_GOOD);
	assert_string_equal(file_content(path), ID_A " one calls 2 disabled\n# end\n");
	/* the same box under another name */
	assert_true(invite(hash2, "two", ""));
	assert_int_equal(lrp_edit_take(path, hash2, &id_a, 600, name, error), LRP_TAKE_GOOD);
	assert_string_equal(file_content(path), "# end\n" ID_A " two disabled\n");
}

static void disabling_ends_the_invitation_for_the_name(void **state UNUSED)
{
	struct lrp_replaced replaced;

	(void)scratch_file("peers", ID_A " one\n");
	assert_true(lrp_edit_invite(path, hash1, 1000, "one", "", 500, &replaced, error));
	assert_true(invite(hash2, "two", ""));
	assert_int_equal(set_disabled("one", true), LRP_EDIT_DONE);
	assert_true(uninvited);
	assert_string_equal(file_content(invitations), HASH2 " 1000 two\n");
	assert_int_equal(lrp_edit_take(path, hash1, &id_b, 600, name, error), LRP_TAKE_UNKNOWN);
	assert_string_equal(file_content(path), ID_A " one disabled\n");
	assert_int_equal(set_disabled("one", true), LRP_EDIT_DONE);
	assert_false(uninvited);
}

static void enabling_leaves_an_invitation(void **state UNUSED)
{
	struct lrp_replaced replaced;

	(void)scratch_file("peers", ID_A " one disabled\n");
	assert_true(lrp_edit_invite(path, hash1, 1000, "one", "", 500, &replaced, error));
	assert_int_equal(set_disabled("one", false), LRP_EDIT_DONE);
	assert_false(uninvited);
	assert_string_equal(file_content(invitations), HASH1 " 1000 one\n");
}

static void disabling_and_enabling_keep_the_rest(void **state UNUSED)
{
	(void)scratch_file("peers", "#\n" ID_A " disabled calls 3\n" ID_B " b\n");
	assert_int_equal(set_disabled("disabled", true), LRP_EDIT_DONE);
	assert_string_equal(file_content(path),
			    "#\n" ID_A " disabled calls 3 disabled\n" ID_B " b\n");
	assert_int_equal(set_disabled("disabled", true), LRP_EDIT_DONE);
	assert_string_equal(file_content(path),
			    "#\n" ID_A " disabled calls 3 disabled\n" ID_B " b\n");
	assert_int_equal(set_disabled("disabled", false), LRP_EDIT_DONE);
	assert_string_equal(file_content(path), "#\n" ID_A " disabled calls 3\n" ID_B " b\n");
	assert_int_equal(set_disabled("none", true), LRP_EDIT_NOT_FOUND);
}

static void removing_takes_its_invitations_too(void **state UNUSED)
{
	struct lrp_replaced replaced;

	(void)scratch_file("peers", ID_A " one\n# end\n");
	assert_true(lrp_edit_invite(path, hash1, 1000, "one", "", 500, &replaced, error));
	assert_true(invite(hash2, "two", ""));
	assert_int_equal(lrp_edit_remove(path, "one", 500, error), LRP_EDIT_DONE);
	assert_string_equal(file_content(path), "# end\n");
	assert_string_equal(file_content(invitations), HASH2 " 1000 two\n");
	assert_int_equal(lrp_edit_remove(path, "two", 500, error), LRP_EDIT_DONE);
	assert_int_equal(lrp_edit_remove(path, "two", 500, error), LRP_EDIT_NOT_FOUND);
}

static void mode_of_the_list_is_kept_but_for_others_writing(void **state UNUSED)
{
	struct stat status;

	(void)scratch_file("peers", ID_A " one\n");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(set_disabled("one", true), LRP_EDIT_DONE);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(set_disabled("one", false), LRP_EDIT_DONE);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
}

static void change_waits_for_another_one(void **state UNUSED)
{
	char lock[300];
	int fd, status = -1, gone[2];
	pid_t pid;

	assert_true(invite(hash1, "one", ""));
	(void)snprintf(lock, sizeof(lock), "%s" LRP_LOCK_SUFFIX, path);
	fd = open(lock, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(pipe(gone), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(fd);
		(void)close(gone[0]);
		_exit(lrp_edit_take(path, hash1, &id_a, 600, name, error));
	}
	(void)close(gone[1]);
	(void)usleep(100000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(access(path, F_OK), -1);
	(void)close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, LRP_TAKE_GOOD << 8);
	(void)close(gone[0]);
	assert_string_equal(file_content(path), ID_A " one\n");
}

static void secret_of_nobody_does_not_wait_for_the_lock(void **state UNUSED)
{
	char lock[300];
	int fd;

	assert_true(invite(hash1, "one", ""));
	(void)snprintf(lock, sizeof(lock), "%s" LRP_LOCK_SUFFIX, path);
	fd = open(lock, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(lrp_edit_take(path, hash2, &id_a, 600, name, error), LRP_TAKE_UNKNOWN);
	(void)close(fd);
}

static void file_that_cannot_be_written_spends_no_secret(void **state UNUSED)
{
	assert_true(invite(hash1, "one", ""));
	assert_int_equal(mkdir(path, 0700), 0); /* rename() refuses to put a file over it */
	assert_int_equal(lrp_edit_take(path, hash1, &id_a, 600, name, error), LRP_TAKE_FAILED);
	assert_non_null(strstr(error, path));
	assert_string_equal(file_content(invitations), HASH1 " 1000 one\n");
	(void)rmdir(path);
}

#define EDIT(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EDIT(invitation_is_stored_hashed_and_for_us_alone),
		EDIT(second_invitation_of_a_name_replaces_the_first),
		EDIT(invitation_for_a_listed_name_says_that_it_replaces),
		EDIT(bad_words_are_not_stored),
		EDIT(taken_invitation_puts_the_node_on_the_list),
		EDIT(secret_is_good_for_one_node),
		EDIT(expired_and_unknown_secrets_change_nothing),
		EDIT(invitations_are_forgotten_a_day_after_their_end),
		EDIT(new_key_of_a_name_replaces_the_old_one_in_its_place),
		EDIT(node_with_another_name_leaves_its_old_line),
		EDIT(enrolling_never_enables),
		EDIT(disabling_ends_the_invitation_for_the_name),
		EDIT(enabling_leaves_an_invitation),
		EDIT(disabling_and_enabling_keep_the_rest),
		EDIT(removing_takes_its_invitations_too),
		EDIT(mode_of_the_list_is_kept_but_for_others_writing),
		EDIT(change_waits_for_another_one),
		EDIT(secret_of_nobody_does_not_wait_for_the_lock),
		EDIT(file_that_cannot_be_written_spends_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
