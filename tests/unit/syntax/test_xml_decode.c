/* Documents in the encodings in which people keep them, and under declarations that are not true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/syntax/xml.h"
#include "core/syntax/xml_decode.h"

struct sample {
    const char *bytes;
    size_t length;
    const char *expected; /* the text, or a part of the refusal */
};
#define SAMPLE(bytes, expected)                                                                              \
    {                                                                                                        \
        (bytes), sizeof(bytes) - 1, (expected)                                                               \
    }

static void test_decoded(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        SAMPLE("", ""),
        SAMPLE("<a>h\xc3\xb6r</a>", "<a>h\xc3\xb6r</a>"),
        SAMPLE("<?xml version='1.0'?><a>h\xc3\xb6r</a>", "<?xml version='1.0'?><a>h\xc3\xb6r</a>"),
        SAMPLE("<?xml version='1.0' encoding='utf-8'?><a>\xc3\xb6</a>",
               "<?xml version='1.0' encoding='utf-8'?><a>\xc3\xb6</a>"),
        SAMPLE("\xef\xbb\xbf<a>\xc3\xb6</a>", "<a>\xc3\xb6</a>"),
        SAMPLE("\xef\xbb\xbf\xef\xbb\xbf<a/>", "<a/>"),
        SAMPLE("\xff\xfe\xff\xfe<\0a\0/\0>\0", "<a/>"),
        SAMPLE("<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>h\xf6r</a>",
               "<?xml version='1.0' encoding='UTF-8'?>\n<a>h\xc3\xb6r</a>"),
        SAMPLE("<?xml version=\"1.0\"\n encoding = \"windows-1252\" standalone=\"yes\"?><a>\x80</a>",
               "<?xml version=\"1.0\"\n encoding = \"UTF-8\" standalone=\"yes\"?><a>\xe2\x82\xac</a>"),
        SAMPLE("<?xml version='1.0' encoding='ISO-8859-1'?><a>plain</a>",
               "<?xml version='1.0' encoding='UTF-8'?><a>plain</a>"),
        SAMPLE("<?xml version='1.0' encoding='us-ascii'?><a/>", "<?xml version='1.0' encoding='UTF-8'?><a/>"),
        SAMPLE("<?xml version='1.0' encoding='KOI8-R'?><a>\xc1</a>",
               "<?xml version='1.0' encoding='UTF-8'?><a>\xd0\xb0</a>"),
        SAMPLE("<?xml version='1.0' encoding='Shift_JIS'?><a>\x82\xa0</a>",
               "<?xml version='1.0' encoding='UTF-8'?><a>\xe3\x81\x82</a>"),
        SAMPLE("\xff\xfe<\0a\0>\0\xf6\0<\0/\0a\0>\0", "<a>\xc3\xb6</a>"),
        SAMPLE("\xfe\xff\0<\0a\0>\0\xf6\0<\0/\0a\0>", "<a>\xc3\xb6</a>"),
        SAMPLE("<\0?\0x\0m\0l\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0U\0T\0F\0-\0"
               "1\0"
               "6\0'\0?\0>\0<\0a\0/\0>\0",
               "<?xml encoding='UTF-8'?><a/>"),
        /* No declaration of this document: a comment, a part of the text. */
        SAMPLE("<!--<?xml encoding='ISO-8859-1'?>--><a>\xc3\xb6</a>",
               "<!--<?xml encoding='ISO-8859-1'?>--><a>\xc3\xb6</a>"),
        SAMPLE("<?xml-stylesheet encoding='ISO-8859-1'?><a>\xc3\xb6</a>",
               "<?xml-stylesheet encoding='ISO-8859-1'?><a>\xc3\xb6</a>"),
        SAMPLE("<?xml version='1.0' encoding='ISO-8859-1", "<?xml version='1.0' encoding='ISO-8859-1"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        struct error err = {0};
        CLEANUP_FREE char *text = NULL;
        CLEANUP_FREE char *again = NULL;
        if (!xml_decode(samples[i].bytes, samples[i].length, "it", &text, &err))
            fail_msg("%zu: %s", i, err.what);
        assert_string_equal(text, samples[i].expected);
        assert_true(xml_decode(text, strlen(text), "it", &again, &err));
        assert_string_equal(again, text);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        SAMPLE("<a>\n\n\xf6</a>", "it: line 3: this is not UTF-8"),
        SAMPLE("<?xml version='1.0' encoding='UTF-8'?>\n<a>h\xf6r</a>", "it: line 2: this is not UTF-8"),
        SAMPLE("<?xml version='1.0' encoding='ISO-8859-1'?><a>h\xc3\xb6r</a>",
               "it: it declares ISO-8859-1, and what it holds reads as UTF-8"),
        SAMPLE("\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
               "it: it declares ISO-8859-1, and what it holds reads as UTF-8"),
        SAMPLE("<?xml version='1.0' encoding='US-ASCII'?>\n<a>\xf6</a>", "it: line 2: this is not US-ASCII"),
        SAMPLE("<?xml version='1.0' encoding='EUC-JP'?>\n<a>\xf6</a>", "it: line 2: this is not EUC-JP"),
        SAMPLE("<?xml version='1.0' encoding='UTF-16'?><a/>", "the encoding \"UTF-16\", which is not read"),
        SAMPLE("<?xml version='1.0' encoding='UTF-7'?><a/>", "the encoding \"UTF-7\", which is not read"),
        SAMPLE("<?xml version='1.0' encoding=''?><a/>", "the encoding \"\", which is not read"),
        SAMPLE("<?xml version='1.0' encoding='ISO-8859-99'?><a/>", "which is not read"),
        SAMPLE("<?xml version='1.0' encoding='ISO-8859-1//TRANSLIT'?><a/>", "which is not read"),
        SAMPLE("<?xml version='1.0' encoding='ISO-8859-1\x1b'?><a/>", "ISO-8859-1\\x1b"),
        SAMPLE("<a>\n\0</a>", "it: line 2: there is a zero byte"),
        SAMPLE("\xff\xfe<", "it: it begins like UTF-16, and cannot be read as that from byte 3"),
        SAMPLE("\xff\xfe<\0a\0\0\xdc", "it: it begins like UTF-16, and cannot be read as that from byte 7"),
        SAMPLE("\xff\xfe<\0\0\0", "it: it begins like UTF-16"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++) {
        struct error err = {0};
        CLEANUP_FREE char *text = NULL;
        if (xml_decode(samples[i].bytes, samples[i].length, "it", &text, &err))
            fail_msg("%zu passes: %s", i, text);
        if (err.code != 32773 || !strstr(err.what, samples[i].expected) || !err.next[0])
            fail_msg("%zu: %u %s %s", i, err.code, err.what, err.next);
        assert_null(text);
        assert_null(strchr(err.what, '\x1b'));
    }
}

static void test_size(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP_FREE char *text = NULL;
    CLEANUP_FREE char *large = mem_alloc(XML_LIMIT + 2);
    memset(large, 'x', XML_LIMIT + 1);
    assert_false(xml_decode(large, XML_LIMIT + 1, "it", &text, &err));
    assert_string_equal(err.key, "xml.too-large");
    assert_true(xml_decode(large, XML_LIMIT, "it", &text, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoded),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
