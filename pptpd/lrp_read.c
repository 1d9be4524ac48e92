/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of LRPs and the invitations as whole files; see pptpd/lrp_list.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pptpd/line_file.h"
#include "pptpd/lrp_list.h"

static bool open_lines(const char *path, struct line_file *ret_file, char error[LRP_ERROR_MAX])
{
	int problem = line_file_read(path, ret_file);

	if (problem)
		(void)snprintf(error, LRP_ERROR_MAX, "%.256s: %s", path, strerror(-problem));
	return problem == 0;
}

static void put_line_number(const char *path, size_t index, const char *problem,
			    char error[LRP_ERROR_MAX])
{
	(void)snprintf(error, LRP_ERROR_MAX, "%.256s:%zu: %.200s", path, index + 1, problem);
}

const struct lrp *lrp_list_find_id(const struct lrp_list *list, const struct node_id *id)
{
	for (size_t i = 0; i < list->count; i++) {
		if (node_id_equal(&list->lrps[i].id, id))
			return &list->lrps[i];
	}
	return NULL;
}

const struct lrp *lrp_list_find_name(const struct lrp_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->lrps[i].name, name) == 0)
			return &list->lrps[i];
	}
	return NULL;
}

void lrp_list_done(struct lrp_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		lrp_options_done(&list->lrps[i].options);
	free(list->lrps);
	*list = (struct lrp_list){0};
}

/* Takes over the options also on failure. */
static bool add_lrp(struct lrp_list *list, struct lrp *lrp, char problem[LRP_ERROR_MAX])
{
	const struct lrp *same_id = lrp_list_find_id(list, &lrp->id);
	const struct lrp *same_name = lrp_list_find_name(list, lrp->name);
	struct lrp *bigger = NULL;

	if (same_id)
		(void)snprintf(problem, LRP_ERROR_MAX, "the node ID stands in line %u already",
			       same_id->line);
	else if (same_name)
		(void)snprintf(problem, LRP_ERROR_MAX, "the name '%s' stands in line %u already",
			       lrp->name, same_name->line);
	else
		bigger = reallocarray(list->lrps, list->count + 1, sizeof(*list->lrps));
	if (!bigger) {
		if (!same_id && !same_name)
			(void)snprintf(problem, LRP_ERROR_MAX, "out of memory");
		lrp_options_done(&lrp->options);
		return false;
	}
	list->lrps = bigger;
	list->lrps[list->count++] = *lrp;
	return true;
}

/* Adds all good lines; the text is about the first that is wrong. */
static void parse_lines(const char *path, const struct line_file *file, struct lrp_list *list,
			char error[LRP_ERROR_MAX])
{
	char problem[LRP_ERROR_MAX];
	bool told = false;

	for (size_t i = 0; i < file->count; i++) {
		struct lrp lrp;
		int found = lrp_parse_line(file->lines[i], &lrp, problem);

		lrp.line = (unsigned)i + 1;
		if (found == 0 || (found > 0 && add_lrp(list, &lrp, problem)))
			continue;
		if (!told)
			put_line_number(path, i, problem, error);
		told = true;
	}
}

bool lrp_list_read(const char *path, struct lrp_list *ret_list, char ret_error[LRP_ERROR_MAX])
{
	struct lrp_list list;
	char error[LRP_ERROR_MAX];

	bool readable = lrp_list_read_good_lines(path, &list, error);

	if (readable && !error[0]) {
		*ret_list = list;
		return true;
	}
	if (readable)
		lrp_list_done(&list);
	(void)snprintf(ret_error, LRP_ERROR_MAX, "%s", error);
	return false;
}

