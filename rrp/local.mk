# SPDX-License-Identifier: GPL-2.0-or-later
# The tunnel: a pure core (frame, payload, sched, session) and the loop around it.
noinst_LIBRARIES += librrp.a
librrp_a_SOURCES = \
	%D%/frame.c %D%/frame.h \
	%D%/payload.c %D%/payload.h \
	%D%/sched.c %D%/sched.h \
	%D%/session.c %D%/session.h %D%/session_private.h \
	%D%/session_input.c %D%/session_output.c \
	%D%/stream.c %D%/stream.h \
	%D%/tunnel.c %D%/tunnel.h \
	%D%/tunnel_call.c
EXTRA_DIST += docs/protocol.md
