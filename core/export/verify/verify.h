/* Proving one disk of a package that is written but has no final name yet: opened by QEMU with its chain, it
 * equals what was read at the point.
 *
 * The copy has read each window of the file again from the storage and held it against what was read
 * (copy/trail.h). Here QEMU says of every cluster whose it is, whether it reads zero, and where it lies: as
 * planned (map.h); QEMU reads a part, and all that is compressed or zero (reads.h); the virtual size is
 * exact; qemu-img check, which opens the real chain by the stored names, finds nothing; and the file that the
 * stored name leads to is the base package's.
 *
 * Threads: one of the caller's, plus workers. Ownership: everything is borrowed. Errors: key "export.verify"
 * for a difference. */
#ifndef REFPOINT_EXPORT_VERIFY_VERIFY_H
#define REFPOINT_EXPORT_VERIFY_VERIFY_H

#include "core/export/verify/spec.h"

bool verify_disk(const struct verify_spec *spec, struct error *err) WARN_UNUSED;

#endif
