noinst_LIBRARIES += libpptp.a
libpptp_a_SOURCES = \
	%D%/gre_engine.c %D%/gre_engine.h \
	%D%/gre_raw.c %D%/gre_raw.h \
	%D%/gre_ring.c %D%/gre_ring.h \
	%D%/gre_window.c %D%/gre_window.h
