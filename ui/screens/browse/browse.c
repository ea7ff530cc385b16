/* Two panes, each a list_view over what a worker brought. At most one request for points is waited for: while
 * the selection moves, the next one is asked for when the last has answered, or when it is so late that the
 * host may be stalled. What is shown on the right always belongs to the collection its heading names. */
#include "ui/screens/browse/browse.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/browse/damage.h"
#include "ui/screens/browse/detail.h"
#include "ui/screens/browse/load.h"
#include "ui/screens/browse/order.h"
#include "ui/screens/browse/state.h"
#include "ui/screens/job/actions.h"

#define LATE_MS 500

static bool match_collection(const void *context, size_t row, const char *folded)
{
    const struct browse *browse = context;
    return strstr(browse->catalogue.rows[row].folded, folded) != NULL;
}

static const char *id_of_collection(const void *context, size_t row)
{
    const struct browse *browse = context;
    return browse->catalogue.rows[row].id.text;
}

static bool match_point(const void *context, size_t row, const char *folded)
{
    const struct browse *browse = context;
    return strstr(browse->folded[row], folded) != NULL;
}

static const char *id_of_point(const void *context, size_t row)
{
    const struct reference_point_list *points = &((const struct browse *)context)->points;
    return row < points->count ? points->items[row].id.text
                               : points->left_out.items[row - points->count].id.text;
}

static void update_collections(struct browse *browse)
{
    list_view_update(&browse->collections, &(struct list_view_rows){.total = browse->catalogue.count,
                                                                    .id = id_of_collection,
                                                                    .match = match_collection,
                                                                    .order = browse->collection_order,
                                                                    .context = browse});
}

static void update_points(struct browse *browse)
{
    list_view_update(&browse->point_view, &(struct list_view_rows){.total = browse_point_rows(browse),
                                                                   .id = id_of_point,
                                                                   .match = match_point,
                                                                   .order = browse->point_order,
                                                                   .context = browse});
}

static void order_collections(struct browse *browse)
{
    browse_order_collections(browse);
    update_collections(browse);
}

static void order_points(struct browse *browse)
{
    browse_order_points(browse);
    update_points(browse);
}

static void clear_points(struct browse *browse)
{
    for (size_t i = 0; browse->folded && i < browse_point_rows(browse); i++)
        free(browse->folded[i]);
    free(browse->folded);
    browse->folded = NULL;
    reference_point_list_clear(&browse->points);
    browse->points_of = (struct guid){0};
    browse->reading_points.done = false;
}

static void begin(struct browse *browse, struct browse_reading *reading, const struct work_ops *ops,
                  void *task)
{
    struct app *app = browse->screen.app;
    if (reading->ticket)
        app_forget(app, reading->ticket);
    reading->ticket = app_post(app, &browse->screen, ops, task);
    reading->since_ms = app_now_ms(app);
    reading->given_up = false;
    reading->err = (struct error){0};
}

static void finish(struct browse_reading *reading, bool ok, const struct error *err)
{
    reading->ticket = 0;
    reading->done = ok;
    reading->err = ok ? (struct error){0} : *err;
}

static void ask_for_points(struct browse *browse, bool again);
static unsigned arrive(struct browse *browse);

/* --- points --- */

static unsigned points_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct load_points *task = argument;
    if (!guid_equal(&browse->view_of, &task->collection))
        list_view_forget(&browse->point_view);
    browse->view_of = task->collection;
    clear_points(browse);
    finish(&browse->reading_points, task->ok, &task->err);
    browse->points_of = task->collection;
    browse->points = task->points;
    browse->folded = task->folded;
    task->points = (struct reference_point_list){0};
    task->folded = NULL;
    if (task->ok)
        overview_take(&browse->overview, &task->collection, &browse->points);
    order_points(browse);
    browse_detail_forget(browse);
    browse_detail_ask(browse);
    ask_for_points(browse, false); /* the selection may have moved on */
    return EFFECT_REDRAW | arrive(browse);
}

static const struct work_ops points_ops = {
    .run = load_points_run, .done = points_done, .release = load_points_release};

