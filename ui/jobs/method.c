#include "ui/jobs/method.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "ui/jobs/text.h"

#define MARGIN 1
#define NUMBERS_AT 32 /* behind any sentence */
#define GAP 2

/* 0: beneath. */
static int numbers_at(const struct job_snapshot *job, const char *numbers, int columns)
{
    int close = MARGIN + (int)strlen(job_text_method(job)) + GAP;
    int last = columns - MARGIN - (int)strlen(numbers);
    if (last >= NUMBERS_AT)
        return NUMBERS_AT;
    return last >= close ? close : 0;
}

int job_method_rows(const struct job_snapshot *job, int columns)
{
    CLEANUP_FREE char *numbers = job_text_numbers(job);
    return numbers_at(job, numbers, columns) > 0 ? 1 : 2;
}

void job_method_paint(const struct canvas *canvas, int row, const struct job_snapshot *job)
{
    CLEANUP_FREE char *numbers = job_text_numbers(job);
    int at = numbers_at(job, numbers, canvas->columns);
    canvas_text(canvas, row, MARGIN, job_text_role(job), job_text_method(job));
    if (at > 0)
        canvas_text(canvas, row, at, ROLE_DIM, numbers);
    else
        canvas_field(canvas, row + 1, MARGIN, canvas->columns - 2 * MARGIN, ROLE_DIM, numbers);
}
