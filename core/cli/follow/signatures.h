/* What is known of signatures, on the command line: of a verification, with a job and without, and of an
 * export. Threads: any. Private to core/cli. */
#ifndef REFPOINT_CLI_FOLLOW_SIGNATURES_H
#define REFPOINT_CLI_FOLLOW_SIGNATURES_H

#include "core/cli/line/output.h"
#include "core/job/job.h"

/* signed, signer and key_fingerprint of the first, which is the package itself: null where nothing is known.
 */
void signatures_put_first(json_t *line, const struct job_signature *signatures, size_t count);
/* The same, and signatures[]: of the package and of those beneath it. */
void signatures_put(json_t *line, const struct job_signature *signatures, size_t count);
/* A line of text for each of which there is something to say. */
void signatures_show(struct output *out, const struct job_signature *signatures, size_t count);

#endif
