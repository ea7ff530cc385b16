/* A package in words: beneath the list what matters of the selected one, on its own screen all of it. Pure;
 * no curses. Threads: any. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_FACTS_H
#define REFPOINT_UI_SCREENS_PACKAGE_FACTS_H

#include "ui/draw/signs.h"
#include "ui/screens/package/rows.h"
#include "ui/widgets/facts.h"

struct package_state { /* in a sign and a word */
    enum sign sign;
    enum theme_role role;
    const char *word; /* "verified", "not verified", "touched", "damaged" */
};
struct package_state package_state_of(const struct package_row *row);

/* Appends. whole: everything that its record says. */
void package_facts_make(struct facts *facts, const struct package_rows *rows, size_t index, struct moment now,
                        bool whole);

#endif
