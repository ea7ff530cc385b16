#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>

#include "core/base/mem.h"
#include "core/settings/settings.h"
#include "core/system/fs.h"

struct fixture {
    char directory[64];
    char *file;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/refpoint-settings-XXXXXX");
    if (!mkdtemp(fixture->directory))
        return -1;
    fixture->file = mem_format("%s/refpoint.cfg", fixture->directory);
    unsetenv("REFPOINT_STORE");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    bool removed = fs_remove_tree(AT_FDCWD, fixture->directory, &err);
    free(fixture->file);
    free(fixture);
    return removed ? 0 : -1;
}

static void write_file(const struct fixture *fixture, const char *text)
{
    struct error err = {0};
    assert_true(fs_write_atomic(AT_FDCWD, fixture->file, text, strlen(text), 0600, &err));
}

static void test_defaults(void **state)
{
    (void)state;
    struct settings settings;
    struct error err = {0};
    setenv("XDG_CONFIG_HOME", "/nonexistent-by-intent", 1);
    assert_true(settings_load(&settings, NULL, &err));
    assert_null(settings.theme); /* the terminal's background tells */
    assert_int_equal(settings.escape_delay_ms, 80);
    assert_int_equal(settings.keep_jobs_days, 365);
    assert_false(settings.ascii);
    assert_true(settings.title);
    assert_null(settings.store);
    assert_int_equal(settings.message_count, 0);
    settings_clear(&settings);
    unsetenv("XDG_CONFIG_HOME");
}

static void test_asked_for_but_missing(void **state)
{
    const struct fixture *fixture = *state;
    struct settings settings;
    struct error err = {0};
    assert_false(settings_load(&settings, fixture->file, &err));
    assert_int_equal(err.code, 32779);
}

static void test_bad_values_fall_back(void **state)
{
    const struct fixture *fixture = *state;
    write_file(fixture, "theme = \"light\";\n"
                        "escape_delay_ms = 5;\n"
                        "ascii = \"yes\";\n"
                        "colour = 1;\n"
                        "store = \"relative\";\n"
                        "hosts = ( { name = \"lab\"; store = \"/srv/lab\"; },\n"
                        "          { name = \"lab\"; },\n"
                        "          { name = \"x\"; kind = \"martian\"; } );\n");
    struct settings settings;
    struct error err = {0};
    assert_true(settings_load(&settings, fixture->file, &err));
    assert_string_equal(settings.theme, "light");
    assert_int_equal(settings.escape_delay_ms, 80);
    assert_false(settings.ascii);
    assert_null(settings.store);
    assert_int_equal(settings.host_count, 3);
    assert_null(settings.hosts[0].refused);
    assert_non_null(settings.hosts[1].refused);
    assert_non_null(settings.hosts[2].refused);
    assert_int_equal(settings.message_count, 6);
    CLEANUP_FREE char *place = mem_format("%s:2: escape_delay_ms", fixture->file);
    assert_non_null(strstr(settings.messages[0], place));
    assert_non_null(strstr(settings.messages[2], "\"colour\""));
    settings_clear(&settings);
}

/* "~/" is the home directory, and nothing else is. */
static void test_home(void **state)
{
    const struct fixture *fixture = *state;
    struct settings settings;
    struct settings_place place;
    struct error err = {0};
    setenv("HOME", "/home/op", 1);
    write_file(
        fixture,
        "sign = \"~/.ssh/id_ed25519\";\nallowed_signers = \"~other/signers\";\nstore = \"~/store\";\n");
    assert_true(settings_load(&settings, fixture->file, &err));
    assert_string_equal(settings.sign, "/home/op/.ssh/id_ed25519");
    assert_string_equal(settings.store, "/home/op/store");
    assert_null(settings.allowed_signers);
    assert_int_equal(settings.message_count, 1);
    assert_non_null(strstr(settings.messages[0], "allowed_signers must be an absolute path"));
    assert_true(settings_find_place(&settings, fixture->file, NULL, NULL, &place, &err));
    assert_string_equal(place.sign, "/home/op/.ssh/id_ed25519");
    settings_place_clear(&place);
    settings_clear(&settings);
}

/* Not answered from another store than the one that was meant. */
static void test_a_host_with_something_wrong_is_refused(void **state)
{
    static const char *const entries[] = {"type = \"libvirt\"; uri = \"qemu:///system\";",
                                          "kind = \"libvirt\";",
                                          "Kind = \"local\";",
                                          "stores = \"/srv\";",
                                          "store = 7;",
                                          "store = \"srv\";"};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(entries); i++) {
        CLEANUP_FREE char *text =
            mem_format("hosts = ( { name = \"lab\"; },\n { name = \"kvm\";\n %s } );\n", entries[i]);
        write_file(fixture, text);
        struct settings settings;
        struct settings_place place;
        struct error err = {0};
        assert_true(settings_load(&settings, fixture->file, &err));
        assert_int_equal(settings.message_count, 1);
        assert_false(settings_find_place(&settings, fixture->file, "kvm", NULL, &place, &err));
        assert_int_equal(err.code, 32773);
        assert_string_equal(err.key, "host.refused");
        CLEANUP_FREE char *where = mem_format("%s:", fixture->file);
        assert_non_null(strstr(err.cause, where));
        assert_true(settings_find_place(&settings, fixture->file, "lab", NULL, &place, &err));
        settings_place_clear(&place);
        settings_clear(&settings);
    }
}

