/* This program once more, as a process that is nobody's terminal's: for work that outlives the one that
 * starts it. A session of its own, standard descriptors on /dev/null, signals reset, every other descriptor
 * closed. Threads: any. */
#ifndef REFPOINT_SYSTEM_OWN_PROGRAM_H
#define REFPOINT_SYSTEM_OWN_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

/* Descriptors to be handed over are above this: out of the way of where they arrive. */
#define OWN_PROGRAM_ABOVE 10

/* Descriptor i arrives as 3 + i. 0, or the number of the error. The child is the caller's to wait for. */
int own_program_start(char *const *argv, const int *descriptors, size_t descriptor_count, pid_t *pid);

#endif
