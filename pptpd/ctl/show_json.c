// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of LRPs as JSON (RFC 8259); see the header. */
#include <inttypes.h>

#include "pptpd/ctl/show.h"

/* Any text, as a string. */
static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ' || c > '~') /* none of our texts has one; bytes as Latin-1 */
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, "\"%s\": ", name);
	put_string(out, text);
}

static void put_tunnel(FILE *out, const struct control_tunnel *tunnel)
{
	char address[ADDRESS_TEXT_MAX];

	fputs("{", out);
	put_member(out, "address", address_text(&tunnel->remote, address));
	fprintf(out, ", \"since\": %" PRId64 ", \"calls\": %u}", tunnel->since, tunnel->calls);
}

static void put_lrp(const struct show *show, const struct lrp *lrp, FILE *out)
{
	char id[NODE_ID_TEXT_LEN + 1];
	const char *separator = "";

	fputs("{", out);
	put_member(out, "name", lrp->name);
	fputs(", ", out);
	put_member(out, "node_id", node_id_text(&lrp->id, id));
	fputs(", ", out);
	put_member(out, "options", lrp->options.text);
	fputs(", ", out);
	put_member(out, "state", show_state(show, lrp));
	fputs(", \"tunnels\": [", out);
	for (size_t i = 0; i < show->tunnel_count; i++) {
		if (!show_is_of(&show->tunnels[i], lrp))
			continue;
		fputs(separator, out);
		put_tunnel(out, &show->tunnels[i]);
		separator = ", ";
	}
	fputs("]}", out);
}

static void put_invitation(const struct show *show, const struct lrp_invitation *invitation,
			   FILE *out)
{
	fputs("{", out);
	put_member(out, "name", invitation->name);
	fputs(", ", out);
	put_member(out, "options", invitation->options.text);
	fprintf(out, ", \"expires\": %" PRId64 ", \"expired\": %s}", invitation->expires,
		show->now > invitation->expires ? "true" : "false");
}

static void put_plain(const struct control_tunnel *tunnel, FILE *out)
{
	fputs("{", out);
	put_member(out, "name", tunnel->name);
	fputs(", \"tunnel\": ", out);
	put_tunnel(out, tunnel);
	fputs("}", out);
}

void show_json(const struct show *show, FILE *out)
{
	const char *separator = "\n  ";

	fprintf(out, "{\"running\": %s,\n \"lrps\": [",
		show->asked == ASK_NOT_RUNNING ? "false" : "true");
	for (size_t i = 0; i < show->list->count; i++) {
		fputs(separator, out);
		put_lrp(show, &show->list->lrps[i], out);
		separator = ",\n  ";
	}
	fputs("],\n \"invitations\": [", out);
	separator = "\n  ";
	for (size_t i = 0; i < show->invitations->count; i++) {
		if (show->invitations->invitations[i].used)
			continue;
		fputs(separator, out);
		put_invitation(show, &show->invitations->invitations[i], out);
		separator = ",\n  ";
	}
	fputs("],\n \"plain_tunnels\": [", out);
	separator = "\n  ";
	for (size_t i = 0; i < show->tunnel_count; i++) {
		if (show->tunnels[i].tls)
			continue;
		fputs(separator, out);
		put_plain(&show->tunnels[i], out);
		separator = ",\n  ";
	}
	fputs("]}\n", out);
}