static void ask_for_points(struct browse *browse, bool again)
{
    const struct catalogue_row *collection = browse_collection(browse);
    struct browse_reading *reading = &browse->reading_points;
    if (!collection || collection->problem) {
        clear_points(browse);
        order_points(browse);
        return;
    }
    bool held = guid_equal(&collection->id, &browse->points_of);
    if (!held && !guid_is_none(&browse->points_of)) {
        clear_points(browse);
        order_points(browse);
    }
    bool asked = reading->ticket && guid_equal(&collection->id, &browse->asked_of);
    bool given_up = reading->given_up && guid_equal(&collection->id, &browse->asked_of);
    bool busy = reading->ticket && app_now_ms(browse->screen.app) - reading->since_ms < LATE_MS;
    if ((held && !again) || (given_up && !again) || asked || busy)
        return;
    browse->asked_of = collection->id;
    begin(browse, reading, &points_ops, load_points_new(app_host(browse->screen.app), &collection->id));
}

/* --- the whole store, and where its points have been exported to --- */

static void look_over(struct browse *browse);

static unsigned overview_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct load_overview *task = argument;
    browse->looking = 0;
    overview_clear(&browse->overview);
    browse->overview = task->overview;
    task->overview = (struct overview){0};
    order_collections(browse);
    if (browse->look_again)
        look_over(browse);
    return EFFECT_REDRAW;
}

/* One look at a time: in a large store it takes a while. */
static void look_over(struct browse *browse)
{
    static const struct work_ops ops = {
        .run = load_overview_run, .done = overview_done, .release = load_overview_release};
    struct app *app = browse->screen.app;
    size_t count = browse->catalogue.count;
    if (browse->looking)
        return;
    struct guid *collections = mem_alloc((count + 1) * sizeof *collections);
    for (size_t i = 0; i < count; i++)
        collections[i] = browse->catalogue.rows[i].id;
    browse->look_again = false;
    browse->looking =
        app_post(app, &browse->screen, &ops, load_overview_new(app_host(app), collections, count));
}

static unsigned exports_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct load_exports *task = argument;
    browse->reading_exports = 0;
    exported_list_clear(&browse->exported);
    browse->exported = task->exported;
    browse->exported_known = true;
    task->exported = (struct exported_list){0};
    order_collections(browse);
    if (!guid_is_none(&browse->points_of))
        order_points(browse);
    return EFFECT_REDRAW;
}

static void read_exports(struct browse *browse)
{
    static const struct work_ops ops = {
        .run = load_exports_run, .done = exports_done, .release = load_exports_release};
    struct app *app = browse->screen.app;
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(app, &count);
    if (!app_jobs_listed(app))
        return; /* jobs_changed comes once they are */
    if (browse->reading_exports)
        app_forget(app, browse->reading_exports);
    browse->reading_exports = app_post(app, &browse->screen, &ops, load_exports_new(jobs, count));
}

/* --- collections --- */

static void begin_rest(struct browse *browse, struct load_collections *names);

static unsigned collections_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct load_collections *task = argument;
    finish(&browse->reading_collections, task->ok, &task->err);
    if (!task->ok)
        return EFFECT_REDRAW; /* a list that was there stays; beneath it is said that it is old */
    browse->daemon_found = task->daemon_found;
    catalogue_clear(&browse->catalogue);
    browse->catalogue = task->catalogue;
    task->catalogue = (struct catalogue){0};
    order_collections(browse);
    ask_for_points(browse, !task->is_rest);
    if (task->unfinished)
        begin_rest(browse, task);
    else if (browse->look_again)
        look_over(browse);
    return EFFECT_REDRAW;
}

static const struct work_ops collections_ops = {
    .run = load_collections_run, .done = collections_done, .release = load_collections_release};

static void begin_rest(struct browse *browse, struct load_collections *names)
{
    begin(browse, &browse->reading_collections, &collections_ops, load_collections_rest(names));
}

/* Names first where there is nothing yet: what is there would blink. */
static void read_again(struct browse *browse)
{
    struct app *app = browse->screen.app;
    begin(browse, &browse->reading_collections, &collections_ops,
          load_collections_new(app_host(app), app_started_place(app), browse->catalogue.count == 0));
}

