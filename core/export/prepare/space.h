/* Not enough room in the export directory: before the start, by the plan, and when it runs out on the way.
 * Threads: any. Units: bytes. */
#ifndef REFPOINT_EXPORT_PREPARE_SPACE_H
#define REFPOINT_EXPORT_PREPARE_SPACE_H

#include <stdint.h>

#include "core/base/error.h"

/* Fills err (32768, key "export.no-space") with what is needed and what there is; returns false. */
bool space_refuse(const char *directory, uint64_t needed, uint64_t available, struct error *err);

#endif
