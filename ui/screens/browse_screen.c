/* Two panes, each a list_view over what a worker brought. At most one request for points is waited for: while
 * the selection moves, the next one is asked for when the last has answered, or when it is so late that the
 * host may be stalled. What is shown on the right always belongs to the collection its heading names. */
#include "ui/screens/browse_screen.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/app.h"
#include "ui/job_pane.h"
#include "ui/layout.h"
#include "ui/list_view.h"
#include "ui/problem.h"
#include "ui/screens/browse_load.h"
#include "ui/screens/browse_rows.h"
#include "ui/screens/export_form_screen.h"
#include "ui/screens/job_actions.h"
#include "ui/screens/point_screen.h"

#define LATE_MS 500
#define WAITING_SHOWN_MS 150   /* a quick answer makes no flicker */
#define JOB_PANE_LEAST_BODY 18 /* with fewer rows the strip says enough */
#define JOB_PANE_DISKS 3

enum focus { FOCUS_COLLECTIONS, FOCUS_POINTS };

struct reading {
    uint64_t ticket; /* 0 = not waiting */
    int64_t since_ms;
    bool given_up;
    bool done; /* what there is may be shown */
    struct error err;
};

struct browse {
    struct screen screen;
    enum focus focus;

    struct reading reading_collections;
    struct catalogue catalogue;
    struct list_view collections;

    struct reading reading_points;
    struct guid asked_of;  /* collection of the request in flight */
    struct guid points_of; /* collection whose points are held */
    struct reference_point_list points;
    char **folded;
    struct list_view point_view;

    struct layout_browse layout;
    struct layout_box job_box; /* no rows: no job is shown here */
    int rows;
    int columns;
    char offset[16];
};

static const struct catalogue_row *selected_collection(const struct browse *browse)
{
    size_t row = list_view_row(&browse->collections);
    return row < browse->catalogue.count ? &browse->catalogue.rows[row] : NULL;
}

static const struct reference_point *selected_point(const struct browse *browse)
{
    const struct catalogue_row *collection = selected_collection(browse);
    size_t row = list_view_row(&browse->point_view);
    bool current = collection && guid_equal(&collection->id, &browse->points_of);
    return current && row < browse->points.count ? &browse->points.items[row] : NULL;
}

static bool match_collection(const void *context, size_t row, const char *folded)
{
    const struct browse *browse = context;
    return strstr(browse->catalogue.rows[row].folded, folded) != NULL;
}

static bool match_point(const void *context, size_t row, const char *folded)
{
    const struct browse *browse = context;
    return strstr(browse->folded[row], folded) != NULL;
}

static void clear_points(struct browse *browse)
{
    for (size_t i = 0; browse->folded && i < browse->points.count; i++)
        free(browse->folded[i]);
    free(browse->folded);
    browse->folded = NULL;
    reference_point_list_clear(&browse->points);
    browse->points_of = (struct guid){0};
    browse->reading_points.done = false;
}

static void begin(struct browse *browse, struct reading *reading, const struct work_ops *ops, void *task)
{
    struct app *app = browse->screen.app;
    if (reading->ticket)
        app_forget(app, reading->ticket);
    reading->ticket = app_post(app, &browse->screen, ops, task);
    reading->since_ms = app_now_ms(app);
    reading->given_up = false;
    reading->err = (struct error){0};
}

static void finish(struct reading *reading, bool ok, const struct error *err)
{
    reading->ticket = 0;
    reading->done = ok;
    reading->err = ok ? (struct error){0} : *err;
}

static void ask_for_points(struct browse *browse, bool again);

/* --- points --- */

static unsigned points_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct load_points *task = argument;
    struct guid keep = {0};
    size_t row = list_view_row(&browse->point_view);
    bool same = guid_equal(&browse->points_of, &task->collection);
    if (same && row < browse->points.count)
        keep = browse->points.items[row].id;
    clear_points(browse);
    finish(&browse->reading_points, task->ok, &task->err);
    browse->points_of = task->collection;
    browse->points = task->points;
    browse->folded = task->folded;
    task->points = (struct reference_point_list){0};
    task->folded = NULL;
    size_t kept = SIZE_MAX;
    for (size_t i = 0; i < browse->points.count && !guid_is_none(&keep); i++) {
        if (guid_equal(&browse->points.items[i].id, &keep))
            kept = i;
    }
    if (!same)
        browse->point_view.selected = 0;
    list_view_update(&browse->point_view, browse->points.count, kept, match_point, browse);
    ask_for_points(browse, false); /* the selection may have moved on */
    return EFFECT_REDRAW;
}

