/* What the palette asks of a worker: hosts and themes, which are in files. Threads: as work.h has it. */
#ifndef REFPOINT_UI_SCREENS_PALETTE_WORLD_H
#define REFPOINT_UI_SCREENS_PALETTE_WORLD_H

#include "core/host/open/choices.h"

struct world_task {
    const struct settings_place *started; /* borrowed from the app */
    struct host_choices hosts;            /* none where they cannot be read: the list of hosts says why */
    char **themes;
    size_t theme_count;
};
struct world_task *world_task_new(const struct settings_place *started);
void world_task_run(void *task);
void world_task_release(void *task);

#endif
