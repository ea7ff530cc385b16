#include "ui/screens/browse/data/damage.h"

#include "core/base/mem.h"

#define MARKER_COLUMNS 1
#define STATE_COLUMNS 9 /* where other points say whether they were exported */

char *browse_damaged_search_text(const char *name, const struct guid *id)
{
    return mem_format("damaged %s %s", name ? name : "", id->text);
}

void browse_paint_damaged_point(const struct canvas *list, int row, const struct damaged_record *point,
                                enum theme_role role, bool selected)
{
    int state_at = list->columns - STATE_COLUMNS - 1;
    canvas_field(list, row, 0, list->columns, role, selected ? ">" : "");
    canvas_field(list, row, MARKER_COLUMNS, state_at - 1 - MARKER_COLUMNS, role, damaged_record_name(point));
    canvas_field(list, row, state_at, STATE_COLUMNS, role, "! damaged");
}

char *browse_damaged_refusal(const char *what, const char *problem)
{
    return mem_format("This %s is damaged, nothing is done with it: %s", what, problem);
}
