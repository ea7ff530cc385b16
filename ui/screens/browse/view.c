/* The picture of the browse screen. Never changes what is shown on the right without its heading. */
#include "core/base/mem.h"
#include "ui/draw/cells.h"
#include "ui/jobs/pane.h"
#include "ui/screens/browse/damage.h"
#include "ui/screens/browse/members.h"
#include "ui/screens/browse/offers.h"
#include "ui/screens/browse/rows.h"
#include "ui/screens/browse/state.h"
#include "ui/widgets/problem.h"

#define WAITING_SHOWN_MS 150   /* a quick answer makes no flicker */
#define JOB_PANE_LEAST_BODY 18 /* with fewer rows the strip says enough */
#define JOB_PANE_DISKS 3
#define HEADING_LEAST 11     /* "COLLECTIONS" */
#define STATES_LEAST_LIST 12 /* rows of a list that gives some of them to the machines of a collection */
#define NOTICE_INDENT 3      /* "! " before it, a free column behind it */

const struct catalogue_row *browse_collection(const struct browse *browse)
{
    size_t row = list_view_row(&browse->collections);
    return row < browse->catalogue.count ? &browse->catalogue.rows[row] : NULL;
}

size_t browse_point_rows(const struct browse *browse)
{
    return browse->points.count + browse->points.left_out.count;
}

/* SIZE_MAX: none of the collection that is selected. */
static size_t selected_point_row(const struct browse *browse)
{
    const struct catalogue_row *collection = browse_collection(browse);
    bool current = collection && guid_equal(&collection->id, &browse->points_of);
    return current ? list_view_row(&browse->point_view) : SIZE_MAX;
}

const struct reference_point *browse_point(const struct browse *browse)
{
    size_t row = selected_point_row(browse);
    return row < browse->points.count ? &browse->points.items[row] : NULL;
}

