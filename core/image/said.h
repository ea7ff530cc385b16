/* What a QEMU program wrote to its standard error, for the cause of an error.
 *
 * Threads: any. */
#ifndef REFPOINT_IMAGE_SAID_H
#define REFPOINT_IMAGE_SAID_H

#include <stdbool.h>

/* In said (one line): QEMU's first sentence, without the program's name ("qemu-nbd") and without our own
 * "json:{...}" in the middle of it; cuts said behind it. */
char *said_reason(char *said, const char *program);
/* Another process has the image open, in a way that does not go with ours. */
bool said_is_locked(const char *said);

#endif
