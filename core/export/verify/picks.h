/* Which pieces of a plan QEMU is asked to read (reads.h).
 *
 * Threads: any; several take from one list. Units: bytes. Ownership: the runs are borrowed. */
#ifndef REFPOINT_EXPORT_VERIFY_PICKS_H
#define REFPOINT_EXPORT_VERIFY_PICKS_H

#include <pthread.h>

#include "core/base/error.h"
#include "core/export/plan/run_list.h"

#define PICKS_ONE_IN 100

struct pick {
    uint64_t offset;
    uint64_t length; /* 0 = there are no more; at most 1 MiB */
    uint64_t rank;   /* of data: data clusters of the disk before it */
    bool zero;
    uint64_t passed; /* data of the plan that is behind it and was behind none before */
};

struct picks {
    pthread_mutex_t lock;
    struct run_reader reader;
    struct run run; /* what is left of it */
    bool begun;     /* its first cluster has been picked */
    uint64_t rank;
    uint64_t random;
};

void picks_open(struct picks *picks, const struct run_list *runs);
bool picks_next(struct picks *picks, struct pick *pick, struct error *err) WARN_UNUSED;
void picks_close(struct picks *picks);

#endif
