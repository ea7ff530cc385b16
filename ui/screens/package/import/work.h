/* What the import form asks of a worker (work.h has the rules). */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_IMPORT_WORK_H
#define REFPOINT_UI_SCREENS_PACKAGE_IMPORT_WORK_H

#include "core/host/host.h"
#include "core/job/job.h"
#include "ui/screens/package/import/form.h"

/* What the form is made from. */
struct import_load {
    char *path;
    char *name;
    uint64_t most;
    size_t disks;
    bool ok;
    struct error err;
};
struct import_load *import_load_new(const char *path);
void import_load_run(void *task);
void import_load_release(void *task);

struct import_check {
    struct host *host;
    char *path;
    char *to;
    char *as; /* NULL: as it was */
    bool registers;
    uint64_t available;
    enum import_field refused;
    struct error err;
};
struct import_check *import_check_new(struct host *host, const struct import_form *form);
void import_check_run(void *task);
void import_check_release(void *task);

struct import_start {
    struct host *host;
    struct job *job; /* for progress and to end it; alive until the release */
    char *path;
    char *to;
    char *as;
    char *bases; /* NULL: nowhere else */
    bool registers;
    struct import_outcome outcome; /* who takes it leaves it empty */
};
struct import_start *import_start_new(struct host *host, const struct import_form *form);
void import_start_run(void *task);
void import_start_give_up(void *task);
void import_start_release(void *task);

#endif
