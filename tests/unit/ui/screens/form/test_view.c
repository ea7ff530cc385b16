/* The form as text: what stands where at 80 and at 60 columns, where the focus goes, and that a problem is
 * seen with its field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/strbuf.h"
#include "tests/unit/support/export_form.h"
#include "tests/unit/support/ui_pictures.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/view.h"

struct screen_state {
    struct export_form *form;
    struct export_form_view view;
    struct export_form_view_input input;
};

static void build(struct screen_state *screen)
{
    export_form_view_build(&screen->view, screen->form, &screen->input);
}

static struct screen_state open_form(const struct fixture *fixture, int rows, int columns)
{
    struct screen_state screen = {.form = export_form_new(&fixture->source),
                                  .input = {.layout = layout_form(rows, columns)}};
    build(&screen);
    return screen;
}

static void close_form(struct screen_state *screen)
{
    export_form_view_clear(&screen->view);
    export_form_free(screen->form);
}

static char *text_of(const struct page *page)
{
    struct strbuf out = {0};
    for (int row = 0; row < page->rows; row++) {
        CLEANUP_FREE char *line = page_row_text(page, row);
        strbuf_addf(&out, "%s\n", line);
    }
    return strbuf_take(&out);
}

static void expect(struct screen_state *screen, const char *expected)
{
    build(screen);
    CLEANUP_FREE char *made = text_of(&screen->view.page);
    assert_string_equal(made, expected);
}

static void answer(struct export_form *form, const struct error *refusal)
{
    uint64_t revision = 0;
    if (export_form_wants_directory_check(form, &revision))
        export_form_directory_checked(form, revision, 1434 * GIB, &(struct error){0});
    struct export_estimate estimate = {.bytes_needed = 63 * GIB};
    assert_true(export_form_wants_check(form, &revision));
    export_form_checked(form, revision, &estimate, refusal);
    export_estimate_clear(&estimate);
}

static void test_new_form(void **state)
{
    struct screen_state screen = open_form(*state, 21, 80);
    expect(&screen, "── Where ───────────────────────────────────────────────────────────────────────\n"
                    " Directory\n"
                    "           where it is made; Tab completes, or lists places\n"
                    "── What ────────────────────────────────────────────────────────────────────────\n"
                    " Point     third   2026-09-24 02:00 +02:00\n"
                    " Chain     first (log removed) - second - [third]\n"
                    " Kind      ( ) differential  (o) full\n"
                    "── Include ── 3 machines, 5 disks, of 70.0 GiB ─────────────────────────────────\n"
                    " [x] web01   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
                    " [x] web02   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
                    " [x] web03   [x] vda  10.0 GiB\n"
                    "── How ─────────────────────────────────────────────────────────────────────────\n"
                    " Format    (o) qcow2  ( ) raw        Compress (o) none  ( ) zstd\n"
                    " Verify    [x]    Limit          MiB/s    When done [x] bell\n"
                    "── Same as ─────────────────────────────────────────────────────────────────────\n"
                    " refpoint export web-prod 2026-09-24T02:00+02:00 --to ''\n"
                    " < Back >  < Review: Directory must be given first >\n");
    close_form(&screen);
}

/* The mock-up of ux.md: differential, one machine in part, its base refused. */
static void test_base_must_be_mended(void **state)
{
    struct screen_state screen = open_form(*state, 21, 80);
    struct error refusal = {0};
    error_set(&refusal, RETURN_INVALID_PARAMETER, "export.base-package",
              "the base's package is not in /backup/web");
    error_next(&refusal, "Name the directory with --base-package.");
    fill_directory(screen.form, "/backup/web");
    export_form_toggle(screen.form, FORM_KIND);
    export_form_toggle_disk(screen.form, 1, 1);
    screen.input.focus = (struct page_focus){.id = FORM_INCLUDE, .first = 1, .second = SIZE_MAX};
    answer(screen.form, &refusal);
    expect(&screen, "── Where ───────────────────────────────────────────────────────────────────────\n"
                    " Directory  /backup/web\n"
                    "           1.4 TiB free, writable\n"
                    "── What ────────────────────────────────────────────────────────────────────────\n"
                    " Point     third   2026-09-24 02:00 +02:00\n"
                    " Chain     first (log removed) - second - [third]\n"
                    " Kind      (o) differential  ( ) full\n"
                    " Base       second   2026-09-23 02:00 +02:00, log based\n"
                    "         ! the base's package is not in /backup/web (32773 Invalid parameter)\n"
                    "           Choose another base, name the directory of its package (Base dir),\n"
                    "           or export in full.\n"
                    " Base dir\n"
                    " Base read (o) if needed  ( ) again  ( ) never   [ ] full where it was altered\n"
                    "── Include ── 3 machines, 4 disks, of 50.0 GiB ─────────────────────────────────\n"
                    " [x] web01   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
                    ">[-] web02   [x] vda  10.0 GiB   [ ] vdb  20.0 GiB\n"
                    " [x] web03   [x] vda  10.0 GiB\n"
                    "── How ─────────────────────────────────────────────────────────────────────────\n"
                    " Format    (o) qcow2  ( ) raw        Compress (o) none  ( ) zstd\n"
                    " Verify    [x]    Limit          MiB/s    When done [x] bell\n"
                    "── Same as ─────────────────────────────────────────────────────────────────────\n"
                    " refpoint export web-prod 2026-09-24T02:00+02:00 --to /backup/web \\\n"
                    " --base 2026-09-23T02:00+02:00 --only web01 --only web02/vda --only web03\n"
                    " < Back >  < Review: Base must be mended first >\n");
    close_form(&screen);
}

