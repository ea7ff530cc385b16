/* Verifying a finished package.
 *
 * Threads: starts children, which die with the thread that called. Ownership: *problems is the caller's. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_VERIFY_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"
#include "core/export/package/check/seal.h"
#include "core/job/job.h"

/* Checks every file against SHA256SUMS, the record, each image (qemu-img check, format, exact size, its
 * backing is the base's file and nothing else), what each disk reads against the digest that was made at the
 * point, and the same down the chain of base packages; then the seals (seal.h). Problems are sentences; true
 * with none = it is whole. Progress and cancellation through job (may be NULL). */

struct package_verification { /* what is asked for; everything borrowed */
    const char *path;
    char *const *base_directories; /* in which base packages are looked for, besides beside it */
    size_t base_directory_count;
    const char *memory; /* where packages that are whole are remembered (proof.h); NULL = nowhere */
    struct package_seal_wish seal;
};
struct package_verdict {
    char **problems;
    size_t problem_count;
    struct job_signature *signatures; /* of the package, and of those beneath it */
    size_t signature_count;
    char sum[65]; /* SHA-256 of the SHA256SUMS that was gone by; "" = it cannot be read */
};
bool package_verify(const struct package_verification *asked, struct job *job,
                    struct package_verdict *verdict, struct error *err) WARN_UNUSED;
void package_verdict_clear(struct package_verdict *verdict);

#endif
