// SPDX-License-Identifier: GPL-2.0-or-later
/* A node's key in a file: how it is made, whose file it must be, and what certificate goes with it.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rrp/node_key.h"
#include "tests/unit/tls_certificates.h"
#include "tests/unit/tls_world.h"

/* RFC 8410 10.3, and the SHA-256 of the public key of its section 10.1. */
static const char rfc8410_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";
#define RFC8410_ID "uhurkycu4bh2zcm25hzhkezm3qd2lw6e5iwcvu5b77dobustnapq"

static struct tls_world *world;
static char error[SIGNER_ERROR_MAX];

static int setup(void **state UNUSED)
{
	world = tls_world_new_empty();
	error[0] = '\0';
	return 0;
}

static int teardown(void **state UNUSED)
{
	tls_world_free(world);
	return 0;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void assert_not_loaded(const char *certificate, const char *why)
{
	struct node_key key = {0};

	assert_false(node_key_load(world->server_key, certificate, &key, error));
	assert_null(key.private_key);
	assert_says(error, why);
}

static unsigned count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2; /* itself and the one above */
}

static void a_new_key_is_its_owners_alone_and_keeps_its_id(void **state UNUSED)
{
	struct node_key key, again;
	struct stat status;

	assert_int_equal(node_key_create(world->server_key, error), 0);
	assert_int_equal(stat(world->server_key, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(count_files(world->folder), 1);
	assert_true(node_key_load(world->server_key, NULL, &key, error));
	assert_true(node_key_load(world->server_key, NULL, &again, error));
	assert_true(node_id_equal(&key.id, &again.id));
	assert_int_equal(gnutls_privkey_get_pk_algorithm(key.private_key, NULL),
			 GNUTLS_PK_EDDSA_ED25519);
	node_key_done(&key);
	node_key_done(&again);
}

static void a_key_that_is_there_stays(void **state UNUSED)
{
	write_text(world->server_key, "mine");
	assert_int_equal(node_key_create(world->server_key, error), -EEXIST);
	assert_int_equal(count_files(world->folder), 1);
	assert_not_loaded(NULL, "no private key"); /* still what it was */
}

static void only_the_last_folder_is_made(void **state UNUSED)
{
	const char *folder = tls_world_path(world, "state");
	struct stat status;

	assert_int_equal(node_key_create(tls_world_path(world, "a/b/key"), error), -ENOENT);
	assert_says(error, "a/b/: No such file or directory");
	assert_int_equal(node_key_create(tls_world_path(world, "state/key"), error), 0);
	assert_int_equal(stat(folder, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(unlink(tls_world_path(world, "state/key")), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void the_id_is_the_hash_of_the_public_key(void **state UNUSED)
{
	char text[NODE_ID_TEXT_LEN + 1];
	struct node_key key;
	struct node_id id;

	write_text(world->server_key, rfc8410_key);
	assert_true(node_key_load(world->server_key, NULL, &key, error));
	assert_string_equal(node_id_text(&key.id, text), RFC8410_ID);
	assert_true(node_key_certificate_id(&key.chain[0], &id));
	assert_true(node_id_equal(&id, &key.id));
	node_key_done(&key);
}

static void our_own_certificate_is_for_ever_and_says_the_id(void **state UNUSED)
{
	char name[NODE_ID_TEXT_LEN + 1];
	size_t len = sizeof(name);
	gnutls_x509_crt_t crt;
	struct node_key key;

	write_text(world->server_key, rfc8410_key);
	assert_true(node_key_load(world->server_key, NULL, &key, error));
	assert_int_equal(key.chain_count, 1);
	gnutls_x509_crt_init(&crt);
	assert_int_equal(gnutls_x509_crt_import(crt, &key.chain[0], GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_activation_time(crt), 0);
	assert_int_equal(gnutls_x509_crt_get_expiration_time(crt), INT64_C(253402300799));
	assert_int_equal(
		gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &len),
		0);
	assert_string_equal(name, RFC8410_ID);
	assert_int_equal(gnutls_x509_crt_check_issuer(crt, crt), 1);
	gnutls_x509_crt_deinit(crt);
	node_key_done(&key);
}

static void a_key_that_others_may_touch_is_refused(void **state UNUSED)
{
	const mode_t modes[] = {0640, 0604, 0620, 0602, 0610};

	write_text(world->server_key, rfc8410_key);
	for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(chmod(world->server_key, modes[i]), 0);
		assert_not_loaded(NULL, "expected 0600");
	}
}

static void a_key_of_another_user_is_refused(void **state UNUSED)
{
	write_text(world->server_key, rfc8410_key);
	if (chown(world->server_key, 1, (gid_t)-1) != 0)
		skip(); /* takes root */
	assert_not_loaded(NULL, "belongs to user 1");
}

static void what_is_no_plain_file_is_refused_at_once(void **state UNUSED)
{
	assert_not_loaded(NULL, "No such file");
	assert_int_equal(mkfifo(world->server_key, 0600), 0);
	assert_not_loaded(NULL, "not a plain file");
	(void)unlink(world->server_key);
	assert_int_equal(mkdir(world->server_key, 0700), 0);
	assert_not_loaded(NULL, "not a plain file");
	(void)rmdir(world->server_key);
}

static void what_is_no_key_is_refused(void **state UNUSED)
{
	char *big = calloc(1, 100001);
	struct test_certificate other;
	const struct test_certificate_wish wish = {.host = "rrp.example"};

	write_text(world->server_key, "");
	assert_not_loaded(NULL, "no private key");
	memset(big, 'x', 100000);
	write_text(world->server_key, big);
	free(big);
	assert_not_loaded(NULL, "File too large");
	test_certificate_make(&other, &wish);
	test_certificate_write(&other, world->server_key);
	assert_not_loaded(NULL, "no private key");
	test_certificate_done(&other);
}

/* An authority, a server's certificate of it, and the server's key in its file. */
static void make_chain(struct test_certificate *authority, struct test_certificate *server)
{
	const struct test_certificate_wish root = {0};
	const struct test_certificate_wish leaf = {
		.host = "rrp.example",
		.issuer = authority,
		.kind = GNUTLS_PK_ECDSA,
		.bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)};

	test_certificate_make(authority, &root);
	test_certificate_make(server, &leaf);
	test_certificate_write_key(server, world->server_key);
}

static void append(const char *from, const char *to)
{
	char command[2048];
	FILE *in = fopen(from, "r"), *out = fopen(to, "a");
	size_t n = fread(command, 1, sizeof(command), in);

	assert_int_equal(fwrite(command, 1, n, out), n);
	(void)fclose(in);
	(void)fclose(out);
}

static void a_chain_must_begin_with_our_certificate_and_go_upwards(void **state UNUSED)
{
	const char *good = tls_world_path(world, "chain.pem");
	const char *bad = tls_world_path(world, "disorder.pem");
	struct test_certificate authority, server;
	struct node_key key;

	make_chain(&authority, &server);
	test_certificate_write(&server, good);
	test_certificate_write(&authority, bad);
	append(bad, good);
	assert_true(node_key_load(world->server_key, good, &key, error));
	assert_int_equal(key.chain_count, 2);
	node_key_done(&key);
	assert_not_loaded(bad, "not for our private key");
	append(good, bad);
	assert_not_loaded(bad, "each followed by its issuer's");
	test_certificate_done(&authority);
	test_certificate_done(&server);
}

static void a_chain_has_a_limit(void **state UNUSED)
{
	const char *chain = tls_world_path(world, "chain.pem");
	const char *one = tls_world_path(world, "one.pem");
	struct test_certificate authority, server;

	make_chain(&authority, &server);
	test_certificate_write(&server, chain);
	test_certificate_write(&authority, one);
	for (unsigned i = 0; i < NODE_KEY_CHAIN_MAX; i++)
		append(one, chain); /* an authority is its own issuer: this is in order */
	assert_not_loaded(chain, "more than 8");
	assert_not_loaded(tls_world_path(world, "none.pem"), "No such file");
	assert_not_loaded(world->server_key, "no certificates");
	test_certificate_done(&authority);
	test_certificate_done(&server);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_new_key_is_its_owners_alone_and_keeps_its_id),
		TEST(a_key_that_is_there_stays),
		TEST(only_the_last_folder_is_made),
		TEST(the_id_is_the_hash_of_the_public_key),
		TEST(our_own_certificate_is_for_ever_and_says_the_id),
		TEST(a_key_that_others_may_touch_is_refused),
		TEST(a_key_of_another_user_is_refused),
		TEST(what_is_no_plain_file_is_refused_at_once),
		TEST(what_is_no_key_is_refused),
		TEST(a_chain_must_begin_with_our_certificate_and_go_upwards),
		TEST(a_chain_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
