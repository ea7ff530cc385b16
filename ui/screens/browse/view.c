/* The picture of the browse screen. Never changes what is shown on the right without its heading. */
#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/parts.h"
#include "ui/screens/browse/data/damage.h"
#include "ui/screens/browse/detail.h"
#include "ui/screens/browse/offers.h"
#include "ui/screens/browse/order.h"
#include "ui/screens/browse/rows.h"
#include "ui/screens/browse/state.h"
#include "ui/widgets/problem.h"

#define WAITING_SHOWN_MS 150 /* a quick answer makes no flicker */
#define NOTICE_INDENT 4      /* " ! " before it, a free column behind it */
#define NOTICE_ROWS 2
#define OFFER_ROWS 8 /* what to do where there is no point yet */
#define MARGIN 1

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

/* Rows that the longer list would take, with a notice beneath it and a free row. */
static size_t wanted_rows(const struct browse *browse)
{
    CLEANUP_FREE char *about = about_collections(browse);
    CLEANUP_FREE char *left_out = points_left_out(browse);
    size_t points = browse_point_rows(browse);
    points = points == 0 ? OFFER_ROWS : points + (left_out ? NOTICE_ROWS : 0);
    size_t collections = browse->catalogue.count + (about ? NOTICE_ROWS : 0);
    return (collections > points ? collections : points) + 1;
}

void browse_recalc(struct screen *screen, int rows, int columns)
{
    struct browse *browse = (struct browse *)screen;
    browse->layout = layout_browse(rows, columns, wanted_rows(browse));
    place_notices(browse);
    list_view_fit(&browse->collections, browse->layout.collections.rows);
    list_view_fit(&browse->point_view, browse->layout.points.rows);
    browse_detail_make(browse);
    const struct layout_box *detail = &browse->layout.detail;
    facts_fit(&browse->detail.facts, detail->rows, detail->columns - 2 * MARGIN, app_is_ascii(screen->app));
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
    size_t marked = pane == FOCUS_POINTS ? browse_marked(browse) : 0;
    CLEANUP_FREE char *counts = list_view_summary(view);
    CLEANUP_FREE char *summary =
        marked > 0 ? mem_format("%s  %zu marked", counts, marked) : mem_strdup(counts);
    part_heading(body, box.row, box.column, box.columns,
                 &(struct part_heading){.name = name,
                                        .more = summary,
                                        .more_role = list_view_is_filtered(view) ? ROLE_FILTER
                                                     : marked > 0                ? ROLE_MARKED
                                                                                 : ROLE_DIM,
                                        .focused = browse->focus == pane});
}

static void paint_notice(const struct canvas *body, struct layout_box box, const char *text)
{
    if (!text || box.rows == 0)
        return;
    struct canvas notice = part(body, box);
    canvas_text(&notice, 0, MARGIN, ROLE_ERROR, "!");
    canvas_wrap(&notice, 0, MARGIN + 2, box.rows, box.columns - NOTICE_INDENT, ROLE_ERROR, text);
}

static void paint_notices(const struct browse *browse, const struct canvas *body)
{
    CLEANUP_FREE char *collections = about_collections(browse);
    CLEANUP_FREE char *points = points_left_out(browse);
    paint_notice(body, browse->collections_notice, collections);
    paint_notice(body, browse->points_notice, points);
}

static struct safety safety_of_row(const struct browse *browse, const struct guid *point)
{
    return safety_of(&browse->exported, point, browse->exported_known);
}

static struct browse_row_style style_of(const struct browse *browse, enum browse_focus pane, bool selected,
                                        bool damaged)
{
    return (struct browse_row_style){.now = app_now(browse->screen.app),
                                     .role = row_role(browse, pane, selected, damaged),
                                     .selected = selected};
}

static void paint_collections(const struct browse *browse, const struct canvas *body)
{
    const struct list_view *view = &browse->collections;
    const struct catalogue *catalogue = &browse->catalogue;
    struct canvas titles = part(body, browse->layout.collections_titles);
    struct canvas list = part(body, browse->layout.collections);
    paint_heading(browse, body, browse->layout.collections_heading, FOCUS_COLLECTIONS, "Collections", view);
    browse_paint_collection_titles(&titles, catalogue);
    browse_paint_collection_sorting(&titles, catalogue, &browse->collection_sorting);
    for (int row = 0; row < list.rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        size_t index = view->shown[position];
        const struct catalogue_row *collection = &catalogue->rows[index];
        const struct overview_row *overview = overview_find(&browse->overview, &collection->id);
        struct safety safety = safety_of_row(browse, overview ? &overview->newest : NULL);
        struct browse_row_style style =
            style_of(browse, FOCUS_COLLECTIONS, position == view->selected, collection->problem != NULL);
        browse_paint_collection(&list, row, catalogue, index, overview, &safety, &style);
    }
    list_view_paint_scroll(view, &list, row_role(browse, FOCUS_COLLECTIONS, true, false));
    if (view->count == 0 && catalogue->count > 0)
        canvas_wrap(&list, 0, MARGIN, list.rows, list.columns - MARGIN, ROLE_DIM,
                    "No name matches. Esc clears the filter.");
}

