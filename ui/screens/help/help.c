#include "ui/screens/help/help.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app/app.h"
#include "ui/draw/fold.h"
#include "ui/draw/parts.h"
#include "ui/widgets/list_view.h"

#define MARGIN 1
#define KEY_COLUMNS 21
#define TITLE_OF_GROUP SIZE_MAX

enum help_group { GROUP_HERE, GROUP_MOVING, GROUP_EVERYWHERE, GROUP_COUNT };

struct help_row {
    enum ui_action action;
    enum help_group group;
    const char *line; /* what it does here */
};

struct help_line {   /* of the picture: the heading of a group, or a row beneath it */
    size_t position; /* among those that are shown; TITLE_OF_GROUP */
    enum help_group group;
};

struct help {
    struct screen screen;
    const char *name;
    struct help_row *rows; /* group by group */
    size_t count;
    struct list_view view;
    struct help_line *lines;
    size_t line_count;
    size_t top; /* line */
};

/* What every screen can do, whether its hints name it or not. */
static const enum ui_action everywhere[] = {ACTION_HELP, ACTION_PALETTE, ACTION_THEME, ACTION_JOBS,
                                            ACTION_BACK, ACTION_REDRAW,  ACTION_QUIT};

static bool is_everywhere(enum ui_action action)
{
    for (size_t i = 0; i < ARRAY_LENGTH(everywhere); i++) {
        if (everywhere[i] == action)
            return true;
    }
    return false;
}

static enum help_group group_of(const struct screen_hint *hint)
{
    switch (hint->action) {
    case ACTION_UP:
    case ACTION_DOWN:
    case ACTION_LEFT:
    case ACTION_RIGHT:
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
    case ACTION_FIRST:
    case ACTION_LAST:
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
        return GROUP_MOVING;
    default:
        return is_everywhere(hint->action) && !hint->help ? GROUP_EVERYWHERE : GROUP_HERE;
    }
}

static bool listed(const struct help *self, enum ui_action action)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->rows[i].action == action)
            return true;
    }
    return false;
}

static void add(struct help *self, enum help_group group, enum ui_action action, const char *line)
{
    if (listed(self, action))
        return;
    *ARRAY_APPEND(self->rows, self->count) =
        (struct help_row){.action = action, .group = group, .line = line ? line : action_info(action)->help};
}

static void add_group(struct help *self, const struct screen_hint *hints, enum help_group group)
{
    for (const struct screen_hint *hint = hints; hint->action != ACTION_NONE; hint++) {
        if (group_of(hint) == group)
            add(self, group, hint->action, hint->help);
    }
}

static void help_close(struct screen *screen)
{
    struct help *self = (struct help *)screen;
    list_view_clear(&self->view);
    free(self->rows);
    free(self->lines);
    free(self);
}

static bool match(const void *context, size_t row, const char *folded)
{
    const struct help *self = context;
    const struct action_info *info = action_info(self->rows[row].action);
    CLEANUP_FREE char *text =
        mem_format("%s %s %s %s", info->name, info->label, info->help, self->rows[row].line);
    CLEANUP_FREE char *searched = fold_text(text);
    return strstr(searched, folded) != NULL;
}

static unsigned perform(const struct help *self)
{
    size_t row = list_view_row(&self->view);
    if (row >= self->count)
        return EFFECT_NONE;
    app_perform(self->screen.app, self->rows[row].action);
    return EFFECT_CLOSE;
}

