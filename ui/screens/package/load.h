/* What the screens of packages ask of a worker (work.h has the rules). */
#ifndef REFPOINT_UI_SCREENS_PACKAGE_LOAD_H
#define REFPOINT_UI_SCREENS_PACKAGE_LOAD_H

#include "ui/screens/package/rows.h"

/* The packages in a directory; without one that which is remembered, else the one that is proposed. */
struct load_packages {
    char *state_directory; /* NULL: the usual one */
    char *directory;       /* NULL: to be found; then the one that was read, NULL where there is none */
    char *proposed;
    bool remembers;           /* what could be read is proposed the next time */
    struct package_rows rows; /* who takes them leaves them empty */
    bool ok;
    struct error err;
};
/* Texts are copied; each may be NULL. */
struct load_packages *load_packages_new(const char *state_directory, const char *directory,
                                        const char *proposed);
/* The directory that a package lies in: for its own screen. */
struct load_packages *load_packages_beside(const char *package);
void load_packages_run(void *task);
void load_packages_release(void *task);

#endif
