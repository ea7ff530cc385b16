/* What is to be done with the ranges of one disk: data to copy, zeroes to write; what is between is skipped.
 *
 * Runs come in rising order, never touch a neighbour of their own kind, and begin and end at multiples of
 * RUN_GRANULE (the package's cluster), but for the last one, which may end at the end of the disk. 16 bytes
 * each, in a spool, so that a badly fragmented disk costs no memory. Threads: the writer one, each reader
 * one; several readers at once. Units: bytes. */
#ifndef REFPOINT_EXPORT_PLAN_RUN_LIST_H
#define REFPOINT_EXPORT_PLAN_RUN_LIST_H

#include "core/base/error.h"
#include "core/system/spool.h"

#define RUN_GRANULE ((uint64_t)64 << 10)

enum run_kind { RUN_SKIP, RUN_ZERO, RUN_DATA };

struct run {
    uint64_t offset;
    uint64_t length : 62;
    uint64_t kind : 2; /* enum run_kind */
};

#define RUN_BUFFER 512 /* runs: 8 KiB */

struct run_list {
    struct spool spool;
    uint64_t count;
    struct run *pending; /* RUN_BUFFER of them */
    size_t pending_count;
};

/* directory: where its temporary file may lie, see spool_open. */
bool run_list_open(struct run_list *list, int directory, struct error *err) WARN_UNUSED;
bool run_list_add(struct run_list *list, const struct run *run, struct error *err) WARN_UNUSED;
/* After the last run, before the first reader. */
bool run_list_finish(struct run_list *list, struct error *err) WARN_UNUSED;
void run_list_close(struct run_list *list);

struct run_reader {
    const struct run_list *list;
    uint64_t next; /* index of the first run that is not in the buffer */
    struct run *buffer;
    size_t at;
    size_t count;
};
void run_reader_open(struct run_reader *reader, const struct run_list *list);
/* The next run; kind RUN_SKIP and length 0 at the end. */
bool run_reader_next(struct run_reader *reader, struct run *run, struct error *err) WARN_UNUSED;
void run_reader_close(struct run_reader *reader);

#endif
