/* The picture of the browse screen. Never changes what is shown on the right without its heading. */
#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/jobs/pane.h"
#include "ui/screens/browse/rows.h"
#include "ui/screens/browse/state.h"
#include "ui/widgets/problem.h"

#define WAITING_SHOWN_MS 150   /* a quick answer makes no flicker */
#define JOB_PANE_LEAST_BODY 18 /* with fewer rows the strip says enough */
#define JOB_PANE_DISKS 3
#define HEADING_LEAST 11 /* "COLLECTIONS" */
#define NOTICE_INDENT 3  /* "! " before it, a free column behind it */

const struct catalogue_row *browse_collection(const struct browse *browse)
{
    size_t row = list_view_row(&browse->collections);
    return row < browse->catalogue.count ? &browse->catalogue.rows[row] : NULL;
}

const struct reference_point *browse_point(const struct browse *browse)
{
    const struct catalogue_row *collection = browse_collection(browse);
    size_t row = list_view_row(&browse->point_view);
    bool current = collection && guid_equal(&collection->id, &browse->points_of);
    return current && row < browse->points.count ? &browse->points.items[row] : NULL;
}

const struct job_snapshot *browse_job(const struct browse *browse)
{
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(browse->screen.app, &count);
    for (size_t i = 0; i < count; i++) {
        if (!job_state_is_final(jobs[i].state))
            return &jobs[i];
    }
    return NULL;
}

static char *collections_left_out(const struct browse *browse)
{
    return browse_left_out_text(browse->catalogue.collections_left_out, browse->catalogue.machines_left_out,
                                0);
}

static char *points_left_out(const struct browse *browse)
{
    return browse_left_out_text(0, 0, browse_collection(browse) ? browse->points.left_out.count : 0);
}

/* The lower rows of a list's place, where it has to go without something. */
static struct layout_box take_notice(struct layout_box *list, const char *text, bool ascii)
{
    struct layout_box notice = *list;
    notice.rows = text ? canvas_wrap_rows(text, list->columns - NOTICE_INDENT, ascii) : 0;
    notice.rows = notice.rows < list->rows / 2 ? notice.rows : list->rows / 2;
    list->rows -= notice.rows;
    notice.row += list->rows;
    return notice;
}

static void place_notices(struct browse *browse)
{
    bool ascii = app_is_ascii(browse->screen.app);
    CLEANUP_FREE char *collections = collections_left_out(browse);
    CLEANUP_FREE char *points = points_left_out(browse);
    browse->collections_notice = take_notice(&browse->layout.collections, collections, ascii);
    browse->points_notice = take_notice(&browse->layout.points, points, ascii);
}

static struct layout_box place_job(const struct browse *browse, int rows, int columns)
{
    const struct job_snapshot *job = browse_job(browse);
    if (!job || rows < JOB_PANE_LEAST_BODY)
        return (struct layout_box){0};
    size_t disks = job->disk_count < JOB_PANE_DISKS ? job->disk_count : JOB_PANE_DISKS;
    int wanted = job_pane_rows(disks);
    return (struct layout_box){.row = rows - wanted, .rows = wanted, .columns = columns};
}

void browse_recalc(struct screen *screen, int rows, int columns)
{
    struct browse *browse = (struct browse *)screen;
    browse->job_box = place_job(browse, rows, columns);
    int rule = browse->job_box.rows > 0 ? 1 : 0;
    browse->layout = layout_browse(rows - browse->job_box.rows - rule, columns);
    place_notices(browse);
    list_view_fit(&browse->collections, browse->layout.collections.rows);
    list_view_fit(&browse->point_view, browse->layout.points.rows);
    moment_format_offset(app_now(screen->app), browse->offset, sizeof browse->offset);
}

static struct canvas part(const struct canvas *canvas, struct layout_box box)
{
    return canvas_part(canvas, box.row, box.column, box.rows, box.columns);
}

static bool is_waiting(const struct browse *browse, const struct browse_reading *reading)
{
    return reading->ticket && app_now_ms(browse->screen.app) - reading->since_ms >= WAITING_SHOWN_MS;
}

/* What stands in a list's place while there is none. True: something does. */
static bool paint_state(const struct browse *browse, const struct canvas *list,
                        const struct browse_reading *reading, const char *what)
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

static enum theme_role row_role(const struct browse *browse, enum browse_focus pane, bool selected)
{
    if (!selected)
        return ROLE_NORMAL;
    return browse->focus == pane ? ROLE_SELECTED : ROLE_SELECTED_UNFOCUSED;
}

static void paint_heading(const struct browse *browse, const struct canvas *body, struct layout_box box,
                          enum browse_focus pane, const char *name, const struct list_view *view)
{
    struct canvas line = part(body, box);
    CLEANUP_FREE char *summary = list_view_summary(view);
    bool filtered = list_view_is_filtered(view);
    bool ascii = canvas_is_ascii(&line);
    int room = line.columns - 1 - (int)cells_width(summary, ascii);
    struct cells_format format = {
        .columns = (size_t)(room > HEADING_LEAST ? room : HEADING_LEAST), .ascii = ascii, .no_pad = true};
    CLEANUP_FREE char *fitted = cells_fit(name, &format); /* the count stays, and what is cut has its mark */
    int at = canvas_text(&line, 0, 0, browse->focus == pane ? ROLE_HEADING_FOCUSED : ROLE_HEADING, fitted);
    canvas_field(&line, 0, at + 1, line.columns - at - 1, filtered ? ROLE_FILTER : ROLE_DIM, summary);
}

