# Unit tests: one cmocka program for each idea, run by `make check`. Each room has its own list.
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -DVECTORS='"$(abs_top_srcdir)/tests/vectors"'

include %D%/base.mk
include %D%/proto.mk
include %D%/pptp.mk
include %D%/rrp.mk
include %D%/pptpd.mk
include %D%/ctl.mk
include %D%/pptpctrl.mk
include %D%/lrp.mk

TESTS += $(check_PROGRAMS)
