#include "ui/screens/log/log.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/service/journal/journal.h"
#include "ui/app/app.h"
#include "ui/draw/fold.h"
#include "ui/draw/layout.h"
#include "ui/draw/parts.h"
#include "ui/widgets/list_view.h"
#include "ui/widgets/problem.h"

#define LOG_LIMIT ((size_t)8 << 20)
#define MARGIN 1
#define TIME_MOST 36 /* columns of the time before a line, at most */
#define LINE_LEAST 5 /* rows for the selected line: a blank one, its heading, three of text */
#define SHIFT_COLUMNS 20
#define SHIFT_LIMIT 4000

struct log_text { /* lines are pointers into text */
    char *text;
    char **lines;
    char **folded;
    size_t count;
};

struct log_task {
    char *state_directory;
    struct guid id;
    struct log_text log;
    bool ok;
    struct error err;
};

struct log_screen {
    struct screen screen;
    struct guid id;
    char *path;
    uint64_t ticket;
    struct log_text log;
    struct error err;
    struct list_view view;
    struct layout_list layout;
    int shift; /* columns that are scrolled away on the left */
};

static void log_text_clear(struct log_text *log)
{
    for (size_t i = 0; i < log->count; i++)
        free(log->folded[i]);
    free(log->folded);
    free(log->lines);
    free(log->text);
    *log = (struct log_text){0};
}