static void test_syntax_is_an_error(void **state)
{
    const struct fixture *fixture = *state;
    write_file(fixture, "store = \"/srv\"\ntheme = ;\n");
    struct settings settings;
    struct error err = {0};
    assert_false(settings_load(&settings, fixture->file, &err));
    assert_string_equal(err.key, "config.syntax");
}

static void test_save_keeps_what_it_does_not_know(void **state)
{
    const struct fixture *fixture = *state;
    write_file(fixture, "later_setting = { deep = ( 1, 2 ); };\ntheme = \"dark\";\nbell = false;\n");
    struct settings settings;
    struct error err = {0};
    assert_true(settings_load(&settings, fixture->file, &err));
    mem_replace(&settings.theme, "mono");
    settings.bell = true; /* not what is being saved */
    assert_true(settings_save(&settings, fixture->file, "theme", &err));
    settings_clear(&settings);
    assert_true(settings_load(&settings, fixture->file, &err));
    assert_string_equal(settings.theme, "mono");
    assert_false(settings.bell);
    assert_int_equal(settings.message_count, 1);
    assert_non_null(strstr(settings.messages[0], "later_setting"));
    assert_false(settings_save(&settings, fixture->file, "later_setting", &err));
    settings_clear(&settings);
}

static void assert_file(const struct fixture *fixture, const char *expected)
{
    CLEANUP_FREE char *text = NULL;
    size_t length = 0;
    struct error err = {0};
    assert_true(fs_read(AT_FDCWD, fixture->file, 1 << 16, &text, &length, &err));
    assert_string_equal(text, expected);
}

static const struct setting *setting_named(const char *name)
{
    size_t count = 0;
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    fail_msg("no setting %s", name);
    return NULL;
}

static void save(const struct fixture *fixture, const char *name, const char *value)
{
    struct settings settings;
    struct error err = {0};
    assert_true(settings_load(&settings, fixture->file, &err));
    assert_true(settings_take(&settings, setting_named(name), value, &err));
    assert_true(settings_save(&settings, fixture->file, name, &err));
    settings_clear(&settings);
}

/* What somebody has written beside it stays as it is. */
static void test_save_keeps_comments(void **state)
{
    const struct fixture *fixture = *state;
    struct error err = {0};
    write_file(fixture, "// mine\n  theme = \"a;\\\"b\" ; # why\nbell=false\n");
    save(fixture, "theme", "mono");
    assert_file(fixture, "// mine\n  theme = \"mono\"; # why\nbell=false\n");
    save(fixture, "bell", "true");
    assert_file(fixture, "// mine\n  theme = \"mono\"; # why\nbell = true;\n");
    save(fixture, "zstd_level", "5");
    assert_file(fixture, "// mine\n  theme = \"mono\"; # why\nbell = true;\nzstd_level = 5;\n");
    assert_true(settings_forget(fixture->file, "bell", &err));
    assert_true(settings_forget(fixture->file, "theme", &err));
    assert_file(fixture, "// mine\n   # why\nzstd_level = 5;\n");
    assert_true(settings_forget(fixture->file, "bell", &err)); /* that is not there */
    assert_file(fixture, "// mine\n   # why\nzstd_level = 5;\n");
}

/* Statements that are not understood line by line are written as libconfig does: right, without comments. */
static void test_save_where_a_line_says_more(void **state)
{
    const struct fixture *fixture = *state;
    struct settings settings;
    struct error err = {0};
    write_file(fixture, "bell = false; theme = \"a\" // one\n \"b\";\nascii\n = true;\n");
    save(fixture, "theme", "mono");
    save(fixture, "ascii", "false");
    assert_true(settings_load(&settings, fixture->file, &err));
    assert_string_equal(settings.theme, "mono");
    assert_false(settings.bell);
    assert_false(settings.ascii);
    assert_int_equal(settings.message_count, 0);
    settings_clear(&settings);
}

