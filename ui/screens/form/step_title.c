#include "ui/screens/form/step_title.h"

#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"

#define HELP_COLUMNS 9  /* "  F1 help" at the right of the title line */
#define STEP_COLUMNS 33 /* all steps' points begin at the same column */
#define LEAST_NAME 6

/* Where the time begins: names may hold anything, " @ " too. */
static const char *find_time(const char *point)
{
    const char *found = NULL;
    for (const char *at = point; (at = strstr(at, " @ ")); at++)
        found = at;
    return found ? found : point + strlen(point);
}

char *step_title_several(const char *point, size_t more)
{
    return more > 0 ? mem_format("%s and %zu more", point, more) : mem_strdup(point);
}

char *step_title_text(const struct step_title *title, int columns, bool ascii)
{
    int room = columns > HELP_COLUMNS ? columns - HELP_COLUMNS : 0;
    if (STEP_COLUMNS + (int)cells_width(title->point, ascii) <= room)
        return mem_format("%-*s%s", STEP_COLUMNS, title->step, title->point);
    const char *time = find_time(title->point);
    CLEANUP_FREE char *name = mem_strndup(title->point, (size_t)(time - title->point));
    int left = room - (int)(strlen(title->brief) + 2) - (int)cells_width(time, ascii);
    struct cells_format format = {
        .columns = (size_t)(left > LEAST_NAME ? left : LEAST_NAME), .ascii = ascii, .no_pad = true};
    CLEANUP_FREE char *fitted = cells_fit(name, &format);
    return mem_format("%s  %s%s", title->brief, fitted, time);
}
