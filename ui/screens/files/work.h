/* What choosing a file asks of a worker (work.h of the app has the rules). */
#ifndef REFPOINT_UI_SCREENS_FILES_WORK_H
#define REFPOINT_UI_SCREENS_FILES_WORK_H

#include "core/host/host.h"
#include "ui/screens/files/listing.h"
#include "ui/screens/files/look.h"
#include "ui/widgets/completion.h"

struct files_list_task {
    char *path;
    bool with_hidden;
    struct listing listing;
    char *file; /* it is one: that path */
    bool ok;
    struct error err;
};
struct files_list_task *files_list_task_new(const char *path, bool with_hidden);
void files_list_task_run(void *task);
void files_list_task_release(void *task);

struct files_look_task {
    char *path;
    struct file_look look;
};
struct files_look_task *files_look_task_new(const char *path);
void files_look_task_run(void *task);
void files_look_task_release(void *task);

struct files_completion_task {
    char *typed;
    struct completion completion;
};
struct files_completion_task *files_completion_task_new(const char *typed);
void files_completion_task_run(void *task);
void files_completion_task_release(void *task);

/* Which files machines of the store have, however they are called. */
struct file_user {
    dev_t device;
    ino_t inode;
    char *who; /* "web01/vda" */
};
struct file_users {
    struct file_user *items;
    size_t count;
};
void file_users_clear(struct file_users *users);
const char *file_users_find(const struct file_users *users, const struct file_look *look); /* NULL: nobody */

struct files_users_task {
    struct host *host;
    struct file_users users;
};
struct files_users_task *files_users_task_new(struct host *host);
void files_users_task_run(void *task);
void files_users_task_release(void *task);

#endif