/* Also what is not shown: whether it is damaged is told in the title. */
static void read_all_again(struct browse *browse)
{
    browse->look_again = true;
    browse_detail_forget(browse);
    read_again(browse);
    read_exports(browse);
}

/* --- handlers --- */

static void browse_open(struct screen *screen)
{
    read_all_again((struct browse *)screen);
}

/* What was done above may have changed what is here; but a host that does not answer is not asked again and
 * again. */
static unsigned browse_uncovered(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    browse->look_again = browse->look_again || browse->checks;
    browse->checks = false;
    if (!browse->reading_collections.ticket && !browse->reading_collections.given_up)
        read_again(browse);
    return EFFECT_REDRAW;
}

static void browse_close(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    clear_points(browse);
    catalogue_clear(&browse->catalogue);
    list_view_clear(&browse->collections);
    list_view_clear(&browse->point_view);
    browse_order_clear(browse);
    overview_clear(&browse->overview);
    exported_list_clear(&browse->exported);
    browse_detail_clear(&browse->detail);
    free(browse);
}

static struct list_view *focused_view(struct browse *browse)
{
    return browse->focus == FOCUS_POINTS ? &browse->point_view : &browse->collections;
}

static void filter_changed(struct browse *browse)
{
    if (browse->focus == FOCUS_POINTS) {
        update_points(browse);
        browse_detail_ask(browse);
        return;
    }
    update_collections(browse);
    ask_for_points(browse, false);
}

static unsigned give_up(struct browse *browse, struct browse_reading *reading)
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

/* True: what is selected is damaged, and that it is has been said. */
static bool refuse_damaged(struct browse *browse, bool of_point)
{
    const struct catalogue_row *collection = browse_collection(browse);
    const struct damaged_record *point = of_point ? browse_damaged_point(browse) : NULL;
    const char *problem = point ? point->problem : collection ? collection->problem : NULL;
    if (!problem)
        return false;
    CLEANUP_FREE char *text = browse_damaged_refusal(point ? "point" : "collection", problem);
    app_say(browse->screen.app, ROLE_ERROR, "%s", text);
    return true;
}

static const char *why_no_point(const struct browse *browse)
{
    if (browse_has_failed(browse))
        return "The host has not told what there is; nothing can be exported from here.";
    if (browse->reading_points.ticket || browse->reading_collections.ticket)
        return "The points are still being read; then press it again.";
    if (browse->reading_points.done && browse->points.count == 0 && browse_collection(browse))
        return "This collection has no point yet that could be exported.";
    return browse->catalogue.count == 0 ? "There is nothing here yet that could be exported."
                                        : "Select a point first: Tab goes to the points.";
}

static void open_for(struct browse *browse, enum screen_id id, const struct reference_point *point)
{
    struct object_path path = {.point_id = point->id, .collection_id = point->collection_id};
    const char *name = browse_collection(browse)->name;
    app_open(browse->screen.app, id, &(struct screen_argument){.point = &path, .collection_name = name});
}

/* The selected collection, where its machines can be exported without a point; NULL. */
static const struct catalogue_row *exportable_now(const struct browse *browse)
{
    struct host *host = app_host(browse->screen.app);
    const struct catalogue_row *collection = browse_collection(browse);
    bool no_points = collection && browse->reading_points.done && browse_point_rows(browse) == 0 &&
                     guid_equal(&browse->points_of, &collection->id);
    return no_points && host->ops->capabilities(host)->live_export ? collection : NULL;
}

/* False: nothing is marked. */
static bool export_marked(struct browse *browse)
{
    size_t count = 0;
    CLEANUP_FREE struct guid *marked = browse_marked_points(browse, &count);
    if (count == 0 || !browse_collection(browse))
        return false;
    struct object_path path = {.point_id = marked[0], .collection_id = browse->points_of};
    app_open(browse->screen.app, SCREEN_EXPORT_FORM,
             &(struct screen_argument){.point = &path,
                                       .collection_name = browse_collection(browse)->name,
                                       .also = marked + 1,
                                       .also_count = count - 1});
    return true;
}

