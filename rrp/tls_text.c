// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words for what can go wrong with TLS, for the operator of this end: what was expected, and what
 * to do. They come behind the other's address, "it" is the other; a client's speak of the server.
 */
#include "rrp/tls_private.h"

#include <stdio.h>
#include <string.h>

#include "pptpd/base/util.h"

/* Texts by number, for either end. */
struct text {
	int number;
	const char *at_server;
	const char *at_client;
};

/* What an alert of the other means during the handshake; %s: our node ID. */
static const struct text handshake_alerts[] = {
	{GNUTLS_A_CERTIFICATE_UNKNOWN,
	 "it expects another server than this one: the pin on its side should be %s",
	 "the server does not accept our certificate"},
	{GNUTLS_A_CERTIFICATE_EXPIRED,
	 "it finds our certificate's dates wrong: renew the certificate, or its clock is wrong",
	 "the server finds our certificate expired, which none should look at"},
	{GNUTLS_A_UNKNOWN_CA,
	 "it does not trust the authority of our certificate: its `ca` must have that authority, "
	 "or it needs the pin %s",
	 "the server asks for a certificate of some authority: it is no RRP"},
	{GNUTLS_A_BAD_CERTIFICATE,
	 "it does not accept our certificate: it asked for another host name, or finds the key "
	 "or signature of one in the chain too weak",
	 "the server cannot read our certificate"},
	{GNUTLS_A_PROTOCOL_VERSION, "it does not do TLS 1.3, which is needed here",
	 "the server does not do TLS 1.3, which is needed: is this an RRP of this version?"},
	{GNUTLS_A_HANDSHAKE_FAILURE, "it does none of the ciphers that are used here",
	 "the server does no TLS 1.3, or none of the ciphers that are used here: is it an RRP?"},
	{GNUTLS_A_NO_APPLICATION_PROTOCOL, "it does not know the tunnel's protocol",
	 "the server does not know the tunnel's protocol: it is no RRP, check address and port"},
	{GNUTLS_A_INTERNAL_ERROR, "it has trouble of its own; see its log",
	 "the server has trouble of its own and cannot serve now; see its log"},
};

/* The same once the handshake is done: the server's verdict on this client. %s: our node ID. */
static const struct text verdict_alerts[] = {
	{GNUTLS_A_CERTIFICATE_UNKNOWN, "it does not want us any more",
	 "the server does not know this LRP, node ID %s: add it there with `pptpd-ctl lrp add` and "
	 "enrol here again"},
	{GNUTLS_A_CERTIFICATE_REVOKED, "it does not want us any more",
	 "the server has this LRP, node ID %s, disabled: `pptpd-ctl lrp enable` there lets it in"},
	{GNUTLS_A_ACCESS_DENIED, "it does not want us any more",
	 "the server does not let this LRP, node ID %s, in from this address: see `from` in its "
	 "list"},
	{GNUTLS_A_CERTIFICATE_REQUIRED, "it wants a certificate",
	 "the server did not get our certificate"},
	{GNUTLS_A_INTERNAL_ERROR, "it has trouble of its own; see its log",
	 "the server cannot take this tunnel now: it has as many as it may, or trouble of its own; "
	 "see its log"},
};

/* What GnuTLS finds itself. */
static const struct text errors[] = {
	{GNUTLS_E_UNSUPPORTED_VERSION_PACKET,
	 "it does not offer TLS 1.3, which is needed: it is no LRP of this version",
	 "the server does not do TLS 1.3, which is needed: is this an RRP of this version?"},
	{GNUTLS_E_NO_CIPHER_SUITES, "it offers none of the ciphers that are used here",
	 "the server does none of the ciphers that are used here"},
	{GNUTLS_E_NO_COMMON_KEY_SHARE, "it offers no key exchange that is used here",
	 "the server does no key exchange that is used here"},
	{GNUTLS_E_CERTIFICATE_REQUIRED,
	 "it showed no certificate: it is no LRP, or one without its key",
	 "the server showed no certificate"},
	{GNUTLS_E_NO_CERTIFICATE_FOUND,
	 "it showed no certificate: it is no LRP, or one without its key",
	 "the server showed no certificate"},
	{GNUTLS_E_PK_SIG_VERIFY_FAILED, "it does not have the key of the certificate that it shows",
	 "the server does not have the key of the certificate that it shows"},
	{GNUTLS_E_PREMATURE_TERMINATION, "it closed the connection in the middle of the handshake",
	 "the server closed the connection in the middle of the handshake: see its log"},
	{GNUTLS_E_DECRYPTION_FAILED, "what came was damaged or forged on the way",
	 "what came was damaged or forged on the way"},
};

