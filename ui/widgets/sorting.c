#include "ui/widgets/sorting.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct sorted {
    struct sort_key key;
    size_t row;
};

void sorting_next(struct sorting *sorting, unsigned columns)
{
    sorting->column = (sorting->column + 1) % columns;
    sorting->reversed = false;
}

static int compare_values(const struct sort_key *left, const struct sort_key *right)
{
    if (left->text && right->text)
        return strcmp(left->text, right->text);
    return (left->number > right->number) - (left->number < right->number);
}

static int compare_rows(const struct sorted *left, const struct sorted *right, int way)
{
    if (left->key.absent != right->key.absent)
        return left->key.absent ? 1 : -1;
    int order = left->key.absent ? 0 : compare_values(&left->key, &right->key);
    return order ? order * way : (left->row > right->row) - (left->row < right->row);
}

static int ascending(const void *left, const void *right)
{
    return compare_rows(left, right, 1);
}

static int descending_order(const void *left, const void *right)
{
    return compare_rows(left, right, -1);
}

size_t *sorting_order(const struct sort_key *keys, size_t count, bool descending)
{
    size_t *order = mem_alloc((count + 1) * sizeof *order);
    struct sorted *rows = mem_alloc((count + 1) * sizeof *rows);
    for (size_t row = 0; row < count; row++)
        rows[row] = (struct sorted){.key = keys[row], .row = row};
    qsort(rows, count, sizeof *rows, descending ? descending_order : ascending);
    for (size_t place = 0; place < count; place++)
        order[place] = rows[place].row;
    free(rows);
    return order;
}

const char *sorting_sign(const struct canvas *canvas, bool descending)
{
    if (canvas_is_plain(canvas))
        return descending ? "v" : "^";
    return descending ? "▼" : "▲";
}