static unsigned export_selected(struct browse *browse)
{
    if (export_marked(browse))
        return EFFECT_NONE;
    const struct reference_point *point = browse_point(browse);
    const struct catalogue_row *collection = exportable_now(browse);
    if (refuse_damaged(browse, true))
        return EFFECT_NONE;
    if (collection) {
        const struct reference_point none = {.collection_id = collection->id};
        open_for(browse, SCREEN_EXPORT_FORM, &none);
        return EFFECT_NONE;
    }
    if (!point) {
        app_say(browse->screen.app, ROLE_WARNING, "%s", why_no_point(browse));
        return EFFECT_NONE;
    }
    open_for(browse, SCREEN_EXPORT_FORM, point);
    return EFFECT_NONE;
}

/* Its best package, which its screen verifies as a job. */
static unsigned verify_selected(struct browse *browse)
{
    struct app *app = browse->screen.app;
    const struct reference_point *point = browse_point(browse);
    if (refuse_damaged(browse, true))
        return EFFECT_NONE;
    if (!point) {
        app_say(app, ROLE_WARNING, "%s", why_no_point(browse));
        return EFFECT_NONE;
    }
    struct safety safety = safety_of(&browse->exported, &point->id, browse->exported_known);
    if (!browse->exported_known) {
        app_say(app, ROLE_WARNING, "Where points were exported to is still being read; then press it again.");
    } else if (!safety.package) {
        app_say(app, ROLE_WARNING, "No package of this point is known here: export it first.");
    } else if (safety.package->state == EXPORTED_GONE) {
        app_say(app, ROLE_ERROR, "The package is not at %s any more: export the point again.",
                safety.package->path);
    } else {
        app_open(app, SCREEN_PACKAGE, &(struct screen_argument){.path = safety.package->path});
        app_perform(app, ACTION_VERIFY);
    }
    return EFFECT_NONE;
}

static unsigned create_point(struct browse *browse)
{
    const struct catalogue_row *collection = browse_collection(browse);
    if (!collection) {
        app_say(browse->screen.app, ROLE_WARNING, "A point is made of a collection: there is none here yet.");
        return EFFECT_NONE;
    }
    if (refuse_damaged(browse, false))
        return EFFECT_NONE;
    const struct reference_point of = {.collection_id = collection->id};
    open_for(browse, SCREEN_CREATE, &of);
    return EFFECT_NONE;
}

static unsigned define_collection(struct browse *browse)
{
    struct host *host = app_host(browse->screen.app);
    if (host->ops->define_collection)
        app_open(browse->screen.app, SCREEN_DEFINE_COLLECTION, NULL);
    else
        app_say(browse->screen.app, ROLE_WARNING, "This host cannot define collections.");
    return EFFECT_NONE;
}

static unsigned delete_collection(struct browse *browse)
{
    const struct catalogue_row *collection = browse_collection(browse);
    struct host *host = app_host(browse->screen.app);
    if (!collection || !host->ops->delete_collection) {
        app_say(browse->screen.app, ROLE_WARNING, "%s",
                collection ? "This host cannot delete collections." : "There is no collection to delete.");
        return EFFECT_NONE;
    }
    if (refuse_damaged(browse, false))
        return EFFECT_NONE;
    open_for(browse, SCREEN_DELETE_COLLECTION, &(struct reference_point){.collection_id = collection->id});
    return EFFECT_NONE;
}

static unsigned change_point(struct browse *browse, enum screen_id id)
{
    const struct reference_point *point = browse_point(browse);
    if (browse->focus == FOCUS_POINTS && refuse_damaged(browse, true))
        return EFFECT_NONE;
    if (point && browse->focus == FOCUS_POINTS)
        open_for(browse, id, point);
    else
        app_say(browse->screen.app, ROLE_WARNING, "Select the point first: Tab goes to the points.");
    return EFFECT_NONE;
}

static unsigned focus_on(struct browse *browse, enum browse_focus focus)
{
    browse->focus = focus;
    return EFFECT_REDRAW;
}

