#include "ui/screens/browse/reading.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/browse/data/damage.h"
#include "ui/screens/browse/data/load.h"
#include "ui/screens/browse/detail.h"
#include "ui/screens/browse/order.h"

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

void browse_update_collections(struct browse *browse)
{
    list_view_update(&browse->collections, &(struct list_view_rows){.total = browse->catalogue.count,
                                                                    .id = id_of_collection,
                                                                    .match = match_collection,
                                                                    .order = browse->collection_order,
                                                                    .context = browse});
}

void browse_update_points(struct browse *browse)
{
    list_view_update(&browse->point_view, &(struct list_view_rows){.total = browse_point_rows(browse),
                                                                   .id = id_of_point,
                                                                   .match = match_point,
                                                                   .order = browse->point_order,
                                                                   .context = browse});
}

void browse_resort_collections(struct browse *browse)
{
    browse_order_collections(browse);
    browse_update_collections(browse);
}

void browse_resort_points(struct browse *browse)
{
    browse_order_points(browse);
    browse_update_points(browse);
}

void browse_clear_points(struct browse *browse)
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

/* --- points --- */

static unsigned points_done(struct screen *screen, void *argument)
{
    struct browse *browse = (struct browse *)screen;
    struct load_points *task = argument;
    if (!guid_equal(&browse->view_of, &task->collection))
        list_view_forget(&browse->point_view);
    browse->view_of = task->collection;
    browse_clear_points(browse);
    finish(&browse->reading_points, task->ok, &task->err);
    browse->points_of = task->collection;
    browse->points = task->points;
    browse->folded = task->folded;
    task->points = (struct reference_point_list){0};
    task->folded = NULL;
    if (task->ok)
        overview_take(&browse->overview, &task->collection, &browse->points);
    browse_resort_points(browse);
    browse_detail_forget(browse);
    browse_detail_ask(browse);
    browse_ask_for_points(browse, false); /* the selection may have moved on */
    return EFFECT_REDRAW | browse->points_came(browse);
}

static const struct work_ops points_ops = {
    .run = load_points_run, .done = points_done, .release = load_points_release};

void browse_ask_for_points(struct browse *browse, bool again)
{
    const struct catalogue_row *collection = browse_collection(browse);
    struct browse_reading *reading = &browse->reading_points;
    if (!collection || collection->problem) {
        browse_clear_points(browse);
        browse_resort_points(browse);
        return;
    }
    bool held = guid_equal(&collection->id, &browse->points_of);
    if (!held && !guid_is_none(&browse->points_of)) {
        browse_clear_points(browse);
        browse_resort_points(browse);
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
    browse_resort_collections(browse);
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
    browse_resort_collections(browse);
    if (!guid_is_none(&browse->points_of))
        browse_resort_points(browse);
    return EFFECT_REDRAW;
}

void browse_read_exports(struct browse *browse)
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

/* One that has come since then is not in it. */
static bool is_looked_over(const struct browse *browse)
{
    for (size_t i = 0; i < browse->catalogue.count; i++) {
        const struct catalogue_row *row = &browse->catalogue.rows[i];
        if (!row->problem && !overview_find(&browse->overview, &row->id))
            return false;
    }
    return true;
}

/* Once more where somebody is at it. */
static void look_over_again(struct browse *browse)
{
    browse->look_again = true;
    look_over(browse);
}

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
    browse_resort_collections(browse);
    browse_ask_for_points(browse, !task->is_rest);
    if (task->unfinished)
        begin_rest(browse, task);
    else if (browse->look_again || !is_looked_over(browse))
        look_over_again(browse);
    return EFFECT_REDRAW;
}

static const struct work_ops collections_ops = {
    .run = load_collections_run, .done = collections_done, .release = load_collections_release};

static void begin_rest(struct browse *browse, struct load_collections *names)
{
    begin(browse, &browse->reading_collections, &collections_ops, load_collections_rest(names));
}

/* Names first where there is nothing yet: what is there would blink. */
void browse_read_again(struct browse *browse)
{
    struct app *app = browse->screen.app;
    begin(browse, &browse->reading_collections, &collections_ops,
          load_collections_new(app_host(app), app_started_place(app), browse->catalogue.count == 0));
}

/* Also what is not shown: whether it is damaged is told in the title. */
void browse_read_all_again(struct browse *browse)
{
    browse->look_again = true;
    browse_detail_forget(browse);
    browse_read_again(browse);
    browse_read_exports(browse);
}