static const struct work_ops points_ops = {
    .run = load_points_run, .done = points_done, .release = load_points_release};

static void ask_for_points(struct browse *browse, bool again)
{
    const struct catalogue_row *collection = selected_collection(browse);
    struct reading *reading = &browse->reading_points;
    if (!collection) {
        clear_points(browse);
        list_view_update(&browse->point_view, 0, SIZE_MAX, NULL, NULL);
        return;
    }
    bool held = guid_equal(&collection->id, &browse->points_of);
    if (!held && !guid_is_none(&browse->points_of)) {
        clear_points(browse);
        list_view_update(&browse->point_view, 0, SIZE_MAX, NULL, NULL);
    }
    bool asked = reading->ticket && guid_equal(&collection->id, &browse->asked_of);
    bool busy = reading->ticket && app_now_ms(browse->screen.app) - reading->since_ms < LATE_MS;
    if ((held && !again) || asked || busy)
        return;
    browse->asked_of = collection->id;
    begin(browse, reading, &points_ops, load_points_new(app_host(browse->screen.app), &collection->id));
}

/* --- collections --- */

static unsigned collections_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct load_collections *task = argument;
    const struct catalogue_row *collection = selected_collection(browse);
    struct guid keep = collection ? collection->id : (struct guid){0};
    finish(&browse->reading_collections, task->ok, &task->err);
    if (!task->ok)
        return EFFECT_REDRAW;
    catalogue_clear(&browse->catalogue);
    browse->catalogue = task->catalogue;
    task->catalogue = (struct catalogue){0};
    list_view_update(&browse->collections, browse->catalogue.count, catalogue_find(&browse->catalogue, &keep),
                     match_collection, browse);
    ask_for_points(browse, true);
    return EFFECT_REDRAW;
}

static const struct work_ops collections_ops = {
    .run = load_collections_run, .done = collections_done, .release = load_collections_release};

static void read_again(struct browse *browse)
{
    begin(browse, &browse->reading_collections, &collections_ops,
          load_collections_new(app_host(browse->screen.app)));
}

/* --- handlers --- */

static void browse_open(struct screen *screen)
{
    read_again((struct browse *)screen);
}

static unsigned browse_uncovered(struct screen *screen)
{
    read_again((struct browse *)screen);
    return EFFECT_REDRAW;
}

static void browse_close(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    clear_points(browse);
    catalogue_clear(&browse->catalogue);
    list_view_clear(&browse->collections);
    list_view_clear(&browse->point_view);
    free(browse);
}

static struct list_view *focused_view(struct browse *browse)
{
    return browse->focus == FOCUS_POINTS ? &browse->point_view : &browse->collections;
}

static void filter_changed(struct browse *browse)
{
    if (browse->focus == FOCUS_POINTS) {
        list_view_update(&browse->point_view, browse->points.count, SIZE_MAX, match_point, browse);
        return;
    }
    list_view_update(&browse->collections, browse->catalogue.count, SIZE_MAX, match_collection, browse);
    ask_for_points(browse, false);
}

static unsigned give_up(struct browse *browse, struct reading *reading)
{
    app_forget(browse->screen.app, reading->ticket);
    reading->ticket = 0;
    reading->given_up = true;
    return EFFECT_REDRAW;
}

static unsigned back(struct browse *browse)
{
    if (browse->reading_points.ticket)
        return give_up(browse, &browse->reading_points);
    if (browse->reading_collections.ticket)
        return give_up(browse, &browse->reading_collections);
    if (browse->focus == FOCUS_COLLECTIONS)
        return EFFECT_NONE;
    browse->focus = FOCUS_COLLECTIONS;
    return EFFECT_REDRAW;
}