/* Where the host knows: what the machines did at the point, unless the disks would have no room. */
static void test_states_at_the_point(void **state)
{
    struct fixture *fixture = *state;
    fixture->point.members[0].machine.state = MACHINE_STATE_RUNNING;
    fixture->point.members[1].machine.state = MACHINE_STATE_OFF;
    struct screen_state screen = open_form(fixture, 21, 80);
    CLEANUP_FREE char *wide = text_of(&screen.view.page);
    assert_non_null(
        strstr(wide, "── Include ── 3 machines, 5 disks, of 70.0 GiB; states are of the point ──"));
    assert_non_null(strstr(wide, " [x] web01 running   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
                                 " [x] web02 off       [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
                                 " [x] web03           [x] vda  10.0 GiB\n"));
    close_form(&screen);
    screen = open_form(fixture, 14, 37);
    CLEANUP_FREE char *narrow = text_of(&screen.view.page);
    assert_null(strstr(narrow, "running"));
    close_form(&screen);
}

static void test_narrow(void **state)
{
    struct fixture *fixture = *state;
    struct last_export last = {.collection_id = id_of(1),
                               .point_id = id_of(102),
                               .format = DISK_FORMAT_QCOW2,
                               .compression = COMPRESSION_ZSTD,
                               .verify = true,
                               .directory = mem_strdup("/backup/web"),
                               .rate = mem_strdup("50")};
    fixture->source.last = &last;
    struct screen_state screen = open_form(fixture, 14, 60);
    expect(&screen, "── Where ───────────────────────────────────────────────────\n"
                    " Directory  /backup/web\n"
                    "           looking at it\n"
                    "── What ────────────────────────────────────────────────────\n"
                    " Point     third   2026-09-24 02:00 +02:00\n"
                    " Chain     first (log removed) - second - [third]\n"
                    " Kind      ( ) differential  (o) full\n"
                    "── Include ── 3 machines, 5 disks, of 70.0 GiB ─────────────\n"
                    " [x] web01   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
                    " [x] web02   [x] vda  10.0 GiB   [x] vdb  20.0 GiB\n"
                    " [x] web03   [x] vda  10.0 GiB\n"
                    "── How ─────────────────────────────────────────────────────\n"
                    " Format    (o) qcow2  ( ) raw   Compress ( ) none  (o) zstd\n"
                    " Verify    [x]   Limit  50      MiB/s   When done [ ] bell\n"
                    "── Same as ─────────────────────────────────────────────────\n"
                    " refpoint export web-prod 2026-09-24T02:00+02:00 \\\n"
                    " --to /backup/web --compress zstd --rate 50M\n"
                    " < Back >  < Last settings >  < Review: checking >\n");
    assert_int_equal(screen.view.command_row, 17); /* the command scrolls, the buttons do not */
    answer(screen.form, &(struct error){0});
    build(&screen);
    CLEANUP_FREE char *include = page_row_text(&screen.view.page, 7);
    assert_non_null(strstr(include, "── Include ── 3 machines, 5 disks, about 63.0 GiB ──"));
    CLEANUP_FREE char *buttons = page_row_text(&screen.view.page, screen.view.buttons_row);
    assert_string_equal(buttons, " < Back >  < Last settings >  < Review >");
    close_form(&screen);
    last_export_clear(&last);
}

