/* What the screens of machines ask of a worker (work.h of the app has the rules). Tasks borrow the host from
 * the app. */
#ifndef REFPOINT_UI_SCREENS_MACHINE_WORK_H
#define REFPOINT_UI_SCREENS_MACHINE_WORK_H

#include "core/host/host.h"
#include "ui/screens/files/look.h"

struct machines_load {
    struct host *host;
    struct machine_list machines;
    char **memberships; /* of the machines: membership.h; who takes them leaves NULL */
    size_t count;       /* of them */
    bool ok;
    struct error err;
};
struct machines_load *machines_load_new(struct host *host);
void machines_load_run(void *task);
void machines_load_release(void *task);

/* An image, for the disk whose field names it. */
struct image_task {
    size_t disk;
    char *path;
    struct file_look look;
};
struct image_task *image_task_new(size_t disk, const char *path);
void image_task_run(void *task);
void image_task_release(void *task);

/* A libvirt definition, and its disks' images. */
struct definition_task {
    char *file;
    char *text;
    struct machine machine;
    struct file_look *looks; /* of its disks */
    struct error err;        /* code 0: it was read */
};
struct definition_task *definition_task_new(const char *file);
void definition_task_run(void *task);
void definition_task_release(void *task);

/* Adds or changes a machine. */
struct machine_task {
    struct host *host;
    bool change;
    struct machine machine;
    char **notes; /* worth a word, though it was done: each a sentence */
    size_t note_count;
    bool ok;
    struct error err;
};
/* Takes the machine. */
struct machine_task *machine_task_new(struct host *host, bool change, struct machine *machine);
void machine_task_run(void *task);
void machine_task_release(void *task);

struct remove_task {
    struct host *host;
    struct guid id;
    bool ok;
    struct error err;
};
struct remove_task *remove_task_new(struct host *host, const struct guid *id);
void remove_task_run(void *task);
void remove_task_release(void *task);

#endif
