# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += %D%/test_rrp_frame %D%/test_rrp_sched %D%/test_rrp_session %D%/test_rrp_calls \
	%D%/test_rrp_tunnel
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

%C%_test_rrp_calls_SOURCES = %D%/test_rrp_calls.c $(RRP_LINK)
%C%_test_rrp_calls_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_calls_LDADD = $(RRP_LIBS)

%C%_test_rrp_tunnel_SOURCES = %D%/test_rrp_tunnel.c $(RRP_SIDE)
%C%_test_rrp_tunnel_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rrp_tunnel_LDADD = $(RRP_LIBS)