static void test_missing_directory_offers_to_make_it(void **state)
{
    struct screen_state screen = open_form(*state, 14, 60);
    struct error refusal = {0};
    uint64_t revision = 0;
    error_set(&refusal, RETURN_FILE_NOT_FOUND, "export.directory-missing", "there is no /backup/new");
    error_next(&refusal, "Create it, or choose another.");
    fill_directory(screen.form, "/backup/new");
    assert_true(export_form_wants_directory_check(screen.form, &revision));
    export_form_directory_checked(screen.form, revision, 0, &refusal);
    build(&screen);
    static const char *const rows[] = {
        " Directory  /backup/new", "         ! there is no /backup/new (32779 File not found)",
        "           Create it, or choose another.", "           < Create this directory >"};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP_FREE char *row = page_row_text(&screen.view.page, (int)i + 1);
        assert_string_equal(row, rows[i]);
    }
    struct page_focus focus = {.id = FORM_DIRECTORY};
    assert_true(page_move(&screen.view.page, &focus, PAGE_DOWN_ROW));
    assert_int_equal(focus.id, FORM_CREATE);
    close_form(&screen);
}

static void expect_move(const struct screen_state *screen, struct page_focus *focus, enum page_move move,
                        struct page_focus expected)
{
    assert_true(page_move(&screen->view.page, focus, move));
    assert_int_equal(focus->id, expected.id);
    assert_int_equal(focus->first, expected.first);
    assert_int_equal(focus->second, expected.second);
}

static struct page_focus at(enum form_field field)
{
    return (struct page_focus){.id = (unsigned)field};
}

static struct page_focus in_tree(size_t machine, size_t disk)
{
    return (struct page_focus){.id = FORM_INCLUDE, .first = machine, .second = disk};
}

static void test_tab_goes_field_by_field(void **state)
{
    struct screen_state screen = open_form(*state, 21, 80);
    export_form_toggle(screen.form, FORM_KIND);
    build(&screen);
    static const enum form_field order[] = {
        FORM_KIND,    FORM_BASE,   FORM_BASE_DIRECTORY, FORM_BASE_CHECK, FORM_ALTERED,
        FORM_INCLUDE, FORM_FORMAT, FORM_COMPRESSION,    FORM_VERIFY,     FORM_RATE,
        FORM_BELL,    FORM_BACK,   FORM_REVIEW,         FORM_DIRECTORY};
    struct page_focus focus = at(FORM_DIRECTORY);
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++)
        expect_move(&screen, &focus, PAGE_NEXT,
                    order[i] == FORM_INCLUDE ? in_tree(0, SIZE_MAX) : at(order[i]));
    for (size_t i = ARRAY_LENGTH(order) - 1; i-- > 0;)
        expect_move(&screen, &focus, PAGE_PREVIOUS,
                    order[i] == FORM_INCLUDE ? in_tree(0, SIZE_MAX) : at(order[i]));
    close_form(&screen);
}

static void test_arrows_go_row_by_row(void **state)
{
    struct screen_state screen = open_form(*state, 21, 80);
    struct page_focus focus = at(FORM_KIND);
    assert_false(page_move(&screen.view.page, &focus, PAGE_LEFT));
    expect_move(&screen, &focus, PAGE_DOWN_ROW, in_tree(0, 1)); /* nearest to "full" */
    assert_false(page_move(&screen.view.page, &focus, PAGE_RIGHT));
    expect_move(&screen, &focus, PAGE_LEFT, in_tree(0, 0));
    expect_move(&screen, &focus, PAGE_RIGHT, in_tree(0, 1));
    expect_move(&screen, &focus, PAGE_DOWN_ROW, in_tree(1, 1));
    expect_move(&screen, &focus, PAGE_DOWN_ROW, in_tree(2, 0));
    expect_move(&screen, &focus, PAGE_LEFT, in_tree(2, SIZE_MAX));
    expect_move(&screen, &focus, PAGE_DOWN_ROW, at(FORM_FORMAT));
    expect_move(&screen, &focus, PAGE_DOWN_ROW, at(FORM_VERIFY));
    expect_move(&screen, &focus, PAGE_DOWN_ROW, at(FORM_REVIEW));
    assert_false(page_move(&screen.view.page, &focus, PAGE_DOWN_ROW));
    expect_move(&screen, &focus, PAGE_FIRST, at(FORM_DIRECTORY));
    assert_false(page_move(&screen.view.page, &focus, PAGE_UP_ROW));
    expect_move(&screen, &focus, PAGE_LAST, at(FORM_REVIEW));
    close_form(&screen);
}

