/* What the operations that lead out of a dead end tell: records dropped, files taken over, machines moved.
 *
 * Ownership: X_clear. Text is as it came. Threads: any, each its own. */
#ifndef REFPOINT_MODEL_WAYS_H
#define REFPOINT_MODEL_WAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/guid.h"

enum layer_rest {
    LAYER_REST_IMAGE,   /* the machine's image is based on it, and nothing else is in between that has a point
                         */
    LAYER_REST_POINT,   /* a point that stays is read through it */
    LAYER_REST_FREE,    /* nothing is based on it: it can be deleted */
    LAYER_REST_GONE,    /* its file is not there */
    LAYER_REST_UNCLEAR, /* files that may need it cannot be read, or are no machine's */
};
const char *layer_rest_word(enum layer_rest rest); /* "image", "point", "free", "gone", "unclear" */

/* A layer whose point was forgotten: its file is as it was. */
struct left_layer {
    char *point; /* its name; NULL: its record could not be read */
    char *machine;
    char *disk;
    char *path;
    enum layer_rest rest;
    char *needed_by; /* LAYER_REST_IMAGE: the image; LAYER_REST_POINT: the point's name; else NULL */
    /* For a shell, in this order, with the machine off: so that the file is no longer needed, and goes. */
    char **commands;
    size_t command_count;
};
struct left_layers {
    struct left_layer *items;
    size_t count;
};
void left_layers_clear(struct left_layers *layers);

/* A file that is not the one of its record, and what became of that. */
enum adopted_how {
    ADOPTED_PROVEN,   /* its content is what was frozen: taken */
    ADOPTED_UNPROVEN, /* nothing is kept that it could be compared with: taken by the operator's word */
    ADOPTED_NOT,      /* left as it is, for the reason */
};
struct adopted_file {
    char *path;
    char *point; /* NULL: it is a template or an image */
    char *machine;
    char *disk;
    enum adopted_how how;
    char *reason; /* ADOPTED_NOT: sentences with the way out; else NULL */
};
struct adopted_files {
    struct adopted_file *items;
    size_t count;
};
void adopted_files_clear(struct adopted_files *files);

/* What is asked: everything borrowed. */
struct move_request {
    struct guid machine;
    const char *directory; /* absolute */
    bool moved;            /* the files are there already: somebody else has moved them */
    bool unproven;         /* with moved: also those of which the store keeps no digest */
};

struct moved_disk { /* what to change in the machine's definition */
    char *disk;
    char *from;
    char *to;
};
struct moved_machine {
    struct moved_disk *disks;
    size_t disk_count;
    size_t file_count; /* images and layers */
    size_t copied; /* of these; the others got another name on the same file system, or lay there already */
    size_t unproven;
    bool has_definition; /* the store keeps a definition, whose paths follow */
    char **notes;        /* sentences */
    size_t note_count;
};
void moved_machine_clear(struct moved_machine *moved);

/* What a look through a store found: sentences. */
struct store_report {
    char **findings;
    size_t finding_count;
    char **notes; /* what was done on the way, and is no fault */
    size_t note_count;
};
void store_report_clear(struct store_report *report);

#endif
