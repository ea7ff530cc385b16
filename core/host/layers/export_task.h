/* From the settings of ExportReferencePoint to what the export engine reads: for each selected disk the real
 * chain of its layer, with the identities that the records promise, and where it is cut at the base.
 * Ownership: export_task_clear. Threads: any; takes no lock (the engine pins what it reads and checks it). */
#ifndef REFPOINT_HOST_LAYERS_EXPORT_TASK_H
#define REFPOINT_HOST_LAYERS_EXPORT_TASK_H

#include "core/base/error.h"
#include "core/export/plan/task.h"
#include "core/host/layers/layers.h"
#include "core/host/store/store.h"

/* 32773: unknown point, base, machine or disk; a base of another collection, newer than the point or the
 * point itself. 32775: the log was removed, a layer is gone. A disk that cannot be differential gets its
 * reason. */
bool export_task_build(const struct store *store, const struct export_request *request,
                       struct export_task *task, struct error *err) WARN_UNUSED;
/* The disks of task->point that the settings name, or all; and the files of the machines that the package
 * will hold. 32773 for what the point does not have. */
bool export_task_select(const struct store *store, const struct export_setting_data *settings,
                        struct export_task *task, struct error *err) WARN_UNUSED;

/* A file of a chain as the engine is to find it; its path is the caller's. */
struct export_layer export_layer_of(const struct chain_link *link);

#endif