static void split(struct log_text *log)
{
    char *rest = NULL;
    for (char *line = strtok_r(log->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        size_t at = log->count;
        char **slot = ARRAY_APPEND(log->lines, at);
        char **folded = ARRAY_APPEND(log->folded, log->count);
        *slot = line;
        *folded = fold_text(line);
    }
}

static void log_run(void *argument)
{
    struct log_task *task = argument;
    task->ok = journal_read_log(task->state_directory, &task->id, LOG_LIMIT, &task->log.text, &task->err);
    if (task->ok)
        split(&task->log);
}

static bool match(const void *context, size_t row, const char *folded)
{
    const struct log_screen *self = context;
    return strstr(self->log.folded[row], folded) != NULL;
}

/* Lines are only added, at the end. */
static void update(struct log_screen *self)
{
    list_view_update(&self->view,
                     &(struct list_view_rows){.total = self->log.count, .match = match, .context = self});
}

static unsigned log_done(struct screen *screen, void *argument)
{
    struct log_screen *self = (struct log_screen *)screen;
    struct log_task *task = argument;
    self->ticket = 0;
    self->err = task->ok ? (struct error){0} : task->err;
    bool at_end = self->view.count == 0 || self->view.selected + 1 == self->view.count;
    log_text_clear(&self->log);
    self->log = task->log;
    task->log = (struct log_text){0};
    update(self);
    if (at_end) /* whoever watches the end keeps watching it */
        list_view_move(&self->view, ACTION_LAST);
    return EFFECT_REDRAW;
}

static void log_release(void *argument)
{
    struct log_task *task = argument;
    log_text_clear(&task->log);
    free(task->state_directory);
    free(task);
}

static void read_log(struct log_screen *self)
{
    static const struct work_ops ops = {.run = log_run, .done = log_done, .release = log_release};
    if (self->ticket)
        return;
    struct log_task *task = mem_alloc(sizeof *task);
    task->state_directory = mem_strdup(app_service_options(self->screen.app)->state_directory);
    task->id = self->id;
    self->ticket = app_post(self->screen.app, &self->screen, &ops, task);
}

static void log_open(struct screen *screen)
{
    struct log_screen *self = (struct log_screen *)screen;
    self->path = journal_log_path(app_service_options(screen->app)->state_directory, &self->id);
    read_log(self);
}

static void log_close(struct screen *screen)
{
    struct log_screen *self = (struct log_screen *)screen;
    log_text_clear(&self->log);
    list_view_clear(&self->view);
    free(self->path);
    free(self);
}

static unsigned shift(struct log_screen *self, int columns)
{
    int to = self->shift + columns;
    self->shift = to < 0 ? 0 : to > SHIFT_LIMIT ? SHIFT_LIMIT : to;
    return EFFECT_REDRAW;
}

static unsigned log_key(struct screen *screen, const struct key_event *event)
{
    struct log_screen *self = (struct log_screen *)screen;
    switch (list_view_filter_key(&self->view, event)) {
    case FILTER_EDITED:
        update(self);
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (list_view_move(&self->view, event->action))
        return EFFECT_REDRAW;
    if (event->action == ACTION_LEFT || event->action == ACTION_RIGHT)
        return shift(self, event->action == ACTION_LEFT ? -SHIFT_COLUMNS : SHIFT_COLUMNS);
    if (event->action == ACTION_COPY) {
        size_t row = list_view_row(&self->view);
        CLEANUP_FREE char *line = text_escape(row < self->log.count ? self->log.lines[row] : "");
        app_copy(screen->app, line);
        return EFFECT_NONE;
    }
    if (event->action != ACTION_REFRESH)
        return EFFECT_UNHANDLED;
    read_log(self);
    app_say(screen->app, ROLE_INFO, "The log is read again.");
    return EFFECT_NONE;
}

/* The last line of a running job's log is in its snapshot: when jobs change, the file may have grown. */
static unsigned log_jobs_changed(struct screen *screen)
{
    read_log((struct log_screen *)screen);
    return EFFECT_NONE;
}

static void log_recalc(struct screen *screen, int rows, int columns)
{
    struct log_screen *self = (struct log_screen *)screen;
    self->layout = layout_list(rows, columns);
    list_view_fit(&self->view, self->layout.list.rows);
}

/* The time before a line is dim */
static void paint_line(const struct log_screen *self, const struct canvas *list, int row, size_t position)
{
    bool selected = position == self->view.selected;
    enum theme_role role = selected ? ROLE_SELECTED : ROLE_NORMAL;
    const char *line = self->log.lines[self->view.shown[position]];
    size_t time = strcspn(line, " ");
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    struct canvas rest = canvas_part(list, row, MARGIN, 1, list->columns - MARGIN);
    if (self->shift) {
        canvas_text(&rest, 0, -self->shift, role, line);
        return;
    }
    canvas_field(&rest, 0, 0, rest.columns, role, line);
    if (!selected && time < TIME_MOST)
        canvas_paint_role(&rest, 0, 0, (int)time, ROLE_DIM);
}

/* "line 12, 1-22 shown" */
static char *position_text(const struct log_screen *self)
{
    const struct list_view *view = &self->view;
    size_t last = view->top + (size_t)(self->layout.list.rows > 0 ? self->layout.list.rows : 0);
    if (view->count == 0)
        return mem_strdup("");
    last = last < view->count ? last : view->count;
    return mem_format("line %zu, %zu-%zu shown", view->selected + 1, view->top + 1, last);
}

static void paint_heading(const struct log_screen *self, const struct canvas *body)
{
    const struct list_view *view = &self->view;
    CLEANUP_FREE char *summary = list_view_summary(view);
    CLEANUP_FREE char *position = position_text(self);
    part_heading(body, 0, 0, body->columns,
                 &(struct part_heading){.name = "Log",
                                        .more = summary,
                                        .more_role = list_view_is_filtered(view) ? ROLE_FILTER : ROLE_DIM,
                                        .right = position,
                                        .focused = true});
}

/* The selected line, whole, where the lines leave rows free. */
static void paint_whole(const struct log_screen *self, const struct canvas *list)
{
    size_t row = list_view_row(&self->view);
    int at = (int)self->view.count + 1;
    if (self->view.count + LINE_LEAST > (size_t)list->rows || row >= self->log.count)
        return;
    part_heading(list, at, 0, list->columns, &(struct part_heading){.name = "This line"});
    canvas_wrap(list, at + 1, MARGIN, list->rows - at - 1, list->columns - 2 * MARGIN, ROLE_NORMAL,
                self->log.lines[row]);
}

static void log_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct log_screen *self = (const struct log_screen *)screen;
    const struct list_view *view = &self->view;
    struct canvas list = canvas_part(body, self->layout.list.row, 0, self->layout.list.rows, body->columns);
    paint_heading(self, body);
    if (self->err.code) {
        problem_paint(&list, 0, METHOD_EXPORT_REFERENCE_POINT, &self->err);
        return;
    }
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        paint_line(self, &list, row, position);
    }
    paint_whole(self, &list);
    if (view->count == 0 && self->log.count > 0)
        canvas_text(&list, 0, MARGIN, ROLE_DIM, "No line matches. Esc clears the search.");
}

