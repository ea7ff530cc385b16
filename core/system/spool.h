/* Records of one size in a file without a name: what the engine has to remember per range or per block of a
 * disk, so that memory does not grow with the disks. Gone with the descriptor, also after kill -9; but for
 * one with a name.
 *
 * Threads: put and get of different records from any threads at once. Ownership: spool_close. */
#ifndef REFPOINT_SYSTEM_SPOOL_H
#define REFPOINT_SYSTEM_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/system/read_at.h"

struct spool {
    int fd; /* -1 = closed */
    size_t record_size;
    const struct write_patience *patience; /* of whoever puts, borrowed; NULL = none */
};

/* Beneath `directory` (a descriptor) where its file system has files without a name, else in /var/tmp. */
bool spool_open(struct spool *spool, int directory, size_t record_size, struct error *err) WARN_UNUSED;
/* The same in a file of this name in `directory`, which stays there, with what it holds. */
bool spool_open_named(struct spool *spool, int directory, const char *name, size_t record_size,
                      struct error *err) WARN_UNUSED;
bool spool_put(const struct spool *spool, uint64_t index, const void *records, size_t count,
               struct error *err) WARN_UNUSED;
/* All of them must have been put. */
bool spool_get(const struct spool *spool, uint64_t index, void *records, size_t count,
               struct error *err) WARN_UNUSED;
/* Of one that may not have been put: false where it was not, or cannot be read. */
bool spool_look(const struct spool *spool, uint64_t index, void *record) WARN_UNUSED;
void spool_close(struct spool *spool);

#endif
