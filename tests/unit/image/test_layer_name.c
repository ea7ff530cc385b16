/* The names of layers: told apart from images, and fit for everything that reads them. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/image/layer_name.h"

#define HEX "0123456789abcdef0123456789abcdef"

static void test_what_is_ours(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum layer_name_kind kind;
    } cases[] = {
        {"web01.refpoint-" HEX ".qcow2", LAYER_NAME_LAYER},
        {"web01.refpoint-" HEX ".raw", LAYER_NAME_LAYER},
        {"/srv/a b/web01.img.refpoint-" HEX ".qcow2", LAYER_NAME_LAYER},
        {"web01.refpoint-new-" HEX ".qcow2", LAYER_NAME_TEMPORARY},
        /* As earlier versions called them. */
        {".refpoint-" HEX, LAYER_NAME_LAYER},
        {".refpoint-new-" HEX, LAYER_NAME_TEMPORARY},
        {"/srv/.refpoint-" HEX, LAYER_NAME_LAYER},
        {"web01.qcow2", LAYER_NAME_NONE},
        {"refpoint.qcow2", LAYER_NAME_NONE},
        {"web01.refpoint-.qcow2", LAYER_NAME_NONE},
        {"web01.refpoint-" HEX, LAYER_NAME_NONE},
        {".refpoint-" HEX ".qcow2", LAYER_NAME_NONE},
        {"web01.refpoint-" HEX ".img", LAYER_NAME_NONE},
        {"web01.refpoint-" HEX ".qcow2.bak", LAYER_NAME_NONE},
        {"web01.refpoint-g123456789abcdef0123456789abcdef.qcow2", LAYER_NAME_NONE},
        {"web01.refpoint-0123456789abcdef0123456789abcde.qcow2", LAYER_NAME_NONE},
        {"web01.refpoint-0" HEX ".qcow2", LAYER_NAME_NONE},
        {"web01.refpoint-old-" HEX ".qcow2", LAYER_NAME_NONE},
        {".refpoint-", LAYER_NAME_NONE},
        {"/srv/web01.refpoint-" HEX ".qcow2/web01", LAYER_NAME_NONE},
        {"", LAYER_NAME_NONE},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        if (layer_name_kind(cases[i].name) != cases[i].kind)
            fail_msg("%s is taken for %d", cases[i].name, (int)layer_name_kind(cases[i].name));
    }
}

/* Everything that is made: one of ours, of this kind, with this stem. */
static void assert_made(const char *image, const char *stem)
{
    static const enum layer_name_kind kinds[] = {LAYER_NAME_LAYER, LAYER_NAME_TEMPORARY};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        CLEANUP_FREE char *name = layer_name_make(image, kinds[i], DISK_FORMAT_QCOW2);
        CLEANUP_FREE char *start = mem_format("%s.refpoint-%s", stem, i ? "new-" : "");
        assert_int_equal(layer_name_kind(name), kinds[i]);
        assert_true(strlen(name) <= NAME_MAX);
        if (strncmp(name, start, strlen(start)) != 0)
            fail_msg("%s does not begin with %s", name, start);
        assert_int_equal(strlen(name), strlen(start) + strlen(HEX) + strlen(".qcow2"));
    }
}

static void test_the_stem_is_the_images_own(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"web01.qcow2", "web01"},
        {"/srv/vm.d/web01.img", "web01"},
        {"web01.RAW", "web01"},
        {"web01", "web01"},
        {"web01.snap1", "web01.snap1"},
        {"web.raw.qcow2", "web.raw"},
        {"web01.refpoint-" HEX ".qcow2", "web01"},
        {"web01.refpoint-" HEX ".raw", "web01"},
        {".refpoint-" HEX, "disk"},
        {".qcow2", "qcow2"},
        {".raw.qcow2", "raw"},
        {"...", "disk"},
        {".hidden.qcow2", "hidden"},
        {"-rf.qcow2", "rf"},
        {":-.x:y\nz.qcow2", "x-y-z"},
        {"json:{}", "json-{}"},
        {"\xe3\x82\xb5\xe3\x83\xbc\xe3\x83\x90.qcow2", "\xe3\x82\xb5\xe3\x83\xbc\xe3\x83\x90"},
        {"caf\xe9.qcow2", "caf\xe9"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_made(cases[i][0], cases[i][1]);
    CLEANUP_FREE char *raw = layer_name_make("web01.img", LAYER_NAME_LAYER, DISK_FORMAT_RAW);
    assert_string_equal(raw + strlen(raw) - strlen(".raw"), ".raw");
    assert_int_equal(layer_name_kind(raw), LAYER_NAME_LAYER);
}

/* Shortened at a character, whichever byte the limit falls on. */
static void test_long_names_fit(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        char image[NAME_MAX + 1];
        size_t length = shift;
        memset(image, 'x', shift);
        while (length + 4 <= NAME_MAX) {
            memcpy(image + length, "\xf0\x9f\x92\xbe", 4);
            length += 4;
        }
        image[length] = '\0';
        CLEANUP_FREE char *name = layer_name_make(image, LAYER_NAME_TEMPORARY, DISK_FORMAT_QCOW2);
        assert_true(strlen(name) <= NAME_MAX && strlen(name) > NAME_MAX - 4);
        assert_true(text_is_utf8(name));
        assert_int_equal(layer_name_kind(name), LAYER_NAME_TEMPORARY);
    }
    char bytes[NAME_MAX + 1];
    memset(bytes, 0x80, NAME_MAX);
    bytes[NAME_MAX] = '\0';
    CLEANUP_FREE char *name = layer_name_make(bytes, LAYER_NAME_LAYER, DISK_FORMAT_QCOW2);
    assert_true(strlen(name) <= NAME_MAX);
    assert_int_equal(layer_name_kind(name), LAYER_NAME_LAYER);
}

static void test_each_name_is_another(void **state)
{
    (void)state;
    CLEANUP_FREE char *one = layer_name_make("a.qcow2", LAYER_NAME_LAYER, DISK_FORMAT_QCOW2);
    CLEANUP_FREE char *other = layer_name_make("a.qcow2", LAYER_NAME_LAYER, DISK_FORMAT_QCOW2);
    assert_string_not_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_ours),
        cmocka_unit_test(test_the_stem_is_the_images_own),
        cmocka_unit_test(test_long_names_fit),
        cmocka_unit_test(test_each_name_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
