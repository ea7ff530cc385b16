#include "ui/widgets/problem.h"

#include "core/base/mem.h"

static int part(const struct canvas *canvas, int row, enum theme_role role, const char *text)
{
    if (!*text)
        return 0;
    return canvas_wrap(canvas, row, 2, canvas->rows - row, canvas->columns - 3, role, text);
}

int problem_paint(const struct canvas *canvas, int row, enum service_method method, const struct error *err)
{
    int at = row;
    CLEANUP_FREE char *head =
        mem_format("! %u %s: %s", (unsigned)err->code, return_code_word(method, err->code), err->what);
    at += canvas_wrap(canvas, at, 0, canvas->rows - at, canvas->columns - 1, ROLE_ERROR, head);
    at += part(canvas, at, ROLE_NORMAL, err->cause);
    at += part(canvas, at, ROLE_NORMAL, err->next);
    return at - row;
}
