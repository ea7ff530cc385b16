/* Where a store is, and what its own directories are called: store.h has the whole. */
#ifndef REFPOINT_HOST_STORE_DIRECTORY_H
#define REFPOINT_HOST_STORE_DIRECTORY_H

struct store {
    char *path; /* absolute */
};

/* Relative to it. */
#define STORE_MACHINES "machines"
#define STORE_COLLECTIONS "collections"
#define STORE_JOURNAL "journal"

#endif
