/* The digest of what a disk reads (disk_digest.h), made anew: all data of a plan is read from a source.
 *
 * Threads: one of the caller's, plus workers. Units: bytes. Ownership: everything is borrowed. */
#ifndef REFPOINT_EXPORT_COPY_CONTENT_H
#define REFPOINT_EXPORT_COPY_CONTENT_H

#include "core/export/copy/disk_digest.h"
#include "core/export/plan/run_list.h"
#include "core/export/source/source.h"

struct content_spec {
    struct source *source;
    const struct run_list *runs;
    const struct spool *digests;                   /* opened and empty, of struct window_digest */
    bool (*passed)(void *context, uint64_t bytes); /* false: it is time to stop; any thread */
    void *context;
    struct halt *halt;
    unsigned workers;
};

bool content_digest_make(const struct content_spec *spec, char text[DISK_DIGEST_TEXT],
                         struct error *err) WARN_UNUSED;

#endif