static unsigned open_selected(struct browse *browse)
{
    const struct reference_point *point = browse_point(browse);
    const struct damaged_record *damaged = browse_damaged_point(browse);
    if (browse->focus == FOCUS_COLLECTIONS)
        return focus_on(browse, FOCUS_POINTS);
    if (point)
        open_for(browse, SCREEN_POINT, point);
    else if (damaged)
        open_for(browse, SCREEN_POINT,
                 &(struct reference_point){.id = damaged->id, .collection_id = browse->points_of});
    else
        app_say(browse->screen.app, ROLE_WARNING, "%s", why_no_point(browse));
    return EFFECT_NONE;
}

static unsigned sort(struct browse *browse, enum ui_action action)
{
    if (action == ACTION_SORT)
        browse_sort_next(browse);
    else
        browse_sort_reverse(browse);
    if (browse->focus == FOCUS_POINTS)
        order_points(browse);
    else
        order_collections(browse);
    CLEANUP_FREE char *text = browse_sorting_text(browse);
    app_say(browse->screen.app, ROLE_INFO, "%s", text);
    return EFFECT_REDRAW;
}

static unsigned mark(struct browse *browse, enum ui_action action)
{
    bool points = browse->focus == FOCUS_POINTS;
    if (points && action == ACTION_MARK_ALL) {
        browse_mark_shown(browse);
        return EFFECT_REDRAW;
    }
    if (points && refuse_damaged(browse, true))
        return EFFECT_NONE;
    if (!points || !browse_mark_selected(browse)) {
        app_say(browse->screen.app, ROLE_WARNING, "%s",
                points ? why_no_point(browse) : "Points are marked: Tab goes to the points.");
        return EFFECT_NONE;
    }
    list_view_move(&browse->point_view, ACTION_DOWN);
    browse_detail_ask(browse);
    return EFFECT_REDRAW;
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
        read_all_again(browse);
        app_refresh_jobs(screen->app);
        app_say(screen->app, ROLE_INFO, "Everything is read again.");
        return EFFECT_REDRAW;
    case ACTION_EXPORT:
        return export_selected(browse);
    case ACTION_CREATE:
        return create_point(browse);
    case ACTION_REMOVE_DATA:
        return change_point(browse, SCREEN_REMOVE_DATA);
    case ACTION_DESTROY:
        return browse->focus == FOCUS_COLLECTIONS ? delete_collection(browse)
                                                  : change_point(browse, SCREEN_DESTROY);
    case ACTION_SORT:
    case ACTION_SORT_REVERSE:
        return sort(browse, action);
    case ACTION_MARK:
    case ACTION_MARK_ALL:
        return mark(browse, action);
    case ACTION_DEFINE:
        return define_collection(browse);
    case ACTION_MACHINES:
        app_open(screen->app, SCREEN_MACHINES, NULL);
        return EFFECT_NONE;
    case ACTION_STORE:
        app_open(screen->app, SCREEN_STORE, NULL);
        return EFFECT_NONE;
    case ACTION_DEMO:
        app_open(screen->app, SCREEN_DEMO, NULL);
        return EFFECT_NONE;
    case ACTION_HOSTS:
        app_open(screen->app, SCREEN_HOSTS, NULL);
        return EFFECT_NONE;
    case ACTION_VERIFY:
        return verify_selected(browse);
    case ACTION_PACKAGES:
        app_open(screen->app, SCREEN_PACKAGES, NULL);
        return EFFECT_NONE;
    case ACTION_CHECK:
        browse->checks = true;
        app_open(screen->app, SCREEN_CHECK, NULL);
        return EFFECT_NONE;
    case ACTION_SETTINGS:
        app_open(screen->app, SCREEN_SETTINGS, NULL);
        return EFFECT_NONE;
    case ACTION_PAUSE:
        return job_pause(screen, browse_job(browse));
    case ACTION_CANCEL:
        return job_ask_cancel(screen, browse_job(browse));
    default:
        return EFFECT_UNHANDLED;
    }
}

