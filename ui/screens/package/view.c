/* The picture of the list of packages: the path, the packages in it, and the selected one beneath or, where
 * there is room, beside. */
#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/draw/parts.h"
#include "ui/screens/package/facts.h"
#include "ui/screens/package/state.h"
#include "ui/widgets/problem.h"

#define LABEL "Directory"
#define LABEL_COLUMNS 10
#define MARGIN 1
#define WAITING_SHOWN_MS 150 /* a quick answer makes no flicker */
#define WIDE_COLUMNS 110
#define ROOMY_COLUMNS 70 /* of the list: below that it goes without sizes */
#define LIST_LEAST 3
#define DETAIL_LEAST 4
#define CANDIDATE_ROWS 2
#define NOTICE_ROWS 2
#define AGE_COLUMNS 10
#define KIND_COLUMNS 12
#define KIND_SHORT 4
#define SIZE_COLUMNS 10
#define STATE_COLUMNS 14 /* "! not verified" */
#define GAP 2

const struct package_row *packages_selected(const struct packages_screen *self)
{
    size_t row = list_view_row(&self->view);
    return row < self->rows.count ? &self->rows.items[row] : NULL;
}

static struct layout_box take_top(struct layout_box *area, int rows)
{
    struct layout_box taken = *area;
    taken.rows = rows < area->rows ? rows : area->rows;
    area->row += taken.rows;
    area->rows -= taken.rows;
    return taken;
}

static struct layout_box take_bottom(struct layout_box *area, int rows)
{
    struct layout_box taken = *area;
    taken.rows = rows < area->rows ? rows : area->rows;
    area->rows -= taken.rows;
    taken.row += area->rows;
    return taken;
}

static int wrapped_rows(const char *text, int columns, int limit, bool ascii)
{
    int rows = text && *text ? canvas_wrap_rows(text, columns, ascii) : 0;
    return rows < limit ? rows : limit;
}

static char *notice_text(const struct packages_screen *self)
{
    const struct package_rows *rows = &self->rows;
    if (rows->unfinished_count == 0)
        return NULL;
    return rows->unfinished_count == 1 ? mem_strdup(rows->unfinished[0])
                                       : mem_format("%zu exports are unfinished here. %s",
                                                    rows->unfinished_count, rows->unfinished[0]);
}

/* What the list does not need, and half of it at least. */
static void place_detail_beneath(struct packages_layout *made, struct layout_box *area, size_t wanted)
{
    int rows = area->rows;
    int list = wanted + 2 < (size_t)(rows / 2) ? (int)wanted + 2 : rows / 2;
    list = list < LIST_LEAST + 2 ? LIST_LEAST + 2 : list;
    if (rows - list < DETAIL_LEAST + 1)
        return;
    struct layout_box detail = take_bottom(area, rows - list);
    made->detail_heading = take_top(&detail, 1);
    made->detail = detail;
}

static void place_detail_beside(struct packages_layout *made, struct layout_box *area)
{
    struct layout_box detail = *area;
    area->columns = area->columns * 3 / 5;
    made->divider = *area;
    made->divider.column += area->columns;
    made->divider.columns = 1;
    detail.column = made->divider.column + 1;
    detail.columns -= area->columns + 1;
    made->detail_heading = take_top(&detail, 1);
    made->detail = detail;
}

static struct packages_layout place(const struct packages_screen *self, int rows, int columns)
{
    bool ascii = app_is_ascii(self->screen.app);
    struct layout_box area = {.rows = rows, .columns = columns};
    struct packages_layout made = {.field = take_top(&area, 1)};
    CLEANUP_FREE char *notice = notice_text(self);
    CLEANUP_FREE char *candidates = self->in_field ? path_field_candidates(&self->path, ascii) : NULL;
    int room = columns - LABEL_COLUMNS - 2 * MARGIN;
    made.candidates = take_top(&area, wrapped_rows(candidates, room, CANDIDATE_ROWS, ascii));
    made.candidates.column = LABEL_COLUMNS + 2 * MARGIN;
    made.candidates.columns = room;
    if (columns >= WIDE_COLUMNS && packages_selected(self))
        place_detail_beside(&made, &area);
    else if (packages_selected(self))
        place_detail_beneath(&made, &area, self->rows.count);
    made.heading = take_top(&area, 1);
    made.notice = take_bottom(&area, wrapped_rows(notice, area.columns - 4, NOTICE_ROWS, ascii));
    if (self->rows.count > 0)
        made.titles = take_top(&area, 1);
    made.list = area;
    return made;
}