/* Whatever has the focus, at the smallest size: its row and its problem are within what is shown. */
static void test_focus_and_problem_stay_visible(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 30; i++) {
        char name[24];
        snprintf(name, sizeof name, "machine-%02u", i);
        add_machine(fixture, 0x10000 + 0x100 * i, name, 3);
    }
    struct screen_state screen = open_form(fixture, 13, 60);
    fill_directory(screen.form, "relative");
    line_editor_set(&screen.form->rate, "fast");
    export_form_edited(screen.form, FORM_RATE);
    build(&screen);
    int rows = screen.input.layout.fields.rows;
    int scroll = 0;
    for (size_t i = 0; i < screen.view.page.stop_count; i++) {
        struct page_stop stop = screen.view.page.stops[i];
        screen.input.focus = stop.focus;
        build(&screen);
        enum form_field field = FORM_FIELD_COUNT;
        export_form_state(screen.form, &field);
        scroll = export_form_view_scroll(&screen.view, &screen.input, scroll, field);
        stop = *page_find(&screen.view.page, &screen.input.focus);
        if (stop.row >= screen.view.command_row)
            continue;
        assert_true(stop.row >= scroll && stop.row < scroll + rows);
        if (stop.focus.id == FORM_INCLUDE)
            continue;
        assert_true(screen.view.first_row[stop.focus.id] >= scroll);
        assert_true(screen.view.last_row[stop.focus.id] < scroll + rows);
    }
    /* On Review the field in the way is shown: the directory, at the top. */
    assert_int_equal(screen.input.focus.id, FORM_REVIEW);
    assert_int_equal(scroll, 0);
    close_form(&screen);
}

static void test_hostile_names_are_harmless(void **state)
{
    struct fixture *fixture = *state;
    mem_replace(&fixture->point.members[0].machine.name, "a\x1b[2J\n\xff"
                                                         "日本語 very long name indeed");
    mem_replace(&fixture->point.members[1].machine.disks[0].id, "\xcc\x81vd\ta-with-a-long-id");
    struct screen_state screen = open_form(fixture, 21, 80);
    fill_directory(screen.form, "/x\x1b]0;title\x07");
    build(&screen);
    CLEANUP_FREE char *text = text_of(&screen.view.page);
    for (const char *byte = text; *byte; byte++)
        assert_true((unsigned char)*byte >= 0x20 || *byte == '\n');
    assert_non_null(strstr(text, "a\\x1b[2J\\n\\xff"));
    assert_non_null(strstr(text, "/x\\x1b]0;title\\x07"));
    for (int columns = 60; columns <= 200; columns += 7) {
        screen.input.layout = layout_form(14, columns);
        build(&screen);
        for (size_t i = 0; i < screen.view.page.stop_count; i++) {
            const struct page_stop *stop = &screen.view.page.stops[i];
            assert_true(stop->column >= 0 && stop->columns > 0 && stop->column + stop->columns <= columns);
            assert_true(stop->cursor >= 0 && stop->cursor < stop->columns);
        }
    }
    close_form(&screen);
}

static void test_candidates_are_listed(void **state)
{
    struct screen_state screen = open_form(*state, 21, 80);
    char *names[] = {(char[]){"backup"}, (char[]){"back up\n"}};
    struct completion candidates = {.candidates = names, .candidate_count = 2, .more = true};
    fill_directory(screen.form, "/b");
    screen.input.candidates = &candidates;
    screen.input.candidates_of = FORM_DIRECTORY;
    build(&screen);
    CLEANUP_FREE char *text = text_of(&screen.view.page);
    assert_non_null(strstr(text, "            backup/\n"
                                 "            back up\\n/\n"
                                 "            Down chooses, Enter takes, Esc closes; 2 and more\n"));
    screen.input.focus = (struct page_focus){.id = FORM_DIRECTORY, .first = 2};
    build(&screen);
    CLEANUP_FREE char *chosen = text_of(&screen.view.page);
    assert_non_null(strstr(chosen, "\n           >back up\\n/\n"));
    close_form(&screen);
}

