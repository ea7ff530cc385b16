/* What a file is recognised by, and what one file takes over from another whose name it gets.
 * The device number is kept for people only: it may differ after the next boot. Threads: any. */
#ifndef REFPOINT_HOST_LAYERS_FILE_IDENTITY_H
#define REFPOINT_HOST_LAYERS_FILE_IDENTITY_H

#include <stdint.h>
#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/units.h"
#include "core/syntax/cfg.h"

struct file_identity { /* inode 0 = none */
    uint64_t inode;
    uint64_t size;
    struct moment modified;
    uint32_t mode; /* permission bits; not compared */
};

struct file_identity file_identity_of(const struct stat *status);
/* Same inode, and neither written nor resized since. */
bool file_identity_matches(const struct file_identity *identity, const struct stat *status);

void file_identity_to_cfg(const struct file_identity *identity, config_setting_t *parent, const char *name);
/* A missing or bent member reads as none. */
struct file_identity file_identity_from_cfg(const config_setting_t *parent, const char *name);

/* Gives `to` the owner, ACL, SELinux label and mode of `from`, so that whoever could open the one can open
 * the other. path: of `to`, for messages. */
bool file_copy_manner(int from, int to, const char *path, struct error *err) WARN_UNUSED;

#endif
