/* The packages in a directory as rows: each with what was looked at when they were read, newest point first,
 * those that cannot be read last. And how they stand on each other there.
 *
 * Reading blocks for as long as the storage does: worker threads. Ownership: package_rows_clear. Threads:
 * any, each its own value. */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_ROWS_H
#define REFPOINT_UI_SCREENS_PACKAGE_ROWS_H

#include "core/base/error.h"
#include "core/export/package/package.h"
#include "core/export/package/proof/proof.h"

struct package_row {
    char *name;    /* "web-prod @ tuesday"; of a damaged one that of its directory */
    char *folded;  /* what a filter looks in */
    char *path;    /* absolute; NULL: of a damaged one that does not say */
    char *problem; /* why it cannot be read; NULL: it could be, and the next are there */
    struct package package;
    enum package_proof_state state;
    struct package_proof proof;
    uint64_t bytes; /* of its files, as the record has them */
    size_t base;    /* the row of the package it is based on; SIZE_MAX: none, or it is not in the directory */
};

struct package_rows {
    char *directory; /* as it was asked for */
    struct package_row *items;
    size_t count;
    size_t damaged;    /* of them */
    char **unfinished; /* sentences about what exports have left unfinished there */
    size_t unfinished_count;
};
bool package_rows_read(struct package_rows *rows, const char *directory, struct error *err) WARN_UNUSED;
void package_rows_clear(struct package_rows *rows);
/* SIZE_MAX: there is none with this path. */
size_t package_rows_find(const struct package_rows *rows, const char *path);

static inline bool package_row_is_differential(const struct package_row *row)
{
    return !guid_is_none(&row->package.base_package_id);
}

#endif
