#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/units.h"
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"
#include "ui/screens/store/state.h"
#include "ui/widgets/page_fields.h"
#include "ui/widgets/page_parts.h"
#include "ui/widgets/pinned_page.h"
#include "ui/widgets/problem.h"

#define MARGIN 1
#define LABEL_COLUMNS 12
#define COMMAND_ROWS 6
#define STATE_COLUMNS 13 /* "! unreadable" and a gap */
#define DETAIL_LEAST 4
#define LIST_LEAST 3
#define TEXT_ROWS 6

const struct check_row *check_selected(const struct check_screen *self)
{
    size_t row = list_view_row(&self->view);
    return self->stage == CHECK_TELLS && row < self->rows.count ? &self->rows.items[row] : NULL;
}

void check_screen_command(const struct check_screen *self, struct command_line *line)
{
    const struct app *app = self->screen.app;
    *line = (struct command_line){0};
    command_line_begin(line, app_host_option(app), app_store_option(app), app_service_options(app)->config);
    command_line_add(line, "store");
    command_line_add(line, "check");
    if (self->deep)
        command_line_add(line, "--deep");
}

static struct layout_box take_top(struct layout_box *area, int rows)
{
    struct layout_box taken = *area;
    taken.rows = rows < area->rows ? rows : area->rows;
    area->row += taken.rows;
    area->rows -= taken.rows;
    return taken;
}

/* --- before it begins --- */

static void add_time(struct page *page, const struct check_screen *self)
{
    char bytes[16];
    char rate[16];
    char time[32];
    size_format(self->bytes, bytes, sizeof bytes);
    size_format(self->rate, rate, sizeof rate);
    if (!self->measured) {
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM, "how much there is to read is not known yet");
        return;
    }
    if (self->rate == 0) {
        page_add_factf(page, "", LABEL_COLUMNS, ROLE_NORMAL,
                       "%s of %zu points are read; how long that takes is not known: nothing has been "
                       "verified on this machine yet",
                       bytes, self->points);
        return;
    }
    duration_format((int64_t)(self->bytes / self->rate) + 1, time, sizeof time);
    page_add_factf(page, "", LABEL_COLUMNS, ROLE_NORMAL,
                   "%s of %zu points are read: about %s at the %s/s of the last verification here", bytes,
                   self->points, time, rate);
}

static void build_page(struct check_screen *self, int columns, bool ascii)
{
    const struct page_choice depths[] = {{"records and files", !self->deep},
                                         {"every layer whole", self->deep}};
    struct page *page = &self->page;
    struct command_line command;
    page_clear(page);
    page->columns = columns - MARGIN;
    page->ascii = ascii;
    page_add_row(page);
    page_wrap(page, MARGIN, TEXT_ROWS, ROLE_NORMAL,
              "Looks through the store and the images that it names: unfinished work of a program that was "
              "killed, records that cannot be read, layers that have changed or are gone. What is safe to "
              "mend is mended, and said.");
    page_add_row(page);
    int row = page_add_row(page);
    page_text(page, row, MARGIN, ROLE_NORMAL, "Look at");
    page_add_choice(page, CHECK_DEPTH, row, LABEL_COLUMNS, depths, ARRAY_LENGTH(depths));
    if (self->deep) {
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM,
                      "finds what has rotted although no time shows it; the first time the digest of each "
                      "layer is made and kept");
        add_time(page, self);
    } else {
        page_add_fact(page, "", LABEL_COLUMNS, ROLE_DIM, "no content is read: a moment, in most stores");
    }
    page_add_row(page);
    check_screen_command(self, &command);
    page_add_command(page, COMMAND_ROWS, &command);
    command_line_clear(&command);
    self->buttons_row = page->rows;
    row = page_add_row(page);
    int behind = page_add_button(page, row, MARGIN, CHECK_BACK, "Back", false);
    page_add_button(page, row, behind + 2, CHECK_START, "Check the store", false);
}

/* --- what came of it --- */