static struct screen_spot log_cursor(const struct screen *screen)
{
    const struct log_screen *self = (const struct log_screen *)screen;
    return (struct screen_spot){.row = self->layout.list.row + (int)(self->view.selected - self->view.top)};
}

static void log_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct log_screen *self = (const struct log_screen *)screen;
    (void)right;
    strbuf_addf(left, "log %.4s   %s", self->id.text, self->path);
}

static bool log_takes_text(const struct screen *screen)
{
    return ((const struct log_screen *)screen)->view.filtering;
}

#define MOVES                                                                                                \
    {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},                    \
        {.action = ACTION_PAGE_UP, .help_only = true}, {.action = ACTION_PAGE_DOWN, .help_only = true},      \
        {.action = ACTION_FIRST, .help_only = true}, {.action = ACTION_LAST, .help_only = true},             \
        {.action = ACTION_QUIT, .help_only = true},                                                          \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

#define READING                                                                                              \
    {.action = ACTION_BACK},                                                                                 \
        {.action = ACTION_FILTER, .label = "search", .help = "Search the log as you type"},                  \
        {.action = ACTION_COPY, .label = "copy line", .help = "Copy this line to the terminal's clipboard"}, \
    {                                                                                                        \
        .action = ACTION_REFRESH                                                                             \
    }

#define TO_THE_RIGHT                                                                                         \
    {                                                                                                        \
        .action = ACTION_RIGHT, .label = "rest of the lines", .help = "Show the rest of the lines"           \
    }

#define TO_THE_LEFT                                                                                          \
    {                                                                                                        \
        .action = ACTION_LEFT, .label = "start of the lines", .help = "Show the start of the lines"          \
    }

/* Where the lines are shown from their start there is nothing to the left. */
static const struct screen_hint *log_hints(const struct screen *screen)
{
    static const struct screen_hint at_start[] = {READING, TO_THE_RIGHT, MOVES};
    static const struct screen_hint shifted[] = {READING, TO_THE_RIGHT, TO_THE_LEFT, MOVES};
    static const struct screen_hint at_end[] = {READING, TO_THE_LEFT, MOVES};
    static const struct screen_hint empty[] = {{.action = ACTION_BACK},
                                               {.action = ACTION_REFRESH},
                                               {.action = ACTION_QUIT},
                                               {.action = ACTION_NONE}};
    const struct log_screen *self = (const struct log_screen *)screen;
    const struct screen_hint *filter = list_view_filter_hints(&self->view);
    if (filter)
        return filter;
    if (self->err.code || self->log.count == 0)
        return empty;
    return self->shift == 0 ? at_start : self->shift < SHIFT_LIMIT ? shifted : at_end;
}

static const struct screen_ops log_ops = {
    .name = "Log",
    .scrolls = true,
    .open = log_open,
    .close = log_close,
    .key = log_key,
    .jobs_changed = log_jobs_changed,
    .recalc = log_recalc,
    .repaint = log_repaint,
    .cursor = log_cursor,
    .title = log_title,
    .hints = log_hints,
    .takes_text = log_takes_text,
};

struct screen *log_screen_new(const struct screen_argument *argument)
{
    struct log_screen *self = mem_alloc(sizeof *self);
    self->screen.ops = &log_ops;
    self->id = argument->job;
    return &self->screen;
}