static unsigned export_selected(struct browse *browse)
{
    const struct reference_point *point = selected_point(browse);
    if (!point) {
        app_say(browse->screen.app, ROLE_WARNING, "Select a point to export first.");
        return EFFECT_NONE;
    }
    struct object_path path = {.point_id = point->id, .collection_id = point->collection_id};
    app_push(browse->screen.app, export_form_screen_new(&path, selected_collection(browse)->name));
    return EFFECT_NONE;
}

static unsigned focus_on(struct browse *browse, enum focus focus)
{
    browse->focus = focus;
    return EFFECT_REDRAW;
}

static const struct job_snapshot *job_shown(const struct browse *browse)
{
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(browse->screen.app, &count);
    for (size_t i = 0; i < count; i++) {
        if (!job_state_is_final(jobs[i].state))
            return &jobs[i];
    }
    return NULL;
}

static unsigned open_selected(struct browse *browse)
{
    const struct reference_point *point = selected_point(browse);
    if (browse->focus == FOCUS_COLLECTIONS)
        return focus_on(browse, FOCUS_POINTS);
    if (!point)
        return EFFECT_NONE;
    struct object_path path = {.point_id = point->id, .collection_id = point->collection_id};
    app_push(browse->screen.app, point_screen_new(&path, selected_collection(browse)->name));
    return EFFECT_NONE;
}

static unsigned act(struct browse *browse, enum ui_action action)
{
    struct screen *screen = &browse->screen;
    switch (action) {
    case ACTION_OPEN:
        return open_selected(browse);
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
        return focus_on(browse, browse->focus == FOCUS_POINTS ? FOCUS_COLLECTIONS : FOCUS_POINTS);
    case ACTION_LEFT:
        return focus_on(browse, FOCUS_COLLECTIONS);
    case ACTION_RIGHT:
        return focus_on(browse, FOCUS_POINTS);
    case ACTION_BACK:
        return back(browse);
    case ACTION_REFRESH:
        read_again(browse);
        app_refresh_jobs(screen->app);
        return EFFECT_REDRAW;
    case ACTION_EXPORT:
        return export_selected(browse);
    case ACTION_PAUSE:
        return job_pause(screen, job_shown(browse));
    case ACTION_CANCEL:
        return job_ask_cancel(screen, job_shown(browse));
    default:
        return EFFECT_UNHANDLED;
    }
}

static unsigned browse_key(struct screen *screen, const struct key_event *event)
{
    struct browse *browse = (struct browse *)screen;
    struct list_view *view = focused_view(browse);
    switch (list_view_filter_key(view, event)) {
    case FILTER_EDITED:
        filter_changed(browse);
        return EFFECT_REDRAW;
    case FILTER_HANDLED:
        return EFFECT_REDRAW;
    case FILTER_UNHANDLED:
        break;
    }
    if (list_view_move(view, event->action)) {
        if (browse->focus == FOCUS_COLLECTIONS)
            ask_for_points(browse, false);
        return EFFECT_REDRAW;
    }
    return act(browse, event->action);
}

static unsigned browse_tick(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    ask_for_points(browse, false); /* where the last request is late */
    bool waiting = browse->reading_points.ticket || browse->reading_collections.ticket;
    return waiting ? EFFECT_REDRAW : EFFECT_NONE;
}

static unsigned browse_jobs_changed(struct screen *screen)
{
    (void)screen;
    return EFFECT_REDRAW;
}

/* --- picture --- */

static struct layout_box place_job(const struct browse *browse, int rows, int columns)
{
    const struct job_snapshot *job = job_shown(browse);
    if (!job || rows < JOB_PANE_LEAST_BODY)
        return (struct layout_box){0};
    size_t disks = job->disk_count < JOB_PANE_DISKS ? job->disk_count : JOB_PANE_DISKS;
    int wanted = job_pane_rows(disks);
    return (struct layout_box){.row = rows - wanted, .rows = wanted, .columns = columns};
}

static void browse_recalc(struct screen *screen, int rows, int columns)
{
    struct browse *browse = (struct browse *)screen;
    browse->rows = rows;
    browse->columns = columns;
    browse->job_box = place_job(browse, rows, columns);
    int rule = browse->job_box.rows > 0 ? 1 : 0;
    browse->layout = layout_browse(rows - browse->job_box.rows - rule, columns);
    list_view_fit(&browse->collections, browse->layout.collections.rows);
    list_view_fit(&browse->point_view, browse->layout.points.rows);
    moment_format_offset(app_now(screen->app), browse->offset, sizeof browse->offset);
}

