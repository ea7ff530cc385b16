#include "core/qcow2/window.h"

#include <stdlib.h>
#include <string.h>

bool qcow2_window_open(struct qcow2_window *window, const struct qcow2_file *file, struct error *err)
{
    *window = (struct qcow2_window){.file = file, .buffer = qcow2_buffer(WINDOW_CLUSTERS * CLUSTER, err)};
    return window->buffer != NULL;
}

static bool is_filled(const struct qcow2_window *window, unsigned slot)
{
    return slot < WINDOW_CLUSTERS && (window->filled >> slot & 1);
}

/* What was not filled stays a hole, or comes late. */
bool qcow2_window_flush(struct qcow2_window *window, struct error *err)
{
    unsigned slot = 0;
    while (slot < WINDOW_CLUSTERS) {
        unsigned end = slot;
        while (is_filled(window, end))
            end++;
        if (end > slot && !qcow2_file_write(window->file, window->buffer + slot * CLUSTER,
                                            (end - slot) * CLUSTER, (window->first + slot) * CLUSTER, err))
            return false;
        slot = end + 1;
    }
    window->filled = 0;
    return true;
}

bool qcow2_window_put(struct qcow2_window *window, uint64_t cluster, const void *bytes, struct error *err)
{
    if (cluster < window->first)
        return qcow2_file_write(window->file, bytes, CLUSTER, cluster * CLUSTER, err);
    if (cluster - window->first >= WINDOW_CLUSTERS) {
        if (!qcow2_window_flush(window, err))
            return false;
        window->first = cluster;
    }
    unsigned slot = (unsigned)(cluster - window->first);
    memcpy(window->buffer + slot * CLUSTER, bytes, CLUSTER);
    window->filled |= 1U << slot;
    return true;
}

void qcow2_window_close(struct qcow2_window *window)
{
    free(window->buffer);
    window->buffer = NULL;
}
