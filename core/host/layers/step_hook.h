/* A seam for tests: called after each step of a protocol that changes disk images, with its name and the disk
 * it was for, so that a crash can be had at every instant that matters. NULL where nobody listens. */
#ifndef REFPOINT_HOST_LAYERS_STEP_HOOK_H
#define REFPOINT_HOST_LAYERS_STEP_HOOK_H

#include <stddef.h>

struct step_hook {
    void (*reached)(void *context, const char *step, size_t disk);
    void *context;
};

static inline void step_reached(const struct step_hook *hook, const char *step, size_t disk)
{
    if (hook)
        hook->reached(hook->context, step, disk);
}

#endif
