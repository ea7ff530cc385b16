/* Collections, machines and points are looked at through one view (id, name, place in their list), so that
 * they are found by one set of rules. */
#include "core/host/resolve.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"
#include "core/base/text.h"

#define SHORTEST_PREFIX 4U
#define CANDIDATES_SHOWN 8U
#define NAME_SHOWN 64

struct item {
    const struct guid *id;
    const char *name;
    const struct moment *created; /* points only */
};

struct view {
    const char *kind; /* "collection" */
    const char *advice;
    struct item (*item)(const void *items, size_t index);
    const void *items;
    size_t count;
    const struct left_out *left_out;
};

/* Which items a text means; more than one is a question for the person who typed it. */
struct matches {
    size_t *indices;
    size_t count;
};

/* A time as it was typed: a moment, and how much of it was said. */
struct typed_time {
    struct moment moment;
    int64_t unit_seconds; /* 60 or 1 */
    int32_t unit_nanoseconds;
};

typedef bool matches_item(const struct item *item, const void *wanted);

static bool same_id(const struct item *item, const void *wanted)
{
    return guid_equal(item->id, wanted);
}

static bool same_name(const struct item *item, const void *wanted)
{
    return item->name && strcmp(item->name, wanted) == 0;
}

static bool has_prefix(const struct item *item, const void *wanted)
{
    const char *prefix = wanted;
    return strncasecmp(item->id->text, prefix, strlen(prefix)) == 0;
}

static bool same_list_time(const struct item *item, const void *wanted)
{
    const char *text = wanted;
    char shown[64];
    if (!item->created)
        return false;
    for (int with_seconds = 0; with_seconds < 2; with_seconds++) {
        moment_format_list(*item->created, with_seconds, shown, sizeof shown);
        if (strlen(text) == strlen(shown) && strncmp(text, shown, 10) == 0 &&
            strcmp(text + 11, shown + 11) == 0)
            return true;
    }
    return false;
}

static int64_t floor_to(int64_t value, int64_t unit)
{
    int64_t rest = value % unit;
    return value - (rest < 0 ? rest + unit : rest);
}

static bool same_moment(const struct item *item, const void *wanted)
{
    const struct typed_time *time = wanted;
    if (!item->created || floor_to(item->created->seconds, time->unit_seconds) != time->moment.seconds)
        return false;
    return time->unit_seconds > 1 ||
           floor_to(item->created->nanoseconds, time->unit_nanoseconds) == time->moment.nanoseconds;
}

/* 'd' stands for a digit, ' ' for one of "Tt ". */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; shape++, text++) {
        if (*shape == 'd'   ? !isdigit((unsigned char)*text)
            : *shape == ' ' ? !*text || !strchr("Tt ", *text)
                            : *text != *shape)
            return false;
    }
    return true;
}

#define SHAPE_MINUTE "dddd-dd-dd dd:dd"
#define SHAPE_SECOND SHAPE_MINUTE ":dd"

/* RFC 3339 with an offset; a fraction may have any number of digits, of which nine count. */
static bool parse_time(const char *text, struct typed_time *time)
{
    bool has_seconds = has_shape(text, SHAPE_SECOND);
    const char *rest = text + strlen(has_seconds ? SHAPE_SECOND : SHAPE_MINUTE);
    *time = (struct typed_time){.unit_seconds = has_seconds ? 1 : 60, .unit_nanoseconds = 1000000000};
    if (has_seconds && *rest == '.') {
        for (rest++; isdigit((unsigned char)*rest); rest++)
            time->unit_nanoseconds /= time->unit_nanoseconds > 1 ? 10 : 1;
    }
    return moment_parse_rfc3339(&time->moment, text);
}

/* Behind those that can be read come those that cannot: they are meant by a word all the same. */
static struct item item_at(const struct view *view, size_t index)
{
    if (index < view->count)
        return view->item(view->items, index);
    const struct damaged_record *damaged = &view->left_out->items[index - view->count];
    return (struct item){.id = &damaged->id, .name = damaged->name};
}

static struct matches find(const struct view *view, matches_item *matches_wanted, const void *wanted)
{
    struct matches found = {0};
    for (size_t i = 0; i < view->count + view->left_out->count; i++) {
        struct item item = item_at(view, i);
        if (matches_wanted(&item, wanted))
            *ARRAY_APPEND(found.indices, found.count) = i;
    }
    return found;
}

static struct matches find_time(const struct view *view, const char *text)
{
    struct typed_time time;
    if (!view->count || !view->item(view->items, 0).created || !has_shape(text, SHAPE_MINUTE))
        return (struct matches){0};
    size_t length = strlen(text);
    if (length == strlen(SHAPE_MINUTE) || (length == strlen(SHAPE_SECOND) && has_shape(text, SHAPE_SECOND)))
        return find(view, same_list_time, text);
    return parse_time(text, &time) ? find(view, same_moment, &time) : (struct matches){0};
}

static struct matches find_prefix(const struct view *view, const char *text)
{
    return strlen(text) >= SHORTEST_PREFIX ? find(view, has_prefix, text) : (struct matches){0};
}

static struct matches find_by_any_rule(const struct view *view, const char *text)
{
    struct guid id;
    struct matches found = {0};
    if (guid_parse(&id, text))
        found = find(view, same_id, &id);
    if (found.count == 0)
        found = find(view, same_name, text);
    if (found.count == 0)
        found = find_time(view, text);
    if (found.count == 0)
        found = find_prefix(view, text);
    return found;
}

