/* What a file is, as far as a form can propose it: an image with its format, its size and what it is based
 * on, or a libvirt definition. Nothing is decided by it: the host looks for itself.
 *
 * Reads headers only. Blocks as long as a file system takes: worker threads. Ownership: file_look_clear.
 * Threads: any, each its own value. Units: bytes. */
#ifndef REFPOINT_UI_SCREENS_FILES_LOOK_H
#define REFPOINT_UI_SCREENS_FILES_LOOK_H

#include <sys/types.h>

#include "core/model/model.h"

#define FILE_LOOK_CHAIN 32 /* links that are followed */

struct file_look {
    char *path;
    char *problem; /* why nothing can be said of it; NULL */
    bool directory;
    bool definition; /* it begins like XML */
    dev_t device;    /* with inode: to know it again by another name */
    ino_t inode;
    uint64_t file_size;
    const char *format; /* that it begins like: "qcow2", "vmdk"; "raw" where it is like nothing known */
    bool usable;        /* qcow2 or raw */
    enum disk_format disk_format;
    uint64_t virtual_size;
    bool encrypted;
    struct backing_file *chain; /* what it is based on, nearest first, as the headers say it */
    size_t chain_count;
    char *chain_problem; /* why the chain is not known to its end; NULL: it is */
};

void file_look_run(struct file_look *look, const char *path);
void file_look_clear(struct file_look *look);
/* "qcow2, 10.0 GiB (53.9 MiB on disk), based on template.qcow2"; the caller's. */
char *file_look_text(const struct file_look *look);

#endif
