/* What belongs to the machines beside their disks, kept with a point: files of this machine, or of the remote
 * host, which are brought here first. Threads: the caller's, under the store's lock. Errors: as
 * freeze_files.h; "host.ssh". */
#ifndef REFPOINT_HOST_LIBVIRT_RCT_FILES_H
#define REFPOINT_HOST_LIBVIRT_RCT_FILES_H

#include "core/host/libvirt/rct/work.h"

bool files_take(struct rct_work *work, const struct point_request *request, struct error *err) WARN_UNUSED;
/* None of them was written to since. */
bool files_are_still(const struct rct_work *work, struct error *err) WARN_UNUSED;

#endif
