#include "ui/screens/form/step_title.h"

#include <string.h>

#include "core/base/mem.h"
#include "ui/draw/cells.h"

#define AROUND 24 /* columns: the program's name before it, the key of the help behind it */
#define LEAST 12  /* of what is exported */

static const char before[] = "export   ";
static const char between[] = "   ";

char *step_title_several(const char *point, size_t more)
{
    return more > 0 ? mem_format("%s and %zu more", point, more) : mem_strdup(point);
}

char *step_title_text(const struct step_title *title, int columns, bool ascii)
{
    int room = columns - AROUND - (int)strlen(before) - (int)strlen(between) - (int)strlen(title->number);
    int word = (int)strlen(title->word) + 1;
    bool whole = (int)cells_width(title->subject, ascii) + word <= room;
    struct cells_format format = {
        .columns = (size_t)(room > LEAST ? room : LEAST), .ascii = ascii, .no_pad = true};
    CLEANUP_FREE char *subject = whole ? mem_strdup(title->subject) : cells_fit(title->subject, &format);
    return mem_format("%s%s%s%s%s%s", before, subject, between, title->number, whole ? " " : "",
                      whole ? title->word : "");
}