static unsigned help_key(struct screen *screen, const struct key_event *event)
{
    struct help *self = (struct help *)screen;
    if (event->key == KEY_CODE_ENTER)
        return perform(self);
    switch (list_view_filter_key(&self->view, event)) {
    case FILTER_EDITED:
        list_view_update(&self->view,
                         &(struct list_view_rows){.total = self->count, .match = match, .context = self});
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (event->action == ACTION_OPEN)
        return perform(self);
    if (event->action == ACTION_HELP)
        return EFFECT_CLOSE;
    if (list_view_move(&self->view, event->action))
        return EFFECT_REDRAW;
    return EFFECT_UNHANDLED;
}

static void add_line(struct help *self, size_t position, enum help_group group)
{
    *ARRAY_APPEND(self->lines, self->line_count) = (struct help_line){.position = position, .group = group};
}

/* The line that the selected row is in. */
static size_t make_lines(struct help *self)
{
    size_t selected = 0;
    enum help_group group = GROUP_COUNT;
    free(self->lines);
    self->lines = NULL;
    self->line_count = 0;
    for (size_t at = 0; at < self->view.count; at++) {
        const struct help_row *row = &self->rows[self->view.shown[at]];
        if (row->group != group || at == 0)
            add_line(self, TITLE_OF_GROUP, row->group);
        group = row->group;
        if (at == self->view.selected)
            selected = self->line_count;
        add_line(self, at, row->group);
    }
    return selected;
}

static unsigned help_point(struct screen *screen, const struct pointer_event *event)
{
    struct help *self = (struct help *)screen;
    if (event->kind != POINTER_PRESS)
        return EFFECT_REDRAW;
    size_t line = event->row < 0 ? SIZE_MAX : self->top + (size_t)event->row;
    if (line >= self->line_count || self->lines[line].position == TITLE_OF_GROUP)
        return EFFECT_UNHANDLED;
    list_view_select(&self->view, self->view.shown[self->lines[line].position]);
    return EFFECT_REDRAW;
}

static void help_recalc(struct screen *screen, int rows, int columns)
{
    struct help *self = (struct help *)screen;
    size_t room = rows > 1 ? (size_t)rows : 1;
    (void)columns;
    list_view_fit(&self->view, rows);
    size_t selected = make_lines(self);
    size_t first = selected == 1 ? 0 : selected; /* with the heading above it */
    if (first < self->top)
        self->top = first;
    if (selected >= self->top + room)
        self->top = selected - room + 1;
    if (self->top + room > self->line_count)
        self->top = self->line_count > room ? self->line_count - room : 0;
}

static void paint_group(const struct help *self, const struct canvas *body, int row, enum help_group group,
                        bool first)
{
    static const char *const names[GROUP_COUNT] = {NULL, "Moving", "Everywhere"};
    CLEANUP_FREE char *name = names[group] ? mem_strdup(names[group]) : mem_format("Keys of %s", self->name);
    CLEANUP_FREE char *summary = list_view_summary(&self->view);
    bool filtered = list_view_is_filtered(&self->view);
    part_heading(body, row, 0, body->columns,
                 &(struct part_heading){.name = name,
                                        .more = first && filtered ? summary : NULL,
                                        .more_role = ROLE_FILTER,
                                        .focused = first});
}

static void paint_row(const struct help *self, const struct canvas *body, int row, size_t position)
{
    bool selected = position == self->view.selected;
    const struct help_row *shown = &self->rows[self->view.shown[position]];
    char keys[64];
    keymap_keys_label(app_keymap(self->screen.app), shown->action, keys, sizeof keys);
    enum theme_role role = selected ? ROLE_SELECTED : ROLE_NORMAL;
    canvas_field(body, row, 0, body->columns, role, selected ? ">" : "");
    canvas_field(body, row, MARGIN, KEY_COLUMNS, selected ? role : ROLE_KEY, *keys ? keys : "no key");
    int at = MARGIN + KEY_COLUMNS + 1;
    canvas_field(body, row, at, body->columns - at - 2, role, shown->line);
}

/* The list of lines, headings too, is what scrolls. */
static void paint_scroll(const struct help *self, const struct canvas *body)
{
    const struct list_view lines = {.count = self->line_count, .top = self->top, .rows = body->rows};
    list_view_paint_scroll(&lines, body, ROLE_DIM);
}

static void help_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct help *self = (const struct help *)screen;
    for (int row = 0; row < body->rows && self->top + (size_t)row < self->line_count; row++) {
        const struct help_line *line = &self->lines[self->top + (size_t)row];
        if (line->position == TITLE_OF_GROUP)
            paint_group(self, body, row, line->group, row == 0);
        else
            paint_row(self, body, row, line->position);
    }
    if (self->line_count == 0) {
        paint_group(self, body, 0, GROUP_HERE, true);
        canvas_wrap(body, 1, MARGIN, body->rows - 1, body->columns - 2 * MARGIN, ROLE_DIM,
                    "Nothing matches. Esc clears the search.");
    }
    paint_scroll(self, body);
}

static struct screen_spot help_cursor(const struct screen *screen)
{
    const struct help *self = (const struct help *)screen;
    for (size_t i = self->top; i < self->line_count; i++) {
        if (self->lines[i].position == self->view.selected)
            return (struct screen_spot){.row = (int)(i - self->top)};
    }
    return (struct screen_spot){0};
}

static void help_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    (void)screen;
    strbuf_add(left, "help");
    strbuf_add(right, "refpoint " REFPOINT_VERSION);
}

static bool help_takes_text(const struct screen *screen)
{
    return ((const struct help *)screen)->view.filtering;
}

static const struct screen_hint *help_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_BACK},
        {.action = ACTION_OPEN, .label = "do it"},
        {.action = ACTION_FILTER, .label = "find"},
        {.action = ACTION_NONE},
    };
    static const struct screen_hint finding[] = {
        {.action = ACTION_OPEN, .label = "do it"}, {.action = ACTION_BACK}, {.action = ACTION_NONE}};
    static const struct screen_hint typed[] = {{.action = ACTION_OPEN, .label = "do it"},
                                               {.action = ACTION_BACK, .label = "clear"},
                                               {.action = ACTION_NONE}};
    static const struct screen_hint nothing[] = {{.action = ACTION_BACK, .label = "clear"},
                                                 {.action = ACTION_NONE}};
    const struct help *self = (const struct help *)screen;
    if (self->view.count == 0)
        return nothing;
    if (!self->view.filtering)
        return hints;
    return *line_editor_text(&self->view.filter) ? typed : finding;
}

static const struct screen_ops help_ops = {
    .name = "Help",
    .close = help_close,
    .key = help_key,
    .point = help_point,
    .recalc = help_recalc,
    .repaint = help_repaint,
    .cursor = help_cursor,
    .title = help_title,
    .hints = help_hints,
    .takes_text = help_takes_text,
};

struct screen *help_screen_new(const struct screen_argument *argument)
{
    const struct screen *of = argument->of;
    struct help *self = mem_alloc(sizeof *self);
    self->screen.ops = &help_ops;
    self->name = of->ops->name;
    const struct screen_hint *hints = of->ops->hints(of);
    for (enum help_group group = GROUP_HERE; group < GROUP_COUNT; group++)
        add_group(self, hints, group);
    for (size_t i = 0; i < ARRAY_LENGTH(everywhere); i++)
        add(self, GROUP_EVERYWHERE, everywhere[i], NULL);
    list_view_update(&self->view, &(struct list_view_rows){.total = self->count});
    return &self->screen;
}
