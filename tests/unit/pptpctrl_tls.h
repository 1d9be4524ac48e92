/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the place of TLS below a tunnel: the test says how a handshake ends. */
#ifndef TESTS_UNIT_PPTPCTRL_TLS_H
#define TESTS_UNIT_PPTPCTRL_TLS_H

#include <stdbool.h>

#include "rrp/tls.h"

struct fake_tls {
	struct tls_handshake *handshake; /* NULL while there is none */
	struct tls_refusing *refusing;   /* NULL while nobody is told to go */
	enum tls_refusal refusal;        /* the last */
	bool out_of_memory;              /* for what comes next */
};

extern struct fake_tls fake_tls;

/* What node every peer of these tests proves to be. */
struct node_id fake_tls_node(void);

/* The handshake is done, or failed. */
void fake_tls_done(enum tls_purpose purpose);
void fake_tls_failed(const char *text);

/* Who was refused has been told. */
void fake_tls_refused(void);

#endif
