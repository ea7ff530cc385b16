/* What the list of hosts asks of a worker. Threads: as work.h has it. */
#ifndef REFPOINT_UI_SCREENS_HOSTS_TASKS_H
#define REFPOINT_UI_SCREENS_HOSTS_TASKS_H

#include "core/host/host.h"
#include "core/host/open/choices.h"

struct choices_task {
    const struct settings_place *started; /* borrowed from the app */
    struct host_choices choices;
    bool ok;
    struct error err;
};
struct choices_task *choices_task_new(const struct settings_place *started);
void choices_task_run(void *task);
void choices_task_release(void *task);

struct opening_task {
    const struct settings_place *started;
    char *name;
    struct host *host; /* who takes it leaves NULL */
    struct settings_place place;
    struct error err;
};
struct opening_task *opening_task_new(const struct settings_place *started, const char *name);
void opening_task_run(void *task);
void opening_task_release(void *task);

#endif