/* Where somebody wanted to go, as soon as its points are there. */
static unsigned arrive(struct browse *browse)
{
    const struct place_to_go going = browse->going;
    if (guid_is_none(&going.collection) ||
        (!guid_is_none(&going.point) && !guid_equal(&going.collection, &browse->points_of)))
        return EFFECT_NONE;
    browse->going = (struct place_to_go){0};
    size_t row = browse_find_point(browse, &going.point);
    if (!guid_is_none(&going.point) && row == SIZE_MAX) {
        app_say(browse->screen.app, ROLE_WARNING, "That point is not there any more.");
        return EFFECT_REDRAW;
    }
    if (row != SIZE_MAX) {
        list_view_end_filter(&browse->point_view);
        update_points(browse);
        list_view_select(&browse->point_view, row);
    }
    browse_detail_ask(browse);
    /* What was asked for is this one, whatever is marked. */
    if (going.action == ACTION_EXPORT && browse_point(browse)) {
        open_for(browse, SCREEN_EXPORT_FORM, browse_point(browse));
        return EFFECT_REDRAW;
    }
    return EFFECT_REDRAW | (going.action != ACTION_NONE ? act(browse, going.action) : EFFECT_NONE);
}

static unsigned browse_go(struct screen *screen, const struct place_to_go *place)
{
    struct browse *browse = (struct browse *)screen;
    size_t row = browse_find_collection(browse, &place->collection);
    if (row == SIZE_MAX) {
        app_say(screen->app, ROLE_WARNING, "That collection is not there any more.");
        return EFFECT_REDRAW;
    }
    list_view_end_filter(&browse->collections);
    update_collections(browse);
    list_view_select(&browse->collections, row);
    browse->focus = guid_is_none(&place->point) ? FOCUS_COLLECTIONS : FOCUS_POINTS;
    ask_for_points(browse, false);
    browse_detail_ask(browse);
    browse->going = *place;
    return EFFECT_REDRAW | arrive(browse);
}

static unsigned browse_key(struct screen *screen, const struct key_event *event)
{
    struct browse *browse = (struct browse *)screen;
    struct list_view *view = focused_view(browse);
    browse->going = (struct place_to_go){0};
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
        browse_detail_ask(browse);
        return EFFECT_REDRAW;
    }
    return act(browse, event->action);
}

static bool is_in(struct layout_box box, const struct pointer_event *event)
{
    return event->row >= box.row && event->row < box.row + box.rows && event->column >= box.column &&
           event->column < box.column + box.columns;
}

static unsigned browse_point_at(struct screen *screen, const struct pointer_event *event)
{
    struct browse *browse = (struct browse *)screen;
    bool points = is_in(browse->layout.points, event);
    struct list_view *view = points ? &browse->point_view : &browse->collections;
    struct layout_box box = points ? browse->layout.points : browse->layout.collections;
    if (!is_in(box, event))
        return EFFECT_UNHANDLED;
    focused_view(browse)->filtering = false;
    browse->focus = points ? FOCUS_POINTS : FOCUS_COLLECTIONS;
    bool found = event->kind != POINTER_PRESS || list_view_point(view, event->row - box.row);
    if (!points)
        ask_for_points(browse, false);
    browse_detail_ask(browse);
    return found ? EFFECT_REDRAW : EFFECT_REDRAW | EFFECT_UNHANDLED;
}

static unsigned browse_tick(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    ask_for_points(browse, false); /* where the last request is late */
    bool waiting = browse->reading_points.ticket || browse->reading_collections.ticket;
    return waiting ? EFFECT_REDRAW : EFFECT_NONE;
}

/* Jobs make and change points: what there is may be another once one is over. */
static unsigned browse_jobs_changed(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    size_t count = 0;
    size_t running = 0;
    const struct job_snapshot *jobs = app_jobs(screen->app, &count);
    for (size_t i = 0; i < count; i++)
        running += !job_state_is_final(jobs[i].state);
    bool ended = running < browse->running;
    browse_unmark_exported(browse, jobs, count);
    browse->running = running;
    if (ended && !browse->reading_collections.given_up)
        read_again(browse);
    if (ended || !browse->exported_known || count != browse->jobs)
        read_exports(browse);
    browse->jobs = count;
    return EFFECT_REDRAW;
}

#define ROOMS                                                                                                \
    {.action = ACTION_PACKAGES}, {.action = ACTION_CHECK},                                                   \
    {                                                                                                        \
        .action = ACTION_SETTINGS                                                                            \
    }