static struct canvas part(const struct canvas *canvas, struct layout_box box)
{
    return canvas_part(canvas, box.row, box.column, box.rows, box.columns);
}

static bool is_waiting(const struct browse *browse, const struct reading *reading)
{
    return reading->ticket && app_now_ms(browse->screen.app) - reading->since_ms >= WAITING_SHOWN_MS;
}

/* What stands in a list's place while there is none. True: something does. */
static bool paint_state(const struct browse *browse, const struct canvas *list, const struct reading *reading,
                        const char *what)
{
    if (reading->err.code) {
        problem_paint(list, 0, METHOD_EXPORT_REFERENCE_POINT, &reading->err);
        return true;
    }
    if (reading->given_up && !reading->done) {
        CLEANUP_FREE char *text = mem_format("Stopped waiting for %s. r reads again.", what);
        canvas_wrap(list, 0, 0, list->rows, list->columns, ROLE_WARNING, text);
        return true;
    }
    if (reading->done)
        return false;
    if (is_waiting(browse, reading)) {
        long long seconds = (long long)(app_now_ms(browse->screen.app) - reading->since_ms) / 1000;
        CLEANUP_FREE char *text = mem_format("Reading %s ... %llds  Esc stops waiting", what, seconds);
        canvas_wrap(list, 0, 0, list->rows, list->columns, ROLE_DIM, text);
    }
    return true;
}

static enum theme_role row_role(const struct browse *browse, enum focus pane, bool selected)
{
    if (!selected)
        return ROLE_NORMAL;
    return browse->focus == pane ? ROLE_SELECTED : ROLE_SELECTED_UNFOCUSED;
}

static void paint_heading(const struct browse *browse, const struct canvas *body, struct layout_box box,
                          enum focus pane, const char *name, const struct list_view *view)
{
    struct canvas line = part(body, box);
    CLEANUP_FREE char *summary = list_view_summary(view);
    bool filtered = view->filtering || *line_editor_text(&view->filter);
    int at = canvas_text(&line, 0, 0, browse->focus == pane ? ROLE_HEADING_FOCUSED : ROLE_HEADING, name);
    canvas_text(&line, 0, at + 1, filtered ? ROLE_FILTER : ROLE_DIM, summary);
}

static void paint_collections(const struct browse *browse, const struct canvas *body)
{
    const struct list_view *view = &browse->collections;
    struct canvas list = part(body, browse->layout.collections);
    paint_heading(browse, body, browse->layout.collections_heading, FOCUS_COLLECTIONS, "COLLECTIONS", view);
    if (browse->catalogue.count == 0 &&
        paint_state(browse, &list, &browse->reading_collections, "collections"))
        return;
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        bool selected = position == view->selected;
        browse_paint_collection(&list, row, &browse->catalogue.rows[view->shown[position]],
                                row_role(browse, FOCUS_COLLECTIONS, selected), selected);
    }
    if (view->count == 0)
        canvas_wrap(&list, 0, 0, list.rows, list.columns, ROLE_DIM,
                    "No name matches. Esc clears the filter.");
}

/* Rows have no room for names at 80 columns; a free last line has. */
static void paint_selected_name(const struct browse *browse, const struct canvas *list)
{
    const struct reference_point *point = selected_point(browse);
    if (!point || !point->name || browse->point_view.count + 1 >= (size_t)list->rows)
        return;
    canvas_field(list, list->rows - 1, 2, list->columns - 2, ROLE_DIM, point->name);
}

