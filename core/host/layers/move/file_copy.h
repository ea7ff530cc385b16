/* A copy of a file's content: holes stay holes, the digest is taken on the way, and what was written is read
 * back and compared. Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_MOVE_FILE_COPY_H
#define REFPOINT_HOST_LAYERS_MOVE_FILE_COPY_H

#include "core/base/error.h"
#include "core/base/watch.h"
#include "core/system/digest.h"

/* from: for reading; to: an empty file for reading and writing. On success it is synced. */
bool file_copy_content(int from, const char *from_path, int to, const char *to_path, struct watch *watch,
                       char sha256[DIGEST_TEXT], struct error *err) WARN_UNUSED;

#endif
