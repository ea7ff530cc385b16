/* The fields from top to bottom, the command, the buttons. */
#include "ui/screens/form/view.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "ui/draw/cells.h"
#include "ui/screens/form/model/check.h"
#include "ui/screens/form/model/command.h"
#include "ui/screens/form/view_include.h"
#include "ui/screens/form/view_kind.h"
#include "ui/screens/form/view_parts.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"

#define COMMAND_ROWS 8 /* where it scrolls with the rest */
#define ROOMY_COLUMNS 80
#define RATE_COLUMNS 6

static void add_directory_hint(struct building *b)
{
    const struct export_form *form = b->form;
    int row = page_add_row(b->page);
    char size[16];
    if (!*line_editor_text(&form->directory)) {
        page_text(b->page, row, FORM_LABEL_COLUMNS, ROLE_DIM,
                  "where it is made; Tab completes, or lists places");
    } else if (!form->capabilities.local_directory) {
        page_text(b->page, row, FORM_LABEL_COLUMNS, ROLE_DIM, "a directory of the host");
    } else if (form->directory_check.answered == form->directory_revision) {
        size_format(form->available, size, sizeof size);
        page_textf(b->page, row, FORM_LABEL_COLUMNS, ROLE_DIM, "%s free, writable%s", size,
                   form->proposed ? "; proposed: what you type takes its place" : "");
    } else {
        page_text(b->page, row, FORM_LABEL_COLUMNS, b->input->slow ? ROLE_WARNING : ROLE_DIM,
                  b->input->slow ? "still no answer from this file system" : "looking at it");
    }
}

static void add_create(struct building *b)
{
    if (!export_form_shows(b->form, FORM_CREATE))
        return;
    int row = page_add_row(b->page);
    page_add_button(b->page, row, FORM_LABEL_COLUMNS, FORM_CREATE, "Create this directory", false);
}

static void add_directory(struct building *b)
{
    form_view_begin(b, FORM_DIRECTORY);
    form_view_begin(b, FORM_CREATE);
    page_heading(b->page, "Where", "");
    int row = form_view_add_label(b, FORM_DIRECTORY);
    page_add_text_field(b->page, FORM_DIRECTORY, &b->form->directory, row, FORM_LABEL_COLUMNS,
                        form_view_field_columns(b));
    page_add_loss(b->page, &b->form->directory, FORM_LABEL_COLUMNS);
    form_view_add_candidates(b, FORM_DIRECTORY);
    if (!form_view_add_problem(b, FORM_DIRECTORY))
        add_directory_hint(b);
    add_create(b);
    form_view_end(b, FORM_DIRECTORY);
    form_view_end(b, FORM_CREATE);
}

static void add_format(struct building *b)
{
    const struct export_form *form = b->form;
    bool raw = form->format == DISK_FORMAT_RAW;
    bool zstd = form->compression == COMPRESSION_ZSTD;
    const struct page_choice formats[] = {{"qcow2", !raw}, {"raw", raw}};
    const struct page_choice compressions[] = {{"none", !zstd}, {"zstd", zstd}};
    bool compression = export_form_shows(form, FORM_COMPRESSION);
    bool roomy = b->page->columns >= ROOMY_COLUMNS;
    page_heading(b->page, "How", "");
    form_view_begin(b, FORM_FORMAT);
    form_view_begin(b, FORM_COMPRESSION);
    if (export_form_shows(form, FORM_FORMAT) || compression) {
        int row = page_add_row(b->page);
        int column = PAGE_MARGIN;
        if (export_form_shows(form, FORM_FORMAT)) {
            page_label(b->page, row, PAGE_MARGIN, form_field_label(FORM_FORMAT));
            column = page_add_choice(b->page, FORM_FORMAT, row, FORM_LABEL_COLUMNS, formats,
                                     ARRAY_LENGTH(formats)) +
                     (roomy ? 8 : FORM_GAP);
        }
        if (compression) {
            column = page_label(b->page, row, column, form_field_label(FORM_COMPRESSION));
            page_add_choice(b->page, FORM_COMPRESSION, row, column + 1, compressions,
                            ARRAY_LENGTH(compressions));
        }
    }
    form_view_add_problem(b, FORM_FORMAT);
    form_view_add_problem(b, FORM_COMPRESSION);
    form_view_end(b, FORM_FORMAT);
    form_view_end(b, FORM_COMPRESSION);
}

