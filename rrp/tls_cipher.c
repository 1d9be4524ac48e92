// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of ciphers; see the header. */
#include "rrp/tls_cipher.h"

#include <stdbool.h>

#if defined(__aarch64__) || defined(__arm__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#define VERSION "NONE:+VERS-TLS1.3:+AEAD:+CTYPE-X509"
#define AES     ":+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM"
#define CHACHA  ":+CHACHA20-POLY1305:+AES-128-GCM:+AES-256-GCM"
#define KEYS    ":+GROUP-X25519:+GROUP-SECP256R1:+SIGN-ALL:%PROFILE_MEDIUM"

static bool processor_has_aes(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
	return getauxval(AT_HWCAP) & HWCAP_AES;
#elif defined(__arm__)
	return getauxval(AT_HWCAP2) & HWCAP2_AES;
#else
	return false;
#endif
}

const char *tls_cipher_priority(void)
{
	return processor_has_aes() ? VERSION AES KEYS : VERSION CHACHA KEYS;
}
