#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/parts.h"
#include "ui/screens/settings/state.h"
#include "ui/widgets/problem.h"

#define MARGIN 1
#define LABEL_COLUMNS 10 /* as facts have it */
#define NAME_COLUMNS 16
#define FROM_COLUMNS 7
#define GAP 2
#define LIST_LEAST 3
#define DETAIL_ROWS 8
#define NOTICE_ROWS 2

const struct setting *settings_selected(const struct settings_screen *self)
{
    size_t row = list_view_row(&self->view);
    return self->read && row < self->count ? &self->table[row] : NULL;
}

bool settings_is_choice(const struct setting *setting)
{
    return setting->type == SETTING_BOOL;
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

/* --- what is said of one --- */

static void tell_allowed(struct facts *facts, const struct setting *setting)
{
    switch (setting->type) {
    case SETTING_NUMBER:
        facts_addf(facts, ROLE_NORMAL, "May be", "a number from %" PRIu64 " to %" PRIu64 "%s%s",
                   setting->least, setting->most, setting->unit ? ", " : "",
                   setting->unit ? setting->unit : "");
        break;
    case SETTING_BOOL:
        facts_addf(facts, ROLE_NORMAL, "May be", "true or false");
        break;
    case SETTING_PATH:
        facts_addf(facts, ROLE_NORMAL, "May be", "an absolute path, or one that begins with ~/");
        break;
    default:
        break;
    }
}

static void tell_line(struct facts *facts, const struct settings_screen *self, const struct setting *setting)
{
    bool other = self->editing && !self->refusal.code;
    bool empty = other && self->editor.length == 0;
    CLEANUP_FREE char *statement =
        empty ? NULL : settings_statement(other ? &self->typed : &self->settings, setting);
    bool given = other ? !empty : settings_is_given(&self->settings, setting);
    facts_add(facts, ROLE_NORMAL, "In file", mem_strdup(self->file));
    if (given && statement)
        facts_add(facts, ROLE_NORMAL, "the line", mem_strdup(statement));
    else
        facts_addf(facts, ROLE_DIM, "the line", "none: the default counts");
}

static void tell(struct settings_screen *self)
{
    const struct setting *setting = settings_selected(self);
    struct facts *facts = &self->facts;
    facts_clear(facts);
    if (!setting)
        return;
    if (self->editing && self->refusal.code) {
        /* What it may be stands beneath. */
        bool value = strcmp(self->refusal.key, "settings.value") == 0;
        CLEANUP_FREE char *text = value ? mem_strdup(self->refusal.what) : error_text(&self->refusal);
        facts_addf(facts, ROLE_ERROR, "", "! %u %s", (unsigned)self->refusal.code, text);
    } else if (self->editing && self->editor.length == 0) {
        facts_addf(facts, ROLE_DIM, "", "nothing: it is taken out of the file, and the default counts");
    }
    facts_add(facts, ROLE_NORMAL, "Does", mem_strdup(setting->help));
    tell_allowed(facts, setting);
    facts_addf(facts, ROLE_NORMAL, "Default", "%s%s%s", setting->otherwise ? setting->otherwise : "none",
               setting->unit && setting->otherwise ? " " : "",
               setting->unit && setting->otherwise ? setting->unit : "");
    tell_line(facts, self, setting);
}

/* --- places --- */

static char *notice_text(const struct settings_screen *self)
{
    const struct settings *settings = &self->settings;
    if (settings->message_count == 0)
        return NULL;
    return settings->message_count == 1 ? mem_strdup(settings->messages[0])
                                        : mem_format("%zu lines of the file are passed over: %s",
                                                     settings->message_count, settings->messages[0]);
}

static void place(struct settings_screen *self, int rows, int columns)
{
    struct layout_box area = {.rows = rows, .columns = columns};
    CLEANUP_FREE char *notice = notice_text(self);
    int notice_rows = notice ? canvas_wrap_rows(notice, columns - 4, app_is_ascii(self->screen.app)) : 0;
    notice_rows = notice_rows < NOTICE_ROWS ? notice_rows : NOTICE_ROWS;
    int most = rows - (LIST_LEAST + 2);
    int wanted = rows - 2 - notice_rows - (int)self->count;
    wanted = wanted < DETAIL_ROWS + 1 ? DETAIL_ROWS + 1 : wanted;
    int half = rows / 2 + 1;
    wanted = rows < 2 * DETAIL_ROWS + 4 && wanted > half ? half : wanted;
    struct layout_box detail = take_bottom(&area, wanted < most ? wanted : most);
    self->heading = take_top(&area, 1);
    self->titles = take_top(&area, 1);
    self->notice = take_bottom(&area, notice_rows);
    self->list = area;
    self->detail_heading = take_top(&detail, 1);
    self->field = take_top(&detail, self->editing ? 1 : 0);
    self->detail = detail;
}

void settings_recalc(struct screen *screen, int rows, int columns)
{
    struct settings_screen *self = (struct settings_screen *)screen;
    place(self, rows, columns);
    list_view_fit(&self->view, self->list.rows);
    tell(self);
    facts_fit(&self->facts, self->detail.rows, columns - 2 * MARGIN, app_is_ascii(screen->app));
}

/* --- painting --- */

static void paint_row(const struct settings_screen *self, const struct canvas *list, int row, size_t index,
                      bool selected)
{
    const struct setting *setting = &self->table[index];
    bool given = settings_is_given(&self->settings, setting);
    enum theme_role bar = self->editing ? ROLE_SELECTED_UNFOCUSED : ROLE_SELECTED;
    enum theme_role role = selected ? bar : ROLE_NORMAL;
    int value_at = MARGIN + NAME_COLUMNS + GAP;
    int from_at = list->columns - MARGIN - FROM_COLUMNS;
    CLEANUP_FREE char *value = settings_show(&self->settings, setting);
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    canvas_field(list, row, MARGIN, NAME_COLUMNS, role, setting->name);
    canvas_field(list, row, value_at, from_at - GAP - value_at, role, value);
    canvas_text(list, row, from_at, selected || given ? role : ROLE_DIM, given ? "file" : "default");
}

static void paint_list(const struct settings_screen *self, const struct canvas *body)
{
    const struct list_view *view = &self->view;
    struct canvas list = canvas_part(body, self->list.row, 0, self->list.rows, body->columns);
    int from_at = body->columns - MARGIN - FROM_COLUMNS;
    if (self->err.code) {
        struct canvas inner = canvas_part(&list, 0, MARGIN, list.rows, list.columns - 2 * MARGIN);
        problem_paint(&inner, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
        return;
    }
    canvas_text(body, self->titles.row, MARGIN, ROLE_COLUMN, "NAME");
    canvas_text(body, self->titles.row, MARGIN + NAME_COLUMNS + GAP, ROLE_COLUMN, "VALUE");
    canvas_text(body, self->titles.row, from_at, ROLE_COLUMN, "FROM");
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t at = view->top + (size_t)row;
        paint_row(self, &list, row, view->shown[at], at == view->selected);
    }
    if (view->count == 0)
        canvas_text(&list, 0, MARGIN, ROLE_DIM,
                    self->read ? "No setting matches. Esc clears the filter." : "Reading the file ...");
}

static int field_columns(const struct settings_screen *self)
{
    return self->field.columns - 2 * MARGIN - LABEL_COLUMNS - 2;
}

static void paint_field(const struct settings_screen *self, const struct canvas *body)
{
    const struct setting *setting = settings_selected(self);
    int row = self->field.row;
    int at = MARGIN + LABEL_COLUMNS;
    if (self->field.rows == 0 || !setting)
        return;
    canvas_text(body, row, MARGIN, ROLE_HEADING, "Value");
    if (settings_is_choice(setting)) {
        bool on = strcmp(line_editor_text(&self->editor), "true") == 0;
        canvas_text(body, row, at, ROLE_SELECTED, on ? "(o) true" : "(o) false");
        canvas_text(body, row, at + 11, ROLE_NORMAL, on ? "( ) false" : "( ) true");
        return;
    }
    struct line_editor editor = self->editor; /* what is visible is found anew, the text is shared */
    struct line_view shown;
    int room = field_columns(self);
    line_editor_view(&editor, (size_t)room, canvas_is_ascii(body), &shown);
    canvas_text(body, row, at, ROLE_NORMAL, shown.more_left ? "<" : "[");
    canvas_field(body, row, at + 1, room, ROLE_FIELD_FOCUSED, shown.text);
    canvas_text(body, row, at + 1 + room, ROLE_NORMAL, shown.more_right ? ">" : "]");
    free(shown.text);
}

static void paint_headings(const struct settings_screen *self, const struct canvas *body)
{
    const struct setting *setting = settings_selected(self);
    CLEANUP_FREE char *name = mem_format("Settings in %s", self->file);
    CLEANUP_FREE char *summary = list_view_summary(&self->view);
    const struct part_heading list = {.name = name,
                                      .more = summary,
                                      .more_role =
                                          list_view_is_filtered(&self->view) ? ROLE_FILTER : ROLE_DIM,
                                      .focused = !self->editing};
    const struct part_heading detail = {.name = setting ? setting->name : "",
                                        .more = self->saving ? "being written" : NULL,
                                        .more_role = ROLE_DIM,
                                        .focused = self->editing};
    part_heading(body, self->heading.row, 0, body->columns, &list);
    if (setting)
        part_heading(body, self->detail_heading.row, 0, body->columns, &detail);
}

void settings_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct settings_screen *self = (const struct settings_screen *)screen;
    CLEANUP_FREE char *notice = notice_text(self);
    paint_headings(self, body);
    paint_list(self, body);
    if (notice && self->notice.rows > 0) {
        canvas_text(body, self->notice.row, MARGIN, ROLE_WARNING, "!");
        canvas_wrap(body, self->notice.row, MARGIN + 2, self->notice.rows, body->columns - 4, ROLE_WARNING,
                    notice);
    }
    paint_field(self, body);
    struct canvas inner =
        canvas_part(body, self->detail.row, MARGIN, self->detail.rows, body->columns - 2 * MARGIN);
    facts_paint(&self->facts, &inner);
}

struct screen_spot settings_cursor(const struct screen *screen)
{
    const struct settings_screen *self = (const struct settings_screen *)screen;
    if (!self->editing || self->field.rows == 0)
        return (struct screen_spot){.row = self->list.row + (int)(self->view.selected - self->view.top)};
    if (settings_is_choice(settings_selected(self)))
        return (struct screen_spot){.row = self->field.row, .column = MARGIN + LABEL_COLUMNS + 1};
    struct line_editor editor = self->editor;
    struct line_view shown;
    line_editor_view(&editor, (size_t)field_columns(self), app_is_ascii(screen->app), &shown);
    int column = MARGIN + LABEL_COLUMNS + 1 + (int)shown.cursor_column;
    free(shown.text);
    return (struct screen_spot){.row = self->field.row, .column = column};
}