static void add_candidate(struct strbuf *list, const struct item *item)
{
    if (list->length)
        strbuf_add(list, ", ");
    if (item->name) {
        char name[NAME_SHOWN];
        text_copy_cut(name, sizeof name, item->name);
        strbuf_addf(list, "\"%s\" ", name);
    }
    if (item->created) {
        char time[64];
        moment_format_list(*item->created, true, time, sizeof time);
        strbuf_addf(list, "of %s ", time);
    }
    strbuf_addf(list, "(%s)", item->id->text);
}

/* The first few, so that the sentence stays one. */
static char *list_candidates(const struct view *view, const struct matches *among)
{
    struct strbuf list = {0};
    size_t count = among ? among->count : view->count;
    for (size_t i = 0; i < count && i < CANDIDATES_SHOWN; i++) {
        struct item item = item_at(view, among ? among->indices[i] : i);
        add_candidate(&list, &item);
    }
    if (count > CANDIDATES_SHOWN)
        strbuf_addf(&list, " and %zu more", count - CANDIDATES_SHOWN);
    return strbuf_take(&list);
}

static void refuse(const struct view *view, const char *text, const struct matches *found, struct error *err)
{
    CLEANUP_FREE char *candidates = list_candidates(view, found->count ? found : NULL);
    CLEANUP_FREE char *key = mem_format("%s.%s", view->kind, found->count > 1 ? "ambiguous" : "unknown");
    if (found->count > 1) {
        error_set(err, RETURN_INVALID_PARAMETER, key, "\"%s\" can mean %zu %ss", text, found->count,
                  view->kind);
        error_cause(err, "%s", candidates);
        error_next(err, "Say which one by its id, or by the first characters of its id.");
        return;
    }
    error_set(err, RETURN_INVALID_PARAMETER, key, "there is no %s \"%s\"", view->kind, text);
    size_t unread = view->left_out->count;
    if (unread > 0 && view->count > 0)
        error_cause(err, "there are: %s; %zu more cannot be read", candidates, unread);
    else if (unread > 0)
        error_cause(err, "%zu of the %ss cannot be read", unread, view->kind);
    else if (view->count == 0)
        error_cause(err, "there are no %ss yet", view->kind);
    else
        error_cause(err, "there are: %s", candidates);
    /* What cannot be read has no name that could be compared. */
    error_next(err, "%s",
               unread ? "\"refpoint store check\" tells what is wrong with what cannot be read."
                      : view->advice);
}

static bool refuse_damaged(const struct view *view, const struct damaged_record *damaged, struct error *err)
{
    CLEANUP_FREE char *key = mem_format("%s.damaged", view->kind);
    error_set(err, RETURN_INVALID_PARAMETER, key, "the %s \"%s\" is damaged: %s", view->kind,
              damaged_record_name(damaged), damaged->problem);
    error_cause(err, "its record cannot be read");
    return error_next(err, "\"refpoint store check\" tells all that is damaged.");
}

static bool resolve(const struct view *view, const char *text, size_t *index, struct error *err)
{
    struct matches found = find_by_any_rule(view, text);
    CLEANUP_FREE size_t *indices = found.indices;
    if (found.count != 1) {
        refuse(view, text, &found, err);
        return false;
    }
    *index = indices[0];
    return *index < view->count || refuse_damaged(view, &view->left_out->items[*index - view->count], err);
}

static struct item collection_item(const void *items, size_t index)
{
    const struct collection *collection = (const struct collection *)items + index;
    return (struct item){.id = &collection->id, .name = collection->name};
}

static struct item machine_item(const void *items, size_t index)
{
    const struct machine *machine = (const struct machine *)items + index;
    return (struct item){.id = &machine->id, .name = machine->name};
}

static struct item point_item(const void *items, size_t index)
{
    const struct reference_point *point = (const struct reference_point *)items + index;
    return (struct item){.id = &point->id, .name = point->name, .created = &point->created};
}

const struct collection *resolve_collection(const struct collection_list *list, const char *text,
                                            struct error *err)
{
    const struct view view = {.kind = "collection",
                              .advice = "\"refpoint collection list\" shows them all.",
                              .item = collection_item,
                              .items = list->items,
                              .count = list->count,
                              .left_out = &list->left_out};
    size_t index;
    return resolve(&view, text, &index, err) ? &list->items[index] : NULL;
}

const struct machine *resolve_machine(const struct machine_list *list, const char *text, struct error *err)
{
    const struct view view = {.kind = "machine",
                              .advice = "\"refpoint machine list\" shows them all.",
                              .item = machine_item,
                              .items = list->items,
                              .count = list->count,
                              .left_out = &list->left_out};
    size_t index;
    return resolve(&view, text, &index, err) ? &list->items[index] : NULL;
}

const struct reference_point *resolve_point(const struct reference_point_list *list, const char *text,
                                            struct error *err)
{
    const struct view view = {.kind = "point",
                              .advice = "\"refpoint point list COLLECTION\" shows them all.",
                              .item = point_item,
                              .items = list->items,
                              .count = list->count,
                              .left_out = &list->left_out};
    size_t index;
    return resolve(&view, text, &index, err) ? &list->items[index] : NULL;
}
