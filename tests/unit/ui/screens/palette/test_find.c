/* The palette: which words find what, in which order, and how quickly among ten thousand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "ui/screens/palette/find.h"

#define MANY 10000
#define QUICK_MS 30
#define BUSY 10 /* machines that run other tests beside */

static const struct screen_hint *hints(const struct screen *screen)
{
    static const struct screen_hint table[] = {
        {.action = ACTION_EXPORT},
        {.action = ACTION_FILTER},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_NONE},
    };
    (void)screen;
    return table;
}

static void add_actions(struct palette_items *items)
{
    static const struct screen_ops ops = {.name = "Some", .hints = hints};
    static const struct screen of = {.ops = &ops};
    palette_items_add_actions(items, &of);
}

static void add(struct palette_items *items, enum palette_kind kind, const char *name)
{
    palette_items_add_name(items, kind, name, palette_kind_word(kind));
}

/* What is found, a line each: the best first. */
static void assert_found(const struct palette_items *items, const char *text, const char *const *wanted,
                         size_t count)
{
    struct palette_rows found = {0};
    palette_find(&found, items, text);
    for (size_t i = 0; i < found.count && i < count; i++) {
        const struct palette_row *row = &found.rows[i];
        CLEANUP_FREE char *line = mem_format("%s%s%s", row->verb ? row->verb : "", row->verb ? " " : "",
                                             items->items[row->item].shown);
        assert_string_equal(line, wanted[i]);
    }
    assert_true(found.count >= count);
    free(found.rows);
}
#define FOUND(items, text, ...)                                                                              \
    do {                                                                                                     \
        static const char *const wanted_[] = {__VA_ARGS__};                                                  \
        assert_found(items, text, wanted_, ARRAY_LENGTH(wanted_));                                           \
    } while (0)

static size_t count_of(const struct palette_items *items, const char *text)
{
    struct palette_rows found = {0};
    palette_find(&found, items, text);
    free(found.rows);
    return found.count;
}

static void test_without_words_what_can_be_done_here(void **state)
{
    (void)state;
    struct palette_items items = {0};
    add_actions(&items);
    add(&items, PALETTE_THEME, "dark");
    FOUND(&items, "", "Export the selected point", "Narrow the list as you type",
          "Show all jobs, finished ones too", "Choose the colours");
    assert_int_equal(count_of(&items, ""), 2 + 6); /* moving is not offered, nor what cannot be done */
    palette_items_clear(&items);
}

static void test_what_cannot_be_done_says_where(void **state)
{
    (void)state;
    struct palette_items items = {0};
    add_actions(&items);
    FOUND(&items, "pause", "pause: pauses a job from the list of jobs");
    FOUND(&items, "quit", "Leave the program; jobs can go on");
    palette_items_clear(&items);
}

static void test_beginnings_come_first(void **state)
{
    (void)state;
    struct palette_items items = {0};
    add(&items, PALETTE_COLLECTION, "old web");
    add(&items, PALETTE_COLLECTION, "cobweb");
    add(&items, PALETTE_COLLECTION, "web-0143");
    add(&items, PALETTE_COLLECTION, "wide-embedded");
    add(&items, PALETTE_COLLECTION, "web");
    FOUND(&items, "web", "web", "web-0143", "old web", "cobweb");
    FOUND(&items, "w0143", "web-0143");
    FOUND(&items, "0143 WEB", "web-0143");
    assert_int_equal(count_of(&items, "web 0143 x"), 0);
    assert_int_equal(count_of(&items, "143web"), 0);
    palette_items_clear(&items);
}

static void test_accents_and_widths_are_folded(void **state)
{
    (void)state;
    struct palette_items items = {0};
    add(&items, PALETTE_COLLECTION, "büro-テスト");
    add(&items, PALETTE_COLLECTION, "buro");
    FOUND(&items, "buro", "buro", "büro-テスト");
    FOUND(&items, "BÜRO テス", "büro-テスト");
    FOUND(&items, "ﾃｽﾄ", "büro-テスト");
    palette_items_clear(&items);
}

static void test_an_action_on_a_thing(void **state)
{
    (void)state;
    struct palette_items items = {0};
    add_actions(&items);
    add(&items, PALETTE_COLLECTION, "web-prod");
    add(&items, PALETTE_POINT, "tuesday · web-prod");
    add(&items, PALETTE_POINT, "tuesday · mail");
    FOUND(&items, "export web-prod tuesday", "Export tuesday · web-prod");
    FOUND(&items, "tues exp mail", "Export tuesday · mail");
    FOUND(&items, "new web", "New point of web-prod");
    assert_int_equal(count_of(&items, "export web-prod monday"), 0);
    palette_items_clear(&items);
}

static void test_ten_thousand(void **state)
{
    static const char *const texts[] = {"w", "we", "web-0", "web 9 x", "export web-0 77", "zzz"};
    (void)state;
    struct palette_items items = {0};
    for (int i = 0; i < MANY; i++) {
        CLEANUP_FREE char *name = mem_format("point %d of the year · web-%05d", i, i * 7919 % MANY);
        add(&items, PALETTE_POINT, name);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        int64_t before = monotonic_milliseconds();
        count_of(&items, texts[i]);
        int64_t took = monotonic_milliseconds() - before;
        print_message("\"%s\": %lld ms\n", texts[i], (long long)took);
        assert_true(took < (int64_t)QUICK_MS * BUSY);
    }
    palette_items_clear(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_words_what_can_be_done_here),
        cmocka_unit_test(test_what_cannot_be_done_says_where),
        cmocka_unit_test(test_beginnings_come_first),
        cmocka_unit_test(test_accents_and_widths_are_folded),
        cmocka_unit_test(test_an_action_on_a_thing),
        cmocka_unit_test(test_ten_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
