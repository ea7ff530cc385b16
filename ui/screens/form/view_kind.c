/* Which kind of export, and what goes with it: the base of a difference, the point that a live one makes. */
#include "ui/screens/form/view_kind.h"

#include "core/base/mem.h"
#include "core/host/words.h"
#include "ui/draw/cells.h"
#include "ui/screens/form/view_parts.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define HINT_ROWS 2
#define NEEDED_ROWS 5
#define ROOMY_COLUMNS 80

static void add_kind_hint(struct building *b, int row, int column)
{
    const struct export_form *form = b->form;
    bool live = export_form_kind(form) == FORM_LIVE;
    if (!export_form_offers(form, FORM_FULL))
        page_text(b->page, row, column + 2, ROLE_DIM, "there is no point yet to be exported");
    else if (!live && !export_form_offers(form, FORM_DIFFERENTIAL))
        page_text(b->page, row, column + 2, ROLE_DIM, "this is the oldest point: there is no base");
    if (live && form_view_has_focus(b, FORM_KIND))
        page_wrap(b->page, FORM_LABEL_COLUMNS, HINT_ROWS, ROLE_DIM,
                  "the running machines as they are now; it makes an RCT based point, the base of the next");
}

static void add_kind(struct building *b)
{
    struct page_choice kinds[FORM_KIND_COUNT];
    size_t count = 0;
    for (unsigned i = 0; i < FORM_KIND_COUNT; i++) {
        enum form_kind kind = (enum form_kind)i;
        if (export_form_offers(b->form, kind))
            kinds[count++] = (struct page_choice){.word = form_kind_word(kind),
                                                  .chosen = export_form_kind(b->form) == kind};
    }
    form_view_begin(b, FORM_KIND);
    int row = form_view_add_label(b, FORM_KIND);
    int column = page_add_choice(b->page, FORM_KIND, row, FORM_LABEL_COLUMNS, kinds, count);
    if (!form_view_add_problem(b, FORM_KIND))
        add_kind_hint(b, row, column);
    form_view_end(b, FORM_KIND);
}

static void add_link(struct page *page, int row, int column, const struct form_needed *link,
                     size_t name_columns)
{
    bool there = link->path != NULL;
    int at = column + 2 + (int)name_columns + 2;
    struct cells_format name = {.columns = name_columns, .ascii = page->ascii};
    struct cells_format path = {
        .columns = page->columns - PAGE_MARGIN > at ? (size_t)(page->columns - PAGE_MARGIN - at) : 1,
        .ascii = page->ascii,
        .cut = CELLS_CUT_MIDDLE,
        .no_pad = true};
    CLEANUP_FREE char *named = cells_fit(link->name, &name);
    CLEANUP_FREE char *where = cells_fit(there ? link->path : "missing: no package of it is there", &path);
    page_sign(page, row, column, there ? ROLE_SUCCESS : ROLE_ERROR, there ? SIGN_GOOD : SIGN_BAD);
    page_text(page, row, column + 2, there ? ROLE_NORMAL : ROLE_ERROR, named);
    page_text(page, row, at, there ? ROLE_DIM : ROLE_ERROR, where);
}

static size_t widest_name(const struct page *page, const struct form_needed *needed, size_t count)
{
    size_t most = 1;
    for (size_t i = 0; i < count; i++) {
        size_t width = cells_width(needed[i].name, page->ascii);
        most = width > most ? width : most;
    }
    size_t limit = (size_t)page->columns / 3;
    return most < limit ? most : limit;
}

/* Of many the nearest ones, and the last: only that can be missing. */
void form_view_add_needed(struct page *page, int column, const struct form_needed *needed, size_t count)
{
    size_t names = widest_name(page, needed, count);
    size_t shown = count <= NEEDED_ROWS ? count : NEEDED_ROWS - 2;
    for (size_t i = 0; i < shown; i++) {
        int row = page_add_row(page);
        page_text(page, row, PAGE_MARGIN, ROLE_DIM, i == 0 ? "Needs" : "");
        add_link(page, row, column, &needed[i], names);
    }
    if (shown == count)
        return;
    page_textf(page, page_add_row(page), column + 2, ROLE_DIM, "and %zu more, which are there",
               count - shown - 1);
    add_link(page, page_add_row(page), column, &needed[count - 1], names);
}

