// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes on a signer's channel; see the header. */
#include "rrp/signer_request.h"

#include <string.h>

#include "pptpd/base/bytes.h"
#include "pptpd/base/util.h"

/* RFC 8446 4.4.3 */
#define SPACES         64
#define CONTEXT_LEN    33
#define CONTENT_SHA256 (SPACES + CONTEXT_LEN + 1 + 32)
#define CONTENT_SHA384 (SPACES + CONTEXT_LEN + 1 + 48)

static const char *const contexts[] = {
	[SIGNER_SERVER] = "TLS 1.3, server CertificateVerify",
	[SIGNER_CLIENT] = "TLS 1.3, client CertificateVerify",
};

size_t signer_request_write(const struct signer_request *request, uint8_t *out)
{
	struct byte_writer writer = wr_init(out, SIGNER_REQUEST_MAX);

	wr_u16(&writer, (uint64_t)request->kind);
	wr_u16(&writer, request->scheme);
	wr_u32(&writer, request->number);
	if (request->content_len)
		wr_copy(&writer, request->content, request->content_len);
	return wr_failed(&writer) ? 0 : wr_len(&writer);
}

static bool length_fits(uint16_t kind, size_t content_len)
{
	if (kind == SIGNER_IDENTITY)
		return content_len == 0;
	return kind == SIGNER_SIGN && content_len <= SIGNER_CONTENT_MAX;
}

bool signer_request_read(const uint8_t *packet, size_t len, struct signer_request *ret_request)
{
	struct byte_reader in = rd_init(packet, len);
	uint16_t kind = rd_u16(&in);
	struct signer_request request = {.kind = (enum signer_kind)kind};

	request.scheme = rd_u16(&in);
	request.number = rd_u32(&in);
	request.content_len = rd_left(&in);
	request.content = rd_bytes(&in, request.content_len);
	if (rd_failed(&in) || !length_fits(kind, request.content_len))
		return false;
	*ret_request = request;
	return true;
}

size_t signer_reply_write(const struct signer_reply *reply, uint8_t *out)
{
	struct byte_writer writer = wr_init(out, SIGNER_REPLY_MAX);

	wr_u16(&writer, (uint64_t)reply->outcome);
	wr_u32(&writer, reply->number);
	if (reply->body_len)
		wr_copy(&writer, reply->body, reply->body_len);
	return wr_failed(&writer) ? 0 : wr_len(&writer);
}

bool signer_reply_read(const uint8_t *packet, size_t len, struct signer_reply *ret_reply)
{
	struct byte_reader in = rd_init(packet, len);
	uint16_t outcome = rd_u16(&in);
	struct signer_reply reply = {.outcome = (enum signer_outcome)outcome};

	reply.number = rd_u32(&in);
	reply.body_len = rd_left(&in);
	reply.body = rd_bytes(&in, reply.body_len);
	if (rd_failed(&in) || outcome >= SIGNER_OUTCOME_COUNT)
		return false;
	*ret_reply = reply;
	return true;
}

bool signer_content_allowed(enum signer_role role, const uint8_t *content, size_t len)
{
	if (len != CONTENT_SHA256 && len != CONTENT_SHA384)
		return false;
	if (role != SIGNER_SERVER && role != SIGNER_CLIENT)
		return false;
	for (size_t i = 0; i < SPACES; i++) {
		if (content[i] != ' ')
			return false;
	}
	/* With the terminator: it is the zero byte that separates. */
	return memcmp(content + SPACES, contexts[role], CONTEXT_LEN + 1) == 0;
}

size_t signer_content_write(enum signer_role role, const uint8_t *hash, size_t len, uint8_t *out)
{
	struct byte_writer writer = wr_init(out, SIGNER_CONTENT_MAX);

	for (unsigned i = 0; i < SPACES; i++)
		wr_u8(&writer, ' ');
	wr_copy(&writer, contexts[role], CONTEXT_LEN + 1);
	wr_copy(&writer, hash, len);
	len = wr_len(&writer);
	return !wr_failed(&writer) && signer_content_allowed(role, out, len) ? len : 0;
}
