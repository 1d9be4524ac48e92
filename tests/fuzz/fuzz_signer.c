/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any packet as a request to a signing helper, and as its reply: what is taken is written back as
 * it came, and nothing but a CertificateVerify of the one role is allowed.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "rrp/signer_request.h"

static void check_content(const struct signer_request *request)
{
	bool server = signer_content_allowed(SIGNER_SERVER, request->content, request->content_len);
	bool client = signer_content_allowed(SIGNER_CLIENT, request->content, request->content_len);

	MUST(!(server && client));
	if (!server && !client)
		return;
	MUST(request->content_len == 98 + 32 || request->content_len == 98 + 48);
	MUST(memchr(request->content, 0, request->content_len) == request->content + 97);
	MUST(memcmp(request->content + 64, "TLS 1.3, ", 9) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[SIGNER_REPLY_MAX];
	struct signer_request request;
	struct signer_reply reply;

	if (signer_request_read(data, size, &request)) {
		MUST(signer_request_write(&request, bytes) == size);
		MUST(memcmp(bytes, data, size) == 0);
		check_content(&request);
	}
	if (size <= SIGNER_REPLY_MAX && signer_reply_read(data, size, &reply)) {
		MUST(signer_reply_write(&reply, bytes) == size);
		MUST(memcmp(bytes, data, size) == 0);
	}
	return 0;
}