static const char *find(const struct text *texts, size_t count, int number, bool is_client)
{
	for (size_t i = 0; i < count; i++) {
		if (texts[i].number == number)
			return is_client ? texts[i].at_client : texts[i].at_server;
	}
	return NULL;
}

/* One of the texts above; those with a %s say our node ID. */
static void write_text(struct tls_link *link, const char *text)
{
	char id[NODE_ID_TEXT_LEN + 1];
	const char *place = strstr(text, "%s");

	if (place)
		(void)snprintf(link->text, sizeof(link->text), "%.*s%s%s", (int)(place - text),
			       text, node_id_text(&link->identity->id, id), place + 2);
	else
		(void)snprintf(link->text, sizeof(link->text), "%s", text);
}

static void write_alert(struct tls_link *link)
{
	gnutls_alert_description_t alert = gnutls_alert_get(link->session);
	const char *name = gnutls_alert_get_name(alert);
	const char *text = NULL;

	if (link->is_up)
		text = find(verdict_alerts, ARRAY_SIZE(verdict_alerts), (int)alert,
			    link->is_client);
	if (!text)
		text = find(handshake_alerts, ARRAY_SIZE(handshake_alerts), (int)alert,
			    link->is_client);
	if (text)
		write_text(link, text);
	else
		(void)snprintf(link->text, sizeof(link->text), "%s ended TLS with alert %d (%s)",
			       link->is_client ? "the server" : "it", (int)alert,
			       name ? name : "unknown");
}

static const char *describe_alien(const struct tls_link *link)
{
	if (link->is_client)
		return "what the server says is not TLS: there is no RRP, or one with "
		       "`rrp-security plain`";
	return "what it says is not TLS: it is no LRP, or one with `security plain`";
}

static const char *describe_error(const struct tls_link *link, int error)
{
	const char *text = find(errors, ARRAY_SIZE(errors), error, link->is_client);

	if (link->wire.read_error && error == GNUTLS_E_PULL_ERROR)
		return strerror(link->wire.read_error);
	if (text)
		return text;
	return gnutls_strerror(error);
}

static bool is_signature(int error)
{
	return error == GNUTLS_E_PK_SIGN_FAILED || error == GNUTLS_E_INSUFFICIENT_CREDENTIALS;
}

void tls_text_handshake(struct tls_link *link, int error)
{
	const char *alpn = link->is_client
				   ? "the server does not do the tunnel's protocol (ALPN): "
				     "it is no RRP, check address and port"
				   : "it did not ask for the tunnel's protocol (ALPN): it is "
				     "no LRP";

	if (link->fault == TLS_FAULT_PEER)
		return; /* its text is there */
	if (link->fault == TLS_FAULT_ALPN || error == GNUTLS_E_NO_APPLICATION_PROTOCOL)
		write_text(link, alpn);
	else if (link->wire.not_tls)
		write_text(link, describe_alien(link));
	else if (error == GNUTLS_E_FATAL_ALERT_RECEIVED)
		write_alert(link);
	else if (is_signature(error) && *link->identity->trouble)
		(void)snprintf(link->text, sizeof(link->text), "our own trouble: %s",
			       link->identity->trouble);
	else
		write_text(link, describe_error(link, error));
}

void tls_text_stream(struct tls_link *link, int error)
{
	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED)
		write_alert(link);
	else if (error == GNUTLS_E_PREMATURE_TERMINATION)
		write_text(link,
			   "the connection ended without TLS's own end: it was lost, or cut on "
			   "the way");
	else
		write_text(link, describe_error(link, error));
}

void tls_text_timeout(struct tls_link *link, unsigned timeout_s)
{
	const char *what = link->wire.heard ? "said not enough" : "said nothing";

	(void)snprintf(link->text, sizeof(link->text),
		       "%s %s within %u seconds, expected a TLS handshake%s",
		       link->is_client ? "the server" : "it", what, timeout_s,
		       link->is_client && !link->wire.heard ? ": check address and port" : "");
}
