/* The SHA-256 of a package's file, taken behind the copy, and the proof that the file gives back what was
 * read at the point.
 *
 * A window is followed when all before it are written. To prove, its range is handed to the storage and
 * dropped from the page cache, then read again, and its digest has to be the one of what the copier read;
 * without proof its bytes are taken from the copier's buffer (lead.h). A file system in memory has no other
 * storage to be asked. A file whose places are not known before it is finished (sink.h) is read as a whole
 * afterwards.
 *
 * Threads: trail_follow beside the copiers; each on one. Ownership: everything is borrowed. Units: bytes.
 * Errors: "export.verify" for a difference. */
#ifndef REFPOINT_EXPORT_COPY_TRAIL_H
#define REFPOINT_EXPORT_COPY_TRAIL_H

#include "core/base/error.h"
#include "core/export/copy/lead.h"
#include "core/export/plan/run_list.h"
#include "core/export/sink/sink.h"
#include "core/system/digest.h"

struct trail_spec {
    int fd;           /* of the file that is written */
    const char *path; /* for messages */
    const char *label;
    const struct sink *sink;
    const struct run_list *runs;
    uint64_t disk_size;          /* a multiple of 512 */
    const struct spool *digests; /* of struct window_digest, each put before its window is done */
    bool prove;
    uint64_t data; /* of the disk, in bytes: what trail_whole reports to the job as read again */
    struct halt *halt;
};

bool trail_follow(const struct trail_spec *spec, struct lead *lead, char sha256[DIGEST_TEXT],
                  struct error *err) WARN_UNUSED;
/* The whole of a file that is finished. */
bool trail_whole(const struct trail_spec *spec, char sha256[DIGEST_TEXT], struct error *err) WARN_UNUSED;

#endif
