/* Opening what is among the jobs, beneath the state directory. The path of that may lead through links; what
 * is beneath it may not: error 32770 with key "journal.link", which names the link.
 *
 * Functions return a descriptor, O_CLOEXEC and the caller's, or -1 and err. Threads: any. */
#ifndef REFPOINT_SERVICE_JOURNAL_PLACE_H
#define REFPOINT_SERVICE_JOURNAL_PLACE_H

#include "core/base/error.h"
#include "core/base/guid.h"

#define JOURNAL_JOBS "jobs"

/* The directory of all jobs; 32779 when there is none. */
int journal_open_jobs(const char *state_directory, struct error *err);
/* The same, made where it is missing. */
int journal_make_jobs(const char *state_directory, struct error *err);
/* One job's; 32773 with key "job.unknown" when there is none. */
int journal_open_job(const char *state_directory, const struct guid *id, struct error *err);
/* What has this name in it, as open(2) does. */
int journal_open_entry(const char *state_directory, const struct guid *id, const char *name, int flags,
                       struct error *err);
/* link: relative to the state directory. Returns false. */
bool journal_refuse_link(const char *state_directory, const char *link, struct error *err);

#endif
