/* The plan of a disk as the writers of images ask for it (core/qcow2/extents.h).
 *
 * Threads: one at a time. Ownership: the list and the halt are borrowed; the extents are good until
 * sink_planned_close. Errors: "image.stopped" where the halt asks for it. */
#ifndef REFPOINT_EXPORT_SINK_PLANNED_H
#define REFPOINT_EXPORT_SINK_PLANNED_H

#include "core/export/plan/run_list.h"
#include "core/export/sink/sink.h"
#include "core/qcow2/extents.h"
#include "core/qcow2/image.h"

struct sink_planned {
    const struct run_list *runs;
    struct halt *halt;
    struct run_reader reader;
    struct qcow2_extents extents;
};

void sink_planned_open(struct sink_planned *planned, const struct run_list *runs, struct halt *halt);
void sink_planned_close(struct sink_planned *planned);
struct qcow2_image sink_image(const struct sink_spec *spec);

#endif
