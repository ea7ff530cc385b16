#include "core/export/copy/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/return_code.h"
#include "core/export/plan/window.h"

#define BUFFER_ALIGNMENT 4096

unsigned char *copy_buffer_new(struct error *err)
{
    void *buffer = NULL;
    if (posix_memalign(&buffer, BUFFER_ALIGNMENT, WINDOW_SIZE) != 0) {
        error_set(err, RETURN_OUT_OF_MEMORY, "export.memory", "there is no memory for a buffer of %llu bytes",
                  (unsigned long long)WINDOW_SIZE);
        error_next(err, "Free some memory, then export again.");
        return NULL;
    }
    memset(buffer, 0, WINDOW_SIZE);
    return buffer;
}
