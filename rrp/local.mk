# SPDX-License-Identifier: GPL-2.0-or-later
# The tunnel: a pure core (frame, payload, sched, session) and the loop around it, with TLS below it
# (tls*), for which $(GNUTLS_LIBS) is needed.
noinst_LIBRARIES += librrp.a libsigner.a
librrp_a_SOURCES = \
	%D%/enrol.h %D%/enrol_client.c %D%/enrol_server.c \
	%D%/enrol_line.c %D%/enrol_line.h \
	%D%/enrol_link.c %D%/enrol_link.h \
	%D%/enrol_payload.c %D%/enrol_payload.h \
	%D%/frame.c %D%/frame.h \
	%D%/node_key_id.c %D%/node_key.h \
	%D%/payload.c %D%/payload.h \
	%D%/pool.c %D%/pool.h \
	%D%/sched.c %D%/sched.h \
	%D%/session.c %D%/session.h %D%/session_private.h \
	%D%/session_input.c %D%/session_output.c \
	%D%/signer_request.c %D%/signer_request.h \
	%D%/signer_scheme.c %D%/signer_scheme.h \
	%D%/stream.c %D%/stream.h \
	%D%/tls.h %D%/tls_private.h \
	%D%/tls_anchors.c \
	%D%/tls_cipher.c %D%/tls_cipher.h \
	%D%/tls_handshake.c \
	%D%/tls_identity.c \
	%D%/tls_link.c \
	%D%/tls_refuse.c \
	%D%/tls_stream.c \
	%D%/tls_text.c \
	%D%/tls_transcript.c %D%/tls_transcript.h \
	%D%/tls_wire.c \
	%D%/tunnel.c %D%/tunnel.h \
	%D%/tunnel_call.c

# Those who may have a private key: apart, so that who parses a peer's bytes does not even link it.
# In front of librrp.a, libsandbox.a, libbase.a, $(GNUTLS_LIBS) and $(SECCOMP_LIBS).
libsigner_a_SOURCES = \
	%D%/node_key.c %D%/node_key.h \
	%D%/node_key_create.c \
	%D%/signer.c %D%/signer.h %D%/signer_private.h \
	%D%/signer_channel.c %D%/signer_channel.h \
	%D%/signer_sandbox.c \
	%D%/signer_serve.c

sbin_PROGRAMS += rrp/rrp-signer
rrp_rrp_signer_SOURCES = %D%/signer_main.c
SIGNER_LIBS = libsigner.a librrp.a libsandbox.a libbase.a $(GNUTLS_LIBS) $(SECCOMP_LIBS)
rrp_rrp_signer_LDADD = $(SIGNER_LIBS)

man8_MANS += %D%/rrp-signer.8
EXTRA_DIST += %D%/rrp-signer.8 docs/protocol.md