#define MOVES                                                                                                \
    ROOMS, {.action = ACTION_UP, .help_only = true}, {.action = ACTION_DOWN, .help_only = true},             \
        {.action = ACTION_LEFT, .help_only = true}, {.action = ACTION_RIGHT, .help_only = true},             \
        {.action = ACTION_PAGE_UP, .help_only = true}, {.action = ACTION_PAGE_DOWN, .help_only = true},      \
        {.action = ACTION_FIRST, .help_only = true}, {.action = ACTION_LAST, .help_only = true},             \
        {.action = ACTION_BACK, .help_only = true}, {.action = ACTION_REDRAW, .help_only = true},            \
    {                                                                                                        \
        .action = ACTION_NONE                                                                                \
    }

#define MARKS                                                                                                \
    {.action = ACTION_VERIFY,                                                                                \
     .help = "Verify the package of the selected point, every byte, as a job",                               \
     .help_only = true},                                                                                     \
        {.action = ACTION_SORT, .help = "Sort the list by the next column"},                                 \
        {.action = ACTION_SORT_REVERSE},                                                                     \
        {.action = ACTION_MARK,                                                                              \
         .help = "Mark the point, or not: what is marked is exported together",                              \
         .help_only = true},                                                                                 \
    {                                                                                                        \
        .action = ACTION_MARK_ALL, .help = "Mark all points that are shown, or none", .help_only = true      \
    }

static const struct list_view *shown_focused_view(const struct browse *browse)
{
    return browse->focus == FOCUS_POINTS ? &browse->point_view : &browse->collections;
}

static bool browse_takes_text(const struct screen *screen)
{
    return shown_focused_view((const struct browse *)screen)->filtering;
}

