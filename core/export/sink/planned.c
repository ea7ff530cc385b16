#include "core/export/sink/planned.h"

static bool rewind_runs(void *context, struct error *err)
{
    struct sink_planned *planned = context;
    (void)err;
    run_reader_close(&planned->reader);
    run_reader_open(&planned->reader, planned->runs);
    return true;
}

static bool next_run(void *context, struct qcow2_extent *extent, struct error *err)
{
    struct sink_planned *planned = context;
    struct run run;
    if (halt_is_asked(planned->halt))
        return error_set(err, RETURN_FAILED, "image.stopped", "stopped on request");
    if (!run_reader_next(&planned->reader, &run, err))
        return false;
    *extent = (struct qcow2_extent){
        .offset = run.offset, .length = run.length, .kind = run.kind == RUN_ZERO ? QCOW2_ZERO : QCOW2_DATA};
    return true;
}

void sink_planned_open(struct sink_planned *planned, const struct run_list *runs, struct halt *halt)
{
    *planned = (struct sink_planned){
        .runs = runs, .halt = halt, .extents = {.rewind = rewind_runs, .next = next_run, .context = planned}};
    run_reader_open(&planned->reader, runs);
}

void sink_planned_close(struct sink_planned *planned)
{
    run_reader_close(&planned->reader);
}

struct qcow2_image sink_image(const struct sink_spec *spec)
{
    return (struct qcow2_image){.virtual_size = size_whole_sectors(spec->virtual_size),
                                .backing_name = spec->backing_name,
                                .backing_format = spec->backing_format};
}
