/* What the check of the store asks of a worker (work.h has the rules). */
#ifndef REFPOINT_UI_SCREENS_STORE_WORK_H
#define REFPOINT_UI_SCREENS_STORE_WORK_H

#include <stdatomic.h>

#include "core/host/host.h"

/* What a deep check would read, and how fast this machine has read before. */
struct check_measure {
    struct host *host;
    uint64_t bytes; /* that the layers of all points hold */
    size_t points;
    uint64_t rate; /* bytes a second of the last verification here; 0 = there was none */
    bool ok;
};
struct check_measure *check_measure_new(struct host *host);
void check_measure_run(void *task);
void check_measure_release(void *task);

struct check_work {
    struct host *host;
    bool deep;
    struct watch watch;
    /* Told by the worker, and read by the screen while it works. */
    atomic_ullong done;
    atomic_ullong total;
    atomic_bool ending;         /* the screen's word: as soon as possible */
    struct store_report report; /* who takes it leaves it empty */
    int64_t elapsed_ms;
    bool ok;
    struct error err;
};
struct check_work *check_work_new(struct host *host, bool deep);
void check_work_run(void *task);
void check_work_give_up(void *task);
void check_work_release(void *task);

#endif