static const struct screen_hint *browse_hints(const struct screen *screen)
{
    static const struct screen_hint idle[] = {{.action = ACTION_OPEN},
                                              {.action = ACTION_EXPORT},
                                              {.action = ACTION_CREATE, .label = "new"},
                                              {.action = ACTION_FILTER},
                                              {.action = ACTION_NEXT_PANE, .label = "pane"},
                                              {.action = ACTION_JOBS},
                                              {.action = ACTION_HOSTS},
                                              {.action = ACTION_QUIT},
                                              {.action = ACTION_REFRESH},
                                              {.action = ACTION_DEFINE},
                                              {.action = ACTION_MACHINES},
                                              {.action = ACTION_STORE},
                                              {.action = ACTION_DEMO, .help_only = true},
                                              {.action = ACTION_REMOVE_DATA},
                                              {.action = ACTION_DESTROY},
                                              MARKS,
                                              MOVES};
    static const struct screen_hint with_marks[] = {
        {.action = ACTION_EXPORT,
         .label = "export the marked",
         .help = "Export the marked points, a job for each"},
        {.action = ACTION_MARK},
        {.action = ACTION_MARK_ALL, .help = "Mark all points that are shown, or none"},
        {.action = ACTION_OPEN},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "pane"},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        {.action = ACTION_SORT, .help = "Sort the list by the next column"},
        {.action = ACTION_SORT_REVERSE},
        {.action = ACTION_VERIFY,
         .help = "Verify the package of the selected point, every byte, as a job",
         .help_only = true},
        {.action = ACTION_CREATE, .label = "new"},
        {.action = ACTION_HOSTS},
        {.action = ACTION_REFRESH},
        {.action = ACTION_REMOVE_DATA},
        {.action = ACTION_DESTROY},
        MOVES};
    /* Why it is so can be read; nothing is done with it. */
    static const struct screen_hint damaged[] = {
        {.action = ACTION_OPEN, .label = "why", .help = "Say why it is damaged"},
        {.action = ACTION_REFRESH},
        {.action = ACTION_FILTER},
        {.action = ACTION_NEXT_PANE, .label = "pane"},
        {.action = ACTION_JOBS},
        {.action = ACTION_HOSTS},
        {.action = ACTION_QUIT},
        MOVES};
    /* What it offers stands in the body with its keys. */
    static const struct screen_hint nothing[] = {
        {.action = ACTION_MACHINES},
        {.action = ACTION_DEFINE},
        {.action = ACTION_DEMO, .label = "demo"},
        {.action = ACTION_STORE, .label = "store"},
        {.action = ACTION_HOSTS},
        {.action = ACTION_REFRESH},
        {.action = ACTION_QUIT},
        {.action = ACTION_JOBS},
        {.action = ACTION_THEME, .label = "colours"},
        ROOMS,
        {.action = ACTION_NONE},
    };
    static const struct screen_hint failed[] = {
        {.action = ACTION_REFRESH, .label = "try again", .help = "Ask the host again"},
        {.action = ACTION_HOSTS, .label = "another host"},
        {.action = ACTION_STORE},
        {.action = ACTION_JOBS},
        {.action = ACTION_THEME, .label = "colours"},
        {.action = ACTION_QUIT},
        ROOMS,
        {.action = ACTION_NONE},
    };
    static const struct screen_hint waiting[] = {
        {.action = ACTION_BACK, .label = "stop waiting", .help = "Stop waiting for the host"},
        {.action = ACTION_HOSTS, .label = "another host"},
        {.action = ACTION_JOBS},
        {.action = ACTION_QUIT},
        ROOMS,
        {.action = ACTION_NONE},
    };
    static const struct screen_hint with_job[] = {{.action = ACTION_OPEN},
                                                  {.action = ACTION_EXPORT},
                                                  {.action = ACTION_FILTER},
                                                  {.action = ACTION_JOBS},
                                                  {.action = ACTION_PAUSE},
                                                  {.action = ACTION_CANCEL},
                                                  {.action = ACTION_QUIT},
                                                  {.action = ACTION_NEXT_PANE, .label = "pane"},
                                                  {.action = ACTION_HOSTS},
                                                  {.action = ACTION_REFRESH},
                                                  {.action = ACTION_DEFINE},
                                                  {.action = ACTION_MACHINES},
                                                  {.action = ACTION_STORE},
                                                  MARKS,
                                                  MOVES};
    static const struct screen_hint with_paused_job[] = {{.action = ACTION_OPEN},
                                                         {.action = ACTION_EXPORT},
                                                         {.action = ACTION_FILTER},
                                                         {.action = ACTION_JOBS},
                                                         JOB_HINT_RESUME,
                                                         {.action = ACTION_CANCEL},
                                                         {.action = ACTION_QUIT},
                                                         {.action = ACTION_NEXT_PANE, .label = "pane"},
                                                         {.action = ACTION_HOSTS},
                                                         {.action = ACTION_REFRESH},
                                                         {.action = ACTION_DEFINE},
                                                         {.action = ACTION_MACHINES},
                                                         {.action = ACTION_STORE},
                                                         MARKS,
                                                         MOVES};
    const struct browse *browse = (const struct browse *)screen;
    const struct screen_hint *filter = list_view_filter_hints(shown_focused_view(browse));
    const struct job_snapshot *job = browse_job(browse);
    if (filter)
        return filter;
    if (browse_has_failed(browse))
        return failed;
    if (browse_is_first_reading(browse))
        return waiting;
    if (browse_is_empty(browse))
        return nothing;
    if (!job && browse->focus == FOCUS_POINTS && browse_damaged_point(browse))
        return damaged;
    if (browse->focus == FOCUS_POINTS && browse_marked(browse) > 0)
        return with_marks;
    if (!job)
        return idle;
    return job->state == JOB_STATE_SUSPENDED ? with_paused_job : with_job;
}

static const struct screen_ops browse_ops = {
    .name = "Browse",
    .open = browse_open,
    .close = browse_close,
    .uncovered = browse_uncovered,
    .key = browse_key,
    .point = browse_point_at,
    .tick = browse_tick,
    .jobs_changed = browse_jobs_changed,
    .recalc = browse_recalc,
    .repaint = browse_repaint,
    .cursor = browse_cursor,
    .title = browse_title,
    .hints = browse_hints,
    .takes_text = browse_takes_text,
    .go = browse_go,
    .tell_objects = browse_tell_objects,
};

struct screen *browse_screen_new(const struct screen_argument *argument)
{
    (void)argument;
    struct browse *browse = mem_alloc(sizeof *browse);
    browse->screen.ops = &browse_ops;
    return &browse->screen;
}
