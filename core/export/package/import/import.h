/* Copying the disks out of a package.
 *
 * Threads: starts children, which die with the thread that called. */
#ifndef REFPOINT_EXPORT_PACKAGE_IMPORT_IMPORT_H
#define REFPOINT_EXPORT_PACKAGE_IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/export/package/import/machines.h"
#include "core/job/job.h"

/* Copies the disks out of a package and its bases into plain stand-alone images in `to` (made, must be empty
 * or missing), with each machine's settings; nothing there has its final name until all is complete and equal
 * to what the record promises. */
bool package_import(const char *path, const char *to, char *const *base_directories,
                    size_t base_directory_count, struct job *job, struct error *err) WARN_UNUSED;

/* The same with a new name, id and hardware addresses, so that the machine can be defined beside the one that
 * it was (as: NULL = as it was; with several machines each gets its own name behind it), and with what the
 * operator should know: notes, import_notes_clear, also after a failure; and what was put down: imported,
 * imported_clear, also after a failure. */
bool package_import_as(const char *path, const char *to, char *const *base_directories,
                       size_t base_directory_count, const char *as, struct import_notes *notes,
                       struct imported *imported, struct job *job, struct error *err) WARN_UNUSED;

#endif
