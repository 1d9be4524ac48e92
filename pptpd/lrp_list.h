/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LRPs that may come in (`rrp-peers`), and the invitations beside that file: what a line means.
 * Reads; changing the files is pptpd/lrp_edit.h. Logs nothing; of use without the manager.
 */
#ifndef PPTPD_LRP_LIST_H
#define PPTPD_LRP_LIST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pptpd/base/address.h"
#include "pptpd/base/net.h"
#include "pptpd/base/node_id.h"
#include "pptpd/ip_spec.h"

/* Longest name, without terminator: as IPC_NAME_MAX and the tunnel's HELLO. */
#define LRP_NAME_MAX 64

/* Source networks of one LRP: more than a branch has lines to its providers. */
#define LRP_NETS_MAX 16

/* Addresses of one LRP: no more than there are calls. */
#define LRP_ADDRESSES_MAX 65535

/* Longest text about what is wrong with a file. */
#define LRP_ERROR_MAX 512

/* The hash of an invitation's secret (SHA-256). */
#define LRP_SECRET_HASH_LEN 32

/* Words behind the name. */
#define LRP_OPTIONS_TEXT_MAX 1024

/* Added to the list's path. */
#define LRP_INVITATIONS_SUFFIX ".invitations"
#define LRP_LOCK_SUFFIX        ".lock"

/* How long an invitation is remembered after its end, for a clear answer, in seconds. */
#define LRP_INVITATION_KEPT_S 86400

struct lrp_options {
	unsigned calls;  /* at once, 0: no limit of its own */
	char *addresses; /* the list as it was written, NULL: the whole pool */
	struct ip_list address_list;
	struct net from[LRP_NETS_MAX];
	size_t from_count; /* 0: from anywhere */
	bool disabled;
	char text[LRP_OPTIONS_TEXT_MAX]; /* all of them as words, "" for none */
};

struct lrp {
	struct node_id id;
	char name[LRP_NAME_MAX + 1];
	struct lrp_options options;
	unsigned line; /* in its file, from 1 */
};

struct lrp_list {
	struct lrp *lrps;
	size_t count;
};

struct lrp_invitation {
	uint8_t secret_hash[LRP_SECRET_HASH_LEN];
	int64_t expires; /* seconds since 1970 */
	bool used;
	char name[LRP_NAME_MAX + 1];
	struct lrp_options options;
	unsigned line;
};

struct lrp_invitations {
	struct lrp_invitation *invitations;
	size_t count;
};

/* Letters, digits and ._- only, 1 to LRP_NAME_MAX of them. */
bool lrp_name_valid(const char *name);

/*
 * Parses the words behind a name: [calls N] [addresses LIST] [from NET,...] [disabled]. On success
 * *ret_options is the caller's, for lrp_options_done(); else ret_error says what is wrong.
 */
bool lrp_options_parse(const char *text, struct lrp_options *ret_options,
		       char ret_error[LRP_ERROR_MAX]);
void lrp_options_done(struct lrp_options *options);

/* Whether a connection from that address may be the LRP's. */
bool lrp_options_allow_source(const struct lrp_options *options, const struct address *remote);

/* Whether its calls may have that PPP address. */
bool lrp_options_allow_address(const struct lrp_options *options, struct in_addr address);

/*
 * Whether any of its addresses is in the pool: else each of its calls is refused. One of addresses
 * that pppd chooses is good for all.
 */
struct addr_pool;
bool lrp_options_fit_pool(const struct lrp_options *options, const struct addr_pool *pool);

/*
 * Reads the list, in which no ID and no name stands twice. Without a file the list is empty.
 * False, *ret_list untouched, with "FILE:LINE: what is wrong" in ret_error.
 */
bool lrp_list_read(const char *path, struct lrp_list *ret_list, char ret_error[LRP_ERROR_MAX]);

/*
 * The same for who lets LRPs in by it: refuses also when others than root (or we) could have
 * changed the list, its folder or the invitations, or could read the latter.
 */
bool lrp_list_read_trusted(const char *path, struct lrp_list *ret_list,
			   char ret_error[LRP_ERROR_MAX]);

/* Whether they could not; ret_error says which of them, and what to do. */
bool lrp_list_check_owner(const char *path, char ret_error[LRP_ERROR_MAX]);

/*
 * The same for who only looks: leaves out the lines that are wrong. ret_error is then about the
 * first of them, else "". False when nothing can be read.
 */
bool lrp_list_read_good_lines(const char *path, struct lrp_list *ret_list,
			      char ret_error[LRP_ERROR_MAX]);
void lrp_list_done(struct lrp_list *list);

/* NULL if it is not on the list. */
const struct lrp *lrp_list_find_id(const struct lrp_list *list, const struct node_id *id);
const struct lrp *lrp_list_find_name(const struct lrp_list *list, const char *name);

/* The same for the invitations beside the list at `path`. */
bool lrp_invitations_read(const char *path, struct lrp_invitations *ret_invitations,
			  char ret_error[LRP_ERROR_MAX]);
void lrp_invitations_done(struct lrp_invitations *invitations);

/* The invitation with that secret, or NULL. Takes the same time wherever hashes differ. */
const struct lrp_invitation *lrp_invitations_find(const struct lrp_invitations *invitations,
						  const uint8_t secret_hash[LRP_SECRET_HASH_LEN]);

/*
 * One line of each file, in memory: 1 with the object, 0 for a comment or blank line, -1 with what
 * is wrong. For lrp_edit.c.
 */
int lrp_parse_line(const char *text, struct lrp *ret_lrp, char ret_error[LRP_ERROR_MAX]);
int lrp_parse_invitation(const char *text, struct lrp_invitation *ret_invitation,
			 char ret_error[LRP_ERROR_MAX]);

#endif