static void place_rows(struct check_screen *self, int rows, int columns)
{
    struct layout_box area = {.rows = rows, .columns = columns};
    self->heading = take_top(&area, 1);
    if (self->whole) {
        self->detail_heading = self->heading;
        self->detail = area;
        return;
    }
    self->titles = take_top(&area, self->rows.count > 0 ? 1 : 0);
    int list = (int)(self->rows.count < (size_t)rows ? self->rows.count : (size_t)rows);
    int most = area.rows / 2 > LIST_LEAST ? area.rows / 2 : LIST_LEAST;
    list = list < LIST_LEAST ? LIST_LEAST : list > most ? most : list;
    bool detailed = check_selected(self) && area.rows - list > DETAIL_LEAST;
    self->list = take_top(&area, detailed ? list : area.rows);
    self->detail_heading = take_top(&area, detailed ? 1 : 0);
    self->detail = area;
}

void check_recalc(struct screen *screen, int rows, int columns)
{
    struct check_screen *self = (struct check_screen *)screen;
    bool ascii = app_is_ascii(screen->app);
    self->form = layout_review(rows, columns);
    self->titles = (struct layout_box){0};
    if (self->stage == CHECK_ASKS)
        build_page(self, columns, ascii);
    place_rows(self, rows, columns);
    list_view_fit(&self->view, self->list.rows);
    facts_clear(&self->facts);
    if (check_selected(self))
        check_row_facts(&self->facts, check_selected(self));
    facts_fit(&self->facts, self->detail.rows, self->detail.columns - 2 * MARGIN, ascii);
}

static struct pinned_page pinned(const struct check_screen *self)
{
    const struct page_stop *stop = page_find(&self->page, &self->focus);
    struct pinned_page page = {
        .page = &self->page, .buttons_row = self->buttons_row, .layout = &self->form, .scroll = 0};
    if (stop && stop->row < self->buttons_row)
        page.scroll = pinned_page_scroll(&page, stop->row, stop->row);
    return page;
}

static char *elapsed_text(int64_t milliseconds)
{
    char time[32];
    duration_format(milliseconds / 1000, time, sizeof time);
    return mem_strdup(time);
}

static void paint_running(const struct check_screen *self, const struct canvas *body)
{
    uint64_t done = atomic_load(&self->work->done);
    uint64_t total = atomic_load(&self->work->total);
    int64_t passed = app_now_ms(self->screen.app) - self->since_ms;
    CLEANUP_FREE char *elapsed = elapsed_text(passed);
    const struct part_heading heading = {.name = "Checking",
                                         .more = self->deep ? "every layer whole" : "records and files",
                                         .more_role = ROLE_DIM,
                                         .focused = true};
    part_heading(body, 0, 0, body->columns, &heading);
    if (self->ending)
        canvas_text(body, 1, MARGIN, ROLE_WARNING,
                    "Ending between two blocks ...  Esc again leaves it alone");
    else
        canvas_textf(body, 1, MARGIN, ROLE_NORMAL, "elapsed %s", elapsed);
    if (total == 0)
        return;
    char so_far[16];
    char whole[16];
    size_format(done, so_far, sizeof so_far);
    size_format(total, whole, sizeof whole);
    int width = body->columns - 2 * MARGIN - 6;
    unsigned percent = done >= total ? 100 : (unsigned)(done * 100 / total);
    part_bar(body, 2, MARGIN, width, percent, ROLE_PROGRESS_DONE);
    canvas_textf(body, 2, MARGIN + width + 1, ROLE_NORMAL, "%3u %%", percent);
    canvas_textf(body, 3, MARGIN, ROLE_NORMAL, "%s of %s", so_far, whole);
    if (done == 0 || passed < 3000)
        return;
    CLEANUP_FREE char *left = elapsed_text((int64_t)((double)passed * (double)(total - done) / (double)done));
    canvas_textf(body, 3, MARGIN + 26, ROLE_NORMAL, "left about %s", left);
}

static void paint_row(const struct canvas *list, int row, const struct check_row *item, bool selected)
{
    enum theme_role role = selected ? ROLE_SELECTED : ROLE_NORMAL;
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    canvas_textf(list, row, MARGIN, selected ? role : item->role, "%s %s", sign_mark(list, item->sign),
                 item->word);
    int at = MARGIN + STATE_COLUMNS;
    canvas_field(list, row, at, list->columns - at, role, item->sentence);
}

