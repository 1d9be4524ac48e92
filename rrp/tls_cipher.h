/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of TLS is used here, as GnuTLS's priority string. */
#ifndef RRP_TLS_CIPHER_H
#define RRP_TLS_CIPHER_H

/*
 * TLS 1.3 only. The client's order counts: AES first where the processor has instructions for it,
 * else ChaCha20, which is then several times as fast. Static.
 */
const char *tls_cipher_priority(void);

#endif
