/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing the list of LRPs; see the header. */
#include "pptpd/lrp_edit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/base/fdio.h"
#include "pptpd/base/mono.h"
#include "pptpd/base/util.h"
#include "pptpd/line_file.h"

/* How often a lock that another has is tried again. */
#define LOCK_RETRY_MS 20

/* A hash, a time, a name, the options, and a word. */
#define LINE_MAX_LEN (LRP_OPTIONS_TEXT_MAX + 256)

/* Both files while they are locked. */
struct edit {
	char list_path[PATH_MAX];
	char invitations_path[PATH_MAX];
	int lock;
	struct line_file list;
	struct line_file invitations;
};

static bool fail(char error[LRP_ERROR_MAX], const char *path, int problem)
{
	(void)snprintf(error, LRP_ERROR_MAX, "%.256s: %s", path, strerror(-problem));
	return false;
}

/* The folder of the files, if it is not there: who installs by hand has none. */
static void make_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return;
	*slash = '\0';
	(void)mkdir(folder, 0755); /* opening a file in it tells what is wrong */
}

/* 0 or a negative errno: -ETIMEDOUT when another has the files for too long. */
static int wait_for_lock(int fd)
{
	struct mono until = mono_add_ms(mono_now(), LRP_LOCK_WAIT_MS);

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (!mono_before(mono_now(), until))
			return -ETIMEDOUT;
		(void)poll(NULL, 0, LOCK_RETRY_MS);
	}
	return 0;
}

static void end_edit(struct edit *edit)
{
	line_file_done(&edit->list);
	line_file_done(&edit->invitations);
	fdio_close(&edit->lock);
}

/* Locks and reads both files. */
static bool begin_edit(struct edit *edit, const char *path, char error[LRP_ERROR_MAX])
{
	char lock_path[PATH_MAX];
	int problem;

	*edit = (struct edit){.lock = -1};
	if (strlen(path) + sizeof(LRP_INVITATIONS_SUFFIX) > sizeof(edit->list_path))
		return fail(error, path, -ENAMETOOLONG);
	(void)snprintf(edit->list_path, sizeof(edit->list_path), "%s", path);
	(void)snprintf(edit->invitations_path, sizeof(edit->invitations_path),
		       "%s" LRP_INVITATIONS_SUFFIX, path);
	(void)snprintf(lock_path, sizeof(lock_path), "%s" LRP_LOCK_SUFFIX, path);
	make_folder(path);
	edit->lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	problem = edit->lock < 0 ? -errno : wait_for_lock(edit->lock);
	if (problem) {
		end_edit(edit);
		return fail(error, lock_path, problem);
	}
	problem = line_file_read(edit->list_path, &edit->list);
	if (problem) {
		end_edit(edit);
		return fail(error, edit->list_path, problem);
	}
	problem = line_file_read(edit->invitations_path, &edit->invitations);
	if (problem) {
		end_edit(edit);
		return fail(error, edit->invitations_path, problem);
	}
	edit->invitations.mode = 0600;
	return true;
}

static bool write_file(const struct line_file *file, const char *path, char error[LRP_ERROR_MAX])
{
	int problem = line_file_write(file, path);

	return problem == 0 || fail(error, path, problem);
}

/* The index of the line with that name or ID (whichever is not NULL), or -1. */
static ssize_t find_lrp(const struct edit *edit, const char *name, const struct node_id *id)
{
	char ignored[LRP_ERROR_MAX];

	for (size_t i = 0; i < edit->list.count; i++) {
		struct lrp lrp;
		bool same;

		if (lrp_parse_line(edit->list.lines[i], &lrp, ignored) <= 0)
			continue; /* a line that is wrong stays for who wrote it */
		same = (name && strcmp(lrp.name, name) == 0) || (id && node_id_equal(&lrp.id, id));
		lrp_options_done(&lrp.options);
		if (same)
			return (ssize_t)i;
	}
	return -1;
}

/*
 * Drops invitations that ended long ago, and with `name` the unused ones for it. Whether there was
 * one of the latter.
 */
