/* What an export stands on besides the layers it reads: the export directory and the base packages. Both lie
 * open to everybody while it runs; both must still be what it began with when the package gets its name, else
 * the operator would believe in a package that is elsewhere, or in an overlay whose base is gone.
 *
 * Threads: any. Ownership: everything is borrowed. */
#ifndef REFPOINT_EXPORT_PACKAGE_WRITE_STILL_THERE_H
#define REFPOINT_EXPORT_PACKAGE_WRITE_STILL_THERE_H

#include "core/base/error.h"
#include "core/export/package/find_base.h"

/* `path` still leads to the directory that is open. Key "export.directory-gone". */
bool still_there_directory(int directory, const char *path, struct error *err) WARN_UNUSED;
/* Each package of the chain is where it was found, with the record that it had. Key "export.base-gone". */
bool still_there_base(const struct base_package *base, struct error *err) WARN_UNUSED;

#endif