const struct damaged_record *browse_damaged_point(const struct browse *browse)
{
    size_t row = selected_point_row(browse);
    if (row < browse->points.count || row >= browse_point_rows(browse))
        return NULL;
    return &browse->points.left_out.items[row - browse->points.count];
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

/* What is to be said of a list that is there. */
static char *about_collections(const struct browse *browse)
{
    if (browse->reading_collections.err.code)
        return mem_format("Not read again: %s", browse->reading_collections.err.what);
    if (browse->catalogue.unreached)
        return mem_format("Machines as they were last known: %s", browse->catalogue.unreached);
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
    CLEANUP_FREE char *collections = about_collections(browse);
    CLEANUP_FREE char *points = points_left_out(browse);
    browse->collections_notice = take_notice(&browse->layout.collections, collections, ascii);
    browse->points_notice = take_notice(&browse->layout.points, points, ascii);
}

/* In what the list leaves free, or in a part of a high one. */
static void place_states(struct browse *browse)
{
    const struct catalogue_row *collection = browse_collection(browse);
    struct layout_box *list = &browse->layout.collections;
    int wanted = collection ? member_states_rows(&collection->states) : 0;
    int shown = browse->collections.count < (size_t)list->rows ? (int)browse->collections.count : list->rows;
    int part = list->rows >= STATES_LEAST_LIST ? list->rows / 3 : 0;
    int free_rows = list->rows - shown - 1;
    int rows = free_rows > part ? free_rows : part;
    rows = rows < wanted ? rows : wanted;
    browse->states_box = *list;
    browse->states_box.rows = rows >= 2 ? rows : 0;
    browse->states_box.row += list->rows - browse->states_box.rows;
    list->rows -= browse->states_box.rows;
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
    place_states(browse);
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

static void key_of(const struct browse *browse, enum ui_action action, char *field, size_t size)
{
    keymap_key_label(app_keymap(browse->screen.app), action, field, size);
}

static void paint_way_on(const struct browse *browse, const struct canvas *list, int row)
{
    char again[32];
    char other[32];
    key_of(browse, ACTION_REFRESH, again, sizeof again);
    key_of(browse, ACTION_HOSTS, other, sizeof other);
    CLEANUP_FREE char *text = mem_format("%s tries again, %s chooses another host.", again, other);
    canvas_wrap(list, row, 0, list->rows - row, list->columns, ROLE_NORMAL, text);
}

/* A daemon is connected to by whoever asks it first, and may take its time for that. */
static char *what_is_waited_for(const struct browse *browse, const char *what)
{
    struct host *host = app_host(browse->screen.app);
    const struct settings_place *place = app_place(browse->screen.app);
    if (!browse_is_first_reading(browse) || !host->ops->capabilities(host)->machine_states)
        return mem_format("Reading %s", what);
    return mem_format("Connecting to %s", place->uri ? place->uri : place->host);
}

/* What stands in a list's place while there is none. True: something does. */
static bool paint_state(const struct browse *browse, const struct canvas *list,
                        const struct browse_reading *reading, const char *what)
{
    if (reading->err.code) {
        int rows = problem_paint(list, 0, METHOD_EXPORT_REFERENCE_POINT, &reading->err);
        if (reading == &browse->reading_collections)
            paint_way_on(browse, list, rows + 1);
        return true;
    }
    if (reading->given_up && !reading->done) {
        CLEANUP_FREE char *text = mem_format("Stopped waiting for %s.", what);
        int rows = canvas_wrap(list, 0, 0, list->rows, list->columns, ROLE_WARNING, text);
        paint_way_on(browse, list, rows);
        return true;
    }
    if (reading->done)
        return false;
    if (is_waiting(browse, reading)) {
        long long seconds = (long long)(app_now_ms(browse->screen.app) - reading->since_ms) / 1000;
        CLEANUP_FREE char *waited_for = what_is_waited_for(browse, what);
        CLEANUP_FREE char *text = mem_format("%s ... %llds  Esc stops waiting", waited_for, seconds);
        canvas_wrap(list, 0, 0, list->rows, list->columns, ROLE_DIM, text);
    }
    return true;
}

static enum theme_role row_role(const struct browse *browse, enum browse_focus pane, bool selected,
                                bool damaged)
{
    if (!selected)
        return damaged ? ROLE_ERROR : ROLE_NORMAL;
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
    CLEANUP_FREE char *collections = about_collections(browse);
    CLEANUP_FREE char *points = points_left_out(browse);
    paint_notice(body, browse->collections_notice, collections);
    paint_notice(body, browse->points_notice, points);
}

static void paint_collections(const struct browse *browse, const struct canvas *body)
{
    const struct list_view *view = &browse->collections;
    struct canvas list = part(body, browse->layout.collections);
    paint_heading(browse, body, browse->layout.collections_heading, FOCUS_COLLECTIONS, "COLLECTIONS", view);
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        bool selected = position == view->selected;
        size_t index = view->shown[position];
        bool damaged = browse->catalogue.rows[index].problem != NULL;
        browse_paint_collection(&list, row, &browse->catalogue, index,
                                row_role(browse, FOCUS_COLLECTIONS, selected, damaged), selected);
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
        if (index >= browse->points.count)
            continue;
        enum browse_telling own = browse_point_telling(&browse->points, index);
        telling = own > telling ? own : telling;
    }
    return telling;
}

static struct browse_offers offers_of(const struct browse *browse, const char *hosts_key)
{
    const struct app *app = browse->screen.app;
    struct host *host = app_host(app);
    const struct host_capabilities *can = host->ops->capabilities(host);
    const struct member_states *states = &browse->catalogue.states;
    return (struct browse_offers){.host_option = app_host_option(app),
                                  .store_option = app_store_option(app),
                                  .config_option = app_place(app)->config,
                                  .machines = browse->catalogue.machines,
                                  .machine = states->count ? states->items[0].name : NULL,
                                  .daemon_key =
                                      browse->daemon_found && !can->machine_states ? hosts_key : NULL,
                                  .adds_machines = can->add_machines,
                                  .machines_run = can->machine_states};
}

static void paint_no_points(const struct browse *browse, const struct canvas *list, const char *collection)
{
    struct host *host = app_host(browse->screen.app);
    struct browse_offers offers = offers_of(browse, "");
    char key[32];
    key_of(browse, ACTION_EXPORT, key, sizeof key);
    offers.export_key = host->ops->capabilities(host)->live_export ? key : NULL;
    char create[32];
    key_of(browse, ACTION_CREATE, create, sizeof create);
    offers.create_key = create;
    browse_paint_no_points(list, &offers, collection);
}

static void paint_damaged_collection(const struct canvas *list, const struct catalogue_row *collection)
{
    int row = canvas_wrap(list, 0, 0, list->rows, list->columns - 1, ROLE_ERROR,
                          "! damaged: the record of this collection cannot be read");
    row += canvas_wrap(list, row, 2, list->rows - row, list->columns - 3, ROLE_NORMAL, collection->problem);
    canvas_wrap(list, row, 2, list->rows - row, list->columns - 3, ROLE_NORMAL,
                "\"refpoint store check\" tells all that is damaged.");
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
    if (collection->problem) {
        paint_damaged_collection(&list, collection);
        return;
    }
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
        bool damaged = index >= browse->points.count;
        const struct browse_row_style style = {.offset = browse->offset,
                                               .telling = telling,
                                               .role = row_role(browse, FOCUS_POINTS, selected, damaged),
                                               .selected = selected};
        if (damaged)
            browse_paint_damaged_point(&list, row,
                                       &browse->points.left_out.items[index - browse->points.count],
                                       style.role, selected);
        else
            browse_paint_point(&list, row, &browse->points.items[index], &style);
    }
    paint_selected_name(browse, &list);
    if (browse_point_rows(browse) == 0)
        paint_no_points(browse, &list, collection->name);
    else if (view->count == 0)
        canvas_wrap(&list, 0, 0, list.rows, list.columns, ROLE_DIM,
                    "No point matches. Esc clears the filter.");
}

