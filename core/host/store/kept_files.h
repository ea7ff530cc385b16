/* Files that belong to machines (variable stores, TPM state, kernels ...), kept by their digest:
 * store/files/SHA256, once, however many points have them. A file has its name only when it is complete and
 * on the disk.
 *
 * Threads: any; changes under the store's lock. Units: bytes. */
#ifndef REFPOINT_HOST_STORE_KEPT_FILES_H
#define REFPOINT_HOST_STORE_KEPT_FILES_H

#include "core/base/error.h"
#include "core/host/store/store.h"
#include "core/system/digest.h"

/* Keeps what the descriptor reads from its start to its end. path: for messages. */
bool kept_files_put(const struct store *store, int fd, const char *path, char sha256[DIGEST_TEXT],
                    uint64_t *size, struct error *err) WARN_UNUSED;
/* Where it is, relative to the store; the caller's. */
char *kept_files_path(const char *sha256);
/* Whether there is anything to remove. */
bool kept_files_any(const struct store *store);
/* Removes what no point of this store has, and what crashes left. A point that cannot be read keeps
 * everything: nobody knows what it has. */
bool kept_files_sweep(const struct store *store, struct error *err) WARN_UNUSED;

#endif
