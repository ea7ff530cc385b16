/* The shipped themes and keys, built into the program so that it needs no files beside it.
 *
 * They are the files of themes/, read at run time by the same readers as the user's own; embed.cmake turns
 * them into data at build time. Threads: any; constant. */
#ifndef REFPOINT_UI_APP_DATA_DATA_H
#define REFPOINT_UI_APP_DATA_DATA_H

#include <stddef.h>

struct data_file {
    const char *name; /* "dark.theme", "default.keys" */
    const char *text; /* NUL-terminated */
    size_t length;
};

extern const struct data_file data_files[];
extern const size_t data_file_count;

const struct data_file *data_file_find(const char *name); /* NULL: not shipped */

#endif
