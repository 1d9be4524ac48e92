# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += %D%/test_rrp_frame %D%/test_rrp_output %D%/test_rrp_pool %D%/test_rrp_sched %D%/test_rrp_session %D%/test_rrp_calls \
	%D%/test_rrp_tunnel %D%/test_rrp_tls %D%/test_rrp_tls_stream %D%/test_rrp_node_key %D%/test_rrp_signer
RRP_LIBS = librrp.a libbase.a $(CMOCKA_LIBS) $(EV_LIBS)
RRP_SIDE = %D%/rrp_side.c %D%/rrp_side.h %D%/unit.h
RRP_LINK = %D%/rrp_link.c %D%/rrp_link.h $(RRP_SIDE)

%C%_test_rrp_frame_SOURCES = %D%/test_rrp_frame.c %D%/vectors.c %D%/vectors.h %D%/unit.h
%C%_test_rrp_frame_CPPFLAGS = $(UNIT_CPPFLAGS) -DDOCS='"$(abs_top_srcdir)/docs"'
%C%_test_rrp_frame_LDADD = $(RRP_LIBS)

%C%_test_rrp_session_SOURCES = %D%/test_rrp_session.c %D%/vectors.c %D%/vectors.h $(RRP_LINK)
%C%_test_rrp_session_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_session_LDADD = $(RRP_LIBS)

%C%_test_rrp_sched_SOURCES = %D%/test_rrp_sched.c %D%/unit.h
%C%_test_rrp_sched_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_sched_LDADD = $(RRP_LIBS)

%C%_test_rrp_pool_SOURCES = %D%/test_rrp_pool.c %D%/unit.h
%C%_test_rrp_pool_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_pool_LDADD = $(RRP_LIBS)

%C%_test_rrp_output_SOURCES = %D%/test_rrp_output.c $(RRP_LINK)
%C%_test_rrp_output_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_output_LDADD = $(RRP_LIBS)

%C%_test_rrp_calls_SOURCES = %D%/test_rrp_calls.c $(RRP_LINK)
%C%_test_rrp_calls_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_calls_LDADD = $(RRP_LIBS)

%C%_test_rrp_tunnel_SOURCES = %D%/test_rrp_tunnel.c $(RRP_SIDE)
%C%_test_rrp_tunnel_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_tunnel_LDADD = $(RRP_LIBS)

check_PROGRAMS += %D%/test_rrp_enrol %D%/test_rrp_enrol_line
%C%_test_rrp_enrol_SOURCES = %D%/test_rrp_enrol.c %D%/vectors.c %D%/vectors.h %D%/unit.h
%C%_test_rrp_enrol_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_enrol_LDADD = $(RRP_LIBS) $(GNUTLS_LIBS)

%C%_test_rrp_enrol_line_SOURCES = %D%/test_rrp_enrol_line.c %D%/unit.h
%C%_test_rrp_enrol_line_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_enrol_line_LDADD = $(RRP_LIBS)

# With real signing helpers in child processes.
TLS_WORLD = %D%/tls_world.c %D%/tls_world.h %D%/tls_certificates.c %D%/tls_certificates.h %D%/unit.h
TLS_LIBS = $(SIGNER_LIBS) $(CMOCKA_LIBS) $(EV_LIBS)

%C%_test_rrp_tls_SOURCES = %D%/test_rrp_tls.c %D%/tls_raw.c %D%/tls_raw.h $(TLS_WORLD)
%C%_test_rrp_tls_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_tls_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=gnutls_session_set_verify_function
%C%_test_rrp_tls_LDADD = $(TLS_LIBS)

%C%_test_rrp_node_key_SOURCES = %D%/test_rrp_node_key.c $(TLS_WORLD)
%C%_test_rrp_node_key_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_node_key_LDADD = $(TLS_LIBS)

%C%_test_rrp_signer_SOURCES = %D%/test_rrp_signer.c $(TLS_WORLD)
%C%_test_rrp_signer_CPPFLAGS = $(UNIT_CPPFLAGS) -DRRP_SIGNER='"$(abs_top_builddir)/rrp/rrp-signer"'
%C%_test_rrp_signer_LDADD = $(TLS_LIBS)

%C%_test_rrp_tls_stream_SOURCES = %D%/test_rrp_tls_stream.c %D%/tls_raw.c %D%/tls_raw.h $(RRP_SIDE) \
	$(TLS_WORLD)
%C%_test_rrp_tls_stream_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_tls_stream_LDADD = $(TLS_LIBS)