static bool drop_invitations(struct edit *edit, const char *name, int64_t now)
{
	char ignored[LRP_ERROR_MAX];
	bool dropped = false;

	for (size_t i = edit->invitations.count; i-- > 0;) {
		struct lrp_invitation one;
		bool old, of_name;

		if (lrp_parse_invitation(edit->invitations.lines[i], &one, ignored) <= 0)
			continue;
		old = now > one.expires && now - one.expires > LRP_INVITATION_KEPT_S;
		of_name = name && !one.used && strcmp(one.name, name) == 0;
		lrp_options_done(&one.options);
		if (old || of_name)
			line_file_remove(&edit->invitations, i);
		dropped |= of_name;
	}
	return dropped;
}

static void invitation_text(char out[LINE_MAX_LEN], const uint8_t hash[LRP_SECRET_HASH_LEN],
			    int64_t expires, const char *name, const char *options, bool used)
{
	char hex[2 * LRP_SECRET_HASH_LEN + 1];

	for (size_t i = 0; i < LRP_SECRET_HASH_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	(void)snprintf(out, LINE_MAX_LEN, "%s %" PRId64 " %s%s%s%s", hex, expires, name,
		       options[0] ? " " : "", options, used ? " used" : "");
}

static bool check_words(const char *name, const char *options, char error[LRP_ERROR_MAX])
{
	struct lrp_options parsed;

	if (!lrp_name_valid(name)) {
		(void)snprintf(error, LRP_ERROR_MAX,
			       "a name has 1 to %d letters, digits and ._- only", LRP_NAME_MAX);
		return false;
	}
	if (!lrp_options_parse(options, &parsed, error))
		return false;
	lrp_options_done(&parsed);
	return true;
}

/* The LRP that has the name now. */
static struct lrp_replaced replaced_by(const struct edit *edit, const char *name)
{
	struct lrp_replaced replaced = {0};
	char ignored[LRP_ERROR_MAX];
	ssize_t at = find_lrp(edit, name, NULL);
	struct lrp lrp;

	if (at < 0 || lrp_parse_line(edit->list.lines[at], &lrp, ignored) <= 0)
		return replaced;
	replaced.listed = true;
	replaced.disabled = lrp.options.disabled;
	lrp_options_done(&lrp.options);
	return replaced;
}

bool lrp_edit_invite(const char *path, const uint8_t secret_hash[LRP_SECRET_HASH_LEN],
		     int64_t expires, const char *name, const char *options, int64_t now,
		     struct lrp_replaced *ret_replaced, char ret_error[LRP_ERROR_MAX])
{
	char line[LINE_MAX_LEN];
	struct edit edit;
	bool good;

	if (!check_words(name, options, ret_error) || !begin_edit(&edit, path, ret_error))
		return false;
	(void)drop_invitations(&edit, name, now);
	invitation_text(line, secret_hash, expires, name, options, false);
	good = line_file_append(&edit.invitations, line) || fail(ret_error, path, -ENOMEM);
	good = good && write_file(&edit.invitations, edit.invitations_path, ret_error);
	if (good)
		*ret_replaced = replaced_by(&edit, name);
	end_edit(&edit);
	return good;
}

/* Finds the invitation, with its index in the file. */
static bool find_invitation(const struct edit *edit, const uint8_t *secret_hash,
			    struct lrp_invitation *ret_invitation, size_t *ret_index)
{
	char ignored[LRP_ERROR_MAX];
	bool found = false;

	for (size_t i = 0; i < edit->invitations.count; i++) {
		struct lrp_invitation one;
		const struct lrp_invitations alone = {.invitations = &one, .count = 1};

		if (lrp_parse_invitation(edit->invitations.lines[i], &one, ignored) <= 0)
			continue;
		if (!found && lrp_invitations_find(&alone, secret_hash)) {
			*ret_invitation = one;
			*ret_index = i;
			found = true;
		} else {
			lrp_options_done(&one.options);
		}
	}
	return found;
}

/* What to say without changing anything; LRP_TAKE_GOOD: nothing speaks against it. */
static enum lrp_take_result judge(const struct edit *edit, const struct lrp_invitation *invitation,
				  const struct node_id *id, int64_t now, bool *ret_again)
{
	ssize_t listed = find_lrp(edit, invitation->name, NULL);

	*ret_again = invitation->used && listed >= 0 && listed == find_lrp(edit, NULL, id);
	if (invitation->used && !*ret_again)
		return LRP_TAKE_USED;
	return now > invitation->expires ? LRP_TAKE_EXPIRED : LRP_TAKE_GOOD;
}

/* Whether the administrator has shut out this node, or whoever had this name. */
static bool is_disabled(const struct edit *edit, const char *name, const struct node_id *id)
{
	const ssize_t found[] = {find_lrp(edit, name, NULL), find_lrp(edit, NULL, id)};
	char ignored[LRP_ERROR_MAX];
	bool disabled = false;

	for (size_t i = 0; i < ARRAY_SIZE(found); i++) {
		struct lrp lrp;

		if (found[i] < 0 || lrp_parse_line(edit->list.lines[found[i]], &lrp, ignored) <= 0)
			continue;
		disabled |= lrp.options.disabled;
		lrp_options_done(&lrp.options);
	}
	return disabled;
}

/*
 * One line for the node; others with its name or ID go. If one of those is disabled, the new one is
 * too: to enable is for the administrator alone, not for who has a line.
 */
static bool put_on_list(struct edit *edit, const struct node_id *id,
			const struct lrp_invitation *invitation)
{
	char line[LINE_MAX_LEN], text[NODE_ID_TEXT_LEN + 1];
	ssize_t at = find_lrp(edit, invitation->name, NULL), other;
	bool shut = !invitation->options.disabled && is_disabled(edit, invitation->name, id);

	(void)snprintf(line, sizeof(line), "%s %s%s%s%s", node_id_text(id, text), invitation->name,
		       invitation->options.text[0] ? " " : "", invitation->options.text,
		       shut ? " disabled" : "");
	if (at >= 0 ? !line_file_replace(&edit->list, (size_t)at, line)
		    : !line_file_append(&edit->list, line))
		return false;
	if (at < 0)
		at = (ssize_t)edit->list.count - 1;
	for (size_t i = edit->list.count; i-- > 0;) {
		struct lrp lrp;
		char ignored[LRP_ERROR_MAX];

		other = (ssize_t)i;
		if (other == at || lrp_parse_line(edit->list.lines[i], &lrp, ignored) <= 0)
			continue;
		lrp_options_done(&lrp.options);
		if (node_id_equal(&lrp.id, id) || strcmp(lrp.name, invitation->name) == 0)
			line_file_remove(&edit->list, i);
	}
	return true;
}

/*
 * The secret is spent before the node is on the list: if the disk fails in between, a new
 * invitation is needed, and nobody comes in twice.
 */
static enum lrp_take_result take(struct edit *edit, const struct lrp_invitation *invitation,
				 size_t index, const struct node_id *id, int64_t now,
				 char error[LRP_ERROR_MAX])
{
	char line[LINE_MAX_LEN];

	invitation_text(line, invitation->secret_hash, invitation->expires, invitation->name,
			invitation->options.text, true);
	if (!line_file_replace(&edit->invitations, index, line) ||
	    !put_on_list(edit, id, invitation)) {
		(void)fail(error, edit->list_path, -ENOMEM);
		return LRP_TAKE_FAILED;
	}
	(void)drop_invitations(edit, NULL, now);
	if (!write_file(&edit->invitations, edit->invitations_path, error) ||
	    !write_file(&edit->list, edit->list_path, error))
		return LRP_TAKE_FAILED;
	return LRP_TAKE_GOOD;
}

/*
 * Whether the invitations are worth the lock: whoever connects may show any secret, and must not
 * keep the administrator waiting by that. They are replaced as a whole, so reading needs no lock.
 */
static bool may_be_invited(const char *path, const uint8_t *secret_hash)
{
	struct lrp_invitation invitation;
	struct edit edit = {.lock = -1};
	size_t index;
	bool found;

	if (snprintf(edit.invitations_path, sizeof(edit.invitations_path),
		     "%s" LRP_INVITATIONS_SUFFIX, path) >= (int)sizeof(edit.invitations_path) ||
	    line_file_read(edit.invitations_path, &edit.invitations) != 0)
		return true; /* under the lock it is told what is wrong */
	found = find_invitation(&edit, secret_hash, &invitation, &index);
	if (found)
		lrp_options_done(&invitation.options);
	end_edit(&edit);
	return found;
}

enum lrp_take_result lrp_edit_take(const char *path, const uint8_t secret_hash[LRP_SECRET_HASH_LEN],
				   const struct node_id *id, int64_t now,
				   char ret_name[LRP_NAME_MAX + 1], char ret_error[LRP_ERROR_MAX])
{
	struct lrp_invitation invitation;
	enum lrp_take_result result = LRP_TAKE_UNKNOWN;
	struct edit edit;
	size_t index;
	bool again;

	if (!may_be_invited(path, secret_hash))
		return LRP_TAKE_UNKNOWN;
	if (!begin_edit(&edit, path, ret_error))
		return LRP_TAKE_FAILED;
	if (find_invitation(&edit, secret_hash, &invitation, &index)) {
		result = judge(&edit, &invitation, id, now, &again);
		if (result == LRP_TAKE_GOOD && !again)
			result = take(&edit, &invitation, index, id, now, ret_error);
		if (result == LRP_TAKE_GOOD)
			memcpy(ret_name, invitation.name, sizeof(invitation.name));
		lrp_options_done(&invitation.options);
	}
	end_edit(&edit);
	return result;
}

/* The LRP's line with or without the word `disabled`. */
static bool disabled_line(const char *text, bool disabled, char out[LINE_MAX_LEN])
{
	char ignored[LRP_ERROR_MAX], id[NODE_ID_TEXT_LEN + 1];
	char *word;
	struct lrp lrp;

	if (lrp_parse_line(text, &lrp, ignored) <= 0)
		return false;
	(void)snprintf(out, LINE_MAX_LEN, "%s %s%s%s", node_id_text(&lrp.id, id), lrp.name,
		       lrp.options.text[0] ? " " : "", lrp.options.text);
	if (disabled && !lrp.options.disabled)
		(void)snprintf(out + strlen(out), LINE_MAX_LEN - strlen(out), " disabled");
	word = out + NODE_ID_TEXT_LEN + 1 + strlen(lrp.name);
	word = !disabled && lrp.options.disabled ? strstr(word, " disabled") : NULL;
	if (word)
		memmove(word, word + strlen(" disabled"), strlen(word + strlen(" disabled")) + 1);
	lrp_options_done(&lrp.options);
	return true;
}

enum lrp_edit_result lrp_edit_set_disabled(const char *path, const char *name, bool disabled,
					   int64_t now, bool *ret_uninvited,
					   char ret_error[LRP_ERROR_MAX])
{
	char line[LINE_MAX_LEN];
	struct edit edit;
	bool uninvited, good = true;
	ssize_t at;

	if (!begin_edit(&edit, path, ret_error))
		return LRP_EDIT_FAILED;
	at = find_lrp(&edit, name, NULL);
	if (at < 0) {
		end_edit(&edit);
		return LRP_EDIT_NOT_FOUND;
	}
	/* Who is shut out may have a line to come in by with another key. */
	uninvited = disabled && drop_invitations(&edit, name, now);
	if (uninvited)
		good = write_file(&edit.invitations, edit.invitations_path, ret_error);
	good = good && ((disabled_line(edit.list.lines[at], disabled, line) &&
			 line_file_replace(&edit.list, (size_t)at, line)) ||
			fail(ret_error, path, -ENOMEM));
	good = good && write_file(&edit.list, edit.list_path, ret_error);
	end_edit(&edit);
	if (good)
		*ret_uninvited = uninvited;
	return good ? LRP_EDIT_DONE : LRP_EDIT_FAILED;
}

enum lrp_edit_result lrp_edit_remove(const char *path, const char *name, int64_t now,
				     char ret_error[LRP_ERROR_MAX])
{
	struct edit edit;
	bool invited, good = true;
	ssize_t at;

	if (!begin_edit(&edit, path, ret_error))
		return LRP_EDIT_FAILED;
	invited = drop_invitations(&edit, name, now);
	at = find_lrp(&edit, name, NULL);
	if (invited)
		good = write_file(&edit.invitations, edit.invitations_path, ret_error);
	if (good && at >= 0) {
		line_file_remove(&edit.list, (size_t)at);
		good = write_file(&edit.list, edit.list_path, ret_error);
	}
	end_edit(&edit);
	if (!good)
		return LRP_EDIT_FAILED;
	return invited || at >= 0 ? LRP_EDIT_DONE : LRP_EDIT_NOT_FOUND;
}
