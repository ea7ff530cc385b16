/* What a look through the store found, as rows: how bad it is in a sign and a word, what it means, and the
 * commands that mend it, which the sentence itself names in quotes. Pure. Ownership: check_rows_clear.
 * Threads: any, each its own value. */
#ifndef REFPOINT_UI_SCREENS_STORE_FINDINGS_H
#define REFPOINT_UI_SCREENS_STORE_FINDINGS_H

#include "core/model/ways.h"
#include "ui/draw/signs.h"
#include "ui/draw/theme.h"
#include "ui/widgets/facts.h"

struct check_row {
    char *sentence;
    enum sign sign;
    enum theme_role role;
    const char *word;    /* "damaged", "missing", "settled" ... at most 10 columns */
    const char *meaning; /* NULL: the sentence says it */
};

struct check_rows {
    struct check_row *items; /* findings, the worst first; then notes */
    size_t count;
    size_t findings;
    size_t settled; /* of the findings: mended on the way */
};
/* Takes the sentences out of the report. */
void check_rows_take(struct check_rows *rows, struct store_report *report);
void check_rows_clear(struct check_rows *rows);
/* Appends all that is to be said of one. */
void check_row_facts(struct facts *facts, const struct check_row *row);
/* The nth command that the sentence names, without its quotes; NULL: it has no more. The caller's. */
char *check_row_command(const struct check_row *row, size_t nth);

#endif
