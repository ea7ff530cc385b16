/* What is wrong with a package, a sentence each; names in them escaped. Ownership: package_problems_clear.
 * Threads: one at a time. */
#ifndef REFPOINT_EXPORT_PACKAGE_PROBLEMS_H
#define REFPOINT_EXPORT_PACKAGE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

#define PACKAGE_PROBLEM_LIMIT 1000 /* more are only counted */

struct package_damage { /* of which file of which package of a chain */
    size_t level;
    char *file; /* NULL: of the package as a whole, or of a file that is no disk's */
};

struct package_problems {
    char **items;
    size_t count;
    size_t left_out;
    size_t damages; /* without those of place: all data is there, but stock QEMU would not find it */
    size_t level;   /* of what is looked at */
    struct package_damage *places; /* of the damages, each once */
    size_t place_count;
};

/* About `file`, or about the whole package (NULL). */
void package_problems_add(struct package_problems *problems, const char *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void package_problems_add_place(struct package_problems *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void package_problems_add_error(struct package_problems *problems, const struct error *err);
/* Hands the sentences over, with a last one about those left out. */
void package_problems_take(struct package_problems *problems, char ***items, size_t *count);
/* Is this file of this package damaged, or the package as a whole? */
bool package_problems_is_damaged(const struct package_problems *problems, size_t level, const char *file);
void package_problems_clear(struct package_problems *problems);

#endif
