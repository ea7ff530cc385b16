/* Proving the plan of a disk that is still served as it was at the point: asked once more, the server says
 * that nothing changed where the base was left as it is, and what was taken for zero reads zero. What was
 * read as data is proved by its digests (verify.h).
 *
 * QEMU tells extents while the machine runs on: what is zero on the disk at the question is zero at the point
 * only if it was not just then discarded. Asked now, it is found among what was kept for the point, is said
 * to be data, and read.
 *
 * Threads: one. Ownership: everything is borrowed. Errors: "export.verify" for a difference,
 * "export.source-gone". */
#ifndef REFPOINT_EXPORT_VERIFY_SERVED_H
#define REFPOINT_EXPORT_VERIFY_SERVED_H

#include "core/base/error.h"
#include "core/export/plan/run_list.h"
#include "core/export/plan/task.h"
#include "core/job/halt.h"

struct verify_served_spec {
    const struct export_served *served;
    const struct run_list *runs;
    bool differential;
    const char *label;
    struct halt *halt;
};

bool verify_served(const struct verify_served_spec *spec, struct error *err) WARN_UNUSED;

#endif
