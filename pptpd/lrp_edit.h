/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes the list of LRPs and the invitations beside it: under a lock, as a whole or not at all,
 * with every other line and comment kept. Blocks on lock and disk; logs nothing.
 */
#ifndef PPTPD_LRP_EDIT_H
#define PPTPD_LRP_EDIT_H

#include "pptpd/lrp_list.h"

/* How long another who changes the files is waited for, in milliseconds. */
#define LRP_LOCK_WAIT_MS 5000

enum lrp_edit_result {
	LRP_EDIT_DONE,
	LRP_EDIT_NOT_FOUND, /* no LRP and no invitation of that name */
	LRP_EDIT_FAILED,    /* ret_error says why */
};

/* The LRP whose place is to be taken. */
struct lrp_replaced {
	bool listed;   /* there is one, and its key will be replaced */
	bool disabled; /* and it is disabled, as the new one will be */
};

/*
 * Adds an invitation: the line's words are `name` and `options` (checked as by
 * lrp_options_parse()). An earlier unused one of that name is replaced. *ret_replaced: who has that
 * name on the list already. `now` and `expires` in seconds since 1970.
 */
bool lrp_edit_invite(const char *path, const uint8_t secret_hash[LRP_SECRET_HASH_LEN],
		     int64_t expires, const char *name, const char *options, int64_t now,
		     struct lrp_replaced *ret_replaced, char ret_error[LRP_ERROR_MAX]);

enum lrp_take_result {
	LRP_TAKE_GOOD,    /* the node is on the list now, as *ret_name */
	LRP_TAKE_UNKNOWN, /* no such invitation */
	LRP_TAKE_USED,    /* by another node */
	LRP_TAKE_EXPIRED,
	LRP_TAKE_FAILED, /* ret_error says why */
};

/*
 * Takes the invitation with that secret for `id`: marks it as used, then puts the node on the list
 * in place of any line with its name or ID; if one of those was disabled, so is the new one. A node
 * that shows its secret once more before the end (it may not have got our answer) is told the same
 * again. A secret of no invitation is told from the others without the lock.
 */
enum lrp_take_result lrp_edit_take(const char *path, const uint8_t secret_hash[LRP_SECRET_HASH_LEN],
				   const struct node_id *id, int64_t now,
				   char ret_name[LRP_NAME_MAX + 1], char ret_error[LRP_ERROR_MAX]);

/*
 * Who is disabled loses the unused invitations for its name too; *ret_uninvited: there was one.
 */
enum lrp_edit_result lrp_edit_set_disabled(const char *path, const char *name, bool disabled,
					   int64_t now, bool *ret_uninvited,
					   char ret_error[LRP_ERROR_MAX]);

/* From the list, and its unused invitations too. */
enum lrp_edit_result lrp_edit_remove(const char *path, const char *name, int64_t now,
				     char ret_error[LRP_ERROR_MAX]);

#endif
