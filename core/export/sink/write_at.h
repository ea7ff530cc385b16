/* Writing at a place of a package's file, whole or with the reason, and handing it to the storage without
 * waiting. One at a time: a file system lets only one thread write to a file, and others that try it
 * meanwhile wait with the processor in their hands. Threads: any. Errors: no room has key "image.no-space",
 * else "export.write". */
#ifndef REFPOINT_EXPORT_SINK_WRITE_AT_H
#define REFPOINT_EXPORT_SINK_WRITE_AT_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/job/obstacle.h"
#include "core/system/read_at.h"

struct sink_file {
    int fd;     /* borrowed */
    char *path; /* for messages; owned */
    pthread_mutex_t writing;
    struct patience patience;
    struct write_patience patient; /* the same, for who writes by itself */
};
/* Stays where it is until it is closed. halt: whose job waits while there is no room. */
void sink_file_open(struct sink_file *file, int fd, const char *path, struct halt *halt);
void sink_file_close(struct sink_file *file); /* not the descriptor */

bool sink_write_at(struct sink_file *file, const void *data, size_t length, uint64_t offset,
                   struct error *err) WARN_UNUSED;
/* Fills err; returns false. */
bool sink_write_failed(const char *path, int number, struct error *err);

#endif