static void test_what_is_typed_is_checked(void **state)
{
    const struct fixture *fixture = *state;
    struct settings settings;
    struct error err = {0};
    static const char *const wrong[][2] = {{"zstd_level", "20"}, {"zstd_level", "x"}, {"zstd_level", ""},
                                           {"bell", "yes"},      {"sign", "key"},     {"theme", ""}};
    write_file(fixture, "zstd_level = 4;\nescape_delay_ms = 1;\n");
    assert_true(settings_load(&settings, fixture->file, &err));
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_false(settings_take(&settings, setting_named(wrong[i][0]), wrong[i][1], &err));
        assert_string_equal(err.key, "settings.value");
    }
    assert_int_equal(settings.zstd_level, 4);
    assert_true(settings_is_given(&settings, setting_named("zstd_level")));
    assert_false(settings_is_given(&settings, setting_named("escape_delay_ms"))); /* the default is used */
    assert_false(settings_is_given(&settings, setting_named("bell")));
    assert_true(settings_take(&settings, setting_named("sign"), "/k \"ey", &err));
    CLEANUP_FREE char *statement = settings_statement(&settings, setting_named("sign"));
    assert_string_equal(statement, "sign = \"/k \\\"ey\";");
    assert_null(settings_statement(&settings, setting_named("finish_hook")));
    settings_clear(&settings);
}

static void test_save_makes_the_file(void **state)
{
    const struct fixture *fixture = *state;
    CLEANUP_FREE char *deep = mem_format("%s/a/b/refpoint.cfg", fixture->directory);
    struct settings settings;
    struct error err = {0};
    write_file(fixture, "");
    assert_true(settings_load(&settings, fixture->file, &err));
    assert_true(settings_save(&settings, deep, "escape_delay_ms", &err));
    settings_clear(&settings);
    assert_true(settings_load(&settings, deep, &err));
    assert_int_equal(settings.message_count, 0);
    settings_clear(&settings);
}

static void assert_store(const struct settings *settings, const struct fixture *fixture, const char *host,
                         const char *store, const char *expected)
{
    struct settings_place place;
    struct error err = {0};
    assert_true(settings_find_place(settings, fixture->file, host, store, &place, &err));
    assert_string_equal(place.store, expected);
    settings_place_clear(&place);
}

static void test_place(void **state)
{
    const struct fixture *fixture = *state;
    write_file(fixture, "store = \"/set\";\nhosts = ( { name = \"lab\"; store = \"/lab\"; } );\n");
    struct settings settings;
    struct error err = {0};
    assert_true(settings_load(&settings, fixture->file, &err));
    assert_int_equal(settings.message_count, 0);
    assert_store(&settings, fixture, NULL, NULL, "/set");
    assert_store(&settings, fixture, "lab", NULL, "/lab");
    assert_store(&settings, fixture, "lab", "/given", "/given");
    setenv("REFPOINT_STORE", "/env", 1);
    assert_store(&settings, fixture, NULL, NULL, "/env");
    assert_store(&settings, fixture, "lab", NULL, "/lab");
    mem_replace(&settings.host, "lab");
    assert_store(&settings, fixture, NULL, NULL, "/env");
    unsetenv("REFPOINT_STORE");
    assert_store(&settings, fixture, NULL, NULL, "/lab");
    struct settings_place place;
    assert_false(settings_find_place(&settings, fixture->file, "elsewhere", NULL, &place, &err));
    assert_int_equal(err.code, 32773);
    settings_clear(&settings);
}

/* By its name alone: what is in the environment was said of another host. */
static void test_place_of_a_host(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const names[] = {"local", "lab", "kvm", "qemu:///session"};
    static const char *const stores[] = {"/set", "/lab", "/data/refpoint/hosts/kvm",
                                         "/data/refpoint/hosts/qemu-session"};
    write_file(fixture, "store = \"/set\";\nhosts = ( { name = \"lab\"; store = \"/lab\"; },\n"
                        "{ name = \"kvm\"; kind = \"libvirt\"; uri = \"qemu:///system\"; } );\n");
    setenv("REFPOINT_STORE", "/env", 1);
    setenv("XDG_DATA_HOME", "/data", 1);
    struct settings settings;
    struct error err = {0};
    struct settings_place place;
    assert_true(settings_load(&settings, fixture->file, &err));
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        assert_true(settings_place_of_host(&settings, fixture->file, names[i], &place, &err));
        assert_string_equal(place.host, names[i]);
        assert_string_equal(place.store, stores[i]);
        assert_string_equal(place.config, fixture->file);
        settings_place_clear(&place);
    }
    assert_false(settings_place_of_host(&settings, fixture->file, "elsewhere", &place, &err));
    assert_string_equal(err.key, "host.unknown");
    settings_clear(&settings);
    unsetenv("REFPOINT_STORE");
    unsetenv("XDG_DATA_HOME");
}

static void test_secrets_are_not_shown(void **state)
{
    (void)state;
    size_t count = 0;
    struct setting secret = settings_table(&count)[0];
    struct settings settings = {.host = mem_strdup("very private")};
    secret.secret = true;
    CLEANUP_FREE char *shown = settings_show(&settings, &secret);
    assert_null(strstr(shown, "private"));
    settings_clear(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_asked_for_but_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_values_fall_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_home, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_host_with_something_wrong_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_syntax_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_save_keeps_what_it_does_not_know, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_save_makes_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_save_keeps_comments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_save_where_a_line_says_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_typed_is_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_place_of_a_host, set_up, tear_down),
        cmocka_unit_test(test_secrets_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
