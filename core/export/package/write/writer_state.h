/* What writer.c and commit.c share; nobody else's. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_WRITER_STATE_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_WRITER_STATE_H

#include "core/base/error.h"
#include "core/export/package/write/ledger.h"
#include "core/export/package/write/partial.h"
#include "core/export/package/write/writer.h"

struct package_writer {
    const struct export_task *task;
    const struct base_package *base;       /* NULL = full */
    const struct write_patience *patience; /* NULL = none */
    struct package_footing footing;        /* stands NULL = nobody is asked */
    int directory;                         /* the export directory */
    struct guid id;                        /* of the package */
    struct package_layout layout;
    struct package_partial partial;
    struct package_ledger ledger; /* fd -1 = nobody can go on with it */
    bool resumed;                 /* what lies there may be of another process */
};

/* "machines/NAME", made where it is missing. */
bool package_writer_open_machine(struct package_writer *writer, const char *directory, int *fd,
                                 struct error *err) WARN_UNUSED;
/* Writes a new file of the package. file: beneath it; its last component is made in `directory`. */
bool package_writer_put(struct package_writer *writer, int directory, const char *file, const char *text,
                        struct error *err) WARN_UNUSED;
/* The same, empty and open for writing. */
bool package_writer_create(struct package_writer *writer, int directory, const char *file, int *fd,
                           struct error *err) WARN_UNUSED;
/* The path of a name in the export directory, as the export directory was given; the caller's. */
char *package_writer_path(const struct package_writer *writer, const char *name);

#endif
