#include "ui/screens/browse/damage.h"

#include <stdlib.h>

#include "core/base/mem.h"

#define MARKER_COLUMNS 2
#define STATE_COLUMNS 16 /* where other points have their time */

char *browse_damaged_search_text(const char *name, const struct guid *id)
{
    return mem_format("damaged %s %s", name ? name : "", id->text);
}

void browse_paint_damaged_point(const struct canvas *list, int row, const struct damaged_record *point,
                                enum theme_role role, bool selected)
{
    int at = MARKER_COLUMNS + STATE_COLUMNS + 1;
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    canvas_field(list, row, MARKER_COLUMNS, STATE_COLUMNS, role, "! damaged");
    canvas_field(list, row, at, list->columns - at, role, damaged_record_name(point));
}

char *browse_damaged_refusal(const char *what, const char *problem)
{
    return mem_format("This %s is damaged, nothing is done with it: %s", what, problem);
}

struct load_damage *load_damage_new(struct host *host, struct guid *collections, size_t count)
{
    struct load_damage *task = mem_alloc(sizeof *task);
    *task = (struct load_damage){.host = host, .collections = collections, .count = count};
    return task;
}

/* A list that cannot be read at all is told where it is looked at. */
void load_damage_run(void *argument)
{
    struct load_damage *task = argument;
    for (size_t i = 0; i < task->count; i++) {
        struct reference_point_list points = {0};
        struct error ignored;
        if (task->host->ops->list_points(task->host, &task->collections[i], &points, &ignored))
            task->damaged += points.left_out.count;
        reference_point_list_clear(&points);
    }
}

void load_damage_release(void *argument)
{
    struct load_damage *task = argument;
    free(task->collections);
    free(task);
}
