/* The names in a directory: directories first, then files, each by name. Bounded: at most LISTING_ENTRIES are
 * looked at. listing_read blocks as long as a file system takes: worker threads. Ownership: listing_clear.
 * Threads: any, each its own value. Units: bytes, UTC. */
#ifndef REFPOINT_UI_SCREENS_FILES_LISTING_H
#define REFPOINT_UI_SCREENS_FILES_LISTING_H

#include "core/base/error.h"
#include "core/base/units.h"

#define LISTING_ENTRIES 20000

struct listing_entry {
    char *name;
    char *folded;   /* for filters */
    bool directory; /* a link to one, too */
    bool known;     /* size and modified are */
    uint64_t size;
    struct moment modified;
};

struct listing {
    char *path;                  /* absolute, without links resolved; no "/" at its end but for "/" */
    struct listing_entry *items; /* the first is "..", but for "/" */
    size_t count;
    size_t hidden; /* names with a dot in front that are left out */
    bool more;     /* names that were not looked at */
};

/* path: absolute, or "~/..."; of a directory. is_file: it is a file instead, and *file its path (the
 * caller's); nothing is listed then. */
bool listing_read(struct listing *listing, const char *path, bool with_hidden, char **file,
                  struct error *err) WARN_UNUSED;
void listing_clear(struct listing *listing);
/* The path of an entry; the caller's. */
char *listing_path(const struct listing *listing, size_t entry);

#endif
