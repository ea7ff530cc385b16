/* The guarded reader of configuration files, and what it writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/return_code.h"
#include "core/base/strbuf.h"
#include "core/syntax/cfg.h"
#include "tests/unit/support/scratch.h"

static bool parse(config_t *config, const char *text, struct error *err)
{
    *err = (struct error){0};
    return cfg_parse(config, text, strlen(text), "x.cfg", err);
}

static void assert_parses(const char *text)
{
    config_t config;
    struct error err;
    if (!parse(&config, text, &err))
        fail_msg("%.60s: %s", text, err.what);
    config_destroy(&config);
}

static void assert_refused(const char *text, uint32_t code, const char *key, const char *part)
{
    config_t config;
    struct error err;
    if (parse(&config, text, &err))
        fail_msg("passes: %.60s", text);
    if (err.code != code || strcmp(err.key, key) != 0 || !strstr(err.what, part))
        fail_msg("%.60s: %u %s: %s", text, err.code, err.key, err.what);
    config_destroy(&config);
}

static void test_include(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "@include \"/etc/passwd\"",
        "a = 1;\n\t @include \"/etc/passwd\"\n",
        "a = 1; # a comment\n@include \"x\"",
        "/* a comment\n@include \"x\" */",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_refused(bad[i], RETURN_NOT_SUPPORTED, "config.include", "@include is not allowed");
    assert_refused("a = 1;\n\n@include \"x\"", RETURN_NOT_SUPPORTED, "config.include", "x.cfg:3:");
    assert_parses("a = \"@include\";");
    assert_parses("a = 1; # @include");
}

static char *repeated(const char *part, size_t count, const char *after)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < count; i++)
        strbuf_add(&text, part);
    strbuf_add(&text, after);
    return strbuf_take(&text);
}

static void test_nesting(void **state)
{
    (void)state;
    CLEANUP_FREE char *open = repeated("a={", 16, "");
    CLEANUP_FREE char *fits = repeated("};", 16, "");
    CLEANUP_FREE char *whole = mem_format("%s%s", open, fits);
    assert_parses(whole);
    CLEANUP_FREE char *one_more = repeated("a={", 17, "");
    assert_refused(one_more, RETURN_NOT_SUPPORTED, "config.nesting", "deeper than 16");
    CLEANUP_FREE char *bomb = repeated("(", 500000, "");
    CLEANUP_FREE char *list = mem_format("a=%s", bomb);
    assert_refused(list, RETURN_NOT_SUPPORTED, "config.nesting", "deeper than 16");
    CLEANUP_FREE char *closed_first = mem_format("a=1;)))))))))))))))))))))))))))))) a=%.28s", bomb);
    assert_refused(closed_first, RETURN_INCORRECT_DATA_TYPE, "config.syntax", "x.cfg:1");
    /* Brackets in text and comments do not nest. */
    CLEANUP_FREE char *text = repeated("(", 100, "\";");
    CLEANUP_FREE char *in_text = mem_format("a=\"\\\"%s # {{{{{{{{{{{{{{{{{{\n /*((((((((((((((((((*/", text);
    assert_parses(in_text);
}

static void test_syntax(void **state)
{
    (void)state;
    config_t config;
    struct error err = {0};
    assert_refused("a = 1;\nb = ;\n", RETURN_INCORRECT_DATA_TYPE, "config.syntax", "x.cfg:2: syntax error");
    assert_refused("a = 1;\nb = \"open\n\\\"", RETURN_INCORRECT_DATA_TYPE, "config.text", "x.cfg:2");
    assert_refused("a = 1; a = 2;", RETURN_INCORRECT_DATA_TYPE, "config.syntax", "duplicate");
    assert_refused("a = 1;\n /* open\nb = 1;", RETURN_INCORRECT_DATA_TYPE, "config.comment", "x.cfg:2");
    assert_parses("");
    assert_parses("// nothing\n");
    assert_false(cfg_parse(&config, "a = 1;\0b = 2;", 13, "x.cfg", &err));
    assert_string_equal(err.key, "config.binary");
    config_destroy(&config);
}

/* libconfig itself cuts these to 32 bits without a word: 4 GiB of memory would read as 0. */
static void test_numbers_without_l(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a = 4294967296;",
        "a = 2147483648;",
        "a = -2147483649;",
        "a = 99999999999999999999;",
        "a = 0x80000000;",
        "a = 0xFFFFFFFFFF;",
        "a = (1, 2147483648);",
        "b = 1;a=2147483648",
        "a = 99999999999999999999L;",
        "a = 9223372036854775808L;",
        "a = -9223372036854775809LL;",
        "a = 0x1ffffffffffffffffL;",
    };
    static const char *const good[] = {
        "a = 2147483647;",   "a = -2147483648;",   "a = 4294967296L;",           "a = 9223372036854775807L;",
        "a = 0x7fffffff;",   "a = 0xFFFFFFFFFFL;", "a = \"4294967296\";",        "a = 1; # 4294967296",
        "a = 4294967296.5;", "a = 1e300;",         "disk4294967296 = 1;",        "a-4294967296 = 1;",
        "a = [1, 2];",       "a = 3000000000e0;",  "a = -9223372036854775808L;",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_refused(bad[i], RETURN_INCORRECT_DATA_TYPE, "config.number", "x.cfg:1");
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_parses(good[i]);
    assert_refused("a = 1;\nb = \"x\ny\";\nmemory = 4294967296;", RETURN_INCORRECT_DATA_TYPE, "config.number",
                   "x.cfg:4: 4294967296");
}

