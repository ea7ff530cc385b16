/* The part of verification that looks at every cluster of a qcow2 image, as QEMU maps it with its real chain:
 * whose file has it, whether it reads zero, and where in that file its data lies.
 *
 * Each planned cluster of data lies in the image itself, at its planned place where that is known before the
 * end (no compression), and is not zero where what was read at the point was not; planned zeroes are the
 * image's own; everything else is the base's, or reads zero where there is no base.
 *
 * Threads: one, which outlives the call (a child). Units: bytes. Ownership: everything is borrowed. Errors:
 * "export.verify" for a difference. */
#ifndef REFPOINT_EXPORT_VERIFY_MAP_H
#define REFPOINT_EXPORT_VERIFY_MAP_H

#include "core/export/verify/spec.h"

bool verify_map(const struct verify_spec *spec, struct error *err) WARN_UNUSED;

#endif
