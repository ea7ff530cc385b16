/* One line of what "qemu-img map --output=json" writes: an object of numbers, truth values and perhaps
 * strings, with the brackets and commas of the array around the objects.
 *
 * A parser of its own because a disk can have millions of them: jansson takes ten times as long (1.8 seconds
 * a million). Pure. Threads: any. Units: bytes. */
#ifndef REFPOINT_IMAGE_MAP_LINE_H
#define REFPOINT_IMAGE_MAP_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

struct image_map_range {
    uint64_t start;
    uint64_t length;
    uint32_t depth; /* index of the layer that has the range: 0 = the top; of no meaning unless present */
    bool present;   /* some layer has it, be it as a hole or as zeroes */
    bool zero;      /* certainly reads zero */
    bool data;      /* has a place in a file; with zero: a hole of it, or behind its end */
    bool has_offset;
    uint64_t offset; /* in the layer's file; QEMU tells none for what is compressed or encrypted */
};

struct map_line {
    bool begun; /* behind the "[" */
    bool ended; /* behind the "]" */
};

/* false: this is no such line, or it is at the wrong place. *found: it had a range (the array may be empty).
 */
bool map_line_parse(struct map_line *array, const char *line, size_t length, struct image_map_range *range,
                    bool *found) WARN_UNUSED;

#endif