static char *summary(const struct check_screen *self)
{
    CLEANUP_FREE char *time = elapsed_text(self->elapsed_ms);
    size_t settled = self->rows.settled;
    return mem_format("%zu to be looked at, %zu settled, %s", self->rows.findings - settled, settled, time);
}

/* In place of the rows, or before them: the whole in one line. */
static void paint_verdict(const struct check_screen *self, const struct canvas *list)
{
    struct canvas inner = canvas_part(list, 0, MARGIN, list->rows, list->columns - 2 * MARGIN);
    if (self->err.code) {
        problem_paint(&inner, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
        return;
    }
    if (self->ended) {
        canvas_wrap(&inner, 0, 0, inner.rows, inner.columns, ROLE_WARNING,
                    "The check was ended: there is no verdict. What was read until then is kept, the next "
                    "time reads all again.");
        return;
    }
    canvas_textf(&inner, 0, 0, ROLE_SUCCESS, "%s Nothing wrong was found", sign_mark(list, SIGN_GOOD));
    canvas_wrap(&inner, 1, 0, inner.rows - 1, inner.columns, ROLE_DIM,
                self->deep ? "Every layer was read whole."
                           : "No content was read: r checks again, every layer whole if that is chosen.");
}

static void paint_rows(const struct check_screen *self, const struct canvas *body)
{
    const struct list_view *view = &self->view;
    const struct layout_box *box = &self->list;
    struct canvas list = canvas_part(body, box->row, 0, box->rows, box->columns);
    CLEANUP_FREE char *more = self->rows.count > 0 ? summary(self) : NULL;
    const struct part_heading heading = {
        .name = "Findings", .more = more, .more_role = ROLE_DIM, .focused = true};
    part_heading(body, self->heading.row, 0, body->columns, &heading);
    if (self->rows.count == 0) {
        paint_verdict(self, &list);
        return;
    }
    canvas_text(body, self->titles.row, MARGIN, ROLE_COLUMN, "STATE");
    canvas_text(body, self->titles.row, MARGIN + STATE_COLUMNS, ROLE_COLUMN, "FINDING");
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t at = view->top + (size_t)row;
        paint_row(&list, row, &self->rows.items[view->shown[at]], at == view->selected);
    }
}

static void paint_detail(const struct check_screen *self, const struct canvas *body)
{
    const struct check_row *row = check_selected(self);
    const struct layout_box *box = &self->detail;
    if (!row || self->detail_heading.rows == 0)
        return;
    const struct part_heading heading = {.name = row->word, .focused = self->whole};
    part_heading(body, self->detail_heading.row, 0, body->columns, &heading);
    struct canvas inner = canvas_part(body, box->row, MARGIN, box->rows, box->columns - 2 * MARGIN);
    facts_paint(&self->facts, &inner);
}

void check_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct check_screen *self = (const struct check_screen *)screen;
    switch (self->stage) {
    case CHECK_ASKS: {
        const struct pinned_page page = pinned(self);
        pinned_page_paint(&page, body, &self->focus, true, "");
        break;
    }
    case CHECK_RUNS:
        paint_running(self, body);
        break;
    case CHECK_TELLS:
        if (!self->whole)
            paint_rows(self, body);
        paint_detail(self, body);
        break;
    }
}

struct screen_spot check_cursor(const struct screen *screen)
{
    const struct check_screen *self = (const struct check_screen *)screen;
    if (self->stage == CHECK_TELLS && self->whole)
        return (struct screen_spot){.row = self->detail.row};
    if (self->stage == CHECK_TELLS)
        return (struct screen_spot){.row = self->list.row + (int)(self->view.selected - self->view.top)};
    const struct page_stop *stop = self->stage == CHECK_ASKS ? page_find(&self->page, &self->focus) : NULL;
    if (!stop)
        return (struct screen_spot){0};
    const struct pinned_page page = pinned(self);
    bool button = stop->row >= self->buttons_row;
    return (struct screen_spot){.row = button ? self->form.buttons.row
                                              : self->form.fields.row + stop->row - page.scroll,
                                .column = stop->column + stop->cursor};
}
