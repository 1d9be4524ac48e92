// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of LRPs as a table; see the header. */
#include <stdlib.h>
#include <string.h>

#include "pptpd/base/log.h"
#include "pptpd/ctl/show.h"
#include "pptpd/ctl/times.h"

/* "up from [2001:db8::1] since 2026-11-21 07:10, 100 calls, not encrypted" */
#define STATE_MAX (ADDRESS_TEXT_MAX + TIMES_TEXT_MAX + 64)

struct row {
	char name[LRP_NAME_MAX + 1];
	char state[STATE_MAX];
	char options[LRP_OPTIONS_TEXT_MAX];
	char id[NODE_ID_TEXT_LEN + 1];
};

struct table {
	struct row *rows;
	size_t count;
};

static void add(struct table *table, const char *name, const char *state, const char *options,
		const struct node_id *id)
{
	struct row *row = &table->rows[table->count++];

	(void)log_printable(row->name, sizeof(row->name), name);
	(void)snprintf(row->state, sizeof(row->state), "%s", state);
	(void)log_printable(row->options, sizeof(row->options), options);
	if (id)
		(void)node_id_text(id, row->id);
}

static const char *tunnel_state(const struct control_tunnel *tunnel, char out[STATE_MAX])
{
	char address[ADDRESS_TEXT_MAX], since[TIMES_TEXT_MAX];

	(void)snprintf(out, STATE_MAX, "up from %s since %s, %u call%s%s",
		       address_text(&tunnel->remote, address), times_text(tunnel->since, since),
		       tunnel->calls, tunnel->calls == 1 ? "" : "s",
		       tunnel->tls ? "" : ", not encrypted");
	return out;
}

/* A row for each tunnel of the LRP, or one that says why there is none. */
static void add_lrp(struct table *table, const struct show *show, const struct lrp *lrp)
{
	char state[STATE_MAX];
	bool up = false;

	for (size_t i = 0; i < show->tunnel_count; i++) {
		if (!show_is_of(&show->tunnels[i], lrp))
			continue;
		add(table, lrp->name, tunnel_state(&show->tunnels[i], state), lrp->options.text,
		    &lrp->id);
		up = true;
	}
	if (!up)
		add(table, lrp->name, show_state(show, lrp), lrp->options.text, &lrp->id);
}

static void add_invitation(struct table *table, const struct show *show,
			   const struct lrp_invitation *invitation)
{
	char state[STATE_MAX], until[TIMES_TEXT_MAX];

	if (invitation->used)
		return;
	(void)snprintf(state, sizeof(state), "%s %s",
		       show->now > invitation->expires ? "invitation expired" : "invited until",
		       times_text(invitation->expires, until));
	add(table, invitation->name, state, invitation->options.text, NULL);
}

static bool is_listed(const struct show *show, const struct control_tunnel *tunnel)
{
	for (size_t i = 0; i < show->list->count; i++) {
		if (show_is_of(tunnel, &show->list->lrps[i]))
			return true;
	}
	return false;
}

static void print_row(FILE *out, const struct row *row, const size_t widths[3])
{
	fprintf(out, "%-*s  %-*s  %-*s  %s\n", (int)widths[0], row->name, (int)widths[1],
		row->state, (int)widths[2], row->options, row->id[0] ? row->id : "-");
}

static void print(const struct table *table, FILE *out)
{
	static const struct row head = {"NAME", "STATE", "OPTIONS", "NODE ID"};
	size_t widths[3] = {strlen(head.name), strlen(head.state), strlen(head.options)};

	for (size_t i = 0; i < table->count; i++) {
		widths[0] = MAX(widths[0], strlen(table->rows[i].name));
		widths[1] = MAX(widths[1], strlen(table->rows[i].state));
		widths[2] = MAX(widths[2], strlen(table->rows[i].options));
	}
	print_row(out, &head, widths);
	for (size_t i = 0; i < table->count; i++)
		print_row(out, &table->rows[i], widths);
}

bool show_table(const struct show *show, FILE *out)
{
	size_t most = show->list->count + show->tunnel_count + show->invitations->count;
	struct table table = {.rows = calloc(MAX(most, 1), sizeof(struct row))};
	char state[STATE_MAX];

	if (!table.rows)
		return false;
	for (size_t i = 0; i < show->list->count; i++)
		add_lrp(&table, show, &show->list->lrps[i]);
	for (size_t i = 0; i < show->invitations->count; i++)
		add_invitation(&table, show, &show->invitations->invitations[i]);
	for (size_t i = 0; i < show->tunnel_count; i++) {
		if (!is_listed(show, &show->tunnels[i]))
			add(&table, show->tunnels[i].name, tunnel_state(&show->tunnels[i], state),
			    "", NULL);
	}
	print(&table, out);
	free(table.rows);
	return true;
}
