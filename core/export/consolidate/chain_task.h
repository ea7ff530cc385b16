/* A chain of packages as what an export is asked to read: the top one's point, and for each of its disks the
 * files that hold it, down to a full one.
 *
 * Threads: any. Ownership: the stack is borrowed, and must stay open until the definitions are taken;
 * export_task_clear, also after a failure. */
#ifndef REFPOINT_EXPORT_CONSOLIDATE_CHAIN_TASK_H
#define REFPOINT_EXPORT_CONSOLIDATE_CHAIN_TASK_H

#include "core/base/error.h"
#include "core/export/package/check/stack.h"
#include "core/export/plan/task.h"

/* Everything but directory, options, memory and definitions. The layers are expected to stay what they are
 * now: made before the chain is verified, the task reads what was verified or fails. */
bool chain_task_make(const struct package_stack *stack, struct export_task *task,
                     struct error *err) WARN_UNUSED;
/* The machines' definitions, which no record holds; they are held against its digests. "package.changing". */
bool chain_task_take_definitions(const struct package_stack *stack, struct export_task *task,
                                 struct error *err) WARN_UNUSED;

#endif
