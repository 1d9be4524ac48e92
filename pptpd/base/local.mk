noinst_LIBRARIES += libbase.a libsandbox.a
libbase_a_SOURCES = \
	%D%/address.c %D%/address.h \
	%D%/base32.c %D%/base32.h \
	%D%/bytes.c %D%/bytes.h \
	%D%/conf_file.c %D%/conf_file.h \
	%D%/fdio.c %D%/fdio.h \
	%D%/id_pool.c %D%/id_pool.h \
	%D%/list.h \
	%D%/log.c %D%/log.h \
	%D%/mono.c %D%/mono.h \
	%D%/net.c %D%/net.h \
	%D%/node_id.c %D%/node_id.h \
	%D%/outq.c %D%/outq.h \
	%D%/pid_file.c %D%/pid_file.h \
	%D%/privileges.c %D%/privileges.h \
	%D%/rate_limit.c %D%/rate_limit.h \
	%D%/sandbox_mode.c %D%/sandbox.h \
	%D%/signer_link.c %D%/signer_link.h \
	%D%/util.h

# Apart, since it alone needs libseccomp.
libsandbox_a_SOURCES = %D%/sandbox.c %D%/sandbox.h
libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)