static void add_needed(struct building *b)
{
    const struct export_form *form = b->form;
    if (form->check.answered == form->revision && export_form_base(form))
        form_view_add_needed(b->page, FORM_LABEL_COLUMNS, form->needed, form->needed_count);
}

static void add_base_hint(struct building *b)
{
    const struct form_subject *of = b->form->of;
    bool live = export_form_kind(b->form) == FORM_LIVE;
    if (live && of->base_count == 1)
        page_text(b->page, page_add_row(b->page), FORM_LABEL_COLUMNS, ROLE_DIM,
                  "there is no RCT based point yet: this export makes the first");
    else if (of->base_count > 1)
        page_textf(b->page, page_add_row(b->page), FORM_LABEL_COLUMNS, ROLE_DIM,
                   "%zu of %zu%s; Left, Right change it, Space lists them", of->base + 1, of->base_count,
                   live ? "" : " older points");
}

static void add_base(struct building *b)
{
    if (!export_form_shows(b->form, FORM_BASE))
        return;
    form_view_begin(b, FORM_BASE);
    const struct form_base *base = &b->form->of->bases[b->form->of->base];
    CLEANUP_FREE char *text = form_base_text(base);
    int row = form_view_add_label(b, FORM_BASE);
    int columns = form_view_field_columns(b);
    struct cells_format format = {.columns = (size_t)columns, .ascii = b->page->ascii};
    CLEANUP_FREE char *fitted = cells_fit(text, &format);
    page_textf(b->page, row, FORM_LABEL_COLUMNS, ROLE_FIELD, "%s%s%s", b->page->ascii ? "[" : " ", fitted,
               b->page->ascii ? "]" : " ");
    form_view_add_stop(b, FORM_BASE, row, FORM_LABEL_COLUMNS, columns + 2, ROLE_FIELD_FOCUSED);
    if (!form_view_add_problem(b, FORM_BASE) && form_view_has_focus(b, FORM_BASE))
        add_base_hint(b);
    add_needed(b);
    form_view_end(b, FORM_BASE);
}

static void add_base_directory(struct building *b)
{
    if (!export_form_shows(b->form, FORM_BASE_DIRECTORY))
        return;
    form_view_begin(b, FORM_BASE_DIRECTORY);
    int row = form_view_add_label(b, FORM_BASE_DIRECTORY);
    page_add_text_field(b->page, FORM_BASE_DIRECTORY, &b->form->base_directory, row, FORM_LABEL_COLUMNS,
                        form_view_field_columns(b));
    page_add_loss(b->page, &b->form->base_directory, FORM_LABEL_COLUMNS);
    form_view_add_candidates(b, FORM_BASE_DIRECTORY);
    if (!form_view_add_problem(b, FORM_BASE_DIRECTORY) && form_view_has_focus(b, FORM_BASE_DIRECTORY))
        page_text(b->page, page_add_row(b->page), FORM_LABEL_COLUMNS, ROLE_DIM,
                  "another directory that may hold the base's package; optional");
    form_view_end(b, FORM_BASE_DIRECTORY);
}

/* What is known of the base, and what the choice means for this export. */
static void add_base_state(struct building *b)
{
    const struct export_form *form = b->form;
    if (form->check.answered != form->revision || form->check.error.code != RETURN_DONE ||
        !form->estimate.base_package)
        return;
    CLEANUP_FREE char *text = words_for_base(&form->estimate.base, form->base_check);
    page_wrap(b->page, FORM_LABEL_COLUMNS, HINT_ROWS,
              form->estimate.base.verified.seconds != 0 ? ROLE_DIM : ROLE_WARNING, text);
}