void packages_recalc(struct screen *screen, int rows, int columns)
{
    struct packages_screen *self = (struct packages_screen *)screen;
    self->layout = place(self, rows, columns);
    list_view_fit(&self->view, self->layout.list.rows);
    facts_clear(&self->facts);
    if (packages_selected(self))
        package_facts_make(&self->facts, &self->rows, list_view_row(&self->view), app_now(screen->app),
                           false);
    const struct layout_box *detail = &self->layout.detail;
    facts_fit(&self->facts, detail->rows, detail->columns - 2 * MARGIN, app_is_ascii(screen->app));
}

static struct canvas part(const struct canvas *canvas, struct layout_box box)
{
    return canvas_part(canvas, box.row, box.column, box.rows, box.columns);
}

/* --- the field --- */

static int field_columns(const struct packages_screen *self)
{
    return self->layout.field.columns - LABEL_COLUMNS - 2 * MARGIN - 2;
}

static void paint_field(const struct packages_screen *self, const struct canvas *body)
{
    struct canvas line = part(body, self->layout.field);
    struct line_editor editor = self->path.editor; /* what is visible is found anew, the text is shared */
    struct line_view shown;
    enum theme_role role = self->in_field ? ROLE_FIELD_FOCUSED : ROLE_FIELD;
    int room = field_columns(self);
    line_editor_view(&editor, (size_t)room, canvas_is_ascii(body), &shown);
    canvas_text(&line, 0, MARGIN, ROLE_NORMAL, LABEL);
    int at = MARGIN + LABEL_COLUMNS;
    canvas_text(&line, 0, at, ROLE_NORMAL, shown.more_left ? "<" : "[");
    canvas_field(&line, 0, at + 1, room, role, shown.text);
    canvas_text(&line, 0, at + 1 + room, ROLE_NORMAL, shown.more_right ? ">" : "]");
    free(shown.text);
    if (self->layout.candidates.rows == 0)
        return;
    struct canvas names = part(body, self->layout.candidates);
    CLEANUP_FREE char *candidates = path_field_candidates(&self->path, canvas_is_ascii(body));
    canvas_wrap(&names, 0, 0, names.rows, names.columns, ROLE_DIM, candidates);
}

/* --- the list --- */

struct columns { /* where each begins */
    int name;
    int name_columns;
    int age;
    int kind;
    int size; /* 0: there is none */
    int state;
};

static struct columns columns_of(int columns)
{
    bool roomy = columns >= ROOMY_COLUMNS;
    struct columns at = {.name = MARGIN};
    at.state = columns - MARGIN - STATE_COLUMNS;
    int end = at.state - GAP;
    if (roomy) {
        at.size = end - SIZE_COLUMNS;
        end = at.size - GAP;
    }
    at.kind = end - (roomy ? KIND_COLUMNS : KIND_SHORT);
    at.age = at.kind - GAP - AGE_COLUMNS;
    at.name_columns = at.age - 1 - at.name;
    return at;
}

static void paint_titles(const struct canvas *titles)
{
    const struct columns at = columns_of(titles->columns);
    canvas_field(titles, 0, at.name, at.name_columns, ROLE_COLUMN, "NAME");
    canvas_field_right(titles, 0, at.age, AGE_COLUMNS, ROLE_COLUMN, "AGE");
    canvas_text(titles, 0, at.kind, ROLE_COLUMN, "KIND");
    if (at.size)
        canvas_field_right(titles, 0, at.size, SIZE_COLUMNS, ROLE_COLUMN, "SIZE");
    canvas_text(titles, 0, at.state, ROLE_COLUMN, "STATE");
}

static void paint_numbers(const struct canvas *list, int row, const struct package_row *item,
                          struct moment now, enum theme_role role)
{
    const struct columns at = columns_of(list->columns);
    char age[32];
    char size[16];
    bool differential = package_row_is_differential(item);
    moment_format_age(item->package.point.created, now, age, sizeof age);
    size_format(item->bytes, size, sizeof size);
    part_number(list, row, at.age, AGE_COLUMNS, role, age);
    canvas_text(list, row, at.kind, role, !differential ? "full" : at.size ? "differential" : "diff");
    if (at.size)
        part_number(list, row, at.size, SIZE_COLUMNS, role, size);
}

static void paint_row(const struct packages_screen *self, const struct canvas *list, int row,
                      const struct package_row *item, bool selected)
{
    const struct columns at = columns_of(list->columns);
    const struct package_state state = package_state_of(item);
    enum theme_role bar = self->in_field ? ROLE_SELECTED_UNFOCUSED : ROLE_SELECTED;
    enum theme_role role = selected ? bar : ROLE_NORMAL;
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    canvas_field(list, row, at.name, at.name_columns, role, item->name);
    if (!item->problem)
        paint_numbers(list, row, item, app_now(self->screen.app), role);
    canvas_textf(list, row, at.state, selected ? role : state.role, "%s %s", sign_mark(list, state.sign),
                 state.word);
}

