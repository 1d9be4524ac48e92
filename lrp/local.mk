noinst_LIBRARIES += liblrp.a
liblrp_a_SOURCES = \
	%D%/reassembly.c %D%/reassembly.h
