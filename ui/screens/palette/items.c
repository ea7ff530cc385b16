#include "ui/screens/palette/items.h"

#include <stdlib.h>

#include "core/base/mem.h"

const char *palette_kind_word(enum palette_kind kind)
{
    static const char *const words[] = {[PALETTE_ACTION] = "action", [PALETTE_COLLECTION] = "collection",
                                        [PALETTE_POINT] = "point",   [PALETTE_JOB] = "job",
                                        [PALETTE_HOST] = "host",     [PALETTE_THEME] = "theme"};
    return words[kind];
}

void palette_items_clear(struct palette_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        free(items->items[i].shown);
        free(items->items[i].about);
    }
    free(items->items);
    free(items->letters.items);
    *items = (struct palette_items){0};
}

struct match_text palette_item_text(const struct palette_items *items, size_t item)
{
    return (struct match_text){.letters = items->letters.items + items->items[item].letters,
                               .count = items->items[item].letter_count};
}

/* Takes shown and about. searched: more words that find it; NULL. */
static struct palette_item *add(struct palette_items *items, enum palette_kind kind, char *shown, char *about,
                                const char *searched)
{
    struct palette_item *item = ARRAY_APPEND(items->items, items->count);
    *item =
        (struct palette_item){.kind = kind, .shown = shown, .about = about, .letters = items->letters.count};
    fold_letters_add(&items->letters, shown);
    if (searched) {
        fold_letters_add(&items->letters, " ");
        fold_letters_add(&items->letters, searched);
    }
    item->letter_count = items->letters.count - item->letters;
    return item;
}

/* --- actions --- */

/* What every screen can do, whether its hints name it or not; an overlay only the last three. */
static const enum ui_action everywhere[] = {ACTION_JOBS, ACTION_THEME, ACTION_QUIT,
                                            ACTION_HELP, ACTION_BACK,  ACTION_REDRAW};
#define NOT_OVER_A_SCREEN 3

static bool is_listed(const struct palette_items *items, enum ui_action action)
{
    for (size_t i = 0; i < items->count; i++) {
        if (items->items[i].action == action)
            return true;
    }
    return false;
}

/* elsewhere: it cannot be done here, and where it can; NULL. */
static void add_action(struct palette_items *items, enum ui_action action, const char *line,
                       const char *elsewhere)
{
    const struct action_info *info = action_info(action);
    if (action == ACTION_PALETTE || is_listed(items, action))
        return;
    CLEANUP_FREE char *words = mem_format("%s %s %s", info->name, info->label, info->help);
    struct palette_item *item =
        add(items, PALETTE_ACTION,
            elsewhere ? mem_format("%s: %s", info->label, elsewhere) : mem_strdup(line ? line : info->help),
            mem_strdup(elsewhere ? "not here" : ""), words);
    item->action = action;
    item->unavailable = elsewhere != NULL;
}

void palette_items_add_actions(struct palette_items *items, const struct screen *of)
{
    const struct screen_hint *hints = of->ops->hints(of);
    for (const struct screen_hint *hint = hints; hint->action != ACTION_NONE; hint++) {
        if (!hint->help_only)
            add_action(items, hint->action, hint->help, NULL);
    }
    for (size_t i = of->ops->overlay ? NOT_OVER_A_SCREEN : 0; i < ARRAY_LENGTH(everywhere); i++)
        add_action(items, everywhere[i], NULL, NULL);
    for (const struct screen_hint *hint = hints; hint->action != ACTION_NONE; hint++) {
        size_t before = items->count;
        add_action(items, hint->action, hint->help, NULL);
        if (items->count > before)
            items->items[before].minor = action_elsewhere(hint->action) == NULL;
    }
    for (enum ui_action action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        if (action_elsewhere(action)) /* moving needs no finding */
            add_action(items, action, NULL, action_elsewhere(action));
    }
}

/* --- things --- */

struct adding {
    struct palette_items *items;
    struct moment now;
    const char *between;
};

static void add_object(void *context, const struct told_object *object)
{
    const struct adding *adding = context;
    struct palette_item *item = NULL;
    if (!object->point) {
        item =
            add(adding->items, PALETTE_COLLECTION, mem_strdup(object->name), mem_strdup("collection"), NULL);
        item->place.collection = *object->collection;
        return;
    }
    char age[32];
    char time[32];
    moment_format_age(object->created, adding->now, age, sizeof age);
    moment_format_list(object->created, false, time, sizeof time);
    const char *name = *object->name ? object->name : time;
    item = add(adding->items, PALETTE_POINT,
               mem_format("%s%s%s", name, adding->between, object->collection_name),
               mem_format("point, %s", age), time);
    item->place = (struct place_to_go){.collection = *object->collection, .point = *object->point};
}

void palette_items_add_objects(struct palette_items *items, const struct app *app)
{
    struct adding adding = {
        .items = items, .now = app_now(app), .between = app_is_ascii(app) ? " - " : " · "};
    app_tell_objects(app, &(struct told_objects){.add = add_object, .context = &adding});
}

void palette_items_add_jobs(struct palette_items *items, const struct app *app)
{
    size_t count = 0;
    const struct job_snapshot *jobs = app_jobs(app, &count);
    for (size_t i = 0; i < count; i++) {
        const struct job_identity *job = &jobs[i].identity;
        CLEANUP_FREE char *words = mem_format("job %s %s", job->point, job->id.text);
        struct palette_item *item = add(
            items, PALETTE_JOB,
            mem_format("%.4s  %s %s%s%s", job->id.text, *job->kind ? job->kind : "export", job->collection,
                       *job->directory ? app_is_ascii(app) ? " -> " : " → " : "", job->directory),
            mem_format("job, %s", job_state_is_final(jobs[i].state) ? "ended" : "running"), words);
        item->job = job->id;
    }
}

void palette_items_add_name(struct palette_items *items, enum palette_kind kind, const char *name,
                            const char *about)
{
    add(items, kind, mem_strdup(name), mem_strdup(about), palette_kind_word(kind));
}
