/* What the operator should weigh before an export, and read in its log: nothing that makes it fail. Threads:
 * any. */
#ifndef REFPOINT_EXPORT_PREPARE_WARNING_H
#define REFPOINT_EXPORT_PREPARE_WARNING_H

#include "core/export/package/find_base.h"
#include "core/export/plan/task.h"

/* Layers that were taken without a proof, and a long chain of bases (base NULL: none); NULL: nothing. The
 * caller's. */
char *export_warning(const struct export_task *task, const struct base_package *base);

#endif
