/* Clusters on their way to the file: gathered where they are neighbours, written together. Only for this
 * room.
 *
 * Clusters come nearly in the order of the file; what comes late goes to its place at once. */
#ifndef REFPOINT_QCOW2_WINDOW_H
#define REFPOINT_QCOW2_WINDOW_H

#include "core/qcow2/stream.h"

#define WINDOW_CLUSTERS 16

struct qcow2_window {
    const struct qcow2_file *file;
    uint8_t *buffer;
    uint64_t first;  /* cluster of the file that the buffer begins with */
    uint32_t filled; /* a bit for each */
};

bool qcow2_window_open(struct qcow2_window *window, const struct qcow2_file *file,
                       struct error *err) WARN_UNUSED;
bool qcow2_window_put(struct qcow2_window *window, uint64_t cluster, const void *bytes,
                      struct error *err) WARN_UNUSED;
bool qcow2_window_flush(struct qcow2_window *window, struct error *err) WARN_UNUSED;
void qcow2_window_close(struct qcow2_window *window);

#endif
