/* What is around every screen, as pictures. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/app/data/user_data.h"
#include "ui/app/frame.h"

static struct keymap *keymap;
static struct frame_keys letters; /* where a character is a key */

static int set_up(void **state)
{
    (void)state;
    struct error err = {0};
    keymap = keymap_new();
    letters = (struct frame_keys){.keymap = keymap};
    return user_data_shipped_keys(keymap, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    keymap_free(keymap);
    return 0;
}

static char *row_of(struct canvas_surface *surface, int row)
{
    struct canvas whole = canvas_whole(surface);
    struct canvas part = canvas_part(&whole, row, 0, 1, whole.columns);
    return canvas_to_text(&part);
}

static void test_title_keeps_its_help_at_every_width(void **state)
{
    (void)state;
    for (int columns = 60; columns < 140; columns++) {
        struct canvas_surface *surface = canvas_surface_new(1, columns, CANVAS_FULL);
        struct canvas whole = canvas_whole(surface);
        frame_paint_title(&whole, "local: /srv/a/store/with/quite/a/long/path/in/it", "times +02:00",
                          &letters);
        CLEANUP_FREE char *text = row_of(surface, 0);
        assert_non_null(strstr(text, "? help\n"));
        assert_non_null(strstr(text, " refpoint   local: "));
        assert_non_null(strstr(text, "times +02:00"));
        canvas_surface_free(surface);
    }
}

static void test_footer_shows_what_fits_and_help(void **state)
{
    (void)state;
    static const struct screen_hint hints[] = {
        {.action = ACTION_OPEN},
        {.action = ACTION_EXPORT},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_BACK, .label = "back, with a label that is rather too long for a narrow footer"},
        {.action = ACTION_NONE},
    };
    struct canvas_surface *surface = canvas_surface_new(24, 60, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct layout_frame frame = layout_frame(24, 60, 0);
    frame_paint_footer(&whole, &frame, hints, &letters);
    CLEANUP_FREE char *text = row_of(surface, 23);
    assert_string_equal(text, " Enter open  e export  Esc back  ? help\n"); /* its own word is too long */
    /* Each acts on its own columns. */
    static const enum ui_action actions[] = {ACTION_OPEN, ACTION_EXPORT, ACTION_BACK, ACTION_HELP};
    static const int first[] = {1, 13, 23, 33};
    static const int last[] = {10, 20, 30, 38};
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        assert_int_equal(frame_footer_action(&whole, hints, &letters, first[i]), actions[i]);
        assert_int_equal(frame_footer_action(&whole, hints, &letters, last[i]), actions[i]);
        assert_int_equal(frame_footer_action(&whole, hints, &letters, first[i] - 1), ACTION_NONE);
        assert_int_equal(frame_footer_action(&whole, hints, &letters, last[i] + 1), ACTION_NONE);
    }
    canvas_surface_free(surface);
}

/* Where characters are text, only keys that are none are told. */
static void test_keys_where_characters_are_text(void **state)
{
    (void)state;
    static const struct screen_hint hints[] = {
        {.action = ACTION_OPEN},
        {.action = ACTION_EXPORT},
        {.action = ACTION_COPY},
        {.action = ACTION_NONE},
    };
    const struct frame_keys text_keys = {.keymap = keymap, .text = true};
    struct canvas_surface *surface = canvas_surface_new(24, 60, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct layout_frame frame = layout_frame(24, 60, 0);
    frame_paint_title(&whole, "EXPORT", "", &text_keys);
    frame_paint_footer(&whole, &frame, hints, &text_keys);
    CLEANUP_FREE char *title = row_of(surface, 0);
    CLEANUP_FREE char *footer = row_of(surface, 23);
    assert_non_null(strstr(title, "F1 help\n"));
    assert_string_equal(footer, " Enter open  F2 export  F1 help\n");
    canvas_surface_free(surface);
}

static void test_long_messages_wrap(void **state)
{
    (void)state;
    struct canvas_surface *surface = canvas_surface_new(16, 60, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct layout_frame frame = layout_frame(16, 60, 0);
    frame_paint_message(&whole, &frame, ROLE_ERROR, "short");
    CLEANUP_FREE char *first = row_of(surface, 15);
    assert_string_equal(first, " short\n");
    frame_paint_message(&whole, &frame, ROLE_ERROR,
                        "32776 a message that is so long that it cannot be shown on one line, and whose end "
                        "says what matters: no-such-role");
    CLEANUP_FREE char *last = row_of(surface, 15);
    assert_non_null(strstr(last, "no-such-role"));
    canvas_surface_free(surface);
}

static void test_strip_counts_what_it_cannot_show(void **state)
{
    (void)state;
    struct job_snapshot jobs[4] = {0};
    const struct job_snapshot *pointers[4];
    for (size_t i = 0; i < ARRAY_LENGTH(jobs); i++) {
        jobs[i].state = JOB_STATE_RUNNING;
        jobs[i].phase = JOB_PHASE_COPY;
        jobs[i].identity.id = guid_new();
        strcpy(jobs[i].identity.collection, "web");
        strcpy(jobs[i].identity.directory, "/backup");
        pointers[i] = &jobs[i];
    }
    struct canvas_surface *surface = canvas_surface_new(16, 60, CANVAS_FULL);
    struct canvas whole = canvas_whole(surface);
    struct layout_frame frame = layout_frame(16, 60, 4);
    frame_paint_strip(&whole, &frame, pointers, 4);
    CLEANUP_FREE char *text = row_of(surface, frame.strip.row);
    assert_non_null(strstr(text, " copy  web → /backup"));
    assert_non_null(strstr(text, "and 3 more\n"));
    canvas_surface_free(surface);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_title_keeps_its_help_at_every_width),
        cmocka_unit_test(test_footer_shows_what_fits_and_help),
        cmocka_unit_test(test_keys_where_characters_are_text),
        cmocka_unit_test(test_long_messages_wrap),
        cmocka_unit_test(test_strip_counts_what_it_cannot_show),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
