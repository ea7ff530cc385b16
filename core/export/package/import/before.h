/* What can be said of an import before anything is copied. Threads: any; blocks for as long as the storage
 * does. */
#ifndef REFPOINT_EXPORT_PACKAGE_IMPORT_BEFORE_H
#define REFPOINT_EXPORT_PACKAGE_IMPORT_BEFORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/export/package/package.h"

/* The name (NULL: as it was) and the place would be taken; *available: bytes that are free there. */
bool import_check(const char *to, const char *as, uint64_t *available, struct error *err) WARN_UNUSED;
/* The images of this package can become the layers of its point; and of the point only the machines stay that
 * the package holds. */
bool import_can_register(struct package *package, struct error *err) WARN_UNUSED;

#endif