static void paint_notice(const struct canvas *body, struct layout_box box, const char *text)
{
    if (!text || box.rows == 0)
        return;
    struct canvas notice = part(body, box);
    canvas_text(&notice, 0, 0, ROLE_ERROR, "!");
    canvas_wrap(&notice, 0, 2, box.rows, box.columns - NOTICE_INDENT, ROLE_ERROR, text);
}

static void paint_notices(const struct browse *browse, const struct canvas *body)
{
    CLEANUP_FREE char *collections = collections_left_out(browse);
    CLEANUP_FREE char *points = points_left_out(browse);
    paint_notice(body, browse->collections_notice, collections);
    paint_notice(body, browse->points_notice, points);
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
        browse_paint_collection(&list, row, &browse->catalogue, view->shown[position],
                                row_role(browse, FOCUS_COLLECTIONS, selected), selected);
    }
    if (view->count == 0 && browse->catalogue.count > 0)
        canvas_wrap(&list, 0, 0, list.rows, list.columns, ROLE_DIM,
                    "No name matches. Esc clears the filter.");
}

/* Rows have no room for names at 80 columns; a free last line has. */
static void paint_selected_name(const struct browse *browse, const struct canvas *list)
{
    const struct reference_point *point = browse_point(browse);
    if (!point || !point->name || list->columns >= BROWSE_WIDE_COLUMNS ||
        browse->point_view.count + 1 >= (size_t)list->rows)
        return;
    canvas_field(list, list->rows - 1, 2, list->columns - 2, ROLE_DIM, point->name);
}

/* One way for all visible rows: a list in which each row says something else is harder to read. */
static enum browse_telling telling_of_rows(const struct browse *browse, int rows)
{
    const struct list_view *view = &browse->point_view;
    enum browse_telling telling = BROWSE_BY_MINUTE;
    for (int row = 0; row < rows && view->top + (size_t)row < view->count; row++) {
        size_t index = view->shown[view->top + (size_t)row];
        enum browse_telling own = browse_point_telling(&browse->points, index);
        telling = own > telling ? own : telling;
    }
    return telling;
}

static void paint_points(const struct browse *browse, const struct canvas *body)
{
    const struct list_view *view = &browse->point_view;
    const struct catalogue_row *collection = browse_collection(browse);
    struct canvas list = part(body, browse->layout.points);
    CLEANUP_FREE char *name = mem_format("POINTS of %s", collection ? collection->name : "-");
    paint_heading(browse, body, browse->layout.points_heading, FOCUS_POINTS, name, view);
    if (!collection)
        return;
    bool current = guid_equal(&collection->id, &browse->points_of);
    struct browse_reading shown = browse->reading_points;
    shown.done = shown.done && current;
    if (!current && shown.ticket == 0 && !shown.given_up)
        shown.err = (struct error){0};
    if ((!current || !shown.done || shown.err.code) && paint_state(browse, &list, &shown, "points"))
        return;
    enum browse_telling telling = telling_of_rows(browse, list.rows);
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        bool selected = position == view->selected;
        size_t index = view->shown[position];
        const struct browse_row_style style = {.offset = browse->offset,
                                               .telling = telling,
                                               .role = row_role(browse, FOCUS_POINTS, selected),
                                               .selected = selected};
        browse_paint_point(&list, row, &browse->points.items[index], &style);
    }
    paint_selected_name(browse, &list);
    if (browse->points.count == 0 && browse->points.left_out.count == 0)
        browse_paint_no_points(&list, app_store_option(browse->screen.app), collection->name);
    else if (view->count == 0 && browse->points.count > 0)
        canvas_wrap(&list, 0, 0, list.rows, list.columns, ROLE_DIM,
                    "No point matches. Esc clears the filter.");
}

bool browse_is_empty(const struct browse *browse)
{
    return browse->reading_collections.done && browse->catalogue.count == 0 &&
           browse->catalogue.collections_left_out == 0;
}

void browse_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct browse *browse = (const struct browse *)screen;
    struct canvas lists = *body;
    if (browse->job_box.rows > 0) {
        struct canvas pane = part(body, browse->job_box);
        canvas_rule(body, browse->job_box.row - 1, 0, body->columns);
        job_pane_paint(&pane, browse_job(browse), &(struct job_pane_options){.follow = true});
        lists.rows = browse->job_box.row - 1;
    }
    if (browse_is_empty(browse)) {
        browse_paint_empty(&lists, 1, app_store_option(screen->app), browse->catalogue.machines > 0);
        return;
    }
    paint_collections(browse, &lists);
    paint_points(browse, &lists);
    paint_notices(browse, &lists);
}

struct screen_spot browse_cursor(const struct screen *screen)
{
    const struct browse *browse = (const struct browse *)screen;
    bool points = browse->focus == FOCUS_POINTS;
    const struct list_view *view = points ? &browse->point_view : &browse->collections;
    struct layout_box box = points ? browse->layout.points : browse->layout.collections;
    return (struct screen_spot){.row = box.row + (int)(view->selected - view->top), .column = box.column};
}

bool browse_shows_job(const struct screen *screen, const struct guid *job)
{
    const struct browse *browse = (const struct browse *)screen;
    const struct job_snapshot *shown = browse_job(browse);
    return browse->job_box.rows > 0 && shown && guid_equal(&shown->identity.id, job);
}

void browse_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct browse *browse = (const struct browse *)screen;
    strbuf_addf(left, "refpoint  %s", app_host_identity(screen->app));
    strbuf_addf(right, "times %s", browse->offset);
}
