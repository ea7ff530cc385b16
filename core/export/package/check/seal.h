/* What cannot be made anew by who changes a package: the signature of its SHA256SUMS, and a checksum of that
 * file which was kept elsewhere.
 *
 * The SHA256SUMS that is judged is the one that package_sums_check has gone by (link->sums_sha256). Threads:
 * starts children, which die with the thread that called. Ownership: what is asked for is borrowed. */
#ifndef REFPOINT_EXPORT_PACKAGE_CHECK_SEAL_H
#define REFPOINT_EXPORT_PACKAGE_CHECK_SEAL_H

#include "core/base/error.h"
#include "core/export/package/check/stack.h"
#include "core/job/job.h"

struct package_seal_wish {       /* nothing of it: a signature fits, where there is one */
    const char *allowed_signers; /* absolute path; NULL = nobody is asked whose the keys are */
    bool require_signature;      /* of each package; with allowed_signers only */
    const char *sum;             /* SHA-256 of SHA256SUMS, 64 hexadecimal digits; NULL = not known */
};

/* It can be answered. 32773 and others, nothing has been looked at. */
bool package_seal_check_wish(const struct package_seal_wish *wish, struct error *err) WARN_UNUSED;

/* Of each package of a stack that package_stack_check has gone through; the sum is that of the first. What is
 * known of their signatures is appended to *signatures (the caller's, also after false). false: cancelled, or
 * ssh-keygen did not do its work. */
bool package_seals_check(const struct package_stack *stack, const struct package_seal_wish *wish,
                         struct job *job, struct package_problems *problems,
                         struct job_signature **signatures, size_t *signature_count,
                         struct error *err) WARN_UNUSED;

/* For who only reads the packages: a signature that does not fit is damage, and nobody is asked whose the
 * keys are. */
bool package_seals_fit(const struct package_stack *stack, struct job *job, struct package_problems *problems,
                       struct error *err) WARN_UNUSED;

#endif