static void add_rest(struct building *b)
{
    const struct export_form *form = b->form;
    int gap = b->page->columns >= ROOMY_COLUMNS ? 4 : FORM_GAP;
    static const enum form_field fields[] = {FORM_VERIFY, FORM_RATE, FORM_BELL};
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        form_view_begin(b, fields[i]);
    int row = page_add_row(b->page);
    int column = PAGE_MARGIN;
    if (export_form_shows(form, FORM_VERIFY)) {
        page_label(b->page, row, column, form_field_label(FORM_VERIFY));
        column = page_add_tick_box(b->page, FORM_VERIFY, row, FORM_LABEL_COLUMNS, form->verify) + gap;
    }
    if (export_form_shows(form, FORM_RATE)) {
        column = page_label(b->page, row, column, form_field_label(FORM_RATE)) + 1;
        column = page_add_text_field(b->page, FORM_RATE, &b->form->rate, row, column, RATE_COLUMNS);
        column = page_text(b->page, row, column + 1, ROLE_DIM, "MiB/s") + gap;
    }
    column = page_label(b->page, row, column, form_field_label(FORM_BELL)) + 1;
    column = page_add_tick_box(b->page, FORM_BELL, row, column, form->bell);
    page_text(b->page, row, column + 1, ROLE_NORMAL, "bell");
    if (export_form_shows(form, FORM_RATE))
        page_add_loss(b->page, &form->rate, FORM_LABEL_COLUMNS);
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        form_view_add_problem(b, fields[i]);
        form_view_end(b, fields[i]);
    }
}

static void add_command(struct building *b, int limit)
{
    struct command_line line;
    export_form_command(b->form, &line);
    page_add_command(b->page, limit, &line);
    command_line_clear(&line);
}

static char *review_text(const struct building *b)
{
    enum form_field field = FORM_FIELD_COUNT;
    bool roomy = b->page->columns >= ROOMY_COLUMNS;
    switch (export_form_state(b->form, &field)) {
    case FORM_READY:
        return mem_strdup("Review");
    case FORM_CHECKING:
        return mem_strdup(b->input->wants_review ? "Review: waiting for the check" : "Review: checking");
    case FORM_BLOCKED:
        break;
    }
    if (field == FORM_REVIEW)
        return mem_strdup("Review: refused, see above");
    const char *label = form_field_label(field);
    bool empty = field == FORM_DIRECTORY && !*line_editor_text(&b->form->directory);
    if (roomy)
        return mem_format("Review: %s must be %s first", label, empty ? "given" : "mended");
    return mem_format("Review: %s %s first", empty ? "give" : "mend", label);
}

static void add_buttons(struct building *b)
{
    enum form_field field = FORM_FIELD_COUNT;
    bool blocked = export_form_state(b->form, &field) == FORM_BLOCKED;
    CLEANUP_FREE char *review = review_text(b);
    int row = page_add_row(b->page);
    int column = page_add_button(b->page, row, PAGE_MARGIN, FORM_BACK, "Back", false) + 2;
    if (export_form_shows(b->form, FORM_LAST))
        column = page_add_button(b->page, row, column, FORM_LAST,
                                 b->form->can_undo ? "Undo last" : "Last settings", false) +
                 2;
    page_add_button(b->page, row, column, FORM_REVIEW, review, blocked);
}

void export_form_view_build(struct export_form_view *view, struct export_form *form,
                            const struct export_form_view_input *input)
{
    export_form_view_clear(view);
    view->page.columns = input->layout.fields.columns;
    view->page.ascii = input->ascii;
    struct building b = {.view = view, .page = &view->page, .form = form, .input = input};
    add_directory(&b);
    form_view_add_kind(&b);
    form_view_add_include(&b);
    add_format(&b);
    add_rest(&b);
    if (input->layout.command.rows == 0)
        add_command(&b, COMMAND_ROWS);
    form_view_begin(&b, FORM_REVIEW);
    form_view_add_problem(&b, FORM_REVIEW);
    form_view_end(&b, FORM_REVIEW);
    view->command_row = view->page.rows;
    if (input->layout.command.rows > 0)
        add_command(&b, input->layout.command.rows - 1);
    page_end_section(&view->page);
    view->buttons_row = view->page.rows;
    add_buttons(&b);
}

void export_form_view_clear(struct export_form_view *view)
{
    page_clear(&view->page);
    *view = (struct export_form_view){0};
    for (unsigned i = 0; i < FORM_FIELD_COUNT; i++)
        view->last_row[i] = -1;
}

/* Of a tree only the focused row has to be visible, and its problem where that fits. */
static void rows_of(const struct export_form_view *view, enum form_field field, const struct page_stop *stop,
                    int rows, int *first, int *last)
{
    *first = view->first_row[field];
    *last = view->last_row[field];
    if (stop && stop->row < view->command_row && *last - *first >= rows) {
        *first = stop->row;
        *last = stop->row;
    }
}

int export_form_view_scroll(const struct export_form_view *view, const struct export_form_view_input *input,
                            int scroll, enum form_field in_the_way)
{
    struct page scrolling = view->page;
    scrolling.rows = view->command_row;
    int rows = input->layout.fields.rows;
    const struct page_stop *stop = page_find(&view->page, &input->focus);
    int first = 0;
    int last = -1;
    if (stop && stop->row < view->command_row)
        rows_of(view, (enum form_field)stop->focus.id, stop, rows, &first, &last);
    else if (in_the_way < FORM_FIELD_COUNT) /* from a button: what is in the way is to be seen */
        rows_of(view, in_the_way, NULL, rows, &first, &last);
    if (last < first)
        return page_scroll(&scrolling, scroll, rows, scroll, scroll);
    if (last - first >= rows)
        last = first + rows - 1;
    return page_scroll(&scrolling, scroll, rows, first, last);
}
