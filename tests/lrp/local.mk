# The server of tests/lrp/run, which builds it when it needs it.
EXTRA_PROGRAMS += %D%/rrp_echo
%C%_rrp_echo_SOURCES = %D%/rrp_echo.c
%C%_rrp_echo_LDADD = $(SIGNER_LIBS) libproto.a libbase.a $(EV_LIBS)
EXTRA_DIST += %D%/run
