# SPDX-License-Identifier: GPL-2.0-or-later
# What asynchronous HDLC costs, and what a call on a pseudo-terminal holds: make bench-hdlc
EXTRA_PROGRAMS += %D%/hdlc_cost %D%/pty_memory
%C%_hdlc_cost_SOURCES = %D%/hdlc_cost.c
%C%_hdlc_cost_LDADD = libpptpctrl.a libbase.a

%C%_pty_memory_SOURCES = %D%/pty_memory.c
%C%_pty_memory_LDADD = libpptpctrl.a libbase.a $(EV_LIBS)

.PHONY: bench-hdlc
bench-hdlc: %D%/hdlc_cost %D%/pty_memory
	%D%/hdlc_cost
	%D%/pty_memory
