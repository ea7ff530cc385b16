/* The packages in the places where a base is looked for, each read once; for find_base.c.
 *
 * Threads: one at a time. Ownership: base_index_clear. */
#ifndef REFPOINT_EXPORT_PACKAGE_BASE_INDEX_H
#define REFPOINT_EXPORT_PACKAGE_BASE_INDEX_H

#include "core/base/error.h"
#include "core/base/strbuf.h"
#include "core/export/package/package.h"

/* Where packages are looked for; everything borrowed. */
struct package_search {
    const char *directory; /* looked at first; NULL = only the others */
    char *const *base_directories;
    size_t base_directory_count;
};

struct base_index {
    struct package *items;
    size_t count;
    char **broken; /* a sentence for each package that cannot be read */
    size_t broken_count;
    struct strbuf places; /* for messages */
};

/* 32773 for a place that is no directory. */
bool base_index_make(struct base_index *index, const struct package_search *search,
                     struct error *err) WARN_UNUSED;
void base_index_clear(struct base_index *index);
/* Adds to err where was looked, and what was found there that could not be used. */
void base_index_explain(const struct base_index *index, struct error *err);

#endif
