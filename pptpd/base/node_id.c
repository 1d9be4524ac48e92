/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Node IDs; see the header. */
#include "pptpd/base/node_id.h"

#include <string.h>

const char *node_id_text(const struct node_id *id, char out[NODE_ID_TEXT_LEN + 1])
{
	return base32_encode(id->bytes, sizeof(id->bytes), out);
}

bool node_id_parse(const char *text, struct node_id *ret_id)
{
	return base32_decode(text, ret_id->bytes, sizeof(ret_id->bytes));
}

bool node_id_equal(const struct node_id *a, const struct node_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0; /* IDs are public */
}
