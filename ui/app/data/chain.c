#include "ui/app/data/chain.h"

#include "core/base/mem.h"
#include "core/base/strbuf.h"

#define BEFORE 2 /* names that stand before the point's own */
#define AFTER 2

static void add_name(struct strbuf *text, const char *before, const struct reference_point *point,
                     const char *behind)
{
    bool removed = reference_point_log_removed(point->type, point->has_associated_log);
    strbuf_addf(text, "%s%s%s%s", before, point->name ? point->name : point->id.text,
                removed ? " (log removed)" : "", behind);
}

static void add_before(struct strbuf *text, const struct reference_point_list *points, uint64_t sequence)
{
    const struct reference_point *shown[BEFORE];
    size_t count = 0;
    const struct reference_point *next = reference_point_before(points, sequence);
    for (; next && count < BEFORE; next = reference_point_before(points, next->sequence))
        shown[count++] = next;
    strbuf_add(text, next ? ".. - " : "");
    while (count > 0)
        add_name(text, "", shown[--count], " - ");
}

static void add_after(struct strbuf *text, const struct reference_point_list *points, uint64_t sequence)
{
    const struct reference_point *next = reference_point_after(points, sequence);
    for (size_t count = 0; next && count < AFTER; count++) {
        add_name(text, " - ", next, "");
        next = reference_point_after(points, next->sequence);
    }
    strbuf_add(text, next ? " - .." : "");
}

char *chain_text(const struct reference_point_list *points, const struct reference_point *point)
{
    struct strbuf text = {0};
    add_before(&text, points, point ? point->sequence : UINT64_MAX);
    if (!point) {
        strbuf_add(&text, "[now]");
        return strbuf_take(&text);
    }
    add_name(&text, "[", point, "]");
    add_after(&text, points, point->sequence);
    return strbuf_take(&text);
}