static struct browse_offers offers_of(const struct browse *browse, const char *hosts_key)
{
    const struct app *app = browse->screen.app;
    struct host *host = app_host(app);
    const struct host_capabilities *can = host->ops->capabilities(host);
    return (struct browse_offers){.host_option = app_host_option(app),
                                  .store_option = app_store_option(app),
                                  .config_option = app_place(app)->config,
                                  .machines = browse->catalogue.machines,
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

static void paint_damaged_collection(const struct canvas *pane, const struct catalogue_row *collection)
{
    struct canvas within = canvas_part(pane, 0, MARGIN, pane->rows, pane->columns - MARGIN);
    const struct canvas *list = &within;
    int row = canvas_wrap(list, 0, 0, list->rows, list->columns - 1, ROLE_ERROR,
                          "! damaged: the record of this collection cannot be read");
    row += canvas_wrap(list, row, 2, list->rows - row, list->columns - 3, ROLE_NORMAL, collection->problem);
    canvas_wrap(list, row, 2, list->rows - row, list->columns - 3, ROLE_NORMAL,
                "\"refpoint store check\" tells all that is damaged.");
}

static void paint_point_rows(const struct browse *browse, const struct canvas *list)
{
    const struct list_view *view = &browse->point_view;
    bool marks = browse_marked(browse) > 0;
    for (int row = 0; row < list->rows && view->top + (size_t)row < view->count; row++) {
        size_t position = view->top + (size_t)row;
        size_t index = view->shown[position];
        bool damaged = index >= browse->points.count;
        struct browse_row_style style = style_of(browse, FOCUS_POINTS, position == view->selected, damaged);
        if (damaged) {
            browse_paint_damaged_point(list, row,
                                       &browse->points.left_out.items[index - browse->points.count],
                                       style.role, style.selected);
            continue;
        }
        const struct reference_point *point = &browse->points.items[index];
        struct safety safety = safety_of_row(browse, &point->id);
        style.marks = marks;
        style.marked = browse_is_marked(browse, index);
        browse_paint_point(list, row, point, &safety, &style);
    }
    list_view_paint_scroll(view, list, row_role(browse, FOCUS_POINTS, true, false));
}

/* True: something stands in the place of the rows. */
static bool paint_instead(const struct browse *browse, const struct canvas *within,
                          const struct catalogue_row *collection)
{
    bool current = guid_equal(&collection->id, &browse->points_of);
    struct browse_reading shown = browse->reading_points;
    shown.done = shown.done && current;
    if (!current && shown.ticket == 0 && !shown.given_up)
        shown.err = (struct error){0};
    return (!current || !shown.done || shown.err.code) && paint_state(browse, within, &shown, "points");
}

static void paint_points(const struct browse *browse, const struct canvas *body)
{
    const struct list_view *view = &browse->point_view;
    const struct catalogue_row *collection = browse_collection(browse);
    struct canvas titles = part(body, browse->layout.points_titles);
    struct canvas list = part(body, browse->layout.points);
    struct canvas within = canvas_part(&list, 0, MARGIN, list.rows, list.columns - MARGIN);
    CLEANUP_FREE char *name = mem_format("Points of %s", collection ? collection->name : "-");
    paint_heading(browse, body, browse->layout.points_heading, FOCUS_POINTS, name, view);
    if (!collection)
        return;
    if (collection->problem) {
        paint_damaged_collection(&list, collection);
        return;
    }
    if (paint_instead(browse, &within, collection))
        return;
    if (browse_point_rows(browse) == 0) {
        paint_no_points(browse, &within, collection->name);
        return;
    }
    browse_paint_point_titles(&titles);
    browse_paint_point_sorting(&titles, &browse->point_sorting);
    paint_point_rows(browse, &list);
    if (view->count == 0)
        canvas_wrap(&within, 0, 0, within.rows, within.columns, ROLE_DIM,
                    "No point matches. Esc clears the filter.");
}

/* Across both panes: without collections there are no points, and what to do next must be readable. */
static void paint_without_list(const struct browse *browse, const struct canvas *body)
{
    struct canvas rest = canvas_part(body, 2, MARGIN, body->rows - 2, body->columns - 2 * MARGIN);
    part_heading(body, 0, 0, body->columns, &(struct part_heading){.name = "Collections", .focused = true});
    paint_state(browse, &rest, &browse->reading_collections, "collections");
}

static void paint_empty(const struct browse *browse, const struct canvas *body)
{
    char key[32];
    char machines[32];
    char define[32];
    char demo[32];
    char store[32];
    key_of(browse, ACTION_HOSTS, key, sizeof key);
    key_of(browse, ACTION_MACHINES, machines, sizeof machines);
    key_of(browse, ACTION_DEFINE, define, sizeof define);
    key_of(browse, ACTION_DEMO, demo, sizeof demo);
    key_of(browse, ACTION_STORE, store, sizeof store);
    struct browse_offers offers = offers_of(browse, key);
    offers.machines_key = machines;
    offers.define_key = define;
    offers.demo_key = demo;
    offers.store_key = store;
    const struct member_states *states = &browse->catalogue.states;
    struct canvas within = canvas_part(body, 2, MARGIN, body->rows - 2, body->columns - 2 * MARGIN);
    part_heading(body, 0, 0, body->columns,
                 &(struct part_heading){.name = "Nothing to export yet", .focused = true});
    int row = 2 + browse_paint_empty(&within, 0, &offers) + 1;
    if (states->count == 0 || row + 2 > body->rows)
        return;
    CLEANUP_FREE char *count = mem_format("%zu", states->count);
    struct facts facts = {0};
    part_heading(body, row, 0, body->columns,
                 &(struct part_heading){.name = "Machines", .more = count, .more_role = ROLE_DIM});
    struct canvas box = canvas_part(body, row + 1, MARGIN, body->rows - row - 1, body->columns - 2 * MARGIN);
    member_states_tell(states, "", canvas_is_ascii(&box), &facts);
    facts_fit(&facts, box.rows, box.columns, canvas_is_ascii(&box));
    facts_paint(&facts, &box);
    facts_clear(&facts);
}

static void paint_detail(const struct browse *browse, const struct canvas *body)
{
    const struct layout_browse *layout = &browse->layout;
    struct canvas box = canvas_part(body, layout->detail.row, layout->detail.column + MARGIN,
                                    layout->detail.rows, layout->detail.columns - 2 * MARGIN);
    if (layout->detail_heading.rows == 0)
        return;
    part_heading(body, layout->detail_heading.row, layout->detail_heading.column,
                 layout->detail_heading.columns, &(struct part_heading){.name = browse->detail.name});
    facts_paint(&browse->detail.facts, &box);
}

/* Lines between the panes, with their joints. */
static void paint_dividers(const struct browse *browse, const struct canvas *body)
{
    const struct layout_box *divider = &browse->layout.divider;
    const struct layout_box *right = &browse->layout.detail_divider;
    if (divider->columns > 0) {
        part_vertical(body, 1, divider->column, divider->rows - 1);
        part_joint(body, 0, divider->column, false, true);
    }
    if (right->columns > 0) {
        part_vertical(body, 1, right->column, right->rows - 1);
        part_joint(body, 0, right->column, false, true);
    } else if (divider->columns > 0 && browse->layout.detail_heading.rows > 0) {
        part_joint(body, browse->layout.detail_heading.row, divider->column, true, false);
    }
}

void browse_repaint(const struct screen *screen, const struct canvas *body)
{
    const struct browse *browse = (const struct browse *)screen;
    if (browse_is_empty(browse)) {
        paint_empty(browse, body);
        return;
    }
    if (browse_has_failed(browse) || browse_is_first_reading(browse)) {
        paint_without_list(browse, body);
        return;
    }
    paint_collections(browse, body);
    paint_points(browse, body);
    paint_detail(browse, body);
    paint_dividers(browse, body);
    paint_notices(browse, body);
}

struct screen_spot browse_cursor(const struct screen *screen)
{
    const struct browse *browse = (const struct browse *)screen;
    bool points = browse->focus == FOCUS_POINTS;
    const struct list_view *view = points ? &browse->point_view : &browse->collections;
    struct layout_box box = points ? browse->layout.points : browse->layout.collections;
    return (struct screen_spot){.row = box.row + (int)(view->selected - view->top), .column = box.column};
}

/* What is looked at may be known to be damaged before the rest has been looked through. */
static size_t damaged_records(const struct browse *browse)
{
    const struct catalogue *catalogue = &browse->catalogue;
    size_t here = browse->points.left_out.count;
    size_t all = overview_damaged(&browse->overview);
    size_t points = all > here ? all : here;
    return catalogue->collections_left_out + catalogue->machines_left_out + points;
}

static size_t jobs_today(const struct browse *browse)
{
    size_t count = 0;
    size_t today = 0;
    char now[32];
    char day[32];
    const struct job_snapshot *jobs = app_jobs(browse->screen.app, &count);
    moment_format_list(app_now(browse->screen.app), false, now, sizeof now);
    for (size_t i = 0; i < count; i++) {
        moment_format_list(jobs[i].changed, false, day, sizeof day);
        if (strncmp(day, now, 10) != 0)
            break; /* newest first */
        today++;
    }
    return today;
}

void browse_title(const struct screen *screen, struct strbuf *left, struct strbuf *right)
{
    const struct browse *browse = (const struct browse *)screen;
    size_t damaged = damaged_records(browse);
    /* Before the host's name, which may be long: it stays in sight on a narrow screen. */
    if (damaged > 0)
        strbuf_addf(left, "! %zu damaged  ", damaged);
    strbuf_add(left, app_host_identity(screen->app));
    size_t today = jobs_today(browse);
    if (today > 0)
        strbuf_addf(right, "%zu job%s today", today, today == 1 ? "" : "s");
}
