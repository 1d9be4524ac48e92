check_PROGRAMS += \
	%D%/test_address \
	%D%/test_bytes \
	%D%/test_conf_file \
	%D%/test_fdio \
	%D%/test_id_pool \
	%D%/test_list \
	%D%/test_log \
	%D%/test_mono \
	%D%/test_node_id \
	%D%/test_outq \
	%D%/test_privileges \
	%D%/test_rate_limit \
	%D%/test_sandbox

%C%_test_address_SOURCES = %D%/test_address.c %D%/unit.h
%C%_test_address_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_address_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_bytes_SOURCES = %D%/test_bytes.c %D%/unit.h
%C%_test_bytes_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_bytes_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_conf_file_SOURCES = %D%/test_conf_file.c %D%/unit.h
%C%_test_conf_file_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_conf_file_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_fdio_SOURCES = %D%/test_fdio.c %D%/unit.h
%C%_test_fdio_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_fdio_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_id_pool_SOURCES = %D%/test_id_pool.c %D%/unit.h
%C%_test_id_pool_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_id_pool_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_list_SOURCES = %D%/test_list.c %D%/unit.h
%C%_test_list_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_list_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_log_SOURCES = %D%/test_log.c %D%/unit.h
%C%_test_log_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_log_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_mono_SOURCES = %D%/test_mono.c %D%/unit.h
%C%_test_mono_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_mono_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_node_id_SOURCES = %D%/test_node_id.c %D%/unit.h
%C%_test_node_id_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_node_id_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_outq_SOURCES = %D%/test_outq.c %D%/unit.h
%C%_test_outq_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_outq_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_rate_limit_SOURCES = %D%/test_rate_limit.c %D%/unit.h
%C%_test_rate_limit_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_rate_limit_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_privileges_SOURCES = %D%/test_privileges.c %D%/confined_child.h %D%/confined_child.c %D%/unit.h
%C%_test_privileges_CPPFLAGS = $(UNIT_CPPFLAGS)
%C%_test_privileges_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=prctl
%C%_test_privileges_LDADD = libbase.a $(CMOCKA_LIBS)

%C%_test_sandbox_SOURCES = %D%/test_sandbox.c %D%/confined_child.h %D%/confined_child.c %D%/unit.h
%C%_test_sandbox_CPPFLAGS = $(UNIT_CPPFLAGS) $(SECCOMP_CFLAGS)
%C%_test_sandbox_LDADD = libsandbox.a libbase.a $(CMOCKA_LIBS) $(SECCOMP_LIBS)
