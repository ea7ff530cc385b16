#include "ui/widgets/problem.h"

#include "core/base/mem.h"

#define INDENT 2 /* "! " */

char *problem_sentence(enum service_method method, const struct error *err)
{
    return mem_format("%s%s%s (%u %s)", err->what, *err->cause ? ": " : "", err->cause, (unsigned)err->code,
                      return_code_word(method, err->code));
}

int problem_paint(const struct canvas *canvas, int row, enum service_method method, const struct error *err)
{
    int at = row;
    int columns = canvas->columns - INDENT - 1;
    CLEANUP_FREE char *head = problem_sentence(method, err);
    canvas_text(canvas, at, 0, ROLE_ERROR, "!");
    at += canvas_wrap(canvas, at, INDENT, canvas->rows - at, columns, ROLE_ERROR, head);
    if (*err->next)
        at += canvas_wrap(canvas, at, INDENT, canvas->rows - at, columns, ROLE_NORMAL, err->next);
    return at - row;
}
