noinst_LIBRARIES += libproto.a
libproto_a_SOURCES = \
	%D%/gre.c %D%/gre.h \
	%D%/ipv4.c %D%/ipv4.h \
	%D%/pppoe.c %D%/pppoe.h \
	%D%/pptp_frame.c %D%/pptp_frame.h \
	%D%/pptp_msg.c %D%/pptp_msg.h
