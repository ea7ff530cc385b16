/* Forgetting a job: its journal goes, and with it the unfinished package that an interrupted one left in its
 * directory. Threads: a worker (the directory may be slow). Errors: those of journal_discard; a directory
 * that cannot be reached is none. */
#ifndef REFPOINT_SERVICE_DISCARD_H
#define REFPOINT_SERVICE_DISCARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/base/guid.h"

/* A running job: 32775. *removed counts the unfinished packages that have been removed: those of this user's
 * dead jobs in that directory, as the next export to it would do. */
bool discard_job(const char *state_directory, const struct guid *id, size_t *removed,
                 struct error *err) WARN_UNUSED;

#endif