bool browse_is_empty(const struct browse *browse)
{
    return browse->reading_collections.done && browse->catalogue.count == 0 &&
           browse->catalogue.collections_left_out == 0;
}

bool browse_has_failed(const struct browse *browse)
{
    const struct browse_reading *reading = &browse->reading_collections;
    return browse->catalogue.count == 0 && !reading->done && (reading->err.code || reading->given_up);
}

bool browse_is_first_reading(const struct browse *browse)
{
    const struct browse_reading *reading = &browse->reading_collections;
    return browse->catalogue.count == 0 && !reading->done && reading->ticket;
}

/* Across both panes: without collections there are no points, and what to do next must be readable. */
static void paint_without_list(const struct browse *browse, const struct canvas *lists)
{
    const struct layout_box *heading = &browse->layout.collections_heading;
    struct canvas rest =
        canvas_part(lists, heading->row + 1, 0, lists->rows - heading->row - 1, lists->columns);
    canvas_text(lists, heading->row, 0, ROLE_HEADING_FOCUSED, "COLLECTIONS");
    paint_state(browse, &rest, &browse->reading_collections, "collections");
}

static void paint_empty(const struct browse *browse, const struct canvas *lists)
{
    char key[32];
    key_of(browse, ACTION_HOSTS, key, sizeof key);
    const struct browse_offers offers = offers_of(browse, key);
    const struct member_states *states = &browse->catalogue.states;
    int row = 1 + browse_paint_empty(lists, 1, &offers) + 1;
    CLEANUP_FREE char *heading = mem_format("MACHINES %zu", states->count);
    struct canvas box = canvas_part(lists, row, 0, lists->rows - row, lists->columns);
    member_states_paint(&box, states, heading);
}

static void paint_states(const struct browse *browse, const struct canvas *body)
{
    const struct catalogue_row *collection = browse_collection(browse);
    if (!collection || browse->states_box.rows == 0)
        return;
    struct canvas box = part(body, browse->states_box);
    CLEANUP_FREE char *heading = mem_format("MACHINES of %s", collection->name);
    member_states_paint(&box, &collection->states, heading);
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
        paint_empty(browse, &lists);
        return;
    }
    if (browse_has_failed(browse) || browse_is_first_reading(browse)) {
        paint_without_list(browse, &lists);
        return;
    }
    paint_collections(browse, &lists);
    paint_states(browse, &lists);
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

/* What is looked at may be known to be damaged before the rest has been looked through. */
static size_t damaged_records(const struct browse *browse)
{
    const struct catalogue *catalogue = &browse->catalogue;
    size_t here = browse->points.left_out.count;
    size_t points = browse->damaged_points > here ? browse->damaged_points : here;
    return catalogue->collections_left_out + catalogue->machines_left_out + points;
}

void browse_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct browse *browse = (const struct browse *)screen;
    size_t damaged = damaged_records(browse);
    strbuf_add(left, "refpoint  ");
    /* Before the host's name, which may be long: it stays in sight on a narrow screen. */
    if (damaged > 0)
        strbuf_addf(left, "! %zu damaged  ", damaged);
    strbuf_add(left, app_host_identity(screen->app));
    strbuf_addf(right, "times %s", browse->offset);
}
