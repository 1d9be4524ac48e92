noinst_LIBRARIES += libpptpctrl.a
libpptpctrl_a_SOURCES = \
	%D%/fcs16.c %D%/fcs16.h \
	%D%/hdlc.c %D%/hdlc.h
