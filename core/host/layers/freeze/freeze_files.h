/* What belongs to the machines beside their disks, at the instant of the point: the files that their
 * definitions name are copied into the store (kept_files.h), and what is in no point is recorded.
 *
 * Threads: one at a time, under the store's lock. Errors: a file that cannot be read or is not there refuses
 * the point (32769, 32779; key "point.file"), with the account and the way, unless the request leaves it out.
 */
#ifndef REFPOINT_HOST_LAYERS_FREEZE_FREEZE_FILES_H
#define REFPOINT_HOST_LAYERS_FREEZE_FREEZE_FILES_H

#include "core/base/error.h"
#include "core/host/layers/freeze/freeze_work.h"

/* Before the images are frozen: fills files and left_out of every member's machine, and keeps the contents.
 */
bool freeze_files_take(struct freeze_work *work, const struct point_request *request,
                       struct error *err) WARN_UNUSED;
/* Their paths, without those that the request leaves out; directories too (the state of a TPM). The caller's,
 * as from fs_list. */
bool freeze_files_name(const struct freeze_work *work, const struct point_request *request, char ***paths,
                       size_t *count, struct error *err) WARN_UNUSED;
/* None of them was written to since. */
bool freeze_files_are_still(const struct freeze_work *work, struct error *err) WARN_UNUSED;

#endif