/* However many there are, the chosen one is among those that are shown. */
static void test_the_chosen_candidate_is_seen(void **state)
{
    struct screen_state screen = open_form(*state, 21, 80);
    char names[40][8];
    char *candidates[ARRAY_LENGTH(names)];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        snprintf(names[i], sizeof names[i], "name%02zu", i);
        candidates[i] = names[i];
    }
    struct completion completion = {.candidates = candidates, .candidate_count = ARRAY_LENGTH(names)};
    screen.input.candidates = &completion;
    screen.input.candidates_of = FORM_DIRECTORY;
    for (size_t i = 1; i <= ARRAY_LENGTH(names); i++) {
        screen.input.focus = (struct page_focus){.id = FORM_DIRECTORY, .first = i};
        build(&screen);
        const struct page_stop *stop = page_find(&screen.view.page, &screen.input.focus);
        assert_int_equal(stop->focus.first, i);
        CLEANUP_FREE char *row = page_row_text(&screen.view.page, stop->row);
        assert_non_null(strstr(row, names[i - 1]));
    }
    close_form(&screen);
}

/* What a form says of itself: a person's sentence first, the contract's number and word behind it. */
static void expect_sentence(struct screen_state *screen, const struct error *err)
{
    CLEANUP_STRBUF struct strbuf words = {0};
    build(screen);
    CLEANUP_FREE char *text = text_of(&screen->view.page);
    for (const char *at = text; *at; at++) {
        if (strchr(" \n", *at) == NULL)
            strbuf_addf(&words, "%c", *at);
        else if (words.length > 0 && words.data[words.length - 1] != ' ')
            strbuf_add(&words, " ");
    }
    CLEANUP_FREE char *sentence =
        mem_format("! %s%s%s (%u %s)", err->what, *err->cause ? ": " : "", err->cause, (unsigned)err->code,
                   return_code_word(METHOD_EXPORT_REFERENCE_POINT, err->code));
    if (!strstr(words.data, sentence))
        fail_msg("no \"%s\" in:\n%s", sentence, text);
    for (const char *at = words.data; (at = strstr(at, "! ")); at += 2)
        assert_false(at[2] >= '0' && at[2] <= '9');
}

static void test_refusals_are_sentences_before_numbers(void **state)
{
    static const struct {
        uint32_t code;
        const char *key;
    } refusals[] = {
        {RETURN_FAILED, "export.no-space"},          {RETURN_ACCESS_DENIED, "export.directory-denied"},
        {RETURN_NOT_SUPPORTED, "export.raw"},        {RETURN_INVALID_PARAMETER, "export.base-package"},
        {RETURN_IN_USE, "machine.unknown"},          {RETURN_INVALID_STATE, "export.base-altered"},
        {RETURN_FILE_NOT_FOUND, "disk.gone"},        {RETURN_TIMEOUT, "nobody.knows-where"},
        {RETURN_OUT_OF_MEMORY, "export.compress"},   {RETURN_NOT_AVAILABLE, "export.strict"},
        {RETURN_INCORRECT_DATA_TYPE, "export.rate"}, {RETURN_UNKNOWN_STATUS, "export.verify"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
        struct screen_state screen = open_form(*state, 40, 80);
        struct error err = {0};
        error_set(&err, refusals[i].code, refusals[i].key, "the thing is not as it should be");
        error_cause(&err, "somebody was faster");
        fill_directory(screen.form, "/backup/web");
        export_form_toggle(screen.form, FORM_KIND);
        answer(screen.form, &err);
        expect_sentence(&screen, &err);
        close_form(&screen);
    }
}

/* The same of what needs nobody to be asked. */
static void test_own_problems_are_sentences_too(void **state)
{
    static const enum form_field fields[] = {FORM_DIRECTORY, FORM_BASE_DIRECTORY, FORM_INCLUDE, FORM_FORMAT,
                                             FORM_RATE};
    struct screen_state screen = open_form(*state, 40, 80);
    fill_directory(screen.form, "relative");
    export_form_toggle(screen.form, FORM_KIND);
    export_form_toggle(screen.form, FORM_FORMAT);
    line_editor_set(&screen.form->base_directory, "relative");
    line_editor_set(&screen.form->rate, "fast");
    export_form_toggle_all(screen.form);
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        struct error err = {0};
        assert_true(export_form_problem(screen.form, fields[i], &err));
        expect_sentence(&screen, &err);
    }
    close_form(&screen);
}

