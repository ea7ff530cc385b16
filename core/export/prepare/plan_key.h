/* What a kept plan belongs to (plan/kept.h): a digest of all that determines the ranges of the disks but the
 * files, and one of the files themselves, as they are behind the descriptors that are held.
 *
 * Threads: any. */
#ifndef REFPOINT_EXPORT_PREPARE_PLAN_KEY_H
#define REFPOINT_EXPORT_PREPARE_PLAN_KEY_H

#include "core/export/plan/kept.h"
#include "core/export/prepare/prepared.h"

/* A plan of these disks may be handed on: all are read from files that nothing but their own identity decides
 * about. Not what a running machine serves, and not a machine's own images. */
bool plan_key_is_possible(const struct export_task *task);
/* Of layers that are open. false: one cannot be looked at. */
bool plan_key_make(const struct prepared *prepared, struct kept_key *key) WARN_UNUSED;
/* The same for longer than a machine runs: the numbers of its devices may be others after that. */
bool plan_key_make_lasting(const struct prepared *prepared, struct kept_key *key) WARN_UNUSED;
bool plan_key_equal(const struct kept_key *one, const struct kept_key *other);

#endif