static void test_values(void **state)
{
    (void)state;
    config_t config;
    struct error err;
    unsigned count = 9;
    assert_true(parse(&config,
                      "t = \"text\"; n = 5; big = 6000000000L; minus = -1; yes = true; f = 1.5;"
                      "list = (1, 2); array = [1, 2, 3]; group = { t = \"in\"; };",
                      &err));
    const config_setting_t *root = config_root_setting(&config);
    assert_string_equal(cfg_get_text(root, "t", "-"), "text");
    assert_string_equal(cfg_get_text(root, "n", "-"), "-");
    assert_string_equal(cfg_get_text(root, "missing", "-"), "-");
    assert_int_equal(cfg_get_number(root, "n", 9), 5);
    assert_true(cfg_get_number(root, "big", 9) == 6000000000);
    assert_int_equal(cfg_get_number(root, "minus", 9), 9);
    assert_int_equal(cfg_get_number(root, "f", 9), 9);
    assert_int_equal(cfg_get_number(root, "t", 9), 9);
    assert_true(cfg_get_bool(root, "yes", false));
    assert_false(cfg_get_bool(root, "n", false));
    assert_non_null(cfg_get_list(root, "list", &count));
    assert_int_equal(count, 2);
    assert_non_null(cfg_get_list(root, "array", &count));
    assert_int_equal(count, 3);
    assert_null(cfg_get_list(root, "group", &count));
    assert_int_equal(count, 0);
    assert_null(cfg_get_list(root, "missing", &count));
    config_destroy(&config);
}

/* Every byte that text can hold comes back. */
static void test_write_and_read(void **state)
{
    (void)state;
    struct error err = {0};
    config_t config;
    char bytes[256];
    for (int i = 1; i < 256; i++)
        bytes[i - 1] = (char)i;
    bytes[255] = '\0';
    config_init(&config);
    config_setting_t *root = config_root_setting(&config);
    cfg_put_text(root, "bytes", bytes);
    cfg_put_text(root, "include", "\n@include \"x\"\n");
    cfg_put_text(root, "none", NULL);
    cfg_put_number(root, "largest", UINT64_MAX);
    cfg_put_number(root, "zero", 0);
    cfg_put_bool(root, "yes", true);
    config_setting_t *item = cfg_put_group(cfg_put_list(root, "list"), NULL);
    cfg_put_text(item, "name", "x");
    umask(022);
    assert_true(cfg_write(&config, AT_FDCWD, "written.cfg", 0640, &err));
    config_destroy(&config);

    struct stat status;
    assert_int_equal(stat("written.cfg", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    if (!cfg_read(&config, AT_FDCWD, "written.cfg", CFG_LIMIT_SMALL, &err))
        fail_msg("%s", err.what);
    root = config_root_setting(&config);
    unsigned count = 0;
    const config_setting_t *list = cfg_get_list(root, "list", &count);
    assert_string_equal(cfg_get_text(root, "bytes", "-"), bytes);
    assert_string_equal(cfg_get_text(root, "include", "-"), "\n@include \"x\"\n");
    assert_null(config_setting_get_member(root, "none"));
    assert_true(cfg_get_number(root, "largest", 0) == INT64_MAX);
    assert_int_equal(cfg_get_number(root, "zero", 7), 0);
    assert_true(cfg_get_bool(root, "yes", false));
    assert_int_equal(count, 1);
    assert_string_equal(cfg_get_text(config_setting_get_elem(list, 0), "name", "-"), "x");
    config_destroy(&config);
}

static void assert_not_read(const char *name, size_t limit, uint32_t code, const char *key)
{
    config_t config;
    struct error err = {0};
    assert_false(cfg_read(&config, AT_FDCWD, name, limit, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.key, key);
    assert_non_null(strstr(err.what, name));
    config_destroy(&config);
}

static void test_files(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(fs_write_atomic(AT_FDCWD, "ten", "a = \"234\";", 10, 0600, &err));
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(mkdir("directory", 0700), 0);
    assert_int_equal(symlink("/dev/zero", "link"), 0);
    config_t config;
    assert_true(cfg_read(&config, AT_FDCWD, "ten", 10, &err));
    config_destroy(&config);
    assert_not_read("ten", 9, RETURN_NOT_SUPPORTED, "file.too-large");
    assert_not_read("fifo", 10, RETURN_NOT_SUPPORTED, "file.kind");
    assert_not_read("directory", 10, RETURN_NOT_SUPPORTED, "file.kind");
    assert_not_read("link", 10, RETURN_NOT_SUPPORTED, "file.kind");
    assert_not_read("missing", 10, RETURN_FILE_NOT_FOUND, "file.open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_include), cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_syntax),  cmocka_unit_test(test_numbers_without_l),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_write_and_read),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