/* What it stands on is shown link by link, before anything is started. */
static void test_needed_packages_are_told(void **state)
{
    struct screen_state screen = open_form(*state, 40, 80);
    struct package_needed links[] = {{.point = id_of(102), .path = (char[]){"/backup/web/second"}},
                                     {.point = id_of(101)}};
    struct packages_needed needed = {.items = links, .count = ARRAY_LENGTH(links)};
    struct error refusal = {0};
    error_set(&refusal, RETURN_INVALID_PARAMETER, "package.base-missing", "a package is missing");
    fill_directory(screen.form, "/backup/web");
    export_form_toggle(screen.form, FORM_KIND);
    answer(screen.form, &refusal);
    export_form_found_needed(screen.form, screen.form->revision, &needed);
    build(&screen);
    CLEANUP_FREE char *text = text_of(&screen.view.page);
    assert_non_null(strstr(text, " Chain     first (log removed) - second - [third]\n"));
    assert_non_null(strstr(text, " Needs     ✓ second  /backup/web/second\n"
                                 "           ✗ first   missing: no package of it is there\n"));
    export_form_edited(screen.form, FORM_DIRECTORY); /* that was of another directory */
    build(&screen);
    CLEANUP_FREE char *later = text_of(&screen.view.page);
    assert_null(strstr(later, "Needs"));
    export_form_found_needed(screen.form, 1, &needed); /* late */
    close_form(&screen);
}

/* Nobody has said so yet: what is typed takes its place; the cursor keys keep it. */
static void test_a_proposed_directory_gives_way(void **state)
{
    struct fixture *fixture = *state;
    struct screen_state screen = open_form(fixture, 21, 80);
    export_form_propose(screen.form, "/srv/exports");
    assert_string_equal(line_editor_text(&screen.form->directory), "/srv/exports");
    export_form_before_key(screen.form, FORM_RATE, true);
    export_form_before_key(screen.form, FORM_DIRECTORY, false);
    assert_true(screen.form->proposed);
    answer(screen.form, &(struct error){0});
    build(&screen);
    CLEANUP_FREE char *text = text_of(&screen.view.page);
    assert_non_null(strstr(text, "free, writable; proposed: what you type takes its place"));
    export_form_before_key(screen.form, FORM_DIRECTORY, true);
    assert_string_equal(line_editor_text(&screen.form->directory), "");
    assert_false(screen.form->proposed);
    close_form(&screen);
    struct last_export last = {.collection_id = id_of(1), .directory = (char[]){"/backup/mine"}};
    fixture->source.last = &last;
    screen = open_form(fixture, 21, 80);
    export_form_propose(screen.form, "/srv/exports");
    assert_string_equal(line_editor_text(&screen.form->directory), "/backup/mine"); /* was chosen before */
    assert_false(screen.form->proposed);
    close_form(&screen);
}

int main(void)
{
    prepare_process();
#define VIEW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        VIEW_TEST(test_new_form),
        VIEW_TEST(test_base_must_be_mended),
        VIEW_TEST(test_states_at_the_point),
        VIEW_TEST(test_narrow),
        VIEW_TEST(test_missing_directory_offers_to_make_it),
        VIEW_TEST(test_tab_goes_field_by_field),
        VIEW_TEST(test_arrows_go_row_by_row),
        VIEW_TEST(test_focus_and_problem_stay_visible),
        VIEW_TEST(test_hostile_names_are_harmless),
        VIEW_TEST(test_candidates_are_listed),
        VIEW_TEST(test_the_chosen_candidate_is_seen),
        VIEW_TEST(test_refusals_are_sentences_before_numbers),
        VIEW_TEST(test_own_problems_are_sentences_too),
        VIEW_TEST(test_needed_packages_are_told),
        VIEW_TEST(test_a_proposed_directory_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
