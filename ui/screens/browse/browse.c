/* Two panes, each a list_view over what a worker brought. What is shown on the right always belongs to the
 * collection its heading names. */
#include "ui/screens/browse/browse.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/screens/browse/act.h"
#include "ui/screens/browse/detail.h"
#include "ui/screens/browse/order.h"
#include "ui/screens/browse/reading.h"
#include "ui/screens/browse/state.h"

static void browse_open(struct screen *screen)
{
    browse_read_all_again((struct browse *)screen);
}

/* What was done above may have changed what is here; but a host that does not answer is not asked again and
 * again. */
static unsigned browse_uncovered(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    browse->look_again = browse->look_again || browse->checks;
    browse->checks = false;
    if (!browse->reading_collections.ticket && !browse->reading_collections.given_up)
        browse_read_again(browse);
    return EFFECT_REDRAW;
}

static void browse_close(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    browse_clear_points(browse);
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
        browse_update_points(browse);
        browse_detail_ask(browse);
        return;
    }
    browse_update_collections(browse);
    browse_ask_for_points(browse, false);
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
        browse_update_points(browse);
        list_view_select(&browse->point_view, row);
    }
    browse_detail_ask(browse);
    /* What was asked for is this one, whatever is marked. */
    if (going.action == ACTION_EXPORT && browse_point(browse)) {
        browse_open_for(browse, SCREEN_EXPORT_FORM, browse_point(browse));
        return EFFECT_REDRAW;
    }
    return EFFECT_REDRAW | (going.action != ACTION_NONE ? browse_act(browse, going.action) : EFFECT_NONE);
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
    browse_update_collections(browse);
    list_view_select(&browse->collections, row);
    browse->focus = guid_is_none(&place->point) ? FOCUS_COLLECTIONS : FOCUS_POINTS;
    browse_ask_for_points(browse, false);
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
            browse_ask_for_points(browse, false);
        browse_detail_ask(browse);
        return EFFECT_REDRAW;
    }
    return browse_act(browse, event->action);
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
        browse_ask_for_points(browse, false);
    browse_detail_ask(browse);
    return found ? EFFECT_REDRAW : EFFECT_REDRAW | EFFECT_UNHANDLED;
}

static unsigned browse_tick(struct screen *screen)
{
    struct browse *browse = (struct browse *)screen;
    browse_ask_for_points(browse, false); /* where the last request is late */
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
        browse_read_again(browse);
    if (ended || !browse->exported_known || count != browse->jobs)
        browse_read_exports(browse);
    browse->jobs = count;
    return EFFECT_REDRAW;
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
    browse->points_came = arrive;
    return &browse->screen;
}
