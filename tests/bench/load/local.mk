# The load tool and its pppd, for tests/bench/scale, which builds them when it needs them.
EXTRA_PROGRAMS += %D%/load %D%/pppd-stub
LOAD_PPP = %D%/md5.c %D%/md5.h %D%/ppp_auth.c %D%/ppp_peer.c %D%/ppp_peer.h \
	%D%/ppp_peer_private.h %D%/probe.c %D%/probe.h
%C%_load_SOURCES = %D%/load.c $(LOAD_PPP) \
	%D%/client.c %D%/client.h \
	%D%/crowd.c %D%/crowd.h %D%/crowd_report.c \
	%D%/flow.c %D%/flow.h \
	%D%/gre_socket.c %D%/gre_socket.h \
	%D%/udp_echo.c %D%/udp_echo.h
%C%_load_LDADD = libproto.a libbase.a $(EV_LIBS)
%C%_pppd_stub_SOURCES = %D%/pppd_stub.c $(LOAD_PPP)
%C%_pppd_stub_LDADD = libpptpctrl.a libbase.a
# Static, since a thousand of them shall start in a moment; but no sanitizer works so.
%C%_pppd_stub_LDFLAGS = $(if $(SANITIZE_FLAGS),$(SANITIZE_FLAGS),-static -no-pie)
