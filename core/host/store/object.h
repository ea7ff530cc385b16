/* One object of the store: a directory named by the object's id, with a few text files in it.
 *
 * A directory has its id as its name only when it is complete and on the disk: it is filled as `.new-ID` and
 * renamed, and goes away as `.gone-ID`. What starts with a dot or ends in `.tmp` is left over from a crash
 * and is swept. Threads: any; changes only under the store's lock. */
#ifndef REFPOINT_HOST_STORE_OBJECT_H
#define REFPOINT_HOST_STORE_OBJECT_H

#include "core/base/error.h"
#include "core/base/guid.h"
#include "core/host/store/directory.h"
#include "core/host/store/findings.h"

/* One object: the directory that holds those of its kind, relative to the store, and its id. */
struct store_object {
    const struct store *store;
    const char *parent;
    const struct guid *id;
};

struct store_file {
    const char *name;
    const char *text;
};

/* Makes the object, or replaces these files of it one by one, the first one last: it names the rest. */
bool store_object_put(const struct store_object *object, const struct store_file *files, size_t count,
                      struct error *err) WARN_UNUSED;
/* A missing object is no error. */
bool store_object_remove(const struct store_object *object, struct error *err) WARN_UNUSED;
/* Takes the object out of every list at once, without deleting it yet; store_object_remove deletes. */
bool store_object_hide(const struct store_object *object, struct error *err) WARN_UNUSED;
/* Ids in a directory of objects, sorted; a missing directory is empty. *ids is the caller's. Names that are
 * no object are findings. */
bool store_object_list(const struct store *store, const char *parent, struct guid **ids, size_t *count,
                       struct findings *findings, struct error *err) WARN_UNUSED;
/* A link in its place counts: that it is one is said by whoever reads it. */
bool store_object_exists(const struct store_object *object);
/* Something is in its place, whatever it is. */
bool store_object_is_there(const struct store_object *object);
/* Removes what crashes left: in the directory and in each object. */
bool store_object_sweep(const struct store *store, const char *parent, struct error *err) WARN_UNUSED;

#endif
