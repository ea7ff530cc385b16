#include "core/qcow2/image.h"

#include <string.h>

#include "core/base/return_code.h"
#include "core/qcow2/format.h"

#define NAME_LIMIT 1023

bool qcow2_image_check(const struct qcow2_image *image, struct error *err)
{
    if (image->virtual_size % SECTOR != 0 || image->virtual_size > QCOW2_VIRTUAL_LIMIT)
        return error_set(err, RETURN_NOT_SUPPORTED, "image.unsupported",
                         "a qcow2 image cannot have %llu bytes", (unsigned long long)image->virtual_size);
    if (image->backing_name && (!*image->backing_name || strlen(image->backing_name) > NAME_LIMIT))
        return error_set(err, RETURN_NOT_SUPPORTED, "image.unsupported",
                         "the name of a backing file has %zu bytes; 1 to %d fit into an image",
                         strlen(image->backing_name), NAME_LIMIT);
    return true;
}
