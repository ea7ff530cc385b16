/* When a file was last changed in any way (its ctime), which nobody can put back: where size and time of
 * modification are still those of then, this alone shows that somebody may have written to it.
 *
 * Other tools change it for good reasons. The one that does so as a matter of course is libvirt, which gives
 * a machine's files to the account of its QEMU (another owner), and with SELinux a label to what lies beneath
 * an image, anew at each start: these two are known and count for nothing. Threads: any. */
#ifndef REFPOINT_SYSTEM_TOUCH_H
#define REFPOINT_SYSTEM_TOUCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/base/units.h"

struct touch {
    struct moment at; /* {0, 0}: not known, and nothing is compared */
    uint64_t owner;
    uint64_t group;
};

/* Why it is: the cause of an error. */
#define TOUCH_SUSPICIOUS                                                                                     \
    "its size and time of modification are as they were, but something was done to it since: its mode, a "   \
    "name or an attribute was changed, or its content, and that time put back"

struct touch touch_of(const struct stat *status);
bool touch_is_known(const struct touch *touch);
bool touch_equal(const struct touch *one, const struct touch *other);
/* Since then something was done to the file at this path that may have been a write. */
bool touch_is_suspicious(const struct touch *then, const struct stat *now, const char *path);

#endif