static void add_base_check(struct building *b)
{
    if (!export_form_shows(b->form, FORM_BASE_CHECK))
        return;
    enum base_check check = b->form->base_check;
    const struct page_choice choices[] = {{"if needed", check == BASE_CHECK_AUTO},
                                          {"again", check == BASE_CHECK_ALWAYS},
                                          {"never", check == BASE_CHECK_NEVER}};
    form_view_begin(b, FORM_BASE_CHECK);
    form_view_begin(b, FORM_ALTERED);
    int row = page_add_row(b->page);
    page_label(b->page, row, PAGE_MARGIN, form_field_label(FORM_BASE_CHECK));
    int column =
        page_add_choice(b->page, FORM_BASE_CHECK, row, FORM_LABEL_COLUMNS, choices, ARRAY_LENGTH(choices));
    if (export_form_shows(b->form, FORM_ALTERED)) {
        bool roomy = b->page->columns >= ROOMY_COLUMNS;
        row = roomy ? row : page_add_row(b->page);
        column = page_add_tick_box(b->page, FORM_ALTERED, row, roomy ? column + FORM_GAP : FORM_LABEL_COLUMNS,
                                   b->form->full_if_altered);
        page_text(b->page, row, column + 1, ROLE_NORMAL, "full where it was altered");
    }
    if (!form_view_add_problem(b, FORM_BASE_CHECK))
        add_base_state(b);
    form_view_end(b, FORM_BASE_CHECK);
    form_view_end(b, FORM_ALTERED);
}

static void add_name(struct building *b)
{
    if (!export_form_shows(b->form, FORM_NAME))
        return;
    form_view_begin(b, FORM_NAME);
    int row = form_view_add_label(b, FORM_NAME);
    page_add_text_field(b->page, FORM_NAME, &b->form->name, row, FORM_LABEL_COLUMNS,
                        form_view_field_columns(b));
    page_add_loss(b->page, &b->form->name, FORM_LABEL_COLUMNS);
    if (!form_view_add_problem(b, FORM_NAME) && form_view_has_focus(b, FORM_NAME))
        page_text(b->page, page_add_row(b->page), FORM_LABEL_COLUMNS, ROLE_DIM,
                  "of the point that it makes; without, its time and id");
    form_view_end(b, FORM_NAME);
}

static void add_consistency(struct building *b)
{
    if (!export_form_shows(b->form, FORM_CONSISTENCY))
        return;
    const struct page_choice levels[] = {{"crash consistent", !b->form->application},
                                         {"application consistent", b->form->application}};
    form_view_begin(b, FORM_CONSISTENCY);
    page_add_choice(b->page, FORM_CONSISTENCY, form_view_add_label(b, FORM_CONSISTENCY), FORM_LABEL_COLUMNS,
                    levels, ARRAY_LENGTH(levels));
    form_view_add_problem(b, FORM_CONSISTENCY);
    form_view_end(b, FORM_CONSISTENCY);
}

static void add_allow_crash(struct building *b)
{
    if (!export_form_shows(b->form, FORM_ALLOW_CRASH))
        return;
    form_view_begin(b, FORM_ALLOW_CRASH);
    int row = page_add_row(b->page);
    int column = page_add_tick_box(b->page, FORM_ALLOW_CRASH, row, FORM_LABEL_COLUMNS, b->form->allow_crash);
    page_text(b->page, row, column + 1, ROLE_NORMAL, "crash where a guest cannot be quiesced");
    form_view_add_problem(b, FORM_ALLOW_CRASH);
    form_view_end(b, FORM_ALLOW_CRASH);
}

/* What is exported, by its name, with its time; and where it stands. */
static void add_subject(struct building *b)
{
    const struct form_subject *of = b->form->of;
    bool live = export_form_kind(b->form) == FORM_LIVE;
    CLEANUP_FREE char *name = live ? mem_strdup("none yet: the machines as they are now")
                                   : mem_format("%s%s%s", of->name, *of->name ? "   " : "", of->when);
    page_heading(b->page, "What", "");
    page_add_fact(b->page, "Point", FORM_LABEL_COLUMNS, ROLE_NORMAL, name);
    page_add_fact(b->page, "Chain", FORM_LABEL_COLUMNS, ROLE_NORMAL, of->chain);
}

void form_view_add_kind(struct building *b)
{
    add_subject(b);
    add_kind(b);
    add_base(b);
    add_base_directory(b);
    add_base_check(b);
    add_name(b);
    add_consistency(b);
    add_allow_crash(b);
}
