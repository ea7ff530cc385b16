/* Where the bytes of a window lie while they are worked on. Threads: any. */
#ifndef REFPOINT_EXPORT_COPY_BUFFER_H
#define REFPOINT_EXPORT_COPY_BUFFER_H

#include "core/base/error.h"

/* Aligned, zeroed, WINDOW_SIZE bytes; free(). NULL: 32778, there is no memory. */
unsigned char *copy_buffer_new(struct error *err);

#endif