/* What is not there nobody has changed. */
static bool check_one(const char *path, mode_t forbidden, char error[LRP_ERROR_MAX])
{
	struct stat status;

	if (stat(path, &status) != 0)
		return true;
	if (status.st_uid != 0 && status.st_uid != geteuid())
		(void)snprintf(error, LRP_ERROR_MAX,
			       "%.256s belongs to user %u, who could let anyone in: chown root",
			       path, (unsigned)status.st_uid);
	else if (status.st_mode & forbidden & 022)
		(void)snprintf(error, LRP_ERROR_MAX,
			       "%.256s has mode %04o, so others than root could let anyone in: "
			       "chmod go-w",
			       path, (unsigned)status.st_mode & 07777);
	else if (status.st_mode & forbidden)
		(void)snprintf(error, LRP_ERROR_MAX,
			       "%.256s has mode %04o, so others can read it: chmod 600", path,
			       (unsigned)status.st_mode & 07777);
	else
		return true;
	return false;
}

bool lrp_list_check_owner(const char *path, char ret_error[LRP_ERROR_MAX])
{
	char folder[PATH_MAX], invitations[PATH_MAX];
	const char *slash = strrchr(path, '/');

	(void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		       slash ? path : ".");
	(void)snprintf(invitations, sizeof(invitations), "%s" LRP_INVITATIONS_SUFFIX, path);
	return check_one(folder, 022, ret_error) && check_one(path, 022, ret_error) &&
	       check_one(invitations, 077, ret_error);
}

bool lrp_list_read_trusted(const char *path, struct lrp_list *ret_list,
			   char ret_error[LRP_ERROR_MAX])
{
	return lrp_list_check_owner(path, ret_error) && lrp_list_read(path, ret_list, ret_error);
}

bool lrp_list_read_good_lines(const char *path, struct lrp_list *ret_list,
			      char ret_error[LRP_ERROR_MAX])
{
	struct lrp_list list = {0};
	struct line_file file;

	if (!open_lines(path, &file, ret_error))
		return false;
	ret_error[0] = '\0';
	parse_lines(path, &file, &list, ret_error);
	line_file_done(&file);
	*ret_list = list;
	return true;
}

void lrp_invitations_done(struct lrp_invitations *invitations)
{
	for (size_t i = 0; i < invitations->count; i++)
		lrp_options_done(&invitations->invitations[i].options);
	free(invitations->invitations);
	*invitations = (struct lrp_invitations){0};
}

static bool add_invitation(struct lrp_invitations *all, struct lrp_invitation *invitation,
			   char problem[LRP_ERROR_MAX])
{
	struct lrp_invitation *bigger =
		reallocarray(all->invitations, all->count + 1, sizeof(*all->invitations));

	if (!bigger) {
		(void)snprintf(problem, LRP_ERROR_MAX, "out of memory");
		lrp_options_done(&invitation->options);
		return false;
	}
	all->invitations = bigger;
	all->invitations[all->count++] = *invitation;
	return true;
}

bool lrp_invitations_read(const char *path, struct lrp_invitations *ret_invitations,
			  char ret_error[LRP_ERROR_MAX])
{
	struct lrp_invitations all = {0};
	struct line_file file;
	char problem[LRP_ERROR_MAX], beside[PATH_MAX];
	bool good = true;

	(void)snprintf(beside, sizeof(beside), "%s" LRP_INVITATIONS_SUFFIX, path);
	if (!open_lines(beside, &file, ret_error))
		return false;
	for (size_t i = 0; i < file.count && good; i++) {
		struct lrp_invitation invitation;
		int found = lrp_parse_invitation(file.lines[i], &invitation, problem);

		invitation.line = (unsigned)i + 1;
		good = found == 0 || (found > 0 && add_invitation(&all, &invitation, problem));
		if (!good)
			put_line_number(beside, i, problem, ret_error);
	}
	line_file_done(&file);
	if (good)
		*ret_invitations = all;
	else
		lrp_invitations_done(&all);
	return good;
}

static bool same_hash(const uint8_t *a, const uint8_t *b)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < LRP_SECRET_HASH_LEN; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

const struct lrp_invitation *lrp_invitations_find(const struct lrp_invitations *invitations,
						  const uint8_t secret_hash[LRP_SECRET_HASH_LEN])
{
	const struct lrp_invitation *found = NULL;

	for (size_t i = 0; i < invitations->count; i++) {
		if (same_hash(invitations->invitations[i].secret_hash, secret_hash))
			found = &invitations->invitations[i];
	}
	return found;
}
