/* The settings of the export that was last *started*: what a new form proposes.
 *
 * Kept in the state directory as `last-export.cfg` (libconfig; may be edited or removed). A file that cannot
 * be read is as good as none: a proposal is a convenience, never a reason to refuse. Reading and writing may
 * block: worker threads. Ownership: last_export_clear. Threads: any, each its own value. */
#ifndef REFPOINT_UI_APP_DATA_LAST_EXPORT_H
#define REFPOINT_UI_APP_DATA_LAST_EXPORT_H

#include "core/base/error.h"
#include "core/model/model.h"

#define LAST_EXPORT_FILE "last-export.cfg"

struct last_export {
    struct guid collection_id; /* none: there is no last export */
    struct guid point_id;      /* what was exported: the natural base of the next; live: may be none */
    struct guid base_id;       /* none when full */
    bool live;                 /* of the machines as they were: it made a point, */
    char *name;                /* of this name (not in the file: the next one has another); may be NULL */
    bool application;          /* consistent; live */
    bool allow_crash;
    char *directory;
    char *base_directory; /* "" = none */
    bool differential;
    enum disk_format format;
    enum compression compression;
    bool verify;
    enum base_check base_check;
    bool full_if_altered;
    bool bell;
    char *rate;            /* as typed */
    struct guid *excluded; /* uuids of disks, or ids of machines without disks */
    size_t excluded_count;
};
void last_export_clear(struct last_export *last);
void last_export_copy(struct last_export *to, const struct last_export *from);

/* Empty when there is none. state_directory: NULL = fs_state_home(). */
void last_export_read(struct last_export *last, const char *state_directory);
bool last_export_write(const struct last_export *last, const char *state_directory,
                       struct error *err) WARN_UNUSED;

#endif