static bool is_waiting(const struct packages_screen *self)
{
    return self->ticket && app_now_ms(self->screen.app) - self->since_ms >= WAITING_SHOWN_MS;
}

static char *nothing_text(const struct packages_screen *self)
{
    if (self->ticket)
        return mem_strdup(is_waiting(self) ? "Reading the directory ...  Esc stops waiting" : "");
    if (self->rows.count > 0)
        return mem_strdup("No package matches. Esc clears the filter.");
    if (self->read)
        return mem_strdup("No package lies in this directory. Name another one above, or go back, select a "
                          "point and press e to export it.");
    return mem_strdup("Type the directory that holds packages; Tab completes it, Enter lists it.");
}

static void paint_list(const struct packages_screen *self, const struct canvas *body)
{
    const struct list_view *view = &self->view;
    struct canvas list = part(body, self->layout.list);
    if (self->err.code) {
        struct canvas inner = canvas_part(&list, 0, MARGIN, list.rows, list.columns - 2 * MARGIN);
        problem_paint(&inner, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
        return;
    }
    if (view->count == 0) {
        CLEANUP_FREE char *text = nothing_text(self);
        canvas_wrap(&list, 0, MARGIN, list.rows, list.columns - 2 * MARGIN, ROLE_DIM, text);
        return;
    }
    struct canvas titles = part(body, self->layout.titles);
    paint_titles(&titles);
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t at = view->top + (size_t)row;
        paint_row(self, &list, row, &self->rows.items[view->shown[at]], at == view->selected);
    }
}

static void paint_heading(const struct packages_screen *self, const struct canvas *body)
{
    const struct layout_box *box = &self->layout.heading;
    bool filtered = list_view_is_filtered(&self->view);
    CLEANUP_FREE char *summary = list_view_summary(&self->view);
    CLEANUP_FREE char *name =
        self->read ? mem_format("Packages in %s", self->rows.directory) : mem_strdup("Packages");
    const struct part_heading heading = {.name = name,
                                         .more = summary,
                                         .more_role = filtered ? ROLE_FILTER : ROLE_DIM,
                                         .right = is_waiting(self) ? "being read" : NULL,
                                         .focused = !self->in_field};
    part_heading(body, box->row, box->column, box->columns, &heading);
}

static void paint_notice(const struct packages_screen *self, const struct canvas *body)
{
    struct canvas notice = part(body, self->layout.notice);
    CLEANUP_FREE char *text = notice_text(self);
    if (!text || notice.rows == 0)
        return;
    canvas_text(&notice, 0, MARGIN, ROLE_WARNING, "!");
    canvas_wrap(&notice, 0, MARGIN + 2, notice.rows, notice.columns - 4, ROLE_WARNING, text);
}

static void paint_detail(const struct packages_screen *self, const struct canvas *body)
{
    const struct package_row *row = packages_selected(self);
    const struct layout_box *head = &self->layout.detail_heading;
    const struct layout_box *box = &self->layout.detail;
    if (!row || box->rows == 0)
        return;
    const struct part_heading heading = {.name = row->name};
    if (self->layout.divider.columns > 0)
        part_vertical(body, self->layout.divider.row, self->layout.divider.column, self->layout.divider.rows);
    part_heading(body, head->row, head->column, head->columns, &heading);
    struct canvas inner =
        canvas_part(body, box->row, box->column + MARGIN, box->rows, box->columns - 2 * MARGIN);
    facts_paint(&self->facts, &inner);
}

void packages_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct packages_screen *self = (const struct packages_screen *)screen;
    paint_field(self, body);
    paint_heading(self, body);
    paint_list(self, body);
    paint_notice(self, body);
    paint_detail(self, body);
}

struct screen_spot packages_cursor(const struct screen *screen)
{
    const struct packages_screen *self = (const struct packages_screen *)screen;
    const struct packages_layout *layout = &self->layout;
    if (!self->in_field)
        return (struct screen_spot){.row = layout->list.row + (int)(self->view.selected - self->view.top)};
    struct line_editor editor = self->path.editor;
    struct line_view shown;
    line_editor_view(&editor, (size_t)field_columns(self), app_is_ascii(screen->app), &shown);
    int column = MARGIN + LABEL_COLUMNS + 1 + (int)shown.cursor_column;
    free(shown.text);
    return (struct screen_spot){.row = layout->field.row, .column = column};
}
