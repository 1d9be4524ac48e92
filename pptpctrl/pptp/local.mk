noinst_LIBRARIES += libpptp.a
libpptp_a_SOURCES = \
	%D%/ctrl_action.c %D%/ctrl_action.h \
	%D%/ctrl_alive.c %D%/ctrl_alive.h \
	%D%/ctrl_call.c %D%/ctrl_call.h \
	%D%/ctrl_conn.c %D%/ctrl_conn.h \
	%D%/ctrl_fsm.c %D%/ctrl_fsm.h \
	%D%/ctrl_perform.c \
	%D%/ctrl_private.h \
	%D%/ctrl_receive.c \
	%D%/ctrl_text.c %D%/ctrl_text.h \
	%D%/gre_engine.c %D%/gre_engine.h \
	%D%/gre_raw.c %D%/gre_raw.h \
	%D%/gre_ring.c %D%/gre_ring.h \
	%D%/gre_window.c %D%/gre_window.h
