#include "ui/screens/browse/act.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/browse/data/damage.h"
#include "ui/screens/browse/detail.h"
#include "ui/screens/browse/order.h"
#include "ui/screens/browse/reading.h"
#include "ui/screens/job/actions.h"

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

void browse_open_for(struct browse *browse, enum screen_id id, const struct reference_point *point)
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
        browse_open_for(browse, SCREEN_EXPORT_FORM, &none);
        return EFFECT_NONE;
    }
    if (!point) {
        app_say(browse->screen.app, ROLE_WARNING, "%s", why_no_point(browse));
        return EFFECT_NONE;
    }
    browse_open_for(browse, SCREEN_EXPORT_FORM, point);
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
    browse_open_for(browse, SCREEN_CREATE, &of);
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
    browse_open_for(browse, SCREEN_DELETE_COLLECTION,
                    &(struct reference_point){.collection_id = collection->id});
    return EFFECT_NONE;
}

static unsigned change_point(struct browse *browse, enum screen_id id)
{
    const struct reference_point *point = browse_point(browse);
    if (browse->focus == FOCUS_POINTS && refuse_damaged(browse, true))
        return EFFECT_NONE;
    if (point && browse->focus == FOCUS_POINTS)
        browse_open_for(browse, id, point);
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
        browse_open_for(browse, SCREEN_POINT, point);
    else if (damaged)
        browse_open_for(browse, SCREEN_POINT,
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
        browse_resort_points(browse);
    else
        browse_resort_collections(browse);
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

unsigned browse_act(struct browse *browse, enum ui_action action)
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
        browse_read_all_again(browse);
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
