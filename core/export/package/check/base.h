/* What an export that is based on packages may claim of them: which of the chain this machine has verified
 * and nobody has touched since, what verifying the others would take, and doing so.
 *
 * Threads: base_check starts children, which die with the thread that called. Ownership: base_state_clear,
 * base_verdict_clear; the base is borrowed. Units: bytes, seconds. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_BASE_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_BASE_H

#include "core/base/error.h"
#include "core/export/package/find_base.h"
#include "core/export/package/proof/proof.h"
#include "core/job/job.h"

struct base_state {
    struct package_proof *proofs; /* of each package of the chain; when = {0}: none, or none that holds */
    size_t count;
    size_t unproven;
    bool touched;           /* the files of one that was proven are not what they were */
    struct moment verified; /* the oldest of the proofs, where all are there; else {0} */
    uint64_t bytes;         /* that verifying the whole chain reads; of it those that are not proven: */
    uint64_t bytes_unproven;
    uint64_t rate; /* bytes a second of the last verification here; 0 = none yet */
};
void base_state_look(const struct base_package *base, const char *memory, struct base_state *state);
void base_state_clear(struct base_state *state);

struct base_verdict {
    bool *damaged; /* of each disk of the nearest package: it, or what lies beneath it, is not what it was */
    size_t disk_count;
    bool any;
    char *problem; /* the first sentence; NULL */
    size_t problem_count;
};

struct base_check_spec {
    const struct base_package *base;
    bool again; /* all of the chain, also what is proven */
    const char *memory;
    char *const *directories; /* in which the chain's packages lie, besides the nearest one's own */
    size_t directory_count;
    struct job *job; /* may be NULL */
};
/* Verifies as package_verify does, and remembers. The state's proofs become what is known then. false:
 * cancelled, or it could not be done. */
bool base_check(const struct base_check_spec *spec, struct base_state *state, struct base_verdict *verdict,
                struct error *err) WARN_UNUSED;
void base_verdict_clear(struct base_verdict *verdict);

#endif
