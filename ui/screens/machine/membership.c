#include "ui/screens/machine/membership.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/strbuf.h"

struct place {
    const char *id;
    size_t index; /* of the machine */
};

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct place *)left)->id, ((const struct place *)right)->id);
}

static void add_members(const struct collection *collection, const struct place *places, size_t count,
                        struct strbuf *texts)
{
    for (size_t i = 0; i < collection->member_count; i++) {
        const struct place wanted = {.id = collection->members[i].text};
        const struct place *found = bsearch(&wanted, places, count, sizeof *places, compare);
        if (found)
            strbuf_addf(&texts[found->index], "%s%s", texts[found->index].length ? ", " : "",
                        collection->name);
    }
}

char **membership_texts(const struct machine_list *machines, const struct collection_list *collections)
{
    size_t count = machines->count;
    CLEANUP_FREE struct place *places = mem_alloc((count + 1) * sizeof *places);
    CLEANUP_FREE struct strbuf *texts = mem_alloc((count + 1) * sizeof *texts);
    char **made = mem_alloc((count + 1) * sizeof *made);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){.id = machines->items[i].id.text, .index = i};
    qsort(places, count, sizeof *places, compare);
    for (size_t i = 0; i < collections->count; i++)
        add_members(&collections->items[i], places, count, texts);
    for (size_t i = 0; i < count; i++)
        made[i] = texts[i].length ? strbuf_take(&texts[i]) : mem_strdup("");
    return made;
}

void membership_free(char **texts, size_t count)
{
    for (size_t i = 0; texts && i < count; i++)
        free(texts[i]);
    free(texts);
}
