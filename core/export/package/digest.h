/* SHA-256 of the files of a package, on as many threads as there are cores.
 *
 * Threads: one caller at a time per array; the workers are joined before the call returns. Units: bytes. */
#ifndef REFPOINT_EXPORT_PACKAGE_DIGEST_H
#define REFPOINT_EXPORT_PACKAGE_DIGEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/job/job.h"

#define PACKAGE_DIGEST_TEXT 65 /* 64 hexadecimal digits and a NUL */

/* Work whose progress is counted together, over several packages perhaps. */
struct package_progress {
    struct job *job; /* may be NULL */
    uint64_t total;
    _Atomic uint64_t done;
};
/* Counts and reports; waits while the job is suspended; false once it is cancelled. */
bool package_progress_step(struct package_progress *progress, uint64_t bytes);

struct package_digest {
    const char *file; /* relative to the package; borrowed */
    uint64_t size;    /* out: bytes that were hashed */
    char sha256[PACKAGE_DIGEST_TEXT];
    struct error *failure; /* out: NULL, or why it could not be read; free() */
};

void package_digest_bytes(const void *data, size_t length, char text[PACKAGE_DIGEST_TEXT]);
bool package_digest_is_text(const char *text); /* 64 lower-case hexadecimal digits */
/* Hashes each file beneath the package's descriptor. false: cancelled or no memory; a file that cannot be
 * read is its item's failure. */
bool package_digest_files(int package, struct package_digest *items, size_t count,
                          struct package_progress *progress, struct error *err) WARN_UNUSED;
void package_digest_clear(struct package_digest *items, size_t count); /* the failures; not the array */

#endif
