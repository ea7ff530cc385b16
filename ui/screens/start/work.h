/* What an empty store's beginnings ask of a worker (work.h of the app has the rules). */
#ifndef REFPOINT_UI_SCREENS_START_WORK_H
#define REFPOINT_UI_SCREENS_START_WORK_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/host/host.h"
#include "core/settings/settings.h"
#include "ui/widgets/completion.h"

#define DEMO_STEP_BYTES 128

/* Makes the demo by a process of this program's own, which takes away what it made when it is stopped. */
struct demo_task {
    char *directory;
    atomic_bool stopped;
    pthread_mutex_t mutex; /* of the next */
    char step[DEMO_STEP_BYTES];
    char *store; /* that was made; NULL: why not is in err */
    struct error err;
};
struct demo_task *demo_task_new(const char *directory);
void demo_task_run(void *task);
void demo_task_give_up(void *task);
void demo_task_release(void *task);
/* What it does just now; any thread. */
void demo_task_step(struct demo_task *task, char *field, size_t size);

/* What would be opened at a path. */
enum store_kind {
    STORE_UNKNOWN,
    STORE_THERE,
    STORE_EMPTY,
    STORE_ABSENT,
    STORE_UNFINISHED, /* a demo that was not made to its end: the next one replaces it */
    STORE_OTHER,
    STORE_UNREADABLE
};
struct store_look_task {
    char *path;
    enum store_kind kind;
    struct error err; /* of STORE_UNREADABLE */
};
struct store_look_task *store_look_task_new(const char *path);
void store_look_task_run(void *task);
void store_look_task_release(void *task);

/* Opens the local host on this store. */
struct store_open_task {
    const struct settings_place *started;
    char *path;
    struct settings_place place;
    struct host *host; /* NULL: why not is in err */
    struct error err;
};
struct store_open_task *store_open_task_new(const struct settings_place *started, const char *path);
void store_open_task_run(void *task);
void store_open_task_release(void *task);

struct path_task {
    char *typed;
    struct completion completion;
};
struct path_task *path_task_new(const char *typed);
void path_task_run(void *task);
void path_task_release(void *task);

#endif
