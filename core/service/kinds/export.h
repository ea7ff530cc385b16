/* Exporting as a kind of job (ExportReferencePoint); the work is the same for both forms of the method, in a
 * runner and in the caller's process. `work` is a struct export_request; what is found by its check a struct
 * export_estimate. */
#ifndef REFPOINT_SERVICE_KINDS_EXPORT_H
#define REFPOINT_SERVICE_KINDS_EXPORT_H

#include "core/service/kinds/kind.h"

extern const struct job_kind job_kind_export;

#endif
