/* Destroying a point, and removing its data, as kinds of jobs: of machines that run it can take long, since
 * what was written since is copied. `work` is a struct object_path; their checks find nothing to tell. Ended
 * early, the host says what is left to do. */
#ifndef REFPOINT_SERVICE_KINDS_POINT_CHANGE_H
#define REFPOINT_SERVICE_KINDS_POINT_CHANGE_H

#include "core/service/kinds/kind.h"

extern const struct job_kind job_kind_destroy;
extern const struct job_kind job_kind_remove_data;

#endif
