/* The kinds of jobs there are. A new kind is a file with its row, and a line here and in kinds.c. */
#ifndef REFPOINT_SERVICE_KINDS_KINDS_H
#define REFPOINT_SERVICE_KINDS_KINDS_H

#include "core/service/kinds/kind.h"

/* By its name; NULL or "" is an export: journals had no kind when there was no other. NULL: none of ours. */
const struct job_kind *job_kind_find(const char *name);

#endif
