/* A job's snapshot as JSON and back: one form for journal, control socket and `--json`. Names as in
 * contract.md in snake_case: job (its id), class, state (a word) and job_state (its number), phase,
 * phase_index, phase_count, percent_complete, bytes_*, rate_*, left_*, rate_history (slice_ms, elapsed_ms and
 * the bytes[] of each slice; left out where there is none), times as RFC 3339, error (one line or
 * null) beside error_code and error_detail, package (null before the end),
 * package_sum, bytes_freed (left out where it is not known), signatures[] (left out where there are none),
 * disks[] and revision. Threads: any. */
#ifndef REFPOINT_JOB_JSON_H
#define REFPOINT_JOB_JSON_H

#include "core/job/job.h"
#include "core/syntax/json.h"

json_t *job_snapshot_to_json(const struct job_snapshot *snapshot); /* new reference */
/* Missing members become 0 or ""; false: not an object with a job id. */
bool job_snapshot_from_json(struct job_snapshot *snapshot, const json_t *value);
json_t *job_signature_to_json(const struct job_signature *signature); /* new reference */
json_t *error_to_json(const struct error *err); /* {code, key, what, cause, next}; null for none */
void error_from_json(struct error *err, const json_t *value);

#endif
