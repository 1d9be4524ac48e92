# An lrp whose worker does, once it is confined, what a peer would have it do that took it over. The
# same objects but for lrp/worker_serve.c.
noinst_PROGRAMS += %D%/lrp
%C%_lrp_SOURCES = lrp/main.c %D%/worker_serve.c %D%/compromised.h %D%/network.c \
	%D%/parent.c tests/compromised/attempt.c tests/compromised/attempt.h \
	tests/compromised/system.c
%C%_lrp_LDADD = $(LRP_LIBS)
