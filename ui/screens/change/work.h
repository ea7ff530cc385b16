/* What the screen of a change asks of a worker (work.h has the rules). Tasks borrow the host and the
 * service's options from the app. */
#ifndef REFPOINT_UI_SCREENS_CHANGE_WORK_H
#define REFPOINT_UI_SCREENS_CHANGE_WORK_H

#include "core/service/service.h"

struct change_load {
    struct host *host;
    struct object_path path;
    struct reference_point point; /* who takes them leaves them empty */
    struct reference_point_list all;
    char *collection_word; /* by which a command line finds them */
    char *point_word;
    bool ok;
    struct error err;
};
struct change_load *change_load_new(struct host *host, const struct object_path *path);
void change_load_run(void *task);
void change_load_release(void *task);

struct change_start {
    struct host *host;
    const struct service_options *options;
    struct object_path path;
    bool destroy;
    uint32_t return_value;
    struct guid job;
    struct error err;
};
struct change_start *change_start_new(struct host *host, const struct service_options *options,
                                      const struct object_path *path, bool destroy);
void change_start_run(void *task);
void change_start_release(void *task);

#endif
