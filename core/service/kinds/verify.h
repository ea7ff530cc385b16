/* Verifying a package as a kind of job. `work` is a struct verify_request; its check finds nothing to tell.
 * The verdict: the job completes when the package is whole; else it ends in Exception, key
 * "package.not-whole", with every problem among its findings. */
#ifndef REFPOINT_SERVICE_KINDS_VERIFY_H
#define REFPOINT_SERVICE_KINDS_VERIFY_H

#include "core/export/package/check/verify.h"
#include "core/service/kinds/kind.h"

struct verify_request {
    char *package; /* absolute path of its directory */
    char **base_directories;
    size_t base_directory_count;
    char *allowed_signers; /* as in struct package_seal_wish, and absolute */
    bool require_signature;
    char *sum;
};
void verify_request_clear(struct verify_request *request);
/* Fills err with what a verdict with problems means; returns false. */
bool verify_not_whole(const char *path, const struct package_verdict *verdict, struct error *err);

extern const struct job_kind job_kind_verify;

#endif