static void paint_points(const struct browse *browse, const struct canvas *body)
{
    const struct list_view *view = &browse->point_view;
    const struct catalogue_row *collection = selected_collection(browse);
    struct canvas list = part(body, browse->layout.points);
    CLEANUP_FREE char *name = mem_format("POINTS of %s", collection ? collection->name : "-");
    paint_heading(browse, body, browse->layout.points_heading, FOCUS_POINTS, name, view);
    if (!collection)
        return;
    bool current = guid_equal(&collection->id, &browse->points_of);
    struct reading shown = browse->reading_points;
    shown.done = shown.done && current;
    if (!current && shown.ticket == 0 && !shown.given_up)
        shown.err = (struct error){0};
    if ((!current || !shown.done || shown.err.code) && paint_state(browse, &list, &shown, "points"))
        return;
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        bool selected = position == view->selected;
        browse_paint_point(&list, row, &browse->points.items[view->shown[position]], browse->offset,
                           row_role(browse, FOCUS_POINTS, selected), selected);
    }
    paint_selected_name(browse, &list);
    if (browse->points.count == 0)
        browse_paint_no_points(&list, app_store_option(browse->screen.app), collection->name);
    else if (view->count == 0)
        canvas_wrap(&list, 0, 0, list.rows, list.columns, ROLE_DIM,
                    "No point matches. Esc clears the filter.");
}

static bool is_empty(const struct browse *browse)
{
    return browse->reading_collections.done && browse->catalogue.count == 0;
}

static void browse_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct browse *browse = (const struct browse *)screen;
    struct canvas lists = *body;
    if (browse->job_box.rows > 0) {
        struct canvas pane = part(body, browse->job_box);
        canvas_rule(body, browse->job_box.row - 1, 0, body->columns);
        job_pane_paint(&pane, job_shown(browse), &(struct job_pane_options){.heading = true});
        lists.rows = browse->job_box.row - 1;
    }
    if (is_empty(browse)) {
        browse_paint_empty(&lists, 1, app_store_option(screen->app), browse->catalogue.machines > 0);
        return;
    }
    paint_collections(browse, &lists);
    paint_points(browse, &lists);
}

static struct screen_spot browse_cursor(const struct screen *screen)
{
    const struct browse *browse = (const struct browse *)screen;
    bool points = browse->focus == FOCUS_POINTS;
    const struct list_view *view = points ? &browse->point_view : &browse->collections;
    struct layout_box box = points ? browse->layout.points : browse->layout.collections;
    return (struct screen_spot){.row = box.row + (int)(view->selected - view->top), .column = box.column};
}

static bool browse_shows_job(const struct screen *screen, const struct guid *job)
{
    const struct browse *browse = (const struct browse *)screen;
    const struct job_snapshot *shown = job_shown(browse);
    return browse->job_box.rows > 0 && shown && guid_equal(&shown->identity.id, job);
}

static void browse_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct browse *browse = (const struct browse *)screen;
    strbuf_addf(left, "refpoint  %s", app_host_identity(screen->app));
    strbuf_addf(right, "times %s", browse->offset);
}

static const struct screen_hint *browse_hints(const struct screen *screen)
{
    static const struct screen_hint hints[] = {
        {.action = ACTION_OPEN},
        {.action = ACTION_EXPORT},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "pane"},
        {.action = ACTION_JOBS},
        {.action = ACTION_PAUSE},
        {.action = ACTION_CANCEL},
        {.action = ACTION_QUIT},
        {.action = ACTION_REFRESH},
        {.action = ACTION_UP, .help_only = true},
        {.action = ACTION_DOWN, .help_only = true},
        {.action = ACTION_LEFT, .help_only = true},
        {.action = ACTION_RIGHT, .help_only = true},
        {.action = ACTION_PAGE_UP, .help_only = true},
        {.action = ACTION_PAGE_DOWN, .help_only = true},
        {.action = ACTION_FIRST, .help_only = true},
        {.action = ACTION_LAST, .help_only = true},
        {.action = ACTION_BACK, .help_only = true},
        {.action = ACTION_REDRAW, .help_only = true},
        {.action = ACTION_NONE},
    };
    (void)screen;
    return hints;
}

static const struct screen_ops browse_ops = {
    .name = "Browse",
    .open = browse_open,
    .close = browse_close,
    .uncovered = browse_uncovered,
    .key = browse_key,
    .tick = browse_tick,
    .jobs_changed = browse_jobs_changed,
    .shows_job = browse_shows_job,
    .recalc = browse_recalc,
    .repaint = browse_repaint,
    .cursor = browse_cursor,
    .title = browse_title,
    .hints = browse_hints,
};

struct screen *browse_screen_new(void)
{
    struct browse *browse = mem_alloc(sizeof *browse);
    browse->screen.ops = &browse_ops;
    return &browse->screen;
}
