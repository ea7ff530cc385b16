#include "core/definition/rewrite/cpu_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"

struct part {
    bool except; /* "^2" */
    uint64_t first;
    uint64_t last;
};

static bool parse_number(const char **at, uint64_t *number)
{
    if (**at < '0' || **at > '9')
        return false;
    for (*number = 0; **at >= '0' && **at <= '9'; (*at)++) {
        *number = *number * 10 + (uint64_t)(**at - '0');
        if (*number > UINT32_MAX)
            return false;
    }
    return true;
}

/* One part and the comma behind it. */
static bool parse_part(const char **at, struct part *part)
{
    *at += strspn(*at, " ");
    part->except = **at == '^';
    *at += part->except;
    if (!parse_number(at, &part->first))
        return false;
    part->last = part->first;
    if (**at == '-') {
        (*at)++;
        if (!parse_number(at, &part->last) || part->last < part->first)
            return false;
    }
    *at += strspn(*at, " ");
    if (**at != ',')
        return **at == '\0';
    (*at)++;
    return **at != '\0';
}

static void add_part(struct strbuf *text, const struct part *part)
{
    strbuf_addf(text, "%s%s%" PRIu64, text->length > 0 ? "," : "", part->except ? "^" : "", part->first);
    if (part->last > part->first)
        strbuf_addf(text, "-%" PRIu64, part->last);
}

char *cpu_list_cut(const char *list, uint64_t ceiling)
{
    CLEANUP_STRBUF struct strbuf text = {0};
    struct part part;
    for (const char *at = list; *at;) {
        if (!parse_part(&at, &part))
            return NULL;
        if (part.first >= ceiling)
            continue;
        if (part.last >= ceiling)
            part.last = ceiling - 1;
        add_part(&text, &part);
    }
    return strbuf_take(&text);
}

char *cpu_list_extend(const char *list, uint64_t first, uint64_t last)
{
    struct strbuf text = {0};
    struct part part = {0};
    struct part added = {.first = first, .last = last};
    const char *end = list;
    for (const char *at = list; *at; end = *at ? at : end) {
        if (!parse_part(&at, &part))
            break;
    }
    bool joins = *list && !part.except && part.last + 1 == first;
    if (joins) {
        added.first = part.first;
        size_t kept = (size_t)(end - list);
        strbuf_add_bytes(&text, list, kept > 0 ? kept - 1 : 0); /* without its comma */
    } else {
        strbuf_add(&text, list);
    }
    add_part(&text, &added);
    return strbuf_take(&text);
}
