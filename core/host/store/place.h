/* Opening what is in a store, beneath its directory. The path of the store itself may lead through links;
 * what is beneath it may not: error 32770 with key "store.link", which names the link.
 *
 * Paths are relative to the store ("machines/ID/machine.cfg"); errors say whole ones, and 32779 where there
 * is nothing. Descriptors are O_CLOEXEC and the caller's. Threads: any. */
#ifndef REFPOINT_HOST_STORE_PLACE_H
#define REFPOINT_HOST_STORE_PLACE_H

#include <sys/stat.h>

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/host/store/directory.h"
#include "core/host/store/findings.h"
#include "core/syntax/cfg.h"

/* For messages, and for other programs; the caller's. */
char *store_path(const struct store *store, const char *path);

/* The store's own; links in its path are followed. */
bool store_open_root(const struct store *store, int *fd, struct error *err) WARN_UNUSED;
bool store_open_directory(const struct store *store, const char *path, int *fd,
                          struct error *err) WARN_UNUSED;
/* The same; a missing one is no error, and *fd is -1. */
bool store_open_if_there(const struct store *store, const char *path, int *fd, struct error *err) WARN_UNUSED;
/* The same, made where it is missing, as the store itself is. */
bool store_make_directory(const struct store *store, const char *path, int *fd,
                          struct error *err) WARN_UNUSED;
/* A regular file, for reading. */
bool store_open_file(const struct store *store, const char *path, int *fd, struct error *err) WARN_UNUSED;
bool store_stat(const struct store *store, const char *path, struct stat *status,
                struct error *err) WARN_UNUSED;

/* As fs_read. */
bool store_read(const struct store *store, const char *path, size_t limit, char **text, size_t *length,
                struct error *err) WARN_UNUSED;
/* As cfg_read: the caller destroys the configuration in any case. */
bool store_cfg_read(const struct store *store, const char *path, size_t limit, config_t *config,
                    struct error *err) WARN_UNUSED;
/* As cfg_write, with the mode 0600; the directory is made where it is missing. */
bool store_cfg_write(const struct store *store, const char *directory, const char *name,
                     const config_t *config, struct error *err) WARN_UNUSED;
/* On the disk when it returns; a missing file is no error. key: of the failure. */
bool store_remove_file(const struct store *store, const char *directory, const char *name, const char *key,
                       struct error *err) WARN_UNUSED;

/* Every link in the store is a finding, in the words of the refusal. */
void store_find_links(const struct store *store, struct findings *findings);

#endif
