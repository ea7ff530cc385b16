/* What the screen of settings asks of a worker (work.h of the app has the rules). */
#ifndef REFPOINT_UI_SCREENS_SETTINGS_WORK_H
#define REFPOINT_UI_SCREENS_SETTINGS_WORK_H

#include "core/settings/settings.h"

struct settings_load_task {
    char *config;             /* NULL: the usual file */
    struct settings settings; /* who takes them leaves them empty */
    bool ok;
    struct error err;
};
struct settings_load_task *settings_load_task_new(const char *config);
void settings_load_task_run(void *task);
void settings_load_task_release(void *task);

/* Writes one of them, and reads all again. */
struct settings_change {
    char *config;
    const struct setting *setting;
    char *value; /* NULL: out of the file */
    bool changed;
    struct settings settings; /* who takes them leaves them empty */
    struct error err;
};
struct settings_change *settings_change_new(const char *config, const struct setting *setting,
                                            const char *value);
void settings_change_run(void *task);
void settings_change_release(void *task);

#endif
