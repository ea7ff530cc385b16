/* What the screens of a collection ask of a worker (work.h of the app has the rules). Tasks borrow the host
 * from the app. */
#ifndef REFPOINT_UI_SCREENS_COLLECTION_WORK_H
#define REFPOINT_UI_SCREENS_COLLECTION_WORK_H

#include "core/host/host.h"

/* What forms and questions are made from. */
struct objects_load {
    struct host *host;
    struct machine_list machines;
    struct collection_list collections;
    char **memberships; /* of the machines: membership.h; who takes them leaves NULL */
    size_t count;       /* of them */
    bool ok;
    struct error err;
};
struct objects_load *objects_load_new(struct host *host);
void objects_load_run(void *task);
void objects_load_release(void *task);

struct define_task {
    struct host *host;
    char *name;
    struct guid *members;
    size_t member_count;
    bool ok;
    struct error err;
};
/* Takes the members. */
struct define_task *define_task_new(struct host *host, const char *name, struct guid *members, size_t count);
void define_task_run(void *task);
void define_task_release(void *task);

/* The collection and what depends on it. */
struct delete_load {
    struct host *host;
    struct guid id;
    struct collection collection;
    char *word;                         /* by which a command line finds it */
    char *members;                      /* their names */
    struct reference_point_list points; /* newest first */
    bool ok;
    struct error err;
};
struct delete_load *delete_load_new(struct host *host, const struct guid *id);
void delete_load_run(void *task);
void delete_load_release(void *task);

struct delete_task {
    struct host *host;
    struct guid id;
    bool ok;
    struct error err;
};
struct delete_task *delete_task_new(struct host *host, const struct guid *id);
void delete_task_run(void *task);
void delete_task_release(void *task);

#endif
