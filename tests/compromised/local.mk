# A pptpctrl that does, once it is confined, what a peer would have it do that took it over.
noinst_PROGRAMS += %D%/pptpctrl
%C%_pptpctrl_SOURCES = \
	%D%/main.c %D%/compromised.h %D%/link.c %D%/sockets.c %D%/requests.c \
	%D%/attempt.c %D%/attempt.h %D%/system.c
%C%_pptpctrl_LDADD = $(PPTPCTRL_LIBS)
%C%_pptpctrl_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pppoe_link_new
