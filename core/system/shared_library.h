/* A shared library that is loaded when it is first needed, not when the program starts: most starts need none
 * of what it brings along.
 *
 * Symbols are asked of the process, so that what stands between us and the library (LD_PRELOAD) is found as
 * it would be had we been linked with it. It is never unloaded: libraries have threads and handlers of their
 * own. Threads: any; the caller sees to it that one loads (pthread_once). Source: dlopen(3), dlsym(3). */
#ifndef REFPOINT_SYSTEM_SHARED_LIBRARY_H
#define REFPOINT_SYSTEM_SHARED_LIBRARY_H

#include <stddef.h>

struct shared_symbol {
    const char *name;
    size_t offset; /* in the table: of a pointer to the function, or to the variable */
};

/* NULL: loaded, and the table filled. Otherwise why not, in the linker's words; the caller's. */
char *shared_library_load(const char *library, const struct shared_symbol *symbols, size_t count,
                          void *table);

#endif
