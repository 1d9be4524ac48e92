check_PROGRAMS += %D%/test_pptp_msg %D%/test_pptp_frame %D%/test_gre %D%/test_ipv4 \
	%D%/test_pppoe
PROTO_LIBS = libproto.a libbase.a $(CMOCKA_LIBS)

%C%_test_pptp_msg_SOURCES = %D%/test_pptp_msg.c %D%/vectors.c %D%/vectors.h %D%/unit.h
%C%_test_pptp_msg_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptp_msg_LDADD = $(PROTO_LIBS)

%C%_test_pptp_frame_SOURCES = %D%/test_pptp_frame.c %D%/vectors.c %D%/vectors.h %D%/unit.h
%C%_test_pptp_frame_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pptp_frame_LDADD = $(PROTO_LIBS)

%C%_test_gre_SOURCES = %D%/test_gre.c %D%/unit.h
%C%_test_gre_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_gre_LDADD = $(PROTO_LIBS)

%C%_test_ipv4_SOURCES = %D%/test_ipv4.c %D%/unit.h
%C%_test_ipv4_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_ipv4_LDADD = $(PROTO_LIBS)

%C%_test_pppoe_SOURCES = %D%/test_pppoe.c %D%/unit.h
%C%_test_pppoe_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_pppoe_LDADD = $(PROTO_LIBS)
