#include "core/export/prepare/space.h"

#include "core/base/return_code.h"
#include "core/base/units.h"

bool space_refuse(const char *directory, uint64_t needed, uint64_t available, struct error *err)
{
    char needed_text[16];
    char available_text[16];
    size_format(needed, needed_text, sizeof needed_text);
    size_format(available, available_text, sizeof available_text);
    error_set(err, RETURN_FAILED, "export.no-space", "there is not enough room in the export directory %s",
              directory);
    error_cause(err, "up to %s (%llu bytes) are needed, %s (%llu bytes) are available", needed_text,
                (unsigned long long)needed, available_text, (unsigned long long)available);
    /* The system has said that there is no room all the same. */
    if (available >= needed)
        return error_next(
            err, "A quota, or a limit of the size or the number of files must be in the way: look at "
                 "quota, ulimit -f and df -i, or choose another directory.");
    return error_next(err, "Free some space, choose another directory, or export fewer disks.");
}
